"""Who people are, where they belong, and which courses there are."""

__depends__ = {"0001_event_log"}

from yoyo import step

from services.backbone.schema import READ_MODEL, follower_checkpoint, grant, run_role

DIRECTORY = """
CREATE TABLE directory (
    person_id uuid PRIMARY KEY,
    given_name text,
    family_name text,
    staff_number text UNIQUE,
    email text,
    language text,
    function text,
    erased boolean NOT NULL DEFAULT false,
    revision bigint NOT NULL UNIQUE,
    CHECK (erased = (given_name IS NULL) AND erased = (family_name IS NULL)
        AND erased = (staff_number IS NULL) AND erased = (language IS NULL)),
    CHECK (NOT erased OR (email IS NULL AND function IS NULL))
);
CREATE SEQUENCE directory_revision;
"""

MEMBERSHIP = """
CREATE TABLE membership (person_id uuid PRIMARY KEY, unit_id uuid NOT NULL);
CREATE INDEX membership_of_unit ON membership (unit_id);
"""

CATALOGUE = """
CREATE TABLE catalogue (
    course text NOT NULL,
    course_version integer NOT NULL,
    withdrawn boolean NOT NULL DEFAULT false,
    PRIMARY KEY (course, course_version)
);
"""


def directory(conn):
    """An erased entry stays as an empty row, so that those who copied it hear of it: nothing is deleted."""
    conn.cursor().execute(DIRECTORY)
    grant(conn, "SELECT, INSERT, UPDATE", "directory")
    conn.cursor().execute(f"GRANT USAGE ON SEQUENCE directory_revision TO {run_role(conn)}")


def membership(conn):
    conn.cursor().execute(MEMBERSHIP)
    grant(conn, READ_MODEL, "membership")


def catalogue(conn):
    conn.cursor().execute(CATALOGUE)
    grant(conn, READ_MODEL, "catalogue")


steps = [step(directory), step(membership), step(follower_checkpoint), step(catalogue)]
