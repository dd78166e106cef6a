"""What progress accepts at its door: whose record, which version, which time, which language. No database."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.backbone.commands import CommandDesk
from services.contracts import progress as contracts
from services.contracts.access import Actor, Role
from services.contracts.message import Done, Outcome, Refused
from services.contracts.progress import ProgressCommand, record_id_of
from services.contracts.rules import Rule
from services.progress.application import Application, Decisions
from tests.support.examples import ANSWER_KEYS, NOON, PUBLISHED
from tests.support.memory_log import MemoryLog
from tests.unit.progress.words import ANN, BEN, PC_A, PC_B, first, moment, named

COURSE = "recognising"
NOW = moment(60)
HALF_PAST = moment(30)
RECORD = record_id_of(ANN, COURSE)


class Catalogue(MemoryLog):
    """The log, and beside it what progress keeps of other feeds: versions by number, and who left."""

    def __init__(self) -> None:
        super().__init__("progress")
        self.versions: dict[int, bool] = {1: True}
        self.left: set[UUID] = set()
        self.during_select: list[Callable[[], None]] = []

    def select(self, query: str, params: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        if "FROM departed" in query:
            return [(person,) for person in params[0] if person in self.left]
        offered = [version for version, is_offered in self.versions.items() if is_offered]
        if "max(version)" in query:
            return [(COURSE, max(offered))] if COURSE in params[0] and offered else []
        course, version = params
        if course != COURSE or version not in self.versions:
            return []
        outline = PUBLISHED.model_copy(update={"course_version": version})
        keys = [key.model_dump(mode="json") for key in ANSWER_KEYS.questions]
        return [(outline.model_dump(mode="json"), keys)]


class Door:
    """Where Ann's commands arrive, one after the other."""

    def __init__(self) -> None:
        self.log = Catalogue()
        self.now = NOW
        self.decisions = Decisions(self.log, first)  # type: ignore[arg-type]
        self.desk: CommandDesk[ProgressCommand] = CommandDesk(
            self.log,  # type: ignore[arg-type]
            self.decisions,
            lambda _: None,
            lambda: self.now,
        )

    def send(self, kind: type[Any], person: UUID = ANN, at: datetime = HALF_PAST, **body: Any) -> Outcome:
        command = kind(command_id=uuid4(), occurred_at=at, **body)
        return self.desk.execute([(actor(person), command)])[0]

    def step(self, kind: type[Any], person: UUID = ANN, at: datetime = HALF_PAST, **body: Any) -> Outcome:
        return self.send(kind, person, at, **{"record_id": RECORD} | body)


def actor(person: UUID) -> Actor:
    return Actor(person_id=person, roles=frozenset({Role.LEARNER}), expires_at=NOW + timedelta(hours=1))


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
def opened(door: Door) -> Door:
    """Ann's record was opened at noon and a session runs."""
    accepted(door.send(contracts.OpenRecord, at=NOON, course=COURSE, language="fr"))
    accepted(door.step(contracts.StartSession, session_id=PC_A, language="fr"))
    return door


def accepted(outcome: Outcome) -> None:
    assert isinstance(outcome, Done) and outcome.outcome == "accepted", outcome


def refused(outcome: Outcome, rule: Rule) -> dict[str, str]:
    assert isinstance(outcome, Refused) and outcome.rule == rule, outcome
    return outcome.params


IN_SESSION: dict[str, tuple[type[Any], dict[str, Any]]] = {
    "change_language": (contracts.ChangeLanguage, {"language": "nl"}),
    "start_module": (contracts.StartModule, {"module": "introduction"}),
    "reach_checkpoint": (contracts.ReachCheckpoint, {"module": "introduction", "checkpoint": "welcome"}),
    "complete_module": (contracts.CompleteModule, {"module": "introduction"}),
    "start_quiz": (contracts.StartQuiz, {}),
    "submit_quiz": (contracts.SubmitQuiz, {"attempt": 1, "answers": {}}),
    "end_session": (contracts.EndSession, {}),
}
STEPS = {name: c for name, c in IN_SESSION.items() if issubclass(c[0], contracts.StepCommand)}
ALL = IN_SESSION | {"start_session": (contracts.StartSession, {"session_id": PC_B, "language": "nl"})}


def body_of(kind: type[Any], body: dict[str, Any], version: int = 1) -> dict[str, Any]:
    of_session = {"session_id": PC_A} if issubclass(kind, contracts.SessionCommand) else {}
    of_version = {"course_version": version} if issubclass(kind, contracts.StepCommand) else {}
    return of_session | of_version | body


every_command = pytest.mark.parametrize(("kind", "body"), ALL.values(), ids=ALL)
every_step = pytest.mark.parametrize(("kind", "body"), STEPS.values(), ids=STEPS)


def test_the_commands_of_these_tests_are_all_there_are() -> None:
    assert {kind for kind, _ in ALL.values()} | {contracts.OpenRecord} == set(
        contracts.ProgressCommand.__args__[0].__args__  # type: ignore[attr-defined]
    )


def test_one_way_through_the_course_is_accepted_step_by_step(opened: Door) -> None:
    for module in PUBLISHED.modules[:-1]:
        at_version = {"session_id": PC_A, "course_version": 1, "module": module.id}
        accepted(opened.step(contracts.StartModule, **at_version))
        for page in module.checkpoints:
            accepted(opened.step(contracts.ReachCheckpoint, **at_version, checkpoint=page.id))
        accepted(opened.step(contracts.CompleteModule, **at_version))
    at_version = {"session_id": PC_A, "course_version": 1}
    accepted(opened.step(contracts.StartModule, **at_version, module=PUBLISHED.modules[-1].id))
    accepted(opened.step(contracts.StartQuiz, **at_version))
    answers = {f"q{n:02}": ("b",) for n in range(5)}
    accepted(opened.step(contracts.SubmitQuiz, **at_version, attempt=1, answers=answers))
    accepted(opened.step(contracts.ChangeLanguage, session_id=PC_A, language="nl"))
    accepted(opened.step(contracts.EndSession, session_id=PC_A))
    assert opened.log.load([RECORD])[RECORD].completed_at == moment(30)


# --- opening -------------------------------------------------------------------------------------


def test_a_record_pins_the_newest_version_on_offer(door: Door) -> None:
    door.log.versions = {1: True, 2: True, 3: False}
    accepted(door.send(contracts.OpenRecord, course=COURSE, language="fr"))
    assert door.log.load([RECORD])[RECORD].course_version == 2


def test_opening_again_keeps_the_version_that_was_pinned(opened: Door) -> None:
    opened.log.versions = {1: True, 2: True}
    head = opened.log.head()
    accepted(opened.send(contracts.OpenRecord, course=COURSE, language="nl"))
    assert opened.log.head() == head
    assert opened.log.load([RECORD])[RECORD].course_version == 1


def test_another_period_is_another_record(opened: Door) -> None:
    head = opened.log.head()
    accepted(opened.send(contracts.OpenRecord, course=COURSE, language="fr", period=2))
    assert opened.log.read(head, 10)[0].event.originator_id == record_id_of(ANN, COURSE, 2)


def test_a_course_that_does_not_exist_is_unknown(door: Door) -> None:
    assert refused(door.send(contracts.OpenRecord, course="poetry", language="fr"), Rule.COURSE_UNKNOWN) == {
        "course": "poetry"
    }


def test_a_course_of_which_every_version_is_withdrawn_is_not_offered(door: Door) -> None:
    accepted(door.send(contracts.OpenRecord, person=BEN, course=COURSE, language="fr"))
    door.log.versions = {1: False}
    refused(door.send(contracts.OpenRecord, course=COURSE, language="fr"), Rule.COURSE_UNKNOWN)


def test_a_withdrawn_version_is_finished_by_those_who_began_it(opened: Door) -> None:
    opened.log.versions = {1: False, 2: True}
    accepted(opened.step(contracts.StartModule, session_id=PC_A, course_version=1, module="introduction"))


def test_a_language_that_the_course_does_not_have_is_refused(opened: Door) -> None:
    for outcome in (
        opened.send(contracts.OpenRecord, person=BEN, course=COURSE, language="de"),
        opened.step(contracts.StartSession, session_id=PC_B, language="en"),
        opened.step(contracts.ChangeLanguage, session_id=PC_A, language="de"),
    ):
        refused(outcome, Rule.LANGUAGE_UNKNOWN)


def test_batches_that_overlap_do_not_take_away_what_the_other_looked_up(door: Door) -> None:
    """Another batch, which opens no record and whose people all work here, is prepared in between."""
    door.log.left = {BEN}
    load = door.log.load

    def after_another_was_prepared(stream_ids: Any) -> Any:
        someone = contracts.EndSession(
            command_id=uuid4(), occurred_at=NOON, record_id=uuid4(), session_id=PC_A
        )
        door.decisions.prepare([(actor(named("Eva")), someone)])
        return load(stream_ids)

    door.log.load = after_another_was_prepared  # type: ignore[method-assign]
    accepted(door.send(contracts.OpenRecord, course=COURSE, language="fr"))
    refused(door.send(contracts.OpenRecord, person=BEN, course=COURSE, language="fr"), Rule.PERSON_WITHDRAWN)


# --- whose, and which version --------------------------------------------------------------------


@every_command
def test_nobody_acts_in_the_record_of_another(opened: Door, kind: type[Any], body: dict[str, Any]) -> None:
    assert refused(opened.step(kind, person=BEN, **body_of(kind, body)), Rule.NOT_YOURS) == {}


@every_command
def test_a_record_that_does_not_exist_is_answered_in_the_same_way(
    door: Door, kind: type[Any], body: dict[str, Any]
) -> None:
    assert refused(door.step(kind, **body_of(kind, body)), Rule.NOT_YOURS) == {}


@every_step
@pytest.mark.parametrize("version", [0, 2])
def test_a_step_in_another_version_than_the_pinned_one_is_refused(
    opened: Door, kind: type[Any], body: dict[str, Any], version: int
) -> None:
    outcome = opened.step(kind, **body_of(kind, body, version))
    assert refused(outcome, Rule.VERSION_NOT_PINNED) == {"pinned": "1"}


@every_command
def test_nothing_is_accepted_for_a_person_who_left(
    opened: Door, kind: type[Any], body: dict[str, Any]
) -> None:
    opened.log.left = {ANN}
    refused(opened.step(kind, **body_of(kind, body)), Rule.PERSON_WITHDRAWN)


def test_who_left_opens_no_record(door: Door) -> None:
    door.log.left = {ANN}
    refused(door.send(contracts.OpenRecord, course=COURSE, language="fr"), Rule.PERSON_WITHDRAWN)


def test_a_record_whose_version_progress_does_not_know_cannot_go_on(opened: Door) -> None:
    opened.log.versions = {}
    opened.decisions._outline.cache_clear()
    refused(opened.step(contracts.StartSession, session_id=PC_B, language="fr"), Rule.VERSION_UNKNOWN)


# --- time ----------------------------------------------------------------------------------------


@every_command
def test_a_step_from_the_future_is_refused(opened: Door, kind: type[Any], body: dict[str, Any]) -> None:
    late = NOW + timedelta(minutes=5, seconds=1)
    refused(opened.step(kind, at=late, **body_of(kind, body)), Rule.TIME_IN_FUTURE)


@every_command
def test_a_step_dated_before_the_record_was_opened_is_refused(
    opened: Door, kind: type[Any], body: dict[str, Any]
) -> None:
    outcome = opened.step(kind, at=moment(-1), **body_of(kind, body))
    assert refused(outcome, Rule.BEFORE_OPENED) == {"opened_at": NOON.isoformat()}


@every_command
def test_a_step_older_than_fourteen_days_is_refused(
    opened: Door, kind: type[Any], body: dict[str, Any]
) -> None:
    opened.now = moment(30) + timedelta(days=14, seconds=1)
    assert refused(opened.step(kind, **body_of(kind, body)), Rule.TIME_TOO_OLD) == {"days": "14"}


def test_a_step_that_is_fourteen_days_old_still_counts(opened: Door) -> None:
    opened.now = moment(30) + timedelta(days=14)
    accepted(opened.step(contracts.ChangeLanguage, session_id=PC_A, language="nl"))


def test_a_command_that_nobody_carries_out_is_a_mistake_in_the_code(opened: Door) -> None:
    class Dance(contracts.RecordCommand):
        type: str = "progress.dance"

    with pytest.raises(TypeError, match="nobody carries out"):
        opened.step(Dance)


# --- where to go on ------------------------------------------------------------------------------


@pytest.fixture
def application(opened: Door) -> Application:
    """The application around the same door, without a database."""
    application = Application.__new__(Application)
    application.log, application.decisions = opened.log, opened.decisions  # type: ignore[assignment]
    return application


def test_a_record_says_where_to_go_on(opened: Door, application: Application) -> None:
    at_version = {"session_id": PC_A, "course_version": 1, "module": "introduction"}
    accepted(opened.step(contracts.StartModule, **at_version))
    accepted(opened.step(contracts.ReachCheckpoint, **at_version, checkpoint="welcome"))
    view = application.record(actor(ANN), RECORD)
    assert (view.record_id, view.course, view.course_version, view.period) == (RECORD, COURSE, 1, 1)
    assert (view.session_id, view.language) == (PC_A, "fr")
    assert view.resume_at == ("introduction", "welcome")
    assert view.modules_started == ("introduction",) and view.modules_completed == ()
    assert view.checkpoints_reached == {"introduction": ("welcome",)} and view.completed_in == {}
    assert (view.quiz_open, view.quiz, view.attempts_left, view.last_attempt) == (False, None, 3, None)
    assert view.position == opened.log.head()


def test_an_open_attempt_is_shown_with_its_questions(opened: Door, application: Application) -> None:
    at_version = {"session_id": PC_A, "course_version": 1}
    for module in PUBLISHED.modules[:-1]:
        opened.step(contracts.StartModule, **at_version, module=module.id)
        for page in module.checkpoints:
            opened.step(contracts.ReachCheckpoint, **at_version, module=module.id, checkpoint=page.id)
        opened.step(contracts.CompleteModule, **at_version, module=module.id)
    assert application.record(actor(ANN), RECORD).quiz_open
    opened.step(contracts.StartModule, **at_version, module=PUBLISHED.modules[-1].id)
    accepted(opened.step(contracts.StartQuiz, **at_version))
    view = application.record(actor(ANN), RECORD)
    assert view.quiz is not None
    assert (view.quiz.attempt, view.quiz.questions) == (1, ("q00", "q01", "q02", "q03", "q04"))
    accepted(opened.step(contracts.SubmitQuiz, **at_version, attempt=1, answers={}))
    failed = application.record(actor(ANN), RECORD)
    assert (failed.quiz, failed.attempts_left) == (None, 2)
    graded = failed.last_attempt
    assert graded is not None
    assert (graded.attempt, graded.right, graded.asked, graded.passed) == (1, 0, 5, False)
    keys = {key.id: key for key in ANSWER_KEYS.questions}
    assert [(m.question, m.module, m.explanation) for m in graded.missed] == [
        (question, keys[question].module, keys[question].explanation) for question in view.quiz.questions
    ]
    opened.step(contracts.StartQuiz, **at_version)
    right = {f"q{n:02}": ("b",) for n in range(5)}
    accepted(opened.step(contracts.SubmitQuiz, **at_version, attempt=2, answers=right))
    passed = application.record(actor(ANN), RECORD)
    assert passed.completed_at == moment(30) and not passed.quiz_open
    assert passed.completed_in == {module.id: "fr" for module in PUBLISHED.modules}


@pytest.mark.parametrize("record", [RECORD, uuid4()], ids=["of another", "that does not exist"])
def test_a_record_is_shown_to_nobody_else(opened: Door, application: Application, record: UUID) -> None:
    with pytest.raises(Exception, match="not-yours"):
        application.record(actor(BEN), record)
