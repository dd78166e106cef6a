"""Local accounts and their sessions. The run role may neither make an account nor change a password."""

from yoyo import step

from services.backbone.schema import grant

TABLES = """
CREATE TABLE account (
    login_key bytea PRIMARY KEY,
    password_hash text NOT NULL,
    person_id uuid NOT NULL,
    roles text[] NOT NULL,
    failed_attempts integer NOT NULL DEFAULT 0,
    locked_until timestamptz
);
CREATE TABLE session (
    token_sha256 bytea PRIMARY KEY,
    person_id uuid NOT NULL,
    roles text[] NOT NULL,
    csrf text NOT NULL,
    created_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX session_person ON session (person_id);
CREATE INDEX session_expiry ON session (expires_at);
"""


def _rights(conn):
    grant(conn, "SELECT, UPDATE (failed_attempts, locked_until)", "account")
    grant(conn, "SELECT, INSERT, DELETE, UPDATE (seen_at)", "session")


steps = [step(TABLES, "DROP TABLE session; DROP TABLE account"), step(_rights)]
