"""HTTP/1.1 with keep-alive, and no more of it than a load generator needs: little time is spent per request.

One connection has one request under way. It connects again by itself at the next request.
"""

import asyncio
import json
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

CONNECT_SECONDS = 3.0
ANSWER_SECONDS = 15.0
END_OF_HEAD = b"\r\n\r\n"
LENGTH = b"content-length:"


class Unanswered(Exception):
    """No connection, a connection that broke, or no answer in time: what became of the request is unknown."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: bytes

    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.body)


class _Wire(asyncio.Protocol):
    """Puts the bytes of one answer together."""

    def __init__(self) -> None:
        self.transport: asyncio.WriteTransport | None = None
        self.answer: asyncio.Future[Answer] | None = None
        self._bytes = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection stands."""
        self.transport = cast(asyncio.WriteTransport, transport)

    def data_received(self, data: bytes) -> None:
        """Some bytes of an answer."""
        self._bytes = self._bytes + data if self._bytes else data
        end = self._bytes.find(END_OF_HEAD)
        if end < 0 or self.answer is None or self.answer.done():
            return
        head = self._bytes[:end].lower()
        place = head.find(LENGTH)
        if place < 0:
            self._fail("an answer without a length")
            return
        start = place + len(LENGTH)
        line_end = head.find(b"\r\n", start)
        length = int(head[start : line_end if line_end > 0 else None])
        whole = end + len(END_OF_HEAD) + length
        if len(self._bytes) >= whole:
            answer = Answer(int(head[9:12]), self._bytes[end + len(END_OF_HEAD) : whole])
            self._bytes = self._bytes[whole:]
            self.answer.set_result(answer)

    def connection_lost(self, exc: Exception | None) -> None:
        """Whoever waits hears of it."""
        self.transport = None
        self._fail("the connection broke")

    def _fail(self, reason: str) -> None:
        if self.answer is not None and not self.answer.done():
            self.answer.set_exception(Unanswered(reason))


class Connection:
    """A client of one server. Use from one task."""

    def __init__(self, base_url: str, answer_seconds: float = ANSWER_SECONDS) -> None:
        """Nothing is connected yet."""
        where = urlsplit(base_url)
        self._host, self._port = where.hostname or "127.0.0.1", where.port or 80
        self._answer_seconds = answer_seconds
        self._wire: _Wire | None = None
        self._headers = f"Host: {where.netloc}\r\n".encode()

    def sign(self, token: str) -> None:
        """Send this token from now on."""
        self._headers += f"Authorization: Bearer {token}\r\n".encode()

    def carry(self, name: str, value: object) -> None:
        """Send this cookie from now on."""
        self._headers += f"Cookie: {name}={value}\r\n".encode()

    async def get(self, target: str) -> Answer:
        """Ask. Raises Unanswered."""
        return await self._exchange(b"GET %s HTTP/1.1\r\n%s\r\n" % (target.encode(), self._headers))

    async def post(self, target: str, body: bytes) -> Answer:
        """Send JSON. Raises Unanswered."""
        return await self._exchange(
            b"POST %s HTTP/1.1\r\n%sContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
            % (target.encode(), self._headers, len(body), body)
        )

    def close(self) -> None:
        """Hang up."""
        if self._wire and self._wire.transport:
            self._wire.transport.close()
        self._wire = None

    async def _exchange(self, request: bytes) -> Answer:
        wire = self._wire if self._wire and self._wire.transport else await self._connect()
        if wire.transport is None:
            raise Unanswered("the connection broke")
        wire.answer = asyncio.get_running_loop().create_future()
        wire.transport.write(request)
        try:
            async with asyncio.timeout(self._answer_seconds):
                return await wire.answer
        except BaseException as error:
            self.close()  # a late answer must not be taken for the next one's
            if isinstance(error, TimeoutError):
                raise Unanswered(f"no answer within {self._answer_seconds} s") from error
            raise

    async def _connect(self) -> _Wire:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                loop = asyncio.get_running_loop()
                _, self._wire = await loop.create_connection(_Wire, self._host, self._port)
        except (OSError, TimeoutError) as error:
            raise Unanswered(f"no connection: {type(error).__name__}") from error
        return self._wire
