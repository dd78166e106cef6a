"""Brings a service's database up to date: safe when run twice, or by two at once."""

from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict
from yoyo import get_backend, read_migrations
from yoyo.connections import DatabaseURI

from services.backbone.limits import DATABASE_CONNECT_SECONDS

MIGRATION_TURN = 0x4D69_6772_6174_6521
"""Key of the advisory lock by which migrations take turns; it is free again when its holder dies."""


def migrate(owner_url: str, folder: Path) -> int:
    """Apply what is in `folder` and not in the database yet, in order; how many were applied."""
    with psycopg.connect(owner_url, autocommit=True, connect_timeout=DATABASE_CONNECT_SECONDS) as turn:
        turn.execute("SELECT pg_advisory_lock(%s)", (MIGRATION_TURN,))
        backend = get_backend(_yoyo_uri(owner_url))
        due = backend.to_apply(read_migrations(str(folder)))
        backend.apply_migrations(due)
        return len(due)


def _yoyo_uri(url: str) -> str:
    where = {key: str(value) for key, value in conninfo_to_dict(url).items()}
    uri: str = DatabaseURI(
        scheme="postgresql+psycopg",
        username=where.get("user"),
        password=where.get("password"),
        hostname=where.get("host"),
        port=int(where.get("port", 5432)),
        database=where["dbname"],
        args={},
    ).uri
    return uri
