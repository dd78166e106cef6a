"""When people are taken, by a seat or by a session."""

__depends__ = {"0002_directory"}

from yoyo import step

from services.backbone.schema import READ_MODEL, grant

ENGAGEMENT = """
CREATE TABLE engagement (
    engagement_id uuid NOT NULL,
    person_id uuid NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL CHECK (ends_at > starts_at),
    kind text NOT NULL,
    place_id uuid NOT NULL,
    PRIMARY KEY (engagement_id, starts_at)
);
CREATE INDEX engagement_of_person ON engagement (person_id, starts_at);
"""


def engagement(conn):
    conn.cursor().execute(ENGAGEMENT)
    grant(conn, READ_MODEL, "engagement")


steps = [step(engagement)]
