"""Who must have followed what, by when."""

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID, uuid5

from pydantic import Field, model_validator

from services.contracts.message import Command, Day, Event, Message, Slug, Whole, upcaster

ASSIGNMENTS = UUID("a0b8a3c7-0d0e-5b6c-8f57-2f8f6c1f4b21")
"""Namespace in which assignments get their identity from their natural key."""


def assignment_id_of(person_id: UUID, course: str, period: int = 1) -> UUID:
    """The identity of a person's assignment of a course for a period."""
    return uuid5(ASSIGNMENTS, f"{person_id}/{course}/{period}")


class Cause(Message):
    """Why a due date is what it is: which rule, and the figures of its arithmetic.

    `by_hand`: whoever acted chose it. Of a standing order (`order_id`): `on_date`, the order names the
    day; `after_joining`, `counted_from` (the day on which the person came under the order) and `days`;
    `renewal`, done on `counted_from`, valid for `months` until `expires_on`, open since `window_days`
    before (`opens_on`), due `days` after.
    """

    rule: Literal["by_hand", "on_date", "after_joining", "renewal"]
    order_id: UUID | None = None
    counted_from: date | None = None
    days: int | None = None
    months: int | None = None
    window_days: int | None = None
    opens_on: date | None = None
    expires_on: date | None = None


BY_HAND = Cause(rule="by_hand")


# --- events --------------------------------------------------------------------------------------


class CourseAssigned(Event):
    """A person must have followed a course by the end of `due_on`, Europe/Brussels."""

    type: Literal["scheduling.course_assigned"] = "scheduling.course_assigned"
    version: Literal[2] = 2
    assignment_id: UUID
    person_id: UUID
    course: Slug
    period: int
    due_on: date
    cause: Cause = BY_HAND
    occurred_at: datetime


class DueDateChanged(Event):
    """The same assignment, another due date."""

    type: Literal["scheduling.due_date_changed"] = "scheduling.due_date_changed"
    version: Literal[2] = 2
    assignment_id: UUID
    person_id: UUID
    course: Slug
    period: int
    due_on: date
    cause: Cause = BY_HAND
    occurred_at: datetime


@upcaster("scheduling.course_assigned", 1)
@upcaster("scheduling.due_date_changed", 1)
def _by_hand(body: dict[str, Any]) -> dict[str, Any]:
    """Before there were standing orders every due date was chosen by somebody."""
    return {**body, "cause": {"rule": "by_hand"}}


class AssignmentWithdrawn(Event):
    """The person need no longer follow the course for this period."""

    type: Literal["scheduling.assignment_withdrawn"] = "scheduling.assignment_withdrawn"
    version: Literal[1] = 1
    assignment_id: UUID
    person_id: UUID
    course: Slug
    period: int
    occurred_at: datetime


AssignmentEvent = CourseAssigned | DueDateChanged | AssignmentWithdrawn


# --- commands ------------------------------------------------------------------------------------


class AssignCourse(Command):
    """Assign a course, either to one person or to everybody in a unit and below it, with a due date.

    Who already has the assignment gets the new due date; who has it with this date is passed over.
    """

    type: Literal["scheduling.assign_course"] = "scheduling.assign_course"
    course: Slug
    due_on: Day
    period: Annotated[Whole, Field(ge=1, le=1000)] = 1
    person_id: UUID | None = None
    unit_id: UUID | None = None

    @model_validator(mode="after")
    def _to_one_person_or_one_unit(self) -> Self:
        if (self.person_id is None) == (self.unit_id is None):
            raise ValueError("a course is assigned to one person or to one unit: name exactly one")
        return self


class WithdrawAssignment(Command):
    """Take an assignment back."""

    type: Literal["scheduling.withdraw_assignment"] = "scheduling.withdraw_assignment"
    person_id: UUID
    course: Slug
    period: Annotated[Whole, Field(ge=1, le=1000)] = 1


AssignmentCommand = AssignCourse | WithdrawAssignment
