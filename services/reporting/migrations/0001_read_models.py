"""Where followers are, which schema holds each read model, and the jobs that rebuild them.

Read models themselves are no part of this: `work` makes and rebuilds them, by name.
"""

from psycopg import Connection
from yoyo import step

from services.backbone.schema import READ_MODEL, follower_checkpoint, grant, run_role

TABLES = """
CREATE TABLE read_model_place (
    read_model text PRIMARY KEY,
    schema_name text NOT NULL
);
CREATE SEQUENCE read_model_generation;
CREATE TABLE feed_head (
    feed text PRIMARY KEY,
    head bigint NOT NULL,
    caught_up_at timestamptz NOT NULL
);
CREATE TABLE rebuild_job (
    job_id uuid PRIMARY KEY,
    read_model text,
    swap boolean NOT NULL,
    requested_at timestamptz NOT NULL,
    requested_by uuid NOT NULL,
    state text NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed')),
    events bigint NOT NULL DEFAULT 0,
    events_total bigint NOT NULL DEFAULT 0,
    events_per_second float8 NOT NULL DEFAULT 0,
    proofs jsonb NOT NULL DEFAULT '[]',
    failure text
);
CREATE UNIQUE INDEX rebuild_job_one_at_a_time ON rebuild_job ((true)) WHERE state IN ('waiting', 'running');
"""


def tables(conn: Connection) -> None:
    """Make the tables that outlive every rebuild."""
    cur = conn.cursor()
    cur.execute(TABLES)
    grant(conn, READ_MODEL, "read_model_place", "feed_head", "rebuild_job")
    cur.execute(f"GRANT USAGE ON SEQUENCE read_model_generation TO {run_role(conn)}")


def schemas(conn: Connection) -> None:
    """Let the run role make and drop schemas: a rebuilt read model lives in a new one."""
    cur = conn.cursor()
    row = cur.execute("SELECT quote_ident(current_database())").fetchone()
    cur.execute(f"GRANT CREATE ON DATABASE {row[0]} TO {run_role(conn)}")


steps = [step(follower_checkpoint), step(tables), step(schemas)]
