"""Training centres: the attendance sheet of a session, for a tablet and for paper, day by day."""

from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from gateway.errors import Problem
from gateway.forms import Form, read_form
from gateway.web.classroom import (
    Position,
    carry_out,
    classroom_of,
    command_of,
    in_state,
    open_days,
)
from gateway.web.page import at, go, page, page_router
from services.contracts.message import Command
from services.contracts.reporting.sessions import SessionPerson
from services.contracts.rules import Rule
from services.contracts.scheduling.classes import NoteClassAttendance

router = page_router()

PATH = "/sessions/{session}/attendance"
WAS: Final = "was-"
NOTED: Final = "is-"
"""How the fields of a person begin: what the sheet showed, and what it says now."""

Noted = Literal["yes", "no", ""]
Day = Annotated[int, Query(ge=0, le=5)]


@router.get(PATH)
async def sheet(request: Request, session: UUID, position: Position = 0, day: Day = 0) -> Response:
    """Everybody with a seat, in the order of their names; today's day first, where there is one."""
    room = await classroom_of(request, position)
    found = room.session(session)
    begun = [n for n, _ in open_days(found, room.now)]
    shown = day or (begun[-1] if begun else 1)
    if shown > len(found.days):
        raise Problem(Rule.CLASS_DAY_UNKNOWN, params={"day": str(shown), "days": str(len(found.days))})
    people = sorted(in_state(found, "seated"), key=_by_name)
    noted = {each.person_id: noted_on(each, shown) for each in people}
    return await page(
        request,
        "sessions/attendance.html",
        room=room,
        held=found,
        number=shown,
        day=found.days[shown - 1],
        begun=begun,
        people=people,
        noted=noted,
        reserved=sum(each.seats for each in found.reservations),
        there=sum(each == "yes" for each in noted.values()),
        away=sum(each == "no" for each in noted.values()),
    )


@router.post(PATH)
async def note(request: Request, session: UUID) -> Response:
    """Notes what was changed on the sheet and nothing else: two trainers may note at the same time."""
    form = await read_form(request)
    number = form.one("day")
    day = int(number) if number.isascii() and number.isdigit() and len(number) == 1 else 0
    commands = list(_notes(request, form, session, day))
    position = await carry_out(request, commands)
    return go(
        at(PATH.format(session=session), day=day, done="noted" if commands else None, position=position)
    )


def _notes(request: Request, form: Form, session: UUID, day: int) -> list[Command]:
    all_there = form.one("what") == "all"
    found: list[Command] = []
    for person, was in form.starting(WAS).items():
        now = form.one(NOTED + person) or was[0]
        if all_there and not now:
            now = "yes"
        if now in ("yes", "no") and now != was[0]:
            about = {"class_id": session, "person_id": person, "day": day}
            found.append(command_of(request, form, NoteClassAttendance, **about, present=now == "yes"))
    return found


def noted_on(person: SessionPerson, day: int) -> Noted:
    """What is noted of a day."""
    attended = person.place.attended
    known = attended[day - 1] if day <= len(attended) else None
    return "" if known is None else "yes" if known else "no"


def _by_name(person: SessionPerson) -> tuple[str, str, str]:
    return (
        (person.family_name or "~").casefold(),
        (person.given_name or "").casefold(),
        str(person.person_id),
    )
