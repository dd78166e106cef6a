"""Auditors and operators are told how the logs are sealed: the newest note, and a false one if there was one."""

from datetime import UTC, datetime
from hashlib import sha256
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.backbone.seal.notes import COSIGNS, Checkpoint, Signer, note_of
from services.backbone.seal.trees import Tree
from services.contracts.reporting.seals import Seal
from services.reporting.application import Application
from tests.integration.reporting.conftest import Live

SEEN_AT = datetime(2026, 3, 1, 9, tzinfo=UTC)


def witnessed(live: Live, events: int, sizes: tuple[int, ...]) -> tuple[str, list[str]]:
    """A log of its own with so many leaves, and notes over some of them; its origin, and the notes."""
    origin = f"parcours/{uuid4()}"
    log = Signer(origin, Ed25519PrivateKey.generate())
    witness = Signer("witness", Ed25519PrivateKey.generate(), COSIGNS)
    notes: list[str] = []
    with live.database.transaction(), live.database.cursor() as tx:
        tree = Tree(tx, origin)
        tree.append((n + 1, sha256(f"{n}".encode()).digest()) for n in range(events))
        for size in sizes:
            note = note_of(Checkpoint(origin, size, tree.root(size)), log, SEEN_AT).signed([witness], SEEN_AT)
            notes.append(str(note))
            tx.execute("INSERT INTO seal_note VALUES (%s, %s, %s, %s)", (origin, size, notes[-1], SEEN_AT))
    return origin, notes


def told(application: Application, origin: str) -> Seal:
    (seal,) = [each for each in application.seals().seals if each.origin == origin]
    return seal


def test_the_newest_note_of_each_log_is_told(application: Application, live: Live) -> None:
    origin, (_, newest) = witnessed(live, 600, (599, 600))
    other, (only,) = witnessed(live, 5, (3,))
    seal = told(application, origin)
    assert (seal.events, seal.size, seal.note, seal.cosigned_at) == (600, 600, newest, SEEN_AT)
    assert seal.false_note is None
    seal = told(application, other)
    assert (seal.events, seal.size, seal.note) == (5, 3, only)


def test_a_log_without_a_note_is_told_too(application: Application, live: Live) -> None:
    origin, _ = witnessed(live, 256, ())
    seal = told(application, origin)
    assert (seal.events, seal.size, seal.note, seal.cosigned_at) == (256, 0, None, None)


def test_a_false_note_is_told_with_the_reason(application: Application, live: Live) -> None:
    origin, _ = witnessed(live, 3, (3,))
    other, _ = witnessed(live, 3, (3,))
    live.database.execute(
        "INSERT INTO seal_alarm VALUES (%s, 'the note', 'it is another tree', %s)", (origin, SEEN_AT)
    )
    false_note = told(application, origin).false_note
    assert false_note is not None
    assert (false_note.note, false_note.why) == ("the note", "it is another tree")
    assert told(application, other).false_note is None
