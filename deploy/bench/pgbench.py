"""The reference for commands: the least that PostgreSQL must do for one, done by pgbench.

`begin; lock; insert one event of the same size; commit`, on a table like the log's, in a database
of its own in the same server.
"""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from deploy.local import running
from deploy.local.errors import LocalStackError
from deploy.local.programs import postgres_folder
from services.backbone.schema import EVENT_LOG

DATABASE = "parcours_reference"
LOCK = 4711
SCRIPT = """\
BEGIN;
SELECT pg_advisory_xact_lock({lock});
INSERT INTO stored_events (originator_id, originator_version, topic, state)
VALUES (gen_random_uuid(), 1, 'progress.TrainingRecord.CheckpointReached', decode(repeat('7b', {size}), 'hex'));
COMMIT;
"""
_RATE = re.compile(r"^tps = ([0-9.]+) \(without initial connection time\)", re.MULTILINE)
_LATENCY = re.compile(r"^latency average = ([0-9.]+) ms", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Inserts:
    """What pgbench says."""

    per_second: float
    latency_ms: float


def mean(*runs: Inserts) -> Inserts:
    """Several runs as one: before and after what they are compared with."""
    return Inserts(
        sum(run.per_second for run in runs) / len(runs), sum(run.latency_ms for run in runs) / len(runs)
    )


def parse(output: str) -> Inserts:
    """The figures in pgbench's output. Raises ValueError."""
    rate, latency = _RATE.search(output), _LATENCY.search(output)
    if not rate or not latency:
        raise ValueError(f"pgbench said nothing of its rate: {output}")
    return Inserts(float(rate.group(1)), float(latency.group(1)))


class Reference:
    """Plain inserts, one a transaction, into a table like the log's."""

    def __init__(self, database_url: str, event_bytes: int) -> None:
        """`database_url` names the reference's own database."""
        self._where = {key: str(value) for key, value in conninfo_to_dict(database_url).items()}
        self.event_bytes = event_bytes

    def run(self, clients: int, seconds: float) -> Inserts:
        """Insert for some seconds. Raises LocalStackError when pgbench is not there or fails."""
        script = SCRIPT.format(lock=LOCK, size=self.event_bytes)
        with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
            file.write(script)
            file.flush()
            done = subprocess.run(
                [
                    *(_program(), "--no-vacuum", "--protocol=prepared", f"--file={file.name}"),
                    *(f"--client={clients}", f"--jobs={min(clients, 2)}", f"--time={max(int(seconds), 1)}"),
                    self._where["dbname"],
                ],
                env={
                    **running.plain_environment(),
                    "PGHOST": self._where["host"],
                    "PGPORT": self._where.get("port", "5432"),
                    "PGUSER": self._where["user"],
                    "PGPASSWORD": self._where.get("password", ""),
                },
                capture_output=True,
                text=True,
                timeout=seconds + 60,
                check=False,
            )
        if done.returncode != 0:
            raise LocalStackError(f"pgbench failed: {done.stderr.strip()}")
        return parse(done.stdout)


@contextmanager
def reference(admin_url: str, event_bytes: int) -> Iterator[Reference]:
    """A reference in a new database, dropped afterwards."""
    name = sql.Identifier(DATABASE)
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name)
    _execute(admin_url, drop, sql.SQL("CREATE DATABASE {}").format(name))
    try:
        url = psycopg.conninfo.make_conninfo(admin_url, dbname=DATABASE)
        _execute(url, sql.SQL(EVENT_LOG))
        yield Reference(url, event_bytes)
    finally:
        _execute(admin_url, drop)


def _execute(url: str, *statements: sql.SQL | sql.Composed) -> None:
    """On a connection of their own: the server may be killed and come back while a reference is kept."""
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def _program() -> str:
    beside = Path(postgres_folder()) / "pgbench"
    found = str(beside) if beside.exists() else shutil.which("pgbench")
    if not found:
        raise LocalStackError("There is no pgbench: it comes with PostgreSQL's server package.")
    return found
