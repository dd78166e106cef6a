"""What scheduling says: the organisation, who belongs to it, and who must learn what by when.

Each fact holds from its `occurred_at` until the next one about the same thing, in the order of
`occurred_at`, whenever they were recorded; of two at the same moment the one recorded last holds.
So a placing from last month that is recorded today does not undo one from last week.

Names never stand in an event. They live in the directory, one mutable table, which other services
copy through a feed of its own that knows only the present.
"""

from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Literal, Self
from uuid import UUID, uuid5

from pydantic import Field, StringConstraints, model_validator

from services.contracts.message import (
    Command,
    Day,
    Event,
    FeedPage,
    Instant,
    Language,
    Localised,
    Message,
    Slug,
    Whole,
)

ASSIGNMENTS = UUID("a0b8a3c7-0d0e-5b6c-8f57-2f8f6c1f4b21")
"""Namespace in which assignments get their identity from their natural key."""


def assignment_id_of(person_id: UUID, course: str, period: int = 1) -> UUID:
    """The identity of a person's assignment of a course for a period."""
    return uuid5(ASSIGNMENTS, f"{person_id}/{course}/{period}")


UnitKind = Literal["service", "region", "prison", "team", "centre"]

# --- events --------------------------------------------------------------------------------------


class UnitCreated(Event):
    """A unit of the organisation exists, below its parent."""

    type: Literal["scheduling.unit_created"] = "scheduling.unit_created"
    version: Literal[1] = 1
    unit_id: UUID
    kind: UnitKind
    name: Localised
    parent_id: UUID | None
    occurred_at: datetime


class UnitMoved(Event):
    """A unit, with all below it, stands below another parent from then on."""

    type: Literal["scheduling.unit_moved"] = "scheduling.unit_moved"
    version: Literal[1] = 1
    unit_id: UUID
    parent_id: UUID
    occurred_at: datetime


class PersonRegistered(Event):
    """Somebody joined the staff; who, only the directory knows."""

    type: Literal["scheduling.person_registered"] = "scheduling.person_registered"
    version: Literal[1] = 1
    person_id: UUID
    occurred_at: datetime


class PersonPlaced(Event):
    """A person belongs to a unit from then on, and to no other."""

    type: Literal["scheduling.person_placed"] = "scheduling.person_placed"
    version: Literal[1] = 1
    person_id: UUID
    unit_id: UUID
    occurred_at: datetime


class PersonWithdrawn(Event):
    """A person left the staff; their history stays."""

    type: Literal["scheduling.person_withdrawn"] = "scheduling.person_withdrawn"
    version: Literal[1] = 1
    person_id: UUID
    occurred_at: datetime


class ManagerAppointed(Event):
    """A person is responsible for a unit and all below it, from `occurred_at` (it may lie ahead) to `until`.

    Appointments add up: a person is responsible when at least one of them says so.
    """

    type: Literal["scheduling.manager_appointed"] = "scheduling.manager_appointed"
    version: Literal[1] = 1
    unit_id: UUID
    person_id: UUID
    until: datetime | None
    occurred_at: datetime


class ManagerRelieved(Event):
    """A person is no longer responsible for a unit: every appointment to it ends, or never begins."""

    type: Literal["scheduling.manager_relieved"] = "scheduling.manager_relieved"
    version: Literal[1] = 1
    unit_id: UUID
    person_id: UUID
    occurred_at: datetime


class CourseAssigned(Event):
    """A person must have followed a course by the end of `due_on`, Europe/Brussels."""

    type: Literal["scheduling.course_assigned"] = "scheduling.course_assigned"
    version: Literal[1] = 1
    assignment_id: UUID
    person_id: UUID
    course: Slug
    period: int
    due_on: date
    occurred_at: datetime


class DueDateChanged(Event):
    """The same assignment, another due date."""

    type: Literal["scheduling.due_date_changed"] = "scheduling.due_date_changed"
    version: Literal[1] = 1
    assignment_id: UUID
    person_id: UUID
    course: Slug
    period: int
    due_on: date
    occurred_at: datetime


class AssignmentWithdrawn(Event):
    """The person need no longer follow the course for this period."""

    type: Literal["scheduling.assignment_withdrawn"] = "scheduling.assignment_withdrawn"
    version: Literal[1] = 1
    assignment_id: UUID
    person_id: UUID
    course: Slug
    period: int
    occurred_at: datetime


SchedulingEvent = Annotated[
    UnitCreated
    | UnitMoved
    | PersonRegistered
    | PersonPlaced
    | PersonWithdrawn
    | ManagerAppointed
    | ManagerRelieved
    | CourseAssigned
    | DueDateChanged
    | AssignmentWithdrawn,
    Field(discriminator="type"),
]
SchedulingPage = FeedPage[SchedulingEvent]

# --- the directory: names, apart -----------------------------------------------------------------

_PRINTABLE = r"^[^\x00-\x1f\x7f]*$"
"""No control characters: no column of a database, no CSV and no calendar takes them well."""

Name = Annotated[
    str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True, pattern=_PRINTABLE)
]
StaffNumber = Annotated[
    str, StringConstraints(min_length=1, max_length=40, strip_whitespace=True, pattern=_PRINTABLE)
]


class DirectoryEntry(Message):
    """Who a person is, at present."""

    person_id: UUID
    given_name: Name
    family_name: Name
    staff_number: StaffNumber
    email: Annotated[str, StringConstraints(max_length=320, pattern=_PRINTABLE)] | None = None
    language: Language
    function: Annotated[str, StringConstraints(max_length=120, pattern=_PRINTABLE)] | None = None


class DirectoryItem(Message):
    """A person's entry as it is now (none when it was erased), at the position of its last change."""

    position: int
    person_id: UUID
    entry: DirectoryEntry | None


class DirectoryPage(Message):
    """Changed entries in the order of their last change."""

    position: int
    head: int
    items: tuple[DirectoryItem, ...]


# --- commands ------------------------------------------------------------------------------------


class CreateUnit(Command):
    """Add a unit; repeating it for the same `unit_id` is refused."""

    type: Literal["scheduling.create_unit"] = "scheduling.create_unit"
    unit_id: UUID
    kind: UnitKind
    name: Localised
    parent_id: UUID | None


class MoveUnit(Command):
    """Put a unit below another parent."""

    type: Literal["scheduling.move_unit"] = "scheduling.move_unit"
    unit_id: UUID
    parent_id: UUID


class RegisterPerson(Command):
    """Take somebody on: an entry in the directory, a place in a unit, no name in any event."""

    NOT_COMPARED: ClassVar[dict[str, Any]] = {
        "occurred_at": True,
        "entry": set(DirectoryEntry.model_fields) - {"person_id"},
    }

    type: Literal["scheduling.register_person"] = "scheduling.register_person"
    entry: DirectoryEntry
    unit_id: UUID


class PlacePerson(Command):
    """Move somebody to a unit."""

    type: Literal["scheduling.place_person"] = "scheduling.place_person"
    person_id: UUID
    unit_id: UUID


class WithdrawPerson(Command):
    """Somebody left."""

    type: Literal["scheduling.withdraw_person"] = "scheduling.withdraw_person"
    person_id: UUID


class AppointManager(Command):
    """Make somebody responsible for a unit from `occurred_at`, for a time or until further notice.

    To shorten an appointment, relieve and appoint again.
    """

    type: Literal["scheduling.appoint_manager"] = "scheduling.appoint_manager"
    unit_id: UUID
    person_id: UUID
    until: Instant | None = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.until is not None and self.until <= self.occurred_at:
            raise ValueError("an appointment ends after it begins")
        return self


class RelieveManager(Command):
    """End somebody's responsibility for a unit."""

    type: Literal["scheduling.relieve_manager"] = "scheduling.relieve_manager"
    unit_id: UUID
    person_id: UUID


class AssignCourse(Command):
    """Assign a course, either to one person or to everybody in a unit and below it, with a due date.

    Who already has the assignment gets the new due date; who has it with this date is passed over.
    """

    type: Literal["scheduling.assign_course"] = "scheduling.assign_course"
    course: Slug
    due_on: Day
    period: Annotated[Whole, Field(ge=1, le=1000)] = 1
    person_id: UUID | None = None
    unit_id: UUID | None = None

    @model_validator(mode="after")
    def _to_one_person_or_one_unit(self) -> Self:
        if (self.person_id is None) == (self.unit_id is None):
            raise ValueError("a course is assigned to one person or to one unit: name exactly one")
        return self


class WithdrawAssignment(Command):
    """Take an assignment back."""

    type: Literal["scheduling.withdraw_assignment"] = "scheduling.withdraw_assignment"
    person_id: UUID
    course: Slug
    period: Annotated[Whole, Field(ge=1, le=1000)] = 1


SchedulingCommand = Annotated[
    CreateUnit
    | MoveUnit
    | RegisterPerson
    | PlacePerson
    | WithdrawPerson
    | AppointManager
    | RelieveManager
    | AssignCourse
    | WithdrawAssignment,
    Field(discriminator="type"),
]
