"""Work in threads: some at once, a few that wait, and nobody who waits for ever."""

import asyncio
import threading
import time

import pytest

from gateway.rpc import Away
from gateway.threads import Threads


def test_who_comes_when_too_many_wait_is_told_at_once() -> None:
    async def three() -> list[object]:
        threads, go = Threads("test", at_once=1, waiting_max=2, seconds=5), threading.Event()
        try:
            first = [asyncio.create_task(threads.run(go.wait, 5)) for _ in range(2)]
            await asyncio.sleep(0)
            with pytest.raises(Away):
                await threads.run(go.wait, 5)
            go.set()
            done: list[object] = [*await asyncio.gather(*first), await threads.run(len, "abc")]
            return done
        finally:
            go.set()
            threads.close()

    assert asyncio.run(three()) == [True, True, 3]


def test_what_takes_too_long_is_given_up() -> None:
    async def one() -> float:
        threads, go = Threads("test", at_once=1, waiting_max=2, seconds=0.05), threading.Event()
        started = time.monotonic()
        try:
            with pytest.raises(Away):
                await threads.run(go.wait, 5)
            return time.monotonic() - started
        finally:
            go.set()
            threads.close()

    assert asyncio.run(one()) < 2
