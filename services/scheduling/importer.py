"""Reads and applies files of HR in a thread of `work`, one at a time, so that nobody waits for them.

Of several copies of `work` one does it: whoever holds a lock in the database. What was in hand when
it went away is taken up again; applying is one transaction, so nothing is done by halves or twice.
"""

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg import Connection

from services.backbone.clock import Clock, utc_now
from services.backbone.commands import CommandDesk
from services.backbone.limits import DATABASE_CONNECT_SECONDS
from services.backbone.log import EventLog, StoreAway
from services.contracts.access import Actor, Role
from services.contracts.message import Done
from services.contracts.scheduling import SchedulingCommand
from services.contracts.scheduling.staff_imports import ApplyStaffImport, ImportMode
from services.scheduling import staff_imports
from services.scheduling.decisions.staff_imports import examine
from services.scheduling.domain.due import LOCAL

_log = logging.getLogger(__name__)

LOOK_SECONDS: Final = 0.3
FORGET_SECONDS: Final = 60.0
TURN: Final = 0x5061_7263_4852
"""Key of the advisory lock of whoever works on files ('ParcHR')."""


class Importer:
    """Waits for files while this process has the turn."""

    def __init__(
        self,
        database_url: str,
        log: EventLog,
        desk: CommandDesk[SchedulingCommand],
        clock: Clock = utc_now,
    ) -> None:
        """Compare with what `log` says, and send what follows to `desk`."""
        self._database_url = database_url
        self._event_log = log
        self._desk = desk
        self._clock = clock
        self._next_forgetting = 0.0

    def run(self, stop: Callable[[], bool]) -> None:
        """Work until told to stop."""
        while not stop():
            try:
                with psycopg.connect(
                    self._database_url, autocommit=True, connect_timeout=DATABASE_CONNECT_SECONDS
                ) as database:
                    leads = False
                    while not stop():
                        leads = leads or self.lead(database)
                        if not (leads and self.step(database)):
                            time.sleep(LOOK_SECONDS)
            except (psycopg.Error, StoreAway) as error:
                _log.warning("importer_interrupted", extra={"error": type(error).__name__})
                time.sleep(1.0)

    def lead(self, database: Connection[Any]) -> bool:
        """Take the turn, if nobody has it, and what was left in hand."""
        row = database.execute("SELECT pg_try_advisory_lock(%s)", (TURN,)).fetchone()
        if row != (True,):
            return False
        with database.transaction(), database.cursor() as tx:
            staff_imports.take_up_again(tx)
        return True

    def step(self, database: Connection[Any]) -> bool:
        """Do the next thing that waits; whether there was any. Raises StoreAway: it is taken up again."""
        with database.transaction(), database.cursor() as tx:
            if time.monotonic() >= self._next_forgetting:
                staff_imports.forget(tx, self._clock())
                self._next_forgetting = time.monotonic() + FORGET_SECONDS
            confirmed = staff_imports.take(tx, "confirmed", "applying")
            received = None if confirmed else staff_imports.take(tx, "received", "reading")
        if found := confirmed or received:
            self._work_on(database, *found, applies=confirmed is not None)
        return found is not None

    def _work_on(
        self,
        database: Connection[Any],
        import_id: UUID,
        mode: ImportMode,
        by: UUID,
        command_id: UUID,
        *,
        applies: bool,
    ) -> None:
        try:
            if not applies:
                self._examine(database, import_id, mode)
            elif not self._apply(import_id, by, command_id):
                self._examine(database, import_id, mode, outdated=True)
        except StoreAway:
            with database.transaction(), database.cursor() as tx:
                staff_imports.take_up_again(tx)
            raise
        except psycopg.Error:
            raise
        except Exception as error:  # a fault of ours ends the file, not the thread that waits for the next
            _log.error("staff_import_failed", extra={"import": str(import_id), "error": type(error).__name__})
            with database.transaction(), database.cursor() as tx:
                staff_imports.fail(tx, import_id, self._clock())

    def _examine(
        self, database: Connection[Any], import_id: UUID, mode: ImportMode, *, outdated: bool = False
    ) -> None:
        row = database.execute(
            "SELECT content FROM staff_import WHERE import_id = %s", (import_id,)
        ).fetchone()
        if row is None or row[0] is None:
            return  # it was given up meanwhile
        now = self._clock()
        found = examine(self._event_log, row[0], mode, now.astimezone(LOCAL).date())
        with database.transaction(), database.cursor() as tx:
            if found.faults:
                staff_imports.tell_faults(tx, import_id, found.faults, now)
            else:
                staff_imports.tell_plan(tx, import_id, found.read, found.plan, now, outdated=outdated)

    def _apply(self, import_id: UUID, by: UUID, command_id: UUID) -> bool:
        """Whether it was applied; a refusal means that it must be looked at again."""
        now = self._clock()
        actor = Actor(person_id=by, roles=frozenset({Role.OPERATOR}), expires_at=now + timedelta(minutes=1))
        command = ApplyStaffImport(command_id=command_id, occurred_at=now, import_id=import_id)
        (outcome,) = self._desk.execute([(actor, command)])
        if not isinstance(outcome, Done):
            _log.warning("staff_import_refused", extra={"import": str(import_id), "rule": outcome.rule})
            return False
        return True
