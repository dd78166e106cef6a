"""The units that are in somebody's care."""

from uuid import UUID

from services.contracts.message import Localised, Message
from services.contracts.reporting.moments import Positions, TwoTimes


class AskOrganisation(TwoTimes):
    """The units in the care of who asks (all, for auditor and operator)."""


class UnitLine(Message):
    """A unit in the tree."""

    unit_id: UUID
    parent_id: UUID | None
    kind: str
    name: Localised
    in_care: bool
    code: str | None = None


class Organisation(Message):
    """Units, parents before children."""

    units: tuple[UnitLine, ...]
    positions: Positions
