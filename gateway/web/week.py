"""The planning board's week: days side by side, rooms and times one below the other, who is in hand. No I/O."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from gateway.times import BRUSSELS
from gateway.web.rendering import local_day
from services.contracts.reporting.seats import (
    HalfLine,
    Plan,
    RoomLine,
    SeatLine,
    SeatState,
    SlotLine,
    ToPlanLine,
)
from services.contracts.scheduling.fits import Fit, SlotFit

_HAND: Final = re.compile(
    r"(?P<person>[0-9a-f-]{36})\.(?P<course>[a-z0-9][a-z0-9-]{0,63})\.(?P<period>\d{1,4})\.(?P<half>[12])"
)
GIVEN: Final = ("booked", "used")
"""States of a half that needs no seat any more."""


@dataclass(frozen=True, slots=True)
class Hand:
    """Whose half of which course is being placed; as it stands in an address."""

    person_id: UUID
    course: str
    period: int
    half: int

    @classmethod
    def told(cls, text: str) -> "Hand | None":
        """What an address says; nothing when it says nothing that we wrote."""
        found = _HAND.fullmatch(text)
        try:
            return (
                cls(UUID(found["person"]), found["course"], int(found["period"]), int(found["half"]))
                if found
                else None
            )
        except ValueError:
            return None

    def __str__(self) -> str:
        return f"{self.person_id}.{self.course}.{self.period}.{self.half}"

    @property
    def said(self) -> dict[str, object]:
        """For a command or a question."""
        return {
            "person_id": self.person_id,
            "course": self.course,
            "period": self.period,
            "half": self.half,
        }


@dataclass(frozen=True, slots=True)
class Held:
    """What is in hand: how the person is called, where this half has its seat, where the other one."""

    hand: Hand
    given_name: str | None
    family_name: str | None
    due_on: date | None
    seat: HalfLine | None
    other: HalfLine | None


@dataclass(frozen=True, slots=True)
class Cell:
    """A slot of the board, and what it says to what is in hand; none: there is no slot at this time."""

    room: RoomLine
    slot: SlotLine | None
    fit: SlotFit | None
    here: bool
    over: bool

    @property
    def others(self) -> int:
        """Seats taken by people who are not in one's care."""
        return self.slot.taken - len(self.slot.people) if self.slot else 0

    @property
    def free(self) -> int:
        """Seats nobody has."""
        return max(self.slot.seats - self.slot.taken, 0) if self.slot else 0


@dataclass(frozen=True, slots=True)
class Day:
    """A day, with a cell for each room and time of the week."""

    day: date
    cells: list[Cell]
    closed: list[RoomLine]
    """Rooms that are closed on it."""

    @property
    def empty(self) -> bool:
        """Whether no slot is open on it."""
        return not any(cell.slot for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Missing:
    """Somebody who needs a seat: which halves, and which of them were lost or missed."""

    line: ToPlanLine
    halves: list[tuple[int, str]]
    """Half, and `none`, `missed` or `closed`."""

    def hand(self, half: int, course: str) -> Hand:
        """This person's half, to be picked up."""
        return Hand(self.line.person_id, course, self.line.period, half)


@dataclass(frozen=True, slots=True)
class Week:
    """All that the board shows."""

    monday: date
    days: list[Day]
    missing: list[Missing]
    planned: int
    held: Held | None

    @property
    def possible(self) -> int:
        """How many slots would take what is in hand without anything being set aside."""
        return sum(
            1
            for day in self.days
            for c in day.cells
            if c.fit and c.fit.possible and not c.fit.despite and not c.here
        )

    @property
    def with_a_rule(self) -> int:
        """How many more would, against a rule."""
        return sum(1 for day in self.days for c in day.cells if c.fit and c.fit.possible and c.fit.despite)


def week_of(
    plan: Plan,
    monday: date,
    now: datetime,
    *,
    halves: int,
    room: UUID | None,
    hand: Hand | None,
    fit: Fit | None,
) -> Week:
    """The board of a week, from what reporting and scheduling said."""
    rooms = [each for each in plan.rooms if room in (None, each.room_id)]
    fits = {each.slot_id: each for each in fit.slots} if fit else {}
    held = held_in(plan, hand) if hand else None
    missing = list(_missing(plan.to_plan, halves))
    return Week(
        monday=monday,
        days=list(_days(plan, rooms, monday, fits, fit.held if fit else None, now)),
        missing=missing,
        planned=len(plan.to_plan) - len(missing),
        held=held,
    )


def _days(
    plan: Plan,
    rooms: Sequence[RoomLine],
    monday: date,
    fits: Mapping[UUID, SlotFit],
    held: UUID | None,
    now: datetime,
) -> Iterator[Day]:
    by_place: dict[tuple[date, UUID, str], SlotLine] = {}
    rows: dict[UUID, set[str]] = {each.room_id: set() for each in rooms}
    for slot in plan.slots:
        if slot.room_id in rows:
            clock = clock_of(slot.starts_at)
            by_place[local_day(slot.starts_at), slot.room_id, clock] = slot
            rows[slot.room_id].add(clock)
    last = max((day.weekday() for day, _, _ in by_place), default=4)
    for number in range(max(last, 4) + 1):
        day = monday + timedelta(days=number)
        cells = []
        for each in rooms:
            for clock in sorted(rows[each.room_id]):
                found = by_place.get((day, each.room_id, clock))
                cells.append(
                    Cell(
                        each,
                        found,
                        fits.get(found.slot_id) if found else None,
                        here=found is not None and found.slot_id == held,
                        over=found is not None and found.starts_at <= now,
                    )
                )
        closed = [r for r in rooms if any(c.from_on <= day <= c.to_on for c in r.closures)]
        yield Day(day, cells, closed)


def clock_of(moment: datetime) -> str:
    """The hour and minute here, so that the same time of each day stands in the same row."""
    return moment.astimezone(BRUSSELS).strftime("%H:%M")


def _missing(lines: Sequence[ToPlanLine], halves: int) -> Iterator[Missing]:
    for line in lines:
        states: dict[int, SeatState] = {each.half: each.state for each in line.halves}
        open_halves = [
            (half, states.get(half, "none")) for half in range(1, halves + 1) if states.get(half) not in GIVEN
        ]
        if open_halves:
            yield Missing(line, open_halves)


def held_in(plan: Plan, hand: Hand) -> Held:
    """Who it is, from whichever part of the plan knows."""
    for line in plan.to_plan:
        if (line.person_id, line.period) == (hand.person_id, hand.period):
            by_half: dict[int, HalfLine] = {each.half: each for each in line.halves if each.state in GIVEN}
            return Held(
                hand,
                line.given_name,
                line.family_name,
                line.due_on,
                by_half.get(hand.half),
                by_half.get(3 - hand.half),
            )
    for slot in plan.slots:
        for each in slot.people:
            if each.person_id == hand.person_id:
                seat = _half_of(slot, each) if _is(each, hand) else None
                return Held(hand, each.given_name, each.family_name, None, seat, None)
    return Held(hand, None, None, None, None, None)


def _is(seat: SeatLine, hand: Hand) -> bool:
    return (seat.course, seat.period, seat.half) == (hand.course, hand.period, hand.half)


def _half_of(slot: SlotLine, seat: SeatLine) -> HalfLine:
    return HalfLine(
        half=seat.half,
        state=seat.state,
        slot_id=slot.slot_id,
        room_id=slot.room_id,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
    )


def hand_of(seat: SeatLine) -> Hand:
    """A seat, to be picked up."""
    return Hand(seat.person_id, seat.course, seat.period, seat.half)
