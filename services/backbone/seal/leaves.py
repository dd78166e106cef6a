"""What is hashed of a stored event: its place and the digest of the bytes that are kept, nothing else. Pure.

The bytes themselves are never taken apart: no upcaster, no later library changes a leaf.
"""

from struct import pack
from typing import Final, NamedTuple
from uuid import UUID

from services.backbone.seal.merkle import Hash, leaf_hash

KIND: Final = b"parcours-event-1"
"""The first field of every entry; another way to hash events would have another name."""


class Leaf(NamedTuple):
    """An event as it is sealed; `digest` is the SHA-256 of the stored bytes."""

    position: int
    stream_id: UUID
    stream_version: int
    topic: str
    digest: bytes


def entry(log: str, leaf: Leaf) -> bytes:
    """The fields one after the other, each after its length as four bytes; numbers as eight bytes."""
    fields = (
        KIND,
        log.encode(),
        pack(">q", leaf.position),
        leaf.stream_id.bytes,
        pack(">q", leaf.stream_version),
        leaf.topic.encode(),
        leaf.digest,
    )
    return b"".join(part for field in fields for part in (pack(">I", len(field)), field))


def hash_of(log: str, leaf: Leaf) -> Hash:
    """The hash of an event's leaf in the tree of its log."""
    return leaf_hash(entry(log, leaf))
