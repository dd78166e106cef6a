"""A room with seats: PCs of the intranet, with headphones. No I/O, no clock, no chance."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, ClassVar, Final, NamedTuple
from uuid import UUID

from services.backbone.aggregate import Act, Aggregate, Beginning, Fact
from services.contracts.rules import Rule, RuleBroken
from services.contracts.scheduling.seats import ChangeRoom, OpenHours, OpenRoom, OpenSlots
from services.scheduling.domain.due import LOCAL

SLOTS_AT_ONCE_MAX: Final = 1_000
"""Slots that one command may open, resize or cancel: they commit together, while other writers wait."""


class Closure(NamedTuple):
    """Local days on which a room is closed, both included."""

    from_on: date
    to_on: date


class RoomSaid(Fact):
    """What opening and changing a room have in common."""

    name: str
    seats: int
    hours: tuple[OpenHours, ...]

    def apply(self, aggregate: Any) -> None:
        """It is so from now on."""
        aggregate.said = (self.name, self.seats, tuple(self.hours))


class Room(Aggregate):
    """A room of a prison: how many seats, open when, closed when."""

    TOPIC: ClassVar[str] = "scheduling.Room"

    class Opened(RoomSaid, Beginning):
        """There is a room."""

        TOPIC: ClassVar[str] = "scheduling.Room.Opened"
        unit_id: UUID

    class Changed(RoomSaid):
        """The same room, otherwise."""

        TOPIC: ClassVar[str] = "scheduling.Room.Changed"

    class Closed(Fact):
        """It is closed on these days."""

        TOPIC: ClassVar[str] = "scheduling.Room.Closed"
        closure_id: UUID
        from_on: date
        to_on: date
        reason: str

        def apply(self, aggregate: Any) -> None:
            """No slots on these days."""
            aggregate.closures[self.closure_id] = Closure(self.from_on, self.to_on)

    class ClosureLifted(Fact):
        """Open after all."""

        TOPIC: ClassVar[str] = "scheduling.Room.ClosureLifted"
        closure_id: UUID

        def apply(self, aggregate: Any) -> None:
            """As if it had not been said."""
            del aggregate.closures[self.closure_id]

    def __init__(self, unit_id: UUID, name: str, seats: int, hours: tuple[OpenHours, ...]) -> None:
        self.unit_id = unit_id
        self.said = (name, seats, tuple(hours))
        self.closures: dict[UUID, Closure] = {}

    @property
    def seats(self) -> int:
        """How many there are."""
        return self.said[1]

    @classmethod
    def open(cls, asked: OpenRoom, act: Act) -> "Room":
        """A new room."""
        return cls.begin(
            cls.Opened,
            asked.room_id,
            act,
            unit_id=asked.unit_id,
            name=asked.name,
            seats=asked.seats,
            hours=asked.hours,
        )

    def change(self, asked: ChangeRoom, act: Act) -> None:
        """Say what it is now; the same changes nothing."""
        said = (asked.name, asked.seats, tuple(asked.hours))
        if said != self.said:
            self.record(self.Changed, act, name=asked.name, seats=asked.seats, hours=asked.hours)

    def close(self, closure_id: UUID, days: Closure, reason: str, act: Act) -> None:
        """Close it; a closure is said once."""
        if closure_id not in self.closures:
            said = {"from_on": days.from_on, "to_on": days.to_on, "reason": reason}
            self.record(self.Closed, act, closure_id=closure_id, **said)

    def lift(self, closure_id: UUID, act: Act) -> None:
        """Open it after all. Raises RuleBroken(CLOSURE_UNKNOWN)."""
        if closure_id not in self.closures:
            raise RuleBroken(Rule.CLOSURE_UNKNOWN)
        self.record(self.ClosureLifted, act, closure_id=closure_id)

    def spans(self, asked: OpenSlots) -> list[tuple[datetime, datetime]]:
        """When the slots of a pattern begin and end, without the days on which the room is closed.

        Raises RuleBroken: outside opening hours, on closed days only, or too many.
        """
        days = list(_days(asked))
        if not days:
            raise RuleBroken(Rule.SLOT_OUTSIDE_HOURS, day=asked.from_on.isoformat(), at=_clock(asked.starts))
        if len(days) > SLOTS_AT_ONCE_MAX:
            raise RuleBroken(Rule.SLOTS_TOO_MANY, slots=len(days), allowed=SLOTS_AT_ONCE_MAX)
        length = timedelta(minutes=asked.minutes)
        for day in days:
            if not self._is_open(day, asked.starts, length):
                raise RuleBroken(Rule.SLOT_OUTSIDE_HOURS, day=day.isoformat(), at=_clock(asked.starts))
        open_days = [day for day in days if not self.closed_on(day)]
        if not open_days:
            raise RuleBroken(Rule.ROOM_CLOSED, day=days[0].isoformat())
        starts = [datetime.combine(day, asked.starts, LOCAL).astimezone(UTC) for day in open_days]
        return [(start, start + length) for start in starts]

    def closed_on(self, day: date) -> bool:
        """Whether the room is closed on a local day."""
        return any(closure.from_on <= day <= closure.to_on for closure in self.closures.values())

    def _is_open(self, day: date, starts: time, length: timedelta) -> bool:
        if not self.said[2]:
            return True
        begin = timedelta(hours=starts.hour, minutes=starts.minute)
        return any(
            hours.weekday == day.isoweekday()
            and hours.opens <= starts
            and begin + length <= _end_of(hours.closes)
            for hours in self.said[2]
        )


def _end_of(closes: time) -> timedelta:
    return timedelta(hours=closes.hour, minutes=closes.minute) or timedelta(days=1)


def _clock(starts: time) -> str:
    return starts.isoformat("minutes")


def _days(asked: OpenSlots) -> Iterator[date]:
    for number in range((asked.to_on - asked.from_on).days + 1):
        day = asked.from_on + timedelta(days=number)
        if not asked.weekdays or day.isoweekday() in asked.weekdays:
            yield day
