"""Looking at what is stored: every row can be read, and nothing claims to be ahead of its feed."""

import psycopg

from services.backbone.limits import DATABASE_CONNECT_SECONDS
from services.reporting import places
from services.reporting.models import READ_MODELS
from services.reporting.proof import digest_of


class Fault(Exception):
    """What is wrong, in a sentence without names of persons."""


def verify_all(database_url: str) -> list[str]:
    """One line a table: how many rows, and their digest. Raises Fault."""
    with psycopg.connect(database_url, connect_timeout=DATABASE_CONNECT_SECONDS) as database:
        database.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        database.execute(places.LOOK_AT_LIVE_TABLES)
        ahead = database.execute(
            "SELECT c.follower, c.feed, c.position, h.head FROM follower_checkpoint c"
            " JOIN feed_head h USING (feed) WHERE c.position > h.head ORDER BY 1, 2"
        ).fetchone()
        if ahead:
            raise Fault(f"{ahead[0]} is at {ahead[2]} of {ahead[1]}, which ends at {ahead[3]}")
        there = {row[0] for row in database.execute("SELECT read_model FROM read_model_place").fetchall()}
        lines = []
        for model in READ_MODELS:
            if model.name not in there:
                raise Fault(f"{model.name} was not made yet: let `work` run first")
            for table in model.tables:
                rows, digest = digest_of(database, table)
                lines.append(f"{table.read_model} {table.name}: {rows} rows, sha256 {digest}")
        return lines
