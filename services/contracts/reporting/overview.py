"""Figures of a unit and of those below it: at one moment, and month after month."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.contracts.message import Localised, Message, Slug
from services.contracts.reporting.moments import Positions, TwoTimes
from services.contracts.reporting.standing import Status


class AskOverview(TwoTimes):
    """Counts by status for a unit and all below it."""

    unit_id: UUID
    course: Slug


class UnitFigures(Message):
    """How many people of a unit, and of all below it, stand how."""

    unit_id: UUID
    name: Localised
    kind: str
    people: int
    counts: dict[Status, int]


class Overview(Message):
    """A unit, the units directly below it, and from which positions the figures come."""

    unit: UnitFigures
    below: tuple[UnitFigures, ...]
    course: Slug
    as_of: datetime
    known_at: datetime
    positions: Positions


class AskTrend(TwoTimes):
    """How many people of a unit and below were trained at the ends of months, the last point being `as_of`."""

    unit_id: UUID
    course: Slug
    points: Annotated[int, Field(ge=1, le=60)] = 13


class TrendPoint(Message):
    """How many people there were at a moment, and how many of them had passed what was valid then."""

    as_of: datetime
    people: int
    trained: int
    exempt: int = 0


class UnitTrend(Message):
    """A unit with all that was below it at each moment, oldest first."""

    unit_id: UUID
    name: Localised
    kind: str
    points: tuple[TrendPoint, ...]


class Trend(Message):
    """A unit, and the units that are directly below it as of the last point."""

    unit: UnitTrend
    below: tuple[UnitTrend, ...]
    course: Slug
    as_of: datetime
    known_at: datetime
    positions: Positions
