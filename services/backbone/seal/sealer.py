"""Sealing a log: what was stored becomes leaves, and the root is signed at least every half minute.

Nothing is added to the path on which events are written: the sealer reads what is committed. Leaves
and tree commit together. Before it signs, the tree must have grown from the one that was signed
last, and that note is kept outside the database too: a log that was cut, changed where it had been
sealed, or replaced by another is not signed for, whoever did it.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import Connection, Cursor

from services.backbone.clock import Clock, utc_now
from services.backbone.limits import DATABASE_CONNECT_SECONDS, SEAL_LOOK_SECONDS, SEAL_SECONDS
from services.backbone.log import EventLog
from services.backbone.metrics import SEAL_BEHIND, SEAL_BROKEN, SEAL_SIZE, WORKER_HEARTBEAT
from services.backbone.seal.kept import Kept
from services.backbone.seal.leaves import Leaf, hash_of
from services.backbone.seal.notes import Checkpoint, Note, NoteBroken, Signer, note_of
from services.backbone.seal.trees import Tree
from services.contracts.message import Notes

_log = logging.getLogger(__name__)

PAGE: Final = 4_096
"""Leaves in one transaction."""

NOTES_MAX: Final = 200
"""Notes in one answer."""

UNSEALED: Final = (
    "SELECT notification_id, originator_id, originator_version, topic, sha256(state) FROM stored_events"
    " WHERE notification_id > %s ORDER BY notification_id LIMIT %s"
)


class SealBroken(Exception):
    """The tree does not extend what was signed before: nothing more is signed until an operator has decided."""


class Sealer:
    """Seals one log. Only one process does at a time; others wait in reserve."""

    def __init__(
        self, log: str, database_url: str, signer: Signer, kept: Kept, clock: Clock = utc_now
    ) -> None:
        """Seal `log` as `signer`, whose name is the origin of the tree."""
        self.log = log
        self.origin = signer.public.name
        self.public_key = signer.public
        self._database_url = database_url
        self._signer = signer
        self._kept = kept
        self._clock = clock

    @classmethod
    def from_files(cls, log: str, database_url: str, origin: str, key: Path, folder: Path) -> "Sealer":
        """With the key in a file and a folder for the newest note. Raises ValueError, OSError."""
        return cls(log, database_url, Signer.from_file(origin_of(origin, log), key), Kept(folder))

    def run(self, stop: Callable[[], bool]) -> None:
        """Seal until told to stop; the database may come and go. A broken seal is an alarm, and the end of sealing."""
        while not stop():
            try:
                with psycopg.connect(
                    self._database_url, autocommit=True, connect_timeout=DATABASE_CONNECT_SECONDS
                ) as database:
                    while not stop() and not self._leads(database):
                        time.sleep(SEAL_LOOK_SECONDS)
                    while not stop():
                        self.seal(database)
                        WORKER_HEARTBEAT.labels(f"seal-{self.log}").set_to_current_time()
                        time.sleep(SEAL_LOOK_SECONDS)
            except SealBroken as broken:
                SEAL_BROKEN.labels(self.log).set(1)
                _log.critical("seal_broken", extra={"log": self.log, "why": str(broken)})
                while not stop():  # the process stays, so that the alarm is seen
                    time.sleep(SEAL_LOOK_SECONDS)
            except (psycopg.Error, OSError) as error:  # OSError: the folder of the note is away, or full
                _log.warning("sealer_interrupted", extra={"log": self.log, "error": repr(error)})
                time.sleep(SEAL_LOOK_SECONDS)

    def seal(self, database: Connection[Any]) -> None:
        """Seal all that is stored, and sign when it is time. Raises SealBroken, psycopg.Error."""
        while True:
            with database.transaction(), database.cursor() as tx:
                tree = Tree(tx, self.origin)
                sealed = self._page(tx, tree)
                behind = sealed == PAGE
                if not behind:
                    self._sign(tx, tree)
                SEAL_SIZE.labels(self.log).set(tree.size)
            if not behind:
                return

    def _page(self, tx: Cursor[Any], tree: Tree) -> int:
        rows = tx.execute(UNSEALED, (tree.position, PAGE), binary=True).fetchall()
        leaves = [Leaf(*row) for row in rows]
        tree.append((leaf.position, hash_of(self.log, leaf)) for leaf in leaves)
        SEAL_BEHIND.labels(self.log).set(len(leaves))
        return len(leaves)

    def _sign(self, tx: Cursor[Any], tree: Tree) -> None:
        """Sign when something is new and the last signature is old enough."""
        now = self._clock()
        last, signed_at = self._last(tx)
        due = signed_at is None or now - signed_at >= timedelta(seconds=SEAL_SECONDS)
        if not due and last is not None:
            return
        self._see_the_end(tx, tree)
        if last is not None and not self._extends(tree, last):
            raise SealBroken(
                f"{last.size} events were signed for; now there are {tree.size}, and they are not the same"
            )
        if tree.size and (last is None or tree.size > last.size):
            note = note_of(Checkpoint(self.origin, tree.size, tree.root()), self._signer, now)
            self._kept.keep(self.origin, note)  # first: what is in the folder is never older
            _store(tx, self.origin, tree.size, note, now)

    def _last(self, tx: Cursor[Any]) -> tuple[Checkpoint | None, datetime | None]:
        """What was signed last, as the folder has it, and when, as the database has it.

        Killed between the two, the database gets the note now.
        """
        try:
            note = self._kept.newest(self.origin)
            signed = note is not None and note.signed_by(self.public_key)
        except NoteBroken as error:
            raise SealBroken(f"the note in the folder is damaged: {error}") from error
        row = tx.execute(
            "SELECT size, note, signed_at FROM seal_note WHERE origin = %s ORDER BY size DESC LIMIT 1",
            (self.origin,),
        ).fetchone()
        if note is None:
            if row is not None:
                raise SealBroken("a note was signed, and the folder that keeps the newest one has none")
            return None, None
        if not signed:
            raise SealBroken("the note in the folder is not signed by this key")
        if row is None or row[0] < note.checkpoint.size:
            _store(tx, self.origin, note.checkpoint.size, note, self._clock())
        return note.checkpoint, row[2] if row else None

    def _see_the_end(self, tx: Cursor[Any], tree: Tree) -> None:
        """The newest event under the seal must still be there: whoever cuts a log begins with it."""
        if not tree.size:
            return
        rows = tx.execute(UNSEALED, (tree.position - 1, 1), binary=True).fetchall()
        if [hash_of(self.log, Leaf(*row)) for row in rows] != tree.leaves(tree.size - 1):
            raise SealBroken(f"the event at position {tree.position} was sealed, and is not there as it was")

    @staticmethod
    def _extends(tree: Tree, last: Checkpoint) -> bool:
        return tree.size >= last.size and tree.root(last.size) == last.root

    def _leads(self, database: Connection[Any]) -> bool:
        row = database.execute(
            "SELECT pg_try_advisory_lock(hashtext(%s))", (f"seal {self.origin}",)
        ).fetchone()
        return bool(row and row[0])


def origin_of(site: str, log: str) -> str:
    """The name of a log's tree, by which it is known everywhere."""
    return f"{site}/{log}"


def notes_after(log: EventLog, size: int) -> Notes:
    """The oldest notes over more than `size` events. Raises StoreAway."""
    rows = log.select("SELECT note FROM seal_note WHERE size > %s ORDER BY size LIMIT %s", (size, NOTES_MAX))
    return Notes(notes=tuple(row[0] for row in rows))


def _store(tx: Cursor[Any], origin: str, size: int, note: Note, now: datetime) -> None:
    tx.execute(
        "INSERT INTO seal_note (origin, size, note, signed_at) VALUES (%s, %s, %s, %s)",
        (origin, size, str(note), now),
    )
