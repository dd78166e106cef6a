"""Everybody: sign in, sign out, who am I; and the courses there are."""

import asyncio
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Path
from pydantic import Field, StringConstraints
from starlette.requests import Request
from starlette.responses import Response

from gateway.api import json_answer, router_for
from gateway.api.queries import Lang
from gateway.ask import ask
from gateway.auth import Session, give_cookie, same_origin, take_cookie
from gateway.body import JsonBody
from gateway.errors import Problem
from gateway.limits import PASSWORD_CHARS_MAX, REFUSAL_SECONDS, USER_CHARS_MAX
from gateway.metrics import SIGN_INS
from gateway.parts import parts_of, session_in
from services.contracts.access import Role
from services.contracts.content import AskCourse, AskCourses, AskModule, Courses, CourseView, ModuleView
from services.contracts.message import Message, Slug

router = router_for("everybody")

CoursePath = Annotated[Slug, Path(description="The course", examples=["radicalisation-awareness"])]
VersionPath = Annotated[int, Path(ge=1, le=1_000_000, description="The version's number")]


class Credentials(Message):
    """A user name and its password."""

    user: Annotated[str, StringConstraints(min_length=1, max_length=USER_CHARS_MAX)]
    password: Annotated[str, StringConstraints(min_length=1, max_length=PASSWORD_CHARS_MAX)]


class SessionView(Message):
    """Who is signed in. Browsers send `csrf` back as X-CSRF-Token with every write."""

    person_id: UUID
    roles: tuple[Role, ...]
    csrf: str
    expires_at: datetime


class SignedIn(SessionView):
    """A new session; other clients send `token` as `Authorization: Bearer …`, browsers have it in a cookie."""

    token: str = Field(description="Told once, here")


_credentials = JsonBody(Credentials)


@router.post(
    "/session",
    status_code=201,
    responses={201: {"model": SignedIn}},
    openapi_extra=_credentials.openapi,
    summary="Sign in",
)
async def sign_in(request: Request) -> Response:
    """Answers with a token and sets it as a cookie. Wrong names and wrong passwords look the same."""
    check_sign_in(request)
    token, session = await new_session(request, await _credentials.read(request))
    view = SignedIn(token=token, **_view(session).model_dump())
    answer = json_answer(view.model_dump_json(), 201)
    give_cookie(answer, token, secure=parts_of(request).settings.secure_cookies)
    return answer


def check_sign_in(request: Request) -> None:
    """Raise Problem for a sign-in from a page of others, or one too many from one address."""
    parts = parts_of(request)
    if not same_origin(request, parts.settings.public_origin, required=False):
        raise Problem("foreign-page")
    parts.sign_ins.take(request.client.host if request.client else "")


async def new_session(request: Request, told: Credentials) -> tuple[str, Session]:
    """The token and session of who may sign in. Raises Problem, at a time that says nothing about the reason."""
    parts = parts_of(request)
    started = asyncio.get_running_loop().time()
    account = await parts.accounts.check(told.user, told.password, parts.clock())
    if account is None:
        SIGN_INS.labels("refused").inc()
        passed = asyncio.get_running_loop().time() - started
        await asyncio.sleep(REFUSAL_SECONDS - passed % REFUSAL_SECONDS)
        raise Problem("sign-in-refused")
    SIGN_INS.labels("accepted").inc()
    return await parts.sessions.start(account)


@router.delete("/session", status_code=204, summary="Sign out")
async def sign_out(request: Request) -> Response:
    """Ends the session at once."""
    parts = parts_of(request)
    await parts.sessions.end(session_in(request))
    answer = Response(status_code=204)
    take_cookie(answer, secure=parts.settings.secure_cookies)
    return answer


@router.get("/me", response_model=SessionView, summary="Who am I?")
async def me(request: Request) -> Response:
    """The person, their roles, and the CSRF token of this session."""
    return json_answer(_view(session_in(request)).model_dump_json())


@router.get("/courses", response_model=Courses, summary="All courses")
async def courses(request: Request) -> Response:
    """Courses and their versions."""
    return json_answer(await ask(request, "content.courses", AskCourses()))


@router.get("/courses/{course}", response_model=CourseView, summary="A course's table of contents")
async def course(request: Request, course: CoursePath, lang: Lang) -> Response:
    """The newest version that is not withdrawn, in one language."""
    asked = AskCourse(course=course, language=lang)
    return json_answer(await ask(request, "content.course", asked))


@router.get(
    "/courses/{course}/versions/{version}/modules/{module}",
    response_model=ModuleView,
    summary="A part of a course, with its pages",
)
async def module(
    request: Request, course: CoursePath, version: VersionPath, module: Slug, lang: Lang
) -> Response:
    """One language; pictures and clips are at `/media/DIGEST`."""
    asked = AskModule(course=course, course_version=version, module=module, language=lang)
    return json_answer(await ask(request, "content.module", asked))


def _view(session: Session) -> SessionView:
    return SessionView(
        person_id=session.person_id,
        roles=tuple(sorted(session.roles)),
        csrf=session.csrf,
        expires_at=session.expires_at,
    )
