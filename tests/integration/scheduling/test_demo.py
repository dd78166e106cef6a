"""The demo's organisation: what loads, loads once, and leaves nobody without a place."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deploy.demo import organisation, years
from services.contracts.access import Actor, Role
from services.contracts.message import Outcome
from services.contracts.scheduling import SchedulingCommand
from services.scheduling import store
from services.scheduling.application import Application
from services.scheduling.domain import ORGANISATION, Organisation
from tests.integration.conftest import Database

OPERATOR = Actor(
    person_id=organisation.person_id("P0061"),
    roles=frozenset({Role.OPERATOR}),
    expires_at=datetime.now(UTC) + timedelta(hours=1),
)


@pytest.fixture(scope="module")
def application(databases: dict[str, Database], environment: dict[str, str]) -> Iterator[Application]:
    database = databases["scheduling"].migrated("services/scheduling/migrations")
    key = Path(environment["PARCOURS_ACTOR_PUBLIC_KEY"])
    application = Application(database.url, key, on_commit=lambda _: None)
    yield application
    application.log.close()


def load(application: Application, commands: list[SchedulingCommand]) -> list[Outcome]:
    return application.desk.execute([(OPERATOR, command) for command in commands])


def test_loading_twice_is_loading_once(application: Application) -> None:
    commands = organisation.commands()
    assert commands == organisation.commands()
    first = load(application, commands[:50]) + load(application, commands[50:])
    head = application.log.head()
    again = load(application, organisation.commands())
    assert {outcome.outcome for outcome in first} == {"accepted"}
    assert {outcome.outcome for outcome in again} == {"duplicate"}
    assert application.log.head() == head
    assert store.check_membership(application.log) == len(organisation.PEOPLE) - len(organisation.DEPARTURES)


def test_each_prison_is_in_the_care_of_its_own_manager_only(application: Application) -> None:
    stands = application.log.load([ORGANISATION])[ORGANISATION]
    assert isinstance(stands, Organisation)
    people = {user: person_id for user, person_id, _ in organisation.accounts()}
    now = datetime.now(UTC)
    care = {
        user: {
            unit
            for unit in (organisation.PRISON_1, organisation.PRISON_2)
            if stands.in_care(unit, people[user], now)
        }
        for user in ("manager.valclair", "manager.westerdreef")
    }
    assert care == {
        "manager.valclair": {organisation.PRISON_1},
        "manager.westerdreef": {organisation.PRISON_2},
    }
    learners = {people[f"learner.{letter}"] for letter in "abc"}
    assert learners <= store.members(application.log.select, stands.at_or_below(organisation.PRISON_1))


def test_accounts_are_of_people_in_the_directory_with_names_in_it_and_nowhere_else(
    application: Application,
) -> None:
    page = application.read_directory(0, 5000)
    entered = {item.person_id for item in page.items}
    assert {person_id for _, person_id, _ in organisation.accounts()} <= entered
    stored = b"".join(
        bytes(row[0]) for row in application.log.select("SELECT state FROM stored_events", ())
    ).decode()
    for number, given, family, *_ in organisation.PEOPLE:
        assert number not in stored
        assert f"{given} {family}" not in stored
        assert f'"{family}"' not in stored


def test_the_simulated_service_is_added_once_beside_the_small_one(
    application: Application, databases: dict[str, Database]
) -> None:
    url, until = databases["scheduling"].url, datetime.now(UTC)
    since = until - years.YEARS
    before = store.check_membership(application.log)
    assert list(years.add_organisation(url, "recognising", 2_000, since, until)) == [1_000, 2_000]
    assert store.check_membership(application.log) == before + 2_000
    stands = application.log.load([ORGANISATION])[ORGANISATION]
    assert isinstance(stands, Organisation)
    units = years.units()
    assert {unit.id for unit in units} <= stands.at_or_below(organisation.SERVICE)
    prisons = [unit for unit in units if unit.kind == "prison"]
    assert len(prisons) + sum(kind == "prison" for _, _, kind, _, _ in organisation.UNITS) == 35
    known = stands.names_of_units()
    assert {known[unit.code.casefold()] for unit in units if unit.code} == {unit.id for unit in units}
    assert {"pont-a-ligneux", "pont-a-ligneux-1", "la-brisee-6"} <= set(known)
    assert stands.in_care(prisons[0].id, years.DIRECTOR, datetime.now(UTC))
    with pytest.raises(years.AlreadyLoaded):
        list(years.add_organisation(url, "recognising", 2_000, since, until))
