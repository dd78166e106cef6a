"""`commands` and `single`: valid learner commands through HTTP, all read models following."""

import psycopg

from deploy.bench import ledger
from deploy.bench.figures import Figure, Result, at_least, at_most, latencies, percentile
from deploy.bench.ground import Ground
from deploy.bench.pgbench import Inserts, mean, reference
from deploy.bench.running_load import Load, latencies_of, run_load
from deploy.bench.usage import cpu_seconds, microseconds_each
from deploy.bench.walker import EVENTS_EACH
from deploy.telling import Telling

PGBENCH_CLIENTS = 8
WARM_UP_SHARE = 0.25
REFERENCE_SHARE = 0.4
PROBE_SECONDS = 3.0
SINGLE_PER_SECOND_MAX = 100.0
"""One client keeps below the rate that a session is allowed."""

PER_SECOND_MIN = 1_200
RATIO_MIN = 0.55


def commands(ground: Ground, telling: Telling) -> Result:
    """Many clients, as fast as they are answered; pgbench before and after; counted against the log."""
    seconds = ground.sizes.seconds
    warm_up, each = seconds * WARM_UP_SHARE, max(seconds * REFERENCE_SHARE, 1.0)
    before = ledger.head(ground.database("progress"))
    run_load(ground, telling, "probe", learners=ground.learners, seconds=PROBE_SECONDS)
    with reference(ground.stack.database.admin_url, _event_bytes(ground, before)) as plain:
        telling.step(f"pgbench, {PGBENCH_CLIENTS} clients")
        first = plain.run(PGBENCH_CLIENTS, each)
        telling.step(f"{len(ground.learners)} clients send commands")
        before, used = ledger.head(ground.database("progress")), cpu_seconds(ground.stack)
        load = run_load(ground, telling, "commands", learners=ground.learners, seconds=warm_up + seconds)
        costs = microseconds_each(used, cpu_seconds(ground.stack), len(load.entries))
        behind = _behind(ground)
        late = ground.follow_up(telling, "read models")
        telling.step(f"pgbench, {PGBENCH_CLIENTS} clients, again")
        inserts = mean(first, plain.run(PGBENCH_CLIENTS, each))
    count = _count(ground, load, before)
    return Result(
        "commands",
        _figures(load, warm_up, inserts, count),
        {
            "clients": len(ground.learners),
            "seconds": seconds,
            "acknowledged": count.acknowledged,
            "refused": count.refused,
            "sent again": sum(entry.failures for entry in load.entries.values()),
            "positions that read models were behind at the end": behind,
            "seconds until read models had followed": round(late, 3),
            "CPU of each command, µs": costs | {"load generator": round(load.cpu_microseconds_each)},
            "bytes of an event": plain.event_bytes,
        },
    )


def _figures(load: Load, warm_up: float, inserts: Inserts, count: ledger.Count) -> list[Figure]:
    rate = load.per_second(warm_up)
    return [
        Figure(
            "acknowledged", rate, "/s", at_least(PER_SECOND_MIN), inserts.per_second, "pgbench, 8 clients"
        ),
        Figure("ratio to pgbench", rate / inserts.per_second, "", at_least(RATIO_MIN)),
        Figure("lost", len(count.lost), "commands", at_most(0)),
        Figure("duplicated", len(count.duplicated), "commands", at_most(0)),
        Figure("unexpected", len(count.unexpected), "commands", at_most(0)),
        *latencies("answer", latencies_of(load.answered(warm_up)), None, None),
    ]


def single(ground: Ground, telling: Telling) -> Result:
    """One client that sends its next command when the last one is answered."""
    seconds = max(ground.sizes.seconds / 2, 2.0)
    telling.step("One client sends commands")
    load = run_load(
        ground,
        telling,
        "single",
        learners=ground.learners[:1],
        seconds=seconds,
        rate_per_second=SINGLE_PER_SECOND_MAX,
    )
    with reference(ground.stack.database.admin_url, _event_bytes(ground, 0)) as plain:
        inserts = plain.run(1, max(seconds * REFERENCE_SHARE, 1.0))
    measured = latencies_of(load.answered(seconds * WARM_UP_SHARE))
    return Result(
        "single",
        latencies(
            "answer", measured, at_most(15), at_most(50), inserts.latency_ms, "pgbench, 1 client, mean"
        ),
        {"commands": len(measured), "slowest, ms": round(percentile(measured, 1) * 1000, 1)},
    )


def _count(ground: Ground, load: Load, before: int) -> ledger.Count:
    logged = ledger.events_by_command(ground.database("progress"), before)
    return ledger.compare(load.entries, logged, EVENTS_EACH)


def _event_bytes(ground: Ground, after: int) -> int:
    with psycopg.connect(ground.database("progress")) as connection:
        row = connection.execute(
            "SELECT avg(length(state)) FROM (SELECT state FROM stored_events WHERE notification_id > %s"
            " ORDER BY notification_id DESC LIMIT 5000) AS latest",
            (after,),
        ).fetchone()
    assert row is not None
    return int(row[0])


def _behind(ground: Ground) -> int:
    return max(0, ground.heads()["progress"] - ground.followed().get("progress", 0))
