"""Letters know who is exempt; those of before are taken from what standing orders know."""

__depends__ = {"0009_mail", "0010_exemptions"}

from psycopg.rows import tuple_row
from yoyo import step

from services.backbone.schema import READ_MODEL, grant
from services.contracts.progress import record_id_of


def exempt(conn):
    cur = conn.cursor(row_factory=tuple_row)
    cur.execute("CREATE TABLE mail_exempt (record_id uuid PRIMARY KEY)")
    cur.execute("SELECT person_id, course, period FROM duty_way WHERE exempt_at IS NOT NULL")
    for person_id, course, period in cur.fetchall():
        record_id = record_id_of(person_id, course, period)
        cur.execute("INSERT INTO mail_exempt VALUES (%s)", (record_id,))
        cur.execute(
            "UPDATE mail_way SET state = 'finished', look_on = NULL WHERE record_id = %s AND state = 'open'",
            (record_id,),
        )
    grant(conn, READ_MODEL, "mail_exempt")


steps = [step(exempt)]
