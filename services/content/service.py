"""RPC entry points of content: parse, call, reply."""

from services.backbone.feed import FeedSource, Page
from services.backbone.rpc import RpcService, question
from services.backbone.seal.sealer import notes_after
from services.content.feed import redacted
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
    CourseView,
    ModuleView,
    Pool,
    Questions,
    UploadView,
)
from services.contracts.message import Batch, Notes, Outcomes, ReadFeed, ReadNotes, Signed


class ContentService(RpcService):
    """What can be learned."""

    name = "content"

    @question(Batch[ContentCommand], signed=False)
    def execute(self, batch: Batch[ContentCommand]) -> Outcomes:
        """Carry out commands of training centres; each item is signed by its own person."""
        return self._execute(self.application.desk, batch)

    @question(ReadFeed, signed=False)
    def read_feed(self, asked: ReadFeed) -> Page:
        """A page of the feed, for followers; answer keys included."""
        return self._source.page(asked.after, asked.limit)

    @question(ReadNotes, signed=False)
    def read_notes(self, asked: ReadNotes) -> Notes:
        """The notes that were signed about the log, for witnesses."""
        return notes_after(self.application.log, asked.after)

    @question(Signed[ReadFeed])
    def audit_feed(self, actor: Actor, asked: ReadFeed) -> Page:
        """A page of the feed, for auditors; answer keys taken out."""
        return redacted(self._source.page(asked.after, asked.limit))

    @question(Signed[AskCourses])
    def courses(self, actor: Actor, asked: AskCourses) -> Courses:
        """All courses."""
        found: Courses = self.application.courses(asked)
        return found

    @question(Signed[AskCourse])
    def course(self, actor: Actor, asked: AskCourse) -> CourseView:
        """One course in one language."""
        view: CourseView = self.application.course(asked)
        return view

    @question(Signed[AskModule])
    def module(self, actor: Actor, asked: AskModule) -> ModuleView:
        """A part of a course, with its pages."""
        view: ModuleView = self.application.module(asked)
        return view

    @question(Signed[AskQuestions])
    def questions(self, actor: Actor, asked: AskQuestions) -> Questions:
        """The texts of drawn questions, without their keys."""
        found: Questions = self.application.questions(asked)
        return found

    @question(Signed[AskPool])
    def pool(self, actor: Actor, asked: AskPool) -> Pool:
        """All questions of a version, without their keys."""
        pool: Pool = self.application.pool(asked)
        return pool

    @question(Signed[AskUpload])
    def upload(self, actor: Actor, asked: AskUpload) -> UploadView:
        """Which course is in an upload, and which version it is already."""
        view: UploadView = self.application.upload(asked)
        return view

    @question(Signed[AskUploadedCourse])
    def uploaded_course(self, actor: Actor, asked: AskUploadedCourse) -> CourseView:
        """The course in an upload, before anybody decides to publish it."""
        view: CourseView = self.application.uploaded_course(asked)
        return view

    @question(Signed[AskUploadedModule])
    def uploaded_module(self, actor: Actor, asked: AskUploadedModule) -> ModuleView:
        """A part of it, with its pages."""
        view: ModuleView = self.application.uploaded_module(asked)
        return view

    @question(Signed[AskUploadedPool])
    def uploaded_pool(self, actor: Actor, asked: AskUploadedPool) -> Pool:
        """All its questions, without their keys."""
        pool: Pool = self.application.uploaded_pool(asked)
        return pool

    @property
    def _source(self) -> FeedSource:
        source: FeedSource = self.application.source
        return source
