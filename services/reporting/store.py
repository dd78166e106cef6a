"""Questions to the database: one read-only transaction each, which sees one state of all read models."""

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.errors import InsufficientPrivilege, InvalidSchemaName, UndefinedTable
from psycopg_pool import ConnectionPool, PoolTimeout, TooManyRequests

from services.backbone.limits import DATABASE_CONNECT_SECONDS, STATEMENT_TIMEOUT_SECONDS
from services.backbone.log import StoreAway
from services.contracts.reporting.moments import Positions
from services.contracts.rules import Rule, RuleBroken
from services.reporting.places import LOOK_AT_LIVE_TABLES
from services.reporting.read_model import Tx

POOL_SIZE = 8
POOL_WAITING_MAX = 64
AT_LEAST_SECONDS = 2.0
"""How long a question waits for a position to be reached."""
AT_LEAST_LOOK_SECONDS = 0.015

OPTIONS = " ".join(
    f"-c {setting}"
    for setting in (
        f"statement_timeout={STATEMENT_TIMEOUT_SECONDS}s",
        "timezone=UTC",
        # Which rows a question touches depends on its moment, so every plan is made for its parameters.
        "plan_cache_mode=force_custom_plan",
        # They are few: to start a worker, or a compiler, takes longer than to read them.
        "max_parallel_workers_per_gather=0",
        "jit=off",
    )
)
POSITIONS = (
    "SELECT feed, min(position) FROM follower_checkpoint JOIN read_model_place ON read_model = follower"
    " GROUP BY feed"
)
"""Of the read models alone: the witness follows too, but shows nothing that anybody would wait for."""
BEGIN = f"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {LOOK_AT_LIVE_TABLES}; {POSITIONS}"
"""One round trip, as are all that a question makes: under load each of them waits for its turn."""
_AWAY = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    PoolTimeout,
    TooManyRequests,
    UndefinedTable,  # `work` has not made the read models yet, or the old ones were dropped meanwhile
    InvalidSchemaName,
    InsufficientPrivilege,
)


class Store:
    """The database as questions see it. Safe to share among greenlets or threads."""

    def __init__(self, database_url: str) -> None:
        """Nothing waits for the database here: a service starts while it is away."""
        self._pool: ConnectionPool[Connection[Any]] = ConnectionPool(
            database_url,
            min_size=1,
            max_size=POOL_SIZE,
            max_waiting=POOL_WAITING_MAX,
            timeout=DATABASE_CONNECT_SECONDS,
            kwargs={
                "connect_timeout": DATABASE_CONNECT_SECONDS,
                "options": OPTIONS,
                "autocommit": True,  # BEGIN travels with the first statement
            },
            open=True,
        )
        self._database_url = database_url

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()

    @contextmanager
    def writing(self) -> Iterator[Tx]:
        """A transaction on what is no read model: jobs, now and then. Raises StoreAway."""
        try:
            with (
                psycopg.connect(
                    self._database_url, connect_timeout=DATABASE_CONNECT_SECONDS, options=OPTIONS
                ) as connection,
                connection.cursor() as tx,
            ):
                yield tx
        except _AWAY as error:
            raise StoreAway(str(error)) from error

    @contextmanager
    def reading(self, at_least: Mapping[str, int] | None = None) -> Iterator[tuple[Tx, Positions]]:
        """One state of all read models, and how far each feed had been read for it.

        Raises RuleBroken(POSITION_NOT_REACHED) when `at_least` is not reached in time, StoreAway.
        """
        deadline = time.monotonic() + AT_LEAST_SECONDS
        while True:
            with self._snapshot() as (tx, positions):
                late = [feed for feed, wanted in (at_least or {}).items() if positions.get(feed, 0) < wanted]
                if not late:
                    yield tx, positions
                    return
            if time.monotonic() > deadline:
                raise RuleBroken(Rule.POSITION_NOT_REACHED, feed=late[0])
            time.sleep(AT_LEAST_LOOK_SECONDS)

    @contextmanager
    def _snapshot(self) -> Iterator[tuple[Tx, Positions]]:
        try:
            with ExitStack() as borrowed:
                tx = self._begin(borrowed)
                yield tx, {feed: int(position) for feed, position in tx.fetchall()}
        except _AWAY as error:
            raise StoreAway(str(error)) from error

    def _begin(self, borrowed: ExitStack) -> Tx:
        """A transaction that has just read the positions. Connections from before a restart are found out here."""
        for _ in range(POOL_SIZE):
            with ExitStack() as trying:
                connection = trying.enter_context(self._pool.connection())
                tx = trying.enter_context(connection.cursor())
                try:
                    tx.execute(BEGIN)
                except psycopg.OperationalError:
                    if not connection.closed:
                        raise
                    continue
                tx.nextset()
                tx.nextset()
                borrowed.push(trying.pop_all())
                return tx
        raise StoreAway("no connection of the pool is alive")
