"""Pictures of figures: the geometry only, for SVG in templates. Colours and words are not decided here."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
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
    unit: Literal["minute", "hour", "day", "month"]


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

    def x_within(self, moment: datetime) -> float:
        """The place of a moment, or the end of the axis that is nearer to it."""
        return min(max(self.x(moment), self._left), self._right)

    def ticks(self) -> list[Tick]:
        """Few round moments of local time, from left to right."""
        step = next((each for each in _STEPS if self._span / each < TICKS_MAX), _STEPS[-1])
        moment = _round_moment(self._first.astimezone(BRUSSELS), step)
        found: list[Tick] = []
        while moment <= self._first + self._span:
            if moment >= self._first:
                found.append(Tick(self.x(moment), moment, _unit(step)))
            moment = _after(moment, step)
        return found


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
