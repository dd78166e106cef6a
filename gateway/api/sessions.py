"""In-person sessions: training centres hold them, people ask for a place, attendance is noted."""

from typing import Annotated

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from gateway.api import router_for
from gateway.api.commands import Several, carry_out
from gateway.api.files import FILES, WrittenAs, told_as
from gateway.api.queries import AtLeast
from gateway.ask import ask_for_places
from gateway.body import JsonBody, check_times
from gateway.export.organisation import SESSIONS
from gateway.parts import parts_of
from gateway.results import CommandResults, results
from gateway.times import positions
from services.contracts.message import Message
from services.contracts.reporting.sessions import AskSessions, Sessions
from services.contracts.scheduling.classes import (
    CentreClassCommand,
    NoteClassAttendance,
    PlacesClassCommand,
)

router = router_for("in-person sessions")


class SessionCommands(Message):
    """What training centres say of in-person courses and sessions, carried out in this order."""

    commands: Several[Annotated[CentreClassCommand, Field(discriminator="type")]]


class RequestCommands(Message):
    """Requests, decisions, answers to offers, reservations and wishes, carried out in this order."""

    commands: Several[Annotated[PlacesClassCommand, Field(discriminator="type")]]


class AttendanceCommands(Message):
    """Who was there on which day, carried out in this order."""

    commands: Several[NoteClassAttendance]


_sessions, _requests = JsonBody(SessionCommands), JsonBody(RequestCommands)
_attendance = JsonBody(AttendanceCommands)


@router.get("/sessions", response_model=Sessions, responses=FILES, summary="In-person sessions")
async def held(request: Request, at_least: AtLeast = None, written_as: WrittenAs = None) -> Response:
    """Those to come and of the last 60 days: one's own place, people in one's care, for centres all and demand."""
    asked = AskSessions(at_least=positions(at_least))
    return await told_as(request, written_as, SESSIONS, asked)


@router.post(
    "/sessions",
    response_model=CommandResults,
    openapi_extra=_sessions.openapi,
    summary="Hold, change and cancel in-person sessions",
)
async def sessions(request: Request) -> Response:
    """1 to 500 commands of a training centre, one result each, in order."""
    return await carry_out(request, (await _sessions.read(request)).commands)


@router.post(
    "/requests",
    response_model=CommandResults,
    openapi_extra=_requests.openapi,
    summary="Ask for a place, decide, accept, give back, reserve",
)
async def requests(request: Request) -> Response:
    """1 to 500 commands, one result each: learners about themselves, managers about people in their care."""
    told = await _requests.read(request)
    check_times(told.commands, parts_of(request).clock(), steps=False)
    return results("scheduling", await ask_for_places(request, told.commands), request)


@router.post(
    "/attendance",
    response_model=CommandResults,
    openapi_extra=_attendance.openapi,
    summary="Note who was there",
)
async def attendance(request: Request) -> Response:
    """1 to 500 notes, one result each, in order; noting a day again corrects it, and both stay on record."""
    return await carry_out(request, (await _attendance.read(request)).commands)
