"""Runs the load generator in a process of its own, and reads its ledger."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from deploy.bench.ground import Ground
from deploy.bench.ledger import Entry, read
from deploy.bench.load import Learner, Plan
from deploy.local import running
from deploy.local.stack import REPOSITORY
from deploy.telling import Telling, wait


@dataclass(frozen=True, slots=True)
class Load:
    """What a run of the load generator sent and heard; times as of `time.monotonic`."""

    began: float
    seconds: float
    cpu_seconds: float
    entries: dict[UUID, Entry]

    def answered(self, after_seconds: float = 0.0) -> list[Entry]:
        """Acknowledged commands from so many seconds after the beginning to the end of the time."""
        first, last = self.began + after_seconds, self.began + self.seconds
        return [
            entry
            for entry in self.entries.values()
            if entry.acknowledged and entry.answered_at is not None and first <= entry.answered_at < last
        ]

    def per_second(self, after_seconds: float = 0.0) -> float:
        """Acknowledged commands a second in that time."""
        return len(self.answered(after_seconds)) / (self.seconds - after_seconds)

    @property
    def cpu_microseconds_each(self) -> float:
        """What a request cost the load generator itself."""
        return self.cpu_seconds * 1e6 / max(len(self.entries), 1)


def latencies_of(entries: Sequence[Entry]) -> list[float]:
    """Seconds from the first sending to the answer."""
    return [entry.answered_at - entry.sent_at for entry in entries if entry.answered_at is not None]


def run_load(
    ground: Ground,
    telling: Telling,
    what: str,
    *,
    learners: Sequence[Learner],
    seconds: float,
    rate_per_second: float | None = None,
) -> Load:
    """Let learners send commands for some seconds. Raises RuntimeError when the generator fails."""
    with tempfile.TemporaryDirectory() as name:
        plan = Plan(
            base_url=ground.url,
            learners=tuple(learners),
            way=ground.way,
            seconds=seconds,
            ledger=Path(name) / "ledger",
            seed=str(ground.sizes.seed),
            rate_per_second=rate_per_second,
            first_period=ground.next_periods(),
        )
        with subprocess.Popen(
            [sys.executable, "-m", "deploy.bench.load"],
            cwd=REPOSITORY,
            env=running.plain_environment() | {"PYTHONPATH": str(REPOSITORY)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdin and process.stdout
            process.stdin.write(plan.text() + "\n")
            process.stdin.flush()
            if not process.stdout.readline():
                raise RuntimeError("the load generator could not sign its learners in")
            process.stdin.write("\n")
            process.stdin.flush()
            wait(telling, what, seconds, over=lambda: process.poll() is not None)
            said = process.stdout.readline()
        if process.returncode != 0:
            raise RuntimeError("the load generator failed: what it said stands above")
        told = json.loads(said)
        return Load(told["began"], seconds, told["cpu_seconds"], read(plan.ledger))
