"""Pictures of figures: the geometry only, for SVG in templates. Colours and words are not decided here."""

from collections.abc import Sequence
from typing import NamedTuple


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
