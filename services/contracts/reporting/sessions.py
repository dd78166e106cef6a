"""In-person sessions, each as whoever asks may see it."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from services.contracts.message import Language, Localised, Message, Slug
from services.contracts.reporting.moments import Positions
from services.contracts.scheduling.classes import ClassDay, EndCause, PlaceState


class AskSessions(Message):
    """In-person sessions to come and those of the last weeks, each as whoever asks may see it."""

    at_least: Positions = {}


class SessionPlace(Message):
    """What somebody has in a session. `rank`: how many come before them on the waiting list, and one."""

    state: PlaceState
    until: datetime | None
    rank: int | None
    attended: tuple[bool | None, ...]
    since: datetime | None = None


class SessionOver(Message):
    """What became of a place that is over: why, and since when."""

    cause: EndCause | Literal["refused"]
    reason: str | None
    since: datetime


class SessionTrainer(Message):
    """Somebody who gives it, or could."""

    person_id: UUID
    given_name: str | None
    family_name: str | None


class SessionPerson(Message):
    """Somebody's place, for training centres and for managers of that person."""

    person_id: UUID
    given_name: str | None
    family_name: str | None
    staff_number: str | None
    place: SessionPlace
    unit_id: UUID | None = None
    unit_name: Localised | None = None


class SessionReservation(Message):
    """Seats of a unit that have no name yet."""

    reservation_id: UUID
    unit_id: UUID
    seats: int
    release_on: date


class SessionLine(Message):
    """A session. `people`: for centres whoever has a seat, an offer or waits; for managers those in their care."""

    class_id: UUID
    course: Slug
    title: Localised
    language: Language
    centre_id: UUID
    room: str
    days: tuple[ClassDay, ...]
    seats: int
    taken: int
    waiting: int
    cancelled: str | None
    mine: SessionPlace | None
    people: tuple[SessionPerson, ...]
    reservations: tuple[SessionReservation, ...]
    over: SessionOver | None = None
    trainers: tuple[SessionTrainer, ...] = ()


class Demand(Message):
    """How many people wish for a course without a date."""

    course: Slug
    language: Language
    centre_id: UUID | None
    people: int


class InPersonCourse(Message):
    """A course that is followed in person, and for how many months it is valid (0: for ever)."""

    course: Slug
    title: Localised
    validity_months: int


class AskInPersonCourses(Message):
    """Which courses are followed in person?"""


class InPersonCourses(Message):
    """Those that training centres named, by their short names."""

    courses: tuple[InPersonCourse, ...]


class Centre(Message):
    """A training centre."""

    unit_id: UUID
    name: Localised


class Wishing(Message):
    """Somebody in one's care who wishes for a course without a date."""

    person_id: UUID
    given_name: str | None
    family_name: str | None
    course: Slug
    language: Language
    centre_id: UUID | None


class Sessions(Message):
    """Sessions in the order in which they end; the list of demand for centres; one's own wishes.

    `trainers`: for centres, whoever belongs to one. `wishing`: for managers, those in their care.
    """

    sessions: tuple[SessionLine, ...]
    demand: tuple[Demand, ...]
    wishes: tuple[Slug, ...]
    courses: tuple[InPersonCourse, ...] = ()
    centres: tuple[Centre, ...] = ()
    trainers: tuple[SessionTrainer, ...] = ()
    wishing: tuple[Wishing, ...] = ()
    positions: Positions
