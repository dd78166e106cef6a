"""Work that takes the processor: a few threads, a short queue in front of them, and an end to waiting."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, TypeVarTuple

from gateway.rpc import Away

Result = TypeVar("Result")
Given = TypeVarTuple("Given")


class Threads:
    """Threads for one kind of work. They start when the first is needed."""

    def __init__(self, name: str, *, at_once: int, waiting_max: int, seconds: float) -> None:
        """Do `at_once` at the same time, let `waiting_max` wait or be done, each for so many `seconds` in all."""
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix=name)
        self._name = name
        self._waiting_max = waiting_max
        self._seconds = seconds
        self._waiting = 0

    def close(self) -> None:
        """Let the threads go."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def run(self, work: Callable[[*Given], Result], *given: *Given) -> Result:
        """What `work` returns. Raises Away when too many wait already, or when it takes too long."""
        if self._waiting >= self._waiting_max:
            raise Away("gateway", f"too many wait: {self._name}")
        self._waiting += 1
        try:
            async with asyncio.timeout(self._seconds):
                return await asyncio.get_running_loop().run_in_executor(self._threads, work, *given)
        except TimeoutError:
            raise Away("gateway", f"took too long: {self._name}") from None
        finally:
            self._waiting -= 1
