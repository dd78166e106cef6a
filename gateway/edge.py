"""The outermost layer, plain ASGI: correlation id, size of bodies, security headers, problems, metrics."""

import logging
import time
from collections.abc import Iterable
from typing import Final
from uuid import UUID, uuid4

import structlog
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.access import API
from gateway.errors import TELL, Problem, answer, problem_of
from gateway.limits import BODY_BYTES_MAX, COMMANDS_BODY_BYTES_MAX, COURSE_BYTES_MAX, STAFF_FILE_BYTES_MAX
from gateway.metrics import HTTP_SECONDS
from gateway.sentences import reading_language

_log = logging.getLogger(__name__)

BODY_LIMITS: Final[dict[str, int]] = {
    f"{API}/me/commands": COMMANDS_BODY_BYTES_MAX,
    f"{API}/organisation/commands": COMMANDS_BODY_BYTES_MAX,
    f"{API}/staff/imports": STAFF_FILE_BYTES_MAX,
    "/operations/staff": STAFF_FILE_BYTES_MAX,
    f"{API}/courses": COURSE_BYTES_MAX,
    "/courses": COURSE_BYTES_MAX,  # a form with a file; without one it is held to less (`gateway.forms`)
}
"""Bytes of a body by path; BODY_BYTES_MAX elsewhere."""

Header = tuple[bytes, bytes]

ALWAYS: Final[tuple[Header, ...]] = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
UNLESS_SAID: Final[tuple[Header, ...]] = (
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"no-referrer"),
)
ONLY_HTTPS: Final[Header] = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")


class Edge:
    """Wraps an application."""

    def __init__(self, app: ASGIApp, *, https: bool = False) -> None:
        """Answer for `app`; with `https` tell browsers never to come without."""
        self._app = app
        self._always = [*ALWAYS, ONLY_HTTPS] if https else [*ALWAYS]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, whatever happens."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        await _Exchange(self._app, self._always, scope, receive, send).run()


class _Exchange:
    """One request and its answer."""

    __slots__ = (
        "_always",
        "_app",
        "_correlation_id",
        "_left",
        "_limit",
        "_receive",
        "_scope",
        "_send",
        "_status",
    )

    def __init__(
        self, app: ASGIApp, always: list[Header], scope: Scope, receive: Receive, send: Send
    ) -> None:
        self._app, self._always, self._scope, self._receive, self._send = app, always, scope, receive, send
        self._correlation_id = _correlation_id(scope["headers"])
        self._limit = self._left = BODY_LIMITS.get(scope["path"], BODY_BYTES_MAX)
        self._status = 0

    async def run(self) -> None:
        started = time.perf_counter()
        scope = self._scope
        scope["parcours.correlation_id"] = self._correlation_id
        structlog.contextvars.bind_contextvars(correlation_id=self._correlation_id)
        try:
            self._check_announced_size()
            await self._app(scope, self.receive, self.send)
        except ClientDisconnect:
            self._status = self._status or 499
        except Exception as error:  # the last line: everything becomes an answer
            await self._tell(error)
        finally:
            route = scope.get("parcours.route", "none")
            HTTP_SECONDS.labels(route, scope["method"], str(self._status)).observe(
                time.perf_counter() - started
            )

    async def receive(self) -> Message:
        if self._left < 0:
            raise self._too_large()
        message = await self._receive()
        if body := message.get("body"):
            self._left -= len(body)
            if self._left < 0:
                raise self._too_large()
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            headers = message.get("headers", ())
            said = [name for name, _ in headers]
            message["headers"] = [
                *headers,
                *self._always,
                *[header for header in UNLESS_SAID if header[0] not in said],
                (b"x-correlation-id", self._correlation_id.encode()),
            ]
        await self._send(message)

    def _check_announced_size(self) -> None:
        announced = _header(self._scope["headers"], b"content-length")
        if announced and announced.isdigit() and int(announced) > self._limit:
            self._left = -1  # not a byte of it is taken
            if b"text/html" not in _header(self._scope["headers"], b"accept"):
                raise self._too_large()  # a page says it itself, once its route is known

    def _too_large(self) -> Problem:
        return Problem("too-large", params={"bytes": str(self._limit)})

    async def _tell(self, error: Exception) -> None:
        problem = problem_of(error)
        if problem.status >= 500:
            unexpected = error if problem.status == 500 else None
            _log.warning(
                "problem", exc_info=unexpected, extra={"kind": problem.kind, "reason": type(error).__name__}
            )
        if self._status:  # the answer has begun: break it off, so that nobody takes it for whole
            raise error
        headers = Headers(scope=self._scope)
        cookies = cookie_parser(headers.get("cookie", ""))
        language = reading_language(cookies, headers.get("accept-language", ""))
        tell = self._scope.get(TELL, answer)  # a page says it in HTML
        try:
            told = tell(problem, language, self._correlation_id)
        except Exception:  # what every page has in common is broken: it is still said, and protected
            _log.exception("the page of a problem failed")
            told = answer(problem, language, self._correlation_id)
        await told(self._scope, self._receive, self.send)


def _header(headers: Iterable[Header], wanted: bytes) -> bytes:
    for name, value in headers:
        if name == wanted:
            return value
    return b""


def _correlation_id(headers: Iterable[Header]) -> str:
    """The client's own, when it is a UUID; otherwise a new one."""
    told = _header(headers, b"x-correlation-id")
    if told:
        try:
            return str(UUID(told.decode("ascii")))
        except ValueError:
            pass
    return str(uuid4())
