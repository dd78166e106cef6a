"""A large body, streamed to the blob store: one piece in memory at a time, nothing kept unless it is whole."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import anyio
from starlette.requests import Request

from gateway.body import chunks_of
from gateway.errors import Problem
from gateway.limits import UPLOAD_SECONDS
from services.backbone.blobs import CHUNK_BYTES, BlobStore


async def receive_blob(request: Request, blobs: BlobStore, turns: asyncio.Semaphore) -> str:
    """Keep the body; its SHA-256. Raises Problem: too large, too slow, or others are sending already."""
    if turns.locked():
        raise Problem("too-many-requests", retry_after=10)
    async with turns:
        pieces = _pieces(request)
        # Hashing and writing happen in a thread, which fetches each piece from here.
        return await anyio.to_thread.run_sync(blobs.put, _from_thread(pieces))


def _from_thread(pieces: AsyncIterator[bytes]) -> Iterator[bytes]:
    async def following() -> bytes:
        return await anext(pieces, b"")

    while piece := anyio.from_thread.run(following):
        yield piece


async def _pieces(request: Request) -> AsyncIterator[bytes]:
    """The body in pieces of about a mebibyte: each costs a change of thread."""
    gathered = bytearray()
    async for chunk in chunks_of(request, UPLOAD_SECONDS):
        gathered += chunk
        if len(gathered) >= CHUNK_BYTES:
            yield bytes(gathered)
            gathered.clear()
    if gathered:
        yield bytes(gathered)
