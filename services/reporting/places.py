"""Where the tables of each read model live: a schema of its own for every time they were built.

`read_model_place` says which schema is live. Swapping is changing that row; whoever reads sees
either all old or all new tables of its snapshot. What no row points to is dropped.
"""

from collections.abc import Sequence
from typing import Any

from psycopg import Connection
from psycopg.sql import SQL, Identifier

from services.reporting.read_model import ReadModel, Tx

SESSION = "SET TIME ZONE 'UTC'"
SCHEMAS = r"^read_[0-9]+$"

_LIVE_PATH = (
    "SELECT set_config('search_path', coalesce((SELECT string_agg(DISTINCT quote_ident(schema_name), ', ')"
    " FROM read_model_place) || ', ', '') || 'public', {local})"
)
LOOK_AT_LIVE_TABLES = _LIVE_PATH.format(local="true")
"""First statement of a transaction: names of tables mean the live ones until it ends."""


def follow_live_tables(database: Connection[Any]) -> None:
    """Names of tables mean the live ones from now on, for the session."""
    database.execute(_LIVE_PATH.format(local="false"))


def prepare(database: Connection[Any], models: Sequence[ReadModel]) -> None:
    """Make read models that are not there yet, empty; drop what is of no use any more."""
    database.execute(SESSION)
    with database.transaction(), database.cursor() as tx:
        there = {row[0] for row in tx.execute("SELECT read_model FROM read_model_place").fetchall()}
        wanted = {model.name for model in models}
        missing = [model for model in models if model.name not in there]
        if missing:
            schema = new_schema(tx)
            for model in missing:
                for table in model.tables:
                    table.create(tx)
                    table.index(tx)
                start(tx, model)
                tx.execute("INSERT INTO read_model_place VALUES (%s, %s)", (model.name, schema))
        gone = list(there - wanted)
        tx.execute("DELETE FROM read_model_place WHERE read_model = ANY(%s)", (gone,))
        tx.execute("DELETE FROM public.follower_checkpoint WHERE follower = ANY(%s)", (gone,))
    drop_unused(database, models)
    follow_live_tables(database)


def new_schema(tx: Tx) -> str:
    """Make a schema; names mean what is in it until the transaction ends."""
    row = tx.execute("SELECT 'read_' || nextval('public.read_model_generation')").fetchone()
    assert row is not None
    schema = str(row[0])
    tx.execute(SQL("CREATE SCHEMA {}").format(Identifier(schema)))
    tx.execute(SQL("SET LOCAL search_path TO {}, public").format(Identifier(schema)))
    return schema


def start(tx: Tx, model: ReadModel) -> None:
    """Put a read model at the beginning of its feeds."""
    for feed in sorted(model.feeds):
        tx.execute("DELETE FROM follower_checkpoint WHERE follower = %s AND feed = %s", (model.name, feed))
        tx.execute("INSERT INTO follower_checkpoint VALUES (%s, %s, 0)", (model.name, feed))


def move(tx: Tx, models: Sequence[ReadModel], schema: str) -> None:
    """The tables in `schema` are the live ones from this transaction on.

    The copy's own checkpoints go with it: both copies have met, so those of the live one are right, and
    two tables of checkpoints on one search path would be one too many.
    """
    tx.execute(SQL("DROP TABLE {}").format(Identifier(schema, "follower_checkpoint")))
    tx.execute(
        "UPDATE public.read_model_place SET schema_name = %s WHERE read_model = ANY(%s)",
        (schema, [model.name for model in models]),
    )


def drop_unused(database: Connection[Any], models: Sequence[ReadModel]) -> None:
    """Drop tables and schemas of read models that are not the live ones."""
    with database.transaction(), database.cursor() as tx:
        live = dict(tx.execute("SELECT read_model, schema_name FROM public.read_model_place").fetchall())
        used = {(live.get(model.name), table.name) for model in models for table in model.tables}
        tables = tx.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname ~ %s", (SCHEMAS,)
        ).fetchall()
        for schema, table in tables:
            if (schema, table) not in used:
                tx.execute(SQL("DROP TABLE {}").format(Identifier(schema, table)))
        schemas = tx.execute("SELECT nspname FROM pg_namespace WHERE nspname ~ %s", (SCHEMAS,)).fetchall()
        for (schema,) in schemas:
            if schema not in live.values():
                tx.execute(SQL("DROP SCHEMA {}").format(Identifier(schema)))
