"""Looking at what is stored: every row can be read, and nothing claims to be ahead of its feed."""

import time
from typing import Any, Final

import psycopg
from psycopg import Connection

from services.backbone.limits import DATABASE_CONNECT_SECONDS
from services.reporting import places
from services.reporting.models import READ_MODELS
from services.reporting.proof import digest_of

HEADS_TOLD_SECONDS: Final = 10.0
"""The head of a feed is written down after a round of reading it, and a look comes every two seconds: until
then a place may be ahead of the head that is known."""
AGAIN_SECONDS: Final = 0.2


class Fault(Exception):
    """What is wrong, in a sentence without names of persons."""


def verify_all(database_url: str, patience_seconds: float = HEADS_TOLD_SECONDS) -> list[str]:
    """One line a table: how many rows, and their digest. Raises Fault."""
    with psycopg.connect(database_url, connect_timeout=DATABASE_CONNECT_SECONDS) as database:
        deadline = time.monotonic() + patience_seconds
        while ahead := _ahead(database):
            if time.monotonic() > deadline:
                raise Fault(ahead)
            time.sleep(AGAIN_SECONDS)
        database.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        database.execute(places.LOOK_AT_LIVE_TABLES)
        there = {row[0] for row in database.execute("SELECT read_model FROM read_model_place").fetchall()}
        lines = []
        for model in READ_MODELS:
            if model.name not in there:
                raise Fault(f"{model.name} was not made yet: let `work` run first")
            for table in model.tables:
                rows, digest = digest_of(database, table)
                lines.append(f"{table.read_model} {table.name}: {rows} rows, sha256 {digest}")
        return lines


def _ahead(database: Connection[Any]) -> str | None:
    """Who claims to be ahead of a feed, as of now, in words."""
    with database.transaction():
        database.execute(places.LOOK_AT_LIVE_TABLES)
        found = database.execute(
            "SELECT c.follower, c.feed, c.position, h.head FROM follower_checkpoint c"
            " JOIN feed_head h USING (feed) WHERE c.position > h.head ORDER BY 1, 2"
        ).fetchone()
    return f"{found[0]} is at {found[2]} of {found[1]}, which ends at {found[3]}" if found else None
