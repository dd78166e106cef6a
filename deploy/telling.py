"""What long work tells whoever waits for it."""

import time
from collections.abc import Callable
from typing import Protocol

TELL_SECONDS = 0.2


class Telling(Protocol):
    """A screen, or nothing."""

    def step(self, sentence: str) -> None:
        """What begins now."""
        ...

    def track(self, what: str, done: float, total: float) -> None:
        """How far something is that takes longer."""
        ...


class Silent:
    """Tells nobody."""

    def step(self, sentence: str) -> None:
        """Nothing."""

    def track(self, what: str, done: float, total: float) -> None:
        """Nothing."""


def wait(telling: Telling, what: str, seconds: float, over: Callable[[], bool] = lambda: False) -> None:
    """Let time pass, visibly, until it has passed or something is over."""
    began = time.monotonic()
    while (passed := time.monotonic() - began) < seconds and not over():
        telling.track(what, passed, seconds)
        time.sleep(TELL_SECONDS)
    telling.track(what, seconds, seconds)
