"""Personnel managers: who of their people asks for an in-person course, has a seat, or waits; seats without names."""

import asyncio
from collections.abc import Sequence
from datetime import date
from typing import Final
from uuid import UUID, uuid5

from starlette.requests import Request
from starlette.responses import Response

from gateway.ask import ask_for
from gateway.errors import malformed
from gateway.forms import read_form
from gateway.web.asking import units_of
from gateway.web.classroom import (
    LANGUAGES,
    Position,
    begins,
    classroom_of,
    command_of,
    done,
    in_state,
)
from gateway.web.page import page, page_router
from gateway.web.rendering import local_day
from services.contracts.message import Command
from services.contracts.reporting.people import AskDirectory, Directory, DirectoryLine
from services.contracts.reporting.sessions import SessionLine
from services.contracts.reporting.transcripts import AskTranscript, Transcript
from services.contracts.scheduling.classes import (
    SEATS_MAX,
    DecideClassRequest,
    EndClassReservation,
    EndClassWish,
    GiveUpClassPlace,
    NameClassSeat,
    RequestClass,
    ReserveClassSeats,
    WishClass,
)

router = page_router()

PATH: Final = "/requests"
FOUND_MAX: Final = 12
"""People whom a search shows."""

CALLED_MAX: Final = 100
"""Letters of a name that are looked for."""


@router.get(PATH)
async def requests(request: Request, position: Position = 0) -> Response:
    """What is to be decided first; then who of one's people is where, and who wishes without a date."""
    return await _requests(request, position)


async def _requests(
    request: Request,
    position: int = 0,
    called: str = "",
    found: Sequence[DirectoryLine] = (),
    wrong: str = "",
) -> Response:
    room = await classroom_of(request, position)
    return await page(
        request,
        "sessions/requests.html",
        422 if wrong else 200,
        room=room,
        asking=[(session, each) for session in room.to_come for each in in_state(session, "asked")],
        to_come=room.to_come,
        begun=[session for session in room.begun if session.people],
        cancelled=room.cancelled,
        called=called,
        found=found,
        wrong=wrong,
    )


@router.post(PATH)
async def decide(request: Request) -> Response:
    """Approves or refuses, or ends a wish, once however often the form is sent; or looks for somebody.

    A search is a form that is posted: a name is no part of an address.
    """
    form = await read_form(request)
    what, person = form.one("what"), form.one("person")
    if what == "find":
        called = form.one("called").strip()[:CALLED_MAX]
        asked = AskDirectory(called=called or None, limit=FOUND_MAX)
        told = await ask_for(request, "reporting.directory", asked, Directory)
        return await _requests(request, called=called, found=told.lines if called else ())
    if what == "unwish":
        about = {"person_id": person, "course": form.one("course")}
        return await done(request, [command_of(request, form, EndClassWish, **about)], PATH, what)
    if what not in ("approve", "refuse"):
        raise malformed(())
    about = {"class_id": form.one("session"), "person_id": person}
    reason = form.one("reason").strip()
    if what == "refuse" and not reason:
        return await _requests(request, wrong=f"{about['class_id']}:{person}")
    said = {"approve": what == "approve", "reason": reason if what == "refuse" else None}
    command = command_of(request, form, DecideClassRequest, **about, **said)
    return await done(request, [command], PATH, what)


@router.get(f"{PATH}/sessions/{{session}}")
async def session(request: Request, session: UUID, position: Position = 0) -> Response:
    """One session: who of one's people is there, what is reserved, and the form that reserves."""
    return await _session(request, session, position, {"seats": "1", "release_on": "", "unit": ""}, {})


@router.post(f"{PATH}/sessions/{{session}}")
async def change(request: Request, session: UUID) -> Response:
    """Reserves, gives back what is reserved, or takes somebody's place back."""
    form = await read_form(request)
    what, path = form.one("what"), f"{PATH}/sessions/{session}"
    command: Command
    if what == "reserve":
        told = {name: form.one(name).strip() for name in ("unit", "seats", "release_on")}
        if wrong := _wrong(told):
            return await _session(request, session, 0, told, wrong)
        said = {
            "unit_id": told["unit"],
            "seats": int(told["seats"]),
            "release_on": told["release_on"],
            "reservation_id": uuid5(session, form.one("command_id")),
        }
        command = command_of(request, form, ReserveClassSeats, class_id=session, **said)
    elif what == "release":
        about = {"class_id": session, "reservation_id": form.one("reservation")}
        command = command_of(request, form, EndClassReservation, **about)
    elif what == "give-up":
        about = {"class_id": session, "person_id": form.one("person")}
        command = command_of(request, form, GiveUpClassPlace, **about)
    else:
        raise malformed(())
    return await done(request, [command], path, what)


async def _session(
    request: Request, session_id: UUID, position: int, told: dict[str, str], wrong: dict[str, str]
) -> Response:
    room, units = await asyncio.gather(classroom_of(request, position), units_of(request))
    session = room.session(session_id)
    return await page(
        request,
        "sessions/reserve.html",
        422 if wrong else 200,
        room=room,
        held=session,
        units=units,
        names={unit.unit_id: unit.name for unit in units},
        last_day=local_day(begins(session)),
        free=_free(session),
        told=told,
        wrong=wrong,
    )


@router.get(f"{PATH}/people/{{person}}")
async def for_somebody(request: Request, person: UUID, position: Position = 0) -> Response:
    """Which sessions there are for somebody: a seat is asked for, or one that is reserved gets their name."""
    room, who, units = await asyncio.gather(
        classroom_of(request, position),
        ask_for(request, "reporting.transcript", AskTranscript(person_id=person), Transcript),
        units_of(request),
    )
    return await page(
        request,
        "sessions/for-somebody.html",
        room=room,
        person=who,
        theirs={
            session.class_id: each
            for session in room.told.sessions
            for each in session.people
            if each.person_id == person
        },
        to_come=room.to_come,
        wishes=[each for each in room.told.wishing if each.person_id == person],
        names={unit.unit_id: unit.name for unit in units},
        languages_taught=LANGUAGES,
    )


@router.post(f"{PATH}/people/{{person}}")
async def ask_for_somebody(request: Request, person: UUID) -> Response:
    """Asks for a seat, names one, takes a place back, or wishes without a date."""
    form = await read_form(request)
    what, path = form.one("what"), f"{PATH}/people/{person}"
    about = {"person_id": person, "class_id": form.one("session")}
    command: Command
    match what:
        case "ask":
            command = command_of(request, form, RequestClass, **about)
        case "name":
            command = command_of(
                request, form, NameClassSeat, **about, reservation_id=form.one("reservation")
            )
        case "give-up":
            command = command_of(request, form, GiveUpClassPlace, **about)
        case "wish":
            said = {"language": form.one("in"), "centre_id": form.one("centre") or None}
            course = form.one("course")
            command = command_of(request, form, WishClass, person_id=person, course=course, **said)
        case "unwish":
            command = command_of(request, form, EndClassWish, person_id=person, course=form.one("course"))
        case _:
            raise malformed(())
    return await done(request, [command], path, what)


def _free(session: SessionLine) -> int:
    """Seats that may be reserved: none while somebody waits."""
    return 0 if session.waiting else max(session.seats - session.taken, 0)


def _wrong(told: dict[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    seats = told["seats"]
    if not (seats.isascii() and seats.isdigit() and len(seats) < 4 and 0 < int(seats) <= SEATS_MAX):
        found["seats"] = "number"
    try:
        date.fromisoformat(told["release_on"])
    except ValueError:
        found["release_on"] = "missing"
    return found
