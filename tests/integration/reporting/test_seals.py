"""Auditors and operators are told how the logs are sealed: the newest note, and a false one if there was one."""

from datetime import UTC, datetime
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.backbone.seal.notes import COSIGNS, Checkpoint, Signer, note_of
from services.backbone.seal.trees import Tree
from services.reporting.application import Application
from tests.integration.reporting.conftest import Live

SEEN_AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
SIZES = {"parcours/progress": 600, "parcours/content": 3}


@pytest.fixture
def witnessed(live: Live) -> dict[str, str]:
    """Two logs with leaves, the newest of two notes each."""
    notes = {}
    with live.database.transaction(), live.database.cursor() as tx:
        for origin, size in SIZES.items():
            tree = Tree(tx, origin)
            tree.append((n + 1, sha256(f"{origin}{n}".encode()).digest()) for n in range(tree.size, size))
            log, witness = (
                Signer(origin, Ed25519PrivateKey.generate()),
                Signer("witness", Ed25519PrivateKey.generate(), COSIGNS),
            )
            for some in (size - 1, size):
                note = note_of(Checkpoint(origin, some, tree.root(some)), log, SEEN_AT).signed(
                    [witness], SEEN_AT
                )
                tx.execute(
                    "INSERT INTO seal_note VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
                    (origin, some, str(note), SEEN_AT),
                )
                (kept,) = tx.execute(
                    "SELECT note FROM seal_note WHERE origin = %s AND size = %s", (origin, some)
                ).fetchone() or ("",)
                notes[origin] = kept
    return notes


def test_the_newest_note_of_each_log_is_told(application: Application, witnessed: dict[str, str]) -> None:
    told = application.seals().seals
    assert [(seal.origin, seal.events, seal.size) for seal in told] == [
        ("parcours/content", 3, 3),
        ("parcours/progress", 600, 600),
    ]
    assert {seal.origin: seal.note for seal in told} == witnessed
    assert {seal.cosigned_at for seal in told} == {SEEN_AT}
    assert {seal.false_note for seal in told} == {None}


def test_a_false_note_is_told_with_the_reason(
    application: Application, witnessed: dict[str, str], live: Live
) -> None:
    live.database.execute(
        "INSERT INTO seal_alarm VALUES ('parcours/content', 'the note', 'it is another tree', %s)", (SEEN_AT,)
    )
    content, progress = application.seals().seals
    assert content.false_note is not None
    assert content.false_note.why == "it is another tree"
    assert progress.false_note is None
