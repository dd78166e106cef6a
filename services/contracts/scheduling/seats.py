"""Seats: rooms with PCs and headphones, the slots in which they are used, and who sits there.

A course is followed in two halves, each on a seat of one slot. A booking is of a person, a course, a
period and a half; it keeps its identity when it moves, and when it is made again.
"""

import re
from datetime import date, datetime, time
from typing import Annotated, Literal, Self
from uuid import UUID, uuid5

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from services.contracts.message import Command, Day, Event, Message, Sentence, Slug, Truth, Whole

SLOTS = UUID("c5a0f6de-7d43-5f0b-8b0a-0a6f4d2f9e11")
"""Namespace in which slots get their identity from their room and the moment they begin."""

BOOKINGS = UUID("e2b7c1aa-93f4-5a36-9c55-7d1e0b8f6a22")
"""Namespace in which bookings get their identity from what they are for."""


def slot_id_of(room_id: UUID, starts_at: datetime) -> UUID:
    """The identity of a room's slot: a pattern that is opened twice is opened once."""
    return uuid5(SLOTS, f"{room_id}/{int(starts_at.timestamp())}")


def booking_id_of(person_id: UUID, course: str, period: int, half: int) -> UUID:
    """The identity of a person's booking for one half of a course."""
    return uuid5(BOOKINGS, f"{person_id}/{course}/{period}/{half}")


def _is_clock(value: object) -> object:
    """Hours and minutes of a local clock, written so."""
    if isinstance(value, time):
        return value
    if not isinstance(value, str) or not re.fullmatch(r"\d\d:\d\d(:00)?", value):
        raise ValueError("a time of day is written as 09:30")
    return value


TimeOfDay = Annotated[time, BeforeValidator(_is_clock)]
"""Hours and minutes on a clock in Europe/Brussels."""

Weekday = Annotated[Whole, Field(ge=1, le=7)]
"""1 is Monday, 7 is Sunday (ISO 8601)."""

RoomName = Annotated[
    str,
    StringConstraints(min_length=1, max_length=80, strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f]*$"),
]
"""What a room is called in its prison."""

Half = Literal[1, 2]
"""Which half of a course."""

Yielding = Literal["gap-between-halves", "after-due-date"]
"""Rules that whoever books may set aside, knowing what they do: the names of those rules."""

ReleaseCause = Literal["cancelled", "closed", "finished", "withdrawn", "used", "left"]
"""Why a seat is free again.

`cancelled`: somebody decided so; `closed`: its slot or room is; `finished`: the course was completed, or
all of it in the first half; `withdrawn`: the course need not be followed any more; `used`: the half was
followed on an earlier seat that had been noted as missed; `left`: the person did.
"""


class OpenHours(Message):
    """When a room is open on a day of the week; `closes` at 00:00 is the end of that day."""

    weekday: Weekday
    opens: TimeOfDay
    closes: TimeOfDay

    @model_validator(mode="after")
    def _closes_after_it_opens(self) -> Self:
        if self.closes != time(0, 0) and self.closes <= self.opens:
            raise ValueError("a room closes after it opens")
        return self


Hours = Annotated[tuple[OpenHours, ...], Field(max_length=28)]
"""Opening hours; none at all: open at any time."""

# --- events: rooms -------------------------------------------------------------------------------


class RoomOpened(Event):
    """A prison has a room with so many seats."""

    type: Literal["scheduling.room_opened"] = "scheduling.room_opened"
    version: Literal[1] = 1
    room_id: UUID
    unit_id: UUID
    name: str
    seats: int
    hours: tuple[OpenHours, ...]
    occurred_at: datetime


class RoomChanged(Event):
    """The same room, otherwise called, larger, smaller, or open at other hours."""

    type: Literal["scheduling.room_changed"] = "scheduling.room_changed"
    version: Literal[1] = 1
    room_id: UUID
    name: str
    seats: int
    hours: tuple[OpenHours, ...]
    occurred_at: datetime


class RoomClosed(Event):
    """A room is closed from one local day to another, both included; the slots in it are cancelled."""

    type: Literal["scheduling.room_closed"] = "scheduling.room_closed"
    version: Literal[1] = 1
    room_id: UUID
    closure_id: UUID
    from_on: date
    to_on: date
    reason: str
    occurred_at: datetime


class ClosureLifted(Event):
    """The room is not closed after all; what was cancelled stays cancelled."""

    type: Literal["scheduling.closure_lifted"] = "scheduling.closure_lifted"
    version: Literal[1] = 1
    room_id: UUID
    closure_id: UUID
    occurred_at: datetime


# --- events: slots -------------------------------------------------------------------------------


class SlotOpened(Event):
    """The seats of a room can be booked from one moment to another."""

    type: Literal["scheduling.slot_opened"] = "scheduling.slot_opened"
    version: Literal[1] = 1
    slot_id: UUID
    room_id: UUID
    unit_id: UUID
    starts_at: datetime
    ends_at: datetime
    seats: int
    occurred_at: datetime


class SlotResized(Event):
    """A slot has another number of seats."""

    type: Literal["scheduling.slot_resized"] = "scheduling.slot_resized"
    version: Literal[1] = 1
    slot_id: UUID
    seats: int
    occurred_at: datetime


class SlotCancelled(Event):
    """The slot does not take place; the seats that were booked were released before, each by its own event."""

    type: Literal["scheduling.slot_cancelled"] = "scheduling.slot_cancelled"
    version: Literal[1] = 1
    slot_id: UUID
    reason: str
    occurred_at: datetime


class SeatFact(Event):
    """What every event of a seat says: whose, for what, and when."""

    slot_id: UUID
    booking_id: UUID
    person_id: UUID
    course: Slug
    period: int
    half: Half
    room_id: UUID
    starts_at: datetime
    ends_at: datetime


class SeatBooked(SeatFact):
    """A person has a seat; `despite` names the rules that were set aside."""

    type: Literal["scheduling.seat_booked"] = "scheduling.seat_booked"
    version: Literal[1] = 1
    despite: tuple[Yielding, ...]


class SeatMoved(SeatFact):
    """A person has this seat, and no longer the one in `from_slot_id`."""

    type: Literal["scheduling.seat_moved"] = "scheduling.seat_moved"
    version: Literal[1] = 1
    from_slot_id: UUID
    despite: tuple[Yielding, ...]


class SeatReleased(SeatFact):
    """A person no longer has the seat; after `closed` another must be found.

    Of a slot that is over it corrects a miss: by then the seat was not needed any more.
    """

    type: Literal["scheduling.seat_released"] = "scheduling.seat_released"
    version: Literal[1] = 1
    cause: ReleaseCause


class SeatUsed(SeatFact):
    """The person sat there and followed the course."""

    type: Literal["scheduling.seat_used"] = "scheduling.seat_used"
    version: Literal[1] = 1


class SeatMissed(SeatFact):
    """The slot is over and the person did not begin: another seat must be found.

    Steps that waited in a browser may still arrive: `SeatUsed` of the same seat corrects it.
    """

    type: Literal["scheduling.seat_missed"] = "scheduling.seat_missed"
    version: Literal[1] = 1


SeatEvent = (
    RoomOpened
    | RoomChanged
    | RoomClosed
    | ClosureLifted
    | SlotOpened
    | SlotResized
    | SlotCancelled
    | SeatBooked
    | SeatMoved
    | SeatReleased
    | SeatUsed
    | SeatMissed
)


# --- commands: rooms -----------------------------------------------------------------------------

SeatNumber = Annotated[Whole, Field(ge=1, le=200)]


class RoomCommand(Command):
    """About one room."""

    room_id: UUID


class OpenRoom(RoomCommand):
    """A prison has a room; the same once more changes nothing."""

    type: Literal["scheduling.open_room"] = "scheduling.open_room"
    unit_id: UUID
    name: RoomName
    seats: SeatNumber
    hours: Hours = ()


class ChangeRoom(RoomCommand):
    """Change a room. Slots to come get at most as many seats; refused when more of them are taken."""

    type: Literal["scheduling.change_room"] = "scheduling.change_room"
    name: RoomName
    seats: SeatNumber
    hours: Hours = ()


class CloseRoom(RoomCommand):
    """Close a room from one day to another, both included: slots in it are cancelled, seats released."""

    type: Literal["scheduling.close_room"] = "scheduling.close_room"
    closure_id: UUID
    from_on: Day
    to_on: Day
    reason: Sentence

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.to_on < self.from_on:
            raise ValueError("a closure ends after it begins")
        return self


class LiftClosure(RoomCommand):
    """The room is open after all."""

    type: Literal["scheduling.lift_closure"] = "scheduling.lift_closure"
    closure_id: UUID


class OpenSlots(RoomCommand):
    """Open slots of a room at one time of day, on these weekdays (none: all) from one day to another.

    Those that are open already are passed over, and so are days on which the room is closed.
    Without `seats`, all seats of the room.
    """

    type: Literal["scheduling.open_slots"] = "scheduling.open_slots"
    from_on: Day
    to_on: Day
    weekdays: Annotated[tuple[Weekday, ...], Field(max_length=7)] = ()
    starts: TimeOfDay
    minutes: Annotated[Whole, Field(ge=15, le=600)]
    seats: SeatNumber | None = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.to_on < self.from_on:
            raise ValueError("a pattern ends after it begins")
        return self


class CancelSlot(Command):
    """Cancel a slot; the seats in it are released."""

    type: Literal["scheduling.cancel_slot"] = "scheduling.cancel_slot"
    slot_id: UUID
    reason: Sentence


# --- commands: bookings --------------------------------------------------------------------------


class BookingCommand(Command):
    """About one person's seat for one half of a course."""

    person_id: UUID
    course: Slug
    period: Annotated[Whole, Field(ge=1, le=1000)] = 1
    half: Half

    @property
    def booking_id(self) -> UUID:
        """The booking that it is about."""
        return booking_id_of(self.person_id, self.course, self.period, self.half)


class BookSeat(BookingCommand):
    """Book a seat, for somebody to whom the course is assigned."""

    type: Literal["scheduling.book_seat"] = "scheduling.book_seat"
    slot_id: UUID
    despite: Annotated[tuple[Yielding, ...], Field(max_length=10)] = ()


class MoveSeat(BookingCommand):
    """Move a booking to another slot; refused, it stays where it is."""

    type: Literal["scheduling.move_seat"] = "scheduling.move_seat"
    slot_id: UUID
    despite: Annotated[tuple[Yielding, ...], Field(max_length=10)] = ()


class ReleaseSeat(BookingCommand):
    """Give a seat up; every cause but `cancelled` is for scheduling itself to say."""

    type: Literal["scheduling.release_seat"] = "scheduling.release_seat"
    cause: ReleaseCause = "cancelled"


class NoteAttendance(BookingCommand):
    """A slot is over: did the person begin? Noted by scheduling itself, by nobody else."""

    type: Literal["scheduling.note_attendance"] = "scheduling.note_attendance"
    slot_id: UUID
    came: Truth


class ExcuseSeat(BookingCommand):
    """A seat that was missed was not needed any more. Said by scheduling itself, by nobody else."""

    type: Literal["scheduling.excuse_seat"] = "scheduling.excuse_seat"
    slot_id: UUID
    cause: ReleaseCause


SeatCommand = (
    OpenRoom
    | ChangeRoom
    | CloseRoom
    | LiftClosure
    | OpenSlots
    | CancelSlot
    | BookSeat
    | MoveSeat
    | ReleaseSeat
    | NoteAttendance
    | ExcuseSeat
)
