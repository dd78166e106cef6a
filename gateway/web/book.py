"""What identifiers in events are called: courses, parts, pages, units, and who acted.

A history is shown whatever is away: what nobody can name at the moment keeps its identifier.
"""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import UUID

from starlette.requests import Request

from gateway.ask import perhaps
from gateway.parts import language_in
from gateway.web.rendering import localised
from services.contracts.content import AskCourse, AskCourses, Courses, CourseView
from services.contracts.message import Language, Localised
from services.contracts.reporting.audit import HistoryLine
from services.contracts.reporting.organisation import AskOrganisation, Organisation
from services.contracts.reporting.people import AskPeople, People
from services.contracts.reporting.transcripts import Transcript

ACTORS_MAX: Final = 12
"""Other people who acted whose names are looked up."""

NAMES_SECONDS: Final = 2.0
"""How long a page waits for names."""


class Book:
    """Looks up by identifier, and answers with the identifier where there is no name."""

    def __init__(
        self,
        language: str,
        courses: Courses | None,
        views: Mapping[tuple[str, int], CourseView],
        units: Organisation | None,
        actors: Mapping[UUID, str],
        in_person: Mapping[str, Localised],
    ) -> None:
        """What could be learned."""
        self._titles = {course: localised(title, language) for course, title in in_person.items() if title}
        for each in courses.courses if courses else ():
            self._titles[each.course] = localised(each.title, language)
        self._parts = {
            (*key, module.id): module.title for key, view in views.items() for module in view.modules
        }
        self._pages = {
            (*key, module.id, page): title
            for key, view in views.items()
            for module in view.modules
            for page, _, title in module.pages
        }
        self._units = (
            {str(each.unit_id): localised(each.name, language) for each in units.units} if units else {}
        )
        self._actors = actors

    def course(self, slug: str) -> str:
        """The title of a course."""
        return self._titles.get(slug, slug)

    def part(self, event: Mapping[str, Any], slug: str = "") -> str:
        """The title of a part, in the version that the event names."""
        slug = slug or event["module"]
        return self._parts.get((event["course"], event["course_version"], slug), slug)

    def page(self, event: Mapping[str, Any], part: str, slug: str) -> str:
        """The title of a page of a part."""
        return self._pages.get((event["course"], event["course_version"], part, slug), slug)

    def unit(self, unit_id: str) -> str:
        """The name of a unit."""
        return self._units.get(unit_id, unit_id)

    def actor(self, person_id: UUID) -> str:
        """Who acted; nothing for those whom the directory does not know."""
        return self._actors.get(person_id, "")


async def book_of(request: Request, lines: Iterable[HistoryLine], transcript: Transcript) -> Book:
    """All that these events name; in-person courses as this person's own sessions were called."""
    language = language_in(request)
    others: dict[UUID, None] = {}
    versions: dict[tuple[str, int], None] = {}
    for line in lines:
        others[line.actor] = None
        if version := line.event.get("course_version"):
            versions[line.event["course"], version] = None
    asking = asyncio.gather(
        *(
            perhaps(request, "reporting.find", AskPeople(text=str(actor)), People, NAMES_SECONDS)
            for actor in [*others][:ACTORS_MAX]
        )
    )
    courses, units = await asyncio.gather(
        perhaps(request, "content.courses", AskCourses(), Courses, NAMES_SECONDS),
        perhaps(request, "reporting.organisation", AskOrganisation(), Organisation, NAMES_SECONDS),
    )
    people = await asking
    views = await asyncio.gather(
        *(
            perhaps(
                request,
                "content.course",
                AskCourse(
                    course=course, course_version=version, language=_told_in(courses, course, language)
                ),
                CourseView,
                NAMES_SECONDS,
            )
            for course, version in versions
        )
    )
    return Book(
        language,
        courses,
        {key: view for key, view in zip(versions, views, strict=True) if view},
        units,
        {
            line.person_id: " ".join(filter(None, (line.given_name, line.family_name)))
            for found in people
            if found
            for line in found.lines
        },
        {line.course: line.in_person.title for line in transcript.lines if line.in_person},
    )


def _told_in(courses: Courses | None, course: str, language: str) -> Language:
    """The reader's language, where the course has it; else its first."""
    offered = (
        next((each.languages for each in courses.courses if each.course == course), ()) if courses else ()
    )
    return next((each for each in offered if each == language), offered[0] if offered else "fr")
