"""Counting rectangles without looking at each: corners at coarse grains, corrected by finer ones. Pure.

A period that is true from e1 to e2 and believed from r1 to r2 is a rectangle with four corners:
+1 at (e1, r1), -1 at (e2, r1), -1 at (e1, r2), +1 at (e2, r2); corners at infinity are left out.
How many rectangles hold a moment (as of D, known at K) is the sum of the corners at or before it
in both directions. Corners are linear, so a page of events adds only what it changed.

Millions of corners are summed at two grains: `week` (by the week of each direction, for each unit)
and `below` (by four weeks, for each unit with all below it). A question starts from the coarse
grain, with D and K moved to the nearest boundary, and each finer grain corrects the coarser one by
the few rows in between; the finest grain are the periods themselves (projections/unit_overview.py).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from services.contracts.reporting import DUE_SOON_DAYS, EXPIRING_DAYS
from services.reporting.moments import FOREVER
from services.reporting.standing import STATES, Period

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

_NUMBER: Final = {state: number for number, state in enumerate(STATES)}

Key = tuple[str, int, int, int, int, int]
"""Course, unit (its id as a number), state (its place in STATES), day on which the status turns, then
the week in which it is effective, and the one in which it was recorded (or the four weeks)."""
Sums = dict[Key, int]


class Tally:
    """What rectangles add to the counts at the grain `week`; keys that add up to nothing vanish."""

    def __init__(self) -> None:
        self.week: Sums = {}

    def add(self, periods: Iterable[Period], sign: int) -> None:
        """Add the corners of these rectangles, or (with sign -1) take them away."""
        for p in periods:
            turns, unit, state = p.turns, p.unit_id.int, _NUMBER[p.state]
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

    def below(self, above: Mapping[int, Sequence[int]]) -> Sums:
        """The same at the grain `below`: for each unit that is above (or the same), by four weeks."""
        found: Sums = {}
        for (course, unit, state, turns, effective, recorded), n in self.week.items():
            when = (coarse_block(turns), effective // COARSE_WEEKS, recorded // COARSE_WEEKS)
            for each in above.get(unit, (unit,)):
                _add(found, (course, each, state, *when), n)
        return found


def _add(sums: Sums, key: Key, n: int) -> None:
    if total := sums.get(key, 0) + n:
        sums[key] = total
    else:
        del sums[key]


def week_of(moment: datetime) -> int:
    """Weeks since the epoch (a Thursday, UTC)."""
    return int(moment.timestamp() // WEEK_SECONDS)


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
