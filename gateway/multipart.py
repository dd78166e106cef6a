"""A form with a file (multipart/form-data, RFC 7578), read as it comes: its fields first, then one file, last.

The order is the promise: whoever lets the request in has read all fields before the first byte of the
file is taken. Nothing of the file is kept here, and its name is not looked at. What browsers do not
send (preambles, nested or encoded parts, a part after the file) is refused.
"""

import re
from collections.abc import AsyncIterator
from typing import Final

from gateway.errors import Problem

MULTIPART: Final = "multipart/form-data"
PART_HEAD_BYTES_MAX: Final = 4 * 1024
FIELDS_BYTES_MAX: Final = 64 * 1024
"""All fields together."""

PARTS_MAX: Final = 100

_BOUNDARY = re.compile(
    r"""boundary=(?:"([\w'()+,./:=? -]{1,70})"|([\w'()+,./:=?-]{1,70}))\s*(?:;|$)""", re.A | re.I
)
_DISPOSITION = re.compile(
    rb'form-data;[ \t]*name="([A-Za-z0-9_.:-]{1,100})"[ \t]*(;[ \t]*filename\*?=.*)?', re.I
)
_PLAIN: Final = frozenset({b"7bit", b"8bit", b"binary"})


def boundary_of(content_type: str) -> bytes:
    """What separates the parts. Raises Problem."""
    found = _BOUNDARY.search(content_type.partition(";")[2])
    if found is None:
        raise Problem("malformed")
    return (found[1] or found[2]).encode()


class Multipart:
    """One form on its way in: `fields` first, then `file`, each once."""

    def __init__(self, boundary: bytes, chunks: AsyncIterator[bytes]) -> None:
        """Read from `chunks`, which may be cut anywhere."""
        self._delimiter = b"\r\n--" + boundary
        self._chunks = chunks
        self._held = bytearray(b"\r\n")  # the first delimiter has no line before it

    async def fields(self) -> list[tuple[str, str]]:
        """The fields before the file, or all when there is none. Raises Problem."""
        found: list[tuple[str, str]] = []
        left = FIELDS_BYTES_MAX
        await self._until(self._delimiter, 0, otherwise="malformed")
        for _ in range(PARTS_MAX):
            if not await self._another():
                return found
            name, is_file = _named(await self._until(b"\r\n\r\n", PART_HEAD_BYTES_MAX))
            if is_file:
                return found
            value = await self._until(self._delimiter, left)
            left -= len(value)
            try:
                found.append((name, value.decode("utf-8")))
            except UnicodeDecodeError:
                raise Problem("malformed") from None
        raise Problem("malformed")

    async def file(self) -> AsyncIterator[bytes]:
        """The bytes of the file; none when there was no file. Raises Problem unless the form ends after it."""
        if not self._delimiter:
            return
        undecided = len(self._delimiter) - 1
        while (at := self._held.find(self._delimiter)) < 0:
            if len(self._held) > undecided:
                piece = bytes(self._held[:-undecided])
                del self._held[:-undecided]
                yield piece
            await self._more()
        if at:
            yield bytes(self._held[:at])
        del self._held[: at + len(self._delimiter)]
        if await self._another():
            raise Problem("malformed")

    async def _another(self) -> bool:
        """Whether a part follows the delimiter; otherwise the form is over, and so is the body."""
        while len(self._held) < 2:
            await self._more()
        mark = bytes(self._held[:2])
        del self._held[:2]
        if mark == b"\r\n":
            return True
        if mark != b"--":
            raise Problem("malformed")
        async for chunk in self._chunks:
            self._held += chunk
            if len(self._held) > 2:
                break
        if bytes(self._held) not in (b"", b"\r\n"):
            raise Problem("malformed")
        self._delimiter = b""
        return False

    async def _until(self, end: bytes, limit: int, otherwise: str = "too-large") -> bytes:
        """What comes before `end`, at most so many bytes; both are taken out."""
        looked = 0
        while (at := self._held.find(end, looked)) < 0:
            looked = max(len(self._held) - len(end) + 1, 0)
            if looked > limit:
                break
            await self._more()
        if at < 0 or at > limit:
            raise Problem(otherwise, params={"bytes": str(limit)})
        found = bytes(self._held[:at])
        del self._held[: at + len(end)]
        return found

    async def _more(self) -> None:
        """One more piece of the body. Raises Problem when it is over before the form is."""
        piece = await anext(self._chunks, None)
        if piece is None:
            raise Problem("malformed")
        self._held += piece


def _named(head: bytes) -> tuple[str, bool]:
    """The name of a part, and whether it is a file. Raises Problem."""
    told: dict[bytes, bytes] = {}
    for line in head.split(b"\r\n"):
        name, colon, value = line.partition(b":")
        name = name.lower()
        if not colon or name in told or b"\n" in line or b"\r" in line or b"\x00" in line:
            raise Problem("malformed")
        told[name] = value.strip(b" \t")
    found = _DISPOSITION.fullmatch(told.get(b"content-disposition", b""))
    if found is None or told.get(b"content-transfer-encoding", b"binary").lower() not in _PLAIN:
        raise Problem("malformed")
    return found[1].decode("ascii"), found[2] is not None
