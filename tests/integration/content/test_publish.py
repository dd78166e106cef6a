"""Content over a real PostgreSQL: publishing, repeating, withdrawing, asking; and the feed that tells it."""

import json
import os
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from services.backbone.blobs import BlobFolder
from services.backbone.feed import verify
from services.backbone.log import StoreAway
from services.content.application import Application
from services.content.feed import to_contract
from services.content.source import read, zip_folder
from services.contracts.access import Actor, Role
from services.contracts.content import (
    AskCourse,
    AskCourses,
    AskModule,
    AskPool,
    AskQuestions,
    AskUpload,
    ContentPage,
    PublishCourse,
    UploadView,
    WithdrawVersion,
)
from services.contracts.message import Done, Refused
from services.contracts.rules import Rule, RuleBroken
from tests.integration.conftest import ROOT, Database
from tests.unit.content.folder import change, write_course


@pytest.fixture(scope="module")
def database(databases: dict[str, Database]) -> Database:
    return databases["content"].migrated("services/content/migrations")


@pytest.fixture
def blobs(tmp_path: Path) -> BlobFolder:
    return BlobFolder(tmp_path / "media")


@pytest.fixture
def rung() -> list[int]:
    return []


@pytest.fixture
def application(database: Database, environment: dict[str, str], blobs: BlobFolder, rung: list[int]):
    application = Application(
        database.url, Path(environment["PARCOURS_ACTOR_PUBLIC_KEY"]), blobs.folder, on_commit=rung.append
    )
    yield application
    application.log.close()


@pytest.fixture
def name() -> str:
    """A course that no other test knows."""
    return f"course-{uuid4().hex[:12]}"


@pytest.fixture
def course(tmp_path: Path, name: str) -> Path:
    folder = write_course(tmp_path / "course")
    change(folder, "course.yaml", "course: small", f"course: {name}")
    return folder


CENTRE = Actor(
    person_id=UUID(int=7),
    roles=frozenset({Role.TRAINING_CENTRE}),
    expires_at=datetime.now(UTC) + timedelta(hours=1),
)


def uploaded(folder: Path, blobs: BlobFolder) -> str:
    packed = folder.with_suffix(".zip")
    zip_folder(folder, packed)
    return blobs.put([packed.read_bytes()])


def publishing(upload: str) -> PublishCourse:
    return PublishCourse(command_id=uuid4(), occurred_at=datetime.now(UTC), upload=upload)


def withdrawing(course: str, number: int, **told: Any) -> WithdrawVersion:
    told = {"occurred_at": datetime.now(UTC), "reason": "An error in part 4"} | told
    return WithdrawVersion(command_id=uuid4(), course=course, course_version=number, **told)


def one(application: Application, command: Any) -> Any:
    (outcome,) = application.desk.execute([(CENTRE, command)])
    return outcome


def test_a_course_is_published_shown_and_told(
    application: Application, course: Path, blobs: BlobFolder, rung: list[int], name: str
) -> None:
    before = application.log.head()
    outcome = one(application, publishing(uploaded(course, blobs)))

    assert isinstance(outcome, Done) and outcome.outcome == "accepted"
    assert rung == [outcome.position]
    view = application.course(AskCourse(course=name, language="nl"))
    assert (view.title, view.course_version, view.withdrawn) == ("Kleine cursus", 1, False)
    module = application.module(
        AskModule(course=name, course_version=1, module="introduction", language="fr")
    )
    assert [page.id for page in module.pages] == ["welcome", "film", "practice"]
    questions = application.questions(
        AskQuestions(course=name, course_version=1, questions=("q2",), language="nl")
    )
    assert questions.questions[0].options[0] == {"id": "a", "text": "Een"}

    page = application.source.page(before, 100)
    told = ContentPage.model_validate_json(page.model_dump_json())
    published, deposited = (item.event for item in told.items)
    assert published.manifest == read(course).digest
    assert blobs.path(published.manifest)
    assert [key.right for key in deposited.questions] == [("a",), ("a", "b")]
    assert {item.actor for item in told.items} == {CENTRE.person_id}


def test_publishing_the_same_folder_twice_is_one_version(
    application: Application, course: Path, blobs: BlobFolder, name: str
) -> None:
    first = one(application, publishing(uploaded(course, blobs)))
    change(course, "course.yaml", "course:", "# by hand\ncourse:")
    for path in course.rglob("*"):
        os.utime(path, (1, 1))
    head = application.log.head()

    again = one(application, publishing(uploaded(course, blobs)))

    assert (again.outcome, again.position) == ("accepted", first.position)
    assert application.log.head() == head
    assert len(summary(application, name).versions) == 1


def test_sending_a_command_twice_is_sending_it_once(
    application: Application, course: Path, blobs: BlobFolder, name: str
) -> None:
    command = publishing(uploaded(course, blobs))
    first, second = application.desk.execute([(CENTRE, command), (CENTRE, command)])
    third = one(application, command)
    assert first.outcome == "accepted"
    assert second == third == first.model_copy(update={"outcome": "duplicate"})


def test_two_editions_and_a_withdrawal_in_one_batch(
    application: Application, course: Path, blobs: BlobFolder, name: str
) -> None:
    one_upload = uploaded(course, blobs)
    change(course, "course.yaml", "minutes: 20", "minutes: 25")
    two_upload = uploaded(course, blobs)
    outcomes = application.desk.execute(
        [
            (CENTRE, publishing(one_upload)),
            (CENTRE, publishing("0" * 64)),
            (CENTRE, publishing(two_upload)),
            (CENTRE, withdrawing(name, 3)),
            (CENTRE, withdrawing(name, 2)),
        ]
    )
    assert [o.rule if isinstance(o, Refused) else o.outcome for o in outcomes] == [
        "accepted",
        Rule.UPLOAD_UNKNOWN,
        "accepted",
        Rule.VERSION_UNKNOWN,
        "accepted",
    ]
    assert application.course(AskCourse(course=name, language="fr")).course_version == 1
    assert application.course(AskCourse(course=name, course_version=2, language="fr")).withdrawn
    withdrawn = summary(application, name).versions[1]
    assert withdrawn.withdrawn_because == "An error in part 4"


def summary(application: Application, name: str) -> Any:
    return next(c for c in application.courses(AskCourses()).courses if c.course == name)


def test_a_faulty_course_is_refused_and_may_be_mended(
    application: Application, course: Path, blobs: BlobFolder, name: str
) -> None:
    change(course, "course.yaml", "kind: clip", "kind: film")
    refused = one(application, publishing(uploaded(course, blobs)))
    assert refused.rule == Rule.COURSE_FAULTY
    faults = json.loads(refused.params["faults"])["faults"]
    assert ("course.yaml", 20) in {(fault["file"], fault["line"]) for fault in faults}
    with pytest.raises(RuleBroken, match="course-unknown"):
        application.course(AskCourse(course=name, language="fr"))

    change(course, "course.yaml", "kind: film", "kind: clip")
    assert one(application, publishing(uploaded(course, blobs))).outcome == "accepted"


@pytest.mark.parametrize(
    ("ask", "rule"),
    [
        (lambda a, n: a.course(AskCourse(course="nothing", language="fr")), "course-unknown"),
        (lambda a, n: a.course(AskCourse(course=n, course_version=2, language="fr")), "version-unknown"),
        (lambda a, n: a.course(AskCourse(course=n, language="de")), "language-unknown"),
        (
            lambda a, n: a.module(AskModule(course=n, course_version=1, module="x", language="fr")),
            "module-unknown",
        ),
        (
            lambda a, n: a.questions(
                AskQuestions(course=n, course_version=9, questions=("q1",), language="fr")
            ),
            "version-unknown",
        ),
    ],
)
def test_what_is_unknown_is_refused_by_name(
    application: Application, course: Path, blobs: BlobFolder, name: str, ask: Any, rule: str
) -> None:
    one(application, publishing(uploaded(course, blobs)))
    with pytest.raises(RuleBroken, match=rule):
        ask(application, name)


def test_withdrawing_follows_the_rules(
    application: Application, course: Path, blobs: BlobFolder, name: str
) -> None:
    upload = uploaded(course, blobs)
    published = one(application, publishing(upload))
    assert one(application, withdrawing("nothing", 1)).rule == Rule.COURSE_UNKNOWN
    early = datetime.now(UTC) - timedelta(days=1)
    assert one(application, withdrawing(name, 1, occurred_at=early)).rule == Rule.TIME_TOO_OLD
    late = datetime.now(UTC) + timedelta(minutes=6)
    assert one(application, withdrawing(name, 1, occurred_at=late)).rule == Rule.TIME_IN_FUTURE
    withdrawn = one(application, withdrawing(name, 1))
    assert withdrawn.position > published.position
    again = one(application, withdrawing(name, 1, reason="Another"))
    assert (again.outcome, again.position) == ("accepted", withdrawn.position)
    with pytest.raises(RuleBroken, match="version-unknown"):
        application.course(AskCourse(course=name, language="fr"))
    assert one(application, publishing(upload)).rule == Rule.VERSION_WITHDRAWN


def test_centres_that_publish_at_once_get_a_number_each(
    application: Application,
    database: Database,
    environment: dict[str, str],
    course: Path,
    blobs: BlobFolder,
    name: str,
) -> None:
    uploads = []
    for minutes in range(30, 36):
        change(course, "course.yaml", "minutes: ", f"minutes: {minutes} # ")
        uploads.append(uploaded(course, blobs))
    rival = Application(
        database.url, Path(environment["PARCOURS_ACTOR_PUBLIC_KEY"]), blobs.folder, on_commit=lambda _: None
    )
    outcomes: list[Any] = []

    def publish_all(application: Application, uploads: list[str]) -> None:
        outcomes.extend(one(application, publishing(upload)) for upload in uploads)

    threads = [
        threading.Thread(target=publish_all, args=(application, uploads)),
        threading.Thread(target=publish_all, args=(rival, uploads[::-1])),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rival.log.close()

    assert [outcome.outcome for outcome in outcomes] == ["accepted"] * 12
    versions = summary(application, name).versions
    assert [version.course_version for version in versions] == [1, 2, 3, 4, 5, 6]
    assert len({version.manifest for version in versions}) == 6


def test_a_restart_forgets_nothing(
    application: Application,
    database: Database,
    environment: dict[str, str],
    course: Path,
    blobs: BlobFolder,
    name: str,
) -> None:
    command = publishing(uploaded(course, blobs))
    first = one(application, command)
    restarted = Application(
        database.url, Path(environment["PARCOURS_ACTOR_PUBLIC_KEY"]), blobs.folder, on_commit=lambda _: None
    )
    assert one(restarted, command) == first.model_copy(update={"outcome": "duplicate"})
    assert restarted.course(AskCourse(course=name, language="fr")).course_version == 1
    assert one(restarted, publishing(command.upload)).position == first.position
    stored = application.log.select("SELECT count(*) FROM stored_events", ())[0][0]
    assert verify(restarted.log, to_contract) == stored
    restarted.log.close()


def test_a_lost_manifest_is_our_fault_and_said_as_such(
    application: Application, course: Path, blobs: BlobFolder, name: str
) -> None:
    one(application, publishing(uploaded(course, blobs)))
    manifest = blobs.path(read(course).digest)
    assert manifest
    manifest.rename(manifest.with_suffix(".away"))
    with pytest.raises(StoreAway, match="cannot be read"):
        application.course(AskCourse(course=name, language="fr"))
    manifest.with_suffix(".away").rename(manifest)
    assert application.course(AskCourse(course=name, language="fr")).course == name


def test_the_small_programs(
    database: Database, environment: dict[str, str], application: Application
) -> None:
    told = {
        **os.environ,
        "CONTENT_DATABASE_URL": database.url,
        "CONTENT_OWNER_DATABASE_URL": database.owner_url,
        "CONTENT_AMQP_URI": "amqp://nobody@127.0.0.1:1",
        "CONTENT_MEDIA_FOLDER": "media",
        "PARCOURS_ACTOR_PUBLIC_KEY": environment["PARCOURS_ACTOR_PUBLIC_KEY"],
    }

    def said_by(program: str) -> str:
        command = [sys.executable, "-m", "services.content", program]
        return subprocess.run(command, cwd=ROOT, env=told, check=True, capture_output=True, text=True).stdout

    assert "0 migrations applied" in said_by("migrate")
    stored = application.log.select("SELECT count(*) FROM stored_events", ())[0][0]
    assert said_by("verify") == f"content: {stored} events read, every stream whole\n"


def test_the_role_that_serves_cannot_alter_what_was_published(database: Database) -> None:
    with psycopg.connect(database.url) as connection:
        for statement in (
            "UPDATE stored_events SET state = ''",
            "DELETE FROM stored_events",
            "TRUNCATE stored_events",
        ):
            with pytest.raises(InsufficientPrivilege), connection.transaction():
                connection.execute(statement)


def test_those_who_make_courses_see_the_whole_pool_and_no_key(
    application: Application, course: Path, blobs: BlobFolder, name: str
) -> None:
    one(application, publishing(uploaded(course, blobs)))
    pool = application.pool(AskPool(course=name, course_version=1))
    assert [(q.id, q.kind, q.text["nl"]) for q in pool.questions] == [
        ("q1", "single", "Welke?"),
        ("q2", "multiple", "Welke?"),
    ]
    assert "right" not in pool.model_dump_json() and "Voilà" not in pool.model_dump_json()
    with pytest.raises(RuleBroken):
        application.pool(AskPool(course=name, course_version=2))


def test_an_upload_tells_which_version_it_is_before_and_after(
    application: Application, course: Path, blobs: BlobFolder, name: str
) -> None:
    upload = uploaded(course, blobs)
    asked = AskUpload(upload=upload)
    head = application.log.head()
    assert application.upload(asked) == UploadView(course=name, course_version=None)
    assert application.log.head() == head, "asking publishes nothing"
    one(application, publishing(upload))
    assert application.upload(asked) == UploadView(course=name, course_version=1)
    one(application, withdrawing(name, 1))
    assert application.upload(asked) == UploadView(course=name, course_version=1)
    change(course, "course.yaml", "minutes: 20", "minutes: 25")
    assert application.upload(AskUpload(upload=uploaded(course, blobs))).course_version is None
    change(course, "course.yaml", "minutes: 25", "minutes: none")
    with pytest.raises(RuleBroken) as broken:
        application.upload(AskUpload(upload=uploaded(course, blobs)))
    assert broken.value.rule is Rule.COURSE_FAULTY


def test_a_version_tells_how_much_it_holds(
    application: Application, course: Path, blobs: BlobFolder, name: str
) -> None:
    one(application, publishing(uploaded(course, blobs)))
    (version,) = summary(application, name).versions
    assert (version.parts, version.pages, version.minutes, version.questions) == (2, 4, 35, 2)
    assert (version.test.draw, version.test.pass_mark_percent, version.validity_months) == (2, 80, 24)
    assert version.title == {"fr": "Petit cours", "nl": "Kleine cursus"}
