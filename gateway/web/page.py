"""What every page shares: the way in, the frame around it, and how its problems are told."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final
from urllib.parse import quote, urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from gateway.access import API
from gateway.ask import ask
from gateway.auth import READING, Session, sealing_key
from gateway.errors import TELL, Problem, detail, headers_of
from gateway.export.file import TYPES
from gateway.limits import SEEN_SECONDS, SESSION_IDLE_SECONDS
from gateway.parts import GuardedRoute, Handler, language_in, parts_of
from gateway.rpc import Away, Failed
from gateway.sentences import LANGUAGES
from gateway.web.menu import menu
from gateway.web.rendering import local_day, render
from services.contracts.access import Role
from services.contracts.reporting.people import AskMe, Me

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Final[Mapping[str, str]] = {
    "content-security-policy": POLICY,
    # `no-referrer` would make browsers hide the origin of our own forms as well.
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "vary": "Cookie, Accept-Language",
}
NAME_SECONDS: Final = 1.0
"""How long a page waits to learn how somebody is called."""


class PageRoute(GuardedRoute):
    """A page behind the access table. Whoever is not signed in is led to the door, and back."""

    def get_route_handler(self) -> Handler:
        """The page behind its guard."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            request.scope[TELL] = partial(tell, request)
            return await handler(request)

        return handle


def page_router() -> APIRouter:
    """A router for pages; they are no part of the API's description."""
    return APIRouter(route_class=PageRoute, include_in_schema=False, default_response_class=HTMLResponse)


async def page(request: Request, template: str, status: int = 200, **values: Any) -> Response:
    """A page in its frame, in the language of whoever reads it."""
    return _framed(request, template, status, await name_of(request), values)


def go(path: str) -> Response:
    """Lead the browser on after a form: whatever it loads again there changes nothing."""
    return RedirectResponse(path, 303)


def at(path: str, **query: object) -> str:
    """An address with its query; what is None or empty is left out."""
    told = {key: str(value) for key, value in query.items() if value not in (None, "")}
    return f"{path}?{urlencode(told)}" if told else path


def files_of(path: str, **query: object) -> dict[str, str]:
    """Where a table of the interface is had as a file, by kind."""
    return {kind: at(f"{API}{path}", **query, format=kind) for kind in TYPES}


def own_path(told: str, otherwise: str = "/") -> str:
    """A path of this site that may be led to; anything else becomes `otherwise`."""
    plain = told.isprintable() and "\\" not in told and len(told) <= 2_000
    return told if plain and told.startswith("/") and not told.startswith("//") else otherwise


async def name_of(request: Request) -> str:
    """How whoever reads this page is called; nothing when nobody can say it at the moment."""
    session = request.scope.get("parcours.session")
    if not isinstance(session, Session):
        return ""
    if session.name is None:
        try:
            me = Me.model_validate_json(await ask(request, "reporting.me", AskMe(), NAME_SECONDS))
        except (Away, Failed, Problem):
            return ""
        session.name = " ".join(filter(None, (me.given_name, me.family_name)))
    return session.name


def tell(request: Request, problem: Problem, language: str, correlation_id: str) -> Response:
    """A problem as a page."""
    language = language_in(request)
    if problem.kind == "not-signed-in" and request.method in READING:
        here = _here(request)
        return RedirectResponse("/sign-in" if here == "/" else f"/sign-in?next={quote(here, safe='')}", 303)
    values = {
        "problem": problem,
        "sentence": detail(problem, language, correlation_id),
        "correlation_id": correlation_id,
    }
    session = request.scope.get("parcours.session")
    name = (session.name or "") if isinstance(session, Session) else ""
    answer = _framed(request, "problem.html", problem.status, name, values)
    answer.headers.update(headers_of(problem, language))
    return answer


def _framed(
    request: Request, template: str, status: int, name: str, values: Mapping[str, Any]
) -> HTMLResponse:
    session = request.scope.get("parcours.session")
    if not isinstance(session, Session):
        session = None
    language = language_in(request)
    parts = parts_of(request)
    here = _here(request)
    frame = {
        "here": here,
        "languages": LANGUAGES,
        "session": session,
        "csrf": session.csrf if session else "",
        "name": name,
        "menu": menu(session.roles if session else (), here),
        "now": parts.clock(),
        # How long the session lasts when nothing more is asked of the server, and how long at most; in seconds.
        "idle_seconds": SESSION_IDLE_SECONDS - int(SEEN_SECONDS),
        "whole_seconds": int((session.expires_at - parts.clock()).total_seconds()) if session else 0,
        "today": local_day(parts.clock()),
        "steps_key": sealing_key(parts.settings.login_key_bytes, session.person_id)
        if session and Role.LEARNER in session.roles
        else "",
        # What the form before this page did: a key of a table of words in the template, nothing else.
        "just_done": request.query_params.get("done", ""),
    }
    text = render(template, language, {**frame, **values})
    return HTMLResponse(text, status, headers={**HEADERS, "content-language": language})


def _here(request: Request) -> str:
    """Where the reader is, to come back to: a page that was asked for, not a form that was sent."""
    if request.method not in READING:
        return own_path(request.headers.get("referer", "").partition(request.url.netloc)[2])
    query = request.url.query
    return own_path(f"{request.url.path}?{query}" if query else request.url.path)
