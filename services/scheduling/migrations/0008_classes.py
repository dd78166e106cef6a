"""When to look at which class, and who has a place in it."""

__depends__ = {"0003_engagements"}

from yoyo import step

from services.backbone.schema import READ_MODEL, grant

CLASSES = """
CREATE TABLE class_look (class_id uuid PRIMARY KEY, version bigint NOT NULL, look_at timestamptz);
CREATE INDEX class_look_at ON class_look (look_at);
CREATE TABLE class_place (
    class_id uuid NOT NULL,
    person_id uuid NOT NULL,
    leaving uuid,
    PRIMARY KEY (class_id, person_id)
);
CREATE INDEX class_place_of_person ON class_place (person_id);
CREATE INDEX class_place_leaving ON class_place (leaving) WHERE leaving IS NOT NULL;
"""


def classes(conn):
    conn.cursor().execute(CLASSES)
    grant(conn, READ_MODEL, "class_look", "class_place")


steps = [step(classes)]
