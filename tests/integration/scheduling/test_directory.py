"""The directory: names stand there and nowhere else, and its feed knows the present and skips nobody."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest

from services.contracts.access import Actor, Role
from services.contracts.message import Done
from services.contracts.scheduling import CreateUnit, DirectoryEntry, DirectoryPage, RegisterPerson
from services.scheduling.application import Application
from tests.integration.conftest import Database

OPERATOR = Actor(
    person_id=uuid4(), roles=frozenset({Role.OPERATOR}), expires_at=datetime.now(UTC) + timedelta(hours=1)
)
PRISON = uuid4()
ANN = DirectoryEntry(
    person_id=uuid4(),
    given_name="Annelies",
    family_name="Vandenbroucke",
    staff_number="SN-778812",
    email="annelies@example.invalid",
    language="nl",
    function="Penitentiair bewakingsassistent",
)


@pytest.fixture(scope="module")
def database(databases: dict[str, Database]) -> Database:
    return databases["scheduling"].migrated("services/scheduling/migrations")


@pytest.fixture(scope="module")
def application(database: Database, environment: dict[str, str]) -> Iterator[Application]:
    application = another(database, environment)
    creating = CreateUnit(
        command_id=uuid4(),
        occurred_at=datetime.now(UTC),
        unit_id=PRISON,
        kind="prison",
        name={"fr": "Val-Clair"},
        parent_id=None,
    )
    assert register(application, ANN, creating)
    yield application
    application.log.close()


def another(database: Database, environment: dict[str, str]) -> Application:
    key = Path(environment["PARCOURS_ACTOR_PUBLIC_KEY"])
    return Application(database.url, key, on_commit=lambda _: None)


def registering(entry: DirectoryEntry) -> RegisterPerson:
    return RegisterPerson(command_id=uuid4(), occurred_at=datetime.now(UTC), entry=entry, unit_id=PRISON)


def register(application: Application, entry: DirectoryEntry, *before: CreateUnit) -> bool:
    requests = [(OPERATOR, command) for command in (*before, registering(entry))]
    return all(isinstance(outcome, Done) for outcome in application.desk.execute(requests))


def somebody() -> DirectoryEntry:
    person_id = uuid4()
    return ANN.model_copy(update={"person_id": person_id, "staff_number": person_id.hex})


def read_all(application: Application, after: int = 0, limit: int = 7) -> tuple[list[UUID], DirectoryPage]:
    people: list[UUID] = []
    while True:
        page = application.read_directory(after, limit)
        assert [item.position for item in page.items] == sorted({item.position for item in page.items})
        people += [item.person_id for item in page.items]
        after = page.position
        if page.position == page.head:
            return people, page


def test_an_entry_is_read_as_it_was_given(application: Application) -> None:
    (item, *_) = application.read_directory(0, 10).items
    assert item.entry == ANN
    assert (
        DirectoryPage.model_validate_json(application.read_directory(0, 10).model_dump_json()).items[0]
        == item
    )


def test_no_name_stands_anywhere_but_in_the_directory(application: Application, database: Database) -> None:
    """Every row of every table is searched. Negative control: in the directory they are found."""
    secrets = [str(value) for value in (ANN.given_name, ANN.family_name, ANN.staff_number, ANN.email)]
    found: dict[str, int] = {}
    with psycopg.connect(database.owner_url) as connection:
        tables = [
            row[0]
            for row in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        ]
        for table in tables:
            column = "convert_from(state, 'UTF8') || topic" if table == "stored_events" else "t::text"
            for secret in secrets:
                row = connection.execute(
                    f"SELECT count(*) FROM {table} t WHERE strpos({column}, %s) > 0",  # type: ignore[arg-type]
                    (secret,),
                ).fetchone()
                assert row is not None
                found[table] = found.get(table, 0) + row[0]
    assert found["stored_events"] == found["command_receipts"] == 0
    assert {table for table, count in found.items() if count} == {"directory"}
    assert found["directory"] >= len(secrets)


def test_nobody_is_skipped_by_a_reader_who_tails_while_many_write(
    application: Application, database: Database, environment: dict[str, str]
) -> None:
    copies = [another(database, environment) for _ in range(4)]
    start = application.read_directory(0, 5000).head
    entries = [somebody() for _ in range(80)]

    def write(number: int) -> None:
        for entry in entries[number::4]:
            assert register(copies[number], entry)

    writers = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for writer in writers:
        writer.start()
    heard: list[UUID] = []
    position = start
    while any(writer.is_alive() for writer in writers):
        page = application.read_directory(position, 5)
        heard += [item.person_id for item in page.items]
        position = page.position
    heard += read_all(application, position)[0]
    assert sorted(heard) == sorted(entry.person_id for entry in entries)
    for copy in copies:
        copy.log.close()


def test_revisions_drawn_outside_the_turn_would_be_skipped(
    application: Application, database: Database
) -> None:
    """Negative control: two writers draw, the second commits first, and a reader in between passes over one."""
    slow, quick = (
        psycopg.connect(database.url),
        psycopg.connect(database.url),
    )
    enter = (
        "INSERT INTO directory (person_id, given_name, family_name, staff_number, language, revision)"
        " VALUES (gen_random_uuid(), 'x', 'x', gen_random_uuid()::text, 'fr', nextval('directory_revision'))"
    )
    with slow, quick:
        slow.execute(enter)
        quick.execute(enter)
        quick.commit()
        _, page = read_all(application)
        slow.commit()
        missed = application.log.select(
            "SELECT count(*) FROM directory WHERE revision <= %s AND given_name = 'x'", (page.position,)
        )
        assert missed == [(2,)]
        assert application.read_directory(page.position, 5).items == ()
        slow.execute("UPDATE directory SET revision = nextval('directory_revision') WHERE given_name = 'x'")


def test_an_erased_entry_is_still_heard_of(application: Application, database: Database) -> None:
    entry = somebody()
    assert register(application, entry)
    with psycopg.connect(database.url) as connection:
        connection.execute(
            "UPDATE directory SET erased = true, given_name = NULL, family_name = NULL, staff_number = NULL,"
            " email = NULL, language = NULL, function = NULL, revision = nextval('directory_revision')"
            " WHERE person_id = %s",
            (entry.person_id,),
        )
    _, page = read_all(application)
    assert page.items[-1].person_id == entry.person_id
    assert page.items[-1].entry is None


def test_nothing_changed_is_an_empty_page_at_the_same_place(application: Application) -> None:
    _, page = read_all(application)
    assert application.read_directory(page.position, 10) == DirectoryPage(
        items=(), position=page.position, head=page.position
    )


FORBIDDEN = (
    "UPDATE stored_events SET topic = 'x'",
    "DELETE FROM stored_events",
    "TRUNCATE stored_events",
    "UPDATE command_receipts SET refusal = NULL",
    "DELETE FROM command_receipts",
    "DELETE FROM directory",
    "TRUNCATE directory",
    "SELECT setval('directory_revision', 1)",
    "CREATE TABLE mine (x int)",
)


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_run_role_changes_no_event_and_deletes_no_entry(
    application: Application, database: Database, statement: str
) -> None:
    with psycopg.connect(database.url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement)


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_owner_could_which_shows_that_the_check_checks(
    application: Application, database: Database, statement: str
) -> None:
    with psycopg.connect(database.owner_url) as connection:
        connection.execute(statement)
        connection.rollback()
