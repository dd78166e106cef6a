"""Units that are renamed and closed, and deputies: who may do it, and what a deputy may do when."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from services.contracts.access import Actor, Role
from services.contracts.rules import Rule
from services.contracts.scheduling import (
    AppointManager,
    CloseUnit,
    EndDeputy,
    NameDeputy,
    PlacePerson,
    RegisterPerson,
    RelieveManager,
    RenameUnit,
    WithdrawPerson,
)
from services.scheduling.application import Application
from services.scheduling.domain import ORGANISATION
from tests.integration.scheduling.words import (
    OPERATOR,
    actor,
    assigning,
    done,
    events_of,
    interfering,
    join,
    joining,
    refused,
    told,
    unit,
)

LATER = timedelta(days=3)


def naming(
    manager: UUID, deputy: UUID, since: timedelta = timedelta(), until: timedelta = LATER
) -> NameDeputy:
    now = datetime.now(UTC)
    return NameDeputy(
        command_id=uuid4(),
        occurred_at=now + since,
        person_id=manager,
        deputy_id=deputy,
        until=now + until,
    )


@pytest.fixture
def team(application: Application, prison: UUID) -> UUID:
    team = unit(below=prison)
    done(application, team)
    return team.unit_id


@pytest.fixture
def officer(application: Application, team: UUID) -> UUID:
    return join(application, team)


@pytest.fixture
def manager(application: Application, prison: UUID, team: UUID) -> UUID:
    person_id = join(application, prison)
    since = {"command_id": uuid4(), "occurred_at": datetime.now(UTC) - timedelta(days=9)}
    done(application, AppointManager(**since, person_id=person_id, unit_id=team))
    return person_id


@pytest.fixture
def deputy(application: Application, prison: UUID) -> Actor:
    return actor(Role.MANAGER, person_id=join(application, prison))


class TestDeputies:
    def test_a_deputy_may_do_what_the_manager_may_and_no_more(
        self, application: Application, prison: UUID, officer: UUID, manager: UUID, deputy: Actor
    ) -> None:
        assert refused(application, assigning(person_id=officer), by=deputy) == Rule.NOT_YOURS
        done(application, naming(manager, deputy.person_id))
        done(application, assigning(person_id=officer), by=deputy)
        assert refused(application, assigning(unit_id=prison), by=deputy) == Rule.NOT_YOURS
        done(application, EndDeputy(**told(), person_id=manager, deputy_id=deputy.person_id))
        assert refused(application, assigning(person_id=officer), by=deputy) == Rule.NOT_YOURS

    @pytest.mark.parametrize(("since", "until"), [(1, 3), (-3, -1)], ids=["before", "after"])
    def test_outside_the_period_a_deputy_may_nothing(
        self, application: Application, officer: UUID, manager: UUID, deputy: Actor, since: int, until: int
    ) -> None:
        done(
            application,
            naming(manager, deputy.person_id, timedelta(days=since), timedelta(days=until)),
        )
        assert refused(application, assigning(person_id=officer), by=deputy) == Rule.NOT_YOURS

    def test_whose_manager_is_relieved_is_deputy_of_nothing(
        self, application: Application, team: UUID, officer: UUID, manager: UUID, deputy: Actor
    ) -> None:
        done(application, naming(manager, deputy.person_id))
        done(application, RelieveManager(**told(), person_id=manager, unit_id=team))
        assert refused(application, assigning(person_id=officer), by=deputy) == Rule.NOT_YOURS

    def test_who_left_is_no_deputy_and_has_none(
        self, application: Application, team: UUID, officer: UUID, manager: UUID, deputy: Actor
    ) -> None:
        done(application, naming(manager, deputy.person_id))
        done(application, WithdrawPerson(**told(), person_id=deputy.person_id))
        assert refused(application, assigning(person_id=officer), by=deputy) == Rule.NOT_YOURS
        assert refused(application, naming(manager, deputy.person_id)) == Rule.PERSON_WITHDRAWN
        assert refused(application, naming(manager, uuid4())) == Rule.PERSON_UNKNOWN

    def test_whoever_leaves_between_decision_and_commit_is_no_deputy(
        self, application: Application, make: Callable[[], Application], manager: UUID, deputy: Actor
    ) -> None:
        desk = make()
        gone = WithdrawPerson(**told(), person_id=deputy.person_id)
        interfered = interfering(desk, lambda: done(application, gone))
        assert refused(desk, naming(manager, deputy.person_id)) == Rule.PERSON_WITHDRAWN
        assert interfered

    @pytest.mark.parametrize("role", [Role.MANAGER, Role.LEARNER, Role.AUDITOR, Role.TRAINING_CENTRE])
    def test_only_operators_say_who_answers_for_what(
        self, application: Application, team: UUID, manager: UUID, deputy: Actor, role: Role
    ) -> None:
        themselves = actor(role, person_id=manager)
        for command in (
            naming(manager, deputy.person_id),
            EndDeputy(**told(), person_id=manager, deputy_id=deputy.person_id),
            RenameUnit(**told(), unit_id=team, name={"fr": "Autre"}),
            CloseUnit(**told(), unit_id=team),
        ):
            assert refused(application, command, by=themselves) == Rule.NOT_YOURS


class TestClosing:
    def test_a_unit_with_somebody_in_it_does_not_close(
        self, application: Application, prison: UUID, team: UUID, officer: UUID
    ) -> None:
        assert refused(application, CloseUnit(**told(), unit_id=team)) == Rule.UNIT_NOT_EMPTY
        done(application, PlacePerson(**told(), person_id=officer, unit_id=prison))
        done(application, CloseUnit(**told(), unit_id=team))
        assert events_of(application, ORGANISATION)[-1] == "UnitClosed"
        back = PlacePerson(**told(), person_id=officer, unit_id=team)
        assert refused(application, back) == Rule.UNIT_CLOSED
        assert refused(application, joining(team)) == Rule.UNIT_CLOSED

    def test_what_one_batch_does_before_counts(
        self, application: Application, prison: UUID, team: UUID, officer: UUID
    ) -> None:
        outcomes = application.desk.execute(
            [(OPERATOR, joining(team)), (OPERATOR, CloseUnit(**told(), unit_id=team))]
        )
        assert [getattr(each, "rule", None) for each in outcomes] == [None, Rule.UNIT_NOT_EMPTY]
        people = [
            row[0]
            for row in application.log.select("SELECT person_id FROM membership WHERE unit_id = %s", (team,))
        ]
        leaving = [PlacePerson(**told(), person_id=person_id, unit_id=prison) for person_id in people]
        done(application, *leaving, CloseUnit(**told(), unit_id=team))

    @pytest.mark.parametrize("comes", ["joins", "moves"])
    def test_whoever_comes_between_decision_and_commit_keeps_it_open(
        self, application: Application, make: Callable[[], Application], prison: UUID, team: UUID, comes: str
    ) -> None:
        desk, late = make(), join(application, prison)
        coming = joining(team) if comes == "joins" else PlacePerson(**told(), person_id=late, unit_id=team)
        interfered = interfering(desk, lambda: done(application, coming))
        assert refused(desk, CloseUnit(**told(), unit_id=team)) == Rule.UNIT_NOT_EMPTY
        assert interfered

    def test_nobody_comes_to_a_unit_that_closed_between_decision_and_commit(
        self, application: Application, make: Callable[[], Application], prison: UUID, team: UUID
    ) -> None:
        desk, late = make(), join(application, prison)
        for coming in (PlacePerson(**told(), person_id=late, unit_id=team), joining(team)):
            assert isinstance(coming, PlacePerson | RegisterPerson)
            interfered = interfering(desk, lambda: done(application, CloseUnit(**told(), unit_id=team)))
            assert refused(desk, coming) == Rule.UNIT_CLOSED
            assert interfered
