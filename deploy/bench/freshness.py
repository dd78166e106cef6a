"""`freshness`: how long after it was recorded an event is seen in `training_status`, at half of the load."""

import threading
import time
from bisect import bisect_left
from collections.abc import Sequence
from types import TracebackType

import psycopg

from deploy.bench import ledger
from deploy.bench.figures import Result, at_most, latencies
from deploy.bench.ground import Ground
from deploy.bench.running_load import run_load
from deploy.telling import Telling

READ_MODEL, FEED = "training_status@5", "progress"
LOOK_SECONDS = 0.004
SPRINT_SECONDS = 5.0
WARM_UP_SECONDS = 2.0
FOLLOW_SECONDS = 5.0

Sample = tuple[float, int]
"""When we looked (Unix time, after the answer came), and how far the read model was."""

RECORDED = """
SELECT notification_id, extract(epoch FROM (convert_from(state, 'UTF8')::json->>'timestamp')::timestamptz)::float8
FROM stored_events WHERE notification_id > %s ORDER BY notification_id
"""


class Watch:
    """Looks at a read model's checkpoint every few milliseconds. Use as a context manager."""

    def __init__(self, database_url: str) -> None:
        """Look in reporting's database."""
        self._database_url = database_url
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look_on, daemon=True)
        self.samples: list[Sample] = []

    def __enter__(self) -> "Watch":
        """Begin to look."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop looking."""
        self._over.set()
        self._thread.join()

    def _look_on(self) -> None:
        with psycopg.connect(self._database_url, autocommit=True) as connection:
            while not self._over.wait(LOOK_SECONDS):
                row = connection.execute(
                    "SELECT position FROM follower_checkpoint WHERE follower = %s AND feed = %s",
                    (READ_MODEL, FEED),
                ).fetchone()
                if row and (not self.samples or row[0] > self.samples[-1][1]):
                    self.samples.append((time.time(), row[0]))


def delays(recorded: Sequence[tuple[int, float]], samples: Sequence[Sample]) -> tuple[list[float], int]:
    """Seconds from recording to the first look that saw it; and how many events were never seen."""
    positions = [position for _, position in samples]
    seen: list[float] = []
    for position, at in recorded:
        place = bisect_left(positions, position)
        if place < len(samples):
            seen.append(samples[place][0] - at)
    return seen, len(recorded) - len(seen)


def freshness(ground: Ground, telling: Telling) -> Result:
    """Half of what `commands` reached in this run; without it, of a short sprint."""
    reached = ground.results.get("commands")
    if reached is not None:
        rate = reached.figures[0].value / 2
    else:
        sprint = run_load(ground, telling, "sprint", learners=ground.learners, seconds=SPRINT_SECONDS)
        rate = sprint.per_second(1.0) / 2
    ground.follow_up(telling, "read models")
    telling.step(f"{rate:,.0f} commands a second, half of the load")
    before = ledger.head(ground.database("progress"))
    with Watch(ground.database("reporting")) as watch:
        load = run_load(
            ground,
            telling,
            "freshness",
            learners=ground.learners,
            seconds=ground.sizes.seconds + WARM_UP_SECONDS,
            rate_per_second=rate,
        )
        ground.follow_up(telling, "read models")
        time.sleep(LOOK_SECONDS * 10)
    with psycopg.connect(ground.database("progress")) as connection:
        recorded = connection.execute(RECORDED, (before,)).fetchall()
    first = recorded[0][1] + WARM_UP_SECONDS
    seen, unseen = delays([(p, at) for p, at in recorded if at >= first], watch.samples)
    return Result(
        "freshness",
        latencies("seen after", seen, at_most(60), at_most(300)),
        {
            "commands/s wanted": round(rate),
            "commands/s reached": round(load.per_second(WARM_UP_SECONDS)),
            "events": len(seen),
            "never seen": unseen,
            "looked every, ms": LOOK_SECONDS * 1000,
        },
    )
