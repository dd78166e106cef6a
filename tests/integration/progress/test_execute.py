"""Progress over a real PostgreSQL: batches, repeats, rivals, and what survives a lost answer."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from services.backbone.log import StoreAway
from services.contracts import scheduling
from services.contracts.access import Actor, Role
from services.contracts.message import Done, Refused
from services.contracts.progress import OpenRecord, StartModule, StartSession, record_id_of
from services.contracts.rules import Rule
from services.progress.application import Application
from services.progress.catalogue import Roster
from tests.integration.conftest import Database
from tests.support.examples import ANSWER_KEYS, NOON, PUBLISHED

COURSE = "recognising"


@pytest.fixture(scope="module")
def database(databases: dict[str, Database]) -> Database:
    database = databases["progress"].migrated("services/progress/migrations")
    with psycopg.connect(database.url) as connection:
        connection.execute(
            "INSERT INTO catalogue VALUES (%s, 1, %s, %s)",
            (
                COURSE,
                Jsonb(PUBLISHED.model_dump(mode="json")),
                Jsonb([k.model_dump(mode="json") for k in ANSWER_KEYS.questions]),
            ),
        )
    return database


@pytest.fixture
def application(database: Database, environment: dict[str, str]):
    rung: list[int] = []
    application = Application(
        database.url,
        Path(environment["PARCOURS_ACTOR_PUBLIC_KEY"]),
        on_commit=rung.append,
        choose=lambda pool, n: list(pool)[:n],
    )
    application.rung = rung
    yield application
    application.log.close()


def learner() -> Actor:
    return Actor(
        person_id=uuid4(), roles=frozenset({Role.LEARNER}), expires_at=datetime.now(UTC) + timedelta(hours=1)
    )


def opening(course: str = COURSE) -> OpenRecord:
    return OpenRecord(command_id=uuid4(), occurred_at=datetime.now(UTC), course=course, language="fr")


def sitting(record_id: UUID, session_id: UUID) -> StartSession:
    return StartSession(
        command_id=uuid4(),
        occurred_at=datetime.now(UTC),
        record_id=record_id,
        session_id=session_id,
        language="nl",
    )


def test_a_batch_commits_together_and_each_has_its_own_answer(application: Application) -> None:
    people = [learner() for _ in range(20)]
    requests = [(person, opening()) for person in people]
    requests.insert(7, (learner(), opening("no-such-course")))
    outcomes = application.desk.execute(requests)
    assert isinstance(outcomes[7], Refused) and outcomes[7].rule == Rule.COURSE_UNKNOWN
    accepted = [o for o in outcomes if isinstance(o, Done)]
    assert len(accepted) == 20
    positions = [o.position for o in accepted]
    assert positions == sorted(positions) and len(set(positions)) == 20
    assert application.rung == [positions[-1]]


def test_a_repeated_command_gets_its_first_answer(application: Application) -> None:
    person, command = learner(), opening()
    first = application.desk.execute([(person, command)])[0]
    again, twice = application.desk.execute([(person, command), (person, command)])
    assert first.outcome == "accepted"
    assert again.outcome == twice.outcome == "duplicate"
    assert again.position == twice.position == first.position


def test_the_same_command_twice_in_one_batch_has_one_effect(application: Application) -> None:
    person, command = learner(), opening()
    first, second = application.desk.execute([(person, command), (person, command)])
    assert (first.outcome, second.outcome) == ("accepted", "duplicate")
    assert first.position == second.position


def test_a_refusal_repeated_is_the_same_refusal_even_when_it_would_now_be_accepted(
    application: Application,
) -> None:
    person = learner()
    record = record_id_of(person.person_id, COURSE)
    session = uuid4()
    early = StartModule(
        command_id=uuid4(),
        occurred_at=datetime.now(UTC),
        record_id=record,
        session_id=session,
        course_version=1,
        module="introduction",
    )
    application.desk.execute([(person, opening())])
    refused = application.desk.execute(
        [(person, early.model_copy(update={"occurred_at": datetime.now(UTC)}))]
    )[0]
    application.desk.execute([(person, sitting(record, session))])
    again = application.desk.execute([(person, early)])[0]
    assert isinstance(refused, Refused) and refused.rule == Rule.SESSION_MISSING
    assert again == refused


def test_what_changes_nothing_is_accepted_at_the_place_where_it_stood(application: Application) -> None:
    person, session = learner(), uuid4()
    record = record_id_of(person.person_id, COURSE)
    application.desk.execute([(person, opening())])
    first = application.desk.execute([(person, sitting(record, session))])[0]
    second = application.desk.execute([(person, sitting(record, session))])[0]
    assert second.outcome == "accepted"
    assert second.position == first.position


def test_rivals_on_one_record_are_both_answered_and_neither_is_lost(
    database: Database, environment: dict[str, str]
) -> None:
    """Two copies of the service, sixteen PCs: every session start is answered, and all stand in the stream."""
    copies = [
        Application(database.url, Path(environment["PARCOURS_ACTOR_PUBLIC_KEY"]), on_commit=lambda _: None)
        for _ in range(2)
    ]
    person = learner()
    record = record_id_of(person.person_id, COURSE)
    copies[0].desk.execute([(person, opening())])
    answers: list[object] = []
    commands = [sitting(record, uuid4()) for _ in range(16)]

    def send(number: int) -> None:
        while True:
            try:
                answers.append(copies[number % 2].desk.execute([(person, commands[number])])[0])
                return
            except StoreAway:  # lost too many races: the client sends the same command again
                continue

    threads = [threading.Thread(target=send, args=(n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(answers) == 16
    assert all(isinstance(a, Done) for a in answers)
    started = [s.event for s in copies[0].log.read(0, 5000) if s.event.originator_id == record]
    assert sum(type(e).__name__ == "SessionStarted" for e in started) == 16
    assert [e.originator_version for e in started] == list(range(1, len(started) + 1))
    for copy in copies:
        copy.log.close()


def test_one_record_in_conflict_does_not_fail_its_batch(
    database: Database, environment: dict[str, str], application: Application
) -> None:
    """A stale copy of one record is kept in memory; its neighbours commit, it is decided anew."""
    other = Application(
        database.url, Path(environment["PARCOURS_ACTOR_PUBLIC_KEY"]), on_commit=lambda _: None
    )
    ann, ben = learner(), learner()
    ann_record = record_id_of(ann.person_id, COURSE)
    application.desk.execute([(ann, opening()), (ben, opening())])
    original = application.log.append
    interfered = []

    def append_after_a_rival(*args, **kwargs):
        if not interfered:
            interfered.append(other.desk.execute([(ann, sitting(ann_record, uuid4()))]))
        return original(*args, **kwargs)

    application.log.append = append_after_a_rival
    outcomes = application.desk.execute(
        [(ann, sitting(ann_record, uuid4())), (ben, sitting(record_id_of(ben.person_id, COURSE), uuid4()))]
    )
    assert interfered
    assert [o.outcome for o in outcomes] == ["accepted", "accepted"]
    other.log.close()


def test_when_the_answer_to_commit_is_lost_sending_again_finds_the_first_answer(
    application: Application,
) -> None:
    person, command = learner(), opening()
    original = application.log.recorder.append

    def commit_and_lose_the_answer(*args):
        original(*args)
        raise psycopg.OperationalError("connection cut after COMMIT")

    application.log.recorder.append = commit_and_lose_the_answer
    with pytest.raises(StoreAway):
        application.desk.execute([(person, command)])
    application.log.recorder.append = original
    again = application.desk.execute([(person, command)])[0]
    assert again.outcome == "duplicate"
    record = record_id_of(person.person_id, COURSE)
    assert len([s for s in application.log.read(0, 5000) if s.event.originator_id == record]) == 1


def test_the_run_role_can_append_and_read_and_nothing_else(database: Database) -> None:
    with psycopg.connect(database.url, autocommit=True) as connection:
        for statement in (
            "UPDATE stored_events SET topic = 'x'",
            "DELETE FROM stored_events",
            "TRUNCATE stored_events",
            "DELETE FROM command_receipts",
            "CREATE TABLE mine (x int)",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)
        assert connection.execute("SELECT count(*) FROM stored_events").fetchone()


def test_whoever_left_is_refused_and_whoever_returned_is_not(
    application: Application, database: Database
) -> None:
    person, roster = learner(), Roster()
    about = {"person_id": person.person_id, "occurred_at": NOON}

    def hears(*events: scheduling.PersonWithdrawn | scheduling.PersonReturned) -> None:
        with psycopg.connect(database.url) as connection, connection.cursor() as cursor:
            roster.apply(cursor, "scheduling", [SimpleNamespace(event=event) for event in events])

    hears(scheduling.PersonWithdrawn(**about))
    assert application.desk.execute([(person, opening())])[0].rule == Rule.PERSON_WITHDRAWN
    hears(scheduling.PersonReturned(**about), scheduling.PersonWithdrawn(**about))
    assert application.desk.execute([(person, opening())])[0].rule == Rule.PERSON_WITHDRAWN
    hears(scheduling.PersonReturned(**about))
    assert application.desk.execute([(person, opening())])[0].outcome == "accepted"
