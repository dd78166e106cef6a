"""How a person stands with a course: from facts to periods in both times. Pure; no I/O, no clock.

A person's facts, in the order in which they were recorded, say everything: where they belong,
what was assigned, what was opened, failed, completed. Of several periods of a course (a
recertification) the latest one that was assigned counts. Who belongs to no unit is counted nowhere.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from operator import attrgetter, itemgetter
from typing import Final, Literal, NamedTuple, assert_never
from uuid import UUID

from services.contracts.reporting.standing import DUE_SOON_DAYS, EXPIRING_DAYS, Status
from services.reporting.facts import NO_COURSE, Fact
from services.reporting.moments import FOREVER

State = Literal["placed", "assigned", "in_progress", "failed", "passed", "exempt"]
STATES: Final[tuple[State, ...]] = ("placed", "assigned", "in_progress", "failed", "passed", "exempt")

NEVER: Final = date(9999, 12, 31)
"""A date that does not come: no due date, no expiry."""


class Period(NamedTuple):
    """How a person stood with a course: true from/to, and believed from/to."""

    effective_from: datetime
    effective_to: datetime
    course: str
    period: int
    state: State
    unit_id: UUID
    due_on: date | None
    expires_on: date | None
    record_id: UUID | None
    since: datetime
    recorded_from: datetime
    recorded_to: datetime

    @property
    def turns(self) -> int:
        """The day (as an ordinal) after which the calendar changes the status: due, or expiry."""
        if self.state == "exempt":
            return NEVER.toordinal()
        day = self.expires_on if self.state == "passed" else self.due_on
        return (day or NEVER).toordinal()


def status_on(state: State, due_on: date | None, expires_on: date | None, day: date) -> Status:
    """What a state is called on a day. A due date and an expiry date last until the end of their day.

    Whoever has not finished by the due date is overdue, begun or not.
    """
    match state:
        case "passed":
            if expires_on is None or day < expires_on - timedelta(days=EXPIRING_DAYS):
                return "passed"
            return "expiring" if day <= expires_on else "expired"
        case "failed":
            return "failed"
        case "exempt":
            return "exempt"
        case "in_progress":
            return "overdue" if due_on is not None and due_on < day else "in_progress"
        case "assigned" | "placed":
            if due_on is None or day < due_on - timedelta(days=DUE_SOON_DAYS):
                return "assigned"
            return "due_soon" if day <= due_on else "overdue"
        case _:
            assert_never(state)


class Way:
    """One person's way through one period of a course, as far as known."""

    __slots__ = (
        "assigned_at",
        "completed_at",
        "due_on",
        "exempt_at",
        "expires_on",
        "failed_at",
        "opened_at",
        "record_id",
    )

    def __init__(self) -> None:
        self.assigned_at: datetime | None = None
        self.due_on: date | None = None
        self.opened_at: datetime | None = None
        self.failed_at: datetime | None = None
        self.completed_at: datetime | None = None
        self.expires_on: date | None = None
        self.record_id: UUID | None = None
        self.exempt_at: datetime | None = None

    def take(self, fact: Fact) -> None:
        """Go on by a fact about this course and period."""
        match fact.kind:
            case "assigned":
                self.assigned_at = self.assigned_at or fact.occurred_at
                self.due_on = fact.day
            case "unassigned":
                self.assigned_at = self.due_on = None
            case "opened":
                self.opened_at, self.record_id = self.opened_at or fact.occurred_at, fact.subject
            case "exhausted":
                self.failed_at, self.record_id = self.failed_at or fact.occurred_at, fact.subject
            case "completed":
                self.completed_at, self.record_id = fact.occurred_at, fact.subject
                self.expires_on = fact.day
            case "exempted":
                self.exempt_at = fact.occurred_at
            case "bound":
                self.exempt_at = None
            case "class_begun" | "class_completed" | "class_missed":
                # The last one holds: it may be a correction, in either direction.
                self.opened_at = self.failed_at = self.completed_at = None
                self.record_id, self.expires_on = fact.subject, fact.day
                if fact.kind == "class_begun":
                    self.opened_at = fact.occurred_at
                elif fact.kind == "class_missed":
                    self.failed_at = fact.occurred_at
                else:
                    self.completed_at = fact.occurred_at
            case "placed" | "left" | "returned":
                raise ValueError("a place is not a step on a way")
            case _:
                assert_never(fact.kind)

    @property
    def state(self) -> tuple[State, datetime] | None:
        """The state and since when; None when nothing binds the person to this period."""
        if self.completed_at:
            return "passed", self.completed_at
        if self.exempt_at:
            return "exempt", self.exempt_at
        if self.failed_at:
            return "failed", self.failed_at
        if self.opened_at:
            return "in_progress", self.opened_at
        return ("assigned", self.assigned_at) if self.assigned_at else None


def _by_weight(ways: dict[int, Way]) -> list[int]:
    """Periods, those that count first: what was assigned before what somebody opened by themselves.

    Anybody may open a later period; that must neither hide what they owe nor what they passed.
    """
    assigned = sorted((p for p in ways if ways[p].assigned_at), reverse=True)
    own = (p for p in ways if not ways[p].assigned_at)
    return [*assigned, *sorted(own, key=lambda p: (not (ways[p].completed_at or ways[p].exempt_at), -p))]


Ways = dict[str, dict[int, Way]]
Standing = tuple[int, State, UUID, date | None, date | None, UUID | None, datetime]
"""The fields of a Period from `period` to `since`."""
Key = tuple[str, datetime]
"""Course, and the moment a spell begins: in one story they identify it."""


def with_periods(facts: Iterable[Fact]) -> list[Fact]:
    """The facts in the order of knowledge; steps of a record get the period with which it was opened.

    Events of a record after its opening do not say the period; it is the first in all but few records.
    """
    ordered = sorted(facts, key=_order_of_knowledge)
    periods = {fact.subject: fact.period for fact in ordered if fact.kind == "opened" and fact.period != 1}
    if not periods:
        return ordered
    return [
        fact._replace(period=periods.get(fact.subject, 1))
        if fact.kind in ("completed", "exhausted")
        else fact
        for fact in ordered
    ]


_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)
_order_of_knowledge = itemgetter(slice(1, 4))
_occurred_at = attrgetter("occurred_at")


def ways_of(facts: Iterable[Fact]) -> Ways:
    """A person's ways after these facts, which come with their periods; places are passed over."""
    ways: Ways = {}
    for fact in sorted(facts, key=_occurred_at):
        if fact.course:
            ways.setdefault(fact.course, {}).setdefault(fact.period, Way()).take(fact)
    return ways


class Story:
    """How a person stood from when to when, as some knowledge has it: spells of one standing each."""

    def __init__(self, facts: Iterable[Fact] = ()) -> None:
        """Tell it from these facts, which come with their periods."""
        self.moment = _BEFORE_ALL
        self.spells: dict[Key, tuple[datetime, Standing]] = {}
        self._ways: Ways = {}
        self._unit: tuple[UUID, datetime] | None = None
        self._away = False
        self._open: dict[str, datetime] = {}
        for fact in sorted(facts, key=_occurred_at):
            self.take(fact)

    def take(self, fact: Fact) -> list[Key]:
        """Go on by a fact that is not before `moment`; which spells changed."""
        self.moment = fact.occurred_at
        if course := fact.course:
            self._ways.setdefault(course, {}).setdefault(fact.period, Way()).take(fact)
            return self._go_on(course)
        if fact.kind == "placed":
            self._unit = (fact.subject, fact.occurred_at)
        else:  # who left is nowhere, whatever was said of their place, until they return
            self._away = fact.kind == "left"
        return [key for course in (NO_COURSE, *self._ways) for key in self._go_on(course)]

    def _go_on(self, course: str) -> list[Key]:
        """End a course's open spell where its standing has changed, and begin the next."""
        now = self._standing(course)
        changed: list[Key] = []
        if (start := self._open.get(course)) is not None:
            key = (course, start)
            was = self.spells[key][1]
            if was == now:
                return changed
            changed.append(key)
            if start < self.moment:
                self.spells[key] = (self.moment, was)
            else:
                del self.spells[key]
            del self._open[course]
        if now is not None:
            key = (course, self.moment)
            self._open[course] = self.moment
            self.spells[key] = (FOREVER, now)
            changed.append(key)
        return changed

    def _standing(self, course: str) -> Standing | None:
        if self._unit is None or self._away:
            return None
        unit_id, placed_at = self._unit
        if course == NO_COURSE:
            return (0, "placed", unit_id, None, None, None, placed_at)
        ways = self._ways[course]
        for period in _by_weight(ways) if len(ways) > 1 else ways:
            way = ways[period]
            if (state := way.state) is not None:
                return (period, state[0], unit_id, way.due_on, way.expires_on, way.record_id, state[1])
        return None


def periods_of(facts: Iterable[Fact]) -> list[Period]:
    """All periods of one person, in both times. Depends on the set of facts only, not on their order.

    Fact by fact, in the order of knowledge: a fact that happened after all others goes on with the
    story; one that happened before some (it was recorded late) has the story told anew. Each spell
    that changes by it was believed until then, and the new one is believed from then on.
    """
    story = Story()
    believed: dict[Key, tuple[datetime, Standing, datetime]] = {}
    rows: list[Period] = []
    known: list[Fact] = []
    for fact in with_periods(facts):
        known.append(fact)
        changed: Iterable[Key]
        if fact.occurred_at >= story.moment:
            changed = story.take(fact)
        else:
            before, story = story, Story(known)
            changed = dict.fromkeys((*before.spells, *story.spells))
        recorded_at = fact.recorded_at
        for key in changed:
            was, now = believed.get(key), story.spells.get(key)
            if was is not None:
                if now is not None and now == was[:2]:
                    continue
                if was[2] < recorded_at:
                    rows.append(Period(key[1], was[0], key[0], *was[1], was[2], recorded_at))
                del believed[key]
            if now is not None:
                believed[key] = (*now, recorded_at)
    rows.extend(
        Period(start, end, course, *standing, since, FOREVER)
        for (course, start), (end, standing, since) in believed.items()
    )
    return rows
