"""Letters about a unit go to whoever stands in for its managers too."""

__depends__ = {"0009_mail"}

from yoyo import step

from services.backbone.schema import READ_MODEL, grant

DEPUTIES = """
CREATE TABLE mail_deputy (
    person_id uuid NOT NULL,
    deputy_id uuid NOT NULL,
    since timestamptz NOT NULL,
    until timestamptz NOT NULL,
    PRIMARY KEY (person_id, deputy_id, since)
);
DROP TABLE mail_calendar;
"""


def deputies(conn):
    """Addresses of calendars are the gateway's: it is its door that they open."""
    conn.cursor().execute(DEPUTIES)
    grant(conn, READ_MODEL, "mail_deputy")


steps = [step(deputies)]
