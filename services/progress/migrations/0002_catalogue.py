"""What progress keeps of the feeds of content and scheduling."""

__depends__ = {"0001_event_log"}

from yoyo import step

from services.backbone.schema import READ_MODEL, follower_checkpoint, grant

TABLES = """
CREATE TABLE catalogue (
    course text NOT NULL,
    version integer NOT NULL,
    outline jsonb NOT NULL,
    keys jsonb,
    withdrawn boolean NOT NULL DEFAULT false,
    PRIMARY KEY (course, version)
);
CREATE TABLE departed (person_id uuid PRIMARY KEY);
"""


def tables(conn):
    conn.cursor().execute(TABLES)
    grant(conn, READ_MODEL, "catalogue", "departed")


steps = [step(follower_checkpoint), step(tables)]
