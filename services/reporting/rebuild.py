"""Rebuilding is forgetting, then catching up: beside the live tables, with proof, while they answer.

New tables are filled from position 0 by the same projections, page by page; a page is read and
parsed in one thread while the one before is applied in another. Then the rebuilt copy meets the
live one at the same positions, each side is digested as of that moment, and when all digests are
equal the new tables become the live ones in one transaction. Unequal copies are never swapped.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.sql import SQL, Identifier

from services.backbone.follower import Feed, Page, apply_page, checkpoint
from services.backbone.limits import DATABASE_CONNECT_SECONDS
from services.backbone.wire import Wire
from services.contracts.reporting.operation import ModelProof
from services.reporting import places
from services.reporting.proof import compare
from services.reporting.read_model import ReadModel, Tx

_log = logging.getLogger(__name__)

FEED_ORDER = ("content", "scheduling", "directory", "progress")
"""Any order gives the same rows; this one reads the short feeds first."""

COMPLETED_AT_ONCE = 2
"""Steps by which tables are completed and ordered side by side, at the end of a rebuild."""

Read = Callable[[Feed, int], AbstractContextManager[Iterator[Page]]]
"""Opens a feed after a position: its pages, until its head is reached."""


class Turn:
    """Whose turn it is to write the live tables: the follower's (for each page), or a rebuild's.

    `database` is the leading follower's connection. It holds the leader's lock, so that whoever
    writes through it leads; none while this process does not lead.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.database: Connection[Any] | None = None

    def __enter__(self) -> "Turn":
        """Wait until the other side is at rest."""
        self._lock.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let the other side go on."""
        self._lock.release()

    @property
    def leads(self) -> bool:
        """Whether this process leads."""
        return self.database is not None and not self.database.closed

    @property
    def live(self) -> Connection[Any]:
        """The connection to the live tables. Raises Interrupted when this process does not lead."""
        if self.database is None or self.database.closed:
            raise Interrupted("this worker no longer leads")
        return self.database


class Interrupted(Exception):
    """The rebuild cannot go on; the live tables are as they were."""


@dataclass
class Progress:
    """How far a rebuild is; read by another thread."""

    started: float
    events: int = 0
    total: int = 0
    whole_after_seconds: float | None = None

    @property
    def per_second(self) -> float:
        """Events a second until the copy was whole: pages read, rows written, indexes made."""
        seconds = self.whole_after_seconds or (time.monotonic() - self.started)
        return self.events / max(seconds, 0.001)


class Rebuild:
    """One rebuild of some read models."""

    def __init__(
        self,
        database_url: str,
        feeds: Mapping[str, Feed],
        models: Sequence[ReadModel],
        turn: Turn,
        read: Read,
    ) -> None:
        """Prepare; nothing is made yet."""
        self._database_url = database_url
        self._models = models
        self._feeds = {
            name: feeds[name] for name in FEED_ORDER if any(name in model.feeds for model in models)
        }
        self._turn = turn
        self._read = read
        self.progress = Progress(time.monotonic())

    def run(self, *, swap: bool) -> tuple[list[ModelProof], str | None]:
        """Build, compare, and swap if all is equal; the proofs, and what failed in words."""
        with self._connect() as rebuilt, self._connect() as live_view, self._connect() as rebuilt_view:
            schema = self._begin(rebuilt)
            self._fill(rebuilt, schema)
            with self._turn:
                self._meet(rebuilt)
                _freeze(live_view)
                _freeze(rebuilt_view, schema)
            proofs, difference = compare(live_view, rebuilt_view, self._models)
            live_view.rollback()
            rebuilt_view.rollback()
            if difference is None and swap:
                with self._turn:
                    self._meet(rebuilt)
                    self._swap(schema)
            return proofs, difference

    def _connect(self) -> Connection[Any]:
        database: Connection[Any] = psycopg.connect(
            self._database_url, autocommit=True, connect_timeout=DATABASE_CONNECT_SECONDS
        )
        database.execute(places.SESSION)
        return database

    def _begin(self, rebuilt: Connection[Any]) -> str:
        """New tables in a schema of their own, with checkpoints of their own."""
        with rebuilt.transaction(), rebuilt.cursor() as tx:
            schema = places.new_schema(tx)
            tx.execute("CREATE TABLE follower_checkpoint (LIKE public.follower_checkpoint INCLUDING ALL)")
            for model in self._models:
                for table in model.tables:
                    table.create(tx)
                places.start(tx, model)
        _work_on(rebuilt, schema)
        return schema

    def _fill(self, rebuilt: Connection[Any], schema: str) -> None:
        """Read every feed to its head, then write what was put off, and the indexes."""
        bulk = [model.bulk() for model in self._models]
        counted = self.progress
        for name, feed in self._feeds.items():
            followers = [model for model in bulk if name in model.feeds]
            position, before = 0, counted.total
            with self._read(feed, 0) as pages:
                for page in pages:
                    if page.position > position:
                        position = apply_page(rebuilt, followers, name, position, page)
                    counted.events += len(page.items)
                    counted.total = before + max(page.head, counted.events - before)
            counted.total = counted.events
        self._complete(schema, bulk)
        counted.whole_after_seconds = time.monotonic() - counted.started
        _log.info("rebuilt", extra={"schema": schema, "events": counted.events})

    def _complete(self, schema: str, models: Sequence[ReadModel]) -> None:
        """Write what was put off, and the indexes: while one table waits for Python, another is ordered."""
        with ThreadPoolExecutor(COMPLETED_AT_ONCE, "rebuild-complete") as pool:
            finishing = {pool.submit(self._step, schema, model.finish): model for model in models}
            indexing = [
                pool.submit(self._step, schema, table.index)
                for finished in as_completed(finishing)
                if finished.exception() is None
                for table in finishing[finished].tables
            ]
            for step in (*finishing, *indexing):
                step.result()

    def _step(self, schema: str, step: Callable[[Tx], None]) -> None:
        """One step on tables that nobody else is at, in a transaction of its own."""
        with self._connect() as database:
            _work_on(database, schema)
            with database.transaction(), database.cursor() as tx:
                step(tx)

    def _meet(self, rebuilt: Connection[Any]) -> None:
        """Bring both copies to the head of every feed by the same pages. The turn must be ours."""
        sides = (self._turn.live, rebuilt)
        for name, feed in self._feeds.items():
            followers = [model for model in self._models if name in model.feeds]
            stand = [_place(database, followers, name) for database in sides]
            with self._read(feed, min(stand)) as pages:
                for page in pages:
                    for side, database in enumerate(sides):
                        if page.position > stand[side]:
                            rest = _Rest(page, stand[side])
                            stand[side] = apply_page(database, followers, name, stand[side], rest)
            if stand[0] != stand[1]:
                raise Interrupted(f"the copies stand at {stand} of {name}")

    def _swap(self, schema: str) -> None:
        live = self._turn.live
        with live.transaction(), live.cursor() as tx:
            places.move(tx, self._models, schema)
        places.follow_live_tables(live)


def _work_on(database: Connection[Any], schema: str) -> None:
    """Names mean the tables of this schema; a crash loses the copy and the swap, so nothing waits for the disk."""
    database.execute("SET synchronous_commit TO off")
    database.execute("SET work_mem TO '64MB'")
    database.execute("SET maintenance_work_mem TO '64MB'")
    database.execute(SQL("SET search_path TO {}, public").format(Identifier(schema)))


def _place(database: Connection[Any], followers: Sequence[ReadModel], feed: str) -> int:
    with database.cursor() as tx:
        found = {checkpoint(tx, model.name, feed) for model in followers}
    if len(found) != 1:
        raise Interrupted(f"the read models of {feed} stand at different positions: {sorted(found)}")
    return found.pop()


def _freeze(database: Connection[Any], schema: str | None = None) -> None:
    """See the tables as they are now, until the transaction ends."""
    if schema is None:
        places.follow_live_tables(database)
    else:
        database.execute(SQL("SET search_path TO {}, public").format(Identifier(schema)))
    database.autocommit = False
    database.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    database.read_only = True
    database.execute("SELECT 1 FROM follower_checkpoint")


class _Rest:
    """What of a page lies after a position."""

    def __init__(self, page: Page, after: int) -> None:
        self.items = [item for item in page.items if item.position > after]
        self.position = page.position
        self.head = page.head


class PagesByWire:
    """Reads pages in a thread of its own: the next is read and parsed while this one is applied."""

    def __init__(self, amqp_uri: str) -> None:
        """Connect at every use: a wire belongs to one thread and one reading."""
        self._amqp_uri = amqp_uri

    def __call__(self, feed: Feed, after: int) -> "_Reading":
        """Open a feed after a position."""
        return _Reading(self._amqp_uri, feed, after)


class _Reading:
    """One feed's pages up to its head."""

    def __init__(self, amqp_uri: str, feed: Feed, after: int) -> None:
        self._wire = Wire(amqp_uri, "reporting-rebuild")
        self._feed = feed
        self._after = after
        self._thread = ThreadPoolExecutor(1, "rebuild-pages")

    def __enter__(self) -> Iterator[Page]:
        self._thread.submit(self._wire.__enter__).result()
        return self._pages()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.submit(self._wire.__exit__, None, None, None)
        self._thread.shutdown()

    def _pages(self) -> Iterator[Page]:
        first = self._thread.submit(self._feed.ask, self._wire, self._after)
        coming = self._thread.submit(lambda: self._feed.take(self._wire, first.result()))
        while True:
            page, ticket = coming.result()
            if ticket is not None:
                coming = self._thread.submit(self._feed.take, self._wire, ticket)
            yield page
            if ticket is None:
                return
