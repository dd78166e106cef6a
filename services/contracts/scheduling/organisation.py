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


class UnitRenamed(Event):
    """A unit is called so from then on; before, it was called as before."""

    type: Literal["scheduling.unit_renamed"] = "scheduling.unit_renamed"
    version: Literal[1] = 1
    unit_id: UUID
    name: Localised
    occurred_at: datetime


class UnitClosed(Event):
    """A unit is there no more: nobody belongs to it, and nobody is responsible for it. Its code is free again."""

    type: Literal["scheduling.unit_closed"] = "scheduling.unit_closed"
    version: Literal[1] = 1
    unit_id: UUID
    occurred_at: datetime


class DeputyNamed(Event):
    """A person stands in for another, from `occurred_at` (it may lie ahead) to `until`.

    The deputy is responsible for whatever the other is, at each moment of the period: for more when the
    other is appointed, for nothing when the other is relieved. Whom the other deputises for is no part of it.
    """

    type: Literal["scheduling.deputy_named"] = "scheduling.deputy_named"
    version: Literal[1] = 1
    person_id: UUID
    deputy_id: UUID
    until: datetime
    occurred_at: datetime


class DeputyEnded(Event):
    """A person stands in for another no more: every period ends, or never begins."""

    type: Literal["scheduling.deputy_ended"] = "scheduling.deputy_ended"
    version: Literal[1] = 1
    person_id: UUID
    deputy_id: UUID
    occurred_at: datetime


OrganisationEvent = (
    UnitCreated
    | UnitMoved
    | ManagerAppointed
    | ManagerRelieved
    | UnitCoded
    | UnitRenamed
    | UnitClosed
    | DeputyNamed
    | DeputyEnded
)


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
    """End somebody's responsibility for a unit, from `occurred_at` on; it may lie ahead."""

    type: Literal["scheduling.relieve_manager"] = "scheduling.relieve_manager"
    unit_id: UUID
    person_id: UUID


class CodeUnit(Command):
    """Say what other systems call a unit; a code that another unit has is refused."""

    type: Literal["scheduling.code_unit"] = "scheduling.code_unit"
    unit_id: UUID
    code: UnitCode


class RenameUnit(Command):
    """Call a unit otherwise, from `occurred_at` on."""

    type: Literal["scheduling.rename_unit"] = "scheduling.rename_unit"
    unit_id: UUID
    name: Localised


class CloseUnit(Command):
    """Close a unit to which nobody belongs and below which there is none.

    It holds from when it is recorded: that nobody belongs to it is known of the present only.
    """

    type: Literal["scheduling.close_unit"] = "scheduling.close_unit"
    unit_id: UUID


class NameDeputy(Command):
    """Let somebody stand in for a person who is responsible for a unit, from `occurred_at` to `until`."""

    type: Literal["scheduling.name_deputy"] = "scheduling.name_deputy"
    person_id: UUID
    deputy_id: UUID
    until: Instant

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.until <= self.occurred_at:
            raise ValueError("a period ends after it begins")
        return self


class EndDeputy(Command):
    """Let nobody stand in any more: `deputy_id` for `person_id`, from `occurred_at` on; it may lie ahead."""

    type: Literal["scheduling.end_deputy"] = "scheduling.end_deputy"
    person_id: UUID
    deputy_id: UUID


OrganisationCommand = (
    CreateUnit
    | MoveUnit
    | AppointManager
    | RelieveManager
    | CodeUnit
    | RenameUnit
    | CloseUnit
    | NameDeputy
    | EndDeputy
)
