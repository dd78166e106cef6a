"""In-person sessions, here called classes: a learner's session at a PC is another thing and has that word.

A class is of an in-person course that a training centre named; it lasts one to five days and has seats.
People ask for a place; an approved request takes a seat, or a place on the waiting list, in order. A seat
that is given back is offered to the first who waits. A wish is a request without a date.
"""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID, uuid5

from pydantic import Field, StringConstraints, model_validator

from services.contracts.message import (
    Command,
    Day,
    Event,
    Instant,
    Language,
    Localised,
    Message,
    Sentence,
    Slug,
    Truth,
    Whole,
)

CLASSES = UUID("3f7f3a52-58b1-5a0e-9b9c-51d4c8e6a7f0")
"""Namespace of what gets its identity from what it is: named courses, wishes, places."""

SEATS_MAX = 200
DAYS_MAX = 5


def class_course_id_of(course: str) -> UUID:
    """The identity of an in-person course."""
    return uuid5(CLASSES, f"course/{course}")


def wish_id_of(person_id: UUID, course: str) -> UUID:
    """The identity of a person's wish for a course: one of each."""
    return uuid5(CLASSES, f"wish/{person_id}/{course}")


def place_id_of(class_id: UUID, person_id: UUID) -> UUID:
    """The identity of a person's place in a class."""
    return uuid5(CLASSES, f"place/{class_id}/{person_id}")


PlaceName = Annotated[
    str,
    StringConstraints(min_length=1, max_length=120, strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f]*$"),
]
"""Where in the centre a class meets."""


class ClassDay(Message):
    """One day of a class, from one moment to another; a class has one at least, and they follow one another."""

    starts_at: Instant
    ends_at: Instant


ClassDays = Annotated[tuple[ClassDay, ...], Field(max_length=DAYS_MAX)]
SeatCount = Annotated[Whole, Field(ge=1, le=SEATS_MAX)]
Trainers = Annotated[tuple[UUID, ...], Field(max_length=10)]

SeatCause = Literal["approved", "promoted", "accepted", "named"]
"""Why somebody has a seat: the request was approved; it came free shortly before the class; an offer was
accepted; a manager gave one that was reserved for their unit."""

EndCause = Literal["withdrawn", "lapsed", "cancelled", "left"]
"""Why a place is over: somebody gave it back; the offer was not accepted in time; the class is cancelled;
the person left the service."""

PlaceState = Literal["asked", "seated", "waiting", "offered"]

# --- events --------------------------------------------------------------------------------------


class ClassCourseNamed(Event):
    """A training centre gives an in-person course, and for how many months it is valid (0: for ever)."""

    type: Literal["scheduling.class_course_named"] = "scheduling.class_course_named"
    version: Literal[1] = 1
    course: Slug
    title: Localised
    validity_months: int
    occurred_at: datetime


class ClassFact(Event):
    """What every event of a class says: which, and of which course."""

    class_id: UUID
    course: Slug


class ClassSaid(ClassFact):
    """Everything that people need to know of a class."""

    language: Language
    centre_id: UUID
    room: str
    days: tuple[ClassDay, ...]
    trainers: tuple[UUID, ...]
    seats: int


class ClassPublished(ClassSaid):
    """A class is held; title and validity are those that its course had then."""

    type: Literal["scheduling.class_published"] = "scheduling.class_published"
    version: Literal[1] = 1
    title: Localised
    validity_months: int


class ClassChanged(ClassSaid):
    """The same class at other times, elsewhere, with others, or with another number of seats."""

    type: Literal["scheduling.class_changed"] = "scheduling.class_changed"
    version: Literal[1] = 1


class ClassCancelled(ClassFact):
    """It is not held. Every place in it was ended before, each by its own event."""

    type: Literal["scheduling.class_cancelled"] = "scheduling.class_cancelled"
    version: Literal[1] = 1
    reason: str


class ClassPlaceFact(ClassFact):
    """What every event of a place says: whose, and when the class is."""

    person_id: UUID
    days: tuple[ClassDay, ...]


class ClassRequested(ClassPlaceFact):
    """Somebody asks for a place; their manager decides."""

    type: Literal["scheduling.class_requested"] = "scheduling.class_requested"
    version: Literal[1] = 1


class ClassRequestRefused(ClassPlaceFact):
    """The manager says no, and why."""

    type: Literal["scheduling.class_request_refused"] = "scheduling.class_request_refused"
    version: Literal[1] = 1
    reason: str


class ClassSeatGiven(ClassPlaceFact):
    """Somebody has a seat; `reservation_id` says from which reservation."""

    type: Literal["scheduling.class_seat_given"] = "scheduling.class_seat_given"
    version: Literal[1] = 1
    cause: SeatCause
    reservation_id: UUID | None


class ClassWaitlisted(ClassPlaceFact):
    """The request is approved and no seat is free: the last place on the waiting list."""

    type: Literal["scheduling.class_waitlisted"] = "scheduling.class_waitlisted"
    version: Literal[1] = 1


class ClassSeatOffered(ClassPlaceFact):
    """A seat is free for whoever waited longest, until a moment."""

    type: Literal["scheduling.class_seat_offered"] = "scheduling.class_seat_offered"
    version: Literal[1] = 1
    until: datetime


class ClassPlaceEnded(ClassPlaceFact):
    """A request, a seat, a place on the list or an offer is over."""

    type: Literal["scheduling.class_place_ended"] = "scheduling.class_place_ended"
    version: Literal[1] = 1
    had: PlaceState
    cause: EndCause


class ClassSeatsReserved(ClassFact):
    """Seats without names, for a unit; those without a name on that local day are free again."""

    type: Literal["scheduling.class_seats_reserved"] = "scheduling.class_seats_reserved"
    version: Literal[1] = 1
    reservation_id: UUID
    unit_id: UUID
    seats: int
    release_on: Day


class ClassReservationEnded(ClassFact):
    """The seats that got no name are free again."""

    type: Literal["scheduling.class_reservation_ended"] = "scheduling.class_reservation_ended"
    version: Literal[1] = 1
    reservation_id: UUID
    seats: int
    cause: Literal["given-back", "date", "cancelled"]


class ClassAttendanceNoted(ClassPlaceFact):
    """Whether somebody was there on a day; `attended` is what is known of each day by now.

    Noted again, the last one holds and the first stays in the log.
    """

    type: Literal["scheduling.class_attendance_noted"] = "scheduling.class_attendance_noted"
    version: Literal[1] = 1
    day: int
    present: bool
    attended: tuple[bool | None, ...]
    language: Language
    validity_months: int


class ClassWished(Event):
    """Somebody would like to follow a course in person, on a date to be found."""

    type: Literal["scheduling.class_wished"] = "scheduling.class_wished"
    version: Literal[1] = 1
    person_id: UUID
    course: Slug
    language: Language
    centre_id: UUID | None
    occurred_at: datetime


class ClassWishEnded(Event):
    """They asked for a place in a class, or no longer wish it."""

    type: Literal["scheduling.class_wish_ended"] = "scheduling.class_wish_ended"
    version: Literal[1] = 1
    person_id: UUID
    course: Slug
    cause: Literal["requested", "withdrawn"]
    occurred_at: datetime


ClassEvent = (
    ClassCourseNamed
    | ClassPublished
    | ClassChanged
    | ClassCancelled
    | ClassRequested
    | ClassRequestRefused
    | ClassSeatGiven
    | ClassWaitlisted
    | ClassSeatOffered
    | ClassPlaceEnded
    | ClassSeatsReserved
    | ClassReservationEnded
    | ClassAttendanceNoted
    | ClassWished
    | ClassWishEnded
)


# --- commands of training centres ----------------------------------------------------------------


class NameClassCourse(Command):
    """Name an in-person course, or change its title and validity for classes to come."""

    type: Literal["scheduling.name_class_course"] = "scheduling.name_class_course"
    course: Slug
    title: Localised
    validity_months: Annotated[Whole, Field(ge=0, le=600)]


class ClassCommand(Command):
    """About one class."""

    class_id: UUID


class _Telling(ClassCommand):
    language: Language
    centre_id: UUID
    room: PlaceName
    days: ClassDays
    trainers: Trainers = ()
    seats: SeatCount


class PublishClass(_Telling):
    """Hold a class; the same once more changes nothing."""

    type: Literal["scheduling.publish_class"] = "scheduling.publish_class"
    course: Slug


class ChangeClass(_Telling):
    """Change a class that has not begun. Refused with fewer seats than are taken."""

    type: Literal["scheduling.change_class"] = "scheduling.change_class"


class CancelClass(ClassCommand):
    """Do not hold it: everybody is free again, and hears why."""

    type: Literal["scheduling.cancel_class"] = "scheduling.cancel_class"
    reason: Sentence


class NoteClassAttendance(ClassCommand):
    """Whether somebody with a seat was there on a day (the first is 1). May be noted again: a correction."""

    type: Literal["scheduling.note_class_attendance"] = "scheduling.note_class_attendance"
    person_id: UUID
    day: Annotated[Whole, Field(ge=1, le=DAYS_MAX)]
    present: Truth


# --- commands of learners and managers -----------------------------------------------------------


class PlaceCommand(ClassCommand):
    """About one person's place in a class."""

    person_id: UUID


class RequestClass(PlaceCommand):
    """Ask for a place: for oneself; or, as their manager, for somebody, which approves it at once."""

    type: Literal["scheduling.request_class"] = "scheduling.request_class"


class DecideClassRequest(PlaceCommand):
    """Approve, or refuse with a reason."""

    type: Literal["scheduling.decide_class_request"] = "scheduling.decide_class_request"
    approve: Truth
    reason: Sentence | None = None

    @model_validator(mode="after")
    def _a_refusal_says_why(self) -> Self:
        if not self.approve and self.reason is None:
            raise ValueError("a refusal says why")
        return self


class AcceptClassSeat(PlaceCommand):
    """Take the seat that is offered."""

    type: Literal["scheduling.accept_class_seat"] = "scheduling.accept_class_seat"


class GiveUpClassPlace(PlaceCommand):
    """Give back a request, a seat, a place on the list or an offer; `left` is for scheduling itself to say."""

    type: Literal["scheduling.give_up_class_place"] = "scheduling.give_up_class_place"
    cause: Literal["withdrawn", "left"] = "withdrawn"


class ReserveClassSeats(ClassCommand):
    """Keep seats for a unit, without names yet. Refused while people wait."""

    type: Literal["scheduling.reserve_class_seats"] = "scheduling.reserve_class_seats"
    reservation_id: UUID
    unit_id: UUID
    seats: SeatCount
    release_on: Day


class NameClassSeat(PlaceCommand):
    """Give a reserved seat to somebody of the unit."""

    type: Literal["scheduling.name_class_seat"] = "scheduling.name_class_seat"
    reservation_id: UUID


class EndClassReservation(ClassCommand):
    """Give back the reserved seats that got no name."""

    type: Literal["scheduling.end_class_reservation"] = "scheduling.end_class_reservation"
    reservation_id: UUID


class TendClass(ClassCommand):
    """Let offers lapse, free reserved seats whose day has come, offer free seats. Sent by scheduling itself."""

    type: Literal["scheduling.tend_class"] = "scheduling.tend_class"


class WishClass(Command):
    """Wish to follow a course in person; wished again, the last language and centre hold."""

    type: Literal["scheduling.wish_class"] = "scheduling.wish_class"
    person_id: UUID
    course: Slug
    language: Language
    centre_id: UUID | None = None


class EndClassWish(Command):
    """Wish it no longer."""

    type: Literal["scheduling.end_class_wish"] = "scheduling.end_class_wish"
    person_id: UUID
    course: Slug


CentreClassCommand = NameClassCourse | PublishClass | ChangeClass | CancelClass
PlacesClassCommand = (
    RequestClass
    | DecideClassRequest
    | AcceptClassSeat
    | GiveUpClassPlace
    | ReserveClassSeats
    | NameClassSeat
    | EndClassReservation
    | WishClass
    | EndClassWish
)
ClassRoomCommand = (
    NameClassCourse
    | PublishClass
    | ChangeClass
    | CancelClass
    | NoteClassAttendance
    | RequestClass
    | DecideClassRequest
    | AcceptClassSeat
    | GiveUpClassPlace
    | ReserveClassSeats
    | NameClassSeat
    | EndClassReservation
    | TendClass
    | WishClass
    | EndClassWish
)
