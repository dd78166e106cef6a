"""Makes years of seats: a room in each prison, its slots, who sat there, and who will. Through the domain code."""

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from uuid import UUID, uuid5

from deploy.simulation.log_writer import LogWriter
from deploy.simulation.training import PEOPLE, person
from services.backbone.aggregate import Act, Aggregate, Fact
from services.contracts.scheduling.seats import Half, OpenRoom
from services.scheduling.domain import Room, Slot
from services.scheduling.domain.due import LOCAL
from services.scheduling.domain.slot import Booking

SEATS: Final = 8
TOGETHER: Final = 7
"""How many of them a planner gives away."""

BEFORE_DAYS: Final = (1, 3)
"""Monday is 0: in the past a room was used on these days."""

TO_COME_DAYS: Final = range(5)
TO_COME_WEEKS: Final = 8
STARTS: Final = (time(9), time(13, 30))
LENGTH: Final = timedelta(hours=2)
MISSED: Final = 0.05
BOOKED: Final = 0.6
"""Share of those who must still follow the course and have their seats."""

AHEAD: Final = timedelta(days=20)
"""How long before somebody sits there a seat is booked."""

Staff = Mapping[UUID, tuple[Sequence[UUID], Sequence[UUID]]]
"""By prison: those who have followed the course, and those who must."""


class SeatsMaker:
    """Fills scheduling's log with the seats of some prisons. The same seed makes the same ones."""

    def __init__(
        self, writer: LogWriter, course: str, since: datetime, until: datetime, seed: int = 1
    ) -> None:
        """Slots between two moments and in the weeks after them."""
        self._writer = writer
        self._course = course
        self._since, self._until = since, until
        self._seed = seed
        self._planner = person(seed, "planner")
        self._chance = random.Random(f"seats/{seed}")  # noqa: S311

    def make(self, staff: Staff) -> Iterator[int]:
        """One prison after the other; yields how many are done."""
        for number, (prison, (done, open_)) in enumerate(staff.items(), start=1):
            self._writer.append(self._of(prison, done, open_))
            yield number

    def _of(self, prison: UUID, done: Sequence[UUID], open_: Sequence[UUID]) -> list[Fact]:
        room_id = uuid5(PEOPLE, f"{self._seed}/room/{prison}")
        asked = OpenRoom(
            command_id=self._id(),
            occurred_at=self._since,
            room_id=room_id,
            unit_id=prison,
            name="Room 1",
            seats=SEATS,
        )
        room = Room.open(asked, self._act(self._since))
        before = [self._slot(room_id, prison, start) for start in self._starts(past=True)]
        to_come = [self._slot(room_id, prison, start) for start in self._starts(past=False)]
        self._seat(done, before, came=True)
        booked = [each for each in open_ if self._chance.random() < BOOKED]
        self._seat(booked, to_come, came=False)
        aggregates: list[Aggregate] = [room, *before, *to_come]
        return [event for each in aggregates for event in each.collect_events()]  # type: ignore[misc]

    def _seat(self, people: Sequence[UUID], slots: Sequence[Slot], *, came: bool) -> None:
        """Both halves of each: the second on the next day of the room, at the hour of the first."""
        hours = len(STARTS)
        firsts = [place for place in range(len(slots) - hours) if place // hours % 2 == 0]
        groups = [people[start : start + TOGETHER] for start in range(0, len(people), TOGETHER)]
        chosen = sorted(self._chance.sample(firsts, min(len(firsts), len(groups))))
        for place, group in zip(chosen, groups, strict=False):
            for person_id in group:
                self._book(slots[place], person_id, 1, came=came)
                self._book(slots[place + hours], person_id, 2, came=came)

    def _book(self, slot: Slot, person_id: UUID, half: Half, *, came: bool) -> None:
        booking = Booking(person_id, self._course, 1, half)
        slot.book(booking, (), self._act(min(slot.starts_at - AHEAD, self._until)))
        if came:
            slot.note(booking.id, self._chance.random() >= MISSED, self._act(slot.ends_at))

    def _slot(self, room_id: UUID, prison: UUID, start: datetime) -> Slot:
        act = self._act(min(start - 2 * AHEAD, self._until))
        return Slot.open(room_id, prison, (start, start + LENGTH), SEATS, act)

    def _starts(self, *, past: bool) -> Iterator[datetime]:
        first: date = self._since.date() if past else self._until.date() + timedelta(days=1)
        last: date = self._until.date() if past else first + timedelta(weeks=TO_COME_WEEKS)
        days: Sequence[int] = BEFORE_DAYS if past else TO_COME_DAYS
        for number in range((last - first).days):
            day = first + timedelta(days=number)
            if day.weekday() in days:
                yield from (datetime.combine(day, start, LOCAL).astimezone(UTC) for start in STARTS)

    def _id(self) -> UUID:
        return UUID(int=self._chance.getrandbits(128), version=4)

    def _act(self, at: datetime) -> Act:
        return Act(self._planner, self._id(), at, at)
