"""Messages to people: what waits, was sent or dropped, and what reminders need to know."""

__depends__ = {"0002_directory"}

from yoyo import step

from services.backbone.schema import READ_MODEL, grant

OUTBOX = """
CREATE TABLE outbox (
    message_id uuid PRIMARY KEY,
    kind text NOT NULL,
    person_id uuid NOT NULL,
    about uuid NOT NULL,
    facts jsonb NOT NULL,
    noted_at timestamptz NOT NULL,
    good_until timestamptz,
    not_before timestamptz,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'dropped')),
    reason text CHECK ((state = 'dropped') = (reason IS NOT NULL)),
    attempts integer NOT NULL DEFAULT 0,
    ended_at timestamptz CHECK ((state = 'waiting') = (ended_at IS NULL))
);
CREATE INDEX outbox_waiting ON outbox (not_before) WHERE state = 'waiting';
CREATE INDEX outbox_passing ON outbox (good_until) WHERE state = 'waiting';
CREATE INDEX outbox_about ON outbox (about);
CREATE INDEX outbox_of_person ON outbox (person_id, noted_at);
CREATE INDEX outbox_ended ON outbox (state, reason);
"""

KNOWN = """
CREATE TABLE mail_begin (began_at timestamptz NOT NULL);
INSERT INTO mail_begin VALUES (now());
CREATE TABLE mail_way (
    assignment_id uuid PRIMARY KEY,
    record_id uuid NOT NULL,
    person_id uuid NOT NULL,
    course text NOT NULL,
    period integer NOT NULL,
    due_on date NOT NULL,
    told_at timestamptz NOT NULL,
    state text NOT NULL,
    look_on date,
    manager_on date,
    above_on date
);
CREATE INDEX mail_way_look ON mail_way (look_on, assignment_id);
CREATE INDEX mail_way_of_person ON mail_way (person_id);
CREATE INDEX mail_way_of_record ON mail_way (record_id);
CREATE INDEX mail_way_late ON mail_way (manager_on) WHERE state = 'open' AND manager_on IS NOT NULL;
CREATE TABLE mail_done (record_id uuid PRIMARY KEY);
CREATE TABLE mail_course (course text PRIMARY KEY, title jsonb NOT NULL);
CREATE TABLE mail_unit (unit_id uuid PRIMARY KEY, parent_id uuid, name jsonb);
CREATE TABLE mail_person (
    person_id uuid PRIMARY KEY, unit_id uuid, placed_at timestamptz, left_at timestamptz
);
CREATE TABLE mail_care (
    unit_id uuid NOT NULL, person_id uuid NOT NULL, since timestamptz NOT NULL, until timestamptz,
    PRIMARY KEY (unit_id, person_id, since)
);
CREATE TABLE mail_room (room_id uuid PRIMARY KEY, unit_id uuid NOT NULL, name text NOT NULL);
CREATE TABLE mail_booking (
    booking_id uuid PRIMARY KEY,
    person_id uuid NOT NULL,
    course text NOT NULL,
    half integer NOT NULL,
    room_id uuid NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    stands boolean NOT NULL,
    sequence integer NOT NULL,
    changed_at timestamptz NOT NULL
);
CREATE INDEX mail_booking_of_person ON mail_booking (person_id, starts_at);
CREATE TABLE mail_calendar (person_id uuid PRIMARY KEY, secret_hash bytea NOT NULL UNIQUE);
"""


def outbox(conn):
    conn.cursor().execute(OUTBOX)
    grant(conn, READ_MODEL, "outbox")


def known(conn):
    """What was recorded before this migration is not told of: people learnt it in other ways."""
    conn.cursor().execute(KNOWN)
    tables = ("way", "done", "course", "unit", "person", "care", "room", "booking", "calendar")
    grant(conn, READ_MODEL, *(f"mail_{table}" for table in tables))
    grant(conn, "SELECT", "mail_begin")


steps = [step(outbox), step(known)]
