"""Seats: rooms, the slots in which they are used, and who sits there. For managers, within their care."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from gateway.api import json_answer, router_for
from gateway.api.commands import Several, carry_out
from gateway.api.files import FILES, WrittenAs, told_as
from gateway.api.queries import AtLeast, Unit
from gateway.ask import ask
from gateway.body import JsonBody
from gateway.export.rooms import LOST_SEATS, PERSON_PLAN, PLAN, SEAT_USE
from gateway.results import CommandResults
from gateway.times import positions
from services.contracts.message import Day, Message, Slug
from services.contracts.reporting.seats import (
    AskLostSeats,
    AskMyPlan,
    AskPersonPlan,
    AskPlan,
    AskSeats,
    LostSeats,
    PersonPlan,
    Plan,
    SeatUse,
)
from services.contracts.scheduling.seats import (
    BookSeat,
    CancelSlot,
    ChangeRoom,
    CloseRoom,
    LiftClosure,
    MoveSeat,
    OpenRoom,
    OpenSlots,
    ReleaseSeat,
)

router = router_for("seats")

RoomCommand = Annotated[OpenRoom | ChangeRoom | CloseRoom | LiftClosure, Field(discriminator="type")]
SlotCommand = Annotated[OpenSlots | CancelSlot, Field(discriminator="type")]
BookingCommand = Annotated[BookSeat | MoveSeat | ReleaseSeat, Field(discriminator="type")]


class RoomCommands(Message):
    """Changes of rooms, carried out in this order."""

    commands: Several[RoomCommand]


class SlotCommands(Message):
    """Changes of slots, carried out in this order."""

    commands: Several[SlotCommand]


class BookingCommands(Message):
    """Bookings, moves and cancellations, carried out in this order."""

    commands: Several[BookingCommand]


_rooms, _slots, _bookings = JsonBody(RoomCommands), JsonBody(SlotCommands), JsonBody(BookingCommands)


@router.post(
    "/rooms", response_model=CommandResults, openapi_extra=_rooms.openapi, summary="Open, change, close rooms"
)
async def rooms(request: Request) -> Response:
    """1 to 500 commands, one result each, in order."""
    return await carry_out(request, (await _rooms.read(request)).commands)


@router.post(
    "/slots", response_model=CommandResults, openapi_extra=_slots.openapi, summary="Open and cancel slots"
)
async def slots(request: Request) -> Response:
    """By a weekly pattern from one day to another; 1 to 500 commands, one result each, in order."""
    return await carry_out(request, (await _slots.read(request)).commands)


@router.post(
    "/bookings",
    response_model=CommandResults,
    openapi_extra=_bookings.openapi,
    summary="Book, move and give up seats",
)
async def bookings(request: Request) -> Response:
    """1 to 500 commands, one result each, in order; one that is refused says which rule stands in the way."""
    return await carry_out(request, (await _bookings.read(request)).commands)


@router.get("/reports/plan", response_model=Plan, responses=FILES, summary="Who sits where, and when")
async def plan(
    request: Request,
    unit: Unit,
    from_on: Annotated[Day, Query(alias="from", description="The first day")],
    days: Annotated[int, Query(ge=1, le=42)] = 7,
    course: Annotated[Slug | None, Query(description="Also who is to be planned for it")] = None,
    at_least: AtLeast = None,
    written_as: WrittenAs = None,
) -> Response:
    """Rooms of a unit, of those below and of those above it; their slots, and who has which seat."""
    asked = AskPlan(unit_id=unit, from_on=from_on, days=days, course=course, at_least=positions(at_least))
    return await told_as(request, written_as, PLAN, asked)


@router.get(
    "/reports/people/{person}/plan",
    response_model=PersonPlan,
    responses=FILES,
    summary="When and where a person is expected",
)
async def person_plan(
    request: Request, person: UUID, at_least: AtLeast = None, written_as: WrittenAs = None
) -> Response:
    """Of people in one's care."""
    asked = AskPersonPlan(person_id=person, at_least=positions(at_least))
    return await told_as(request, written_as, PERSON_PLAN, asked)


@router.get("/me/plan", response_model=PersonPlan, summary="When and where I am expected")
async def my_plan(request: Request, at_least: AtLeast = None) -> Response:
    """One's own seats."""
    return json_answer(await ask(request, "reporting.my_plan", AskMyPlan(at_least=positions(at_least))))


@router.get(
    "/reports/lost-seats", response_model=LostSeats, responses=FILES, summary="Who needs a seat again"
)
async def lost_seats(
    request: Request,
    unit: Unit,
    course: Annotated[Slug | None, Query(description="For this course alone")] = None,
    at_least: AtLeast = None,
    written_as: WrittenAs = None,
) -> Response:
    """Whoever missed a seat, or lost it because its room closed, has no other, and must still follow the course."""
    asked = AskLostSeats(unit_id=unit, course=course, at_least=positions(at_least))
    return await told_as(request, written_as, LOST_SEATS, asked)


@router.get("/reports/seats", response_model=SeatUse, responses=FILES, summary="How seats are used")
async def seats(
    request: Request,
    unit: Unit,
    from_on: Annotated[Day, Query(alias="from", description="The first day")],
    to_on: Annotated[Day, Query(alias="to", description="The last day")],
    at_least: AtLeast = None,
    written_as: WrittenAs = None,
) -> Response:
    """Planned, used, missed and empty seats, by room."""
    asked = AskSeats(unit_id=unit, from_on=from_on, to_on=to_on, at_least=positions(at_least))
    return await told_as(request, written_as, SEAT_USE, asked)
