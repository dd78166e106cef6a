"""What progress says: how one person went through one course version, step by step."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID, uuid5

from pydantic import Field

from services.contracts.message import Command, Event, FeedPage, Language, Localised, Message, Slug, Whole

RECORDS = UUID("6f1f0f0e-6a53-5f0c-9d0b-6f6e4d1f7a10")
"""Namespace in which training records get their identity from their natural key."""


def record_id_of(person_id: UUID, course: str, period: int = 1) -> UUID:
    """The identity of a person's record for a course and period: everybody derives the same one."""
    return uuid5(RECORDS, f"{person_id}/{course}/{period}")


def class_record_id_of(class_id: UUID, person_id: UUID) -> UUID:
    """The identity of a person's record of an in-person session."""
    return uuid5(RECORDS, f"class/{class_id}/{person_id}")


# --- events --------------------------------------------------------------------------------------


class ProgressFact(Event):
    """What every event of a record says: whose record, which course and version, which period."""

    record_id: UUID
    person_id: UUID
    course: Slug
    course_version: int
    occurred_at: datetime


class RecordOpened(ProgressFact):
    """A person's way through a course version began; the version stays pinned."""

    type: Literal["progress.record_opened"] = "progress.record_opened"
    version: Literal[1] = 1
    period: int
    language: Language


class SessionStarted(ProgressFact):
    """The learner sat down at a PC and goes on at `resume_at` (part, checkpoint last reached)."""

    type: Literal["progress.session_started"] = "progress.session_started"
    version: Literal[1] = 1
    session_id: UUID
    language: Language
    resume_at: tuple[Slug, Slug] | None = None


class SessionAbandoned(ProgressFact):
    """Another session took over; this one can record nothing any more (as in cmi5)."""

    type: Literal["progress.session_abandoned"] = "progress.session_abandoned"
    version: Literal[1] = 1
    session_id: UUID
    taken_over_by: UUID


class SessionEnded(ProgressFact):
    """The learner stopped, on purpose."""

    type: Literal["progress.session_ended"] = "progress.session_ended"
    version: Literal[1] = 1
    session_id: UUID


class LanguageChanged(ProgressFact):
    """The learner goes on in another language; the place is kept."""

    type: Literal["progress.language_changed"] = "progress.language_changed"
    version: Literal[1] = 1
    session_id: UUID
    language: Language


class ModuleStarted(ProgressFact):
    """A part was begun."""

    type: Literal["progress.module_started"] = "progress.module_started"
    version: Literal[1] = 1
    module: Slug
    language: Language


class CheckpointReached(ProgressFact):
    """A page was reached for the first time."""

    type: Literal["progress.checkpoint_reached"] = "progress.checkpoint_reached"
    version: Literal[1] = 1
    module: Slug
    checkpoint: Slug
    language: Language


class ModuleCompleted(ProgressFact):
    """A part was finished, and in which language."""

    type: Literal["progress.module_completed"] = "progress.module_completed"
    version: Literal[1] = 1
    module: Slug
    language: Language


class QuizStarted(ProgressFact):
    """An attempt at the test of knowledge began with these questions, drawn from the pool."""

    type: Literal["progress.quiz_started"] = "progress.quiz_started"
    version: Literal[1] = 1
    attempt: int
    questions: tuple[Slug, ...]
    language: Language


class QuizGraded(ProgressFact):
    """What a graded attempt says: right answers out of those asked, and the options that were chosen."""

    attempt: int
    right: int
    asked: int
    answers: dict[Slug, tuple[Slug, ...]]
    wrong: tuple[Slug, ...]
    language: Language


class QuizFailed(QuizGraded):
    """Below the pass mark; `attempts_left` more are allowed."""

    type: Literal["progress.quiz_failed"] = "progress.quiz_failed"
    version: Literal[1] = 1
    attempts_left: int


class QuizPassed(QuizGraded):
    """At or above the pass mark."""

    type: Literal["progress.quiz_passed"] = "progress.quiz_passed"
    version: Literal[1] = 1


class CourseCompleted(ProgressFact):
    """The course was followed to the end and the test passed; valid for so many months from then."""

    type: Literal["progress.course_completed"] = "progress.course_completed"
    version: Literal[1] = 1
    validity_months: int


ClassOutcome = Literal["begun", "completed", "partial", "absent"]
"""There on every day; on some and the others are not noted; on some and not on others; on none that was noted."""


class ClassOutcomeNoted(Event):
    """What came of an in-person session for somebody, from what a trainer noted of each day by now.

    It took effect with the last day that is known. Noted again, the last one holds: the first stays in the log.
    Each session of a course is a period of its own.
    """

    type: Literal["progress.class_outcome_noted"] = "progress.class_outcome_noted"
    version: Literal[1] = 1
    record_id: UUID
    person_id: UUID
    course: Slug
    class_id: UUID
    period: int
    outcome: ClassOutcome
    attended: tuple[bool | None, ...]
    language: Language
    validity_months: int
    occurred_at: datetime


ProgressEvent = Annotated[
    RecordOpened
    | SessionStarted
    | SessionAbandoned
    | SessionEnded
    | LanguageChanged
    | ModuleStarted
    | CheckpointReached
    | ModuleCompleted
    | QuizStarted
    | QuizFailed
    | QuizPassed
    | CourseCompleted
    | ClassOutcomeNoted,
    Field(discriminator="type"),
]
ProgressPage = FeedPage[ProgressEvent]


# --- commands ------------------------------------------------------------------------------------


class OpenRecord(Command):
    """Open one's record for a course; the newest published version is pinned."""

    type: Literal["progress.open_record"] = "progress.open_record"
    course: Slug
    period: Annotated[Whole, Field(ge=1, le=1000)] = 1
    language: Language


class RecordCommand(Command):
    """A step within one's own record."""

    record_id: UUID


class StartSession(RecordCommand):
    """Sit down: begin, or take over from another PC."""

    type: Literal["progress.start_session"] = "progress.start_session"
    session_id: UUID
    language: Language


class SessionCommand(RecordCommand):
    """A step within the running session."""

    session_id: UUID


class EndSession(SessionCommand):
    """Stop for now."""

    type: Literal["progress.end_session"] = "progress.end_session"


class ChangeLanguage(SessionCommand):
    """Go on in another language."""

    type: Literal["progress.change_language"] = "progress.change_language"
    language: Language


class StepCommand(SessionCommand):
    """A step in the content; names the version it was made in, which must be the pinned one."""

    course_version: Whole


class StartModule(StepCommand):
    """Begin a part."""

    type: Literal["progress.start_module"] = "progress.start_module"
    module: Slug


class ReachCheckpoint(StepCommand):
    """Reach a page."""

    type: Literal["progress.reach_checkpoint"] = "progress.reach_checkpoint"
    module: Slug
    checkpoint: Slug


class CompleteModule(StepCommand):
    """Finish a part: all its pages were reached."""

    type: Literal["progress.complete_module"] = "progress.complete_module"
    module: Slug


class StartQuiz(StepCommand):
    """Begin an attempt at the test of knowledge."""

    type: Literal["progress.start_quiz"] = "progress.start_quiz"


class SubmitQuiz(StepCommand):
    """Hand in an attempt: for each drawn question the chosen options."""

    type: Literal["progress.submit_quiz"] = "progress.submit_quiz"
    attempt: Annotated[Whole, Field(ge=1, le=100)]
    answers: Annotated[dict[Slug, Annotated[tuple[Slug, ...], Field(max_length=20)]], Field(max_length=200)]


ProgressCommand = Annotated[
    OpenRecord
    | StartSession
    | EndSession
    | ChangeLanguage
    | StartModule
    | ReachCheckpoint
    | CompleteModule
    | StartQuiz
    | SubmitQuiz,
    Field(discriminator="type"),
]


# --- questions and answers -----------------------------------------------------------------------


class AskRecord(Message):
    """Where does one's own record stand, and where to go on?"""

    record_id: UUID


class QuizView(Message):
    """The attempt that is open: which questions were drawn."""

    attempt: int
    questions: tuple[Slug, ...]


class Missed(Message):
    """A question that was answered wrongly: the part it is about, and what there is to know (not which options)."""

    question: Slug
    module: Slug
    explanation: Localised | None


class GradedAttempt(Message):
    """The attempt that was graded last."""

    attempt: int
    right: int
    asked: int
    passed: bool
    missed: tuple[Missed, ...]


class RecordView(Message):
    """A record as its owner sees it; `resume_at` is where to go on, in any language, on any PC.

    `completed_in` says of each completed part in which language it ended.
    """

    record_id: UUID
    course: Slug
    course_version: int
    period: int
    language: Language
    session_id: UUID | None
    modules_started: tuple[Slug, ...]
    modules_completed: tuple[Slug, ...]
    completed_in: dict[Slug, Language]
    checkpoints_reached: dict[Slug, tuple[Slug, ...]]
    resume_at: tuple[Slug, Slug] | None
    quiz_open: bool
    quiz: QuizView | None
    attempts_left: int
    last_attempt: GradedAttempt | None
    completed_at: datetime | None
    position: int
