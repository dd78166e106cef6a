"""What scheduling says: the organisation, who belongs to it, and who must learn what by when.

Each fact holds from its `occurred_at` until the next one about the same thing, in the order of
`occurred_at`, whenever they were recorded; of two at the same moment the one recorded last holds.
So a placing from last month that is recorded today does not undo one from last week.

Names never stand in an event. They live in the directory, one mutable table, which other services
copy through a feed of its own that knows only the present.
"""

from typing import Annotated

from pydantic import Field

from services.contracts.message import FeedPage
from services.contracts.scheduling.assignments import (
    ASSIGNMENTS,
    AssignCourse,
    AssignmentCommand,
    AssignmentEvent,
    AssignmentWithdrawn,
    CourseAssigned,
    DueDateChanged,
    WithdrawAssignment,
    assignment_id_of,
)
from services.contracts.scheduling.classes import ClassEvent, ClassRoomCommand
from services.contracts.scheduling.duties import DutyCommand, DutyEvent
from services.contracts.scheduling.exemptions import ExemptionCommand, ExemptionEvent
from services.contracts.scheduling.organisation import (
    AppointManager,
    CloseUnit,
    CodeUnit,
    CreateUnit,
    DeputyEnded,
    DeputyNamed,
    EndDeputy,
    ManagerAppointed,
    ManagerRelieved,
    MoveUnit,
    NameDeputy,
    OrganisationCommand,
    OrganisationEvent,
    RelieveManager,
    RenameUnit,
    UnitClosed,
    UnitCode,
    UnitCoded,
    UnitCreated,
    UnitKind,
    UnitMoved,
    UnitRenamed,
)
from services.contracts.scheduling.people import (
    DirectoryEntry,
    DirectoryItem,
    DirectoryPage,
    Name,
    PeopleCommand,
    PeopleEvent,
    PersonPlaced,
    PersonRegistered,
    PersonReturned,
    PersonWithdrawn,
    PlacePerson,
    RegisterPerson,
    ReturnPerson,
    StaffNumber,
    UpdateDirectoryEntry,
    WithdrawPerson,
)
from services.contracts.scheduling.seats import SeatCommand, SeatEvent
from services.contracts.scheduling.staff_imports import ApplyStaffImport

__all__ = [
    "ASSIGNMENTS",
    "AppointManager",
    "AssignCourse",
    "AssignmentCommand",
    "AssignmentEvent",
    "AssignmentWithdrawn",
    "CloseUnit",
    "CodeUnit",
    "CourseAssigned",
    "CreateUnit",
    "DeputyEnded",
    "DeputyNamed",
    "DirectoryEntry",
    "DirectoryItem",
    "DirectoryPage",
    "DueDateChanged",
    "DutyCommand",
    "DutyEvent",
    "EndDeputy",
    "ExemptionCommand",
    "ExemptionEvent",
    "ManagerAppointed",
    "ManagerRelieved",
    "MoveUnit",
    "Name",
    "NameDeputy",
    "OrganisationCommand",
    "OrganisationEvent",
    "PeopleCommand",
    "PeopleEvent",
    "PersonPlaced",
    "PersonRegistered",
    "PersonReturned",
    "PersonWithdrawn",
    "PlacePerson",
    "RegisterPerson",
    "RelieveManager",
    "RenameUnit",
    "ReturnPerson",
    "SchedulingCommand",
    "SchedulingEvent",
    "SchedulingPage",
    "StaffNumber",
    "UnitClosed",
    "UnitCode",
    "UnitCoded",
    "UnitCreated",
    "UnitKind",
    "UnitMoved",
    "UnitRenamed",
    "UpdateDirectoryEntry",
    "WithdrawAssignment",
    "WithdrawPerson",
    "assignment_id_of",
]

SchedulingEvent = Annotated[
    OrganisationEvent | PeopleEvent | AssignmentEvent | DutyEvent | ExemptionEvent | SeatEvent | ClassEvent,
    Field(discriminator="type"),
]
SchedulingPage = FeedPage[SchedulingEvent]

SchedulingCommand = Annotated[
    OrganisationCommand
    | PeopleCommand
    | AssignmentCommand
    | DutyCommand
    | ExemptionCommand
    | SeatCommand
    | ClassRoomCommand
    | ApplyStaffImport,
    Field(discriminator="type"),
]
