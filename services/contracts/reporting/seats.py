"""Rooms, their slots, who sits there, who is to be planned, and how seats are used."""

from datetime import date, datetime, time
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from services.contracts.message import Day, Localised, Message, Slug
from services.contracts.reporting.moments import Positions

SeatState = Literal["booked", "used", "missed", "closed"]
"""What became of a seat; `closed`: its slot or room was, and another seat must be found, as after `missed`."""

Half = Literal[1, 2]


class AskPlan(Message):
    """The slots of a unit's rooms on some days, and who sits there; with a course, who is to be planned for it.

    The plan knows the present only. Rooms are those of the unit, of those below it and of those above it.
    """

    unit_id: UUID
    from_on: Day
    days: Annotated[int, Field(ge=1, le=42)] = 7
    course: Slug | None = None
    at_least: Positions = {}


class ClosureLine(Message):
    """Days on which a room is closed, both included."""

    closure_id: UUID
    from_on: date
    to_on: date
    reason: str


class OpenLine(Message):
    """When a room is open on a day of the week (1 is Monday)."""

    weekday: int
    opens: time
    closes: time


class RoomLine(Message):
    """A room; `yours` says whether whoever asks may change it."""

    room_id: UUID
    unit_id: UUID
    unit_name: Localised
    name: str
    seats: int
    hours: tuple[OpenLine, ...]
    closures: tuple[ClosureLine, ...]
    yours: bool


class SeatLine(Message):
    """Who has a seat, of those in the care of whoever asks."""

    booking_id: UUID
    person_id: UUID
    given_name: str | None
    family_name: str | None
    course: Slug
    period: int
    half: Half
    state: SeatState


class SlotLine(Message):
    """A slot: how many seats, how many of them taken, and by whom."""

    slot_id: UUID
    room_id: UUID
    starts_at: datetime
    ends_at: datetime
    seats: int
    taken: int
    people: tuple[SeatLine, ...]


class HalfLine(Message):
    """What is known of one half of a person's course."""

    half: Half
    state: SeatState
    slot_id: UUID
    room_id: UUID
    starts_at: datetime
    ends_at: datetime


class ToPlanLine(Message):
    """Somebody who must follow the course, and what is planned of it."""

    person_id: UUID
    given_name: str | None
    family_name: str | None
    unit_id: UUID
    unit_name: Localised
    state: Literal["assigned", "in_progress"]
    due_on: date | None
    period: int
    halves: tuple[HalfLine, ...]


class Plan(Message):
    """Rooms, their slots, and whom to plan, the earliest due date first (at most 400)."""

    rooms: tuple[RoomLine, ...]
    slots: tuple[SlotLine, ...]
    to_plan: tuple[ToPlanLine, ...]
    positions: Positions


class AskPersonPlan(Message):
    """When and where one person is expected, or was."""

    person_id: UUID
    at_least: Positions = {}


class AskMyPlan(Message):
    """When and where am I expected?"""

    at_least: Positions = {}


class ExpectedLine(Message):
    """A seat of a person, with the room it is in."""

    booking_id: UUID
    slot_id: UUID
    course: Slug
    period: int
    half: Half
    state: SeatState
    room_name: str
    unit_name: Localised
    starts_at: datetime
    ends_at: datetime


class PersonPlan(Message):
    """A person's seats, the latest first."""

    person_id: UUID
    lines: tuple[ExpectedLine, ...]
    positions: Positions


class AskLostSeats(Message):
    """Who of a unit, and of those below it, lost a seat that they still need? With a course, for it alone."""

    unit_id: UUID
    course: Slug | None = None
    at_least: Positions = {}


class LostSeatLine(Message):
    """Somebody who must still follow a course, and the seat that they had last for one half of it.

    `missed` says how many seats for this half were missed by now.
    """

    person_id: UUID
    given_name: str | None
    family_name: str | None
    unit_id: UUID
    unit_name: Localised
    course: Slug
    period: int
    half: Half
    state: Literal["missed", "closed"]
    room_name: str
    starts_at: datetime
    ends_at: datetime
    missed: int
    due_on: date | None


class LostSeats(Message):
    """The earliest due date first, at most 400; `more`: there are others."""

    lines: tuple[LostSeatLine, ...]
    more: bool
    positions: Positions


class AskSeats(Message):
    """How the seats of a unit's rooms, and of those below it, are used from one day to another."""

    unit_id: UUID
    from_on: Day
    to_on: Day
    at_least: Positions = {}


class SeatFigures(Message):
    """Of slots that are over: seats, planned, used, missed, empty (never planned); and of those to come."""

    seats: int = 0
    planned: int = 0
    used: int = 0
    missed: int = 0
    empty: int = 0
    seats_to_come: int = 0
    planned_to_come: int = 0


class RoomUse(Message):
    """One room's figures."""

    room_id: UUID
    unit_id: UUID
    unit_name: Localised
    name: str
    figures: SeatFigures


class SeatUse(Message):
    """All rooms together, and each."""

    total: SeatFigures
    rooms: tuple[RoomUse, ...]
    from_on: date
    to_on: date
    positions: Positions
