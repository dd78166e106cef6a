"""What content says: courses, their immutable versions, and the answer keys that only progress reads."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from services.contracts.message import (
    Command,
    Event,
    FeedPage,
    Language,
    Localised,
    Message,
    Sentence,
    Sha256,
    Slug,
    Whole,
)

PageKind = Literal["text", "clip", "interview", "exercise"]
ExerciseKind = Literal["single", "multiple", "case", "ordering", "matching", "place"]


class Checkpoint(Message):
    """A page, as a place that a learner can reach."""

    id: Slug
    title: Localised


class ModuleOutline(Message):
    """A part of the course: its pages in order; `test` marks the test of knowledge."""

    id: Slug
    title: Localised
    minutes: int
    checkpoints: tuple[Checkpoint, ...]
    test: bool = False


class TestRules(Message):
    """How many questions are drawn, what share must be right, how often one may try."""

    __test__ = False  # not a test, whatever pytest makes of its name

    draw: Annotated[int, Field(ge=1, le=200)]
    pass_mark_percent: Annotated[int, Field(ge=1, le=100)]
    attempts_allowed: Annotated[int, Field(ge=1, le=20)]


class CourseVersionPublished(Event):
    """A version exists from now on and never changes; `manifest` is the digest of its whole text."""

    type: Literal["content.course_version_published"] = "content.course_version_published"
    version: Literal[1] = 1
    course: Slug
    course_version: int
    title: Localised
    languages: tuple[Language, ...]
    modules: tuple[ModuleOutline, ...]
    test: TestRules
    validity_months: int
    sittings: int
    manifest: Sha256
    occurred_at: datetime


class AnswerKey(Message):
    """The options of one question, which of them are right, and why (to be shown after the test only)."""

    id: Slug
    module: Slug
    options: tuple[Slug, ...]
    right: tuple[Slug, ...]
    explanation: Localised | None = None


class AnswerKeyDeposited(Event):
    """The answer keys of a version's pool of questions. Confidential: never shown to anybody by the gateway."""

    type: Literal["content.answer_key_deposited"] = "content.answer_key_deposited"
    version: Literal[1] = 1
    course: Slug
    course_version: int
    questions: tuple[AnswerKey, ...]
    occurred_at: datetime


class CourseVersionWithdrawn(Event):
    """Nobody opens a record with this version any more."""

    type: Literal["content.course_version_withdrawn"] = "content.course_version_withdrawn"
    version: Literal[1] = 1
    course: Slug
    course_version: int
    reason: Sentence
    occurred_at: datetime


ContentEvent = Annotated[
    CourseVersionPublished | AnswerKeyDeposited | CourseVersionWithdrawn, Field(discriminator="type")
]
ContentPage = FeedPage[ContentEvent]

CONFIDENTIAL = frozenset({"content.answer_key_deposited"})
"""Event types whose body stays among services."""


class PublishCourse(Command):
    """Check an uploaded course folder (a zip in the media store) and publish it as the next version."""

    type: Literal["content.publish_course"] = "content.publish_course"
    upload: Sha256


class WithdrawVersion(Command):
    """Take a published version out of use, with a reason."""

    type: Literal["content.withdraw_version"] = "content.withdraw_version"
    course: Slug
    course_version: Whole
    reason: Sentence


ContentCommand = Annotated[PublishCourse | WithdrawVersion, Field(discriminator="type")]


# --- the manifest: everything that a page needs to be shown, stored once by its digest -----------


class Choice(Message):
    """An option of an exercise; `right` and `feedback` may be shown: exercises are for practice.

    `at` is where it lies in the exercise's picture: from the left and from the top, in percent.
    """

    id: Slug
    text: Localised
    right: bool = False
    feedback: Localised | None = None
    at: tuple[int, int] | None = None


class Pair(Message):
    """Two things that belong together in a matching exercise."""

    id: Slug
    left: Localised
    right: Localised


class Item(Message):
    """One thing to put in its place in an ordering exercise."""

    id: Slug
    text: Localised


class Exercise(Message):
    """Practice within a page; nothing of it is graded or recorded. `shows` says in words what its picture shows."""

    kind: ExerciseKind
    prompt: Localised
    picture: Sha256 | None = None
    shows: Localised | None = None
    story: Localised | None = None
    options: tuple[Choice, ...] = ()
    items: tuple[Item, ...] = ()
    pairs: tuple[Pair, ...] = ()
    feedback: Localised | None = None


class Clip(Message):
    """A clip in one language: moving picture with sound, captions and transcript, each by digest."""

    media: Sha256
    captions: Sha256
    transcript: str


class PageContent(Message):
    """A page in all its languages; pictures in `text` are written as `media:DIGEST`."""

    id: Slug
    kind: PageKind
    title: Localised
    text: dict[Language, str]
    clips: dict[Language, Clip] = {}
    exercise: Exercise | None = None


class ModuleContent(Message):
    """A part of the course with its pages."""

    id: Slug
    title: Localised
    minutes: int
    test: bool = False
    pages: tuple[PageContent, ...]


class Option(Message):
    """An option as a learner sees it."""

    id: Slug
    text: Localised


class Question(Message):
    """A question of the pool without its key; `kind` says whether several options may be right."""

    id: Slug
    module: Slug
    kind: Literal["single", "multiple"]
    text: Localised
    options: tuple[Option, ...]


class Manifest(Message):
    """A whole version, as published. Its canonical JSON is stored under its own digest."""

    course: Slug
    title: Localised
    summary: Localised
    languages: tuple[Language, ...]
    validity_months: int
    sittings: int
    test: TestRules
    modules: tuple[ModuleContent, ...]
    questions: tuple[Question, ...]
    media_types: dict[Sha256, str]


# --- questions and answers -----------------------------------------------------------------------


class AskCourses(Message):
    """Which courses are there?"""


class VersionSummary(Message):
    """A version: how much it holds, its rules, and since when and why it is out of use, if it is."""

    course_version: int
    title: Localised
    languages: tuple[Language, ...]
    parts: int
    pages: int
    minutes: int
    questions: int
    test: TestRules
    validity_months: int
    manifest: Sha256
    published_at: datetime
    withdrawn_at: datetime | None = None
    withdrawn_because: str | None = None


class CourseSummary(Message):
    """A course and its versions, oldest first."""

    course: Slug
    title: Localised
    languages: tuple[Language, ...]
    versions: tuple[VersionSummary, ...]


class Courses(Message):
    """All courses by name."""

    courses: tuple[CourseSummary, ...]


class AskCourse(Message):
    """One course; without a version the newest that is not withdrawn."""

    course: Slug
    course_version: int | None = None
    language: Language


class ModuleInBrief(Message):
    """A part in a table of contents, in one language."""

    id: Slug
    title: str
    minutes: int
    test: bool
    pages: tuple[tuple[Slug, PageKind, str], ...]


class CourseView(Message):
    """A course in one language: what it is, and its parts."""

    course: Slug
    course_version: int
    language: Language
    languages: tuple[Language, ...]
    title: str
    summary: str
    validity_months: int
    sittings: int
    test: TestRules
    withdrawn: bool
    modules: tuple[ModuleInBrief, ...]


class AskModule(Message):
    """A part of a version in one language."""

    course: Slug
    course_version: int
    module: Slug
    language: Language


class ExerciseView(Message):
    """An exercise in one language; where it has a picture, each option lies in it at `x` and `y` percent."""

    kind: ExerciseKind
    prompt: str
    picture: Sha256 | None = None
    shows: str | None = None
    story: str | None = None
    options: tuple[dict[str, str | bool | int | None], ...] = ()
    items: tuple[dict[str, str], ...] = ()
    pairs: tuple[dict[str, str], ...] = ()
    feedback: str | None = None


class PageView(Message):
    """A page in one language; `text` is Markdown, pictures point to /media/DIGEST."""

    id: Slug
    kind: PageKind
    title: str
    text: str
    clip: Clip | None = None
    exercise: ExerciseView | None = None


class ModuleView(Message):
    """A part in one language, with all its pages."""

    course: Slug
    course_version: int
    module: Slug
    language: Language
    title: str
    minutes: int
    test: bool
    pages: tuple[PageView, ...]


class AskQuestions(Message):
    """The texts of drawn questions, without their keys."""

    course: Slug
    course_version: int
    questions: tuple[Slug, ...]
    language: Language


class QuestionView(Message):
    """A question in one language."""

    id: Slug
    kind: Literal["single", "multiple"]
    text: str
    options: tuple[dict[str, str], ...]


class Questions(Message):
    """Questions in the order in which they were asked for."""

    questions: tuple[QuestionView, ...]


class AskPool(Message):
    """All questions of a version, in all its languages, for those who make courses."""

    course: Slug
    course_version: int


class Pool(Message):
    """The questions that a test is drawn from, without their keys."""

    course: Slug
    course_version: int
    questions: tuple[Question, ...]


class AskUpload(Message):
    """Which course is in an uploaded zip? It is read and checked, and nothing is published."""

    upload: Sha256


class UploadView(Message):
    """The course in an upload, and the version that it is already, if it was published before."""

    course: Slug
    course_version: int | None


class AskUploadedCourse(Message):
    """The course in an uploaded zip as a learner would see it, in this language or else in one that it has."""

    upload: Sha256
    language: Language


class AskUploadedModule(Message):
    """A part of the course in an uploaded zip, in one language."""

    upload: Sha256
    module: Slug
    language: Language


class AskUploadedPool(Message):
    """All questions of the course in an uploaded zip."""

    upload: Sha256


class Fault(Message):
    """One thing wrong with a course folder: where, and a sentence that says what to do.

    `text` is the sentence with a {place} for each of `params`, for whoever says it in another language.
    """

    file: str
    line: int | None
    sentence: str
    text: str | None = None
    params: dict[str, str] = {}


class CourseFaults(Message):
    """The `params` of rule `course-faulty`, as JSON under the key `faults`."""

    faults: tuple[Fault, ...]
