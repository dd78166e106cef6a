"""Rebuilds as jobs: asked for, told of while they run, given up when they cannot go on."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from random import Random
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from services.backbone.wire import Unanswered
from services.contracts.reporting.operation import RebuildStatus
from services.reporting import jobs, rebuilder
from services.reporting.models import FEEDS, READ_MODELS
from services.reporting.rebuild import Read, Turn
from services.reporting.rebuilder import Rebuilder
from services.reporting.verify import Fault, verify_all
from tests.integration.reporting.conftest import Live
from tests.integration.reporting.world import World

ASKED_AT = datetime(2026, 5, 4, tzinfo=UTC)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuilder, "RPC_TIMEOUT_SECONDS", 0.0)
    monkeypatch.setattr(rebuilder, "LOOK_FOR_JOBS_SECONDS", 0.02)
    monkeypatch.setattr(rebuilder, "TELL_SECONDS", 0.02)


@contextmanager
def working(live: Live, read: Read) -> Iterator[Rebuilder]:
    """A worker that leads, and looks for jobs."""
    over = threading.Event()
    worker = Rebuilder(live.url, FEEDS, READ_MODELS, Turn(), read)
    worker.lead(live.database)
    thread = threading.Thread(target=worker.run, args=(over.is_set,))
    thread.start()
    yield worker
    over.set()
    thread.join(10)
    assert not thread.is_alive()


def ask(live: Live, read_model: str | None = None, *, swap: bool = True) -> UUID:
    job_id = uuid4()
    with live.connect() as database, database.cursor() as tx:
        jobs.ask(tx, job_id, read_model, swap=swap, now=ASKED_AT, actor=UUID(int=1))
    return job_id


def status(live: Live, job_id: UUID, until: Callable[[RebuildStatus], bool]) -> RebuildStatus:
    deadline = time.monotonic() + 20
    with live.connect() as database, database.cursor() as tx:
        while not until(found := jobs.status_of(tx, job_id)) and time.monotonic() < deadline:
            time.sleep(0.02)
    assert until(found), found
    return found


def ended(found: RebuildStatus) -> bool:
    return found.state in ("done", "failed")


def test_a_job_tells_how_far_it_is_and_ends_with_proof(live: Live) -> None:
    world = World(Random(1))
    world.live_on(60)
    live.catch_up(world)
    go_on = threading.Event()

    @contextmanager
    def slowly(feed: Any, after: int) -> Iterator[Iterator[Any]]:
        with world.read(feed, after) as pages:

            def wait_at_the_end() -> Iterator[Any]:
                yield from pages
                if feed.name == "progress":
                    assert go_on.wait(20)

            yield wait_at_the_end()

    with working(live, slowly):
        job_id = ask(live)
        on_its_way = status(live, job_id, lambda found: found.state == "running" and found.events > 0)
        assert on_its_way.events_total >= on_its_way.events
        go_on.set()
        done = status(live, job_id, ended)
        assert (done.state, done.failure) == ("done", None)
        assert done.events == done.events_total == sum(map(len, world.feeds.values()))
        assert all(proof.equal for proof in done.proofs) and len(done.proofs) == 10
        again = ask(live, "training_status@5", swap=False)
        assert {proof.read_model for proof in status(live, again, ended).proofs} == {
            "training_status@5",
            "unit_overview@4",
        }
    world.live_on(20)
    live.catch_up(world)


@pytest.mark.parametrize("error", [Unanswered("away"), ZeroDivisionError()])
def test_a_job_that_cannot_go_on_fails_and_leaves_the_live_ones(live: Live, error: Exception) -> None:
    world = World(Random(2))
    world.live_on(30)
    live.catch_up(world)
    before = verify_all(live.url)
    broken = [True]

    @contextmanager
    def read(feed: Any, after: int) -> Iterator[Iterator[Any]]:
        if broken[0] and feed.name == "progress":
            raise error
        with world.read(feed, after) as pages:
            yield pages

    with working(live, read):
        failed = status(live, ask(live), ended)
        assert failed.state == "failed" and type(error).__name__ in (failed.failure or "")
        assert verify_all(live.url) == before
        broken[0] = False
        assert status(live, ask(live), ended).state == "done", "the worker waits for the next job"
    assert verify_all(live.url) == before


def test_a_job_of_a_worker_that_went_away_is_given_up(live: Live) -> None:
    job_id = ask(live)
    assert jobs.take(live.database) is not None
    with working(live, World(Random(3)).read):
        found = status(live, job_id, ended)
    assert found.state == "failed" and "interrupted" in (found.failure or "")


def test_nobody_rebuilds_who_does_not_lead(live: Live) -> None:
    over = threading.Event()
    worker = Rebuilder(live.url, FEEDS, READ_MODELS, Turn(), World(Random(4)).read)
    thread = threading.Thread(target=worker.run, args=(over.is_set,))
    thread.start()
    job_id = ask(live)
    time.sleep(0.3)
    over.set()
    thread.join(10)
    with live.database.cursor() as tx:
        assert jobs.status_of(tx, job_id).state == "waiting"


def test_verify_reads_every_row_and_finds_a_checkpoint_beyond_its_feed(live: Live) -> None:
    world = World(Random(5))
    live.catch_up(world)
    assert any("transcript" in line and "sha256" in line for line in verify_all(live.url))
    live.database.execute("INSERT INTO feed_head VALUES ('scheduling', 1, now())")
    with pytest.raises(Fault, match="of scheduling, which ends at 1"):
        verify_all(live.url, patience_seconds=0.1)
    told = "UPDATE feed_head SET head = 1000000"
    later = threading.Timer(0.5, lambda: psycopg.connect(live.url, autocommit=True).execute(told))
    later.start()
    assert verify_all(live.url), "a head that is told a moment later is waited for"
    live.database.execute("DELETE FROM read_model_place WHERE read_model = 'courses@1'")
    live.database.execute("DELETE FROM feed_head")
    with pytest.raises(Fault, match="was not made yet"):
        verify_all(live.url)
