"""The log on PostgreSQL keeps the promises of every log, and some that only a server can."""

import threading
import time
from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest

from services.backbone import log as log_module
from services.backbone.commands import CommandDesk
from services.backbone.limits import LOCK_TIMEOUT_SECONDS
from services.backbone.log import WRITERS_TURN, EventLog, StoreAway
from tests.integration.conftest import Database
from tests.support.jars import Jars, filled, put_in, somebody
from tests.support.log_suite import EventLogSuite


@pytest.fixture
def log(database: Database) -> Iterator[EventLog]:
    log = EventLog("progress", database.url)
    yield log
    log.close()


class TestPostgresLog(EventLogSuite):
    """All of the suite."""


def notes(database: Database) -> list[str]:
    with psycopg.connect(database.url) as connection:
        return [row[0] for row in connection.execute("SELECT note FROM notes ORDER BY note").fetchall()]


def test_what_is_no_event_is_written_with_the_events_or_not_at_all(database: Database, log: EventLog) -> None:
    desk = CommandDesk(log, Jars(), lambda _: None)
    desk.execute([(somebody(), put_in(uuid4(), "a", note="kept"))])
    desk.execute([(somebody(), put_in(uuid4(), "broken", note="refused"))])
    jar = uuid4()
    with pytest.raises(Exception, match="interrupted"):
        log.append(filled(jar), [], also=_write_and_break)
    assert notes(database) == ["kept"]
    assert log.load([jar]) == {}


def _write_and_break(tx: "psycopg.Cursor[object]") -> None:
    tx.execute("INSERT INTO notes VALUES ('half')")
    raise RuntimeError("interrupted")


def test_a_writer_waits_for_its_turn_and_not_for_ever(database: Database, log: EventLog) -> None:
    with psycopg.connect(database.url) as hog:
        hog.execute("SELECT pg_advisory_xact_lock(%s)", (WRITERS_TURN,))
        started = time.monotonic()
        with pytest.raises(StoreAway):
            log.append(filled(uuid4()), [])
        waited = time.monotonic() - started
    assert LOCK_TIMEOUT_SECONDS - 0.5 < waited < LOCK_TIMEOUT_SECONDS + 2
    log.append(filled(uuid4()), [])


def test_only_so_many_aggregates_are_kept_in_memory(log: EventLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_module, "AGGREGATES_KEPT_MAX", 3)
    jars = [uuid4() for _ in range(5)]
    for jar in jars:
        log.append(filled(jar, "a"), [])
        log.keep(log.load([jar]).values())
    assert list(log._kept) == jars[2:]
    assert set(log.load(jars)) == set(jars)


def test_readers_do_not_wait_for_writers(database: Database, log: EventLog) -> None:
    log.append(filled(uuid4()), [])
    with psycopg.connect(database.url) as writer:
        writer.execute("SELECT pg_advisory_xact_lock(%s)", (WRITERS_TURN,))
        started = time.monotonic()
        assert log.read(0, 1)
        assert time.monotonic() - started < 1


def test_connections_that_were_cut_are_replaced(database: Database, log: EventLog) -> None:
    log.append(filled(uuid4()), [])
    with psycopg.connect(database.url, autocommit=True) as other:
        cut = other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE usename = current_user AND pid <> pg_backend_pid()"
        ).fetchall()
    assert cut
    log.append(filled(uuid4()), [])


def test_a_log_is_shared_among_threads(log: EventLog) -> None:
    start, failures = log.head(), list[BaseException]()

    def write() -> None:
        try:
            for _ in range(10):
                log.append(filled(uuid4(), "a"), [])
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert failures == []
    assert len(log.read(start, 1000)) == 160
