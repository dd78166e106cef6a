"""What letters about in-person sessions need to know: the sessions, and who has which place in them."""

__depends__ = {"0009_mail"}

from yoyo import step

from services.backbone.schema import READ_MODEL, grant

CLASSES = """
CREATE TABLE mail_class_begin (began_at timestamptz NOT NULL);
INSERT INTO mail_class_begin VALUES (now());
CREATE TABLE mail_class (
    class_id uuid PRIMARY KEY,
    course text NOT NULL,
    title jsonb NOT NULL,
    language text NOT NULL,
    centre_id uuid NOT NULL,
    room text NOT NULL,
    days jsonb NOT NULL,
    cancelled text
);
CREATE TABLE mail_place (
    place_id uuid PRIMARY KEY,
    class_id uuid NOT NULL,
    person_id uuid NOT NULL,
    state text NOT NULL,
    until timestamptz,
    asked boolean NOT NULL,
    sequence integer NOT NULL,
    changed_at timestamptz NOT NULL
);
CREATE INDEX mail_place_of_class ON mail_place (class_id);
CREATE INDEX mail_place_of_person ON mail_place (person_id);
"""


def classes(conn):
    """What was recorded before this migration is not told of: people learnt it in other ways."""
    conn.cursor().execute(CLASSES)
    grant(conn, READ_MODEL, "mail_class", "mail_place")
    grant(conn, "SELECT", "mail_class_begin")


steps = [step(classes)]
