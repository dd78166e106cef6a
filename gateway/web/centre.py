"""Training centres: courses and their versions, what learners will see, what they got wrong."""

import asyncio
from dataclasses import dataclass
from typing import Annotated, Any, Final
from uuid import uuid4

from fastapi import Query
from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from gateway.api.session import CoursePath, VersionPath
from gateway.ask import ask_for, execute
from gateway.errors import Problem
from gateway.forms import file_of, read_form
from gateway.limits import COURSE_BYTES_MAX
from gateway.parts import language_in, parts_of
from gateway.results import raise_refusal
from gateway.upload import receive_blob
from gateway.web.difficulty import lines_of
from gateway.web.page import at, files_of, go, page, page_router
from gateway.web.preview import UPLOAD, VERSION, beside, command_id_of, questions_by_part, upload_of
from services.contracts.content import (
    AskCourse,
    AskCourses,
    AskModule,
    AskPool,
    Courses,
    CourseSummary,
    CourseView,
    ModuleView,
    Pool,
    VersionSummary,
    WithdrawVersion,
)
from services.contracts.message import Language, Sentence, Slug
from services.contracts.reporting.results import ANSWERS_SHOWN_MIN, AskQuestionResults, QuestionResults
from services.contracts.rules import Rule

router = page_router()

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
async def send(request: Request) -> Response:
    """A zip of a course folder: what is wrong with it, or the way to look at it before it is published."""
    await read_form(request)
    parts = parts_of(request)
    try:
        upload = await receive_blob(file_of(request), parts.blobs, parts.uploads)
        found = await upload_of(request, upload)
    except Problem as problem:
        if problem.kind not in (Rule.COURSE_FAULTY, "not-a-zip"):
            raise
        faults = problem.extra.get("faults", ())
        return await page(request, "centre/faults.html", 422, faults=faults, **_sending())
    if found.course_version:
        path = VERSION.format(course=found.course, version=found.course_version)
        return go(at(path, done="same"))
    return go(UPLOAD.format(upload=upload))


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
        command_id=command_id_of(form),
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
    return await page(
        request,
        "centre/questions.html",
        title=place.course.title,
        number=version,
        root=place.root,
        upload=None,
        view=view,
        pool=pool,
        parts=questions_by_part(view, pool),
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
    request: Request, course: CoursePath, version: VersionPath, module: Slug, page_id: Slug
) -> Response:
    """A page as learners see it, in all languages side by side. Nothing is recorded."""
    place = await _place(request, course, version)
    view, modules = await asyncio.gather(
        _view(request, place),
        asyncio.gather(*(_module(request, place, module, language) for language in place.version.languages)),
    )
    return await beside(request, place.root, view, modules, page_id, title=place.course.title, number=version)


def _sending() -> dict[str, Any]:
    """What the form that publishes needs."""
    return {"command_id": str(uuid4()), "bytes_max": COURSE_BYTES_MAX}


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
