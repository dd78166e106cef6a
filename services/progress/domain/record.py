"""A training record: what can happen in it, what it remembers, what it allows. No I/O, no clock, no chance."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from services.backbone.aggregate import Act, Aggregate, Beginning, Fact
from services.contracts.message import Language, Localised, Slug
from services.contracts.rules import Rule, RuleBroken

Choose = Callable[[Sequence[str], int], list[str]]
"""Draws so many questions from a pool: chance, as an argument."""


@dataclass(frozen=True, slots=True)
class Outline:
    """A published course version, as far as a record needs it; `modules` maps parts to checkpoints, in order."""

    course: str
    version: int
    languages: frozenset[str]
    modules: Mapping[str, tuple[str, ...]]
    test_module: str
    draw: int
    pass_mark_percent: int
    attempts_allowed: int
    validity_months: int
    keys: Mapping[str, tuple[frozenset[str], frozenset[str]]]
    """question → (its options, those that are right)"""
    topics: Mapping[str, tuple[str, Localised | None]] = field(default_factory=dict)
    """question → (the part it is about, what there is to know)"""

    def before(self, module: str) -> list[str]:
        """The parts that come before this one."""
        order = list(self.modules)
        return order[: order.index(module)]

    def grade(self, questions: Sequence[str], answers: Mapping[str, Sequence[str]]) -> list[str]:
        """The questions that were answered wrongly; right means: exactly the right options were chosen."""
        return [q for q in questions if frozenset(answers.get(q, ())) != self.keys[q][1]]


@dataclass(slots=True)
class Attempt:
    """An attempt at the test that was begun and not handed in."""

    number: int
    questions: tuple[str, ...]


class RecordFact(Fact):
    """Every fact of a record says whose it is and which version it pins, so that it can be read alone."""

    person_id: UUID
    course: Slug
    course_version: int

    def apply(self, aggregate: Any) -> None:
        """Change nothing: the fact is remembered by being stored."""


class QuizGraded(RecordFact):
    """What a failed and a passed attempt have in common."""

    attempt: int
    right: int
    asked: int
    answers: dict[Slug, tuple[Slug, ...]]
    wrong: tuple[Slug, ...]
    language: Language

    def apply(self, aggregate: "TrainingRecord") -> None:
        """The attempt is used up."""
        aggregate.attempt = None
        aggregate.attempts_used = self.attempt
        aggregate.last_graded = self


class TrainingRecord(Aggregate):
    """One person's way through one course version, once. Parts complete at most once, nothing goes back."""

    TOPIC: ClassVar[str] = "progress.TrainingRecord"

    class RecordOpened(RecordFact, Beginning):
        """The way begins; the version stays pinned."""

        TOPIC: ClassVar[str] = "progress.TrainingRecord.RecordOpened"
        period: int
        language: Language

    class SessionStarted(RecordFact):
        """The learner sat down at a PC."""

        TOPIC: ClassVar[str] = "progress.TrainingRecord.SessionStarted"
        session_id: UUID
        language: Language
        resume_at: tuple[Slug, Slug] | None

        def apply(self, aggregate: "TrainingRecord") -> None:
            """This session runs now."""
            aggregate.session = self.session_id
            aggregate.language = self.language

    class SessionAbandoned(RecordFact):
        """Another session took over."""

        TOPIC: ClassVar[str] = "progress.TrainingRecord.SessionAbandoned"
        session_id: UUID
        taken_over_by: UUID

        def apply(self, aggregate: "TrainingRecord") -> None:
            """The session is over, and known as abandoned."""
            aggregate.session = None
            aggregate.abandoned.add(self.session_id)

    class SessionEnded(RecordFact):
        """The learner stopped, on purpose."""

        TOPIC: ClassVar[str] = "progress.TrainingRecord.SessionEnded"
        session_id: UUID

        def apply(self, aggregate: "TrainingRecord") -> None:
            """The session is over."""
            aggregate.session = None
            aggregate.ended.add(self.session_id)

    class LanguageChanged(RecordFact):
        """The learner goes on in another language."""

        TOPIC: ClassVar[str] = "progress.TrainingRecord.LanguageChanged"
        session_id: UUID
        language: Language

        def apply(self, aggregate: "TrainingRecord") -> None:
            """Only the language changes."""
            aggregate.language = self.language

    class ModuleStarted(RecordFact):
        """A part was begun."""

        TOPIC: ClassVar[str] = "progress.TrainingRecord.ModuleStarted"
        module: Slug
        language: Language

        def apply(self, aggregate: "TrainingRecord") -> None:
            """Its checkpoints may be reached now."""
            aggregate.reached[self.module] = []

    class CheckpointReached(RecordFact):
        """A page was reached for the first time."""

        TOPIC: ClassVar[str] = "progress.TrainingRecord.CheckpointReached"
        module: Slug
        checkpoint: Slug
        language: Language

        def apply(self, aggregate: "TrainingRecord") -> None:
            """Once; a page is never unread."""
            aggregate.reached[self.module].append(self.checkpoint)

    class ModuleCompleted(RecordFact):
        """A part was finished, and in which language."""

        TOPIC: ClassVar[str] = "progress.TrainingRecord.ModuleCompleted"
        module: Slug
        language: Language

        def apply(self, aggregate: "TrainingRecord") -> None:
            """Once and for all."""
            aggregate.completed[self.module] = self.language

    class QuizStarted(RecordFact):
        """An attempt began with these questions."""

        TOPIC: ClassVar[str] = "progress.TrainingRecord.QuizStarted"
        attempt: int
        questions: tuple[Slug, ...]
        language: Language

        def apply(self, aggregate: "TrainingRecord") -> None:
            """It can be handed in now, from any PC."""
            aggregate.attempt = Attempt(self.attempt, self.questions)

    class QuizFailed(QuizGraded):
        """Below the pass mark."""

        TOPIC: ClassVar[str] = "progress.TrainingRecord.QuizFailed"
        attempts_left: int

    class QuizPassed(QuizGraded):
        """At or above the pass mark."""

        TOPIC: ClassVar[str] = "progress.TrainingRecord.QuizPassed"

    class CourseCompleted(RecordFact):
        """Everything was followed and the test passed."""

        TOPIC: ClassVar[str] = "progress.TrainingRecord.CourseCompleted"
        validity_months: int

        def apply(self, aggregate: "TrainingRecord") -> None:
            """The record is closed."""
            aggregate.completed_at = self.occurred_at

    # --- what a record remembers -----------------------------------------------------------------

    def __init__(
        self,
        person_id: UUID,
        course: str,
        course_version: int,
        period: int,
        language: Language,
        occurred_at: datetime,
    ) -> None:
        self.person_id = person_id
        self.course = course
        self.course_version = course_version
        self.period = period
        self.language: Language = language
        self.session: UUID | None = None
        self.abandoned: set[UUID] = set()
        self.ended: set[UUID] = set()
        self.reached: dict[str, list[str]] = {}
        self.completed: dict[str, Language] = {}
        self.attempt: Attempt | None = None
        self.attempts_used = 0
        self.last_graded: QuizGraded | None = None
        self.opened_at = occurred_at
        self.completed_at: datetime | None = None

    # --- what a record allows --------------------------------------------------------------------

    @classmethod
    def open(
        cls, record_id: UUID, person_id: UUID, outline: Outline, period: int, language: Language, act: Act
    ) -> "TrainingRecord":
        """Open a record; the outline's version is pinned."""
        return cls.begin(
            cls.RecordOpened,
            record_id,
            act,
            person_id=person_id,
            course=outline.course,
            course_version=outline.version,
            period=period,
            language=language,
        )

    def resume_at(self, outline: Outline) -> tuple[str, str] | None:
        """Where to go on: the page furthest on in the course that was reached, so it never moves backwards."""
        for module, checkpoints in reversed(list(outline.modules.items())):
            reached = set(self.reached.get(module, ()))
            for checkpoint in reversed(checkpoints):
                if checkpoint in reached:
                    return module, checkpoint
        return None

    def start_session(self, session_id: UUID, language: Language, outline: Outline, act: Act) -> None:
        """Sit down. A session that still runs elsewhere is abandoned; nothing of it is lost."""
        if session_id == self.session:
            return
        self._not_over(session_id)
        if self.session is not None:
            self._tell(self.SessionAbandoned, act, session_id=self.session, taken_over_by=session_id)
        place = self.resume_at(outline)
        self._tell(self.SessionStarted, act, session_id=session_id, language=language, resume_at=place)

    def end_session(self, session_id: UUID, act: Act) -> None:
        """Stop for now; stopping twice is stopping once."""
        if session_id in self.ended:
            return
        self._within(session_id)
        self._tell(self.SessionEnded, act, session_id=session_id)

    def change_language(self, session_id: UUID, language: Language, act: Act) -> None:
        """Go on in another language at the same place."""
        self._within(session_id)
        if language != self.language:
            self._tell(self.LanguageChanged, act, session_id=session_id, language=language)

    def start_module(self, session_id: UUID, module: str, outline: Outline, act: Act) -> None:
        """Begin a part: those before it must be complete."""
        self._within(session_id)
        if module not in outline.modules:
            raise RuleBroken(Rule.MODULE_UNKNOWN, module=module)
        if module in self.reached:
            return
        if missing := [m for m in outline.before(module) if m not in self.completed]:
            raise RuleBroken(Rule.MODULE_OUT_OF_ORDER, module=module, first=missing[0])
        self._tell(self.ModuleStarted, act, module=module, language=self.language)

    def reach_checkpoint(
        self, session_id: UUID, module: str, checkpoint: str, outline: Outline, act: Act
    ) -> None:
        """Reach a page. Reaching it again, or reading on after completion, is welcome and changes nothing."""
        self._within(session_id)
        self._known(module, outline)
        if checkpoint not in outline.modules[module]:
            raise RuleBroken(Rule.CHECKPOINT_UNKNOWN, module=module, checkpoint=checkpoint)
        if checkpoint in self._started(module) or self.completed_at is not None:
            return
        self._tell(self.CheckpointReached, act, module=module, checkpoint=checkpoint, language=self.language)

    def complete_module(self, session_id: UUID, module: str, outline: Outline, act: Act) -> None:
        """Finish a part: all its checkpoints were reached. The test's own part ends with the test."""
        self._within(session_id)
        self._known(module, outline)
        if module in self.completed:
            return
        started = self._started(module)
        if missing := [c for c in outline.modules[module] if c not in started]:
            raise RuleBroken(Rule.CHECKPOINTS_MISSING, module=module, missing=", ".join(missing))
        if module == outline.test_module:
            raise RuleBroken(Rule.QUIZ_NOT_OPEN, module=module)
        self._open()
        self._tell(self.ModuleCompleted, act, module=module, language=self.language)

    def start_quiz(self, session_id: UUID, outline: Outline, choose: Choose, act: Act) -> None:
        """Begin an attempt, in the test's own part; while one is open, beginning again is going on with it."""
        self._within(session_id)
        self._open()
        if self.attempt is not None:
            return
        if missing := [m for m in outline.before(outline.test_module) if m not in self.completed]:
            raise RuleBroken(Rule.MODULES_MISSING, missing=", ".join(missing))
        self._started(outline.test_module)
        if self.attempts_used >= outline.attempts_allowed:
            raise RuleBroken(Rule.ATTEMPTS_EXHAUSTED, allowed=outline.attempts_allowed)
        drawn = choose(sorted(outline.keys), min(outline.draw, len(outline.keys)))
        self._tell(
            self.QuizStarted,
            act,
            attempt=self.attempts_used + 1,
            questions=tuple(drawn),
            language=self.language,
        )

    def submit_quiz(
        self,
        session_id: UUID,
        attempt: int,
        answers: Mapping[str, tuple[str, ...]],
        outline: Outline,
        act: Act,
    ) -> None:
        """Hand in the open attempt. It is graded here, from the pinned version."""
        self._within(session_id)
        self._open()
        if self.attempt is None or self.attempt.number != attempt:
            raise RuleBroken(Rule.QUIZ_NOT_OPEN, attempt=attempt)
        for question, chosen in answers.items():
            if question not in self.attempt.questions or not set(chosen) <= outline.keys[question][0]:
                raise RuleBroken(Rule.ANSWERS_DO_NOT_FIT, question=question)
        asked = self.attempt.questions
        wrong = outline.grade(asked, answers)
        graded = {
            "attempt": attempt,
            "right": len(asked) - len(wrong),
            "asked": len(asked),
            "answers": {q: tuple(sorted(set(c))) for q, c in answers.items()},
            "wrong": tuple(wrong),
            "language": self.language,
        }
        # Compared in whole numbers: 8 of 10 is 80 %, whatever floating point makes of it.
        if (len(asked) - len(wrong)) * 100 < outline.pass_mark_percent * len(asked):
            left = outline.attempts_allowed - attempt
            self._tell(self.QuizFailed, act, attempts_left=left, **graded)
            return
        self._tell(self.QuizPassed, act, **graded)
        self._tell(self.ModuleCompleted, act, module=outline.test_module, language=self.language)
        self._tell(self.CourseCompleted, act, validity_months=outline.validity_months)

    # --- the rules, each once --------------------------------------------------------------------

    def _not_over(self, session_id: UUID) -> None:
        if session_id in self.abandoned:
            raise RuleBroken(Rule.SESSION_ABANDONED)
        if session_id in self.ended:
            raise RuleBroken(Rule.SESSION_ENDED)

    def _within(self, session_id: UUID) -> None:
        if session_id != self.session:
            self._not_over(session_id)
            raise RuleBroken(Rule.SESSION_MISSING)

    def _open(self) -> None:
        if self.completed_at is not None:
            raise RuleBroken(Rule.RECORD_COMPLETED)

    def _known(self, module: str, outline: Outline) -> None:
        if module not in outline.modules:
            raise RuleBroken(Rule.MODULE_UNKNOWN, module=module)

    def _started(self, module: str) -> list[str]:
        if module not in self.reached:
            raise RuleBroken(Rule.MODULE_NOT_STARTED, module=module)
        return self.reached[module]

    def _tell(self, event: type[Fact], act: Act, **body: Any) -> None:
        self.record(
            event,
            act,
            person_id=self.person_id,
            course=self.course,
            course_version=self.course_version,
            **body,
        )
