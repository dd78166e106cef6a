"""Looking over a log's shoulder: a service that follows its feed makes the same tree, and signs that it is the same.

The witness has a database, a key and a folder of its own. From what a feed says of each event it
makes the leaf again; a note is cosigned when its root is the one of the witness's own tree. Once a
note is not, nothing of that log is cosigned any more until an operator has decided.
"""

import logging
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from psycopg import Connection, Cursor
from pydantic import ValidationError

from services.backbone.clock import Clock, utc_now
from services.backbone.limits import SEAL_SECONDS
from services.backbone.metrics import SEAL_BROKEN, SEAL_SIZE
from services.backbone.seal.kept import Kept
from services.backbone.seal.leaves import Leaf, hash_of
from services.backbone.seal.notes import COSIGNS, Note, NoteBroken, PublicKey, Signer
from services.backbone.seal.trees import Tree
from services.backbone.wire import Unanswered, Wire
from services.contracts.message import Notes, ReadNotes, Reply

_log = logging.getLogger(__name__)

LOOK_SECONDS: Final = SEAL_SECONDS / 2
"""How often a witness asks for notes."""

ANSWER_SECONDS: Final = 2.0
"""How long a log may take to tell its notes: meanwhile nothing is followed."""


class FalseNote(NoteBroken):
    """A note that a witness must not sign; `note` is the proof."""

    def __init__(self, note: str, why: str) -> None:
        super().__init__(why)
        self.note = note


class Witness:
    """A follower's projection that sees all events, and what its process does between pages."""

    name = "witness"
    sees_all = True

    def __init__(
        self, keys: Mapping[str, PublicKey], signer: Signer, kept: Kept, clock: Clock = utc_now
    ) -> None:
        """Witness the logs of these names, each by the key that signs for it, as `signer`."""
        self.feeds = frozenset(keys)
        self._keys = keys
        self._signer = signer
        self._kept = kept
        self._clock = clock
        self._next_look = 0.0

    def apply(self, tx: Cursor[Any], feed: str, items: Sequence[Any]) -> None:
        """Add the leaves of these events to the tree of their log."""
        tree = Tree(tx, self._keys[feed].name)
        fresh = (item for item in items if item.position > tree.position)  # a feed may be read again
        tree.append((item.position, hash_of(feed, _leaf(item))) for item in fresh)
        SEAL_SIZE.labels(f"{self.name} of {feed}").set(tree.size)

    def look(self, database: Connection[Any], wire: Wire) -> None:
        """Ask for new notes, now and then, and cosign those that are true."""
        if time.monotonic() < self._next_look:
            return
        self._next_look = time.monotonic() + LOOK_SECONDS
        for log in sorted(self._keys):
            origin = self._keys[log].name
            seen, broken = _seen(database, origin)
            SEAL_BROKEN.labels(f"{self.name} of {log}").set(broken)
            if broken:
                continue
            try:
                kept = self._kept.newest(self._place(origin))  # it remembers what a new database forgot
                known = max(seen, kept.checkpoint.size) if kept else seen
                notes = ([str(kept)] if kept else []) + list(_ask(wire, log, known))
                with database.transaction(), database.cursor() as tx:
                    self._cosign(tx, log, notes, seen)
            except Unanswered as error:
                _log.warning("notes_unanswered", extra={"log": log, "error": str(error)})
            except FalseNote as false:
                _log.critical("note_is_false", extra={"log": log, "why": str(false)})
                database.execute(_ALARM, (origin, false.note, str(false), self._clock()))
            except NoteBroken as error:
                _log.critical("note_is_false", extra={"log": log, "why": str(error)})
                database.execute(_ALARM, (origin, "", f"the folder: {error}", self._clock()))

    def _cosign(self, tx: Cursor[Any], log: str, notes: Sequence[str], seen: int) -> None:
        """Keep the notes that are true, up to the first that is about events still to come. Raises FalseNote."""
        key = self._keys[log]
        tree = Tree(tx, key.name)
        for whole in notes:
            try:
                note = self._checked(tree, key, whole)
            except NoteBroken as why:
                raise FalseNote(whole, str(why)) from why
            if note is None:
                return
            if (size := note.checkpoint.size) > seen:  # one that is told again was looked at again
                self._kept.keep(self._place(key.name), note)
                tx.execute(_KEEP, (key.name, size, str(note), self._clock()))
                seen = size

    def _place(self, origin: str) -> str:
        """Under which the newest note that was cosigned about a log is kept in the folder."""
        return f"{self._signer.public.name}/{origin}"

    def _checked(self, tree: Tree, key: PublicKey, whole: str) -> Note | None:
        """The note with our signature; None while the tree is too small. Raises NoteBroken when it is false."""
        note = Note.parse(whole)
        said = note.checkpoint
        if said.origin != key.name or not note.signed_by(key):
            raise NoteBroken(f"it is not signed by {key.name}")
        if said.size > tree.size:
            return None
        if tree.root(said.size) != said.root:
            raise NoteBroken(f"over {said.size} events, its root is not the one of the events that came here")
        return note if note.signed_by(self._signer.public) else note.signed([self._signer], self._clock())


def witness_of(name: str, key: Path, folder: Path, log_keys: Path) -> Witness:
    """A witness by its files; `log_keys` has the word of each log's key on a line. Raises ValueError, OSError."""
    known = [
        PublicKey.parse(line) for line in log_keys.read_text(encoding="utf-8").splitlines() if line.strip()
    ]
    by_log = {key.name.rpartition("/")[2]: key for key in known}
    return Witness(by_log, Signer.from_file(name, key, COSIGNS), Kept(folder))


def _leaf(item: Any) -> Leaf:
    return Leaf(item.position, item.stream_id, item.stream_version, item.topic, bytes.fromhex(item.digest))


def _ask(wire: Wire, log: str, after: int) -> Sequence[str]:
    ticket = wire.ask(log, "read_notes", ReadNotes(after=after).model_dump_json())
    try:
        reply = Reply[Notes].model_validate_json(wire.answer(ticket, ANSWER_SECONDS))
    except ValidationError:
        raise Unanswered("unreadable") from None
    if reply.problem or reply.answer is None:
        raise Unanswered(reply.problem.rule if reply.problem else "nothing")
    return reply.answer.notes


def _seen(database: Connection[Any], origin: str) -> tuple[int, bool]:
    """Over how many events the last note was that we cosigned, and whether a false one was found."""
    row = database.execute(
        "SELECT coalesce((SELECT max(size) FROM seal_note WHERE origin = %s), 0),"
        " EXISTS (SELECT FROM seal_alarm WHERE origin = %s)",
        (origin, origin),
    ).fetchone()
    assert row is not None
    return int(row[0]), bool(row[1])


_KEEP = "INSERT INTO seal_note (origin, size, note, signed_at) VALUES (%s, %s, %s, %s)"
_ALARM = "INSERT INTO seal_alarm (origin, note, why, found_at) VALUES (%s, %s, %s, %s)"
