"""Who is in a unit and how each stands, who is called so, and how whoever asks is called."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.contracts.message import Language, Localised, Message, Slug, Truth
from services.contracts.reporting.moments import Positions, TwoTimes
from services.contracts.reporting.organisation import DeputyTerm, ManagerTerm
from services.contracts.reporting.standing import StaffStatus


class AskStaff(TwoTimes):
    """The people of a unit and below it, and how each stands, longest overdue first.

    Without `everybody` or a status: those whom the course concerns. `called`: words that each begin
    one of their names, or their staff number.
    """

    unit_id: UUID
    course: Slug
    status: StaffStatus | None = None
    everybody: Truth = False
    called: Annotated[str, Field(max_length=100)] | None = None
    people: Annotated[tuple[UUID, ...], Field(max_length=500)] = ()
    cursor: Annotated[str, Field(max_length=200)] | None = None
    limit: Annotated[int, Field(ge=1, le=500)] = 50


class StaffLine(Message):
    """One person's standing."""

    person_id: UUID
    given_name: str | None
    family_name: str | None
    staff_number: str | None
    unit_id: UUID
    unit_name: Localised
    status: StaffStatus
    due_on: date | None
    since: datetime
    expires_on: date | None
    record_id: UUID | None


class Staff(Message):
    """A page of people; `cursor` asks for the next."""

    lines: tuple[StaffLine, ...]
    cursor: str | None
    as_of: datetime
    known_at: datetime
    positions: Positions


class AskMe(Message):
    """How is the person called who asks?"""


class Me(Message):
    """One's own name, where the directory knows one."""

    given_name: str | None
    family_name: str | None


class AskPeople(Message):
    """Who is called so? The beginnings of words of a name or staff number, in any order, or a person id."""

    text: Annotated[str, Field(min_length=2, max_length=200)]
    limit: Annotated[int, Field(ge=1, le=100)] = 20


class PersonLine(Message):
    """Somebody who was found, and the unit that they belong to at present."""

    person_id: UUID
    given_name: str | None
    family_name: str | None
    staff_number: str | None
    unit_id: UUID | None
    unit_name: Localised | None


class People(Message):
    """Whoever was found, by name; `more` says that the limit left some out."""

    lines: tuple[PersonLine, ...]
    more: bool
    positions: Positions


class AskDirectory(Message):
    """The staff at present, by name: of the units in care of who asks, or of one of them and all below it."""

    called: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    unit_id: UUID | None = None
    cursor: Annotated[str, Field(max_length=100)] | None = None
    limit: Annotated[int, Field(ge=1, le=500)] = 50
    at_least: Positions = {}


class DirectoryLine(PersonLine):
    """Somebody as the directory knows them."""

    language: Language | None
    email: str | None
    function: str | None


class Directory(Message):
    """A page of the staff; `cursor` asks for the next."""

    lines: tuple[DirectoryLine, ...]
    cursor: str | None
    positions: Positions


class AskPerson(Message):
    """One member of staff: who they are, where they belong, what they answer for."""

    person_id: UUID
    at_least: Positions = {}


class PersonView(Message):
    """Somebody as the directory knows them, and for what and for whom they answer, answered or will."""

    person: DirectoryLine
    manages: tuple[ManagerTerm, ...]
    deputies: tuple[DeputyTerm, ...]
    """Who stands in for them."""
    deputises: tuple[DeputyTerm, ...]
    """For whom they stand in."""
    positions: Positions
