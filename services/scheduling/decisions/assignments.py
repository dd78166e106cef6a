"""Decides on who must have followed what, by when."""

from collections.abc import Collection, Iterable, Sequence
from typing import Final
from uuid import UUID

from services.backbone.commands import check_time
from services.backbone.limits import CLOCK_SKEW_SECONDS
from services.backbone.log import EventLog
from services.contracts.access import Actor, Role
from services.contracts.message import Command
from services.contracts.rules import Rule, RuleBroken
from services.contracts.scheduling import (
    AssignCourse,
    AssignmentCommand,
    WithdrawAssignment,
    assignment_id_of,
)
from services.scheduling import store
from services.scheduling.decisions.matter import Matter, admit
from services.scheduling.domain import ORGANISATION, Assignment, check_due_date

ASSIGNED_AT_ONCE_MAX: Final = 20_000
"""People that one command may assign a course to: they commit together, while other writers wait."""


class AssignmentRoom:
    """Knows the courses that its commands mention; members of units are looked up when they are needed."""

    def __init__(self, log: EventLog, commands: Sequence[Command]) -> None:
        """Look up which courses are in use."""
        self._log = log
        named = {c.course for c in commands if isinstance(c, AssignCourse)}
        self._courses = store.courses(log.select, named) if named else {}

    def streams(self, actor: Actor, command: AssignmentCommand) -> Collection[UUID]:
        """The assignment and its person; of a unit, the rest when we know who belongs there."""
        admit(actor, Role.OPERATOR, Role.MANAGER)
        if command.person_id is None:
            return [ORGANISATION]
        assignment_id = assignment_id_of(command.person_id, command.course, command.period)
        return [assignment_id, command.person_id, ORGANISATION]

    def decide(self, command: AssignmentCommand, actor: Actor, matter: Matter) -> None:
        """Assign, or take back."""
        check_time(command, matter.act.recorded_at, CLOCK_SKEW_SECONDS)
        match command:
            case AssignCourse():
                self._assign(command, actor, matter)
            case WithdrawAssignment():
                _withdraw(command, actor, matter)

    def _assign(self, command: AssignCourse, actor: Actor, matter: Matter) -> None:
        if command.person_id is not None:
            matter.person_in_care(command.person_id, actor)
        else:
            matter.in_care(command.unit_id, actor)
        in_use = self._courses.get(command.course)
        if in_use is None:
            raise RuleBroken(Rule.COURSE_UNKNOWN, course=command.course)
        if not in_use:
            raise RuleBroken(Rule.VERSION_WITHDRAWN, course=command.course)
        # An operator brings in what was assigned elsewhere before; a manager assigns today.
        imports = Role.OPERATOR in actor.roles
        check_due_date(command.due_on, matter.act.occurred_at if imports else matter.act.recorded_at)
        if command.person_id is not None:
            person = matter.person(command.person_id)
            person.present()
            matter.alongside.rely_on(person)
            people: Iterable[UUID] = [command.person_id]
        else:
            assert command.unit_id is not None  # the contract: one or the other
            people = self._members(command.unit_id, matter)
            self._load({assignment_id_of(p, command.course, command.period) for p in people}, matter)
        matter.alongside.rely_on(matter.organisation)
        for person_id in people:
            _assign_to(person_id, command, matter)

    def _members(self, unit_id: UUID, matter: Matter) -> list[UUID]:
        """Who belongs to a unit or below it: as committed, and as this batch has changed it so far."""
        matter.organisation.known(unit_id)
        units = matter.organisation.at_or_below(unit_id)
        seen = store.members(self._log.select, units)
        people = matter.belonging(units, seen)
        if not people:
            raise RuleBroken(Rule.NOBODY_TO_ASSIGN, unit_id=unit_id)
        if len(people) > ASSIGNED_AT_ONCE_MAX:
            raise RuleBroken(Rule.UNIT_TOO_LARGE, people=len(people), allowed=ASSIGNED_AT_ONCE_MAX)
        matter.alongside.rely_on_members(units, seen)
        return sorted(people)

    def _load(self, stream_ids: Collection[UUID], matter: Matter) -> None:
        """Load more streams, now that we know which; those that this batch has changed stay as they are."""
        missing = [id_ for id_ in stream_ids if matter.streams.get(id_) is None]
        matter.streams.loaded.update(self._log.load(missing))


def _assign_to(person_id: UUID, command: AssignCourse, matter: Matter) -> None:
    """Assign to one person; who has it with this date is passed over."""
    standing = matter.streams.get(assignment_id_of(person_id, command.course, command.period))
    if isinstance(standing, Assignment):
        standing.assign_again(command.due_on, matter.act)
    else:
        matter.streams.begin(
            Assignment.assign(person_id, command.course, command.period, command.due_on, matter.act)
        )


def _withdraw(command: WithdrawAssignment, actor: Actor, matter: Matter) -> None:
    matter.person_in_care(command.person_id, actor)
    assignment = matter.streams.get(assignment_id_of(command.person_id, command.course, command.period))
    if not isinstance(assignment, Assignment):
        raise RuleBroken(Rule.ASSIGNMENT_UNKNOWN, course=command.course)
    assignment.withdraw(matter.act)
