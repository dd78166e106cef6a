"""The tables of an event log, and what the service's run role may do with them.

A migration runs as the role `<run role>_owner`; the run role gets INSERT and SELECT on events and
receipts, and nothing that could change or remove one.
"""

from psycopg import Connection
from psycopg.rows import tuple_row

EVENT_LOG = """
CREATE TYPE stored_event_uuid AS (originator_id uuid, originator_version bigint, topic text, state bytea);
CREATE TABLE stored_events (
    originator_id uuid NOT NULL,
    originator_version bigint NOT NULL,
    topic text NOT NULL,
    state bytea NOT NULL,
    notification_id bigserial NOT NULL,
    PRIMARY KEY (originator_id, originator_version)
);
CREATE UNIQUE INDEX stored_events_position ON stored_events (notification_id);
CREATE TABLE command_receipts (
    command_id uuid PRIMARY KEY,
    stream_id uuid,
    stream_version bigint,
    refusal jsonb,
    fingerprint bytea
);
"""

FOLLOWER_CHECKPOINT = """
CREATE TABLE follower_checkpoint (
    follower text NOT NULL,
    feed text NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (follower, feed)
);
"""

SEAL = """
CREATE TABLE seal_tile (
    origin text NOT NULL,
    level smallint NOT NULL,
    number bigint NOT NULL,
    hashes bytea NOT NULL,
    last_position bigint,
    PRIMARY KEY (origin, level, number)
);
CREATE TABLE seal_note (
    origin text NOT NULL,
    size bigint NOT NULL,
    note text NOT NULL,
    signed_at timestamptz NOT NULL,
    PRIMARY KEY (origin, size)
);
"""

SEAL_ALARM = """
CREATE TABLE seal_alarm (
    origin text PRIMARY KEY,
    note text NOT NULL,
    why text NOT NULL,
    found_at timestamptz NOT NULL
);
"""

APPEND_ONLY = "SELECT, INSERT"
READ_MODEL = "SELECT, INSERT, UPDATE, DELETE"


def grant(conn: Connection, rights: str, *tables: str) -> None:
    """Give the run role these rights on these tables."""
    cur = conn.cursor()
    for table in tables:
        cur.execute(f"GRANT {rights} ON {table} TO {run_role(conn)}")


def event_log(conn: Connection) -> None:
    """Make the tables of an event log; the run role may append and read."""
    cur = conn.cursor()
    cur.execute(EVENT_LOG)
    grant(conn, APPEND_ONLY, "stored_events", "command_receipts")
    cur.execute(f"GRANT USAGE ON SEQUENCE stored_events_notification_id_seq TO {run_role(conn)}")


def follower_checkpoint(conn: Connection) -> None:
    """Make the table in which followers of this service keep their checkpoints."""
    conn.cursor().execute(FOLLOWER_CHECKPOINT)
    grant(conn, READ_MODEL, "follower_checkpoint")


def seal(conn: Connection) -> None:
    """Make the tables in which the hashes of logs and the notes about them are kept."""
    conn.cursor().execute(SEAL)
    grant(conn, "SELECT, INSERT, UPDATE", "seal_tile")
    grant(conn, APPEND_ONLY, "seal_note")


def seal_alarm(conn: Connection) -> None:
    """Make the table in which a witness writes down a note that was false."""
    conn.cursor().execute(SEAL_ALARM)
    grant(conn, APPEND_ONLY, "seal_alarm")


def run_role(conn: Connection) -> str:
    """The role that the service runs as, quoted: the owner's name without its ending."""
    cur = conn.cursor(row_factory=tuple_row)
    row = cur.execute("SELECT quote_ident(regexp_replace(current_user, '_owner$', ''))").fetchone()
    assert row is not None
    return str(row[0])
