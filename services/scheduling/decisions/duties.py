"""Decides on standing orders, and on what follows from them."""

from collections.abc import Collection, Sequence
from uuid import UUID

from services.backbone.commands import check_time
from services.backbone.limits import CLOCK_SKEW_SECONDS
from services.backbone.log import EventLog
from services.contracts.access import Actor, Role
from services.contracts.message import Command
from services.contracts.rules import Rule, RuleBroken
from services.contracts.scheduling import DutyCommand, assignment_id_of
from services.contracts.scheduling.duties import (
    ClearHindrance,
    EndOrder,
    GiveOrder,
    NoteHindrance,
    OpenDuty,
    hindrance_id_of,
)
from services.scheduling import store
from services.scheduling.decisions.matter import Matter, admit, admit_itself
from services.scheduling.domain import (
    ORGANISATION,
    Assignment,
    Hindrance,
    Person,
    StandingOrder,
    check_due_date,
)


class DutyRoom:
    """Knows the courses that orders mention."""

    def __init__(self, log: EventLog, commands: Sequence[Command]) -> None:
        """Look up which courses are in use."""
        named = {c.course for c in commands if isinstance(c, GiveOrder)}
        self._courses = store.courses(log.select, named) if named else {}

    def streams(self, actor: Actor, command: DutyCommand) -> Collection[UUID]:
        """The order, or what follows from one; and the person whom that is about."""
        match command:
            case GiveOrder() | EndOrder():
                admit(actor, Role.OPERATOR, Role.MANAGER)
                return [command.order_id, ORGANISATION]
            case OpenDuty():
                admit_itself(actor)
                id_ = assignment_id_of(command.person_id, command.course, command.period)
                return [id_, command.person_id]
            case NoteHindrance():
                admit_itself(actor)
                return [hindrance_id_of(command.kind, command.order_id, command.person_id, command.period)]
            case ClearHindrance():
                admit_itself(actor)
                return [command.hindrance_id]

    def decide(self, command: DutyCommand, actor: Actor, matter: Matter) -> None:
        """Orders are given and ended by people; what follows from them is decided once more, by what stands now."""
        check_time(command, matter.act.recorded_at, CLOCK_SKEW_SECONDS)
        match command:
            case GiveOrder():
                self._give(command, actor, matter)
            case EndOrder():
                _end(command, actor, matter)
            case OpenDuty():
                _open(command, matter)
            case NoteHindrance():
                id_ = hindrance_id_of(command.kind, command.order_id, command.person_id, command.period)
                known = matter.streams.get(id_)
                if isinstance(known, Hindrance):
                    known.find_again(command, matter.act)
                else:
                    matter.streams.begin(Hindrance.find(command, matter.act))
            case ClearHindrance():
                known = matter.streams.get(command.hindrance_id)
                if isinstance(known, Hindrance):
                    known.go(matter.act)

    def _give(self, command: GiveOrder, actor: Actor, matter: Matter) -> None:
        matter.in_care(command.unit_id, actor)
        known = matter.streams.get(command.order_id)
        if isinstance(known, StandingOrder):
            if not known.says(command):
                raise RuleBroken(Rule.COMMAND_ID_TAKEN)
            return  # the same form once more
        if command.unit_id is not None:
            matter.organisation.standing(command.unit_id)
        in_use = self._courses.get(command.course)
        if in_use is None:
            raise RuleBroken(Rule.COURSE_UNKNOWN, course=command.course)
        if not in_use:
            raise RuleBroken(Rule.VERSION_WITHDRAWN, course=command.course)
        imports = Role.OPERATOR in actor.roles
        moment = matter.act.occurred_at if imports else matter.act.recorded_at
        for day in (command.due_on, command.to_on):
            if day is not None:
                check_due_date(day, moment)
        matter.streams.begin(StandingOrder.give(command, matter.act))
        matter.alongside.rely_on(matter.organisation)


def _end(command: EndOrder, actor: Actor, matter: Matter) -> None:
    """To a manager, an order that there is not is one that is not theirs."""
    order = matter.streams.get(command.order_id)
    known = order if isinstance(order, StandingOrder) else None
    matter.in_care(known.unit_id if known else None, actor)
    if known is None:
        raise RuleBroken(Rule.ORDER_UNKNOWN)
    known.end(matter.act)


def _open(command: OpenDuty, matter: Matter) -> None:
    """Open an assignment, or set its date; whoever decided by hand meanwhile has decided."""
    person = matter.streams.get(command.person_id)
    if not isinstance(person, Person):
        raise RuleBroken(Rule.PERSON_UNKNOWN, person_id=command.person_id)
    person.present()
    matter.alongside.rely_on(person)
    id_ = assignment_id_of(command.person_id, command.course, command.period)
    known = matter.streams.get(id_)
    if isinstance(known, Assignment):
        known.follow(command.due_on, command.cause, matter.act)
    else:
        matter.streams.begin(
            Assignment.assign(
                command.person_id, command.course, command.period, command.due_on, matter.act, command.cause
            )
        )
