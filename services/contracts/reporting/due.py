"""What is late, what will be, and whose training ends."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.contracts.message import Message, Slug
from services.contracts.reporting.moments import Positions, TwoTimes
from services.contracts.reporting.overview import UnitFigures
from services.contracts.reporting.people import StaffLine
from services.contracts.reporting.standing import Status

DUE_STATUSES: tuple[Status, ...] = ("overdue", "expired", "due_soon", "expiring")
"""What a due list shows: what is late, and what will be."""


class AskDue(TwoTimes):
    """Who is late with a course in a unit and below, who will be soon, and whose training ends: by unit, and who."""

    unit_id: UUID
    course: Slug
    status: Status | None = None
    cursor: Annotated[str, Field(max_length=200)] | None = None
    limit: Annotated[int, Field(ge=1, le=500)] = 50


class Due(Message):
    """The unit and those directly below it, each with all below that; then the people, the latest first."""

    unit: UnitFigures
    below: tuple[UnitFigures, ...]
    lines: tuple[StaffLine, ...]
    cursor: str | None
    course: Slug
    as_of: datetime
    known_at: datetime
    positions: Positions
