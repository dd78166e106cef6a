"""Signed notes: published vectors, and everything that must not be believed."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from services.backbone.seal.notes import (
    COSIGNS,
    SIGNS,
    Checkpoint,
    Note,
    NoteBroken,
    PublicKey,
    Signer,
    note_of,
)

# The example of the note format's own documentation.
PUBLISHED_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PUBLISHED_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "\u2014 PeterNeumann"
    " x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
CHECKPOINT = Checkpoint("prisons.example/progress", 7, bytes(range(32)))


def signer(name: str = CHECKPOINT.origin, kind: int = SIGNS) -> Signer:
    return Signer(name, Ed25519PrivateKey.generate(), kind)


def test_a_published_note_is_believed_and_given_back_as_it_was() -> None:
    note = Note.parse(PUBLISHED_NOTE)
    assert note.signed_by(PublicKey.parse(PUBLISHED_KEY))
    assert str(note) == PUBLISHED_NOTE
    assert str(PublicKey.parse(PUBLISHED_KEY)) == PUBLISHED_KEY


def test_one_letter_more_and_the_published_note_is_false() -> None:
    note = Note.parse(PUBLISHED_NOTE.replace("answer", "answers"))
    with pytest.raises(NoteBroken, match="a signature of PeterNeumann is false"):
        note.signed_by(PublicKey.parse(PUBLISHED_KEY))


def test_a_checkpoint_is_signed_and_read_again() -> None:
    log = signer()
    note = Note.parse(str(note_of(CHECKPOINT, log, NOW)))
    assert note.checkpoint == CHECKPOINT
    assert note.signed_by(log.public)
    assert not note.signed_by(signer().public)


def test_a_witness_says_when_it_saw_the_tree() -> None:
    log, witness = signer(), signer("witness.example", COSIGNS)
    note = Note.parse(str(note_of(CHECKPOINT, log, NOW).signed([witness], NOW)))
    assert note.signed_by(log.public)
    assert note.seen_at(witness.public) == NOW
    assert note.seen_at(log.public) is None


def test_a_witness_cannot_be_made_to_have_seen_it_earlier() -> None:
    witness = signer("witness.example", COSIGNS)
    note = Note(CHECKPOINT.text, ()).signed([witness], NOW)
    [(name, raw)] = note.signatures
    backdated = Note(note.text, ((name, raw[:4] + bytes(8) + raw[12:]),))
    with pytest.raises(NoteBroken):
        backdated.seen_at(witness.public)


def test_a_key_of_a_log_cannot_pass_for_a_witness() -> None:
    key = Ed25519PrivateKey.generate()
    log, witness = Signer("a", key, SIGNS), Signer("a", key, COSIGNS)
    note = note_of(CHECKPOINT, log, NOW)
    assert not note.signed_by(witness.public)


@pytest.mark.parametrize(
    "broken",
    [
        "",
        "no signature\n",
        "text\n\nnot a signature\n",
        "text\n\n\u2014 name !!!!\n",
        "text\n\n\u2014 name AAAA\n",
        "text\n\n\u2014 name AAAAAAAA",
        "x" * 20_000 + "\n\n\u2014 name AAAAAAAA\n",
    ],
)
def test_what_is_no_note_is_not_taken_for_one(broken: str) -> None:
    with pytest.raises(NoteBroken):
        Note.parse(broken)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "origin\n",
        "origin\nseven\nAAAA\n",
        "origin\n7\nAAAA\n",
        f"\n{CHECKPOINT.text}",
        "origin\n-1\n" + "A" * 43 + "=\n",
    ],
)
def test_what_is_no_checkpoint_is_not_taken_for_one(text: str) -> None:
    with pytest.raises(NoteBroken):
        _ = Note(text, ()).checkpoint


@pytest.mark.parametrize(
    "word", ["", "a+b", "a+b+c", PUBLISHED_KEY[:-4], PUBLISHED_KEY.replace("c74f", "c74e")]
)
def test_what_is_no_key_is_not_taken_for_one(word: str) -> None:
    with pytest.raises(NoteBroken):
        PublicKey.parse(word)


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    file.write_bytes(
        Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    file.chmod(0o640)
    with pytest.raises(ValueError, match="can be read by others"):
        Signer.from_file("a", file)
    file.chmod(0o600)
    Signer.from_file("a", file)


@pytest.mark.parametrize("name", ["", "two words", "a+b"])
def test_a_name_that_could_not_be_read_back_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="name of a key"):
        signer(name)
