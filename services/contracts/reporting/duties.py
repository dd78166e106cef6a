"""Standing orders, and what stands in the way of their dates."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.contracts.message import Localised, Message, Slug
from services.contracts.reporting.moments import Positions
from services.contracts.scheduling.duties import HindranceKind, Recurrence


class OrderLine(Message):
    """A standing order: for a unit and below, for a function, for both, or for everybody.

    `in_care`: whoever asks may end it.
    """

    order_id: UUID
    course: Slug
    unit_id: UUID | None
    unit_name: Localised | None
    function: str | None
    due_on: date | None
    after_days: int | None
    recurrence: Recurrence | None
    from_on: date
    to_on: date | None
    given_at: datetime
    ended_at: datetime | None
    in_care: bool


class AskOrders(Message):
    """The standing orders that concern a unit: its own, those of units above and below, those for everybody."""

    unit_id: UUID
    at_least: Positions = {}


class Orders(Message):
    """Orders, those that were given last first."""

    orders: tuple[OrderLine, ...]
    positions: Positions


class AskHindrances(Message):
    """What stands in the way of due dates, for the people of a unit and below it: the oldest first."""

    unit_id: UUID
    at_least: Positions = {}
    limit: Annotated[int, Field(ge=1, le=500)] = 200


class HindranceLine(Message):
    """One person, one order, and why its date is not simply set."""

    hindrance_id: UUID
    kind: HindranceKind
    person_id: UUID
    given_name: str | None
    family_name: str | None
    staff_number: str | None
    unit_id: UUID
    unit_name: Localised
    course: Slug
    period: int
    order_id: UUID
    due_on: date | None
    held_on: date | None
    held_by: UUID | None
    found_at: datetime


class Hindrances(Message):
    """What somebody must decide, with the orders that it is about; `more` says that the limit left some out."""

    lines: tuple[HindranceLine, ...]
    more: bool
    orders: tuple[OrderLine, ...]
    positions: Positions
