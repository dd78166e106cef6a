"""Members of staff: where they belong; and who they are, apart from all events."""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import StringConstraints

from services.contracts.message import Command, Event, Language, Message

# --- events --------------------------------------------------------------------------------------


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


class PersonReturned(Event):
    """Somebody who had left is back, with their history; the placing that follows says where."""

    type: Literal["scheduling.person_returned"] = "scheduling.person_returned"
    version: Literal[1] = 1
    person_id: UUID
    occurred_at: datetime


PeopleEvent = PersonRegistered | PersonPlaced | PersonWithdrawn | PersonReturned

# --- the directory: names, apart -----------------------------------------------------------------

_PRINTABLE = "^[^\x00-\x1f\x7f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]*$"
"""No control characters: no column of a database, no CSV and no calendar takes them well.

Nor those that turn the direction of a text: a name would show as another, and so would what stands beside it."""

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


class ReturnPerson(Command):
    """Somebody who left is back, in a unit: the same person, with their history."""

    type: Literal["scheduling.return_person"] = "scheduling.return_person"
    person_id: UUID
    unit_id: UUID


class UpdateDirectoryEntry(Command):
    """Say anew who somebody is: another name, address, language or function. No event tells of it."""

    NOT_COMPARED: ClassVar[dict[str, Any]] = {
        "occurred_at": True,
        "entry": set(DirectoryEntry.model_fields) - {"person_id"},
    }

    type: Literal["scheduling.update_directory_entry"] = "scheduling.update_directory_entry"
    entry: DirectoryEntry


PeopleCommand = RegisterPerson | PlacePerson | WithdrawPerson | ReturnPerson | UpdateDirectoryEntry
