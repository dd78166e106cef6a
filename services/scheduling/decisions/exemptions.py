"""Decides on exemptions."""

from collections.abc import Collection, Sequence
from uuid import UUID

from services.backbone.commands import check_time
from services.backbone.limits import CLOCK_SKEW_SECONDS
from services.backbone.log import EventLog
from services.contracts.access import Actor, Role
from services.contracts.message import Command
from services.contracts.rules import Rule, RuleBroken
from services.contracts.scheduling.exemptions import (
    ExemptionCommand,
    GrantExemption,
    RevokeExemption,
    exemption_id_of,
)
from services.scheduling import store
from services.scheduling.decisions.matter import Matter, admit
from services.scheduling.domain import ORGANISATION, Exemption


class ExemptionRoom:
    """Knows the courses that its commands mention."""

    def __init__(self, log: EventLog, commands: Sequence[Command]) -> None:
        """Look up which courses there are, in use or not."""
        named = {c.course for c in commands if isinstance(c, GrantExemption)}
        self._courses = store.courses(log.select, named) if named else {}

    def streams(self, actor: Actor, command: ExemptionCommand) -> Collection[UUID]:
        """The exemption and its person."""
        admit(actor, Role.OPERATOR, Role.MANAGER)
        id_ = exemption_id_of(command.person_id, command.course, command.period)
        return [id_, command.person_id, ORGANISATION]

    def decide(self, command: ExemptionCommand, actor: Actor, matter: Matter) -> None:
        """Granted and revoked by whoever has the person in their care."""
        check_time(command, matter.act.recorded_at, CLOCK_SKEW_SECONDS)
        matter.person_in_care(command.person_id, actor)
        person = matter.person(command.person_id)
        id_ = exemption_id_of(command.person_id, command.course, command.period)
        known = matter.streams.get(id_)
        match command:
            case GrantExemption():
                if command.course not in self._courses:
                    raise RuleBroken(Rule.COURSE_UNKNOWN, course=command.course)
                if isinstance(known, Exemption):
                    known.grant_again(command, matter.act)
                else:
                    matter.streams.begin(Exemption.grant(command, matter.act))
            case RevokeExemption():
                if not isinstance(known, Exemption):
                    raise RuleBroken(Rule.EXEMPTION_UNKNOWN)
                known.revoke(command.sentence, matter.act)
        matter.alongside.rely_on(person, matter.organisation)
