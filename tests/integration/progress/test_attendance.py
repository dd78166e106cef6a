"""What trainers note becomes part of people's histories: once, in order, also when the process dies at any step."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from services.backbone.commands import CommandDesk
from services.backbone.feed import FeedSource
from services.backbone.follower import apply_page, checkpoint
from services.backbone.log import StoreAway
from services.backbone.policies import Timekeeper
from services.contracts.message import FeedItem, FeedPage
from services.contracts.progress import ClassOutcomeNoted, ProgressPage, class_record_id_of
from services.contracts.scheduling import PersonWithdrawn, SchedulingEvent
from services.contracts.scheduling.classes import ClassAttendanceNoted, ClassDay
from services.progress.application import Application, Decided
from services.progress.attendance import Attendance, acting
from services.progress.catalogue import Roster
from services.progress.domain import NoteOutcome
from services.progress.feed import to_contract
from tests.integration.conftest import Database

TRAINER = UUID(int=77)
START = datetime.now(UTC).replace(microsecond=0) - timedelta(days=3)
DAYS = tuple(
    ClassDay(starts_at=START + timedelta(days=n), ends_at=START + timedelta(days=n, hours=7)) for n in (0, 1)
)
Days = tuple[bool | None, ...]


class Crash(BaseException):
    """The process is gone: nothing catches it."""


class Notes:
    """Scheduling's feed, as far as these tests need it."""

    def __init__(self) -> None:
        self.items: list[FeedItem[SchedulingEvent]] = []

    def say(self, event: Any) -> None:
        self.items.append(
            FeedItem(
                position=10 * (len(self.items) + 1),
                stream_id=uuid4(),
                stream_version=1,
                recorded_at=datetime.now(UTC),
                actor=TRAINER,
                command_id=uuid4(),
                topic="told",
                digest="0" * 64,
                event=event,
            )
        )

    def note(self, person_id: UUID, class_id: UUID, attended: Days, course: str = "in-depth") -> None:
        event = ClassAttendanceNoted(
            class_id=class_id,
            course=course,
            person_id=person_id,
            days=DAYS,
            day=1,
            present=bool(attended[0]),
            attended=attended,
            language="nl",
            validity_months=24,
            occurred_at=datetime.now(UTC),
        )
        self.say(event)

    def after(self, position: int, limit: int) -> FeedPage[SchedulingEvent]:
        items = tuple(item for item in self.items if item.position > position)[:limit]
        reached = items[-1].position if items else position
        return FeedPage(feed="scheduling", position=reached, head=reached, items=items)


class World:
    """The policy at work, and a process that can die at any of its steps."""

    def __init__(self, database: Database, application: Application, notes: Notes) -> None:
        self.notes = notes
        self.application = application
        self.connection = psycopg.connect(database.url, autocommit=True)
        self.policy = Attendance()
        self.keeper = Timekeeper(application.desk, [self.policy], acting=acting)

    def go(self, keeper: Timekeeper[NoteOutcome] | None = None, page: int = 2) -> None:
        """Follow and act until nothing is left to do."""
        for _ in range(20):
            with self.connection.cursor() as tx:
                after = checkpoint(tx, self.policy.name, "scheduling")
            found = self.notes.after(after, page)
            if found.items:
                apply_page(self.connection, [self.policy], "scheduling", after, found)
            (keeper or self.keeper).act(self.connection)
            if not found.items and not self.waiting():
                return

    def waiting(self) -> int:
        row = self.connection.execute("SELECT count(*) FROM class_noted").fetchone()
        assert row is not None
        return int(row[0])

    def told(self, *people: UUID) -> list[FeedItem[Any]]:
        items: list[FeedItem[Any]] = []
        position = 0
        while True:
            raw = FeedSource(self.application.log, to_contract).page(position, 1000).model_dump_json()
            page = ProgressPage.model_validate_json(raw)
            items += [i for i in page.items if isinstance(i.event, ClassOutcomeNoted)]
            if page.position == position:
                return [item for item in items if item.event.person_id in people]
            position = page.position

    def outcomes(self, *people: UUID) -> list[str]:
        return [item.event.outcome for item in self.told(*people)]


@pytest.fixture(scope="module")
def database(databases: dict[str, Database]) -> Database:
    return databases["progress"].migrated("services/progress/migrations")


@pytest.fixture
def world(
    database: Database, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    monkeypatch.setattr("services.backbone.policies.EVERY_SECONDS", 0.0)
    key = Path(environment["PARCOURS_ACTOR_PUBLIC_KEY"])
    application = Application(database.url, key, on_commit=lambda _: None)
    world = World(database, application, Notes())
    for table in ("class_noted", "class_period", "follower_checkpoint"):
        world.connection.execute(f"DELETE FROM {table}")
    yield world
    world.connection.close()
    application.log.close()


def test_full_attendance_completes_the_course_with_the_trainer_as_actor(world: World) -> None:
    ann, here = uuid4(), uuid4()
    world.notes.note(ann, here, (True, None))
    world.notes.note(ann, here, (True, True))
    world.go()
    begun, completed = world.told(ann)
    assert (begun.event.outcome, completed.event.outcome) == ("begun", "completed")
    assert completed.actor == TRAINER
    assert completed.stream_id == completed.event.record_id == class_record_id_of(here, ann)
    assert (begun.event.occurred_at, completed.event.occurred_at) == (DAYS[0].ends_at, DAYS[1].ends_at)
    assert (completed.event.language, completed.event.validity_months) == ("nl", 24)


def test_partial_attendance_no_show_and_corrections_are_events_of_their_own(world: World) -> None:
    ann, ben, here = uuid4(), uuid4(), uuid4()
    for attended in ((True, None), (True, False), (True, True)):
        world.notes.note(ann, here, attended)
    for attended in ((False, None), (False, False)):
        world.notes.note(ben, here, attended)
    world.go()
    assert world.outcomes(ann) == ["begun", "partial", "completed"]
    assert world.outcomes(ben) == ["absent", "absent"]
    assert [item.stream_version for item in world.told(ann)] == [1, 2, 3]


def test_each_session_of_a_course_is_a_period_of_its_own(world: World) -> None:
    ann, first, second, other = (uuid4() for _ in range(4))
    world.notes.note(ann, first, (True, False))
    world.notes.note(ann, second, (True, True))
    world.notes.note(ann, other, (True, True), course="another")
    world.notes.note(ann, first, (True, True))
    world.go()
    periods = [(item.event.class_id, item.event.period) for item in world.told(ann)]
    assert periods == [(first, 1), (second, 2), (other, 1), (first, 1)]


def test_who_left_since_keeps_what_they_followed(world: World) -> None:
    ann, here = uuid4(), uuid4()
    gone = PersonWithdrawn(person_id=ann, occurred_at=datetime.now(UTC))
    world.notes.say(gone)
    world.notes.note(ann, here, (True, True))
    page = world.notes.after(0, 1)
    apply_page(world.connection, [Roster()], "scheduling", 0, page)
    world.go()
    assert world.outcomes(ann) == ["completed"]


STEPS = ("applying", "asked", "before the desk", "in the commit", "after the commit", "remembering")


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("times", [1, 3])
def test_a_process_killed_at_any_step_does_the_rest_later_and_nothing_twice(
    world: World, step: str, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, ben, here = uuid4(), uuid4(), uuid4()
    for attended in ((True, None), (True, True), (True, False)):
        world.notes.note(ann, here, attended)
        world.notes.note(ben, here, attended)
    deaths = _kill(world, step, times, monkeypatch)
    for _ in range(times + 1):
        try:
            world.go(Timekeeper(world.application.desk, [world.policy], acting=acting))
        except Crash:
            continue
    assert deaths == [step] * times, "the process was not killed where it should be"
    assert world.waiting() == 0
    assert world.outcomes(ann) == world.outcomes(ben) == ["begun", "completed", "partial"]
    assert [item.stream_version for item in world.told(ann)] == [1, 2, 3]


def test_a_policy_without_ids_from_their_cause_would_tell_it_twice(world: World) -> None:
    """The negative control: the same notes, asked again under new ids, and of another knowledge in between."""
    ann, here = uuid4(), uuid4()
    world.notes.note(ann, here, (True, None))
    world.notes.note(ann, here, (True, True))
    world.go()
    with world.connection.cursor() as tx:
        tx.execute("DELETE FROM follower_checkpoint")
    ids = iter(uuid4() for _ in range(9))
    policy = Attendance()
    due = policy.due
    policy.due = lambda *asked: [  # type: ignore[method-assign]
        command.model_copy(update={"command_id": next(ids)}) for command in due(*asked)
    ]
    page = world.notes.after(0, 10)
    apply_page(world.connection, [policy], "scheduling", 0, page)
    Timekeeper(world.application.desk, [policy], acting=acting).act(world.connection)
    assert world.outcomes(ann) == ["begun", "completed", "begun", "completed"]


def _kill(world: World, step: str, times: int, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let the process die at a step, so many times; where it died."""
    deaths: list[str] = []

    def die() -> None:
        if len(deaths) < times:
            deaths.append(step)
            raise Crash

    def after(owner: Any, name: str) -> None:
        whole = getattr(owner, name)

        def dying(*args: Any, **kwargs: Any) -> Any:
            result = whole(*args, **kwargs)
            die()
            return result

        monkeypatch.setattr(owner, name, dying)

    def before(owner: Any, name: str) -> None:
        whole = getattr(owner, name)

        def dying(*args: Any, **kwargs: Any) -> Any:
            die()
            return whole(*args, **kwargs)

        monkeypatch.setattr(owner, name, dying)

    match step:
        case "applying":
            after(world.policy, "apply")
        case "asked":
            after(world.policy, "due")
        case "before the desk":
            before(world.application.desk, "execute")
        case "in the commit":
            before(world.application.log, "append")
        case "after the commit":
            after(world.application.desk, "execute")
        case "remembering":
            after(world.policy, "answered")
    return deaths


def test_while_the_log_is_away_notes_wait(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ann, here = uuid4(), uuid4()
    world.notes.note(ann, here, (True, True))
    away = [StoreAway("no turn at the log")]
    desk: CommandDesk[Decided] = world.application.desk
    whole = desk.execute

    def execute(requests: Sequence[Any]) -> Any:
        if away:
            raise away.pop()
        return whole(requests)

    monkeypatch.setattr(desk, "execute", execute)
    monkeypatch.setattr("services.backbone.policies.AGAIN_SECONDS", 0.0)
    world.go()
    assert (world.waiting(), world.outcomes(ann)) == (0, ["completed"])
