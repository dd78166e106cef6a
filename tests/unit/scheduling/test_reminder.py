"""When people are reminded: each stage on its day, none twice, whatever the calendar does."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.scheduling.domain.reminder import reached, to_come

DAYS = st.dates(date(2020, 1, 1), date(2060, 12, 31))
DUE = date(2028, 3, 1)  # the day after 29 February


def test_reminders_come_30_7_and_1_days_before_then_the_day_after() -> None:
    told = date(2028, 1, 1)
    assert reached(DUE, told, date(2028, 1, 30)).learner == ()
    assert reached(DUE, told, date(2028, 1, 31)).learner == ("due_30",)
    assert reached(DUE, told, date(2028, 2, 23)).learner == ("due_30", "due_7")
    assert reached(DUE, told, date(2028, 2, 29)).learner[-1] == "due_1"
    assert reached(DUE, told, date(2028, 3, 2)).learner[-1] == "overdue"


def test_managers_hear_of_it_a_day_later_and_one_level_up_after_14_more() -> None:
    told = date(2028, 1, 1)
    assert reached(DUE, told, date(2028, 3, 2)).managers == ()
    assert reached(DUE, told, date(2028, 3, 3)).managers == ("manager",)
    assert reached(DUE, told, date(2028, 3, 16)).managers == ("manager", "above")
    assert reached(DUE, told, date(2028, 3, 16)).look_on is None


def test_what_had_passed_when_somebody_was_told_never_was_to_be() -> None:
    assert reached(DUE, date(2028, 2, 28), DUE).learner == ("due_1",)
    assert reached(DUE, date(2028, 2, 29), DUE).learner == ()
    late = date(2028, 6, 1)
    assert reached(DUE, late, late) == ((), (), date(2028, 6, 2))


@given(DAYS, DAYS, st.integers(0, 400))
def test_looking_on_the_days_that_are_named_finds_every_stage_on_its_day(
    due: date, told: date, n: int
) -> None:
    seen: list[str] = []
    today, last = told, told + timedelta(days=n)
    while today is not None and today <= last:
        come = reached(due, told, today)
        new = [stage for stage in (*come.learner, *come.managers) if stage not in seen]
        seen += new
        assert today == told or new, "a look for nothing"
        today = come.look_on
    every_day = reached(due, told, last)
    assert set(seen) == set(every_day.learner) | set(every_day.managers)


@given(DAYS, DAYS, st.integers(0, 400))
def test_what_is_announced_is_what_comes(due: date, told: date, n: int) -> None:
    last = told + timedelta(days=n)
    announced = to_come(due, told, told, last)
    assert announced == sorted(announced)
    before = set(reached(due, told, told).learner)
    assert {stage for _, stage in announced} == set(reached(due, told, last).learner) - before
    for day, stage in announced:
        assert stage in reached(due, told, day).learner
        assert stage not in reached(due, told, day - timedelta(days=1)).learner
