"""When people are reminded of a due date, and of whom managers hear. No I/O, no clock, no chance."""

from datetime import date
from typing import Final, Literal, NamedTuple

from services.scheduling.domain.due import add_days

Stage = Literal["due_30", "due_7", "due_1", "overdue", "manager", "above"]

BEFORE: Final[dict[Stage, int]] = {"due_30": 30, "due_7": 7, "due_1": 1}
"""Days before the due date on which the learner is reminded; who hears of it later is reminded less often."""

AFTER: Final[dict[Stage, int]] = {"overdue": 1, "manager": 2, "above": 15}
"""Days after it on which the learner is told, then the managers of the unit, then (14 days on) one level up."""


class Reached(NamedTuple):
    """What a day has brought: the stages of the learner and of managers, oldest first, and when to look again."""

    learner: tuple[Stage, ...]
    managers: tuple[Stage, ...]
    look_on: date | None


def reached(due_on: date, told_on: date, today: date) -> Reached:
    """The stages that have come since the day on which the person was told of the due date.

    A stage that had passed by then was never to be; those after the due date come at least so many days
    after the person was told of it.
    """
    days = _days(due_on, told_on)
    come = tuple(stage for stage, day in days.items() if day <= today)
    return Reached(
        tuple(stage for stage in come if stage in BEFORE or stage == "overdue"),
        tuple(stage for stage in come if stage in ("manager", "above")),
        min((day for day in days.values() if day > today), default=None),
    )


def to_come(due_on: date, told_on: date, today: date, until: date) -> list[tuple[date, Stage]]:
    """What the learner will be told after today and by `until`, should nothing change: day by day."""
    days = _days(due_on, told_on)
    return sorted(
        (day, stage)
        for stage, day in days.items()
        if today < day <= until and (stage in BEFORE or stage == "overdue")
    )


def _days(due_on: date, told_on: date) -> dict[Stage, date]:
    days: dict[Stage, date] = {
        stage: day for stage, before in BEFORE.items() if (day := add_days(due_on, -before)) > told_on
    }
    for stage, after in AFTER.items():
        days[stage] = add_days(max(due_on, told_on), after)
    return days
