"""Rows and checkpoint are one: whatever interrupts a follower, nothing is applied twice and nothing is left out."""

import threading
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import Connection

from services.backbone.follower import Feed, Follower, LostRace, advance, apply_page, checkpoint
from services.backbone.log import EventLog
from services.contracts.message import FeedPage
from tests.integration.conftest import Database
from tests.support.following import JARS, DirectWire, Shelf, Tally, random_sizes
from tests.support.jars import Jar, ThingPutIn, filled

Rows = list[tuple[Any, ...]]


@pytest.fixture(scope="module")
def log(database: Database) -> Iterator[EventLog]:
    """Thirty jars with things in them, and some private events between."""
    log = EventLog("jars", database.url)
    for number in range(30):
        log.append(filled(uuid4(), *"abc"[: number % 4]), [])
    yield log
    log.close()


@pytest.fixture
def reading(database: Database, log: EventLog) -> Iterator[Connection[Any]]:
    """A follower's connection; nothing was followed yet."""
    with psycopg.connect(database.url, autocommit=True) as connection:
        for table in ("follower_checkpoint", "shelf", "tally"):
            connection.execute(f"DELETE FROM {table}")
        yield connection


def follower(*projections: Any, feeds: Any = None) -> Follower:
    return Follower("jars", "unused", "unused", feeds or {"jars": JARS}, projections)


def shelf(database: Connection[Any]) -> Rows:
    return database.execute("SELECT position, jar, thing FROM shelf ORDER BY position").fetchall()


def tally(database: Connection[Any]) -> dict[str, int]:
    return dict(database.execute("SELECT thing, count FROM tally").fetchall())


def places(database: Connection[Any]) -> dict[str, int]:
    return dict(database.execute("SELECT follower, position FROM follower_checkpoint").fetchall())


def expected(log: EventLog) -> Rows:
    return [
        (s.position, s.event.originator_id, s.event.thing)
        for s in log.read(0, 5_000)
        if isinstance(s.event, Jar.PutIn)
    ]


def page(log: EventLog, after: int, size: int) -> Any:
    wire: Any = DirectWire(log, lambda: size)
    return JARS.take(wire, JARS.ask(wire, after))[0]


# --- catching up ---------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(8))
def test_pages_of_any_size_make_the_same_rows(log: EventLog, reading: Connection[Any], seed: int) -> None:
    wire: Any = DirectWire(log, random_sizes(seed))
    follower(Shelf(), Tally()).catch_up(reading, wire)
    assert shelf(reading) == expected(log)
    assert sum(tally(reading).values()) == len(expected(log))
    assert places(reading) == {"shelf@1": log.head(), "tally@1": log.head()}


def test_the_next_page_is_asked_for_while_one_is_applied(log: EventLog, reading: Connection[Any]) -> None:
    wire: Any = DirectWire(log, lambda: 20)
    asked_when_applied: list[int] = []
    projection = Shelf()
    projection.before = lambda: asked_when_applied.append(len(wire.asked))
    follower(projection).catch_up(reading, wire)
    assert len(asked_when_applied) > 2
    assert all(asked == number + 2 for number, asked in enumerate(asked_when_applied[:-1]))


def test_catching_up_twice_applies_nothing_twice(log: EventLog, reading: Connection[Any]) -> None:
    wire: Any = DirectWire(log, lambda: 10)
    for _ in range(2):
        follower(Shelf(), Tally()).catch_up(reading, wire)
    assert shelf(reading) == expected(log)
    assert sum(tally(reading).values()) == len(expected(log))


def test_what_was_committed_meanwhile_is_found_at_the_next_look(
    log: EventLog, reading: Connection[Any]
) -> None:
    wire: Any = DirectWire(log)
    following = follower(Shelf())
    following.catch_up(reading, wire)
    log.append(filled(uuid4(), "late"), [])
    following.catch_up(reading, wire)
    assert shelf(reading) == expected(log)


def test_private_events_move_the_checkpoint_too(log: EventLog, reading: Connection[Any]) -> None:
    log.append(filled(uuid4()), [])
    wire: Any = DirectWire(log, lambda: 1)
    follower(Shelf()).catch_up(reading, wire)
    assert places(reading) == {"shelf@1": log.head()}


def test_a_service_that_is_away_does_not_stop_the_feeds_of_others(
    log: EventLog, reading: Connection[Any]
) -> None:
    lids = Feed("lids", "lids", FeedPage[ThingPutIn])
    wire: Any = DirectWire(log, lambda: 10)
    wire.away.add("lids")
    both = frozenset({"jars", "lids"})
    follower(Shelf(both), feeds={"lids": lids, "jars": JARS}).catch_up(reading, wire)
    assert shelf(reading) == expected(log)


def test_told_to_stop_a_follower_stops_between_pages(log: EventLog, reading: Connection[Any]) -> None:
    wire: Any = DirectWire(log, lambda: 10)
    projection, told = Shelf(), threading.Event()
    projection.after = told.set
    follower(projection).catch_up(reading, wire, stop=told.is_set)
    assert 0 < places(reading)["shelf@1"] < log.head()


# --- interruptions -------------------------------------------------------------------------------


class PowerCut(Exception):
    """Anything that happens between two statements."""


def fail() -> None:
    raise PowerCut


@pytest.mark.parametrize("when", ["before the rows", "after the rows", "in the next projection"])
def test_an_interruption_leaves_rows_and_checkpoint_untouched(
    log: EventLog, reading: Connection[Any], when: str
) -> None:
    first = page(log, 0, 20)
    apply_page(reading, [Shelf(), Tally()], "jars", 0, first)
    rows, counts, stood = shelf(reading), tally(reading), places(reading)
    broken, other = Shelf(), Tally()
    if when == "before the rows":
        broken.before = fail
    elif when == "after the rows":
        broken.after = fail
    else:
        other.after = fail
    second = page(log, first.position, 20)
    with pytest.raises(PowerCut):
        apply_page(reading, [broken, other], "jars", first.position, second)
    assert (shelf(reading), tally(reading), places(reading)) == (rows, counts, stood)
    wire: Any = DirectWire(log, lambda: 20)
    follower(Shelf(), Tally()).catch_up(reading, wire)
    assert shelf(reading) == expected(log)


def test_a_connection_cut_before_the_commit_leaves_nothing(
    database: Database, log: EventLog, reading: Connection[Any]
) -> None:
    projection = Shelf()
    with psycopg.connect(database.url, autocommit=True) as doomed:
        pid = doomed.info.backend_pid
        projection.after = lambda: reading.execute("SELECT pg_terminate_backend(%s)", (pid,)) and None
        with pytest.raises(psycopg.OperationalError):
            apply_page(doomed, [projection], "jars", 0, page(log, 0, 20))
    assert shelf(reading) == [] and places(reading) == {}


def test_random_interruptions_on_the_way_end_in_the_same_rows(
    log: EventLog, reading: Connection[Any]
) -> None:
    """Every third apply breaks off, before or after its rows; the follower begins again each time."""
    sizes, applied = random_sizes(7), 0

    def sometimes() -> None:
        nonlocal applied
        applied += 1
        if applied % 3 == 0:
            raise PowerCut

    shelf_, tally_ = Shelf(), Tally()
    shelf_.before = tally_.after = sometimes
    for _ in range(200):
        wire: Any = DirectWire(log, sizes)
        try:
            follower(shelf_, tally_).catch_up(reading, wire)
            break
        except PowerCut:
            continue
    assert applied > 20
    assert shelf(reading) == expected(log)
    assert sum(tally(reading).values()) == len(expected(log))


# --- doubled pages, rivals -----------------------------------------------------------------------


def test_a_page_that_comes_twice_changes_nothing_the_second_time(
    log: EventLog, reading: Connection[Any]
) -> None:
    first = page(log, 0, 20)
    assert apply_page(reading, [Shelf(), Tally()], "jars", 0, first) == first.position
    rows, counts = shelf(reading), tally(reading)
    assert apply_page(reading, [Shelf(), Tally()], "jars", 0, first) == first.position
    assert (shelf(reading), tally(reading)) == (rows, counts)


def test_a_checkpoint_moves_only_from_where_it_stood(reading: Connection[Any]) -> None:
    with reading.transaction(), reading.cursor() as tx:
        assert checkpoint(tx, "shelf@1", "jars") == 0
        advance(tx, "shelf@1", "jars", expected=0, to=7)
        advance(tx, "shelf@1", "jars", expected=7, to=9)
    for expected_, to in ((0, 9), (7, 9), (8, 10), (10, 11)):
        with pytest.raises(LostRace), reading.transaction(), reading.cursor() as tx:
            advance(tx, "shelf@1", "jars", expected=expected_, to=to)
    assert places(reading) == {"shelf@1": 9}


@pytest.mark.parametrize("first_page", [True, False], ids=["from the beginning", "later"])
def test_of_two_that_apply_the_same_page_at_once_one_loses_and_changes_nothing(
    database: Database, log: EventLog, reading: Connection[Any], first_page: bool
) -> None:
    """Both have read the checkpoint; the slower one finds it moved when it is its turn."""
    after = 0
    if not first_page:
        after = apply_page(reading, [Tally()], "jars", 0, page(log, 0, 15))
    contested = page(log, after, 20)
    both_have_begun, winner_holds = threading.Event(), threading.Event()
    lost: list[BaseException] = []

    def lose() -> None:
        with psycopg.connect(database.url, autocommit=True) as rival:
            try:
                with rival.transaction(), rival.cursor() as tx:
                    stood = checkpoint(tx, "tally@1", "jars")
                    both_have_begun.set()
                    winner_holds.wait(10)
                    advance(tx, "tally@1", "jars", expected=stood, to=contested.position)
                    Tally().apply(tx, "jars", contested.items)
            except BaseException as error:
                lost.append(error)

    loser = threading.Thread(target=lose)
    winner = Tally()
    winner.after = winner_holds.set
    loser.start()
    assert both_have_begun.wait(10)
    apply_page(reading, [winner], "jars", after, contested)
    loser.join(10)
    assert [type(error) for error in lost] == [LostRace]
    public = [row for row in expected(log) if row[0] <= contested.position]
    assert sum(tally(reading).values()) == len(public)


@pytest.mark.parametrize("ahead_by", [1, 7, 33, 60])
@pytest.mark.parametrize("size", [5, 50])
def test_projections_at_different_places_meet(
    log: EventLog, reading: Connection[Any], ahead_by: int, size: int
) -> None:
    """One was added later, or begins again: both end with the same events, each applied once."""
    apply_page(reading, [Shelf()], "jars", 0, page(log, 0, ahead_by))
    wire: Any = DirectWire(log, lambda: size)
    follower(Shelf(), Tally()).catch_up(reading, wire)
    assert places(reading) == {"shelf@1": log.head(), "tally@1": log.head()}
    assert shelf(reading) == expected(log)
    assert sum(tally(reading).values()) == len(expected(log))


def test_a_page_that_reaches_beyond_another_projection_is_cut_where_it_stands(
    log: EventLog, reading: Connection[Any]
) -> None:
    apply_page(reading, [Shelf()], "jars", 0, page(log, 0, 11))
    stood = places(reading)["shelf@1"]
    assert apply_page(reading, [Shelf(), Tally()], "jars", 0, page(log, 0, 40)) == stood
    assert places(reading) == {"shelf@1": stood, "tally@1": stood}
    assert sum(tally(reading).values()) == len(shelf(reading))


def test_rebuilding_is_forgetting_and_then_catching_up(log: EventLog, reading: Connection[Any]) -> None:
    wire: Any = DirectWire(log, random_sizes(1))
    follower(Shelf(), Tally()).catch_up(reading, wire)
    live = (shelf(reading), tally(reading))
    reading.execute("DELETE FROM tally")
    reading.execute("DELETE FROM follower_checkpoint WHERE follower = 'tally@1'")
    follower(Shelf(), Tally()).catch_up(reading, wire)
    assert (shelf(reading), tally(reading)) == live
