"""Counting rectangles without looking at each: corners at coarse grains, corrected by finer ones. Pure.

A period that is true from e1 to e2 and believed from r1 to r2 is a rectangle with four corners:
+1 at (e1, r1), -1 at (e2, r1), -1 at (e1, r2), +1 at (e2, r2); corners at infinity are left out.
How many rectangles hold a moment (as of D, known at K) is the sum of the corners at or before it
in both directions. Corners are linear, so a page of events adds only what it changed.

Millions of corners are summed at two grains: `week` (by the week of each direction, for each unit)
and `below` (by four weeks, for each unit with all below it). A question starts from the coarse
grain, with D and K moved to the nearest boundary, and each finer grain corrects the coarser one by
the few rows in between; the finest grain are the periods themselves (projections/unit_counts.py).

Whoever asks with all knowledge that there is needs no corners in the other direction: the sums
`believed` are over what is believed now, for each unit with all below it, by status and span. What
the calendar will change is in them as well, since it is known when: a due date is a corner at which
somebody leaves `due_soon` and comes to `overdue`. Spans are of some local days, so that it is never
in the middle of one.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final, TypeVar
from uuid import UUID

from services.contracts.reporting.standing import DUE_SOON_DAYS, EXPIRING_DAYS
from services.reporting.moments import FOREVER, day_of, end_of_day
from services.reporting.standing import NEVER, STATES, Period, State

WEEK_SECONDS: Final = 7 * 86_400
COARSE_WEEKS: Final = 4
"""The grain `below` gathers so many weeks."""
COARSE_DAYS: Final = 7 * COARSE_WEEKS
"""Days on which a status turns are gathered in blocks of so many at the grain `below`."""
FINE_DAYS: Final = 7
"""Expiry days are gathered in blocks of so many at the grain `week`; the one divides the other.

Due dates are kept by the day there: few of them are shared by many people, and everybody asks
around them.
"""

SPAN_DAYS: Final = 4
"""So many local days are gathered in the sums of what is believed: more would leave more rectangles to look
at, fewer would be more sums to keep."""

STATUSES: Final = (
    "people",
    "overdue",
    "failed",
    "expired",
    "due_soon",
    "expiring",
    "in_progress",
    "assigned",
    "passed",
    "exempt",
)
"""What is counted; `people` are all who belong to a unit."""

LABELS: Final[dict[State, tuple[str, str, str]]] = {
    "placed": ("people", "people", "people"),
    "assigned": ("overdue", "due_soon", "assigned"),
    "in_progress": ("overdue", "in_progress", "in_progress"),
    "failed": ("failed", "failed", "failed"),
    "passed": ("expired", "expiring", "passed"),
    "exempt": ("exempt", "exempt", "exempt"),
}
"""What a state is called when it turns before the first threshold, before the second, and later."""

LAST_DAY: Final = NEVER.toordinal() - 366
"""Where the calendar ends: what turns later (NEVER does) does not turn."""

_STATE_NUMBER: Final = {state: number for number, state in enumerate(STATES)}
STATUS_NUMBER: Final = {status: number for number, status in enumerate(STATUSES)}

Key = tuple[str, int, int, int, int, int]
"""Course, unit (its id as a number), state (its place in STATES), day on which the status turns, then
the week in which it is effective, and the one in which it was recorded (or the four weeks)."""
BelievedKey = tuple[str, int, int, int]
"""Course, unit, status (its place in STATUSES), and the span of local days in which it is effective."""
K = TypeVar("K")


class Tally:
    """What rectangles add to the counts of their own unit; keys that add up to nothing vanish."""

    def __init__(self) -> None:
        self.week: dict[Key, int] = {}
        self.believed: dict[BelievedKey, int] = {}

    def add(self, periods: Iterable[Period], sign: int) -> None:
        """Add the corners of these rectangles, or (with sign -1) take them away."""
        for p in periods:
            turns, unit, state = p.turns, p.unit_id.int, _STATE_NUMBER[p.state]
            e1, r1 = week_of(p.effective_from), week_of(p.recorded_from)
            fine = fine_block(p.state, turns)
            ends, given_up = p.effective_to != FOREVER, p.recorded_to != FOREVER
            _add(self.week, (p.course, unit, state, fine, e1, r1), sign)
            if ends:
                e2 = week_of(p.effective_to)
                _add(self.week, (p.course, unit, state, fine, e2, r1), -sign)
            if given_up:
                r2 = week_of(p.recorded_to)
                _add(self.week, (p.course, unit, state, fine, e1, r2), -sign)
                if ends:
                    _add(self.week, (p.course, unit, state, fine, e2, r2), sign)
            else:
                for status, day, n in changes(p):
                    _add(self.believed, (p.course, unit, STATUS_NUMBER[status], day // SPAN_DAYS), n * sign)

    @property
    def units(self) -> set[UUID]:
        """The units whose counts change."""
        return {UUID(int=unit) for unit in {k[1] for k in self.week} | {k[1] for k in self.believed}}

    def believed_below(self, above: Mapping[int, Sequence[int]]) -> dict[BelievedKey, int]:
        """The sums of what is believed, for each unit that is above (or the same)."""
        found: dict[BelievedKey, int] = {}
        for (course, unit, status, span), n in self.believed.items():
            for each in above.get(unit, (unit,)):
                _add(found, (course, each, status, span), n)
        return found

    def below(self, above: Mapping[int, Sequence[int]]) -> dict[Key, int]:
        """The sums by corners at the grain `below`: for each unit that is above (or the same), by four weeks."""
        found: dict[Key, int] = {}
        for (course, unit, state, turns, effective, recorded), n in self.week.items():
            when = (coarse_block(turns), effective // COARSE_WEEKS, recorded // COARSE_WEEKS)
            for each in above.get(unit, (unit,)):
                _add(found, (course, each, state, *when), n)
        return found


def _add(sums: dict[K, int], key: K, n: int) -> None:
    if total := sums.get(key, 0) + n:
        sums[key] = total
    else:
        del sums[key]


def week_of(moment: datetime) -> int:
    """Weeks since the epoch (a Thursday, UTC)."""
    return int(moment.timestamp() // WEEK_SECONDS)


def changes(p: Period) -> Iterator[tuple[str, int, int]]:
    """On which local days somebody comes to a status (+1) and leaves it (-1) in one rectangle."""
    start = day_of(p.effective_from).toordinal()
    end = LAST_DAY if p.effective_to == FOREVER else day_of(p.effective_to).toordinal()
    first, second, status = LABELS[p.state]
    soon, over = p.turns - days_before(p.state), p.turns + 1
    turning = ((soon, second), (over, first))
    for day, label in turning:
        status = label if day <= start else status
    yield status, start, 1
    for day, label in turning:
        if start < day <= end and label != status:
            yield status, day, -1
            yield label, day, 1
            status = label
    if p.effective_to != FOREVER:
        yield status, end, -1


def days_before(state: State) -> int:
    """How many days before it turns the calendar calls a state by its second name."""
    return EXPIRING_DAYS if state == "passed" else DUE_SOON_DAYS


def fine_block(state: str, turns: int) -> int:
    """The first day of the block in which a status turns, at the grain `week`."""
    return turns - turns % FINE_DAYS if state == "passed" else turns


def coarse_block(turns: int) -> int:
    """The first day of the block in which a status turns, at the grain `below`."""
    return turns - turns % COARSE_DAYS


@dataclass(frozen=True)
class Cut:
    """The boundary between blocks of weeks that is nearest to a moment: corners in blocks before it count."""

    block: int
    weeks: int

    @property
    def boundary(self) -> datetime:
        """The instant of the boundary."""
        return datetime.fromtimestamp(self.block * self.weeks * WEEK_SECONDS, UTC)


def cut(moment: datetime, now: datetime, weeks: int = 1) -> Cut:
    """Where to cut for a moment. After now hardly anything is effective, so that distance is free."""
    block = week_of(moment) // weeks
    start, end = Cut(block, weeks), Cut(block + 1, weeks)
    to_end = min(end.boundary, max(now, moment)) - moment
    return end if to_end < moment - start.boundary else start


@dataclass(frozen=True)
class SpanCut:
    """The boundary between spans that is nearest to a day: what changes in spans before it counts."""

    span: int

    @property
    def last_day(self) -> date:
        """The last day that counts."""
        return date.fromordinal(self.span * SPAN_DAYS - 1)

    @property
    def boundary(self) -> datetime:
        """The instant at which that day is over."""
        return end_of_day(self.last_day)


def span_cut(day: date) -> SpanCut:
    """Where to cut for a day."""
    return SpanCut((day.toordinal() + SPAN_DAYS // 2) // SPAN_DAYS)


@dataclass(frozen=True)
class Thresholds:
    """The days at which the calendar changes a status, for a day asked about.

    Open work is overdue when it is due before `late`, due soon before `soon`; what was passed
    has expired before `expired`, is expiring before `expiring`.
    """

    late: int
    soon: int
    expired: int
    expiring: int

    @property
    def fine(self) -> "Thresholds":
        """The same as the grain `week` can tell: expiry moved to the nearest block boundary."""
        expired, expiring = (_nearest(day, FINE_DAYS) for day in (self.expired, self.expiring))
        return Thresholds(self.late, self.soon, expired, expiring)

    @property
    def coarse(self) -> "Thresholds":
        """The same as the grain `below` can tell: all moved to the nearest block boundary."""
        days = (self.late, self.soon, self.expired, self.expiring)
        return Thresholds(*(_nearest(day, COARSE_DAYS) for day in days))


def thresholds(day: date) -> Thresholds:
    """The thresholds for a day."""
    today = day.toordinal()
    return Thresholds(today, today + DUE_SOON_DAYS + 1, today, today + EXPIRING_DAYS + 1)


def _nearest(day: int, days: int) -> int:
    return (day + days // 2) // days * days
