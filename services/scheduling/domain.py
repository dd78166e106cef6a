"""The organisation, its people, and what they must learn. No I/O, no clock, no chance.

Every fact holds from its `occurred_at` until the next one about the same thing, in the order of
`occurred_at`; of two at the same moment the one recorded last holds. HR facts arrive late and out
of order, and what was known at each moment stays readable from the order of recording.
"""

from bisect import bisect_right, insort
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from operator import itemgetter
from typing import Any, ClassVar, Final, Generic, NamedTuple, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from services.backbone.aggregate import Act, Aggregate, Beginning, Fact
from services.backbone.limits import CLOCK_SKEW_SECONDS
from services.contracts.message import Localised, Slug
from services.contracts.rules import Rule, RuleBroken
from services.contracts.scheduling import UnitKind, assignment_id_of

T = TypeVar("T")

LOCAL: Final = ZoneInfo("Europe/Brussels")
"""A due date means the end of that day here."""

ORGANISATION: Final = UUID("3f1d7a52-2b8e-5d6c-9a4f-0c6d1e8b7a35")
"""The one stream of the organisation: one log serves one organisation."""


class Timeline(Generic[T]):
    """What was said to hold, and since when."""

    __slots__ = ("_said",)

    def __init__(self) -> None:
        self._said: list[tuple[datetime, T]] = []

    def say(self, since: datetime, value: T) -> None:
        """From `since` on `value` holds, until what was said about a later moment."""
        insort(self._said, (since, value), key=itemgetter(0))

    def at(self, moment: datetime) -> T | None:
        """What holds at a moment; None before anything was said."""
        place = bisect_right(self._said, moment, key=itemgetter(0))
        return self._said[place - 1][1] if place else None

    @property
    def present(self) -> T | None:
        """What holds now: nothing is said about the future here."""
        return self._said[-1][1] if self._said else None

    @property
    def moments(self) -> list[datetime]:
        """When something changed, in order."""
        return [since for since, _ in self._said]


class Term(NamedTuple):
    """A time for which somebody is responsible; without an end, until further notice."""

    since: datetime
    until: datetime | None

    def ends_by(self, moment: datetime) -> bool:
        """Whether it is over at a moment."""
        return self.until is not None and self.until <= moment

    def covers(self, moment: datetime) -> bool:
        """Whether it runs at a moment."""
        return self.since <= moment and not self.ends_by(moment)


def on_time(act: Act, latest: datetime) -> Act:
    """`act`, not before the latest fact about the same thing if it is only the clocks that differ.

    Two desks whose clocks are minutes apart mean "now", one after the other. What is dated back
    further than clocks go wrong is dated back on purpose.
    """
    meant_now = act.recorded_at - act.occurred_at <= timedelta(seconds=CLOCK_SKEW_SECONDS)
    return replace(act, occurred_at=latest) if meant_now and act.occurred_at < latest else act


# --- the organisation: its tree and who is responsible for what ----------------------------------


class Organisation(Aggregate):
    """Units in a tree, and people responsible for them.

    One aggregate, so that two moves that would make a circle together cannot both be recorded.
    """

    TOPIC: ClassVar[str] = "scheduling.Organisation"

    class Founded(Beginning):
        """The stream begins; this says nothing by itself."""

        TOPIC: ClassVar[str] = "scheduling.Organisation.Founded"

    class UnitCreated(Fact):
        """A unit exists, below its parent."""

        TOPIC: ClassVar[str] = "scheduling.Organisation.UnitCreated"
        unit_id: UUID
        kind: UnitKind
        name: Localised
        parent_id: UUID | None

        def apply(self, aggregate: Any) -> None:
            """It can be moved, and hold people, from now on."""
            parents = aggregate.parents[self.unit_id] = Timeline[UUID | None]()
            parents.say(self.occurred_at, self.parent_id)

    class UnitMoved(Fact):
        """A unit, with all below it, has another parent."""

        TOPIC: ClassVar[str] = "scheduling.Organisation.UnitMoved"
        unit_id: UUID
        parent_id: UUID

        def apply(self, aggregate: Any) -> None:
            """Everything below it moves along."""
            aggregate.parents[self.unit_id].say(self.occurred_at, self.parent_id)

    class ManagerAppointed(Fact):
        """A person is responsible for a unit and all below it."""

        TOPIC: ClassVar[str] = "scheduling.Organisation.ManagerAppointed"
        unit_id: UUID
        person_id: UUID
        until: datetime | None

        def apply(self, aggregate: Any) -> None:
            """Terms add up."""
            terms = aggregate.terms.setdefault((self.unit_id, self.person_id), [])
            terms.append(Term(self.occurred_at, self.until))

    class ManagerRelieved(Fact):
        """A person is no longer responsible for a unit."""

        TOPIC: ClassVar[str] = "scheduling.Organisation.ManagerRelieved"
        unit_id: UUID
        person_id: UUID

        def apply(self, aggregate: Any) -> None:
            """Every term ends, or never begins."""
            key = (self.unit_id, self.person_id)
            aggregate.terms[key] = [
                term if term.ends_by(self.occurred_at) else Term(term.since, self.occurred_at)
                for term in aggregate.terms[key]
                if term.since < self.occurred_at
            ]

    # --- what it remembers -----------------------------------------------------------------------

    def __init__(self) -> None:
        self.parents: dict[UUID, Timeline[UUID | None]] = {}
        self.terms: dict[tuple[UUID, UUID], list[Term]] = {}

    def at_or_below(self, unit_id: UUID) -> set[UUID]:
        """The unit and all below it, as the tree stands."""
        children: dict[UUID | None, list[UUID]] = {}
        for unit, parents in self.parents.items():
            children.setdefault(parents.present, []).append(unit)
        found, due = {unit_id}, [unit_id]
        while due:
            below = children.get(due.pop(), [])
            found.update(below)
            due += below
        return found

    def in_care(self, unit_id: UUID | None, person_id: UUID, now: datetime) -> bool:
        """Whether a person is responsible now for the unit, or for one above it as the tree stands."""
        return any(
            term.covers(now)
            for unit in self._upwards(unit_id, now)
            for term in self.terms.get((unit, person_id), ())
        )

    def known(self, unit_id: UUID) -> Timeline[UUID | None]:
        """The parents that a unit had. Raises RuleBroken(UNIT_UNKNOWN)."""
        parents = self.parents.get(unit_id)
        if parents is None:
            raise RuleBroken(Rule.UNIT_UNKNOWN, unit_id=unit_id)
        return parents

    # --- what it allows --------------------------------------------------------------------------

    @classmethod
    def found(cls, act: Act) -> "Organisation":
        """An organisation without units."""
        return cls.begin(cls.Founded, ORGANISATION, act)  # type: ignore[return-value]

    def create_unit(
        self, unit_id: UUID, kind: UnitKind, name: Localised, parent_id: UUID | None, act: Act
    ) -> None:
        """Add a unit; its id is used once."""
        if unit_id in self.parents:
            raise RuleBroken(Rule.UNIT_EXISTS, unit_id=unit_id)
        if parent_id is not None:
            self.known(parent_id)
        self.record(self.UnitCreated, act, unit_id=unit_id, kind=kind, name=name, parent_id=parent_id)

    def move_unit(self, unit_id: UUID, parent_id: UUID, act: Act) -> None:
        """Put a unit below another parent; never below itself, at no moment that anybody may ask about."""
        parents = self.known(unit_id)
        self.known(parent_id)
        act = on_time(act, parents.moments[-1])
        if act.occurred_at < parents.moments[0]:
            raise RuleBroken(Rule.TIME_TOO_OLD, since=parents.moments[0].isoformat())
        if parents.at(act.occurred_at) == parent_id:
            return
        if self._would_circle(unit_id, parent_id, act.occurred_at):
            raise RuleBroken(Rule.UNIT_CIRCULAR, unit_id=unit_id, parent_id=parent_id)
        self.record(self.UnitMoved, act, unit_id=unit_id, parent_id=parent_id)

    def appoint(self, unit_id: UUID, person_id: UUID, until: datetime | None, act: Act) -> None:
        """Make somebody responsible from `act.occurred_at`, which may lie ahead."""
        self.known(unit_id)
        for term in self.terms.get((unit_id, person_id), ()):
            covered = term.until is None or (until is not None and until <= term.until)
            if term.covers(act.occurred_at) and covered:
                return
        self.record(self.ManagerAppointed, act, unit_id=unit_id, person_id=person_id, until=until)

    def relieve(self, unit_id: UUID, person_id: UUID, act: Act) -> None:
        """End all terms of somebody for a unit; once is enough."""
        self.known(unit_id)
        terms = self.terms.get((unit_id, person_id))
        if terms is None:
            raise RuleBroken(Rule.APPOINTMENT_UNKNOWN, unit_id=unit_id, person_id=person_id)
        if any(not term.ends_by(act.occurred_at) for term in terms):
            self.record(self.ManagerRelieved, act, unit_id=unit_id, person_id=person_id)

    def relieve_of_all(self, person_id: UUID, act: Act) -> None:
        """Somebody left: what they were responsible for waits for another."""
        for unit_id, person in list(self.terms):
            if person == person_id:
                self.relieve(unit_id, person_id, act)

    def _upwards(self, unit_id: UUID | None, moment: datetime) -> Iterator[UUID]:
        while unit_id is not None and unit_id in self.parents:
            yield unit_id
            unit_id = self.parents[unit_id].at(moment)

    def _would_circle(self, unit_id: UUID, parent_id: UUID, since: datetime) -> bool:
        """Whether the unit would stand below itself at any moment for which the move holds.

        A move that is dated back holds until the unit's next one; in between others may have
        moved, so every moment at which anything changed is looked at.
        """
        until = next((moment for moment in self.parents[unit_id].moments if moment > since), None)
        changes = {moment for parents in self.parents.values() for moment in parents.moments if moment > since}
        moments = [since, *(moment for moment in changes if until is None or moment < until)]
        return any(unit_id in self._upwards(parent_id, moment) for moment in moments)


# --- people ---------------------------------------------------------------------------------------


class Person(Aggregate):
    """A member of staff: belongs to one unit at a time, and leaves once. Who it is, the directory knows."""

    TOPIC: ClassVar[str] = "scheduling.Person"

    class Registered(Beginning):
        """Somebody joined."""

        TOPIC: ClassVar[str] = "scheduling.Person.Registered"

    class Placed(Fact):
        """They belong to a unit, and to no other."""

        TOPIC: ClassVar[str] = "scheduling.Person.Placed"
        unit_id: UUID

        def apply(self, aggregate: Any) -> None:
            """Until the next placing."""
            aggregate.placings.say(self.occurred_at, self.unit_id)

    class Withdrawn(Fact):
        """They left."""

        TOPIC: ClassVar[str] = "scheduling.Person.Withdrawn"

        def apply(self, aggregate: Any) -> None:
            """Nothing more is asked of them; their history stays."""
            aggregate.withdrawn_at = self.occurred_at

    def __init__(self, occurred_at: datetime) -> None:
        self.registered_at = occurred_at
        self.withdrawn_at: datetime | None = None
        self.placings = Timeline[UUID]()

    @property
    def unit_id(self) -> UUID | None:
        """Where they belong at present; of somebody who left, where they did last."""
        return self.placings.present

    def present(self) -> None:
        """Raises RuleBroken(PERSON_WITHDRAWN) for somebody who left."""
        if self.withdrawn_at is not None:
            raise RuleBroken(Rule.PERSON_WITHDRAWN, person_id=self.id)

    @classmethod
    def register(cls, person_id: UUID, unit_id: UUID, act: Act) -> "Person":
        """Take somebody on, in a unit."""
        person: Person = cls.begin(cls.Registered, person_id, act)  # type: ignore[assignment]
        person.record(cls.Placed, act, unit_id=unit_id)
        return person

    def place(self, unit_id: UUID, act: Act) -> None:
        """Move somebody to a unit; placing may be dated back, even to before we knew of them."""
        self.present()
        act = on_time(act, self.placings.moments[-1])
        if self.placings.at(act.occurred_at) != unit_id:
            self.record(self.Placed, act, unit_id=unit_id)

    def withdraw(self, act: Act) -> None:
        """Let somebody go; once is enough."""
        if self.withdrawn_at is not None:
            return
        act = on_time(act, self.registered_at)
        if act.occurred_at < self.registered_at:
            raise RuleBroken(Rule.TIME_TOO_OLD, since=self.registered_at.isoformat())
        self.record(self.Withdrawn, act)


# --- assignments ----------------------------------------------------------------------------------


def check_due_date(due_on: date, moment: datetime) -> None:
    """Refuse a due date whose end has passed at `moment`; the day itself is not past."""
    today = moment.astimezone(LOCAL).date()
    if due_on < today:
        raise RuleBroken(Rule.DUE_DATE_PAST, due_on=due_on.isoformat(), today=today.isoformat())


class AssignmentFact(Fact):
    """Every fact of an assignment says whose it is and of what, so that it can be read alone."""

    person_id: UUID
    course: Slug
    period: int


class DueDateSet(AssignmentFact):
    """What being assigned, once more or with another date have in common."""

    due_on: date

    def apply(self, aggregate: Any) -> None:
        """By then."""
        aggregate.due.say(self.occurred_at, self.due_on)


class Assignment(Aggregate):
    """One person must have followed one course, for one period, by a date."""

    TOPIC: ClassVar[str] = "scheduling.Assignment"

    class Assigned(DueDateSet, Beginning):
        """For the first time."""

        TOPIC: ClassVar[str] = "scheduling.Assignment.Assigned"

    class AssignedAgain(DueDateSet):
        """After it was withdrawn."""

        TOPIC: ClassVar[str] = "scheduling.Assignment.AssignedAgain"

    class DueDateChanged(DueDateSet):
        """The same assignment, another date."""

        TOPIC: ClassVar[str] = "scheduling.Assignment.DueDateChanged"

    class Withdrawn(AssignmentFact):
        """It need not be followed any more."""

        TOPIC: ClassVar[str] = "scheduling.Assignment.Withdrawn"

        def apply(self, aggregate: Any) -> None:
            """Nothing is due."""
            aggregate.due.say(self.occurred_at, None)

    def __init__(self, person_id: UUID, course: str, period: int) -> None:
        self.person_id = person_id
        self.course = course
        self.period = period
        self.due = Timeline[date | None]()

    @classmethod
    def assign(cls, person_id: UUID, course: str, period: int, due_on: date, act: Act) -> "Assignment":
        """A new assignment; its identity follows from what it is."""
        id_ = assignment_id_of(person_id, course, period)
        what = {"person_id": person_id, "course": course, "period": period}
        return cls.begin(cls.Assigned, id_, act, **what, due_on=due_on)  # type: ignore[return-value]

    def assign_again(self, due_on: date, act: Act) -> None:
        """Set the date anew; the same date changes nothing."""
        act = on_time(act, self.due.moments[-1])
        standing = self.due.at(act.occurred_at)
        if standing != due_on:
            kind = self.AssignedAgain if standing is None else self.DueDateChanged
            self._tell(kind, act, due_on=due_on)

    def withdraw(self, act: Act) -> None:
        """Take it back; once is enough."""
        act = on_time(act, self.due.moments[-1])
        if act.occurred_at < self.due.moments[0]:
            raise RuleBroken(Rule.TIME_TOO_OLD, since=self.due.moments[0].isoformat())
        if self.due.at(act.occurred_at) is not None:
            self._tell(self.Withdrawn, act)

    def _tell(self, event: type[Fact], act: Act, **body: Any) -> None:
        self.record(event, act, person_id=self.person_id, course=self.course, period=self.period, **body)
