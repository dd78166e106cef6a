"""Standing orders know who is exempt since when, and how long a course version is valid."""

__depends__ = {"0005_duties"}

from yoyo import step

EXEMPT = """
ALTER TABLE duty_way ADD COLUMN exempt_at timestamptz;
ALTER TABLE duty_course ADD COLUMN months integer NOT NULL DEFAULT 0;
"""


def exempt(conn):
    conn.cursor().execute(EXEMPT)


steps = [step(exempt)]
