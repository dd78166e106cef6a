"""Training centres: in-person courses and sessions, who comes, who waits, and for what there is demand."""

from datetime import datetime
from typing import Annotated
from uuid import UUID, uuid5

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from gateway.errors import malformed
from gateway.forms import read_form
from gateway.parts import language_in, parts_of
from gateway.web.classroom import (
    LANGUAGES,
    Classroom,
    Position,
    classroom_of,
    command_of,
    done,
    in_state,
    open_days,
)
from gateway.web.page import go, page, page_router
from gateway.web.session_forms import DAYS, USUAL, CourseDraft, SessionDraft
from services.contracts.reporting.sessions import SessionLine
from services.contracts.scheduling.classes import (
    CancelClass,
    ChangeClass,
    GiveUpClassPlace,
    NameClassCourse,
    PublishClass,
)

router = page_router()

PATH = "/sessions"


@router.get(PATH)
async def sessions(request: Request, position: Position = 0) -> Response:
    """Sessions to come, those whose attendance is to be noted, the list of demand, and the courses."""
    room = await classroom_of(request, position)
    return await page(
        request,
        "sessions/sessions.html",
        room=room,
        to_come=room.to_come,
        begun=room.begun,
        unnoted={each.class_id: unnoted(each, room.now) for each in room.begun},
        cancelled=room.cancelled,
    )


@router.post(PATH)
async def publish(request: Request) -> Response:
    """Holds a session, once however often the form is sent; then shows it."""
    form = await read_form(request)
    draft = SessionDraft.sent(form, parts_of(request).clock())
    if draft.wrong:
        return await _form(request, await classroom_of(request), draft, None)
    session_id = uuid5(UUID(int=0), form.one("command_id"))
    command = command_of(
        request, form, PublishClass, class_id=session_id, course=draft["course"], **draft.body
    )
    return await done(request, [command], f"{PATH}/{session_id}", "published")


@router.get(f"{PATH}/new")
async def new(request: Request, course: Annotated[str, Query(max_length=64)] = "") -> Response:
    """What, when, where, with whom, for how many."""
    told = {**USUAL, "course": course, "in": language_in(request)}
    draft = SessionDraft(told, (), parts_of(request).clock())
    return await _form(request, await classroom_of(request), draft, None)


@router.get(f"{PATH}/courses")
async def courses(request: Request, position: Position = 0, course: str = "") -> Response:
    """The in-person courses; one of them to be changed, or a new one."""
    room = await classroom_of(request, position)
    known = next((each for each in room.told.courses if each.course == course), None)
    told = {"months": "0"}
    if known is not None:
        titles = {f"title-{language}": title for language, title in known.title.items()}
        told = {"course": known.course, "months": str(known.validity_months), **titles}
    return await page(
        request, "sessions/courses.html", room=room, draft=CourseDraft(told), known=known, wrong={}
    )


@router.post(f"{PATH}/courses")
async def name_course(request: Request) -> Response:
    """Names a course, or names it anew for sessions to come."""
    form = await read_form(request)
    draft = CourseDraft({name: form.one(name) for name in CourseDraft({}).told})
    if wrong := draft.wrong:
        room = await classroom_of(request)
        known = next((each for each in room.told.courses if each.course == draft["course"]), None)
        return await page(
            request, "sessions/courses.html", 422, room=room, draft=draft, known=known, wrong=wrong
        )
    said = {"course": draft["course"], "title": draft.titles, "validity_months": int(draft["months"])}
    return await done(
        request, [command_of(request, form, NameClassCourse, **said)], f"{PATH}/courses", "named"
    )


@router.get(f"{PATH}/{{session}}")
async def session(request: Request, session: UUID, position: Position = 0) -> Response:
    """Who has a seat, who waits and in which order, what is reserved, and what one can do."""
    room = await classroom_of(request, position)
    found = room.session(session)
    return await page(
        request,
        "sessions/session.html",
        room=room,
        held=found,
        seated=in_state(found, "seated"),
        offered=in_state(found, "offered"),
        waiting=in_state(found, "waiting"),
        reserved=sum(each.seats for each in found.reservations),
        open=room.is_open(found),
        begun=bool(open_days(found, room.now)),
    )


@router.post(f"{PATH}/{{session}}")
async def take_back(request: Request, session: UUID) -> Response:
    """Ends somebody's place: they called the centre, or do not come."""
    form = await read_form(request)
    if form.one("what") != "give-up":
        raise malformed(())
    about = {"class_id": session, "person_id": form.one("person")}
    command = command_of(request, form, GiveUpClassPlace, **about)
    return await done(request, [command], f"{PATH}/{session}", "give-up")


@router.get(f"{PATH}/{{session}}/change")
async def before_change(request: Request, session: UUID) -> Response:
    """The session as it stands, to be changed; what has begun or is cancelled stays."""
    room = await classroom_of(request)
    found = room.session(session)
    if not room.is_open(found):
        return go(f"{PATH}/{session}")
    return await _form(request, room, SessionDraft.of(found, room.now), found)


@router.post(f"{PATH}/{{session}}/change")
async def change(request: Request, session: UUID) -> Response:
    """Changes it, once however often the form is sent."""
    form = await read_form(request)
    draft = SessionDraft.sent(form, parts_of(request).clock())
    if draft.wrong:
        room = await classroom_of(request)
        return await _form(request, room, draft, room.session(session))
    command = command_of(request, form, ChangeClass, class_id=session, **draft.body)
    return await done(request, [command], f"{PATH}/{session}", "changed")


@router.get(f"{PATH}/{{session}}/cancel")
async def before_cancel(request: Request, session: UUID) -> Response:
    """What it means, and the form that does it."""
    room = await classroom_of(request)
    found = room.session(session)
    if not room.is_open(found):
        return go(f"{PATH}/{session}")
    return await _cancel_form(request, room, found)


@router.post(f"{PATH}/{{session}}/cancel")
async def cancel(request: Request, session: UUID) -> Response:
    """Cancels it with a reason; everybody is free again, and hears why."""
    form = await read_form(request)
    reason = form.one("reason").strip()
    if not reason or len(reason) > 2000:
        room = await classroom_of(request)
        return await _cancel_form(request, room, room.session(session), reason, 422)
    command = command_of(request, form, CancelClass, class_id=session, reason=reason)
    return await done(request, [command], f"{PATH}/{session}", "cancelled")


async def _cancel_form(
    request: Request, room: Classroom, session: SessionLine, reason: str = "", status: int = 200
) -> Response:
    return await page(
        request,
        "sessions/cancel.html",
        status,
        room=room,
        held=session,
        reason=reason,
        wrong=status != 200,
    )


async def _form(
    request: Request, room: Classroom, draft: SessionDraft, session: SessionLine | None
) -> Response:
    return await page(
        request,
        "sessions/form.html",
        422 if draft.wrong else 200,
        room=room,
        held=session,
        draft=draft,
        wrong=draft.wrong,
        days=DAYS,
        languages_taught=LANGUAGES,
    )


def unnoted(session: SessionLine, now: datetime) -> int:
    """Of how many people not every day that has begun is noted."""
    begun = [n for n, _ in open_days(session, now)]
    return sum(
        any(n > len(each.place.attended) or each.place.attended[n - 1] is None for n in begun)
        for each in in_state(session, "seated")
    )
