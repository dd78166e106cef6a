"""What progress does: one method per command kind and question. Looks things up; the record decides."""

import random
from collections.abc import Callable, Collection, Sequence
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from services.backbone.actor import TokenVerifier
from services.backbone.aggregate import Act
from services.backbone.clock import Clock, utc_now
from services.backbone.commands import CommandDesk, Streams, check_time
from services.backbone.feed import FeedSource
from services.backbone.limits import CLOCK_SKEW_SECONDS, STEP_AGE_DAYS
from services.backbone.log import EventLog
from services.contracts.access import Actor
from services.contracts.progress import (
    ChangeLanguage,
    CompleteModule,
    EndSession,
    GradedAttempt,
    Missed,
    OpenRecord,
    ProgressCommand,
    QuizView,
    ReachCheckpoint,
    RecordCommand,
    RecordView,
    StartModule,
    StartQuiz,
    StartSession,
    StepCommand,
    SubmitQuiz,
    record_id_of,
)
from services.contracts.rules import Rule, RuleBroken
from services.progress import catalogue
from services.progress.domain import (
    Choose,
    ClassRecord,
    NoteOutcome,
    Outline,
    QuizGraded,
    TrainingRecord,
)
from services.progress.feed import to_contract

OUTLINES_KEPT_MAX = 64
CHANCE: Choose = random.SystemRandom().sample

Decided = ProgressCommand | NoteOutcome
"""What learners ask for, and what follows from the notes of trainers."""


class Application:
    """One for the process; `serve` hands it to every call."""

    def __init__(
        self,
        database_url: str,
        actor_public_key: Path,
        on_commit: Callable[[int], None],
        clock: Clock = utc_now,
        choose: Choose = CHANCE,
    ) -> None:
        """`choose` draws the questions of a test; tests pass one without chance."""
        self.log = EventLog("progress", database_url)
        self.verifier = TokenVerifier(actor_public_key, clock)
        self.source = FeedSource(self.log, to_contract)
        self.decisions = Decisions(self.log, choose)
        self.desk: CommandDesk[Decided] = CommandDesk(self.log, self.decisions, on_commit, clock)

    def record(self, actor: Actor, record_id: UUID) -> RecordView:
        """Where a person's own record stands. Another's, or none, is refused in the same way."""
        record = self.log.load([record_id]).get(record_id)
        if not isinstance(record, TrainingRecord) or record.person_id != actor.person_id:
            raise RuleBroken(Rule.NOT_YOURS)
        outline = self.decisions.outline(record.course, record.course_version)
        view = _view(record, outline, self.log.positions([(record.id, record.version)]))
        self.log.keep([record])
        return view


class Decisions:
    """Brings together records, their pinned outlines and commands; the records decide."""

    def __init__(self, log: EventLog, choose: Choose) -> None:
        """Look up outlines and departures in the database of `log`."""
        self._log = log
        self.choose = choose
        self._outline = lru_cache(OUTLINES_KEPT_MAX)(self._read_outline)

    def prepare(self, requests: Sequence[tuple[Actor, Decided]]) -> "Deliberation":
        """Who of these people left, and, when somebody opens a record, which versions are newest."""
        departed = catalogue.departed(self._log.select, {actor.person_id for actor, _ in requests})
        courses = {command.course for _, command in requests if isinstance(command, OpenRecord)}
        newest = catalogue.newest_versions(self._log.select, courses) if courses else {}
        return Deliberation(self, departed, newest)

    def outline(self, course: str, version: int) -> Outline:
        """A published version; it never changes, so it is kept."""
        return self._outline(course, version)

    def _read_outline(self, course: str, version: int) -> Outline:
        found = catalogue.outline(self._log.select, course, version)
        if found is None:
            raise RuleBroken(Rule.VERSION_UNKNOWN, course=course, version=version)
        return found


class Deliberation:
    """Decides one batch."""

    def __init__(self, decisions: Decisions, departed: set[UUID], newest: dict[str, int]) -> None:
        """Decide with what was looked up: who left, and the newest version of each course to be opened."""
        self._decisions = decisions
        self._departed = departed
        self._newest = newest

    def streams(self, actor: Actor, command: Decided) -> Collection[UUID]:
        """The one record that a command is about."""
        if isinstance(command, OpenRecord):
            return [record_id_of(actor.person_id, command.course, command.period)]
        return [command.record_id]

    def decide(self, command: Decided, actor: Actor, act: Act, streams: Streams) -> None:
        """Carry out one command, or raise RuleBroken."""
        if isinstance(command, NoteOutcome):
            _note(command, act, streams)
            return
        check_time(command, act.recorded_at, CLOCK_SKEW_SECONDS)
        if act.recorded_at - act.occurred_at > timedelta(days=STEP_AGE_DAYS):
            raise RuleBroken(Rule.TIME_TOO_OLD, days=STEP_AGE_DAYS)
        if actor.person_id in self._departed:
            raise RuleBroken(Rule.PERSON_WITHDRAWN)
        if isinstance(command, OpenRecord):
            self._open(command, actor, act, streams)
        else:
            self._step(command, self._own_record(command, actor, act, streams), act)

    def _open(self, command: OpenRecord, actor: Actor, act: Act, streams: Streams) -> None:
        record_id = record_id_of(actor.person_id, command.course, command.period)
        if streams.get(record_id) is not None:
            return  # opened before: the version pinned then stays
        if command.course not in self._newest:
            raise RuleBroken(Rule.COURSE_UNKNOWN, course=command.course)
        outline = self._decisions.outline(command.course, self._newest[command.course])
        _offered(command.language, outline)
        streams.begin(
            TrainingRecord.open(record_id, actor.person_id, outline, command.period, command.language, act)
        )

    def _own_record(self, command: RecordCommand, actor: Actor, act: Act, streams: Streams) -> TrainingRecord:
        record = streams.get(command.record_id)
        if not isinstance(record, TrainingRecord) or record.person_id != actor.person_id:
            raise RuleBroken(Rule.NOT_YOURS)
        if act.occurred_at < record.opened_at:
            raise RuleBroken(Rule.BEFORE_OPENED, opened_at=record.opened_at.isoformat())
        if isinstance(command, StepCommand) and command.course_version != record.course_version:
            raise RuleBroken(Rule.VERSION_NOT_PINNED, pinned=record.course_version)
        return record

    def _step(self, command: RecordCommand, record: TrainingRecord, act: Act) -> None:
        outline = self._decisions.outline(record.course, record.course_version)
        match command:
            case StartSession():
                _offered(command.language, outline)
                record.start_session(command.session_id, command.language, outline, act)
            case EndSession():
                record.end_session(command.session_id, act)
            case ChangeLanguage():
                _offered(command.language, outline)
                record.change_language(command.session_id, command.language, act)
            case StartModule():
                record.start_module(command.session_id, command.module, outline, act)
            case ReachCheckpoint():
                record.reach_checkpoint(command.session_id, command.module, command.checkpoint, outline, act)
            case CompleteModule():
                record.complete_module(command.session_id, command.module, outline, act)
            case StartQuiz():
                record.start_quiz(command.session_id, outline, self._decisions.choose, act)
            case SubmitQuiz():
                record.submit_quiz(command.session_id, command.attempt, command.answers, outline, act)
            case _:
                raise TypeError(f"nobody carries out {command.type}")


def _note(command: NoteOutcome, act: Act, streams: Streams) -> None:
    """Take in what a trainer noted, of whoever it was and however late."""
    known = streams.get(command.record_id)
    if isinstance(known, ClassRecord):
        known.note_again(command, act)
    else:
        streams.begin(ClassRecord.note(command, act))


def _offered(language: str, outline: Outline) -> None:
    if language not in outline.languages:
        raise RuleBroken(Rule.LANGUAGE_UNKNOWN, language=language)


def _view(record: TrainingRecord, outline: Outline, positions: dict[tuple[UUID, int], int]) -> RecordView:
    attempt = record.attempt
    before_test = outline.before(outline.test_module)
    return RecordView(
        record_id=record.id,
        course=record.course,
        course_version=record.course_version,
        period=record.period,
        language=record.language,
        session_id=record.session,
        modules_started=tuple(record.reached),
        modules_completed=tuple(record.completed),
        completed_in=record.completed,
        checkpoints_reached={module: tuple(reached) for module, reached in record.reached.items()},
        resume_at=record.resume_at(outline),
        quiz_open=record.completed_at is None and all(m in record.completed for m in before_test),
        quiz=QuizView(attempt=attempt.number, questions=attempt.questions) if attempt else None,
        attempts_left=outline.attempts_allowed - record.attempts_used,
        last_attempt=_graded(record.last_graded, outline) if record.last_graded else None,
        completed_at=record.completed_at,
        position=positions[record.id, record.version],
    )


def _graded(graded: QuizGraded, outline: Outline) -> GradedAttempt:
    return GradedAttempt(
        attempt=graded.attempt,
        right=graded.right,
        asked=graded.asked,
        passed=isinstance(graded, TrainingRecord.QuizPassed),
        missed=tuple(
            Missed(question=question, module=module, explanation=explanation)
            for question in graded.wrong
            for module, explanation in [outline.topics[question]]
        ),
    )
