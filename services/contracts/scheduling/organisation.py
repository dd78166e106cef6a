"""The tree of units, and who is responsible for which of them."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import StringConstraints, model_validator

from services.contracts.message import Command, Event, Instant, Localised

UnitKind = Literal["service", "region", "prison", "team", "centre"]

UnitCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,39}$")]
"""What other systems (HR) call a unit. Capitals make no difference."""

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


class UnitCoded(Event):
    """Other systems call a unit so from then on; what they called it before means nothing any more."""

    type: Literal["scheduling.unit_coded"] = "scheduling.unit_coded"
    version: Literal[1] = 1
    unit_id: UUID
    code: UnitCode
    occurred_at: datetime


OrganisationEvent = UnitCreated | UnitMoved | ManagerAppointed | ManagerRelieved | UnitCoded


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


class CodeUnit(Command):
    """Say what other systems call a unit; a code that another unit has is refused."""

    type: Literal["scheduling.code_unit"] = "scheduling.code_unit"
    unit_id: UUID
    code: UnitCode


OrganisationCommand = CreateUnit | MoveUnit | AppointManager | RelieveManager | CodeUnit
