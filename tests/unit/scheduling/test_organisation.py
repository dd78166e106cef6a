"""The organisation: what its tree allows, and who is responsible for what."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from services.backbone.aggregate import Act
from services.contracts.rules import Rule, RuleBroken
from services.scheduling.domain import Organisation
from tests.support.examples import NOON
from tests.support.given import Given

OPERATOR, ANN, BEN, CAS = (UUID(int=n) for n in range(1, 5))
SERVICE, NORTH, SOUTH, PRISON, TEAM, NOWHERE = (UUID(int=n) for n in range(10, 16))
NAME = {"fr": "Unité", "nl": "Eenheid"}


def act(days: float = 0, recorded: float | None = None) -> Act:
    """Something that happens so many days after NOON, and is recorded then or (also in days) later."""
    recorded_at = NOON + timedelta(days=days if recorded is None else recorded)
    return Act(OPERATOR, uuid4(), NOON + timedelta(days=days), recorded_at)


def creates(unit_id: UUID, below: UUID | None = None, days: float = 0):
    return lambda o: o.create_unit(unit_id, "team", NAME, below, act(days))


def moves(unit_id: UUID, below: UUID, days: float = 0, recorded: float | None = None):
    return lambda o: o.move_unit(unit_id, below, act(days, recorded))


def appoints(unit_id: UUID, days: float = 0, until: datetime | None = None):
    return lambda o: o.appoint(unit_id, ANN, until, act(days))


def relieves(unit_id: UUID, days: float = 0):
    return lambda o: o.relieve(unit_id, ANN, act(days))


TREE = (
    creates(SERVICE),
    creates(NORTH, SERVICE),
    creates(SOUTH, SERVICE),
    creates(PRISON, NORTH),
    creates(TEAM, PRISON),
)


def given(*past) -> Given:
    return Given(*past, aggregate=Organisation.found(act()))


class TestCreating:
    def test_a_unit_at_the_top_and_one_below_it(self) -> None:
        (event,) = given(creates(SERVICE)).when(creates(NORTH, SERVICE)).then(Organisation.UnitCreated)
        assert (event.unit_id, event.parent_id, event.name) == (NORTH, SERVICE, NAME)

    def test_a_unit_is_created_once(self) -> None:
        given(*TREE).when(creates(NORTH, SERVICE)).then_refused(Rule.UNIT_EXISTS)

    def test_a_unit_has_no_unknown_parent(self) -> None:
        given(*TREE).when(creates(uuid4(), NOWHERE)).then_refused(Rule.UNIT_UNKNOWN)


class TestMoving:
    def test_a_unit_takes_along_what_is_below_it(self) -> None:
        moved = given(*TREE).when(moves(PRISON, SOUTH, days=1))
        moved.then(Organisation.UnitMoved)
        assert moved.aggregate.at_or_below(SOUTH) == {SOUTH, PRISON, TEAM}
        assert moved.aggregate.at_or_below(NORTH) == {NORTH}

    def test_to_where_it_stands_is_nothing(self) -> None:
        given(*TREE).when(moves(PRISON, NORTH, days=1)).then_nothing()
        given(*TREE, moves(PRISON, SOUTH, days=1)).when(moves(PRISON, SOUTH, days=2)).then_nothing()

    @pytest.mark.parametrize("below", [NORTH, PRISON, TEAM])
    def test_a_unit_does_not_stand_below_itself(self, below: UUID) -> None:
        given(*TREE).when(moves(NORTH, below, days=1)).then_refused(Rule.UNIT_CIRCULAR)

    def test_unknown_units_do_not_move(self) -> None:
        given(*TREE).when(moves(NOWHERE, NORTH)).then_refused(Rule.UNIT_UNKNOWN)
        given(*TREE).when(moves(NORTH, NOWHERE)).then_refused(Rule.UNIT_UNKNOWN)

    def test_a_unit_does_not_move_before_it_was_there(self) -> None:
        given(*TREE).when(moves(PRISON, SOUTH, days=-1, recorded=1)).then_refused(Rule.TIME_TOO_OLD)

    def test_a_move_that_arrives_late_does_not_undo_a_later_one(self) -> None:
        late = given(*TREE, moves(PRISON, SOUTH, days=20)).when(moves(PRISON, SERVICE, days=10, recorded=30))
        late.then(Organisation.UnitMoved)
        assert PRISON in late.aggregate.at_or_below(SOUTH)
        assert late.aggregate.parents[PRISON].at(NOON + timedelta(days=15)) == SERVICE

    def test_a_move_dated_back_makes_no_circle_in_between_either(self) -> None:
        """South stood below the prison from day 10 to day 20: the prison did not stand below South then."""
        past = (*TREE, moves(SOUTH, PRISON, days=10), moves(SOUTH, SERVICE, days=20))
        given(*past).when(moves(PRISON, SOUTH, days=5, recorded=30)).then_refused(Rule.UNIT_CIRCULAR)
        given(*past).when(moves(PRISON, SOUTH, days=20, recorded=30)).then(Organisation.UnitMoved)

    def test_two_desks_whose_clocks_differ_mean_one_after_the_other(self) -> None:
        minutes = 1 / 24 / 60
        past = (*TREE, moves(PRISON, SOUTH, days=1))
        (event,) = (
            given(*past)
            .when(moves(PRISON, SERVICE, days=1 - 2 * minutes, recorded=1 + minutes))
            .then(Organisation.UnitMoved)
        )
        assert event.occurred_at == NOON + timedelta(days=1)


class TestResponsibility:
    def test_reaches_down_the_tree_and_ends_in_time(self) -> None:
        until = NOON + timedelta(days=10)
        appointed = given(*TREE).when(appoints(NORTH, days=1, until=until))
        appointed.then(Organisation.ManagerAppointed)
        organisation = appointed.aggregate
        days = {d for d in range(-1, 12) if organisation.in_care(TEAM, ANN, NOON + timedelta(days=d))}
        assert days == set(range(1, 10))
        assert not organisation.in_care(SOUTH, ANN, NOON + timedelta(days=5))
        assert not organisation.in_care(SERVICE, ANN, NOON + timedelta(days=5))
        assert not organisation.in_care(None, ANN, NOON + timedelta(days=5))
        assert not organisation.in_care(NOWHERE, ANN, NOON + timedelta(days=5))
        assert not organisation.in_care(TEAM, OPERATOR, NOON + timedelta(days=5))

    def test_moves_with_the_tree(self) -> None:
        organisation = given(*TREE, appoints(SOUTH)).when(moves(PRISON, SOUTH, days=1)).aggregate
        assert organisation.in_care(TEAM, ANN, NOON + timedelta(days=2))

    def test_what_a_term_covers_already_is_nothing(self) -> None:
        given(*TREE, appoints(NORTH)).when(appoints(NORTH, days=1)).then_nothing()
        given(*TREE, appoints(NORTH)).when(
            appoints(NORTH, days=1, until=NOON + timedelta(days=2))
        ).then_nothing()

    def test_terms_add_up(self) -> None:
        until = NOON + timedelta(days=3)
        longer = given(*TREE, appoints(NORTH, until=until)).when(appoints(NORTH, days=1))
        longer.then(Organisation.ManagerAppointed)
        assert longer.aggregate.in_care(NORTH, ANN, NOON + timedelta(days=9))

    def test_ends_when_relieved_now_and_later(self) -> None:
        relieved = given(*TREE, appoints(NORTH), appoints(NORTH, days=20, until=None)).when(
            relieves(NORTH, days=10)
        )
        relieved.then(Organisation.ManagerRelieved)
        care = [relieved.aggregate.in_care(NORTH, ANN, NOON + timedelta(days=d)) for d in (9, 10, 30)]
        assert care == [True, False, False]

    def test_what_ended_before_stays_as_it_was_when_relieved(self) -> None:
        until = NOON + timedelta(days=3)
        organisation = (
            given(*TREE, appoints(NORTH, until=until), appoints(NORTH, days=5))
            .when(relieves(NORTH, days=8))
            .aggregate
        )
        care = [organisation.in_care(NORTH, ANN, NOON + timedelta(days=d)) for d in (2, 4, 6, 9)]
        assert care == [True, False, True, False]

    def test_relieving_twice_is_once(self) -> None:
        given(*TREE, appoints(NORTH), relieves(NORTH, days=1)).when(relieves(NORTH, days=2)).then_nothing()

    def test_after_being_relieved_one_may_be_appointed_again(self) -> None:
        given(*TREE, appoints(NORTH), relieves(NORTH, days=1)).when(appoints(NORTH, days=2)).then(
            Organisation.ManagerAppointed
        )

    def test_relieving_who_was_never_appointed(self) -> None:
        given(*TREE).when(relieves(NORTH)).then_refused(Rule.APPOINTMENT_UNKNOWN)

    def test_of_an_unknown_unit(self) -> None:
        given(*TREE).when(appoints(NOWHERE)).then_refused(Rule.UNIT_UNKNOWN)
        given(*TREE).when(relieves(NOWHERE)).then_refused(Rule.UNIT_UNKNOWN)

    def test_who_leaves_is_relieved_of_all(self) -> None:
        given(*TREE, appoints(NORTH), appoints(SOUTH), appoints(TEAM), relieves(TEAM)).when(
            lambda o: o.relieve_of_all(ANN, act(1))
        ).then(Organisation.ManagerRelieved, Organisation.ManagerRelieved)
        given(*TREE, appoints(NORTH)).when(lambda o: o.relieve_of_all(OPERATOR, act(1))).then_nothing()


def names(deputy: UUID, of: UUID, days: float, until: float):
    return lambda o: o.name_deputy(of, deputy, NOON + timedelta(days=until), act(days))


def ends(deputy: UUID, of: UUID, days: float):
    return lambda o: o.end_deputy(of, deputy, act(days))


def days_of_care(organisation: Organisation, person_id: UUID, unit_id: UUID = TEAM) -> set[int]:
    """The days, of thirty, on which a unit is in somebody's care."""
    return {d for d in range(30) if organisation.in_care(unit_id, person_id, NOON + timedelta(days=d))}


class TestDeputies:
    def test_a_deputy_has_in_care_what_the_manager_has_and_only_within_the_period(self) -> None:
        named = given(*TREE, appoints(NORTH), appoints(SOUTH)).when(names(BEN, ANN, days=2, until=5))
        named.then(Organisation.DeputyNamed)
        for unit_id in (TEAM, SOUTH):
            assert days_of_care(named.aggregate, BEN, unit_id) == {2, 3, 4}
        assert days_of_care(named.aggregate, BEN, SERVICE) == set()
        assert days_of_care(named.aggregate, ANN) == set(range(30))

    def test_what_the_manager_is_given_and_relieved_of_meanwhile_the_deputy_is_too(self) -> None:
        organisation = given(
            *TREE,
            appoints(NORTH),
            names(BEN, ANN, days=1, until=20),
            relieves(NORTH, days=4),
            appoints(SOUTH, days=6),
        ).aggregate
        assert days_of_care(organisation, BEN) == {1, 2, 3}
        assert days_of_care(organisation, BEN, SOUTH) == set(range(6, 20))

    def test_a_deputy_of_a_deputy_is_responsible_for_what_the_deputy_is_appointed_to_and_no_more(
        self,
    ) -> None:
        organisation = given(
            *TREE,
            appoints(NORTH),
            lambda o: o.appoint(SOUTH, BEN, None, act()),
            names(BEN, ANN, days=0, until=20),
            names(CAS, BEN, days=0, until=20),
        ).aggregate
        assert days_of_care(organisation, CAS) == set()
        assert days_of_care(organisation, CAS, SOUTH) == set(range(20))

    def test_a_period_that_is_covered_already_is_nothing_and_a_longer_one_adds_up(self) -> None:
        past = (*TREE, appoints(NORTH), names(BEN, ANN, days=2, until=5))
        given(*past).when(names(BEN, ANN, days=3, until=5)).then_nothing()
        longer = given(*past).when(names(BEN, ANN, days=4, until=9))
        longer.then(Organisation.DeputyNamed)
        assert days_of_care(longer.aggregate, BEN) == set(range(2, 9))

    def test_several_may_stand_in_at_once(self) -> None:
        organisation = given(
            *TREE, appoints(NORTH), names(BEN, ANN, days=2, until=5), names(CAS, ANN, days=3, until=6)
        ).aggregate
        assert (days_of_care(organisation, BEN), days_of_care(organisation, CAS)) == ({2, 3, 4}, {3, 4, 5})

    def test_ends_before_its_time_and_what_was_to_begin_never_does(self) -> None:
        past = (*TREE, appoints(NORTH), names(BEN, ANN, 2, 10), names(BEN, ANN, 12, 20))
        ended = given(*past).when(ends(BEN, ANN, days=4))
        ended.then(Organisation.DeputyEnded)
        assert days_of_care(ended.aggregate, BEN) == {2, 3}
        given(*past, ends(BEN, ANN, days=4)).when(ends(BEN, ANN, days=5)).then_nothing()

    @pytest.mark.parametrize(
        ("past", "asked", "rule"),
        [
            ((appoints(NORTH),), names(ANN, ANN, 1, 2), Rule.DEPUTY_ITSELF),
            ((), names(BEN, ANN, 1, 2), Rule.DEPUTY_OF_NOBODY),
            ((appoints(NORTH), relieves(NORTH, 5)), names(BEN, ANN, 5, 9), Rule.DEPUTY_OF_NOBODY),
            ((appoints(NORTH, days=9),), names(BEN, ANN, 5, 9), Rule.DEPUTY_OF_NOBODY),
            ((appoints(NORTH),), ends(BEN, ANN, 1), Rule.DEPUTY_UNKNOWN),
        ],
        ids=["of oneself", "of nobody", "after", "before", "never was"],
    )
    def test_nobody_stands_in_for_who_is_responsible_for_nothing(self, past, asked, rule: Rule) -> None:
        given(*TREE, *past).when(asked).then_refused(rule)

    def test_who_will_be_responsible_may_have_a_deputy_from_before(self) -> None:
        organisation = given(*TREE, appoints(NORTH, days=8), names(BEN, ANN, 5, 12)).aggregate
        assert days_of_care(organisation, BEN) == {8, 9, 10, 11}

    def test_who_leaves_stands_in_for_nobody_and_nobody_for_them(self) -> None:
        past = (*TREE, appoints(NORTH), names(BEN, ANN, 2, 20))
        for gone in (ANN, BEN):
            organisation = given(*past, lambda o, gone=gone: o.relieve_of_all(gone, act(5))).aggregate
            assert days_of_care(organisation, BEN) == {2, 3, 4}

    def test_an_appointment_ends_on_a_day_to_come(self) -> None:
        relieved = given(*TREE, appoints(NORTH)).when(
            lambda o: o.relieve(NORTH, ANN, Act(OPERATOR, uuid4(), NOON + timedelta(days=9), NOON))
        )
        relieved.then(Organisation.ManagerRelieved)
        assert days_of_care(relieved.aggregate, ANN) == set(range(9))


OTHER = {"fr": "Autre", "nl": "Andere"}


def renames(unit_id: UUID, name=OTHER, days: float = 0, recorded: float | None = None):
    return lambda o: o.rename_unit(unit_id, name, act(days, recorded))


def closes(unit_id: UUID, days: float = 0):
    return lambda o: o.close_unit(unit_id, act(days))


class TestRenaming:
    def test_a_unit_is_called_otherwise_from_then_on(self) -> None:
        renamed = given(*TREE).when(renames(TEAM, days=3))
        renamed.then(Organisation.UnitRenamed)
        named = renamed.aggregate.names[TEAM]
        assert (named.at(NOON + timedelta(days=2)), named.present) == (NAME, OTHER)

    def test_the_name_that_it_has_is_nothing(self) -> None:
        given(*TREE).when(renames(TEAM, NAME, days=3)).then_nothing()

    def test_a_name_that_arrives_late_does_not_undo_a_later_one(self) -> None:
        late = given(*TREE, renames(TEAM, days=9)).when(renames(TEAM, {"fr": "Entre"}, 5, recorded=12))
        late.then(Organisation.UnitRenamed)
        assert late.aggregate.names[TEAM].present == OTHER

    def test_a_unit_was_not_called_anything_before_it_was_there(self) -> None:
        given(*TREE).when(renames(TEAM, days=-2, recorded=1)).then_refused(Rule.TIME_TOO_OLD)
        given(*TREE).when(renames(NOWHERE)).then_refused(Rule.UNIT_UNKNOWN)


class TestClosing:
    def test_what_is_closed_relieves_its_managers_and_frees_its_code(self) -> None:
        closed = given(*TREE, appoints(TEAM), lambda o: o.code_unit(TEAM, "T-1", act())).when(closes(TEAM, 3))
        closed.then(Organisation.ManagerRelieved, Organisation.UnitClosed)
        organisation = closed.aggregate
        assert days_of_care(organisation, ANN) == {0, 1, 2}
        assert not {"t-1", str(TEAM)} & set(organisation.names_of_units())
        Given(aggregate=organisation).when(lambda o: o.code_unit(PRISON, "T-1", act(4))).then(
            Organisation.UnitCoded
        )

    def test_it_holds_from_now_on_whatever_the_command_says(self) -> None:
        (event,) = (
            given(*TREE).when(lambda o: o.close_unit(TEAM, act(1, recorded=6))).then(Organisation.UnitClosed)
        )
        assert event.occurred_at == NOON + timedelta(days=6)

    def test_not_while_units_stand_below_that_are_not_closed(self) -> None:
        given(*TREE).when(closes(PRISON, 1)).then_refused(Rule.UNIT_NOT_EMPTY)
        given(*TREE, closes(TEAM, 1)).when(closes(PRISON, 2)).then(Organisation.UnitClosed)
        given(*TREE, moves(TEAM, SOUTH, 1)).when(closes(PRISON, 2)).then(Organisation.UnitClosed)

    def test_once_is_enough(self) -> None:
        given(*TREE, closes(TEAM, 1)).when(closes(TEAM, 2)).then_nothing()
        given(*TREE).when(closes(NOWHERE)).then_refused(Rule.UNIT_UNKNOWN)

    @pytest.mark.parametrize(
        "asked",
        [
            creates(uuid4(), TEAM, 2),
            moves(TEAM, SOUTH, 2),
            moves(PRISON, TEAM, 2),
            renames(TEAM, days=2),
            appoints(TEAM, 2),
            lambda o: o.code_unit(TEAM, "X", act(2)),
        ],
        ids=["create below", "move", "move below", "rename", "appoint", "code"],
    )
    def test_nothing_more_happens_to_it(self, asked) -> None:
        given(*TREE, closes(TEAM, 1)).when(asked).then_refused(Rule.UNIT_CLOSED)


DAYS = st.integers(0, 12)
MOVES = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7), DAYS), max_size=40)


@settings(max_examples=150, deadline=None)
@for_all(MOVES)
def test_whatever_moves_in_whatever_order_no_unit_is_ever_below_itself(
    moves_: list[tuple[int, int, int]],
) -> None:
    """Asked of every day, with the knowledge of every moment."""
    organisation = Organisation.found(act())
    units = [UUID(int=100 + n) for n in range(8)]
    for number, unit in enumerate(units):
        organisation.create_unit(unit, "team", NAME, units[number // 2] if number else None, act(number % 3))
    for child, parent, day in moves_:
        try:
            organisation.move_unit(units[child], units[parent], act(day, recorded=30))
        except RuleBroken as broken:
            assert broken.rule in (Rule.UNIT_CIRCULAR, Rule.TIME_TOO_OLD)
        for asked in range(14):
            for unit in units:
                _comes_to_the_top(organisation, unit, NOON + timedelta(days=asked))


def _comes_to_the_top(organisation: Organisation, unit: UUID | None, moment: datetime) -> None:
    seen = set()
    while unit is not None:
        assert unit not in seen
        seen.add(unit)
        unit = organisation.parents[unit].at(moment)
