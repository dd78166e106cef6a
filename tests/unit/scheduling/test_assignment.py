"""An assignment: given, changed, taken back, given again."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from services.backbone.aggregate import Act
from services.contracts.rules import Rule, RuleBroken
from services.contracts.scheduling import assignment_id_of
from services.scheduling.domain import Assignment, check_due_date
from tests.support.examples import NOON
from tests.support.given import Given

ANN = UUID(int=1)
JULY, AUGUST = date(2027, 7, 31), date(2027, 8, 31)


def act(days: float = 0, recorded: float = 100) -> Act:
    return Act(UUID(int=9), uuid4(), NOON + timedelta(days=days), NOON + timedelta(days=recorded))


def assigns(due_on: date, days: float = 0, recorded: float = 100):
    return lambda assignment: assignment.assign_again(due_on, act(days, recorded))


def withdraws(days: float = 0, recorded: float = 100):
    return lambda assignment: assignment.withdraw(act(days, recorded))


def given(*past) -> Given:
    return Given(*past, aggregate=Assignment.assign(ANN, "recognising", 1, JULY, act()))


class TestAssigning:
    def test_for_the_first_time(self) -> None:
        assignment = Assignment.assign(ANN, "recognising", 2, JULY, act())
        (event,) = assignment.collect_events()
        assert type(event) is Assignment.Assigned
        assert (event.person_id, event.course, event.period, event.due_on) == (ANN, "recognising", 2, JULY)
        assert assignment.id == assignment_id_of(ANN, "recognising", 2)

    def test_the_same_date_is_nothing(self) -> None:
        given().when(assigns(JULY, days=1)).then_nothing()

    def test_another_date_changes_it(self) -> None:
        (event,) = given().when(assigns(AUGUST, days=1)).then(Assignment.DueDateChanged)
        assert (event.person_id, event.course, event.period, event.due_on) == (
            ANN,
            "recognising",
            1,
            AUGUST,
        )

    @pytest.mark.parametrize("due_on", [JULY, AUGUST])
    def test_again_after_it_was_taken_back(self, due_on: date) -> None:
        given(withdraws(days=1)).when(assigns(due_on, days=2)).then(Assignment.AssignedAgain)

    def test_by_two_desks_whose_clocks_differ_is_one_after_the_other(self) -> None:
        minutes = 1 / 24 / 60
        past = assigns(AUGUST, days=1)
        second = given(past).when(assigns(JULY, days=1 - 2 * minutes, recorded=1 + minutes))
        second.then(Assignment.DueDateChanged)
        assert second.aggregate.due.present == JULY


class TestTakingBack:
    def test_ends_it(self) -> None:
        taken = given().when(withdraws(days=1))
        taken.then(Assignment.Withdrawn)
        assert taken.aggregate.due.present is None

    def test_twice_is_once(self) -> None:
        given(withdraws(days=1)).when(withdraws(days=2)).then_nothing()

    def test_before_it_was_given_makes_no_sense(self) -> None:
        given().when(withdraws(days=-1)).then_refused(Rule.TIME_TOO_OLD)


class TestDueDates:
    @pytest.mark.parametrize(
        ("moment", "today"),
        [
            (datetime(2027, 6, 30, 21, 59, tzinfo=UTC), date(2027, 6, 30)),  # 23:59 in Brussels, summer
            (datetime(2027, 6, 30, 22, 0, tzinfo=UTC), date(2027, 7, 1)),  # midnight there
            (datetime(2027, 12, 31, 22, 59, tzinfo=UTC), date(2027, 12, 31)),  # winter
            (datetime(2027, 12, 31, 23, 0, tzinfo=UTC), date(2028, 1, 1)),
            (datetime(2027, 10, 31, 0, 30, tzinfo=UTC), date(2027, 10, 31)),  # the night of 25 hours
        ],
    )
    def test_a_due_date_is_past_when_its_day_ended_in_brussels(self, moment: datetime, today: date) -> None:
        check_due_date(today, moment)
        with pytest.raises(RuleBroken, match=Rule.DUE_DATE_PAST.value):
            check_due_date(today - timedelta(days=1), moment)
