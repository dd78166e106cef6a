"""What scheduling does: brings together a command and what it is about; the aggregates decide."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from services.backbone.actor import TokenVerifier
from services.backbone.aggregate import Act
from services.backbone.clock import Clock, utc_now
from services.backbone.commands import CommandDesk, Streams, check_time
from services.backbone.feed import FeedSource
from services.backbone.limits import CLOCK_SKEW_SECONDS
from services.backbone.log import EventLog
from services.contracts.access import Actor, Role
from services.contracts.rules import Rule, RuleBroken
from services.contracts.scheduling import (
    AppointManager,
    AssignCourse,
    CreateUnit,
    DirectoryEntry,
    DirectoryPage,
    MoveUnit,
    PlacePerson,
    RegisterPerson,
    RelieveManager,
    SchedulingCommand,
    WithdrawAssignment,
    WithdrawPerson,
    assignment_id_of,
)
from services.scheduling import store
from services.scheduling.domain import ORGANISATION, Assignment, Organisation, Person, check_due_date
from services.scheduling.feed import to_contract

ASSIGNED_AT_ONCE_MAX: Final = 20_000
"""People that one command may assign a course to: they commit together, while other writers wait."""


class Application:
    """One for the process; `serve` hands it to every call."""

    def __init__(
        self,
        database_url: str,
        actor_public_key: Path,
        on_commit: Callable[[int], None],
        clock: Clock = utc_now,
    ) -> None:
        self.log = EventLog("scheduling", database_url)
        self.verifier = TokenVerifier(actor_public_key, clock)
        self.source = FeedSource(self.log, to_contract)
        self.desk: CommandDesk[SchedulingCommand] = CommandDesk(
            self.log, Decisions(self.log), on_commit, clock
        )

    def read_directory(self, after: int, limit: int) -> DirectoryPage:
        """Who people are at present, in the order of the last change to each."""
        return store.directory_page(self.log.select, after, limit)


@dataclass(slots=True)
class _LookedUp:
    """What a batch needs from tables: courses by whether they are in use, and entries in the directory."""

    courses: dict[str, bool]
    entries: dict[UUID, DirectoryEntry]
    holders: dict[str, UUID]

    def enter(self, entry: DirectoryEntry) -> None:
        self.entries[entry.person_id] = entry
        self.holders[entry.staff_number] = entry.person_id


class Decisions:
    """Finds what commands are about and who may give them; the aggregates decide."""

    def __init__(self, log: EventLog) -> None:
        """Look up in the database of `log`."""
        self._log = log

    def prepare(self, requests: Sequence[tuple[Actor, SchedulingCommand]]) -> "Deliberation":
        """Courses and directory entries that these commands mention."""
        looked_up = _LookedUp({}, {}, {})
        commands = [command for _, command in requests]
        if courses := {c.course for c in commands if isinstance(c, AssignCourse)}:
            looked_up.courses = store.courses(self._log.select, courses)
        if wanted := [c.entry for c in commands if isinstance(c, RegisterPerson)]:
            for entry in store.entries(self._log.select, wanted):
                looked_up.enter(entry)
        return Deliberation(self._log, looked_up)


class Deliberation:
    """Decides one batch."""

    def __init__(self, log: EventLog, looked_up: _LookedUp) -> None:
        """Decide with what was looked up; members of units are looked up when they are needed."""
        self._log = log
        self._looked_up = looked_up

    def streams(self, actor: Actor, command: SchedulingCommand) -> Collection[UUID]:
        """What a command may change, first, and what it depends on. Raises RuleBroken(NOT_YOURS)."""
        match command:
            case AssignCourse(person_id=UUID() as person_id) | WithdrawAssignment(person_id=person_id):
                _admit(actor, Role.OPERATOR, Role.MANAGER)
                assignment_id = assignment_id_of(person_id, command.course, command.period)
                return [assignment_id, person_id, ORGANISATION]
            case AssignCourse():
                _admit(actor, Role.OPERATOR, Role.MANAGER)
                return [ORGANISATION]  # the rest when we know who belongs there
            case _:
                _admit(actor, Role.OPERATOR)
        match command:
            case CreateUnit() | MoveUnit():
                return [ORGANISATION]
            case RegisterPerson():
                return [command.entry.person_id, ORGANISATION]
            case PlacePerson() | WithdrawPerson():
                return [command.person_id, ORGANISATION]
            case AppointManager() | RelieveManager():
                return [ORGANISATION, command.person_id]

    def decide(self, command: SchedulingCommand, actor: Actor, act: Act, streams: Streams) -> None:
        """Carry out one command, or raise RuleBroken."""
        if not isinstance(command, AppointManager):
            check_time(command, act.recorded_at, CLOCK_SKEW_SECONDS)
        matter = _Matter(streams, act)
        match command:
            case CreateUnit():
                organisation = matter.organisation
                organisation.create_unit(command.unit_id, command.kind, command.name, command.parent_id, act)
                streams.begin(organisation)
            case MoveUnit():
                matter.organisation.move_unit(command.unit_id, command.parent_id, act)
            case RegisterPerson():
                self._register(command, matter)
            case PlacePerson():
                person = matter.person(command.person_id)
                matter.organisation.known(command.unit_id)
                person.place(command.unit_id, act)
                matter.alongside.belongs(person)
            case WithdrawPerson():
                _withdraw(command, matter)
            case AppointManager():
                _appoint(command, matter)
            case RelieveManager():
                matter.organisation.relieve(command.unit_id, command.person_id, act)
            case AssignCourse():
                self._assign(command, actor, matter)
            case WithdrawAssignment():
                _withdraw_assignment(command, actor, matter)

    def _register(self, command: RegisterPerson, matter: "_Matter") -> None:
        """Names go into the directory, the rest into the log, in one transaction."""
        entry, looked_up = command.entry, self._looked_up
        known = matter.streams.get(entry.person_id)
        if isinstance(known, Person):
            known.present()
            if looked_up.entries.get(entry.person_id) != entry or known.unit_id != command.unit_id:
                raise RuleBroken(Rule.PERSON_EXISTS, person_id=entry.person_id)
            return  # the same import once more
        if entry.staff_number in looked_up.holders:
            raise RuleBroken(Rule.PERSON_EXISTS, person_id=looked_up.holders[entry.staff_number])
        matter.organisation.known(command.unit_id)
        person = Person.register(entry.person_id, command.unit_id, matter.act)
        matter.streams.begin(person)
        matter.alongside.enter(entry)
        matter.alongside.belongs(person)
        looked_up.enter(entry)

    def _assign(self, command: AssignCourse, actor: Actor, matter: "_Matter") -> None:
        _in_care(command, actor, matter)
        in_use = self._looked_up.courses.get(command.course)
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

    def _members(self, unit_id: UUID, matter: "_Matter") -> list[UUID]:
        """Who belongs to a unit or below it: as committed, and as this batch has changed it so far."""
        matter.organisation.known(unit_id)
        units = matter.organisation.at_or_below(unit_id)
        seen = store.members(self._log.select, units)
        touched = [a for a in matter.streams.loaded.values() if isinstance(a, Person)]
        people = set(seen).difference(person.id for person in touched)
        people |= {p.id for p in touched if p.unit_id in units and p.withdrawn_at is None}
        if not people:
            raise RuleBroken(Rule.NOBODY_TO_ASSIGN, unit_id=unit_id)
        if len(people) > ASSIGNED_AT_ONCE_MAX:
            raise RuleBroken(Rule.UNIT_TOO_LARGE, people=len(people), allowed=ASSIGNED_AT_ONCE_MAX)
        matter.alongside.rely_on_members(units, seen)
        return sorted(people)

    def _load(self, stream_ids: Collection[UUID], matter: "_Matter") -> None:
        """Load more streams, now that we know which; those that this batch has changed stay as they are."""
        missing = [id_ for id_ in stream_ids if matter.streams.get(id_) is None]
        matter.streams.loaded.update(self._log.load(missing))


class _Matter:
    """What a command is about, as it stands within its batch."""

    def __init__(self, streams: Streams, act: Act) -> None:
        self.streams = streams
        self.act = act

    @property
    def organisation(self) -> Organisation:
        """The organisation; one without units when there is none yet."""
        organisation = self.streams.get(ORGANISATION)
        return organisation if isinstance(organisation, Organisation) else Organisation.found(self.act)

    def person(self, person_id: UUID) -> Person:
        """A member of staff. Raises RuleBroken(PERSON_UNKNOWN)."""
        person = self.streams.get(person_id)
        if not isinstance(person, Person):
            raise RuleBroken(Rule.PERSON_UNKNOWN, person_id=person_id)
        return person

    @property
    def alongside(self) -> store.Alongside:
        """What this batch writes beside its events: one for all of its commands."""
        for write in self.streams.also:
            if isinstance(write, store.Alongside):
                return write
        alongside = store.Alongside()
        self.streams.together_with(alongside)
        return alongside


def _admit(actor: Actor, *roles: Role) -> None:
    if not actor.roles & set(roles):
        raise RuleBroken(Rule.NOT_YOURS)


def _in_care(command: AssignCourse | WithdrawAssignment, actor: Actor, matter: _Matter) -> None:
    """Refuse a manager what is not theirs now, without a word on whether it exists."""
    if Role.OPERATOR in actor.roles:
        return
    unit_id = command.unit_id if isinstance(command, AssignCourse) else None
    if command.person_id is not None:
        person = matter.streams.get(command.person_id)
        unit_id = person.unit_id if isinstance(person, Person) else None
    if not matter.organisation.in_care(unit_id, actor.person_id, matter.act.recorded_at):
        raise RuleBroken(Rule.NOT_YOURS)


def _withdraw(command: WithdrawPerson, matter: _Matter) -> None:
    """Somebody leaves, and is responsible for nothing any more."""
    person = matter.person(command.person_id)
    person.withdraw(matter.act)
    organisation = matter.organisation
    organisation.relieve_of_all(person.id, matter.act)
    matter.alongside.belongs(person)
    matter.alongside.rely_on(organisation)


def _appoint(command: AppointManager, matter: _Matter) -> None:
    """An appointment may begin later; what clocks differ by is not meant as later."""
    person = matter.person(command.person_id)
    person.present()
    act = matter.act
    if command.occurred_at - act.recorded_at > timedelta(seconds=CLOCK_SKEW_SECONDS):
        act = replace(act, occurred_at=command.occurred_at)
    matter.organisation.appoint(command.unit_id, command.person_id, command.until, act)
    matter.alongside.rely_on(person)


def _assign_to(person_id: UUID, command: AssignCourse, matter: _Matter) -> None:
    """Assign to one person; who has it with this date is passed over."""
    standing = matter.streams.get(assignment_id_of(person_id, command.course, command.period))
    if isinstance(standing, Assignment):
        standing.assign_again(command.due_on, matter.act)
    else:
        matter.streams.begin(
            Assignment.assign(person_id, command.course, command.period, command.due_on, matter.act)
        )


def _withdraw_assignment(command: WithdrawAssignment, actor: Actor, matter: _Matter) -> None:
    _in_care(command, actor, matter)
    assignment = matter.streams.get(assignment_id_of(command.person_id, command.course, command.period))
    if not isinstance(assignment, Assignment):
        raise RuleBroken(Rule.ASSIGNMENT_UNKNOWN, course=command.course)
    assignment.withdraw(matter.act)
