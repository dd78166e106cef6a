"""Rivals: two copies of the service decide at once, and what they relied on is looked at again."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest

from services.contracts.rules import Rule
from services.contracts.scheduling import AppointManager, MoveUnit, WithdrawPerson
from services.scheduling.application import Application
from tests.integration.scheduling.words import (
    OPERATOR,
    assigned,
    assigning,
    at_once,
    done,
    events_of,
    interfering,
    join,
    joining,
    refused,
    told,
    unit,
)


def test_two_moves_at_once_do_not_make_a_circle(make: Callable[[], Application]) -> None:
    application = make()
    for _ in range(5):
        north, south = unit(), unit()
        done(application, north, south)
        answers = at_once(
            make,
            [
                (OPERATOR, MoveUnit(**told(), unit_id=north.unit_id, parent_id=south.unit_id)),
                (OPERATOR, MoveUnit(**told(), unit_id=south.unit_id, parent_id=north.unit_id)),
            ],
        )
        assert sorted(getattr(a, "rule", "") for a in answers) == ["", Rule.UNIT_CIRCULAR]


def test_two_desks_that_give_one_staff_number_at_once_register_one_person(
    make: Callable[[], Application], application: Application, prison: UUID
) -> None:
    number = uuid4().hex
    answers = at_once(make, [(OPERATOR, joining(prison, staff_number=number)) for _ in range(4)], copies=4)
    assert sorted(type(a).__name__ for a in answers) == ["Done", "Refused", "Refused", "Refused"]
    rows = application.log.select("SELECT count(*) FROM directory WHERE staff_number = %s", (number,))
    assert rows == [(1,)]


class TestWhatADecisionReliedOnIsLookedAtAgain:
    @pytest.fixture
    def desk(self, make: Callable[[], Application]) -> Application:
        return make()

    def test_who_is_placed_between_decision_and_commit_is_assigned_too(
        self, application: Application, desk: Application, prison: UUID
    ) -> None:
        late = joining(prison)
        interfered = interfering(desk, lambda: done(application, late))
        done(desk, assigning(unit_id=prison))
        assert interfered
        assert events_of(application, assigned(late.entry.person_id)) == ["Assigned"]

    def test_whose_unit_moves_away_between_decision_and_commit_is_not_assigned(
        self, application: Application, desk: Application
    ) -> None:
        prison, other = unit(), unit()
        team = unit(below=prison.unit_id)
        done(application, prison, other, team)
        gone, stays = join(application, team.unit_id), join(application, prison.unit_id)
        move = MoveUnit(**told(), unit_id=team.unit_id, parent_id=other.unit_id)
        interfered = interfering(desk, lambda: done(application, move))
        done(desk, assigning(unit_id=prison.unit_id))
        assert interfered
        assert events_of(application, assigned(stays)) == ["Assigned"]
        assert events_of(application, assigned(gone)) == []

    @pytest.mark.parametrize("kind", ["assign", "appoint"])
    def test_who_leaves_between_decision_and_commit_gets_nothing(
        self, application: Application, desk: Application, prison: UUID, kind: str
    ) -> None:
        person_id = join(application, prison)
        leaving = WithdrawPerson(**told(), person_id=person_id)
        interfered = interfering(desk, lambda: done(application, leaving))
        command = (
            assigning(person_id=person_id)
            if kind == "assign"
            else AppointManager(**told(), person_id=person_id, unit_id=prison)
        )
        assert refused(desk, command) == Rule.PERSON_WITHDRAWN
        assert interfered

    def test_a_command_answered_by_a_rival_meanwhile_is_a_duplicate(
        self, application: Application, desk: Application, prison: UUID
    ) -> None:
        command = assigning(person_id=join(application, prison))
        interfered = interfering(desk, lambda: done(application, command))
        assert [answer.outcome for answer in done(desk, command)] == ["duplicate"]
        assert interfered
