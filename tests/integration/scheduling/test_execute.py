"""Scheduling over a real PostgreSQL: who may do what, and what stands together."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest

from services.backbone.feed import verify
from services.contracts.access import Role
from services.contracts.message import Done, Refused
from services.contracts.rules import Rule
from services.contracts.scheduling import (
    AppointManager,
    MoveUnit,
    PlacePerson,
    RelieveManager,
    WithdrawAssignment,
    WithdrawPerson,
)
from services.scheduling.application import Application
from services.scheduling.feed import to_contract
from services.scheduling.store import check_membership
from tests.integration.conftest import Database
from tests.integration.scheduling.words import (
    COURSE,
    NEXT_YEAR,
    OPERATOR,
    actor,
    assigned,
    assigning,
    done,
    events_of,
    join,
    joining,
    refused,
    told,
    unit,
)


class TestPeople:
    def test_a_person_is_registered_once(self, application: Application, prison: UUID) -> None:
        first = joining(prison)
        done(application, first)
        again = first.model_copy(update=told())
        other_name = again.model_copy(
            update={"entry": first.entry.model_copy(update={"given_name": "An"}), **told()}
        )
        assert events_of(application, first.entry.person_id) == ["Registered", "Placed"]
        done(application, again)
        assert events_of(application, first.entry.person_id) == ["Registered", "Placed"]
        assert refused(application, other_name) == Rule.PERSON_EXISTS

    def test_a_staff_number_is_one_persons(self, application: Application, prison: UUID) -> None:
        first = joining(prison, staff_number=f"n{uuid4()}")
        second = joining(prison, staff_number=first.entry.staff_number)
        outcomes = application.desk.execute([(OPERATOR, first), (OPERATOR, second)])
        assert isinstance(outcomes[0], Done)
        assert isinstance(outcomes[1], Refused)
        assert outcomes[1].rule == Rule.PERSON_EXISTS
        assert first.entry.staff_number not in str(outcomes[1].params)
        third = joining(prison, staff_number=first.entry.staff_number)
        assert refused(application, third) == Rule.PERSON_EXISTS

    def test_nobody_joins_or_moves_to_a_unit_that_is_not_there(
        self, application: Application, prison: UUID
    ) -> None:
        person = joining(prison)
        done(application, person)
        assert refused(application, joining(uuid4())) == Rule.UNIT_UNKNOWN
        placing = PlacePerson(**told(), person_id=person.entry.person_id, unit_id=uuid4())
        assert refused(application, placing) == Rule.UNIT_UNKNOWN
        unknown = PlacePerson(**told(), person_id=uuid4(), unit_id=prison)
        assert refused(application, unknown) == Rule.PERSON_UNKNOWN

    def test_who_left_is_placed_and_assigned_and_appointed_no_more(
        self, application: Application, prison: UUID
    ) -> None:
        person_id = join(application, prison)
        done(application, WithdrawPerson(**told(), person_id=person_id))
        done(application, WithdrawPerson(**told(), person_id=person_id))
        assert events_of(application, person_id) == ["Registered", "Placed", "Withdrawn"]
        for command in (
            PlacePerson(**told(), person_id=person_id, unit_id=prison),
            assigning(person_id=person_id),
            AppointManager(**told(), person_id=person_id, unit_id=prison),
        ):
            assert refused(application, command) == Rule.PERSON_WITHDRAWN

    def test_a_manager_who_leaves_is_relieved(self, application: Application, prison: UUID) -> None:
        person_id = join(application, prison)
        learner = join(application, prison)
        manager = actor(Role.MANAGER, person_id=person_id)
        done(application, AppointManager(**told(), person_id=person_id, unit_id=prison))
        done(application, assigning(person_id=learner), by=manager)
        done(application, WithdrawPerson(**told(), person_id=person_id))
        assert refused(application, assigning(person_id=learner), by=manager) == Rule.NOT_YOURS


@pytest.fixture(scope="module")
def team(application: Application, prison: UUID) -> UUID:
    team = unit(below=prison)
    done(application, team)
    return team.unit_id


class TestCare:
    def test_managers_act_at_and_below_their_unit_only(
        self, application: Application, prison: UUID, team: UUID
    ) -> None:
        officer, elsewhere = join(application, team), unit()
        done(application, elsewhere)
        other_officer = join(application, elsewhere.unit_id)
        manager = actor(Role.MANAGER, person_id=join(application, prison))
        assert refused(application, assigning(person_id=officer), by=manager) == Rule.NOT_YOURS
        done(application, AppointManager(**told(), person_id=manager.person_id, unit_id=prison))
        done(application, assigning(person_id=officer), assigning(unit_id=team), by=manager)
        taking_back = WithdrawAssignment(**told(), person_id=officer, course=COURSE)
        done(application, taking_back, by=manager)
        for command in (
            assigning(person_id=other_officer),
            assigning(unit_id=elsewhere.unit_id),
            assigning(person_id=uuid4()),
            assigning(unit_id=uuid4()),
            WithdrawAssignment(**told(), person_id=other_officer, course=COURSE),
        ):
            assert refused(application, command, by=manager) == Rule.NOT_YOURS
        done(application, RelieveManager(**told(), person_id=manager.person_id, unit_id=prison))
        assert refused(application, assigning(unit_id=team), by=manager) == Rule.NOT_YOURS

    def test_an_appointment_that_begins_later_counts_later(
        self, application: Application, prison: UUID
    ) -> None:
        manager = actor(Role.MANAGER, person_id=join(application, prison))
        later = {"command_id": uuid4(), "occurred_at": datetime.now(UTC) + timedelta(days=1)}
        done(application, AppointManager(**later, person_id=manager.person_id, unit_id=prison))
        assert refused(application, assigning(unit_id=prison), by=manager) == Rule.NOT_YOURS

    @pytest.mark.parametrize("role", [Role.LEARNER, Role.AUDITOR, Role.TRAINING_CENTRE])
    def test_others_may_do_nothing(self, application: Application, prison: UUID, role: Role) -> None:
        assert refused(application, assigning(unit_id=prison), by=actor(role)) == Rule.NOT_YOURS

    def test_managers_do_not_change_the_organisation(self, application: Application, prison: UUID) -> None:
        person_id = join(application, prison)
        manager = actor(Role.MANAGER, person_id=person_id)
        done(application, AppointManager(**told(), person_id=person_id, unit_id=prison))
        for command in (
            unit(below=prison),
            MoveUnit(**told(), unit_id=prison, parent_id=prison),
            joining(prison),
            PlacePerson(**told(), person_id=person_id, unit_id=prison),
            WithdrawPerson(**told(), person_id=person_id),
            AppointManager(**told(), person_id=person_id, unit_id=prison),
            RelieveManager(**told(), person_id=person_id, unit_id=prison),
        ):
            assert refused(application, command, by=manager) == Rule.NOT_YOURS


class TestAssigning:
    def test_to_a_unit_is_to_everybody_at_and_below_it_who_is_there_now(
        self, application: Application
    ) -> None:
        prison, other = unit(), unit()
        team = unit(below=prison.unit_id)
        done(application, prison, other, team)
        officer, chief, moved, left = (
            join(application, u) for u in (team.unit_id, prison.unit_id, team.unit_id, team.unit_id)
        )
        done(
            application,
            PlacePerson(**told(), person_id=moved, unit_id=other.unit_id),
            WithdrawPerson(**told(), person_id=left),
        )
        done(application, assigning(unit_id=prison.unit_id))
        given = {p for p in (officer, chief, moved, left) if events_of(application, assigned(p))}
        assert given == {officer, chief}
        done(application, assigning(unit_id=prison.unit_id))
        assert events_of(application, assigned(officer)) == ["Assigned"]
        done(application, assigning(unit_id=prison.unit_id, due_on=NEXT_YEAR + timedelta(days=1)))
        assert events_of(application, assigned(officer)) == ["Assigned", "DueDateChanged"]

    def test_within_one_batch_sees_what_came_before_and_not_what_comes_after(
        self, application: Application
    ) -> None:
        prison = unit()
        team = unit(below=prison.unit_id)
        before, after = joining(team.unit_id), joining(team.unit_id)
        answers = done(application, prison, team, before, assigning(unit_id=prison.unit_id), after)
        assert len(answers) == 5
        assert events_of(application, assigned(before.entry.person_id)) == ["Assigned"]
        assert events_of(application, assigned(after.entry.person_id)) == []

    @pytest.mark.parametrize(
        ("change", "rule"),
        [
            ({"course": "unheard-of"}, Rule.COURSE_UNKNOWN),
            ({"course": "old"}, Rule.VERSION_WITHDRAWN),
            ({"due_on": NEXT_YEAR - timedelta(days=400)}, Rule.DUE_DATE_PAST),
            ({"occurred_at": datetime.now(UTC) + timedelta(days=2)}, Rule.TIME_IN_FUTURE),
        ],
    )
    def test_is_refused(
        self, application: Application, prison: UUID, change: dict[str, object], rule: Rule
    ) -> None:
        person_id = join(application, prison)
        assert refused(application, assigning(person_id=person_id, **change)) == rule
        assert events_of(application, assigned(person_id)) == []

    def test_finds_nobody_or_no_unit_or_no_person(self, application: Application) -> None:
        empty = unit()
        done(application, empty)
        assert refused(application, assigning(unit_id=empty.unit_id)) == Rule.NOBODY_TO_ASSIGN
        assert refused(application, assigning(unit_id=uuid4())) == Rule.UNIT_UNKNOWN
        assert refused(application, assigning(person_id=uuid4())) == Rule.PERSON_UNKNOWN

    def test_has_a_limit(
        self, application: Application, prison: UUID, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        join(application, prison)
        monkeypatch.setattr("services.scheduling.decisions.assignments.ASSIGNED_AT_ONCE_MAX", 0)
        assert refused(application, assigning(unit_id=prison)) == Rule.UNIT_TOO_LARGE

    def test_an_operator_brings_in_what_was_due_before_and_a_manager_does_not(
        self, application: Application, prison: UUID
    ) -> None:
        person_id = join(application, prison)
        manager = actor(Role.MANAGER, person_id=join(application, prison))
        done(application, AppointManager(**told(), person_id=manager.person_id, unit_id=prison))
        ago = datetime.now(UTC) - timedelta(days=60)
        due = (ago + timedelta(days=30)).date()
        old = {"person_id": person_id, "due_on": due, "occurred_at": ago}
        assert refused(application, assigning(**old), by=manager) == Rule.DUE_DATE_PAST
        done(application, assigning(**old))

    def test_taking_back_what_was_never_given(self, application: Application, prison: UUID) -> None:
        command = WithdrawAssignment(**told(), person_id=join(application, prison), course=COURSE)
        assert refused(application, command) == Rule.ASSIGNMENT_UNKNOWN

    def test_to_a_thousand_is_one_command_and_done_once(self, application: Application) -> None:
        prison = unit()
        people = [joining(prison.unit_id) for _ in range(1000)]
        done(application, prison)
        for start in range(0, 1000, 250):
            done(application, *people[start : start + 250])
        command = assigning(unit_id=prison.unit_id)
        (first,) = done(application, command)
        (again,) = done(application, command)
        assert (first.outcome, again.outcome) == ("accepted", "duplicate")
        assert first.position == again.position
        ids = [assigned(person.entry.person_id) for person in people]
        rows = application.log.select(
            "SELECT count(*) FROM stored_events WHERE originator_id = ANY(%s)", (ids,)
        )
        assert rows == [(1000,)]


def test_everything_stored_can_be_read_and_membership_is_what_the_log_says(
    application: Application, database: Database
) -> None:
    events = verify(application.log, to_contract)
    assert events == application.log.select("SELECT count(*) FROM stored_events", ())[0][0]
    assert check_membership(application.log) > 1000
    with psycopg.connect(database.url) as connection:
        connection.execute(
            "UPDATE membership SET unit_id = %s WHERE person_id = (SELECT person_id FROM membership LIMIT 1)",
            (uuid4(),),
        )
    with pytest.raises(ValueError, match="membership and log differ"):
        check_membership(application.log)
