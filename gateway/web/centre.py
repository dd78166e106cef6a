"""Training centres: courses and their versions, what learners will see, what they got wrong."""

import asyncio
from dataclasses import dataclass
from typing import Annotated, Any, Final
from uuid import UUID, uuid4

from fastapi import Path, Query
from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from gateway.api.session import CoursePath, VersionPath
from gateway.ask import ask_for, execute
from gateway.errors import Problem
from gateway.forms import Form, file_of, read_form
from gateway.limits import COURSE_BYTES_MAX, PUBLISH_TIMEOUT_SECONDS
from gateway.parts import language_in, parts_of
from gateway.results import raise_refusal
from gateway.upload import receive_blob
from gateway.web.difficulty import lines_of
from gateway.web.exercise import attempt_at
from gateway.web.page import at, files_of, go, page, page_router
from services.contracts.content import (
    AskCourse,
    AskCourses,
    AskModule,
    AskPool,
    AskUpload,
    Courses,
    CourseSummary,
    CourseView,
    ModuleView,
    Pool,
    PublishCourse,
    UploadView,
    VersionSummary,
    WithdrawVersion,
)
from services.contracts.message import Language, Sentence, Slug
from services.contracts.reporting.results import ANSWERS_SHOWN_MIN, AskQuestionResults, QuestionResults
from services.contracts.rules import Rule

router = page_router()

VERSION: Final = "/courses/{course}/versions/{version}"
DONE: Final = frozenset({"published", "same", "withdrawn"})
"""What the address may say was done just now; the template has a sentence for each."""

Done = Annotated[str, Query(max_length=20)]
_reason: Final[TypeAdapter[str]] = TypeAdapter(Sentence)


@dataclass(frozen=True, slots=True)
class Place:
    """A version of a course, and where its pages are."""

    course: CourseSummary
    version: VersionSummary

    @property
    def root(self) -> str:
        """The version's own page."""
        return VERSION.format(course=self.course.course, version=self.version.course_version)

    @property
    def newest(self) -> VersionSummary | None:
        """The version with which new records open; none when all are withdrawn."""
        return next((each for each in reversed(self.course.versions) if each.withdrawn_at is None), None)

    def reading(self, language: str) -> Language:
        """The language in which to show its texts to somebody who reads this one."""
        offered = self.version.languages
        return next((each for each in offered if each == language), offered[0])


@router.get("/courses")
async def courses(request: Request) -> Response:
    """All courses with their versions, and the form that publishes one more."""
    found = await ask_for(request, "content.courses", AskCourses(), Courses)
    return await page(request, "centre/courses.html", courses=found.courses, **_sending())


@router.post("/courses")
async def publish(request: Request) -> Response:
    """A zip of a course folder: what is wrong with it, or the version that it is now."""
    form = await read_form(request)
    parts = parts_of(request)
    upload = await receive_blob(file_of(request), parts.blobs, parts.uploads)
    try:
        before = await _upload(request, upload)
        command = PublishCourse(command_id=_command_id(form), occurred_at=parts.clock(), upload=upload)
        (outcome,) = await execute(request, "content", [command], PUBLISH_TIMEOUT_SECONDS)
        raise_refusal(outcome)
    except Problem as problem:
        if problem.kind != Rule.COURSE_FAULTY:
            raise
        faults = problem.extra["faults"]
        return await page(request, "centre/faults.html", 422, faults=faults, **_sending())
    after = await _upload(request, upload)
    path = VERSION.format(course=after.course, version=after.course_version)
    return go(at(path, done="same" if before.course_version else "published"))


@router.get("/courses/{course}")
async def course(request: Request, course: CoursePath) -> Response:
    """One course: its versions, and what is in each."""
    return await page(request, "centre/course.html", course=await _course(request, course))


@router.get(VERSION)
async def version(request: Request, course: CoursePath, version: VersionPath, done: Done = "") -> Response:
    """One version: its rules, its parts and pages, and what one can do with it."""
    place = await _place(request, course, version)
    return await page(
        request,
        "centre/version.html",
        place=place,
        view=await _view(request, place),
        done=done if done in DONE else "",
    )


@router.get(VERSION + "/withdraw")
async def before_withdrawing(request: Request, course: CoursePath, version: VersionPath) -> Response:
    """What it means to withdraw a version, and the form that does it."""
    place = await _place(request, course, version)
    if place.version.withdrawn_at is not None:
        return go(place.root)
    return await page(request, "centre/withdraw.html", place=place, reason="", wrong=False)


@router.post(VERSION + "/withdraw")
async def withdraw(request: Request, course: CoursePath, version: VersionPath) -> Response:
    """Nobody opens a record with it any more; open records go on."""
    form = await read_form(request)
    place = await _place(request, course, version)
    try:
        reason = _reason.validate_python(form.one("reason"))
    except ValidationError:
        told = form.one("reason")
        return await page(request, "centre/withdraw.html", 422, place=place, reason=told, wrong=True)
    command = WithdrawVersion(
        command_id=_command_id(form),
        occurred_at=parts_of(request).clock(),
        course=course,
        course_version=version,
        reason=reason,
    )
    (outcome,) = await execute(request, "content", [command])
    raise_refusal(outcome)
    return go(at(place.root, done="withdrawn"))


@router.get(VERSION + "/questions")
async def questions(request: Request, course: CoursePath, version: VersionPath) -> Response:
    """All questions that a test is drawn from, in all languages; never which options are right."""
    place = await _place(request, course, version)
    view, pool = await asyncio.gather(_view(request, place), _pool(request, course, version))
    parts = [
        (module, [each for each in pool.questions if each.module == module.id]) for module in view.modules
    ]
    return await page(
        request,
        "centre/questions.html",
        place=place,
        parts=[(module, each) for module, each in parts if each],
    )


@router.get(VERSION + "/results")
async def results(request: Request, course: CoursePath, version: VersionPath) -> Response:
    """How often each question was answered wrongly, by language, the hardest first; never by person."""
    asked = AskQuestionResults(course=course, course_version=version)
    place, pool, told = await asyncio.gather(
        _place(request, course, version),
        _pool(request, course, version),
        ask_for(request, "reporting.question_results", asked, QuestionResults),
    )
    lines = lines_of(pool.questions, told.results)
    return await page(
        request,
        "centre/results.html",
        place=place,
        lines=lines,
        shown_from=ANSWERS_SHOWN_MIN,
        files=files_of(f"/courses/{course}/versions/{version}/results"),
    )


@router.get(VERSION + "/preview/{module}/{page_id}")
async def preview(
    request: Request,
    course: CoursePath,
    version: VersionPath,
    module: Annotated[Slug, Path()],
    page_id: Annotated[Slug, Path()],
) -> Response:
    """A page as learners see it, in all languages side by side. Nothing is recorded."""
    place = await _place(request, course, version)
    view, modules = await asyncio.gather(
        _view(request, place),
        asyncio.gather(*(_module(request, place, module, language) for language in place.version.languages)),
    )
    way = [(part.id, each[0]) for part in view.modules for each in part.pages]
    if (module, page_id) not in way:
        raise Problem("not-found")
    here = way.index((module, page_id))
    told = request.query_params.multi_items()
    shown = []
    for each in modules:
        lesson = next(each_page for each_page in each.pages if each_page.id == page_id)
        seed = f"{course}/{page_id}"
        shown.append((each, lesson, lesson.exercise and attempt_at(lesson.exercise, told, seed)))
    return await page(
        request,
        "centre/preview.html",
        place=place,
        view=view,
        module=next(part for part in view.modules if part.id == module),
        sides=shown,
        path=f"{place.root}/preview/{module}/{page_id}",
        number_of=here + 1,
        pages=len(way),
        before="/".join((f"{place.root}/preview", *way[here - 1])) if here else None,
        after="/".join((f"{place.root}/preview", *way[here + 1])) if here + 1 < len(way) else None,
    )


def _sending() -> dict[str, Any]:
    """What the form that publishes needs."""
    return {"command_id": str(uuid4()), "bytes_max": COURSE_BYTES_MAX}


def _command_id(form: Form) -> UUID:
    """The id that the form was made with: sending it twice does it once."""
    try:
        return UUID(form.one("command_id"))
    except ValueError:
        return uuid4()


async def _course(request: Request, name: str) -> CourseSummary:
    found = await ask_for(request, "content.courses", AskCourses(), Courses)
    for each in found.courses:
        if each.course == name:
            return each
    raise Problem(Rule.COURSE_UNKNOWN)


async def _place(request: Request, name: str, number: int) -> Place:
    course = await _course(request, name)
    for version in course.versions:
        if version.course_version == number:
            return Place(course, version)
    raise Problem(Rule.VERSION_UNKNOWN)


async def _view(request: Request, place: Place) -> CourseView:
    asked = AskCourse(
        course=place.course.course,
        course_version=place.version.course_version,
        language=place.reading(language_in(request)),
    )
    return await ask_for(request, "content.course", asked, CourseView)


async def _module(request: Request, place: Place, module: str, language: Language) -> ModuleView:
    asked = AskModule(
        course=place.course.course,
        course_version=place.version.course_version,
        module=module,
        language=language,
    )
    return await ask_for(request, "content.module", asked, ModuleView)


async def _pool(request: Request, course: str, version: int) -> Pool:
    return await ask_for(request, "content.pool", AskPool(course=course, course_version=version), Pool)


async def _upload(request: Request, upload: str) -> UploadView:
    return await ask_for(
        request, "content.upload", AskUpload(upload=upload), UploadView, PUBLISH_TIMEOUT_SECONDS
    )
