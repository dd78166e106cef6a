"""What a certificate states, and the number under which anybody may have it confirmed.

The number is the person's id and a digest of all that the paper states, encrypted and authenticated with
a key that only the gateway has (AES-SIV, RFC 5297). Nothing is stored: nobody can guess, count or make
numbers, and one that was handed out stops being confirmed as soon as a fact behind it changes.
See docs/decisions/0014-certificates.md.
"""

import base64
import binascii
import hashlib
import json
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

PURPOSE: Final = b"parcours/certificate-number/1"
PERSON_BYTES: Final = 16
MARK_BYTES: Final = 3
"""Tells apart the certificates of one person, and what they stated before; the number itself has 128 bits of proof."""

NUMBER_CHARS: Final = 56
GROUP_CHARS: Final = 4
TYPED: Final = str.maketrans("018", "OIB", " -\t\n\r\u00a0\u2010\u2011\u2013")
"""What people type for letters that look alike, and between the groups; the alphabet (RFC 4648) has no 0, 1, 8, 9."""


@dataclass(frozen=True, slots=True)
class Stated:
    """All that the paper says about somebody, in no language; a course followed in person has no version."""

    record_id: UUID
    name: str
    course: str
    course_version: int | None
    completed_on: date
    valid_until: date | None

    def mark(self) -> bytes:
        """Differs as soon as one fact does."""
        facts = [
            str(self.record_id),
            unicodedata.normalize("NFC", self.name),
            self.course,
            self.course_version,
            self.completed_on.isoformat(),
            self.valid_until.isoformat() if self.valid_until else None,
        ]
        return hashlib.sha256(json.dumps(facts).encode()).digest()[:MARK_BYTES]


def key_of(secret: bytes) -> bytes:
    """The key of certificates' numbers, derived from a secret that has another use."""
    return HKDF(SHA256(), 64, salt=None, info=PURPOSE).derive(secret)


def number_of(key: bytes, person_id: UUID, stated: Stated) -> str:
    """The number of a certificate: the same as long as what it states is the same."""
    sealed = AESSIV(key).encrypt(person_id.bytes + stated.mark(), [PURPOSE])
    return base64.b32encode(sealed).decode().lower()


def read_number(key: bytes, number: str) -> tuple[UUID, bytes] | None:
    """Whose certificate it is, and the mark of what was stated; None for a number that we never gave."""
    typed = plain(number)
    if len(typed) != NUMBER_CHARS:
        return None
    try:
        opened = AESSIV(key).decrypt(base64.b32decode(typed), [PURPOSE])
    except (binascii.Error, ValueError, InvalidTag):
        return None
    return UUID(bytes=opened[:PERSON_BYTES]), opened[PERSON_BYTES:]


def plain(number: str) -> str:
    """A number as it was typed, without what people put between groups."""
    return number.upper().translate(TYPED)


def in_groups(number: str) -> str:
    """A number as it is printed."""
    return "-".join(number[at : at + GROUP_CHARS] for at in range(0, len(number), GROUP_CHARS)).upper()
