"""The bell costs latency at most: heard, lost, or silenced by a broker that went and came back."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from deploy.local.rabbitmq import RabbitMQ
from services.backbone.bell import Bell
from services.backbone.feed import FeedSource
from services.backbone.follower import Feed, Follower
from services.backbone.limits import LOOK_SECONDS
from services.backbone.log import EventLog
from services.backbone.wire import Wire
from services.contracts.message import FeedPage, Reply
from tests.integration.conftest import Broker, Database
from tests.support.following import Tally
from tests.support.jars import ThingPutIn, filled, to_contract

PATIENCE_SECONDS = 15.0
ROOT = Path(__file__).parents[3]


class DirectFeed(Feed):
    """Pages straight from the log; only bells come over the broker."""

    def __init__(self, log: EventLog) -> None:
        super().__init__("progress", "progress", FeedPage[ThingPutIn])
        self._source = FeedSource(log, to_contract)

    def ask(self, wire: Wire, after: int, limit: int = 5_000) -> str:
        return str(after)

    def take(self, wire: Wire, ticket: str) -> Any:
        page = self._source.page(int(ticket), 5_000)
        return self.parse(Reply[Any](answer=page).model_dump_json()), None


class Watched(Tally):
    """Says when it has seen an event."""

    def __init__(self) -> None:
        super().__init__(frozenset({"progress"}))
        self.seen = threading.Event()
        self.after = self.seen.set


@pytest.fixture(scope="module")
def log(database: Database) -> Iterator[EventLog]:
    log = EventLog("progress", database.url)
    yield log
    log.close()


@contextmanager
def following(amqp_uri: str, database: Database, log: EventLog) -> Iterator[Watched]:
    """A follower at the head, waiting for a bell; everything it sees from now on is news."""
    projection, stop, rounds = Watched(), threading.Event(), threading.Semaphore(0)
    follower = Follower(
        f"follower-{uuid4()}",
        database.url,
        amqp_uri,
        {"progress": DirectFeed(log)},
        [projection],
        on_round=lambda *_: rounds.release() and None,
    )
    thread = threading.Thread(target=follower.run, args=(stop.is_set,))
    thread.start()
    try:
        assert rounds.acquire(timeout=PATIENCE_SECONDS)
        projection.seen.clear()
        yield projection
    finally:
        stop.set()
        thread.join(PATIENCE_SECONDS)
        assert not thread.is_alive()


def seconds_until_seen(projection: Watched, log: EventLog, then: Callable[[int], None]) -> float:
    """Commit an event, do what comes then, and wait until the follower has seen it."""
    projection.seen.clear()
    position = log.append(filled(uuid4(), "news"), [])[-1]
    committed = time.monotonic()
    then(position)
    assert projection.seen.wait(PATIENCE_SECONDS)
    return time.monotonic() - committed


# --- heard, and lost -----------------------------------------------------------------------------


def test_a_ring_is_heard_by_who_listens_to_that_feed(broker: Broker) -> None:
    bell = Bell(broker.uri("progress"), "progress")
    with (
        Wire(broker.uri("scheduling"), "one", bells=["progress", "content"]) as one,
        Wire(broker.uri("reporting"), "other", bells=["content"]) as other,
    ):
        bell.ring(7)
        assert one.listen(PATIENCE_SECONDS) == {"progress"}
        assert other.listen(0.1) == set()


def test_rings_that_come_together_become_few(broker: Broker) -> None:
    bell = Bell(broker.uri("progress"), "progress")
    with Wire(broker.uri("scheduling"), "one", bells=["progress"]) as one:
        bell.ring(1)
        assert one.listen(PATIENCE_SECONDS) == {"progress"}
        for position in range(2, 500):
            bell.ring(position)
        heard = 0
        while one.listen(0.5):
            heard += 1
        assert 1 <= heard < 400


def test_an_older_position_rings_nothing(broker: Broker) -> None:
    bell = Bell(broker.uri("progress"), "progress")
    with Wire(broker.uri("scheduling"), "one", bells=["progress"]) as one:
        bell.ring(9)
        assert one.listen(PATIENCE_SECONDS) == {"progress"}
        bell.ring(9)
        bell.ring(3)
        assert one.listen(0.3) == set()


def test_ringing_never_waits_for_the_broker() -> None:
    bell = Bell("amqp://nobody:nothing@127.0.0.1:1", "progress")
    started = time.monotonic()
    for position in range(1000):
        bell.ring(position)
    assert time.monotonic() - started < 0.5


def test_a_follower_that_hears_the_bell_comes_at_once(
    broker: Broker, database: Database, log: EventLog
) -> None:
    bell = Bell(broker.uri("progress"), "progress")
    with following(broker.uri("progress"), database, log) as projection:
        seconds_until_seen(projection, log, bell.ring)  # the bell connects at its first ring
        times = [seconds_until_seen(projection, log, bell.ring) for _ in range(3)]
    assert min(times) < LOOK_SECONDS / 2


def test_a_lost_bell_costs_latency_only(broker: Broker, database: Database, log: EventLog) -> None:
    with following(broker.uri("progress"), database, log) as projection:
        silent = seconds_until_seen(projection, log, lambda _: None)
    assert silent < LOOK_SECONDS + 2.0


# --- one leads -----------------------------------------------------------------------------------


def test_a_reserve_takes_over_when_the_leader_is_killed(
    broker: Broker, database: Database, log: EventLog
) -> None:
    name = "leader-and-reserve"
    with leading_process(name, broker, database) as leader:
        assert leader.stdout is not None and leader.stdout.readline() == b"leads\n"
        leads, stop = threading.Event(), threading.Event()
        reserve = Follower(
            name,
            database.url,
            broker.uri("progress"),
            {"progress": DirectFeed(log)},
            [Watched()],
            on_round=lambda *_: leads.set(),
        )
        thread = threading.Thread(target=reserve.run, args=(stop.is_set,))
        thread.start()
        try:
            assert not leads.wait(1.5), "two led at once"
            leader.kill()
            assert leads.wait(PATIENCE_SECONDS), "nobody took over"
        finally:
            stop.set()
            thread.join(PATIENCE_SECONDS)


def test_a_reserve_that_is_told_to_stop_never_led(broker: Broker, database: Database, log: EventLog) -> None:
    led: list[str] = []

    def follower(called: str, stop: Callable[[], bool]) -> None:
        Follower(
            "one-of-two",
            database.url,
            broker.uri("progress"),
            {"progress": DirectFeed(log)},
            [Watched()],
            on_lead=lambda _: led.append(called),
        ).run(stop)

    stop_leader, stop_reserve = threading.Event(), threading.Event()
    looks = threading.Semaphore(0)

    def reserve_stops() -> bool:
        looks.release()
        return stop_reserve.is_set()

    leader = threading.Thread(target=follower, args=("leader", stop_leader.is_set))
    leader.start()
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not led and time.monotonic() < deadline:
            time.sleep(0.02)
        reserve = threading.Thread(target=follower, args=("reserve", reserve_stops))
        reserve.start()
        for _ in range(3):  # once before it connects, once before each try
            assert looks.acquire(timeout=PATIENCE_SECONDS)
        stop_reserve.set()
        reserve.join(PATIENCE_SECONDS)
        assert not reserve.is_alive()
    finally:
        stop_leader.set()
        leader.join(PATIENCE_SECONDS)
    assert led == ["leader"]


LEADER = """
import sys
from services.backbone.follower import Follower
from services.backbone.log import EventLog
from tests.integration.backbone.test_bell import DirectFeed, Watched

name, database, amqp = sys.argv[1:]
feeds = {"progress": DirectFeed(EventLog("progress", database))}
say = lambda *_: print("leads", flush=True)
Follower(name, database, amqp, feeds, [Watched()], on_round=say).run(lambda: False)
"""


@contextmanager
def leading_process(name: str, broker: Broker, database: Database) -> Iterator[Any]:
    process = subprocess.Popen(
        [sys.executable, "-c", LEADER, name, database.url, broker.uri("progress")],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=10)


# --- a broker of its own, which goes and comes back ----------------------------------------------


@pytest.fixture
def own_broker(tmp_path: Path) -> Iterator[RabbitMQ]:
    server = RabbitMQ(tmp_path / "rabbitmq")
    server.start()
    yield server
    server.remove()


def test_after_a_broker_was_killed_and_is_back_everything_goes_on_by_itself(
    own_broker: RabbitMQ, database: Database, log: EventLog
) -> None:
    bell = Bell(own_broker.admin_uri, "progress")
    with following(own_broker.admin_uri, database, log) as projection:
        seconds_until_seen(projection, log, bell.ring)
        own_broker.kill()
        bell.ring(log.append(filled(uuid4(), "while it is away"), [])[-1])
        own_broker.start()
        projection.seen.clear()
        assert seconds_until_seen(projection, log, bell.ring) < PATIENCE_SECONDS
        with Wire(own_broker.admin_uri, "afterwards", bells=["progress"]) as wire:
            bell.ring(log.append(filled(uuid4(), "afterwards"), [])[-1])
            assert wire.listen(PATIENCE_SECONDS) == {"progress"}
    counted = log.select("SELECT count FROM tally WHERE thing = 'while it is away'", ())
    assert counted == [(1,)]
