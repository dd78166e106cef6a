"""`rebuild`: how fast read models catch up, and are rebuilt from nothing, with proof that both are the same."""

import time
from typing import Any

import psycopg

from deploy.bench.figures import Figure, Result, at_least, at_most
from deploy.bench.ground import AUDITOR, Ground
from deploy.telling import Telling

EVENTS_PER_SECOND_MIN = 30_000
REBUILD_SECONDS_MAX = 1_800.0
LOOK_SECONDS = 0.2
READ = "COPY (SELECT * FROM stored_events ORDER BY notification_id) TO STDOUT (FORMAT BINARY)"


def rebuild(ground: Ground, telling: Telling) -> Result:
    """Catch up, then rebuild all read models, then compare."""
    figures: list[Figure] = []
    telling.step("Reading the logs as they are, for comparison")
    plain = _read_logs(ground)
    if ground.followed().get("progress", 0) < ground.heads()["progress"]:
        telling.step("The live read models catch up")
        figures.append(_catch_up(ground, telling))
    telling.step("All read models are rebuilt")
    status, seconds = _rebuild(ground, telling)
    proofs = status["proofs"]
    rate = status["events"] / seconds
    return Result(
        "rebuild",
        [
            Figure(
                "rebuilt",
                rate,
                "events/s",
                at_least(EVENTS_PER_SECOND_MIN),
                plain,
                "COPY of the logs, 1 reader",
            ),
            Figure("read models that differ", sum(not proof["equal"] for proof in proofs), "", at_most(0)),
            *figures,
        ],
        {
            "events": status["events"],
            "seconds, all of it": round(seconds, 1),
            "events/s without proof and swap": round(status["events_per_second"]),
            "rows": {proof["read_model"]: proof["rows"] for proof in proofs},
        },
    )


def _catch_up(ground: Ground, telling: Telling) -> Figure:
    """From the first movement of a checkpoint, so that the start of the process does not count."""
    stood = sum(ground.followed().values())
    ground.stack.start("reporting-work")
    while (place := sum(ground.followed().values())) == stood:
        time.sleep(0.01)
    began = time.monotonic()
    ground.follow_up(telling, "catching up")
    rate = (sum(ground.followed().values()) - place) / max(time.monotonic() - began, 0.001)
    return Figure("caught up, live", rate, "events/s")


def _rebuild(ground: Ground, telling: Telling) -> tuple[dict[str, Any], float]:
    with ground.person(AUDITOR) as auditor:
        began = time.monotonic()
        job = auditor.post("/audit/rebuild", {})["job_id"]
        while time.monotonic() - began < REBUILD_SECONDS_MAX:
            status: dict[str, Any] = auditor.get(f"/audit/rebuild/{job}")
            if status["state"] == "done":
                return status, time.monotonic() - began
            if status["state"] == "failed":
                raise RuntimeError(f"the rebuild failed: {status['failure']}")
            telling.track("rebuilding", status["events"], max(status["events_total"], 1))
            time.sleep(LOOK_SECONDS)
    raise TimeoutError(f"the rebuild took longer than {REBUILD_SECONDS_MAX} s")


def _read_logs(ground: Ground) -> float:
    """Events a second that one reader gets out of PostgreSQL, without looking at them."""
    count, seconds = 0, 0.0
    for part in ("progress", "scheduling"):
        with psycopg.connect(ground.database(part)) as connection, connection.cursor() as cursor:
            began = time.monotonic()
            with cursor.copy(READ) as copy:
                for _ in copy:
                    pass
            seconds += time.monotonic() - began
            count += cursor.rowcount
    return count / seconds
