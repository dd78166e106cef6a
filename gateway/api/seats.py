"""Seats: rooms, the slots in which they are used, and who sits there. For managers, within their care."""

from typing import Annotated

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from gateway.api import router_for
from gateway.ask import execute
from gateway.body import JsonBody, check_times
from gateway.limits import COMMANDS_MAX
from gateway.parts import parts_of
from gateway.results import CommandResults, results
from services.contracts.message import Message
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

    commands: Annotated[tuple[RoomCommand, ...], Field(min_length=1, max_length=COMMANDS_MAX)]


class SlotCommands(Message):
    """Changes of slots, carried out in this order."""

    commands: Annotated[tuple[SlotCommand, ...], Field(min_length=1, max_length=COMMANDS_MAX)]


class BookingCommands(Message):
    """Bookings, moves and cancellations, carried out in this order."""

    commands: Annotated[tuple[BookingCommand, ...], Field(min_length=1, max_length=COMMANDS_MAX)]


_rooms, _slots, _bookings = JsonBody(RoomCommands), JsonBody(SlotCommands), JsonBody(BookingCommands)


@router.post(
    "/rooms", response_model=CommandResults, openapi_extra=_rooms.openapi, summary="Open, change, close rooms"
)
async def rooms(request: Request) -> Response:
    """1 to 500 commands, one result each, in order."""
    return await _carry_out(request, await _rooms.read(request))


@router.post(
    "/slots", response_model=CommandResults, openapi_extra=_slots.openapi, summary="Open and cancel slots"
)
async def slots(request: Request) -> Response:
    """By a weekly pattern from one day to another; 1 to 500 commands, one result each, in order."""
    return await _carry_out(request, await _slots.read(request))


@router.post(
    "/bookings",
    response_model=CommandResults,
    openapi_extra=_bookings.openapi,
    summary="Book, move and give up seats",
)
async def bookings(request: Request) -> Response:
    """1 to 500 commands, one result each, in order; one that is refused says which rule stands in the way."""
    return await _carry_out(request, await _bookings.read(request))


async def _carry_out(request: Request, told: RoomCommands | SlotCommands | BookingCommands) -> Response:
    check_times(told.commands, parts_of(request).clock(), steps=False)
    return results("scheduling", await execute(request, "scheduling", told.commands), request)
