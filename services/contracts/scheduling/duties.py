"""Standing orders: who must follow a course again and again, and what stands in the way of a due date."""

from datetime import date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID, uuid5

from pydantic import Field, StringConstraints, model_validator

from services.contracts.message import Command, Day, Event, Message, Slug, Whole
from services.contracts.scheduling.assignments import Cause

HINDRANCES = UUID("3d0c8f4e-52a1-5b7d-9f0e-6a1b2c3d4e5f")
"""Namespace in which hindrances get their identity from what they are about."""

HindranceKind = Literal["conflict", "past", "before_joining", "no_version", "no_language"]
"""Why a due date is no plain one.

`conflict`: two orders say different dates, and the earlier holds; `past`: the date had passed when the
order came to concern the person; `before_joining`: it lies before the person came under the order;
`no_version`: no version of the course is in use; `no_language`: none is in the person's language.
"""

Function = Annotated[
    str,
    StringConstraints(min_length=1, max_length=120, strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f]*$"),
]
"""What people are employed as, in the words of the directory."""


def hindrance_id_of(kind: str, order_id: UUID, person_id: UUID, period: int) -> UUID:
    """The identity of what stands in the way of one order for one person and period."""
    return uuid5(HINDRANCES, f"{kind}/{order_id}/{person_id}/{period}")


class Recurrence(Message):
    """What was followed must be followed again.

    It is valid for `months` (without: as long as the course version says), can be renewed from
    `window_days` before that ends, and must have been by `grace_days` after.
    """

    months: Annotated[Whole, Field(ge=1, le=240)] | None = None
    window_days: Annotated[Whole, Field(ge=1, le=730)] = 60
    grace_days: Annotated[Whole, Field(ge=0, le=365)] = 0


# --- events --------------------------------------------------------------------------------------


class OrderGiven(Event):
    """From `from_on` to `to_on` a course must be followed by everybody of a unit and below, of a function, or at all.

    By `due_on`, or within `after_days` of coming under the order.
    """

    type: Literal["scheduling.order_given"] = "scheduling.order_given"
    version: Literal[1] = 1
    order_id: UUID
    course: Slug
    unit_id: UUID | None
    function: str | None
    due_on: date | None
    after_days: int | None
    recurrence: Recurrence | None
    from_on: date
    to_on: date | None
    occurred_at: datetime


class OrderEnded(Event):
    """The order opens nothing any more; what it has opened stays."""

    type: Literal["scheduling.order_ended"] = "scheduling.order_ended"
    version: Literal[1] = 1
    order_id: UUID
    occurred_at: datetime


class HindranceFound(Event):
    """A due date that an order would set is none, or not the only one: somebody must decide."""

    type: Literal["scheduling.hindrance_found"] = "scheduling.hindrance_found"
    version: Literal[1] = 1
    hindrance_id: UUID
    kind: HindranceKind
    order_id: UUID
    person_id: UUID
    course: Slug
    period: int
    due_on: date | None
    held_on: date | None
    held_by: UUID | None
    occurred_at: datetime


class HindranceGone(Event):
    """It stands in the way no more."""

    type: Literal["scheduling.hindrance_gone"] = "scheduling.hindrance_gone"
    version: Literal[1] = 1
    hindrance_id: UUID
    person_id: UUID
    occurred_at: datetime


DutyEvent = OrderGiven | OrderEnded | HindranceFound | HindranceGone


# --- commands ------------------------------------------------------------------------------------


class GiveOrder(Command):
    """Give a standing order: for a unit with all below it, for a function, for both, or for everybody.

    Managers give orders for their units; orders without a unit are the operator's.
    """

    type: Literal["scheduling.give_order"] = "scheduling.give_order"
    order_id: UUID
    course: Slug
    unit_id: UUID | None = None
    function: Function | None = None
    due_on: Day | None = None
    after_days: Annotated[Whole, Field(ge=1, le=3650)] | None = None
    recurrence: Recurrence | None = None
    from_on: Day
    to_on: Day | None = None

    @model_validator(mode="after")
    def _one_way_to_be_due(self) -> Self:
        if (self.due_on is None) == (self.after_days is None):
            raise ValueError("due on a date or so many days after joining: name exactly one")
        if self.to_on is not None and self.to_on < self.from_on:
            raise ValueError("an order ends after it begins")
        return self


class EndOrder(Command):
    """End a standing order."""

    type: Literal["scheduling.end_order"] = "scheduling.end_order"
    order_id: UUID


class OpenDuty(Command):
    """What a standing order asks of one person for one period; given by scheduling itself, by nobody else."""

    type: Literal["scheduling.open_duty"] = "scheduling.open_duty"
    person_id: UUID
    course: Slug
    period: Annotated[Whole, Field(ge=1, le=1000)]
    due_on: Day
    cause: Cause


class NoteHindrance(Command):
    """Something stands in the way of an order; noted by scheduling itself, by nobody else."""

    type: Literal["scheduling.note_hindrance"] = "scheduling.note_hindrance"
    kind: HindranceKind
    order_id: UUID
    person_id: UUID
    course: Slug
    period: Annotated[Whole, Field(ge=1, le=1000)]
    due_on: Day | None = None
    held_on: Day | None = None
    held_by: UUID | None = None


class ClearHindrance(Command):
    """It stands in the way no more; noted by scheduling itself, by nobody else."""

    type: Literal["scheduling.clear_hindrance"] = "scheduling.clear_hindrance"
    hindrance_id: UUID
    person_id: UUID


DutyCommand = GiveOrder | EndOrder | OpenDuty | NoteHindrance | ClearHindrance
