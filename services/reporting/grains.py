"""Counting rectangles without looking at each: corners at coarse grains, corrected by finer ones. Pure.

A period that is true from e1 to e2 and believed from r1 to r2 is a rectangle with four corners:
+1 at (e1, r1), -1 at (e2, r1), -1 at (e1, r2), +1 at (e2, r2); corners at infinity are left out.
How many rectangles hold a moment (as of D, known at K) is the sum of the corners at or before it
in both directions. Corners are linear, so a page of events adds only what it changed.

Millions of corners are summed at two grains: `ever` (all of them: how things stand in the end)
and `week` (by the week of each direction). A question starts from the coarse grain, with D and K
moved to the nearest week, and each finer grain corrects the coarser one by the few rows in
between; the finest grain are the periods themselves (see projections/unit_overview.py).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final, TypeVar

from services.contracts.reporting import DUE_SOON_DAYS, EXPIRING_DAYS
from services.reporting.moments import FOREVER
from services.reporting.standing import Period

K = TypeVar("K")

WEEK_SECONDS: Final = 7 * 86_400
COARSE_DAYS: Final = 28
"""Days on which a status turns are gathered in blocks of so many days at the grain `ever`."""
FINE_DAYS: Final = 7
"""Expiry days are gathered in blocks of so many at the grain `week`; the one divides the other.

Due dates are kept by the day there: few of them are shared by many people, and everybody asks
around them.
"""

EverKey = tuple[str, int, str, int]
"""Course, unit (its id as a number), state, day on which the status turns."""
WeekKey = tuple[str, int, str, int, int, int]
"""The same, then the week it is effective, and the week it was recorded."""


class Tally:
    """What rectangles add to the counts at both grains; keys that add up to nothing vanish."""

    def __init__(self) -> None:
        self.ever: dict[EverKey, int] = {}
        self.week: dict[WeekKey, int] = {}

    def add(self, periods: Iterable[Period], sign: int) -> None:
        """Add the corners of these rectangles, or (with sign -1) take them away."""
        for p in periods:
            turns, unit = p.turns, p.unit_id.int
            e1, r1 = week_of(p.effective_from), week_of(p.recorded_from)
            fine = fine_block(p.state, turns)
            ends, given_up = p.effective_to != FOREVER, p.recorded_to != FOREVER
            if not ends and not given_up:
                _add(self.ever, (p.course, unit, p.state, coarse_block(turns)), sign)
            _add(self.week, (p.course, unit, p.state, fine, e1, r1), sign)
            if ends:
                e2 = week_of(p.effective_to)
                _add(self.week, (p.course, unit, p.state, fine, e2, r1), -sign)
            if given_up:
                r2 = week_of(p.recorded_to)
                _add(self.week, (p.course, unit, p.state, fine, e1, r2), -sign)
                if ends:
                    _add(self.week, (p.course, unit, p.state, fine, e2, r2), sign)


def _add(sums: dict[K, int], key: K, n: int) -> None:
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
    """The first day of the block in which a status turns, at the grain `ever`."""
    return turns - turns % COARSE_DAYS


@dataclass(frozen=True)
class Cut:
    """A moment D, and the week boundary nearest to it: corners before `week` count at the coarse grains."""

    moment: datetime
    week: int

    @property
    def boundary(self) -> datetime:
        """The instant of the week boundary."""
        return datetime.fromtimestamp(self.week * WEEK_SECONDS, UTC)


def cut(moment: datetime, now: datetime) -> Cut:
    """Where to cut for a moment. After now hardly anything is effective, so that distance is free."""
    week = week_of(moment)
    start = datetime.fromtimestamp(week * WEEK_SECONDS, UTC)
    to_end = min(start + timedelta(seconds=WEEK_SECONDS), max(now, moment)) - moment
    return Cut(moment, week + 1 if to_end < moment - start else week)


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
        """The same as the grain `ever` can tell: all moved to the nearest block boundary."""
        days = (self.late, self.soon, self.expired, self.expiring)
        return Thresholds(*(_nearest(day, COARSE_DAYS) for day in days))


def thresholds(day: date) -> Thresholds:
    """The thresholds for a day."""
    today = day.toordinal()
    return Thresholds(today, today + DUE_SOON_DAYS + 1, today, today + EXPIRING_DAYS + 1)


def _nearest(day: int, days: int) -> int:
    return (day + days // 2) // days * days
