"""What reminders cost at night: everybody is due on one day, then late on one day, then nobody has anything to do."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

import psycopg

from deploy.bench.figures import Figure, at_most
from services.scheduling.domain.due import add_days, local_day
from services.scheduling.policies.messages import AT_ONCE, Messages

STAFF: Final = 12_000
PRISONS: Final = 35
COURSE: Final = "bench-of-reminders"
ALL_SECONDS_MAX, IDLE_SECONDS_MAX = at_most(60), at_most(2)

UNITS = 'INSERT INTO mail_unit SELECT gen_random_uuid(), %s, \'{"fr": "P"}\' FROM generate_series(1, %s)'
PEOPLE = (
    "INSERT INTO mail_person SELECT gen_random_uuid(), u.unit_id, now() - interval '1 year', NULL"
    " FROM generate_series(1, %s) n JOIN (SELECT unit_id, row_number() OVER () AS nth FROM mail_unit"
    " WHERE parent_id = %s) u ON u.nth = 1 + n %% %s"
)
MANAGERS = (
    "INSERT INTO mail_care SELECT unit_id, gen_random_uuid(), now() - interval '1 year', NULL FROM mail_unit"
    " WHERE parent_id = %(root)s OR unit_id = %(root)s"
)
WAYS = (
    "INSERT INTO mail_way (assignment_id, record_id, person_id, course, period, due_on, told_at, state, look_on)"
    " SELECT gen_random_uuid(), gen_random_uuid(), p.person_id, %s, 1, %s, now() - interval '90 days', 'open', %s"
    " FROM mail_person p JOIN mail_unit u USING (unit_id) WHERE u.parent_id = %s"
)


def reminders(database: str) -> list[Figure]:
    """Asked of the policy itself, in a transaction that is taken back: nothing of it stays, nothing is sent."""
    root, now = uuid4(), datetime.now(UTC)
    due_on = add_days(local_day(now), 7)
    policy = Messages()
    policy.heard(dict.fromkeys(policy.feeds, 0))
    with psycopg.connect(database) as connection, connection.cursor() as tx:
        tx.execute('INSERT INTO mail_unit VALUES (%s, NULL, \'{"fr": "S"}\')', (root,))
        tx.execute(UNITS, (root, PRISONS))
        tx.execute(PEOPLE, (STAFF, root, PRISONS))
        tx.execute(MANAGERS, {"root": root})
        tx.execute(WAYS, (COURSE, due_on, AT_ONCE, root))
        ours = "SELECT count(*) FROM outbox WHERE state = 'waiting' AND (facts->>'course' = %s OR kind = 'digest')"
        reminded = _seconds(lambda: policy.due(tx, now, 1))
        waiting = int(tx.execute(ours, (COURSE,)).fetchall()[0][0])
        late = _seconds(lambda: policy.due(tx, now + timedelta(days=10), 1))
        idle = _seconds(lambda: policy.due(tx, now + timedelta(days=10, seconds=1), 1))
        connection.rollback()
    return [
        Figure("reminders, people reminded", waiting, "messages"),
        Figure("reminders, everybody due in a week", reminded, "s", ALL_SECONDS_MAX),
        Figure("reminders, everybody late, managers told", late, "s", ALL_SECONDS_MAX),
        Figure("reminders, nothing to do", idle, "s", IDLE_SECONDS_MAX),
    ]


def _seconds(doing: Callable[[], Any]) -> float:
    since = time.perf_counter()
    doing()
    return time.perf_counter() - since
