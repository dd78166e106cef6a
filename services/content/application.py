"""What content does: one method per command kind and question. Looks things up; the course decides."""

from collections.abc import Callable, Collection, Sequence
from functools import lru_cache
from pathlib import Path
from typing import assert_never
from uuid import UUID

from pydantic import ValidationError

from services.backbone.actor import TokenVerifier
from services.backbone.aggregate import Act
from services.backbone.blobs import BlobFolder
from services.backbone.clock import Clock, utc_now
from services.backbone.commands import CommandDesk, Streams, check_time
from services.backbone.feed import FeedSource
from services.backbone.limits import CLOCK_SKEW_SECONDS
from services.backbone.log import EventLog, StoreAway
from services.content.domain import Course, Edition, Version, course_id_of
from services.content.feed import to_contract
from services.content.uploads import InThread, Uploads, here
from services.content.views import course_view, module_view, questions_view
from services.contracts.access import Actor
from services.contracts.content import (
    AskCourse,
    AskCourses,
    AskModule,
    AskPool,
    AskQuestions,
    AskUpload,
    AskUploadedCourse,
    AskUploadedModule,
    AskUploadedPool,
    ContentCommand,
    Courses,
    CourseSummary,
    CourseView,
    Manifest,
    ModuleView,
    Pool,
    PublishCourse,
    Questions,
    TestRules,
    UploadView,
    VersionSummary,
    WithdrawVersion,
)
from services.contracts.rules import Rule, RuleBroken

MANIFESTS_KEPT_MAX = 8
"""Parsed manifests in memory; one of the demo course takes about 1 MB."""


class Application:
    """One for the process; `serve` hands it to every call."""

    def __init__(
        self,
        database_url: str,
        actor_public_key: Path,
        media_folder: Path,
        on_commit: Callable[[int], None],
        clock: Clock = utc_now,
        in_thread: InThread = here,
    ) -> None:
        """`in_thread` runs work for the processor where it holds up nobody (a real thread in `serve`)."""
        self.log = EventLog("content", database_url)
        self.verifier = TokenVerifier(actor_public_key, clock)
        self.source = FeedSource(self.log, to_contract)
        self._blobs = BlobFolder(media_folder)
        self._uploads = Uploads(self._blobs, in_thread, self._manifests)
        self.desk: CommandDesk[ContentCommand] = CommandDesk(
            self.log, Decisions(self._uploads), on_commit, clock
        )
        self._manifest = lru_cache(MANIFESTS_KEPT_MAX)(self._read_manifest)

    def courses(self, asked: AskCourses) -> Courses:
        """All courses that have a version, by name."""
        courses = sorted(self._all(), key=lambda course: course.course)
        return Courses(courses=tuple(_summary(course) for course in courses if course.versions))

    def course(self, asked: AskCourse) -> CourseView:
        """One course in one language; without a version the newest that is not withdrawn."""
        version = self._version(asked.course, asked.course_version)
        withdrawn = version.withdrawn_at is not None
        return course_view(self._manifest(version.manifest), version.number, withdrawn, asked.language)

    def module(self, asked: AskModule) -> ModuleView:
        """A part of a version; withdrawn versions too, for open records go on with them."""
        version = self._version(asked.course, asked.course_version)
        return module_view(self._manifest(version.manifest), version.number, asked.module, asked.language)

    def questions(self, asked: AskQuestions) -> Questions:
        """The texts of drawn questions."""
        version = self._version(asked.course, asked.course_version)
        return questions_view(self._manifest(version.manifest), asked.questions, asked.language)

    def pool(self, asked: AskPool) -> Pool:
        """All questions of a version, in all its languages."""
        version = self._version(asked.course, asked.course_version)
        questions = self._manifest(version.manifest).questions
        return Pool(course=asked.course, course_version=version.number, questions=questions)

    def upload(self, asked: AskUpload) -> UploadView:
        """The course in an upload, checked as for publishing, and the version that it is already."""
        edition = self._uploads.edition(asked.upload)
        version, _ = self._places(edition)
        return UploadView(course=edition.course, course_version=version.number if version else None)

    def uploaded_course(self, asked: AskUploadedCourse) -> CourseView:
        """As `course`, of an upload: under the number of the version that it is, or that it would become."""
        manifest, number = self._uploaded(asked.upload)
        offered = manifest.languages
        language = asked.language if asked.language in offered else offered[0]
        return course_view(manifest, number, False, language)

    def uploaded_module(self, asked: AskUploadedModule) -> ModuleView:
        """As `module`, of an upload."""
        manifest, number = self._uploaded(asked.upload)
        return module_view(manifest, number, asked.module, asked.language)

    def uploaded_pool(self, asked: AskUploadedPool) -> Pool:
        """As `pool`, of an upload."""
        manifest, number = self._uploaded(asked.upload)
        return Pool(course=manifest.course, course_version=number, questions=manifest.questions)

    def _uploaded(self, upload: str) -> tuple[Manifest, int]:
        edition = self._uploads.edition(upload)
        _, number = self._places(edition)
        return self._manifest(edition.manifest), number

    def _places(self, edition: Edition) -> tuple[Version | None, int]:
        """The version that an edition is already, and its number, or that which it would get."""
        course = next(iter(self._load([course_id_of(edition.course)])), None)
        version = course.published_as(edition) if course else None
        return version, version.number if version else len(course.versions) + 1 if course else 1

    def _all(self) -> list[Course]:
        rows = self.log.select(
            "SELECT originator_id FROM stored_events WHERE originator_version = 1 AND topic = %s",
            (Course.Drafted.TOPIC,),
        )
        return self._load([row[0] for row in rows])

    def _version(self, name: str, number: int | None) -> Version:
        course = next(iter(self._load([course_id_of(name)])), None)
        if course is None:
            raise RuleBroken(Rule.COURSE_UNKNOWN, course=name)
        return course.newest() if number is None else course.published(number)

    def _load(self, stream_ids: Collection[UUID]) -> list[Course]:
        courses = [course for course in self.log.load(stream_ids).values() if isinstance(course, Course)]
        self.log.keep(courses)
        return courses

    def _manifests(self) -> Collection[str]:
        """The digests of the manifests of all versions, withdrawn ones too: open records go on with them."""
        return {version.manifest for course in self._all() for version in course.versions}

    def _read_manifest(self, digest: str) -> Manifest:
        """A published text; it never changes, so it is kept. Raises StoreAway when the media store has lost it."""
        try:
            return Manifest.model_validate_json(self._blobs.read(digest))
        except (OSError, ValidationError) as error:
            raise StoreAway(f"manifest {digest} cannot be read: {type(error).__name__}") from error


class Decisions:
    """Brings together a course, what was uploaded and the command; the course decides."""

    def __init__(self, uploads: Uploads) -> None:
        """Read editions from `uploads`."""
        self._uploads = uploads

    def prepare(self, requests: Sequence[tuple[Actor, ContentCommand]]) -> "Decisions":
        """Read and check what is to be published; what is wrong with it is said by `streams`."""
        for upload in {command.upload for _, command in requests if isinstance(command, PublishCourse)}:
            try:
                self._uploads.edition(upload)
            except RuleBroken:
                continue
        return self

    def streams(self, actor: Actor, command: ContentCommand) -> Collection[UUID]:
        """The one course that a command is about."""
        if isinstance(command, PublishCourse):
            return [course_id_of(self._uploads.edition(command.upload).course)]
        return [course_id_of(command.course)]

    def decide(self, command: ContentCommand, actor: Actor, act: Act, streams: Streams) -> None:
        """Carry out one command, or raise RuleBroken."""
        check_time(command, act.recorded_at, CLOCK_SKEW_SECONDS)
        match command:
            case PublishCourse():
                edition = self._uploads.edition(command.upload)
                course = streams.get(course_id_of(edition.course))
                if course is None:
                    course = Course.draft(edition.course, act)
                    streams.begin(course)
                assert isinstance(course, Course)
                course.publish(edition, act)
            case WithdrawVersion():
                course = streams.get(course_id_of(command.course))
                if not isinstance(course, Course):
                    raise RuleBroken(Rule.COURSE_UNKNOWN, course=command.course)
                course.withdraw(command.course_version, command.reason, act)
            case _:
                assert_never(command)


def _summary(course: Course) -> CourseSummary:
    newest = course.versions[-1]
    return CourseSummary(
        course=course.course,
        title=newest.title,
        languages=newest.languages,
        versions=tuple(
            VersionSummary(
                course_version=version.number,
                title=version.title,
                languages=version.languages,
                parts=len(version.modules),
                pages=sum(len(part.pages) for part in version.modules),
                minutes=sum(part.minutes for part in version.modules),
                questions=len(version.keys),
                test=TestRules(
                    draw=version.test.draw,
                    pass_mark_percent=version.test.pass_mark_percent,
                    attempts_allowed=version.test.attempts_allowed,
                ),
                validity_months=version.validity_months,
                manifest=version.manifest,
                published_at=version.published_at,
                withdrawn_at=version.withdrawn_at,
                withdrawn_because=version.withdrawn_because,
            )
            for version in course.versions
        ),
    )
