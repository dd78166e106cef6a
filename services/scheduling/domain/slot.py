"""A slot: the seats of one room from one moment to another, and who has them. No I/O, no clock, no chance."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar, Final, Literal
from uuid import UUID

from services.backbone.aggregate import Act, Aggregate, Beginning, Fact
from services.contracts.message import Slug
from services.contracts.rules import Rule, RuleBroken
from services.contracts.scheduling.seats import Half, ReleaseCause, Yielding, booking_id_of, slot_id_of
from services.scheduling.domain.due import LOCAL, local_day

GAP_DAYS_MIN: Final = 1
"""Local days from the first half of a course to the second, at least: nobody learns both on one day."""

GAP_DAYS_MAX: Final = 14
"""And at most: later, the first is forgotten."""


@dataclass(frozen=True, slots=True)
class Booking:
    """What a seat is booked for."""

    person_id: UUID
    course: Slug
    period: int
    half: Half

    @property
    def id(self) -> UUID:
        """It follows from what it is."""
        return booking_id_of(self.person_id, self.course, self.period, self.half)


class SlotSaid(Fact):
    """What opening a slot, once or again, says."""

    room_id: UUID
    unit_id: UUID
    starts_at: datetime
    ends_at: datetime
    seats: int

    def apply(self, aggregate: Any) -> None:
        """It takes place, and nobody has a seat yet."""
        aggregate.ends_at, aggregate.seats, aggregate.cancelled = self.ends_at, self.seats, False


class SeatSaid(Fact):
    """Every fact of a seat says whose it is and when, so that it can be read alone."""

    booking_id: UUID
    person_id: UUID
    course: Slug
    period: int
    half: Half
    room_id: UUID
    starts_at: datetime
    ends_at: datetime


class SeatTaken(SeatSaid):
    """What booking and moving have in common."""

    despite: tuple[Yielding, ...]

    def apply(self, aggregate: Any) -> None:
        """One seat fewer."""
        booking = Booking(self.person_id, self.course, self.period, self.half)
        aggregate.taken[self.booking_id] = booking
        aggregate.ended.pop(self.booking_id, None)


class SeatFreed(SeatSaid):
    """What releasing a seat, and moving to another slot, have in common."""

    def apply(self, aggregate: Any) -> None:
        """One seat more."""
        del aggregate.taken[self.booking_id]


class Slot(Aggregate):
    """Never a seat too many: bookings are facts of this stream, and two at once cannot both be next."""

    TOPIC: ClassVar[str] = "scheduling.Slot"

    class Opened(SlotSaid, Beginning):
        """Seats can be booked."""

        TOPIC: ClassVar[str] = "scheduling.Slot.Opened"

    class OpenedAgain(SlotSaid):
        """After it was cancelled."""

        TOPIC: ClassVar[str] = "scheduling.Slot.OpenedAgain"

    class Resized(Fact):
        """Another number of seats."""

        TOPIC: ClassVar[str] = "scheduling.Slot.Resized"
        seats: int

        def apply(self, aggregate: Any) -> None:
            """From now on."""
            aggregate.seats = self.seats

    class Cancelled(Fact):
        """It does not take place."""

        TOPIC: ClassVar[str] = "scheduling.Slot.Cancelled"
        reason: str

        def apply(self, aggregate: Any) -> None:
            """Until it is opened again."""
            aggregate.cancelled = True

    class SeatBooked(SeatTaken):
        """Somebody has a seat."""

        TOPIC: ClassVar[str] = "scheduling.Slot.SeatBooked"

    class SeatMoved(SeatTaken):
        """Somebody has a seat here, and no longer in another slot."""

        TOPIC: ClassVar[str] = "scheduling.Slot.SeatMoved"
        from_slot_id: UUID

    class SeatMovedAway(SeatFreed):
        """Somebody has a seat elsewhere: the other slot says where."""

        TOPIC: ClassVar[str] = "scheduling.Slot.SeatMovedAway"

    class SeatReleased(SeatFreed):
        """Somebody no longer has a seat."""

        TOPIC: ClassVar[str] = "scheduling.Slot.SeatReleased"
        cause: ReleaseCause

    class SeatUsed(SeatSaid):
        """Somebody sat there and followed the course."""

        TOPIC: ClassVar[str] = "scheduling.Slot.SeatUsed"

        def apply(self, aggregate: Any) -> None:
            """It was worth it."""
            aggregate.ended[self.booking_id] = "used"

    class SeatMissed(SeatSaid):
        """Somebody did not begin."""

        TOPIC: ClassVar[str] = "scheduling.Slot.SeatMissed"

        def apply(self, aggregate: Any) -> None:
            """The seat was empty."""
            aggregate.ended[self.booking_id] = "missed"

    # --- what it remembers -----------------------------------------------------------------------

    def __init__(
        self, room_id: UUID, unit_id: UUID, starts_at: datetime, ends_at: datetime, seats: int
    ) -> None:
        self.room_id = room_id
        self.unit_id = unit_id
        self.starts_at = starts_at
        self.ends_at = ends_at
        self.seats = seats
        self.cancelled = False
        self.taken: dict[UUID, Booking] = {}
        self.ended: dict[UUID, Literal["used", "missed"]] = {}

    @property
    def day(self) -> date:
        """The local day on which it begins."""
        return local_day(self.starts_at)

    # --- what it allows --------------------------------------------------------------------------

    @classmethod
    def open(
        cls, room_id: UUID, unit_id: UUID, span: tuple[datetime, datetime], seats: int, act: Act
    ) -> "Slot":
        """A new slot; its identity follows from where and when it begins."""
        said = {"room_id": room_id, "unit_id": unit_id, "starts_at": span[0], "ends_at": span[1]}
        return cls.begin(cls.Opened, slot_id_of(room_id, span[0]), act, **said, seats=seats)

    def open_again(self, ends_at: datetime, seats: int, act: Act) -> None:
        """Open it once more after it was cancelled."""
        said = {"room_id": self.room_id, "unit_id": self.unit_id, "starts_at": self.starts_at}
        self.record(self.OpenedAgain, act, **said, ends_at=ends_at, seats=seats)

    def check_room_for(self, seats: int) -> None:
        """Raises RuleBroken(SEATS_TAKEN) when more people are booked."""
        if len(self.taken) > seats:
            raise RuleBroken(Rule.SEATS_TAKEN, taken=len(self.taken), at=told(self.starts_at))

    def resize(self, seats: int, act: Act) -> None:
        """Give it another number of seats; it was seen before that they are enough."""
        if seats != self.seats:
            self.record(self.Resized, act, seats=seats)

    def cancel(self, reason: str, cause: ReleaseCause, act: Act) -> list[UUID]:
        """Release every seat, then cancel; the bookings that were released."""
        if self.cancelled:
            return []
        released = list(self.taken)
        for booking_id in released:
            self.release(booking_id, cause, act)
        self.record(self.Cancelled, act, reason=reason)
        return released

    def check_free(self, booking: Booking, now: datetime | None) -> None:
        """Raises RuleBroken: cancelled, begun (unless `now` is None: somebody brings in what was), or full."""
        if self.cancelled:
            raise RuleBroken(Rule.SLOT_CANCELLED, at=told(self.starts_at))
        if now is not None and self.starts_at <= now:
            raise RuleBroken(Rule.SLOT_PAST, at=told(self.starts_at))
        if booking.id not in self.taken and len(self.taken) >= self.seats:
            raise RuleBroken(Rule.SLOT_FULL, seats=self.seats, at=told(self.starts_at))

    def book(self, booking: Booking, despite: tuple[Yielding, ...], act: Act) -> None:
        """Give a seat; it was seen before that one is free."""
        self._tell(self.SeatBooked, booking, act, despite=despite)

    def move_here(self, booking: Booking, before: "Slot", despite: tuple[Yielding, ...], act: Act) -> None:
        """Give a seat here and take the one there; it was seen before that one is free."""
        before.leave(booking, act)
        self._tell(self.SeatMoved, booking, act, from_slot_id=before.id, despite=despite)

    def leave(self, booking: Booking, act: Act) -> None:
        """Take the seat back, since there is one elsewhere."""
        self._tell(self.SeatMovedAway, booking, act)

    def release(self, booking_id: UUID, cause: ReleaseCause, act: Act) -> None:
        """Take the seat back."""
        self._tell(self.SeatReleased, self.taken[booking_id], act, cause=cause)

    def excuse(self, booking_id: UUID, cause: ReleaseCause, act: Act) -> None:
        """Take back that a seat was missed; who came meanwhile, or was excused, is passed over."""
        if booking_id in self.taken and self.ended.get(booking_id) == "missed":
            self.release(booking_id, cause, act)

    def note(self, booking_id: UUID, came: bool, act: Act) -> None:
        """Whether somebody came; what was noted first holds, but who came late came."""
        if self.ended.get(booking_id) != "used" and self.ended.get(booking_id) != _ENDED[came]:
            self._tell(self.SeatUsed if came else self.SeatMissed, self.taken[booking_id], act)

    def _tell(self, event: type[Fact], booking: Booking, act: Act, **body: Any) -> None:
        self.record(
            event,
            act,
            booking_id=booking.id,
            person_id=booking.person_id,
            course=booking.course,
            period=booking.period,
            half=booking.half,
            room_id=self.room_id,
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            **body,
        )


_ENDED: Final[dict[bool, Literal["used", "missed"]]] = {True: "used", False: "missed"}


def told(moment: datetime) -> str:
    """A moment as the sentence about a rule says it: by the clock here."""
    return moment.astimezone(LOCAL).strftime("%Y-%m-%d %H:%M")


def check_gap(half: Half, day: date, other_day: date) -> None:
    """Raises RuleBroken: HALVES_OUT_OF_ORDER, or GAP_BETWEEN_HALVES, which may be set aside."""
    gap = (day - other_day).days if half == 2 else (other_day - day).days
    if gap < 0:
        raise RuleBroken(Rule.HALVES_OUT_OF_ORDER, day=day.isoformat(), other=other_day.isoformat())
    if not GAP_DAYS_MIN <= gap <= GAP_DAYS_MAX:
        raise RuleBroken(
            Rule.GAP_BETWEEN_HALVES,
            days=gap,
            other=other_day.isoformat(),
            least=GAP_DAYS_MIN,
            most=GAP_DAYS_MAX,
        )
