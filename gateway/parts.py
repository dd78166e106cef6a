"""What the routes of a running gateway share, and the way in: every route passes through `GuardedRoute`."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import psycopg
from fastapi.routing import APIRoute
from psycopg_pool import AsyncConnectionPool, PoolTimeout, TooManyRequests
from starlette.requests import Request
from starlette.responses import Response

from gateway.access import ROUTES, Access
from gateway.accounts import Accounts
from gateway.auth import CSRF_HEADER, READING, Session, Sessions, check_own_page, session_of
from gateway.calendars import Calendars
from gateway.errors import Problem
from gateway.forms import CSRF_FIELD, read_form
from gateway.gather import Gather
from gateway.limits import (
    CALENDAR_BURST,
    CALENDAR_RATE_PER_SECOND,
    CALENDAR_READERS_BURST,
    CALENDAR_READERS_RATE_PER_SECOND,
    CONFIRM_BURST,
    CONFIRM_RATE_PER_SECOND,
    PAPER_SECONDS,
    PAPERS_AT_ONCE_MAX,
    PAPERS_WAITING_MAX,
    SESSION_BURST,
    SESSION_RATE_PER_SECOND,
    SHEET_SECONDS,
    SHEETS_AT_ONCE_MAX,
    SHEETS_WAITING_MAX,
    SIGN_IN_BURST,
    SIGN_IN_RATE_PER_SECOND,
    UPLOADS_AT_ONCE_MAX,
)
from gateway.rates import Buckets
from gateway.rpc import Rpc
from gateway.sentences import reading_language
from gateway.settings import Settings
from gateway.threads import Threads
from services.backbone.actor import TokenSigner
from services.backbone.blobs import BlobFolder
from services.backbone.clock import Clock


@dataclass(slots=True)
class Parts:
    """Made once, when the gateway starts."""

    settings: Settings
    clock: Clock
    pool: AsyncConnectionPool
    signer: TokenSigner
    sessions: Sessions
    accounts: Accounts
    calendars: Calendars
    rpc: Rpc
    gather: Gather
    places: Gather
    blobs: BlobFolder
    requests: Buckets = field(default_factory=lambda: Buckets(SESSION_RATE_PER_SECOND, SESSION_BURST))
    sign_ins: Buckets = field(default_factory=lambda: Buckets(SIGN_IN_RATE_PER_SECOND, SIGN_IN_BURST))
    confirmations: Buckets = field(default_factory=lambda: Buckets(CONFIRM_RATE_PER_SECOND, CONFIRM_BURST))
    calendar_reads: Buckets = field(default_factory=lambda: Buckets(CALENDAR_RATE_PER_SECOND, CALENDAR_BURST))
    calendar_readers: Buckets = field(
        default_factory=lambda: Buckets(CALENDAR_READERS_RATE_PER_SECOND, CALENDAR_READERS_BURST)
    )
    papers: Threads = field(
        default_factory=lambda: Threads(
            "papers", at_once=PAPERS_AT_ONCE_MAX, waiting_max=PAPERS_WAITING_MAX, seconds=PAPER_SECONDS
        )
    )
    sheets: Threads = field(
        default_factory=lambda: Threads(
            "sheets", at_once=SHEETS_AT_ONCE_MAX, waiting_max=SHEETS_WAITING_MAX, seconds=SHEET_SECONDS
        )
    )
    uploads: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(UPLOADS_AT_ONCE_MAX))


Handler = Callable[[Request], Coroutine[Any, Any, Response]]


def parts_of(request: Request) -> Parts:
    """The parts of the gateway that answers this request."""
    parts: Parts = request.app.state.parts
    return parts


def session_in(request: Request) -> Session:
    """Who makes this request; only where the access table asks for somebody."""
    session: Session = request.scope["parcours.session"]
    return session


def correlation_of(request: Request) -> str:
    """The correlation id of this request."""
    found: str = request.scope["parcours.correlation_id"]
    return found


def language_in(request: Request) -> str:
    """The language of sentences for this request."""
    return reading_language(request.cookies, request.headers.get("accept-language", ""))


class GuardedRoute(APIRoute):
    """A route that looks into the access table before it does anything, and stays closed without a row."""

    def get_route_handler(self) -> Handler:
        """The route behind its guard."""
        return guarded(self.path, super().get_route_handler())


class RawRoute(GuardedRoute):
    """The same for a busy endpoint that takes the request as it is.

    Nothing is parsed for it, and the router is passed by (`gateway.app`); so its path has no parameters.
    """

    def get_route_handler(self) -> Handler:
        """The endpoint behind its guard."""
        return guarded(self.path, self.endpoint)


def guarded(path: str, handler: Handler) -> Handler:
    """The handler, for those that the table allows."""

    async def handle(request: Request) -> Response:
        access = ROUTES.get((request.method, path))
        if access is None:
            raise Problem("not-found")
        request.scope["parcours.route"] = path
        if not access.public:
            await _admit(request, access)
        elif access.page:
            await _recognise(request)
        return await handler(request)

    return handle


async def _admit(request: Request, access: Access) -> None:
    parts = parts_of(request)
    session, by_cookie = await session_of(request, parts.sessions)
    if by_cookie and request.method not in READING:
        told = (
            (await read_form(request)).one(CSRF_FIELD)
            if access.page
            else request.headers.get(CSRF_HEADER, "")
        )
        check_own_page(request, session, told, parts.settings.public_origin)
    if not session.roles & access.roles:
        raise Problem("not-yours")
    parts.requests.take(session.token_sha256)
    request.scope["parcours.session"] = session


async def _recognise(request: Request) -> None:
    """A page that is open to all still knows who reads it, when it is somebody who signed in."""
    try:
        request.scope["parcours.session"], _ = await session_of(request, parts_of(request).sessions)
    except (Problem, psycopg.Error, PoolTimeout, TooManyRequests):
        return
