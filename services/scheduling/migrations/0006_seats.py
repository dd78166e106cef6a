"""Which slots each room has."""

__depends__ = {"0003_engagements"}

from yoyo import step

from services.backbone.schema import READ_MODEL, grant

SLOT = """
CREATE TABLE slot (
    slot_id uuid PRIMARY KEY,
    room_id uuid NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL CHECK (ends_at > starts_at)
);
CREATE INDEX slot_of_room ON slot (room_id, ends_at);
"""


def slot(conn):
    conn.cursor().execute(SLOT)
    grant(conn, READ_MODEL, "slot")


steps = [step(slot)]
