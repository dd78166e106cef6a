"""Sessions: who is behind a request, and the signed token under which services hear of them.

The token of a session is 256 random bits; the database knows its SHA-256 only. A browser sends it
in a cookie, and then a write must also prove that it comes from our own page.
"""

import hashlib
import hmac
import secrets
import time
from base64 import b64encode
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

from psycopg_pool import AsyncConnectionPool
from starlette.requests import Request
from starlette.responses import Response

from gateway.accounts import Account
from gateway.errors import Problem
from gateway.limits import (
    ACTOR_TOKEN_RENEW_SECONDS,
    ACTOR_TOKEN_SECONDS,
    SEEN_SECONDS,
    SESSION_CACHE_SECONDS,
    SESSION_IDLE_SECONDS,
    SESSION_SECONDS,
    SESSIONS_CACHED_MAX,
)
from services.backbone.actor import TokenSigner
from services.backbone.clock import Clock
from services.contracts.access import Actor, Role

COOKIE: Final = "parcours_session"
HOST_ONLY: Final = "__Host-"
"""Before the name of a cookie, browsers hold to it: over https only, for this host alone and all its paths.

A neighbour under the same domain, or somebody on a plain connection, cannot plant a session."""
CSRF_HEADER: Final = "x-csrf-token"
TOKEN_BYTES: Final = 32
TOKEN_CHARS_MAX: Final = 100
READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(slots=True, eq=False)
class Session:
    """Somebody who signed in, as this process knows them."""

    token_sha256: bytes
    person_id: UUID
    roles: frozenset[Role]
    csrf: str
    seen_at: datetime
    expires_at: datetime
    read_at: float = 0.0
    name: str | None = None
    """How the person is called, once somebody asked; never stored"""
    actor_tokens: dict[str, tuple[str, float]] = field(default_factory=dict)
    """service → the token for it, and until when it is used"""

    def over(self, now: datetime) -> bool:
        """Too old, or idle for too long."""
        return now >= self.expires_at or now >= self.seen_at + timedelta(seconds=SESSION_IDLE_SECONDS)


class Sessions:
    """Sessions in the database, and those of the last seconds in memory."""

    def __init__(self, pool: AsyncConnectionPool, signer: TokenSigner, clock: Clock, *, secure: bool) -> None:
        """Keep sessions behind `pool` and vouch for people with `signer`; `secure`: browsers come over https."""
        self.cookie = cookie_name(secure=secure)
        self._pool = pool
        self._signer = signer
        self._clock = clock
        self._cached: OrderedDict[bytes, Session] = OrderedDict()

    async def start(self, account: Account) -> tuple[str, Session]:
        """A new session; its token is told once and stored nowhere."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        now = self._clock()
        session = Session(
            token_sha256=_digest(token),
            person_id=account.person_id,
            roles=account.roles,
            csrf=secrets.token_urlsafe(TOKEN_BYTES),
            seen_at=now,
            expires_at=now + timedelta(seconds=SESSION_SECONDS),
            read_at=time.monotonic(),
        )
        async with self._pool.connection() as conn:
            await conn.execute("DELETE FROM session WHERE expires_at < %s", (now,))
            await conn.execute(
                "INSERT INTO session (token_sha256, person_id, roles, csrf, created_at, seen_at, expires_at)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s)",
                (
                    session.token_sha256,
                    session.person_id,
                    sorted(role.value for role in session.roles),
                    session.csrf,
                    now,
                    now,
                    session.expires_at,
                ),
            )
        self._keep(session)
        return token, session

    async def find(self, token: str) -> Session | None:
        """The running session of a token."""
        key = _digest(token)
        session = self._cached.get(key)
        if session is None or time.monotonic() - session.read_at > SESSION_CACHE_SECONDS:
            session = await self._read(key, session)
        return session

    async def end(self, session: Session) -> None:
        """Sign out; ending twice is ending once."""
        async with self._pool.connection() as conn:
            await conn.execute("DELETE FROM session WHERE token_sha256 = %s", (session.token_sha256,))
        self._cached.pop(session.token_sha256, None)

    def actor_token(self, session: Session, service: str) -> str:
        """A token for one service, used again until little of its time is left (it is remembered by its text)."""
        now = time.monotonic()
        token, until = session.actor_tokens.get(service, ("", now))
        if until - now < ACTOR_TOKEN_RENEW_SECONDS:
            expires_at = self._clock() + timedelta(seconds=ACTOR_TOKEN_SECONDS)
            actor = Actor(person_id=session.person_id, roles=session.roles, expires_at=expires_at)
            token = self._signer.sign(actor, service)
            session.actor_tokens[service] = token, now + ACTOR_TOKEN_SECONDS
        return token

    async def _read(self, key: bytes, known: Session | None) -> Session | None:
        now = self._clock()
        async with self._pool.connection() as conn:
            found = await conn.execute(
                "SELECT person_id, roles, csrf, seen_at, expires_at FROM session WHERE token_sha256 = %s",
                (key,),
            )
            row = await found.fetchone()
            session = None if row is None else Session(key, row[0], frozenset(map(Role, row[1])), *row[2:])
            if session is None or session.over(now):
                self._cached.pop(key, None)
                return None
            if (now - session.seen_at).total_seconds() > SEEN_SECONDS:
                await conn.execute("UPDATE session SET seen_at = %s WHERE token_sha256 = %s", (now, key))
        session.read_at = time.monotonic()
        if known and (known.person_id, known.roles) == (session.person_id, session.roles):
            session.actor_tokens, session.name = known.actor_tokens, known.name
        self._keep(session)
        return session

    def _keep(self, session: Session) -> None:
        self._cached[session.token_sha256] = session
        self._cached.move_to_end(session.token_sha256)
        if len(self._cached) > SESSIONS_CACHED_MAX:
            self._cached.popitem(last=False)


async def session_of(request: Request, sessions: Sessions) -> tuple[Session, bool]:
    """The session of a request, and whether a cookie told it. Raises Problem: not signed in."""
    token, by_cookie = _token_of(request, sessions.cookie)
    session = await sessions.find(token) if token else None
    if session is None:
        raise Problem("not-signed-in")
    return session, by_cookie


def check_own_page(request: Request, session: Session, told: str, public_origin: str | None) -> None:
    """Raise Problem unless our own page made this write: it knows the session's `csrf`, and has our origin."""
    if not hmac.compare_digest(told.encode(), session.csrf.encode()) or not same_origin(
        request, public_origin, required=True
    ):
        raise Problem("foreign-page")


def same_origin(request: Request, public_origin: str | None, *, required: bool) -> bool:
    """Whether the page that made the request is ours; without an Origin header: unless it is `required`."""
    origin = request.headers.get("origin")
    if origin is None:
        return not required
    if public_origin:
        return origin == public_origin.rstrip("/")
    try:
        host = urlsplit(origin).netloc
    except ValueError:
        return False
    return host != "" and host == request.headers.get("host")


def cookie_name(*, secure: bool) -> str:
    """How the cookie is called. Only over https may a browser keep one with the prefix."""
    return HOST_ONLY + COOKIE if secure else COOKIE


def give_cookie(response: Response, token: str, *, secure: bool) -> None:
    """Put the token where scripts do not reach, and other sites send it only with a link that is followed."""
    response.set_cookie(
        cookie_name(secure=secure),
        token,
        max_age=SESSION_SECONDS,
        path="/",
        httponly=True,
        samesite="lax",
        secure=secure,
    )


def take_cookie(response: Response, *, secure: bool) -> None:
    """Make the browser forget the token."""
    name = cookie_name(secure=secure)
    response.delete_cookie(name, path="/", httponly=True, samesite="lax", secure=secure)


def sealing_key(login_key: bytes, person_id: UUID) -> str:
    """The AES key (base64) under which a browser keeps this person's steps; told on their own pages only.

    Derived, so that every PC and every copy of the gateway tells the same one and none is stored; it lives
    as long as accounts do, since user names are hashed under the same key.
    """
    return b64encode(hmac.digest(login_key, b"steps kept on a PC\0" + person_id.bytes, "sha256")).decode()


def _token_of(request: Request, cookie: str) -> tuple[str, bool]:
    """The token, and whether a cookie carried it. A Bearer token goes first: no page of others can send one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return token.strip()[:TOKEN_CHARS_MAX], False
    return request.cookies.get(cookie, "")[:TOKEN_CHARS_MAX], True


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
