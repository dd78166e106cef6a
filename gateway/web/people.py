"""Personnel managers: one person's way through the courses, with why and since when something is due."""

import asyncio
from functools import partial
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from gateway.ask import ask_for
from gateway.parts import language_in
from gateway.web.asking import Asked, Asking, courses_of, shown, units_of
from gateway.web.page import page, page_router
from services.contracts.content import AskCourse, CourseSummary, CourseView
from services.contracts.reporting.organisation import UnitLine
from services.contracts.reporting.transcripts import AskTranscript, Transcript

router = page_router()


@router.get("/people/{person}")
async def person(request: Request, person: UUID, asked: Asking) -> Response:
    """What somebody in one's care has to follow, has followed, and what happened on the way."""
    return await shown(asked, partial(_person, request, person))


async def _person(request: Request, person: UUID, asked: Asked) -> Response:
    question = AskTranscript(person_id=person, **asked.times)
    told, units, courses = await asyncio.gather(
        ask_for(request, "reporting.transcript", question, Transcript),
        units_of(request),
        courses_of(request),
    )
    return await page(
        request,
        "manager/person.html",
        asked=asked,
        person=told,
        way_in=_way_to(told.unit_id, units),
        titles={course.course: course.title for course in courses},
        newest={line.course: line.period for line in sorted(told.lines, key=lambda line: line.period)},
        parts=await _parts(request, told, courses),
    )


def _way_to(unit_id: UUID | None, units: tuple[UnitLine, ...]) -> list[UnitLine]:
    """The units in care from the top down to this one."""
    known = {unit.unit_id: unit for unit in units}
    found: list[UnitLine] = []
    while unit_id in known:
        found.insert(0, known[unit_id])
        unit_id = known[unit_id].parent_id
    return found


async def _parts(
    request: Request, told: Transcript, courses: tuple[CourseSummary, ...]
) -> dict[tuple[str, int], dict[str, str]]:
    """How the parts of each version are called that somebody follows."""
    languages = {course.course: course.languages for course in courses}
    versions = {
        (line.course, line.course_version)
        for line in told.lines
        if line.course_version is not None and line.course in languages
    }
    language = language_in(request)
    views = await asyncio.gather(
        *(
            ask_for(
                request,
                "content.course",
                AskCourse.model_validate(
                    {
                        "course": course,
                        "course_version": version,
                        "language": language if language in languages[course] else languages[course][0],
                    }
                ),
                CourseView,
            )
            for course, version in versions
        )
    )
    return {
        (view.course, view.course_version): {module.id: module.title for module in view.modules}
        for view in views
    }
