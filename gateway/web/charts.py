"""Pictures of figures: the geometry only, for SVG in templates. Colours and words are not decided here."""

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Final, Literal, NamedTuple

from gateway.times import BRUSSELS


class Slice(NamedTuple):
    """One part of a bar: where it begins and how wide it is, in the bar's units."""

    key: str
    n: int
    start: float
    width: float


def share_bar(parts: Sequence[tuple[str, int]], width: float = 100.0) -> list[Slice]:
    """A bar cut by counts; what is zero is left out."""
    whole = sum(count for _, count in parts)
    found: list[Slice] = []
    start = 0.0
    for key, count in parts:
        if count > 0:
            size = width * count / whole
            found.append(Slice(key, count, round(start, 3), round(size, 3)))
            start += size
    return found


class Point(NamedTuple):
    """A point of a line, in the units of its picture; y grows downwards."""

    x: float
    y: float


def line(shares: Sequence[float], width: float, height: float) -> list[Point]:
    """Points of a line through shares (0 to 1), evenly spaced from left to right."""
    step = width / max(len(shares) - 1, 1)
    return [Point(round(at * step, 2), round(height * (1 - share), 2)) for at, share in enumerate(shares)]


def path(points: Sequence[Point]) -> str:
    """The points as the `d` of an SVG path."""
    return " ".join(f"{'M' if at == 0 else 'L'}{point.x} {point.y}" for at, point in enumerate(points))


class Tick(NamedTuple):
    """A mark on an axis of time, and in what unit the distance to the next is told."""

    x: float
    moment: datetime
    unit: Literal["minute", "hour", "day", "month", "date"]


TICKS_MAX: Final = 8
_STEPS: Final = (
    *(timedelta(minutes=each) for each in (1, 5, 15)),
    *(timedelta(hours=each) for each in (1, 3, 6, 12)),
    *(timedelta(days=each) for each in (1, 2, 7, 14, 30, 61, 183, 365, 730, 1826, 3652)),
)


class TimeScale:
    """Moments on an axis from left to right; at least a minute long, so that one moment has a place."""

    def __init__(self, first: datetime, last: datetime, left: float, right: float) -> None:
        """From `first` at `left` to `last` at `right`."""
        self._first = first
        self._span = max(last - first, timedelta(minutes=1))
        self._left, self._right = left, right

    def x(self, moment: datetime) -> float:
        """The place of a moment."""
        share = (moment - self._first) / self._span
        return round(self._left + (self._right - self._left) * share, 1)

    def ticks(self, most: int = TICKS_MAX) -> list[Tick]:
        """Few round moments of local time, from left to right."""
        step = next((each for each in _STEPS if self._span / each < most), _STEPS[-1])
        moment = _round_moment(self._first.astimezone(BRUSSELS), step)
        found: list[Tick] = []
        while moment <= self._first + self._span:
            if moment >= self._first:
                found.append(Tick(self.x(moment), moment, _unit(step)))
            moment = _after(moment, step)
        return found


class Break(NamedTuple):
    """A stretch in which nothing happened and which the axis leaves out."""

    left: float
    right: float
    lasted: timedelta


BREAKS_MAX: Final = 5
BREAK_SHARE: Final = 0.2
"""An empty stretch is left out when it is at least this much of what is still drawn."""

BREAK_WIDTH: Final = 56.0
STRETCH_WIDTH_MIN: Final = 60.0
"""With a break beside it, a label has its room."""

LABEL_WIDTH: Final = 100.0


class BrokenScale:
    """Moments on an axis that leaves out long stretches in which nothing happened.

    Otherwise a course of three hours is one point in a history of years. What lies between two breaks is
    drawn as on any axis, the wider the more minutes have moments; how long a break lasted is said in it.
    """

    def __init__(self, moments: Iterable[datetime], left: float, right: float) -> None:
        """At least one moment. Only these have a place."""
        known = sorted(set(moments))
        cuts = _cuts([after - before for before, after in pairwise(known)])
        bounds = [0, *(cut + 1 for cut in cuts), len(known)]
        groups = [known[start:end] for start, end in pairwise(bounds)]
        weights = [
            math.sqrt(len({moment.replace(second=0, microsecond=0) for moment in group}) - 1)
            for group in groups
        ]
        free = right - left - BREAK_WIDTH * len(cuts) - STRETCH_WIDTH_MIN * len(groups)
        self._starts: list[datetime] = []
        self._stretches: list[tuple[TimeScale, datetime, float, float]] = []
        self.breaks: list[Break] = []
        at = left
        for group, weight in zip(groups, weights, strict=True):
            if self._stretches:
                self.breaks.append(Break(at, at + BREAK_WIDTH, group[0] - self._stretches[-1][1]))
                at += BREAK_WIDTH
            width = STRETCH_WIDTH_MIN + (free * weight / sum(weights) if any(weights) else free / len(groups))
            self._starts.append(group[0])
            scale = TimeScale(group[0], group[-1], at, at + width)
            self._stretches.append((scale, group[-1], at, at + width))
            at += width

    def x(self, moment: datetime) -> float:
        """The place of one of the moments."""
        return self._stretches[bisect_right(self._starts, moment) - 1][0].x(moment)

    def ticks(self) -> list[Tick]:
        """On which day each stretch begins, and round moments in it as far as there is room for their labels."""
        found: list[Tick] = []
        for start, (scale, last, left, right) in zip(self._starts, self._stretches, strict=True):
            found.append(Tick(left, start, "date"))
            for tick in scale.ticks(max(1, int((right - left) / LABEL_WIDTH))):
                room = found[-1].x + LABEL_WIDTH <= tick.x <= right + BREAK_WIDTH - LABEL_WIDTH
                if room and tick.moment <= last:
                    found.append(tick)
        return found


def _cuts(gaps: list[timedelta]) -> list[int]:
    """Which gaps to leave out: the longest, as long as each is much of what is left."""
    left = sum(gaps, timedelta())
    cuts: list[int] = []
    for at in sorted(range(len(gaps)), key=gaps.__getitem__, reverse=True)[:BREAKS_MAX]:
        if len(gaps) < 2 or gaps[at] < timedelta(hours=1) or gaps[at] < BREAK_SHARE * left:
            break
        cuts.append(at)
        left -= gaps[at]
    return sorted(cuts)


def _unit(step: timedelta) -> Literal["minute", "hour", "day", "month"]:
    if step >= timedelta(days=30):
        return "month"
    if step >= timedelta(days=1):
        return "day"
    return "hour" if step >= timedelta(hours=1) else "minute"


def _round_moment(moment: datetime, step: timedelta) -> datetime:
    """The last round moment not after this one."""
    if step < timedelta(hours=1):
        minutes = step // timedelta(minutes=1)
        return moment.replace(minute=moment.minute // minutes * minutes, second=0, microsecond=0)
    if step < timedelta(days=1):
        hours = step // timedelta(hours=1)
        return moment.replace(hour=moment.hour // hours * hours, minute=0, second=0, microsecond=0)
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight.replace(day=1) if step >= timedelta(days=30) else midnight


def _after(moment: datetime, step: timedelta) -> datetime:
    """The next round moment; by the calendar from days on, whatever clocks do in between."""
    if step >= timedelta(days=30):
        months = moment.month - 1 + max(1, round(step / timedelta(days=30.44)))
        return moment.replace(year=moment.year + months // 12, month=months % 12 + 1)
    if step >= timedelta(days=1):
        return moment + step
    return (moment.astimezone(UTC) + step).astimezone(BRUSSELS)
