"""An in-person session: its seats, its waiting list, who was there. No I/O, no clock, no chance.

Never a seat too many: seats, offers and reservations are facts of one stream. Whoever is approved while
somebody waits, waits too: a free seat goes to the first of the list and to nobody else.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any, ClassVar, Final, Literal
from uuid import UUID

from services.backbone.aggregate import Act, Aggregate, Beginning, Fact
from services.contracts.message import Language, Localised, Slug
from services.contracts.rules import Rule, RuleBroken
from services.contracts.scheduling.classes import (
    ChangeClass,
    ClassDay,
    EndCause,
    PlaceState,
    PublishClass,
    SeatCause,
)
from services.scheduling.domain.due import start_of_day
from services.scheduling.domain.slot import told

DAY_HOURS_MAX: Final = 16
"""Hours of one day of a class."""

OFFER_HOURS: Final = 72
"""How long somebody has to accept a seat that came free."""

SOON_DAYS: Final = 7
"""So shortly before a class a free seat is given at once: waiting for an answer would leave it empty."""

SHORT_OFFER_HOURS: Final = 24
"""How long, shortly before the class, for somebody who is booked on something else and must choose."""


@dataclass(slots=True)
class Place:
    """What somebody has in a class."""

    state: PlaceState
    until: datetime | None = None


@dataclass(slots=True)
class Reservation:
    """Seats of a unit that have no name yet."""

    unit_id: UUID
    seats: int
    release_on: date


class ClassFact(Fact):
    """Every fact of a class says of which course it is, so that it can be read alone."""

    course: Slug


class ClassTold(ClassFact):
    """What publishing and changing say."""

    language: Language
    centre_id: UUID
    room: str
    days: tuple[ClassDay, ...]
    trainers: tuple[UUID, ...]
    seats: int


class PlaceFact(ClassFact):
    """Every fact of a place says whose it is and when the class is."""

    person_id: UUID
    days: tuple[ClassDay, ...]


class ClassSession(Aggregate):
    """One class. Places are kept in the order in which they came to their state."""

    TOPIC: ClassVar[str] = "scheduling.ClassSession"

    class Published(ClassTold, Beginning):
        """It is held."""

        TOPIC: ClassVar[str] = "scheduling.ClassSession.Published"
        title: Localised
        validity_months: int

    class Changed(ClassTold):
        """At other times, elsewhere, with others, or with another number of seats."""

        TOPIC: ClassVar[str] = "scheduling.ClassSession.Changed"

        def apply(self, aggregate: Any) -> None:
            """From now on."""
            aggregate.language, aggregate.centre_id, aggregate.room = self.language, self.centre_id, self.room
            aggregate.days, aggregate.trainers, aggregate.seats = self.days, self.trainers, self.seats

    class Cancelled(ClassFact):
        """It is not held."""

        TOPIC: ClassVar[str] = "scheduling.ClassSession.Cancelled"
        reason: str

        def apply(self, aggregate: Any) -> None:
            """For good: another one is published."""
            aggregate.cancelled = True

    class Requested(PlaceFact):
        """Somebody asks for a place."""

        TOPIC: ClassVar[str] = "scheduling.ClassSession.Requested"

        def apply(self, aggregate: Any) -> None:
            """To be decided."""
            aggregate.put(self.person_id, Place("asked"))

    class RequestRefused(PlaceFact):
        """The manager said no."""

        TOPIC: ClassVar[str] = "scheduling.ClassSession.RequestRefused"
        reason: str

        def apply(self, aggregate: Any) -> None:
            """It is over; they may ask again."""
            del aggregate.places[self.person_id]

    class SeatGiven(PlaceFact):
        """Somebody has a seat."""

        TOPIC: ClassVar[str] = "scheduling.ClassSession.SeatGiven"
        cause: SeatCause
        reservation_id: UUID | None

        def apply(self, aggregate: Any) -> None:
            """One seat fewer, or one without a name fewer."""
            aggregate.put(self.person_id, Place("seated"))
            if self.reservation_id is not None:
                reservation = aggregate.reservations[self.reservation_id]
                reservation.seats -= 1
                if reservation.seats == 0:
                    del aggregate.reservations[self.reservation_id]

    class Waitlisted(PlaceFact):
        """Somebody waits, after all others."""

        TOPIC: ClassVar[str] = "scheduling.ClassSession.Waitlisted"

        def apply(self, aggregate: Any) -> None:
            """The last of the list."""
            aggregate.put(self.person_id, Place("waiting"))

    class SeatOffered(PlaceFact):
        """A free seat is kept for somebody until a moment."""

        TOPIC: ClassVar[str] = "scheduling.ClassSession.SeatOffered"
        until: datetime

        def apply(self, aggregate: Any) -> None:
            """It is free for nobody else."""
            aggregate.put(self.person_id, Place("offered", self.until))

    class PlaceEnded(PlaceFact):
        """A place is over."""

        TOPIC: ClassVar[str] = "scheduling.ClassSession.PlaceEnded"
        had: PlaceState
        cause: EndCause

        def apply(self, aggregate: Any) -> None:
            """A seat or an offer is free for the next."""
            del aggregate.places[self.person_id]

    class SeatsReserved(ClassFact):
        """Seats for a unit, without names."""

        TOPIC: ClassVar[str] = "scheduling.ClassSession.SeatsReserved"
        reservation_id: UUID
        unit_id: UUID
        seats: int
        release_on: date

        def apply(self, aggregate: Any) -> None:
            """They are free for nobody else."""
            aggregate.reservations[self.reservation_id] = Reservation(
                self.unit_id, self.seats, self.release_on
            )

    class ReservationEnded(ClassFact):
        """What got no name is free."""

        TOPIC: ClassVar[str] = "scheduling.ClassSession.ReservationEnded"
        reservation_id: UUID
        seats: int
        cause: Literal["given-back", "date", "cancelled"]

        def apply(self, aggregate: Any) -> None:
            """For whoever waits first."""
            del aggregate.reservations[self.reservation_id]

    class AttendanceNoted(PlaceFact):
        """Whether somebody was there on a day."""

        TOPIC: ClassVar[str] = "scheduling.ClassSession.AttendanceNoted"
        day: int
        present: bool
        attended: tuple[bool | None, ...]
        language: Language
        validity_months: int

        def apply(self, aggregate: Any) -> None:
            """The last one holds."""
            aggregate.attended[self.person_id] = self.attended

    # --- what it remembers -----------------------------------------------------------------------

    def __init__(
        self,
        course: str,
        language: Language,
        centre_id: UUID,
        room: str,
        days: tuple[ClassDay, ...],
        trainers: tuple[UUID, ...],
        seats: int,
        title: Localised,
        validity_months: int,
    ) -> None:
        self.course = course
        self.language: Language = language
        self.centre_id = centre_id
        self.room = room
        self.days = days
        self.trainers = trainers
        self.seats = seats
        self.title = title
        self.validity_months = validity_months
        self.cancelled = False
        self.places: dict[UUID, Place] = {}
        self.reservations: dict[UUID, Reservation] = {}
        self.attended: dict[UUID, tuple[bool | None, ...]] = {}

    def put(self, person_id: UUID, place: Place) -> None:
        """Somebody's place is another now, the last of its kind."""
        self.places.pop(person_id, None)
        self.places[person_id] = place

    @property
    def starts_at(self) -> datetime:
        """When its first day begins."""
        return self.days[0].starts_at

    def those(self, *states: PlaceState) -> list[UUID]:
        """Whose place is in one of these states, in order."""
        return [person_id for person_id, place in self.places.items() if place.state in states]

    @property
    def taken(self) -> int:
        """Seats that are nobody else's: given, offered or reserved."""
        return len(self.those("seated", "offered")) + sum(r.seats for r in self.reservations.values())

    @property
    def free(self) -> int:
        """Seats that nobody has."""
        return self.seats - self.taken

    # --- what training centres do ----------------------------------------------------------------

    @classmethod
    def publish(
        cls, command: PublishClass, title: Localised, validity_months: int, act: Act
    ) -> "ClassSession":
        """A new class."""
        said = {**_said(command), "title": title, "validity_months": validity_months}
        return cls.begin(cls.Published, command.class_id, act, course=command.course, **said)

    def says(self, command: PublishClass | ChangeClass) -> bool:
        """Whether a command says what stands."""
        return all(getattr(self, name) == value for name, value in _said(command).items())

    def check_change(self, command: ChangeClass, now: datetime) -> None:
        """Raises RuleBroken: it has begun or is cancelled, or more seats are taken."""
        self.check_open(now)
        if command.seats < self.taken:
            raise RuleBroken(Rule.CLASS_SEATS_TAKEN, taken=self.taken)

    def change(self, command: ChangeClass, act: Act) -> None:
        """Change it; it was seen before that it can be."""
        if not self.says(command):
            self._tell(self.Changed, act, **_said(command))

    def cancel(self, reason: str, act: Act) -> None:
        """End every place and reservation, then cancel. Raises RuleBroken(CLASS_BEGUN)."""
        if self.cancelled:
            return
        self.check_open(act.recorded_at)
        for person_id in list(self.places):
            self._end(person_id, "cancelled", act)
        for reservation_id in list(self.reservations):
            self._end_reservation(reservation_id, "cancelled", act)
        self._tell(self.Cancelled, act, reason=reason)

    def note_attendance(self, person_id: UUID, day: int, present: bool, act: Act) -> None:
        """Note one day. Raises RuleBroken: no seat, no such day, or a day to come."""
        if self.cancelled:
            raise RuleBroken(Rule.CLASS_CANCELLED)
        if self._state(person_id) != "seated":
            raise RuleBroken(Rule.CLASS_PLACE_UNKNOWN)
        if day > len(self.days):
            raise RuleBroken(Rule.CLASS_DAY_UNKNOWN, day=day, days=len(self.days))
        if self.days[day - 1].starts_at > act.recorded_at:
            raise RuleBroken(Rule.CLASS_DAY_TO_COME, at=told(self.days[day - 1].starts_at))
        known = list(self.attended.get(person_id, ()))
        known += [None] * (len(self.days) - len(known))
        if known[day - 1] is present:
            return
        known[day - 1] = present
        self._tell_place(
            self.AttendanceNoted,
            person_id,
            act,
            day=day,
            present=present,
            attended=tuple(known),
            language=self.language,
            validity_months=self.validity_months,
        )

    # --- what people and their managers do -------------------------------------------------------

    def check_open(self, now: datetime) -> None:
        """Raises RuleBroken: cancelled, or begun."""
        if self.cancelled:
            raise RuleBroken(Rule.CLASS_CANCELLED)
        if self.starts_at <= now:
            raise RuleBroken(Rule.CLASS_BEGUN, at=told(self.starts_at))

    def request(self, person_id: UUID, act: Act) -> None:
        """Ask; asking twice is asking once."""
        self.check_open(act.recorded_at)
        if person_id not in self.places:
            self._tell_place(self.Requested, person_id, act)

    def refuse(self, person_id: UUID, reason: str, act: Act) -> None:
        """Say no. Raises RuleBroken when there is nothing to decide."""
        if self._state(person_id) != "asked":
            raise RuleBroken(Rule.CLASS_PLACE_UNKNOWN)
        self._tell_place(self.RequestRefused, person_id, act, reason=reason)

    def would_seat(self) -> bool:
        """Whether whoever is approved now has a seat: one is free, and nobody waits for it."""
        return self.free > 0 and not self.those("waiting")

    def approve(self, person_id: UUID, act: Act) -> None:
        """A seat, or the last place on the list."""
        self.check_open(act.recorded_at)
        if self._state(person_id) not in (None, "asked"):
            return
        if self.would_seat():
            self._tell_place(self.SeatGiven, person_id, act, cause="approved", reservation_id=None)
        else:
            self._tell_place(self.Waitlisted, person_id, act)

    def check_offer(self, person_id: UUID, now: datetime) -> None:
        """Raises RuleBroken: nothing is offered, or no longer."""
        self.check_open(now)
        place = self.places.get(person_id)
        if place is None or place.until is None or place.state != "offered":
            raise RuleBroken(Rule.CLASS_OFFER_UNKNOWN)
        if place.until <= now:
            raise RuleBroken(Rule.CLASS_OFFER_LAPSED, until=told(place.until))

    def accept(self, person_id: UUID, act: Act) -> None:
        """Take the offered seat; it was seen before that it is offered."""
        self._tell_place(self.SeatGiven, person_id, act, cause="accepted", reservation_id=None)

    def give_up(self, person_id: UUID, cause: Literal["withdrawn", "left"], act: Act) -> None:
        """End a place. Raises RuleBroken: there is none, or the class has begun."""
        if person_id not in self.places:
            raise RuleBroken(Rule.CLASS_PLACE_UNKNOWN)
        self.check_open(act.recorded_at)
        self._end(person_id, cause, act)

    # --- reservations ----------------------------------------------------------------------------

    def reserve(self, reservation_id: UUID, unit_id: UUID, seats: int, release_on: date, act: Act) -> None:
        """Keep seats. Raises RuleBroken: too few are free, people wait, or the day is none."""
        if reservation_id in self.reservations:
            return
        self.check_open(act.recorded_at)
        if not act.recorded_at < start_of_day(release_on) <= self.starts_at:
            raise RuleBroken(Rule.CLASS_RELEASE_DAY, at=told(self.starts_at))
        free = 0 if self.those("waiting") else max(self.free, 0)
        if seats > free:
            raise RuleBroken(Rule.CLASS_FULL, free=free)
        said = {"unit_id": unit_id, "seats": seats, "release_on": release_on}
        self._tell(self.SeatsReserved, act, reservation_id=reservation_id, **said)

    def reservation(self, reservation_id: UUID) -> Reservation:
        """Raises RuleBroken when it is used up, over, or none."""
        found = self.reservations.get(reservation_id)
        if found is None:
            raise RuleBroken(Rule.CLASS_RESERVATION_UNKNOWN)
        return found

    def name_seat(self, reservation_id: UUID, person_id: UUID, act: Act) -> None:
        """Give a reserved seat to somebody who may have asked, or wait."""
        self.reservation(reservation_id)
        self.check_open(act.recorded_at)
        if self._state(person_id) != "seated":
            self._tell_place(self.SeatGiven, person_id, act, cause="named", reservation_id=reservation_id)

    def end_reservation(self, reservation_id: UUID, act: Act) -> None:
        """Give back what has no name."""
        self.reservation(reservation_id)
        self._end_reservation(reservation_id, "given-back", act)

    # --- what follows by itself ------------------------------------------------------------------

    def tend(self, engaged: frozenset[UUID], act: Act) -> list[UUID]:
        """Lapse, release, then offer or give what is free, in order; who has a seat by it.

        Shortly before the class a seat is given at once, but to `engaged` people it is offered: nobody
        is skipped, and nobody is put in two places.
        """
        now = act.recorded_at
        if self.cancelled or self.starts_at <= now:
            return []
        for person_id in self.those("offered"):
            until = self.places[person_id].until
            if until is not None and until <= now:
                self._end(person_id, "lapsed", act)
        for reservation_id, reservation in list(self.reservations.items()):
            if start_of_day(reservation.release_on) <= now:
                self._end_reservation(reservation_id, "date", act)
        soon = self.starts_at - now <= timedelta(days=SOON_DAYS)
        given = []
        for person_id in self.those("waiting")[: max(self.free, 0)]:
            if soon and person_id not in engaged:
                self._tell_place(self.SeatGiven, person_id, act, cause="promoted", reservation_id=None)
                given.append(person_id)
            else:
                hours = SHORT_OFFER_HOURS if soon else OFFER_HOURS
                until = min(now + timedelta(hours=hours), self.starts_at)
                self._tell_place(self.SeatOffered, person_id, act, until=until)
        return given

    def next_look(self, now: datetime) -> datetime | None:
        """When something follows by itself: now, later, or never."""
        if self.cancelled or self.starts_at <= now:
            return None
        moments = [place.until for place in self.places.values() if place.until is not None]
        moments += [start_of_day(r.release_on) for r in self.reservations.values()]
        if self.free > 0 and self.those("waiting"):
            moments.append(now)
        return min(moments, default=None)

    # --- the rules, each once --------------------------------------------------------------------

    def _state(self, person_id: UUID) -> PlaceState | None:
        place = self.places.get(person_id)
        return place.state if place else None

    def _end(self, person_id: UUID, cause: EndCause, act: Act) -> None:
        self._tell_place(self.PlaceEnded, person_id, act, had=self.places[person_id].state, cause=cause)

    def _end_reservation(
        self, reservation_id: UUID, cause: Literal["given-back", "date", "cancelled"], act: Act
    ) -> None:
        seats = self.reservations[reservation_id].seats
        self._tell(self.ReservationEnded, act, reservation_id=reservation_id, seats=seats, cause=cause)

    def _tell_place(self, event: type[Fact], person_id: UUID, act: Act, **body: Any) -> None:
        self._tell(event, act, person_id=person_id, days=self.days, **body)

    def _tell(self, event: type[Fact], act: Act, **body: Any) -> None:
        self.record(event, act, course=self.course, **body)


def check_days(days: tuple[ClassDay, ...], now: datetime) -> None:
    """Raises RuleBroken: none, one that ends before it begins, out of order, or begun."""
    moments = [moment for day in days for moment in (day.starts_at, day.ends_at)]
    if not moments or any(later <= earlier for earlier, later in pairwise(moments)):
        raise RuleBroken(Rule.CLASS_DAYS_CROSSED)
    if any(day.ends_at - day.starts_at > timedelta(hours=DAY_HOURS_MAX) for day in days):
        raise RuleBroken(Rule.CLASS_DAYS_CROSSED)
    if moments[0] <= now:
        raise RuleBroken(Rule.CLASS_BEGUN, at=told(moments[0]))


def _said(command: PublishClass | ChangeClass) -> dict[str, Any]:
    return {
        "language": command.language,
        "centre_id": command.centre_id,
        "room": command.room,
        "days": command.days,
        "trainers": command.trainers,
        "seats": command.seats,
    }
