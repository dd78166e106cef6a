"""Addresses under which people's calendars are read: one each, known by the digest of its secret only."""

from yoyo import step

from services.backbone.schema import grant

TABLE = """
CREATE TABLE calendar_address (
    person_id uuid PRIMARY KEY,
    secret_sha256 bytea NOT NULL UNIQUE,
    made_at timestamptz NOT NULL
)
"""


def _rights(conn):
    grant(conn, "SELECT, INSERT, UPDATE, DELETE", "calendar_address")


steps = [step(TABLE, "DROP TABLE calendar_address"), step(_rights)]
