"""The units that are in somebody's care, and who answers for each of them."""

from datetime import datetime
from typing import Literal
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


class AskUnit(TwoTimes):
    """One unit: where it stands, who answers for it, and how it came to be so."""

    unit_id: UUID


class Called(Message):
    """Somebody, as the directory calls them at present; without a name when it knows none."""

    person_id: UUID
    given_name: str | None
    family_name: str | None
    staff_number: str | None


class ManagerTerm(Called):
    """A time for which somebody is responsible for a unit and all below it."""

    unit_id: UUID
    unit_name: Localised
    since: datetime
    until: datetime | None


class DeputyTerm(Called):
    """A time for which somebody stands in for another (`deputy_of`)."""

    deputy_of: Called
    since: datetime
    until: datetime | None


class Answering(Called):
    """Somebody who answers for a unit: a manager of it or of a unit above, or the deputy of one."""

    unit_id: UUID
    unit_name: Localised
    deputy_of: Called | None
    until: datetime | None


UnitFactKind = Literal["created", "moved", "renamed", "coded", "closed"]


class UnitFact(Message):
    """Something that happened to a unit."""

    kind: UnitFactKind
    name: Localised | None
    code: str | None
    parent_id: UUID | None
    parent_name: Localised | None
    """The parent's name as it is at the moment asked about; none where it is in nobody's care who asks."""
    occurred_at: datetime
    recorded_at: datetime


class UnitView(Message):
    """A unit at a moment; terms and history as they were known, whatever moment they are about.

    `answering`: whoever answers for it at that moment. Those responsible for the unit itself, or, where it
    has none, those of the nearest unit above that has some; several are equals, and each may have deputies.
    """

    unit: UnitLine
    closed: bool
    above: tuple[UnitLine, ...]
    below: tuple[UnitLine, ...]
    people: int
    """Who belongs to it, without those of units below."""
    people_below: int
    """Who belongs to it or to a unit below."""
    answering: tuple[Answering, ...]
    managers: tuple[ManagerTerm, ...]
    deputies: tuple[DeputyTerm, ...]
    history: tuple[UnitFact, ...]
    as_of: datetime
    known_at: datetime
    positions: Positions
