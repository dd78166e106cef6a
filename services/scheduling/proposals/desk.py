"""What managers ask about proposals, each in a transaction of its own."""

from uuid import UUID

from services.backbone.clock import Clock
from services.backbone.log import EventLog
from services.backbone.transaction import transaction
from services.contracts.access import Actor
from services.contracts.rules import Rule, RuleBroken
from services.contracts.scheduling.proposals import AskProposals, PlanProposal, PlanProposals, ProposePlan
from services.scheduling import store
from services.scheduling.domain import ORGANISATION, Organisation
from services.scheduling.domain.due import local_day
from services.scheduling.proposals import line


def organisation_in(log: EventLog) -> Organisation | None:
    """The organisation, when there is any."""
    found = log.load([ORGANISATION]).get(ORGANISATION)
    return found if isinstance(found, Organisation) else None


class ProposalDesk:
    """Takes questions in and tells of them, of units in one's care only. Raises RuleBroken, StoreAway."""

    def __init__(self, database_url: str, log: EventLog, clock: Clock) -> None:
        """Nothing is connected before it is used: that is seldom."""
        self._database_url = database_url
        self._log = log
        self._clock = clock

    def propose(self, actor: Actor, asked: ProposePlan) -> PlanProposal:
        """Put a proposal in line; `work` makes it."""
        self._in_care(actor, asked.unit_id)
        if asked.due_on < local_day(self._clock()):
            raise RuleBroken(Rule.DUE_DATE_PAST, due_on=asked.due_on)
        if not store.courses(self._log.select, {asked.course}).get(asked.course):
            raise RuleBroken(Rule.COURSE_UNKNOWN, course=asked.course)
        with transaction(self._database_url) as tx:
            line.ask(tx, asked, actor.person_id, self._clock())
            return line.of(tx, asked.proposal_id)

    def proposal(self, actor: Actor, proposal_id: UUID) -> PlanProposal:
        """How far a proposal is, and what it says."""
        with transaction(self._database_url) as tx:
            found = line.of(tx, proposal_id)
        self._in_care(actor, found.unit_id)
        return found

    def proposals(self, actor: Actor, asked: AskProposals) -> PlanProposals:
        """What somebody asked for last."""
        with transaction(self._database_url) as tx:
            return PlanProposals(proposals=tuple(line.newest(tx, actor.person_id, asked.limit)))

    def _in_care(self, actor: Actor, unit_id: UUID) -> None:
        organisation = organisation_in(self._log)
        if organisation is None or not organisation.in_care(unit_id, actor.person_id, self._clock()):
            raise RuleBroken(Rule.NOT_YOURS)
