"""A transaction on a connection of its own: for what is done now and then, beside the log."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import Cursor

from services.backbone.limits import DATABASE_CONNECT_SECONDS, STATEMENT_TIMEOUT_SECONDS
from services.backbone.log import StoreAway


@contextmanager
def transaction(database_url: str) -> Iterator[Cursor[Any]]:
    """All of it or nothing. Raises StoreAway."""
    try:
        with (
            psycopg.connect(
                database_url,
                connect_timeout=DATABASE_CONNECT_SECONDS,
                options=f"-c statement_timeout={STATEMENT_TIMEOUT_SECONDS}s",
            ) as database,
            database.cursor() as tx,
        ):
            yield tx
    except psycopg.OperationalError as error:
        raise StoreAway(type(error).__name__) from error
