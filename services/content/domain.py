"""A course and its published versions: what can happen, what it remembers, what it allows. No I/O, no clock."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID, uuid5

from services.backbone.aggregate import Act, Aggregate, Beginning, Fact
from services.contracts.message import Language, Localised, Sha256, Slug
from services.contracts.rules import Rule, RuleBroken

COURSES = UUID("5b0f0a6e-6d0f-5c1b-9f0b-3c8f3a1d7e55")
"""Namespace in which courses get their identity from their name."""


def course_id_of(course: str) -> UUID:
    """The identity of a course's stream."""
    return uuid5(COURSES, course)


@dataclass(frozen=True, slots=True)
class Stop:
    """A page, as a place that a learner can reach."""

    id: Slug
    title: Localised


@dataclass(frozen=True, slots=True)
class Part:
    """A module in outline."""

    id: Slug
    title: Localised
    minutes: int
    pages: tuple[Stop, ...]
    test: bool


@dataclass(frozen=True, slots=True)
class TestRules:
    """How the test of knowledge is held."""

    __test__: ClassVar[bool] = False

    draw: int
    pass_mark_percent: int
    attempts_allowed: int


@dataclass(frozen=True, slots=True)
class Key:
    """The right options of one question, and why they are right."""

    id: Slug
    module: Slug
    options: tuple[Slug, ...]
    right: tuple[Slug, ...]
    explanation: Localised | None


@dataclass(frozen=True, slots=True)
class Edition:
    """What a training centre hands in, checked: `manifest` is the digest of its whole text without the keys."""

    course: str
    title: Localised
    languages: tuple[Language, ...]
    modules: tuple[Part, ...]
    test: TestRules
    validity_months: int
    sittings: int
    manifest: str
    keys: tuple[Key, ...]


@dataclass(slots=True)
class Version:
    """A published version, as a course remembers it."""

    number: int
    title: Localised
    languages: tuple[Language, ...]
    modules: tuple[Part, ...]
    test: TestRules
    validity_months: int
    manifest: str
    published_at: datetime
    keys: tuple[Key, ...] = ()
    withdrawn_at: datetime | None = None
    withdrawn_because: str | None = None


class Course(Aggregate):
    """One course. Its versions count 1, 2, 3 … and never change; a version can only be withdrawn, once."""

    TOPIC: ClassVar[str] = "content.Course"

    class Drafted(Beginning):
        """The course has a name."""

        TOPIC: ClassVar[str] = "content.Course.Drafted"
        course: Slug

    class VersionPublished(Fact):
        """A version exists from now on."""

        TOPIC: ClassVar[str] = "content.Course.VersionPublished"
        course: Slug
        course_version: int
        title: Localised
        languages: tuple[Language, ...]
        modules: tuple[Part, ...]
        test: TestRules
        validity_months: int
        sittings: int
        manifest: Sha256

        def apply(self, aggregate: Any) -> None:
            """It is the newest."""
            aggregate.versions.append(
                Version(
                    self.course_version,
                    self.title,
                    self.languages,
                    self.modules,
                    self.test,
                    self.validity_months,
                    self.manifest,
                    self.occurred_at,
                )
            )

    class AnswerKeyDeposited(Fact):
        """The keys of a version's questions, for those who grade."""

        TOPIC: ClassVar[str] = "content.Course.AnswerKeyDeposited"
        course: Slug
        course_version: int
        questions: tuple[Key, ...]

        def apply(self, aggregate: Any) -> None:
            """Kept, to know the same edition when it is handed in again."""
            aggregate.versions[self.course_version - 1].keys = self.questions

    class VersionWithdrawn(Fact):
        """Nobody starts with this version any more."""

        TOPIC: ClassVar[str] = "content.Course.VersionWithdrawn"
        course: Slug
        course_version: int
        reason: str

        def apply(self, aggregate: Any) -> None:
            """For good; who needs it again publishes a version that says so."""
            version = aggregate.versions[self.course_version - 1]
            version.withdrawn_at = self.occurred_at
            version.withdrawn_because = self.reason

    # --- what a course remembers -----------------------------------------------------------------

    def __init__(self, course: Slug) -> None:
        self.course = course
        self.versions: list[Version] = []

    # --- what a course allows --------------------------------------------------------------------

    @classmethod
    def draft(cls, course: str, act: Act) -> "Course":
        """A course without versions."""
        return cls.begin(cls.Drafted, course_id_of(course), act, course=course)

    def publish(self, edition: Edition, act: Act) -> None:
        """Publish the next version. An edition that was published before stays the version that it is."""
        if (version := self.published_as(edition)) is not None:
            if version.withdrawn_at is not None:
                raise RuleBroken(Rule.VERSION_WITHDRAWN, course=self.course, version=version.number)
            return
        place = {"course": self.course, "course_version": len(self.versions) + 1}
        self.record(
            self.VersionPublished,
            act,
            **place,
            title=edition.title,
            languages=edition.languages,
            modules=edition.modules,
            test=edition.test,
            validity_months=edition.validity_months,
            sittings=edition.sittings,
            manifest=edition.manifest,
        )
        self.record(self.AnswerKeyDeposited, act, **place, questions=edition.keys)

    def withdraw(self, number: int, reason: str, act: Act) -> None:
        """Take a version out of use; doing it twice is doing it once, with the first reason."""
        version = self.published(number)
        if version.withdrawn_at is not None:
            return
        if act.occurred_at < version.published_at:
            raise RuleBroken(Rule.TIME_TOO_OLD, occurred_at=act.occurred_at.isoformat())
        self.record(self.VersionWithdrawn, act, course=self.course, course_version=number, reason=reason)

    # --- what a course can tell ------------------------------------------------------------------

    def published_as(self, edition: Edition) -> Version | None:
        """The version that an edition is already, withdrawn or not."""
        for version in self.versions:
            # The keys are compared too: the manifest does not tell which options are right.
            if (version.manifest, version.keys) == (edition.manifest, edition.keys):
                return version
        return None

    def published(self, number: int) -> Version:
        """A version, withdrawn or not. Raises RuleBroken(VERSION_UNKNOWN)."""
        if not 1 <= number <= len(self.versions):
            raise RuleBroken(Rule.VERSION_UNKNOWN, course=self.course, version=number)
        return self.versions[number - 1]

    def newest(self) -> Version:
        """The newest version that is not withdrawn. Raises RuleBroken(VERSION_UNKNOWN)."""
        for version in reversed(self.versions):
            if version.withdrawn_at is None:
                return version
        raise RuleBroken(Rule.VERSION_UNKNOWN, course=self.course, version="newest")
