"""One learner's way through one course: what pages and steps of it need to know. Asks; decides nothing.

The language of a course is its record's, and changes with a step (`change_language`) that the auditor
sees. The language of the pages around it is the browser's (`parcours_language`): when only that one is
switched, buttons, dates and messages change, the course stays as it is, and nothing is recorded. Where
nothing is recorded anyway (a completed course, or one that runs on another PC), `?lang=` says in which
language to read on.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid4

from pydantic_core import to_json
from starlette.requests import Request

from gateway.ask import ask_for
from gateway.errors import Problem
from gateway.web.page import at
from services.contracts.content import AskCourse, AskModule, CourseView, ModuleInBrief, ModuleView
from services.contracts.message import Language
from services.contracts.progress import AskRecord, RecordView, record_id_of
from services.contracts.reporting.transcripts import AskMyTraining, Transcript
from services.contracts.rules import Rule

SITTING_COOKIE: Final = "parcours_sitting"
"""The session (as in cmi5) that this browser runs for the record whose path the cookie has.

No secret: it stands in every form as well, and without a signed-in session it is worth nothing. Scripts
may write it, for steps that they send to the API themselves."""

Step = dict[str, Any]
"""A command of a learner without its time, as a form or a script sends it."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a course, and where it stands."""

    module: str
    id: str
    kind: str
    title: str


@dataclass(frozen=True, slots=True)
class Way:
    """A record together with the version that it pins, in one language."""

    record: RecordView
    course: CourseView
    sitting: UUID | None

    @property
    def completed(self) -> bool:
        """The course was followed to the end."""
        return self.record.completed_at is not None

    @property
    def recording(self) -> bool:
        """Whether this browser runs the record's session, and steps count."""
        return not self.completed and self.sitting is not None and self.sitting == self.record.session_id

    @property
    def readable(self) -> bool:
        """Whether pages are shown: a completed course is read without a session."""
        return self.completed or self.recording

    @property
    def root(self) -> str:
        """Where its pages begin."""
        return f"/learn/{self.record.record_id}"

    @property
    def lang(self) -> str | None:
        """The language to carry along in addresses: only one that is not the record's own."""
        return None if self.course.language == self.record.language else self.course.language

    def path(self, page: Page) -> str:
        """Where a page is read."""
        return at(f"{self.root}/{page.module}/{page.id}", lang=self.lang)

    def pages(self) -> Iterator[Page]:
        """All pages in their order."""
        for module in self.course.modules:
            yield from self.pages_of(module)

    def pages_of(self, module: ModuleInBrief) -> Iterator[Page]:
        """The pages of a part."""
        for id_, kind, title in module.pages:
            yield Page(module.id, id_, kind, title)

    def page(self, module: str, id_: str) -> Page:
        """One page. Raises Problem."""
        for page in self.pages():
            if (page.module, page.id) == (module, id_):
                return page
        raise Problem("not-found")

    def part(self, name: str) -> ModuleInBrief:
        """One part. Raises Problem."""
        for module in self.course.modules:
            if module.id == name:
                return module
        raise Problem("not-found")

    def number(self, module: str) -> int:
        """The how-manieth part it is, from one."""
        return [each.id for each in self.course.modules].index(module) + 1

    def reached(self, page: Page) -> bool:
        """Whether somebody went on from it."""
        return page.id in self.record.checkpoints_reached.get(page.module, ())

    def waiting(self, module: ModuleInBrief) -> Iterator[Page]:
        """The pages of a part that nobody went on from."""
        return (page for page in self.pages_of(module) if not self.reached(page))

    @property
    def next_path(self) -> str:
        """Where to go on: the first page that nobody went on from, then the test."""
        for module in self.course.modules:
            if module.id not in self.record.modules_completed:
                page = next(self.waiting(module), None)
                if page is not None:
                    return self.path(page)
        return f"{self.root}/test"

    @property
    def next_part(self) -> ModuleInBrief | None:
        """The first part that is not complete."""
        left = (each for each in self.course.modules if each.id not in self.record.modules_completed)
        return next(left, None)

    def open_to(self, module: str) -> bool:
        """Whether a part may be read: all before it are complete."""
        before = [each.id for each in self.course.modules]
        return all(each in self.record.modules_completed for each in before[: before.index(module)])

    def break_after(self, module: str) -> bool:
        """Whether a sitting is best ended with this part."""
        parts, sittings = len(self.course.modules), self.course.sittings
        ends = {round(parts * sitting / sittings) for sitting in range(1, sittings)}
        return self.number(module) in ends

    def before(self, page: Page) -> Page | None:
        """The page before."""
        pages = list(self.pages())
        place = pages.index(page)
        return pages[place - 1] if place else None

    def after(self, page: Page) -> str:
        """Where going on from a page leads: to the next one, or to what is missing of its part, or out of it."""
        module = self.part(page.module)
        pages = list(self.pages_of(module))
        place = pages.index(page)
        if place + 1 < len(pages):
            return self.path(pages[place + 1])
        missing = next((each for each in self.waiting(module) if each != page), None)
        if missing is not None and not self.completed:
            return self.path(missing)
        return f"{self.root}/test" if module.test else at(self.root, done=module.id, lang=self.lang)

    def steps_on(self, page: Page) -> list[Step]:
        """What going on from a page means: it was reached, and with its last page a part is complete."""
        if not self.recording:
            return []
        module = self.part(page.module)
        steps: list[Step] = []
        if page.module not in self.record.modules_started:
            steps.append(self.step("start_module", module=page.module))
        if not self.reached(page):
            steps.append(self.step("reach_checkpoint", module=page.module, checkpoint=page.id))
        whole = all(each == page for each in self.waiting(module))
        if whole and not module.test and page.module not in self.record.modules_completed:
            steps.append(self.step("complete_module", module=page.module))
        return steps

    def step(self, kind: str, **body: Any) -> Step:
        """A step within this browser's session, in the pinned version."""
        return _in_session(
            kind, self.record.record_id, self.sitting, course_version=self.record.course_version, **body
        )

    def sit(self) -> list[Step]:
        """Sit down here: begin, or take over from another PC, in the language that is read."""
        return [_in_session("start_session", self.record.record_id, uuid4(), language=self.course.language)]

    def stop(self) -> list[Step]:
        """Stop for now: whoever comes back is welcomed, here or on another PC, and takes over from nobody."""
        return [_in_session("end_session", self.record.record_id, self.sitting)]

    def switch(self) -> list[Step]:
        """Go on in another language; which one, the form says."""
        return [
            _in_session("change_language", self.record.record_id, self.sitting, language=self.course.language)
        ]


def _in_session(kind: str, record_id: UUID, sitting: UUID | None, **body: Any) -> Step:
    return {
        "type": f"progress.{kind}",
        "command_id": str(uuid4()),
        "record_id": str(record_id),
        "session_id": str(sitting),
        **body,
    }


def beginning(person_id: UUID, course: CourseView, period: int) -> tuple[UUID, list[Step]]:
    """The record that would be opened, and the steps that open it and sit down."""
    record_id = record_id_of(person_id, course.course, period)
    opening = {
        "type": "progress.open_record",
        "command_id": str(uuid4()),
        "course": course.course,
        "period": period,
        "language": course.language,
    }
    return record_id, [opening, _in_session("start_session", record_id, uuid4(), language=course.language)]


def written(steps: list[Step]) -> str:
    """Steps as a form carries them."""
    return to_json(steps).decode()


def _sitting_of(request: Request) -> UUID | None:
    """The session of this browser."""
    try:
        return UUID(request.cookies.get(SITTING_COOKIE, ""))
    except ValueError:
        return None


def _language(request: Request, record: RecordView, asked: str | None) -> str:
    """In which language to show the course: the record's own while steps are recorded here."""
    recorded_here = record.completed_at is None and record.session_id == _sitting_of(request) is not None
    return record.language if recorded_here or asked is None else asked


async def record_of(request: Request, record_id: UUID) -> RecordView:
    """One's own record. Raises Problem for a record of somebody else, or none."""
    return await ask_for(request, "progress.record", AskRecord(record_id=record_id), RecordView)


async def training_of(request: Request, position: int) -> tuple[Transcript, bool]:
    """One's own training; and whether reports are not so far as `position` yet."""
    asked = AskMyTraining(at_least={"progress": position} if position else {})
    try:
        return await ask_for(request, "reporting.my_training", asked, Transcript), False
    except Problem as problem:
        if problem.kind != Rule.POSITION_NOT_REACHED:
            raise
    return await ask_for(request, "reporting.my_training", AskMyTraining(), Transcript), True


async def way_of(request: Request, record_id: UUID, asked: Language | None = None) -> Way:
    """One's own record with its course. Raises Problem."""
    record = await record_of(request, record_id)
    question = AskCourse.model_validate(
        {
            "course": record.course,
            "course_version": record.course_version,
            "language": _language(request, record, asked),
        }
    )
    course = await ask_for(request, "content.course", question, CourseView)
    return Way(record, course, _sitting_of(request))


async def way_with(
    request: Request, record_id: UUID, module: str, asked: Language | None = None
) -> tuple[Way, ModuleView]:
    """The same, with what stands in a part of it."""
    record = await record_of(request, record_id)
    pinned = {
        "course": record.course,
        "course_version": record.course_version,
        "language": _language(request, record, asked),
    }
    course, content = await asyncio.gather(
        ask_for(request, "content.course", AskCourse.model_validate(pinned), CourseView),
        ask_for(
            request, "content.module", AskModule.model_validate({**pinned, "module": module}), ModuleView
        ),
    )
    return Way(record, course, _sitting_of(request)), content
