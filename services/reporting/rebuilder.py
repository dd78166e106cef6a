"""Carries out rebuild jobs in a thread of `work`, so that the follower goes on meanwhile."""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

import psycopg
from psycopg import Connection

from services.backbone.follower import INTERRUPTIONS, Feed
from services.backbone.limits import DATABASE_CONNECT_SECONDS, RPC_TIMEOUT_SECONDS
from services.reporting import jobs, places
from services.reporting.models import slug_of
from services.reporting.read_model import ReadModel
from services.reporting.rebuild import Interrupted, Read, Rebuild, Turn

_log = logging.getLogger(__name__)

LOOK_FOR_JOBS_SECONDS = 0.3
TELL_SECONDS = 0.5
"""How often a running job says how far it is."""


class Rebuilder:
    """Waits for jobs while this process leads, and carries them out."""

    def __init__(
        self,
        database_url: str,
        feeds: Mapping[str, Feed],
        models: Sequence[ReadModel],
        turn: Turn,
        read: Read,
    ) -> None:
        """`read` opens a feed; `turn` says whether this process leads."""
        self._database_url = database_url
        self._feeds = feeds
        self._models = models
        self._turn = turn
        self._read = read

    def lead(self, database: Connection[Any]) -> None:
        """This process leads from now on: make the tables ready for the follower, give up old jobs."""
        with self._turn:
            places.prepare(database, self._models)
            jobs.give_up_interrupted(database)
            self._turn.database = database

    def run(self, stop: Callable[[], bool]) -> None:
        """Carry out jobs until told to stop."""
        while not stop():
            try:
                with psycopg.connect(
                    self._database_url, autocommit=True, connect_timeout=DATABASE_CONNECT_SECONDS
                ) as database:
                    while not stop():
                        if self._turn.leads and (job := jobs.take(database)) is not None:
                            self._carry_out(database, *job)
                        time.sleep(LOOK_FOR_JOBS_SECONDS)
            except (psycopg.Error, Interrupted) as error:
                _log.warning("rebuilder_interrupted", extra={"error": repr(error)})
                time.sleep(1.0)

    def _carry_out(self, database: Connection[Any], job_id: UUID, read_model: str | None, swap: bool) -> None:
        models = [model for model in self._models if read_model in (None, model.name)]
        rebuild = Rebuild(self._database_url, self._feeds, models, self._turn, self._read)
        with _Telling(database, job_id, rebuild):
            try:
                proofs, failure = rebuild.run(swap=swap)
            except (Interrupted, *INTERRUPTIONS) as error:
                _log.warning("rebuild_interrupted", extra={"job": str(job_id), "error": repr(error)})
                proofs, failure = [], f"interrupted: {type(error).__name__}"
            except Exception as error:  # a fault of ours ends the job, not the thread that waits for the next
                _log.exception("rebuild_failed", extra={"job": str(job_id)})
                proofs, failure = [], f"fault: {type(error).__name__}"
        jobs.end(database, job_id, proofs, failure)
        time.sleep(RPC_TIMEOUT_SECONDS)  # whoever still reads the old tables has answered by then
        with self._turn:
            places.drop_unused(self._turn.live, self._models)


class _Telling:
    """Writes down how far a rebuild is, from a thread of its own."""

    def __init__(self, database: Connection[Any], job_id: UUID, rebuild: Rebuild) -> None:
        self._database = database
        self._job_id = job_id
        self._rebuild = rebuild
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._tell_on, name="rebuild-progress", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._tell()

    def _tell_on(self) -> None:
        while not self._over.wait(TELL_SECONDS):
            try:
                self._tell()
            except psycopg.Error as error:
                _log.warning("rebuild_untold", extra={"error": repr(error)})

    def _tell(self) -> None:
        progress = self._rebuild.progress
        jobs.tell(self._database, self._job_id, progress.events, progress.total, progress.per_second)


def model_called(name: str, models: Sequence[ReadModel]) -> ReadModel | None:
    """The read model that keeps what a request calls by this name, with or without its version."""
    return next(
        (m for m in models if any(name in (t.read_model, slug_of(t.read_model)) for t in m.tables)), None
    )
