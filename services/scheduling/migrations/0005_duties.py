"""What standing orders need to know: who belongs where since when, which orders, and how far everybody came."""

__depends__ = {"0002_directory"}

from yoyo import step

from services.backbone.schema import READ_MODEL, grant

DUTIES = """
CREATE TABLE duty_unit (unit_id uuid PRIMARY KEY, parent_id uuid);
CREATE TABLE duty_person (
    person_id uuid PRIMARY KEY,
    unit_id uuid,
    placed_at timestamptz,
    left_at timestamptz,
    look_on date NOT NULL
);
CREATE INDEX duty_person_look ON duty_person (look_on, person_id);
CREATE TABLE duty_order (
    order_id uuid PRIMARY KEY,
    course text NOT NULL,
    unit_id uuid,
    function text,
    due_on date,
    after_days integer,
    renews boolean NOT NULL,
    months integer,
    window_days integer NOT NULL,
    grace_days integer NOT NULL,
    from_on date NOT NULL,
    to_on date,
    ended boolean NOT NULL DEFAULT false
);
CREATE TABLE duty_course (
    course text NOT NULL,
    course_version integer NOT NULL,
    languages text[] NOT NULL,
    withdrawn boolean NOT NULL DEFAULT false,
    PRIMARY KEY (course, course_version)
);
CREATE TABLE duty_way (
    person_id uuid NOT NULL,
    course text NOT NULL,
    period integer NOT NULL,
    assigned boolean NOT NULL DEFAULT false,
    taken_back boolean NOT NULL DEFAULT false,
    by_hand boolean NOT NULL DEFAULT false,
    due_on date,
    order_id uuid,
    said_at timestamptz,
    done_at timestamptz,
    months integer NOT NULL DEFAULT 0,
    PRIMARY KEY (person_id, course, period)
);
CREATE TABLE duty_hindrance (
    hindrance_id uuid PRIMARY KEY,
    person_id uuid NOT NULL,
    stands boolean NOT NULL,
    times integer NOT NULL
);
CREATE TABLE duty_directory (revision bigint NOT NULL);
INSERT INTO duty_directory VALUES (0);
CREATE INDEX duty_hindrance_of_person ON duty_hindrance (person_id) WHERE stands;
"""


def duties(conn):
    conn.cursor().execute(DUTIES)
    tables = ("unit", "person", "order", "course", "way", "hindrance", "directory")
    grant(conn, READ_MODEL, *(f"duty_{table}" for table in tables))


steps = [step(duties)]
