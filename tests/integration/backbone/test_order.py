"""Positions are handed out in the order of commits: who tails the log skips nothing."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from uuid import uuid4

import psycopg
import pytest

from services.backbone.log import Conflict, EventLog, StoreAway
from tests.integration.conftest import Database
from tests.support.jars import filled

WRITERS = 16
EVENTS_MIN = 4_000
SECONDS_MAX = 12.0
ROUNDS_MAX = 10

LINGER = """
CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_sleep(random() * 0.002); RETURN NULL; END $$;
CREATE TRIGGER linger AFTER INSERT ON stored_events FOR EACH STATEMENT EXECUTE FUNCTION linger();
"""
"""Between taking its positions and its commit a transaction lingers a little, as on a busy disk."""


@pytest.fixture(scope="module")
def lingering(database: Database) -> Database:
    with psycopg.connect(database.owner_url) as owner:
        owner.execute(LINGER)
    return database


@pytest.fixture
def logs(lingering: Database) -> Iterator[list[EventLog]]:
    """Four copies of a service, four threads each."""
    logs = [EventLog("jars", lingering.url) for _ in range(4)]
    yield logs
    for log in logs:
        log.close()


class Rollback(Exception):
    """A transaction that changes its mind."""


def write_something(log: EventLog, chance: random.Random) -> int:
    """One to four events that are committed, or a transaction that is rolled back; how many were committed."""
    events = filled(uuid4(), *"abc"[: chance.randint(0, 3)])
    kind = chance.random()
    try:
        if kind < 0.1:  # it took positions, and loses them
            log.append([*events, events[0]], [])
        elif kind < 0.2:
            log.append(events, [], also=_change_ones_mind)
        else:
            log.append(events, [])
            return len(events)
    except (Rollback, Conflict, StoreAway):
        pass
    return 0


def _change_ones_mind(tx: object) -> None:
    raise Rollback


def race(logs: list[EventLog], enough: Callable[[int, list[int]], bool]) -> tuple[list[int], set[int]]:
    """Writers write until it is enough while a follower tails; what it saw, and what it skipped."""
    committed = [0] * WRITERS
    over, failures = threading.Event(), list[BaseException]()
    seen: list[int] = []
    start = logs[0].head()

    def write(number: int) -> None:
        chance = random.Random(number)
        while not over.is_set():
            try:
                committed[number] += write_something(logs[number % len(logs)], chance)
            except BaseException as error:
                failures.append(error)
                return

    def follow(position: int) -> int:
        for stored in logs[0].read(position, 500):
            seen.append(stored.position)
            position = stored.position
        return position

    writers = [threading.Thread(target=write, args=(n,)) for n in range(WRITERS)]
    position = start
    for writer in writers:
        writer.start()
    while not over.is_set():
        position = follow(position)
        if failures or enough(sum(committed), seen):
            over.set()
    for writer in writers:
        writer.join(10)
    while (further := follow(position)) > position:
        position = further
    assert failures == []
    everything = {stored.position for stored in _all(logs[0], start)}
    assert len(everything) == sum(committed)
    return seen, everything - set(seen)


def _all(log: EventLog, position: int) -> Iterator[object]:
    while events := log.read(position, 5_000):
        yield from events
        position = events[-1].position


def test_a_follower_that_tails_sixteen_writers_skips_nothing(logs: list[EventLog]) -> None:
    deadline = time.monotonic() + SECONDS_MAX
    seen, skipped = race(logs, lambda committed, _: committed >= EVENTS_MIN or time.monotonic() > deadline)
    assert skipped == set()
    assert seen == sorted(set(seen))
    assert len(seen) >= EVENTS_MIN, f"only {len(seen)} events within {SECONDS_MAX} s"


def test_without_taking_turns_events_are_skipped(logs: list[EventLog]) -> None:
    """The same race without the lock: if this finds nothing, the test above proves nothing."""
    for log in logs:
        log.recorder.lock_table_statements = []
    for _ in range(ROUNDS_MAX):
        deadline = time.monotonic() + 1.0
        _, skipped = race(logs, lambda committed, _: time.monotonic() > deadline)  # noqa: B023
        if skipped:
            return
    pytest.fail(f"no event was skipped in {ROUNDS_MAX} rounds")
