"""A member of staff: registered, placed, withdrawn."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from services.backbone.aggregate import Act
from services.contracts.rules import Rule, RuleBroken
from services.scheduling.domain import Person
from tests.support.examples import NOON
from tests.support.given import Given

ANN, NORTH, SOUTH, CENTRE = (UUID(int=n) for n in range(4))


def act(days: float = 0, recorded: float = 100) -> Act:
    return Act(UUID(int=9), uuid4(), NOON + timedelta(days=days), NOON + timedelta(days=recorded))


def places(unit_id: UUID, days: float = 0, recorded: float = 100):
    return lambda person: person.place(unit_id, act(days, recorded))


def withdraws(days: float = 0, recorded: float = 100):
    return lambda person: person.withdraw(act(days, recorded))


def returns(unit_id: UUID, days: float = 0, recorded: float = 100):
    return lambda person: person.take_back(unit_id, act(days, recorded))


def given(*past) -> Given:
    return Given(*past, aggregate=Person.register(ANN, NORTH, act()))


def test_a_person_is_registered_in_a_unit() -> None:
    person = Person.register(ANN, NORTH, act())
    assert [type(e) for e in person.collect_events()] == [Person.Registered, Person.Placed]
    assert (person.id, person.unit_id, person.registered_at) == (ANN, NORTH, NOON)
    person.present()


class TestPlacing:
    def test_in_another_unit(self) -> None:
        (event,) = given().when(places(SOUTH, days=1)).then(Person.Placed)
        assert event.unit_id == SOUTH

    def test_where_they_are_is_nothing(self) -> None:
        given().when(places(NORTH, days=1)).then_nothing()

    def test_back_where_they_were(self) -> None:
        given(places(SOUTH, days=1)).when(places(NORTH, days=2)).then(Person.Placed)

    def test_dated_back_does_not_undo_a_later_one(self) -> None:
        late = given(places(SOUTH, days=20)).when(places(CENTRE, days=10))
        late.then(Person.Placed)
        assert late.aggregate.unit_id == SOUTH
        assert late.aggregate.placings.at(NOON + timedelta(days=15)) == CENTRE

    def test_may_be_dated_back_to_before_we_knew_of_them(self) -> None:
        early = given().when(places(SOUTH, days=-30))
        early.then(Person.Placed)
        assert early.aggregate.unit_id == NORTH

    def test_of_two_at_the_same_moment_the_one_recorded_last_holds(self) -> None:
        assert given(places(SOUTH, days=1)).when(places(CENTRE, days=1)).aggregate.unit_id == CENTRE

    def test_by_two_desks_whose_clocks_differ_is_one_after_the_other(self) -> None:
        minutes = 1 / 24 / 60
        second = given(places(SOUTH, days=1)).when(places(CENTRE, days=1 - 4 * minutes, recorded=1))
        (event,) = second.then(Person.Placed)
        assert event.occurred_at == NOON + timedelta(days=1)
        assert second.aggregate.unit_id == CENTRE

    def test_who_left_is_placed_no_more(self) -> None:
        given(withdraws(days=1)).when(places(SOUTH, days=2)).then_refused(Rule.PERSON_WITHDRAWN)


class TestWithdrawing:
    def test_ends_it(self) -> None:
        left = given().when(withdraws(days=1))
        left.then(Person.Withdrawn)
        assert left.aggregate.withdrawn_at == NOON + timedelta(days=1)
        assert left.aggregate.unit_id == NORTH
        with pytest.raises(RuleBroken, match=Rule.PERSON_WITHDRAWN.value):
            left.aggregate.present()

    def test_twice_is_once(self) -> None:
        given(withdraws(days=1)).when(withdraws(days=2)).then_nothing()

    def test_before_they_came_makes_no_sense(self) -> None:
        given().when(withdraws(days=-1)).then_refused(Rule.TIME_TOO_OLD)


class TestReturning:
    def test_whoever_left_is_back_in_a_unit(self) -> None:
        back = given(withdraws(days=1)).when(returns(SOUTH, days=30))
        back.then(Person.Returned, Person.Placed)
        assert (back.aggregate.unit_id, back.aggregate.withdrawn_at) == (SOUTH, None)
        back.aggregate.present()

    def test_to_where_they_were_is_said_too(self) -> None:
        given(withdraws(days=1)).when(returns(NORTH, days=30)).then(Person.Returned, Person.Placed)

    def test_who_never_left_only_moves(self) -> None:
        given().when(returns(SOUTH, days=1)).then(Person.Placed)
        given().when(returns(NORTH, days=1)).then_nothing()

    def test_before_they_left_makes_no_sense(self) -> None:
        given(withdraws(days=5)).when(returns(SOUTH, days=4)).then_refused(Rule.TIME_TOO_OLD)

    def test_they_may_leave_again_but_not_before_they_came_back(self) -> None:
        past = (withdraws(days=1), returns(SOUTH, days=30))
        given(*past).when(withdraws(days=60)).then(Person.Withdrawn)
        given(*past).when(withdraws(days=20)).then_refused(Rule.TIME_TOO_OLD)

    def test_nobody_is_placed_while_they_were_away(self) -> None:
        past = (withdraws(days=1), returns(SOUTH, days=30))
        given(*past).when(places(CENTRE, days=10)).then_refused(Rule.TIME_TOO_OLD)
        given(*past).when(places(CENTRE, days=0.5)).then(Person.Placed)
