"""What somebody must learn, and by when. No I/O, no clock, no chance."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from services.backbone.aggregate import Act, Aggregate, Beginning, Fact
from services.contracts.message import Slug
from services.contracts.rules import Rule, RuleBroken
from services.contracts.scheduling import assignment_id_of
from services.contracts.scheduling.assignments import BY_HAND, Cause
from services.scheduling.domain.due import local_day
from services.scheduling.domain.timeline import Timeline, on_time


def check_due_date(due_on: date, moment: datetime) -> None:
    """Refuse a due date whose end has passed at `moment`; the day itself is not past."""
    today = local_day(moment)
    if due_on < today:
        raise RuleBroken(Rule.DUE_DATE_PAST, due_on=due_on.isoformat(), today=today.isoformat())


class AssignmentFact(Fact):
    """Every fact of an assignment says whose it is and of what, so that it can be read alone."""

    person_id: UUID
    course: Slug
    period: int


class DueDateSet(AssignmentFact):
    """What being assigned, once more or with another date have in common."""

    class_version: ClassVar[int] = 2
    due_on: date
    cause: Cause

    def apply(self, aggregate: Any) -> None:
        """By then."""
        aggregate.due.say(self.occurred_at, self.due_on)
        aggregate.cause = self.cause

    @staticmethod
    def upcast_v1_v2(body: dict[str, Any]) -> None:
        """Before there were standing orders every due date was chosen by somebody."""
        body["cause"] = {"rule": "by_hand"}


class Assignment(Aggregate):
    """One person must have followed one course, for one period, by a date."""

    TOPIC: ClassVar[str] = "scheduling.Assignment"

    class Assigned(DueDateSet, Beginning):
        """For the first time."""

        TOPIC: ClassVar[str] = "scheduling.Assignment.Assigned"

    class AssignedAgain(DueDateSet):
        """After it was withdrawn."""

        TOPIC: ClassVar[str] = "scheduling.Assignment.AssignedAgain"

    class DueDateChanged(DueDateSet):
        """The same assignment, another date."""

        TOPIC: ClassVar[str] = "scheduling.Assignment.DueDateChanged"

    class Withdrawn(AssignmentFact):
        """It need not be followed any more."""

        TOPIC: ClassVar[str] = "scheduling.Assignment.Withdrawn"

        def apply(self, aggregate: Any) -> None:
            """Nothing is due."""
            aggregate.due.say(self.occurred_at, None)

    def __init__(self, person_id: UUID, course: str, period: int) -> None:
        self.person_id = person_id
        self.course = course
        self.period = period
        self.due = Timeline[date | None]()
        self.cause = BY_HAND
        """Why the date that was said last is what it is."""

    @classmethod
    def assign(
        cls, person_id: UUID, course: str, period: int, due_on: date, act: Act, cause: Cause = BY_HAND
    ) -> "Assignment":
        """A new assignment; its identity follows from what it is."""
        id_ = assignment_id_of(person_id, course, period)
        what = {"person_id": person_id, "course": course, "period": period}
        return cls.begin(cls.Assigned, id_, act, **what, due_on=due_on, cause=cause)

    def assign_again(self, due_on: date, act: Act) -> None:
        """Set the date anew; the same date changes nothing."""
        act = on_time(act, self.due.moments[-1])
        standing = self.due.at(act.occurred_at)
        if standing != due_on:
            kind = self.AssignedAgain if standing is None else self.DueDateChanged
            self._tell(kind, act, due_on=due_on, cause=BY_HAND)

    def follow(self, due_on: date, cause: Cause, act: Act) -> None:
        """A standing order sets the date, unless somebody has decided by hand: on a date, or to take it back."""
        act = on_time(act, self.due.moments[-1])
        standing = self.due.present
        if standing is not None and self.cause.rule != "by_hand" and standing != due_on:
            self._tell(self.DueDateChanged, act, due_on=due_on, cause=cause)

    def withdraw(self, act: Act) -> None:
        """Take it back; once is enough."""
        act = on_time(act, self.due.moments[-1])
        if act.occurred_at < self.due.moments[0]:
            raise RuleBroken(Rule.TIME_TOO_OLD, since=self.due.moments[0].isoformat())
        if self.due.at(act.occurred_at) is not None:
            self._tell(self.Withdrawn, act)

    def _tell(self, event: type[Fact], act: Act, **body: Any) -> None:
        self.record(event, act, person_id=self.person_id, course=self.course, period=self.period, **body)
