"""A large body, streamed to the blob store: one piece in memory at a time, nothing kept unless it is whole."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import anyio

from gateway.errors import Problem
from services.backbone.blobs import CHUNK_BYTES, BlobStore


async def receive_blob(chunks: AsyncIterator[bytes], blobs: BlobStore, turns: asyncio.Semaphore) -> str:
    """Keep what comes; its SHA-256. Raises Problem: too large, too slow, or others are sending already."""
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
    """The same in pieces of about a mebibyte: each costs a change of thread."""
    gathered = bytearray()
    async for chunk in chunks:
        gathered += chunk
        if len(gathered) >= CHUNK_BYTES:
            yield bytes(gathered)
            gathered.clear()
    if gathered:
        yield bytes(gathered)
