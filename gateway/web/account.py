"""Everybody: the door, the way to one's own room, the language, and the files that pages need."""

from typing import Annotated, Final

from fastapi import APIRouter, Query
from fastapi import Path as InPath
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response

from gateway.api.session import Credentials, check_sign_in, new_session
from gateway.auth import give_cookie, session_of, take_cookie
from gateway.errors import Problem
from gateway.forms import read_form
from gateway.parts import GuardedRoute, parts_of, session_in
from gateway.sentences import LANGUAGE_COOKIE, LANGUAGES
from gateway.web.menu import rooms_of
from gateway.web.page import go, own_path, page, page_router
from gateway.web.rendering import STATIC, static_version
from services.contracts.access import Role

router = page_router()
files = APIRouter(route_class=GuardedRoute, include_in_schema=False)

LANGUAGE_SECONDS: Final = 365 * 24 * 60 * 60
AGAIN: Final = frozenset({"/audit"})
"""Forms that only ask: in another language they are sent once more, with the same body, instead of forgotten.

What they ask stands in no address. They check their own proof of our page, as if they were sent directly."""
FOR_EVER: Final = "public, max-age=31536000, immutable"
TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@router.get("/")
async def home(request: Request) -> Response:
    """One's own room: that of one's work, and one's training when there is no other."""
    mine = rooms_of(session_in(request).roles)
    return go(min(mine, key=lambda room: room.role is Role.LEARNER).path)


@router.get("/sign-in")
async def door(request: Request, wanted: Annotated[str, Query(alias="next")] = "/") -> Response:
    """The form; who is signed in already goes on."""
    parts = parts_of(request)
    try:
        await session_of(request, parts.sessions)
    except Problem:
        return await page(request, "sign-in.html", next=own_path(wanted), user="", refused=False)
    return go(own_path(wanted))


@router.post("/sign-in")
async def sign_in(request: Request) -> Response:
    """A new session, never one that the browser brought along; then where one wanted to go."""
    check_sign_in(request)
    form = await read_form(request)
    next_path = own_path(form.one("next"))
    user = form.one("user")
    try:
        told = Credentials(user=user, password=form.one("password"))
        token, _ = await new_session(request, told)
    except (ValidationError, Problem) as error:
        if isinstance(error, Problem) and error.kind != "sign-in-refused":
            raise
        return await page(request, "sign-in.html", 401, next=next_path, user=user, refused=True)
    await _end_old_session(request)
    answer = go(next_path)
    give_cookie(answer, token, secure=parts_of(request).settings.secure_cookies)
    return answer


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    """Ends the session. Pages leave the browser's cache; steps that wait to be sent stay, unread, for their owner."""
    parts = parts_of(request)
    await parts.sessions.end(session_in(request))
    answer = go("/sign-in")
    take_cookie(answer, secure=parts.settings.secure_cookies)
    answer.headers["clear-site-data"] = '"cache"'
    return answer


@router.post("/language")
async def language(request: Request) -> Response:
    """The language of the pages, for this browser. Changes nothing else, so no proof of our page is asked for."""
    form = await read_form(request)
    chosen = form.one("language")
    again = form.one("again")
    answer = RedirectResponse(again, 307) if again in AGAIN else go(own_path(form.one("next")))
    if chosen in LANGUAGES:
        answer.set_cookie(
            LANGUAGE_COOKIE,
            chosen,
            max_age=LANGUAGE_SECONDS,
            httponly=True,
            samesite="lax",
            secure=parts_of(request).settings.secure_cookies,
        )
    return answer


@router.get("/accessibility")
async def accessibility(request: Request) -> Response:
    """The accessibility statement."""
    return await page(request, "accessibility.html")


@files.get("/static/{version}/{file}", response_class=FileResponse)
async def static_file(
    request: Request,
    version: Annotated[str, InPath(pattern="^[0-9a-f]{12}$")],
    file: Annotated[str, InPath(pattern=r"^[a-z][a-z-]*\.(css|js|svg)$")],
) -> Response:
    """Styles and scripts; an address never changes its content."""
    path = STATIC / file
    if version != static_version() or not path.is_file():
        raise Problem("not-found")
    return FileResponse(path, media_type=TYPES[path.suffix], headers={"cache-control": FOR_EVER})


async def _end_old_session(request: Request) -> None:
    parts = parts_of(request)
    try:
        old, _ = await session_of(request, parts.sessions)
    except Problem:
        return
    await parts.sessions.end(old)
