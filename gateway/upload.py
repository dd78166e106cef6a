"""A zip, streamed to the blob store: one piece in memory at a time, nothing kept unless it is whole."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Final

import anyio

from gateway.errors import Problem
from services.backbone.blobs import CHUNK_BYTES, BlobStore

ZIP_HEADS: Final = (b"PK\x03\x04", b"PK\x05\x06")
"""With a file in it, or without."""


async def receive_blob(chunks: AsyncIterator[bytes], blobs: BlobStore, turns: asyncio.Semaphore) -> str:
    """Keep what comes; its SHA-256. Raises Problem: no zip, too large, too slow, or others are sending already."""
    if turns.locked():
        raise Problem("too-many-requests", retry_after=10)
    async with turns:
        pieces = _pieces(chunks)
        # Hashing and writing happen in a thread, which fetches each piece from here.
        return await anyio.to_thread.run_sync(blobs.put, _from_thread(pieces))


def _from_thread(pieces: AsyncIterator[bytes]) -> Iterator[bytes]:
    async def following() -> bytes:
        return await anext(pieces, b"")

    while piece := anyio.from_thread.run(following):
        yield piece


async def _pieces(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same in pieces of about a mebibyte: each costs a change of thread. Raises Problem for what is no zip."""
    gathered = bytearray()
    looked_at = False
    async for chunk in chunks:
        gathered += chunk
        if len(gathered) >= CHUNK_BYTES:
            looked_at = looked_at or _is_zip(gathered)
            yield bytes(gathered)
            gathered.clear()
    if gathered or not looked_at:
        looked_at = looked_at or _is_zip(gathered)
        yield bytes(gathered)


def _is_zip(head: bytearray) -> bool:
    """By its first bytes: what looks like a picture is not kept, where it would be served as one."""
    if not head.startswith(ZIP_HEADS):
        raise Problem("not-a-zip")
    return True
