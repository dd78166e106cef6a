"""What the policy of seats needs to know: which seats are booked or were missed, and who followed what when."""

__depends__ = {"0006_seats"}

from yoyo import step

from services.backbone.schema import READ_MODEL, grant

ATTENDANCE = """
CREATE TABLE seat_watch (
    slot_id uuid NOT NULL,
    booking_id uuid NOT NULL,
    record_id uuid NOT NULL,
    person_id uuid NOT NULL,
    course text NOT NULL,
    period integer NOT NULL,
    half integer NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    missed boolean NOT NULL,
    version bigint NOT NULL,
    look_at timestamptz,
    PRIMARY KEY (slot_id, booking_id)
);
CREATE INDEX seat_watch_look ON seat_watch (look_at, slot_id, booking_id) WHERE look_at IS NOT NULL;
CREATE INDEX seat_watch_of_record ON seat_watch (record_id);
CREATE INDEX seat_watch_of_person ON seat_watch (person_id);
CREATE TABLE seat_sign (
    record_id uuid NOT NULL,
    quarter timestamptz NOT NULL,
    PRIMARY KEY (record_id, quarter)
);
CREATE TABLE seat_over (
    record_id uuid PRIMARY KEY,
    finished_at timestamptz,
    withdrawn_at timestamptz,
    exempt_at timestamptz
);
CREATE TABLE seat_left (person_id uuid PRIMARY KEY, left_at timestamptz NOT NULL);
"""


def attendance(conn):
    conn.cursor().execute(ATTENDANCE)
    grant(conn, READ_MODEL, "seat_watch", "seat_sign", "seat_over", "seat_left")


steps = [step(attendance)]
