"""Token buckets: how many requests a session, and how many sign-ins an address, may make."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable

from gateway.errors import Problem
from gateway.limits import BUCKETS_MAX


class Buckets:
    """One bucket for each key, full at first. The least recently used are forgotten, which fills them."""

    def __init__(
        self, rate_per_second: float, burst: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Allow `burst` at once and `rate_per_second` in the long run."""
        self._rate = rate_per_second
        self._burst = burst
        self._clock = clock
        self._buckets: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def take(self, key: Hashable) -> None:
        """Use one; raises Problem(too-many-requests) when there is none."""
        now = self._clock()
        left, since = self._buckets.get(key, (self._burst, now))
        left = min(self._burst, left + (now - since) * self._rate)
        if left < 1:
            raise Problem("too-many-requests", retry_after=max(1, round((1 - left) / self._rate)))
        self._buckets[key] = (left - 1, now)
        self._buckets.move_to_end(key)
        if len(self._buckets) > BUCKETS_MAX:
            self._buckets.popitem(last=False)
