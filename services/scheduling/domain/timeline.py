"""What held since when. HR facts arrive late and out of order.

Every fact holds from its `occurred_at` until the next one about the same thing, in the order of
`occurred_at`; of two at the same moment the one recorded last holds. What was known at each moment
stays readable from the order of recording.
"""

from bisect import bisect_right, insort
from dataclasses import replace
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Generic, TypeVar

from services.backbone.aggregate import Act
from services.backbone.limits import CLOCK_SKEW_SECONDS

T = TypeVar("T")


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


def on_time(act: Act, latest: datetime) -> Act:
    """`act`, not before the latest fact about the same thing if it is only the clocks that differ.

    Two desks whose clocks are minutes apart mean "now", one after the other. What is dated back
    further than clocks go wrong is dated back on purpose.
    """
    meant_now = act.recorded_at - act.occurred_at <= timedelta(seconds=CLOCK_SKEW_SECONDS)
    return replace(act, occurred_at=latest) if meant_now and act.occurred_at < latest else act
