"""Standing orders at work: assignments open by themselves, once, also when the process dies in between."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from services.contracts import progress
from services.contracts.access import Role
from services.contracts.content import CourseVersionWithdrawn
from services.contracts.rules import Rule
from services.contracts.scheduling import (
    AppointManager,
    MoveUnit,
    PlacePerson,
    WithdrawAssignment,
    WithdrawPerson,
    assignment_id_of,
)
from services.contracts.scheduling.duties import EndOrder, GiveOrder, OpenDuty
from services.scheduling.application import Application
from services.scheduling.domain.due import add_days, add_months, local_day, start_of_day
from services.scheduling.policies.duties import Duties
from tests.integration.conftest import Database
from tests.integration.scheduling.play import Play
from tests.integration.scheduling.words import (
    COURSE,
    OPERATOR,
    actor,
    assigning,
    done,
    events_of,
    join,
    joining,
    refused,
    told,
    unit,
)
from tests.support.examples import PUBLISHED

TODAY = local_day(datetime.now(UTC))


def giving(**fields: object) -> GiveOrder:
    by = {} if "after_days" in fields else {"due_on": add_days(TODAY, 30)}
    return GiveOrder(**{**told(), "order_id": uuid4(), "course": COURSE, "from_on": TODAY, **by, **fields})


class Clock:
    """The desk's clock: in the morning of a day that tests choose."""

    def __init__(self) -> None:
        self.day = TODAY

    def __call__(self) -> datetime:
        return max(start_of_day(self.day) + timedelta(hours=9), datetime.now(UTC))


CLOCK = Clock()


class Orders(Play):
    """A day at a time: what orders ask of whom."""

    def passes(self, until: date) -> None:
        """Days pass."""
        CLOCK.day = until
        self.goes_on()

    def due(self, person_id: UUID, period: int = 1) -> date | None:
        rows = self.connection.execute(
            "SELECT due_on FROM duty_way WHERE person_id = %s AND period = %s AND assigned",
            (person_id, period),
        ).fetchall()
        return rows[0][0] if rows else None

    def hindrances(self, *people: UUID) -> list[UUID]:
        rows = self.connection.execute(
            "SELECT person_id FROM duty_hindrance WHERE stands AND person_id = ANY(%s)", (list(people),)
        ).fetchall()
        return [row[0] for row in rows]


@pytest.fixture(autouse=True)
def _today() -> None:
    CLOCK.day = TODAY


@pytest.fixture(scope="module")
def application(database: Database, environment: dict[str, str]) -> Iterator[Application]:
    key = Path(environment["PARCOURS_ACTOR_PUBLIC_KEY"])
    application = Application(database.url, key, on_commit=lambda _: None, clock=CLOCK)
    yield application
    application.log.close()


@pytest.fixture(scope="module")
def play(application: Application, database: Database) -> Iterator[Orders]:
    with psycopg.connect(database.url, autocommit=True) as connection:
        play = Orders(application, connection, Duties(), CLOCK)
        play.hear("content", PUBLISHED)
        yield play


@pytest.fixture
def team(application: Application) -> UUID:
    """A team of its own for each test, below a prison."""
    prison, team = unit(), unit()
    done(application, prison, team.model_copy(update={"parent_id": prison.unit_id}))
    return team.unit_id


def completed(person_id: UUID, on: date, period: int = 1, months: int = 24) -> list[Any]:
    same = {
        "record_id": progress.record_id_of(person_id, COURSE, period),
        "person_id": person_id,
        "course": COURSE,
        "course_version": 1,
        "occurred_at": start_of_day(on) + timedelta(hours=10),
    }
    return [
        progress.RecordOpened(**same, period=period, language="fr"),
        progress.CourseCompleted(**same, validity_months=months),
    ]


def test_an_order_is_for_those_who_are_there_and_for_those_who_come(
    application: Application, play: Orders, team: UUID
) -> None:
    ann = join(application, team)
    order = giving(unit_id=team, after_days=60)
    done(application, order)
    play.goes_on()
    assert play.due(ann) == add_days(TODAY, 60)
    ben, outside = join(application, team), unit()
    done(application, outside)
    cat = join(application, outside.unit_id)
    play.goes_on()
    assert (play.due(ben), play.due(cat)) == (add_days(TODAY, 60), None)
    done(application, PlacePerson(**told(), person_id=cat, unit_id=team))
    play.goes_on()
    assert play.due(cat) == add_days(TODAY, 60)


def test_a_unit_that_is_moved_below_comes_under_the_order(
    application: Application, play: Orders, team: UUID
) -> None:
    prison, lonely = unit(), unit()
    done(application, prison, lonely)
    ann = join(application, lonely.unit_id)
    done(application, giving(unit_id=prison.unit_id))
    play.goes_on()
    assert play.due(ann) is None
    done(application, MoveUnit(**told(), unit_id=lonely.unit_id, parent_id=prison.unit_id))
    play.goes_on()
    assert play.due(ann) == add_days(TODAY, 30)


def test_an_order_for_a_function_is_for_that_function_alone(
    application: Application, play: Orders, team: UUID
) -> None:
    chief, officer = joining(team, function="chief"), joining(team, function="officer")
    done(application, chief, officer, giving(unit_id=team, function="chief", after_days=10))
    play.goes_on()
    assert play.due(chief.entry.person_id) == add_days(TODAY, 10)
    assert play.due(officer.entry.person_id) is None
    play.connection.execute(
        "UPDATE directory SET function = 'chief', revision = nextval('directory_revision') WHERE person_id = %s",
        (officer.entry.person_id,),
    )
    play.goes_on()
    assert play.due(officer.entry.person_id) == add_days(TODAY, 10)


def test_the_next_period_opens_with_its_window_and_the_old_one_stays(
    application: Application, play: Orders, team: UUID
) -> None:
    ann = join(application, team)
    done(application, giving(unit_id=team, recurrence={"window_days": 60, "grace_days": 7}))
    play.goes_on()
    play.hear("progress", *completed(ann, TODAY))
    expires = add_months(TODAY, 24)
    play.passes(until=add_days(expires, -61))
    assert play.due(ann, 2) is None
    play.passes(until=add_days(expires, -60))
    assert (play.due(ann, 1), play.due(ann, 2)) == (add_days(TODAY, 30), add_days(expires, 7))
    assert events_of(application, assignment_id_of(ann, COURSE, 1)) == ["Assigned"]
    assert events_of(application, assignment_id_of(ann, COURSE, 2)) == ["Assigned"]
    play.hear("progress", *completed(ann, add_days(expires, -10), period=2))
    play.passes(until=add_days(add_months(add_days(expires, -10), 24), -60))
    assert play.due(ann, 3) == add_days(add_months(add_days(expires, -10), 24), 7)


def test_what_somebody_decides_by_hand_solves_a_conflict(
    application: Application, play: Orders, team: UUID
) -> None:
    ann = join(application, team)
    later = giving(unit_id=team, due_on=add_days(TODAY, 50))
    done(application, giving(unit_id=team), later)
    play.goes_on()
    assert (play.due(ann), play.hindrances(ann)) == (add_days(TODAY, 30), [ann])
    done(application, assigning(person_id=ann, due_on=add_days(TODAY, 40)))
    play.goes_on()
    assert (play.due(ann), play.hindrances(ann)) == (add_days(TODAY, 40), [])


def test_a_conflict_goes_with_the_order_and_comes_back_with_another(
    application: Application, play: Orders, team: UUID
) -> None:
    ann = join(application, team)
    later = giving(unit_id=team, due_on=add_days(TODAY, 50))
    done(application, giving(unit_id=team), later)
    play.goes_on()
    done(application, EndOrder(**told(), order_id=later.order_id))
    play.goes_on()
    assert play.hindrances(ann) == []
    done(application, giving(unit_id=team, due_on=add_days(TODAY, 70)))
    play.goes_on()
    assert play.hindrances(ann) == [ann]


def test_what_an_order_has_opened_stays_when_it_ends(
    application: Application, play: Orders, team: UUID
) -> None:
    ann = join(application, team)
    order = giving(unit_id=team)
    done(application, order)
    play.goes_on()
    done(application, EndOrder(**told(), order_id=order.order_id))
    ben = join(application, team)
    play.goes_on()
    assert (play.due(ann), play.due(ben)) == (add_days(TODAY, 30), None)


def test_what_was_taken_back_stays_taken_back_and_who_left_is_asked_nothing(
    application: Application, play: Orders, team: UUID
) -> None:
    ann, ben = join(application, team), join(application, team)
    done(application, WithdrawPerson(**told(), person_id=ben))
    done(application, giving(unit_id=team))
    play.goes_on()
    assert play.due(ben) is None
    done(application, WithdrawAssignment(**told(), person_id=ann, course=COURSE))
    play.goes_on()
    assert play.due(ann) is None
    assert events_of(application, assignment_id_of(ann, COURSE)) == ["Assigned", "Withdrawn"]


def test_without_a_version_in_use_nothing_is_set_until_there_is_one(
    application: Application, play: Orders, team: UUID
) -> None:
    ann = join(application, team)
    done(application, giving(unit_id=team))
    gone = CourseVersionWithdrawn(
        course=COURSE, course_version=1, reason="Replaced.", occurred_at=start_of_day(TODAY)
    )
    play.hear("content", gone)
    play.goes_on()
    assert (play.due(ann), play.hindrances(ann)) == (None, [ann])
    play.hear("content", PUBLISHED.model_copy(update={"course_version": 2}))
    play.goes_on()
    assert (play.due(ann), play.hindrances(ann)) == (add_days(TODAY, 30), [])


def test_a_process_that_dies_before_it_remembers_does_nothing_twice(
    application: Application, play: Orders, team: UUID
) -> None:
    people = [join(application, team) for _ in range(5)]
    done(application, giving(unit_id=team), giving(unit_id=team, due_on=add_days(TODAY, 50)))
    play.follow()
    remember = play.policy.answered
    play.policy.answered = lambda *_: None  # type: ignore[method-assign]
    try:
        assert play.act() > 0
        assert play.act() == 0  # the same commands once more
    finally:
        play.policy.answered = remember  # type: ignore[method-assign]
    play.goes_on()
    for person in people:
        assert events_of(application, assignment_id_of(person, COURSE)) == ["Assigned"]
    assert sorted(play.hindrances(*people)) == sorted(people)


def test_a_course_that_a_manager_assigned_meanwhile_is_left_as_it_is(
    application: Application, play: Orders, team: UUID
) -> None:
    ann = join(application, team)
    done(application, giving(unit_id=team))
    play.follow()
    done(application, assigning(person_id=ann, due_on=add_days(TODAY, 90)))  # the policy has not heard of it
    play.act()
    play.goes_on()
    assert play.due(ann) == add_days(TODAY, 90)
    assert events_of(application, assignment_id_of(ann, COURSE)) == ["Assigned"]


class TestWhoMayGiveOrders:
    def test_a_manager_for_their_units_and_no_others(
        self, application: Application, team: UUID, prison: UUID
    ) -> None:
        manager = actor(Role.MANAGER, person_id=join(application, prison))
        done(application, AppointManager(**told(), unit_id=team, person_id=manager.person_id))
        order = giving(unit_id=team)
        done(application, order, by=manager)
        assert refused(application, giving(unit_id=prison), by=manager) == Rule.NOT_YOURS
        assert refused(application, giving(), by=manager) == Rule.NOT_YOURS
        assert refused(application, giving(function="chief"), by=manager) == Rule.NOT_YOURS
        done(application, EndOrder(**told(), order_id=order.order_id), by=manager)
        other = giving(unit_id=prison)
        done(application, other)
        assert refused(application, EndOrder(**told(), order_id=other.order_id), by=manager) == Rule.NOT_YOURS

    @pytest.mark.parametrize(
        ("fields", "rule"),
        [
            ({"course": "unheard-of"}, Rule.COURSE_UNKNOWN),
            ({"course": "old"}, Rule.VERSION_WITHDRAWN),
            ({"unit_id": UUID(int=77)}, Rule.UNIT_UNKNOWN),
            ({"due_on": add_days(TODAY, -2)}, Rule.DUE_DATE_PAST),
            ({"from_on": add_days(TODAY, -9), "to_on": add_days(TODAY, -2)}, Rule.DUE_DATE_PAST),
        ],
    )
    def test_an_order_that_makes_no_sense_is_refused(
        self, application: Application, fields: dict[str, Any], rule: Rule
    ) -> None:
        assert refused(application, giving(**fields)) == rule

    def test_the_same_order_twice_is_one_and_another_of_its_name_is_refused(
        self, application: Application, team: UUID
    ) -> None:
        order = giving(unit_id=team)
        done(application, order, order.model_copy(update=told()))
        assert events_of(application, order.order_id) == ["Given"]
        other = order.model_copy(update={**told(), "due_on": add_days(TODAY, 9)})
        assert refused(application, other) == Rule.COMMAND_ID_TAKEN

    def test_an_order_that_there_is_not_is_unknown_to_operators_and_to_managers_not_theirs(
        self, application: Application, team: UUID
    ) -> None:
        unknown = EndOrder(**told(), order_id=uuid4())
        assert refused(application, unknown) == Rule.ORDER_UNKNOWN
        order = giving(unit_id=team)
        done(application, order)
        manager = actor(Role.MANAGER)
        for order_id in (uuid4(), order.order_id):
            asked = EndOrder(**told(), order_id=order_id)
            assert refused(application, asked, by=manager) == Rule.NOT_YOURS

    @pytest.mark.parametrize("who", [OPERATOR, actor(Role.MANAGER)], ids=["operator", "manager"])
    def test_what_follows_from_an_order_nobody_else_may_ask_for(
        self, application: Application, team: UUID, who: Any
    ) -> None:
        asked = OpenDuty(
            **told(),
            person_id=join(application, team),
            course=COURSE,
            period=1,
            due_on=add_days(TODAY, 9),
            cause={"rule": "on_date", "order_id": uuid4()},
        )
        assert refused(application, asked, by=who) == Rule.NOT_YOURS
