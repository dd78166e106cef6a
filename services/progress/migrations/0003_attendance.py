"""Attendance of in-person sessions that is still to be taken into people's histories."""

__depends__ = {"0002_catalogue"}

from yoyo import step

from services.backbone.schema import READ_MODEL, grant

TABLES = """
CREATE TABLE class_noted (position bigint PRIMARY KEY, noted jsonb NOT NULL);
CREATE TABLE class_period (
    person_id uuid NOT NULL,
    class_id uuid NOT NULL,
    course text NOT NULL,
    period integer NOT NULL,
    PRIMARY KEY (person_id, class_id)
);
"""


def tables(conn):
    conn.cursor().execute(TABLES)
    grant(conn, READ_MODEL, "class_noted", "class_period")


steps = [step(tables)]
