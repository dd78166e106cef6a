"""Plan proposals in line, and what they are made from."""

__depends__ = {"0002_directory"}

from yoyo import step

from services.backbone.schema import READ_MODEL, grant

PROPOSAL = """
CREATE TABLE proposal (
    proposal_id uuid PRIMARY KEY,
    unit_id uuid NOT NULL,
    course text NOT NULL,
    due_on date NOT NULL,
    asked_by uuid NOT NULL,
    asked_at timestamptz NOT NULL,
    state text NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed')),
    begun integer NOT NULL DEFAULT 0,
    quality jsonb,
    answer jsonb,
    failure text
);
CREATE INDEX proposal_of_asker ON proposal (asked_by, asked_at DESC);
CREATE UNIQUE INDEX proposal_in_hand ON proposal (asked_by) WHERE state IN ('waiting', 'running');
CREATE INDEX proposal_in_line ON proposal (asked_at) WHERE state IN ('waiting', 'running');
"""

GROUND = """
CREATE TABLE ground_course (
    course text NOT NULL,
    course_version integer NOT NULL,
    sittings integer NOT NULL,
    PRIMARY KEY (course, course_version)
);
CREATE TABLE ground_need (
    record_id uuid PRIMARY KEY,
    person_id uuid NOT NULL,
    course text NOT NULL,
    period integer NOT NULL,
    due_on date NOT NULL,
    withdrawn boolean NOT NULL
);
CREATE INDEX ground_need_of_person ON ground_need (person_id, course);
CREATE TABLE ground_met (record_id uuid PRIMARY KEY);
CREATE TABLE ground_room (room_id uuid PRIMARY KEY, name text NOT NULL);
CREATE TABLE ground_slot (
    slot_id uuid PRIMARY KEY,
    room_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    seats integer NOT NULL
);
CREATE INDEX ground_slot_of_unit ON ground_slot (unit_id, starts_at);
CREATE TABLE ground_half (
    booking_id uuid PRIMARY KEY,
    record_id uuid NOT NULL,
    half integer NOT NULL,
    starts_at timestamptz NOT NULL,
    used boolean NOT NULL
);
CREATE INDEX ground_half_of_record ON ground_half (record_id);
"""


def proposals(conn):
    conn.cursor().execute(PROPOSAL + GROUND)
    tables = ("ground_course", "ground_need", "ground_met", "ground_room", "ground_slot", "ground_half")
    grant(conn, READ_MODEL, "proposal", *tables)


steps = [step(proposals)]
