"""What standing orders cost at night: everybody is looked at and asked something; then nobody has anything to do."""

import time
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

import psycopg

from deploy.bench.figures import Figure, at_most
from services.scheduling.policies.duties import AT_ONCE, Duties

STAFF: Final = 12_000
BATCH: Final = 500
COURSE: Final = "bench-of-duties"
ALL_SECONDS_MAX, IDLE_SECONDS_MAX = at_most(60), at_most(2)

PEOPLE = (
    "INSERT INTO duty_person (person_id, unit_id, placed_at, look_on)"
    " SELECT gen_random_uuid(), %s, now() - interval '1 year', %s FROM generate_series(1, %s)"
)
ORDER = (
    "INSERT INTO duty_order (order_id, course, unit_id, after_days, renews, window_days, grace_days, from_on)"
    " VALUES (%s, %s, %s, 60, true, 60, 0, current_date)"
)


def nightly(database: str) -> list[Figure]:
    """Asked of the policy itself, in a transaction that is taken back: nothing of it stays."""
    unit, now = uuid4(), datetime.now(UTC)
    with psycopg.connect(database) as connection, connection.cursor() as tx:
        tx.execute("INSERT INTO duty_unit VALUES (%s, NULL)", (unit,))
        tx.execute("INSERT INTO duty_course VALUES (%s, 1, '{fr,nl}', false, 24)", (COURSE,))
        tx.execute(ORDER, (uuid4(), COURSE, unit))
        tx.execute(PEOPLE, (unit, AT_ONCE, STAFF))
        policy = Duties()
        asked: set[UUID] = set()
        since = time.perf_counter()
        while commands := policy.due(tx, now, BATCH):
            asked.update(command.command_id for command in commands)
            policy.answered(tx, [], now)
        everybody = time.perf_counter() - since
        since = time.perf_counter()
        policy.due(tx, now + timedelta(seconds=1), BATCH)
        idle = time.perf_counter() - since
        connection.rollback()
    return [
        Figure("standing orders, asked", len(asked), "commands"),
        Figure("standing orders, everybody looked at", everybody, "s", ALL_SECONDS_MAX),
        Figure("standing orders, nothing to do", idle, "s", IDLE_SECONDS_MAX),
    ]
