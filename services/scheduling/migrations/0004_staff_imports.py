"""Files of HR on their way: names stay here for a day at most."""

__depends__ = {"0002_directory"}

from yoyo import step

from services.backbone.schema import READ_MODEL, grant

STAFF_IMPORT = """
CREATE TABLE staff_import (
    import_id uuid PRIMARY KEY,
    mode text NOT NULL,
    dry_run boolean NOT NULL,
    state text NOT NULL,
    asked_at timestamptz NOT NULL,
    asked_by uuid NOT NULL,
    ended_at timestamptz,
    sha256 bytea NOT NULL,
    content bytea,
    day date,
    counts jsonb NOT NULL DEFAULT '{}',
    many_leave boolean NOT NULL DEFAULT false,
    outdated boolean NOT NULL DEFAULT false,
    faults jsonb NOT NULL DEFAULT '[]',
    faults_total integer NOT NULL DEFAULT 0,
    lines jsonb NOT NULL DEFAULT '[]',
    ignored jsonb NOT NULL DEFAULT '[]',
    encoding text NOT NULL DEFAULT '',
    plan bytea,
    confirmed_by uuid,
    command_id uuid
);
CREATE INDEX staff_import_asked ON staff_import (asked_at);
"""


def staff_import(conn):
    conn.cursor().execute(STAFF_IMPORT)
    grant(conn, READ_MODEL, "staff_import")


steps = [step(staff_import)]
