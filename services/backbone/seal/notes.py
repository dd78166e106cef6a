"""Signed notes about trees: what a log or a witness puts its name to. Pure.

The forms are those of C2SP: signed-note, tlog-checkpoint, tlog-cosignature; keys are Ed25519.
"""

from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from stat import S_IMODE
from struct import pack, unpack
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

SIGNS: Final = 0x01
"""A key that signs notes as the log."""
COSIGNS: Final = 0x04
"""A key that signs, with the time, that it saw the tree grow: a witness."""

NOTE_MAX: Final = 16_384
"""Characters of a note that are looked at."""

_OTHERS: Final = 0o077
_DASH: Final = "\u2014 "
_ID_BYTES, _TIME_BYTES, _SIGNATURE_BYTES = 4, 8, 64


class NoteBroken(ValueError):
    """A note is not written as it should be, or not signed by whom it should be."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What is said of a tree: whose it is, how many leaves it has, and its root."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The lines that are signed."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """Who may have signed: a name, what the key is for, and the key."""

    name: str
    kind: int
    key: bytes

    @property
    def id(self) -> bytes:
        """By which a signature names its key."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.key).digest()[:_ID_BYTES]

    def __str__(self) -> str:
        """The key as one word, as it is handed to others."""
        return f"{self.name}+{self.id.hex()}+{b64encode(bytes([self.kind]) + self.key).decode()}"

    @classmethod
    def parse(cls, word: str) -> "PublicKey":
        """Read such a word. Raises NoteBroken."""
        try:
            name, id_, coded = word.strip().split("+", 2)
            raw = b64decode(coded, validate=True)
        except (ValueError, Base64Error):
            raise NoteBroken("a key is written as name+id+key") from None
        found = cls(name, raw[0] if raw else 0, raw[1:])
        if found.kind not in (SIGNS, COSIGNS) or len(found.key) != 32 or found.id.hex() != id_:
            raise NoteBroken(f"the key of {name} is damaged, or of a kind that is not known here")
        return found

    def holds(self, text: str, signature: bytes) -> bool:
        """Whether this key made this signature (with its time, for a witness) over these lines."""
        if self.kind == COSIGNS:
            if len(signature) != _TIME_BYTES + _SIGNATURE_BYTES:
                return False
            text, signature = _timed(text, *unpack(">Q", signature[:_TIME_BYTES])), signature[_TIME_BYTES:]
        try:
            Ed25519PublicKey.from_public_bytes(self.key).verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True


class Signer:
    """Holds a private key; an HSM would stand behind the same two methods."""

    def __init__(self, name: str, key: Ed25519PrivateKey, kind: int = SIGNS) -> None:
        """Sign as `name`."""
        if not name or any(letter.isspace() or letter == "+" for letter in name):
            raise ValueError(f"{name!r} cannot be the name of a key")
        self.public = PublicKey(name, kind, key.public_key().public_bytes_raw())
        self._key = key

    @classmethod
    def from_file(cls, name: str, path: Path, kind: int = SIGNS) -> "Signer":
        """Read an Ed25519 key (PEM). Raises ValueError when others could read the file, or it holds no such key."""
        if S_IMODE(path.stat().st_mode) & _OTHERS:
            raise ValueError(f"{path} can be read by others: its owner alone may (chmod 600)")
        key = load_pem_private_key(path.read_bytes(), password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise ValueError(f"{path} holds no Ed25519 key")
        return cls(name, key, kind)

    def signature(self, text: str, now: datetime) -> str:
        """A line that goes below a note's text."""
        if self.public.kind == COSIGNS:
            seconds = int(now.timestamp())
            signed = pack(">Q", seconds) + self._key.sign(_timed(text, seconds).encode())
        else:
            signed = self._key.sign(text.encode())
        return f"{_DASH}{self.public.name} {b64encode(self.public.id + signed).decode()}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text and the signatures below it; nothing is believed yet."""

    text: str
    signatures: tuple[tuple[str, bytes], ...]

    @classmethod
    def parse(cls, whole: str) -> "Note":
        """Take a note apart. Raises NoteBroken."""
        text, gap, below = whole.rpartition("\n\n")
        if len(whole) > NOTE_MAX or not gap or not below.endswith("\n"):
            raise NoteBroken("a note is a text, an empty line, and signatures")
        return cls(text + "\n", tuple(_signatures(below)))

    def __str__(self) -> str:
        """The note as it is kept and handed on."""
        below = (f"{_DASH}{name} {b64encode(raw).decode()}\n" for name, raw in self.signatures)
        return f"{self.text}\n{''.join(below)}"

    @property
    def checkpoint(self) -> Checkpoint:
        """What the text says of a tree. Raises NoteBroken."""
        origin, size, root, *_ = [*self.text.split("\n"), "", "", ""]
        try:
            found = Checkpoint(origin, int(size), b64decode(root, validate=True))
        except (ValueError, Base64Error):
            raise NoteBroken("a checkpoint has an origin, a size and a root") from None
        if not self.text.startswith(found.text) or not origin or len(found.root) != 32 or found.size < 0:
            raise NoteBroken("a checkpoint has an origin, a size and a root")
        return found

    def signed_by(self, key: PublicKey) -> bool:
        """Whether this key signed the text. One signature that claims to be its and is not breaks the note."""
        own = [raw for name, raw in self.signatures if name == key.name and raw[:_ID_BYTES] == key.id]
        if not all(key.holds(self.text, raw[_ID_BYTES:]) for raw in own):
            raise NoteBroken(f"a signature of {key.name} is false")
        return bool(own)

    def seen_at(self, key: PublicKey) -> datetime | None:
        """When this witness says it saw the tree. Raises NoteBroken when its signature is false."""
        if key.kind != COSIGNS or not self.signed_by(key):
            return None
        times = [
            raw[_ID_BYTES : _ID_BYTES + _TIME_BYTES]
            for name, raw in self.signatures
            if name == key.name and raw[:_ID_BYTES] == key.id
        ]
        return datetime.fromtimestamp(unpack(">Q", times[0])[0], UTC)

    def signed(self, signers: Iterable[Signer], now: datetime) -> "Note":
        """The note with more signatures."""
        more = "".join(signer.signature(self.text, now) for signer in signers)
        return Note(self.text, (*self.signatures, *_signatures(more)))


def note_of(checkpoint: Checkpoint, signer: Signer, now: datetime) -> Note:
    """A checkpoint, signed."""
    return Note(checkpoint.text, ()).signed([signer], now)


def _timed(text: str, seconds: int) -> str:
    return f"cosignature/v1\ntime {seconds}\n{text}"


def _signatures(below: str) -> Iterator[tuple[str, bytes]]:
    for line in below.splitlines():
        name, gap, coded = line.removeprefix(_DASH).partition(" ")
        try:
            raw = b64decode(coded, validate=True)
        except (ValueError, Base64Error):
            raw = b""
        if not line.startswith(_DASH) or not gap or len(raw) <= _ID_BYTES:
            raise NoteBroken("a signature is a dash, a name and a number")
        yield name, raw
