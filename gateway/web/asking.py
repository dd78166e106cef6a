"""What a manager's page is asked about: which course, which moments, and what must be seen already.

All of it stands in the page's address, so that every link on a page asks about the same.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from gateway.api.queries import Times
from gateway.ask import ask_for, perhaps
from gateway.errors import Problem
from gateway.parts import parts_of
from gateway.times import moment
from gateway.web.page import at
from gateway.web.rendering import local_day
from services.contracts.content import AskCourses, Courses, CourseSummary
from services.contracts.reporting.organisation import AskOrganisation, Organisation, UnitLine
from services.contracts.reporting.overview import UnitFigures
from services.contracts.reporting.sessions import AskInPersonCourses, InPersonCourses
from services.contracts.reporting.standing import StaffStatus, Status
from services.contracts.rules import Rule

IN_PERSON_SECONDS: Final = 1.0
"""How long a page waits to learn which courses are followed in person."""

LATE: Final[tuple[Status, ...]] = ("overdue", "failed", "expired")
"""How people stand who need attention now."""

TRAINED: Final[tuple[Status, ...]] = ("passed", "expiring")
"""How people stand whose training is valid."""

ORDER: Final[tuple[Status, ...]] = (
    *LATE,
    "due_soon",
    "expiring",
    "in_progress",
    "assigned",
    "exempt",
    "passed",
)
"""As reporting lists them: who needs attention first."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The query of a page; an empty field of a form is no field. `behind`: reports are not so far as `position`."""

    course: str
    as_of: str
    known_at: str
    position: int
    today: date
    behind: bool = False

    @property
    def times(self) -> Times:
        """For a question to reporting; the answer is not older than `position`. Raises Problem."""
        return {
            "as_of": moment(self.as_of or None, "query.as_of"),
            "known_at": moment(self.known_at or None, "query.known_at"),
            "at_least": {"scheduling": self.position} if self.position else {},
        }

    @property
    def day(self) -> date:
        """The day asked about. Raises Problem."""
        asked = self.times["as_of"]
        return local_day(asked) if asked else self.today

    @property
    def known_day(self) -> date:
        """The day of the knowledge used. Raises Problem."""
        known = self.times["known_at"]
        return local_day(known) if known else self.today

    def at(self, path: str, **query: object) -> str:
        """An address that asks about the same course and moments."""
        same = {"course": self.course, "as_of": self.as_of, "known_at": self.known_at}
        return at(path, **{**same, **query})


async def _asked(
    request: Request,
    course: Annotated[str, Query(pattern=r"^([a-z0-9][a-z0-9-]{0,63})?$")] = "",
    as_of: Annotated[str, Query(max_length=40)] = "",
    known_at: Annotated[str, Query(max_length=40)] = "",
    position: Annotated[int, Query(ge=0, le=2**63 - 1)] = 0,
) -> Asked:
    today = local_day(parts_of(request).clock())
    return Asked(
        course,
        "" if as_of == today.isoformat() else as_of,
        "" if known_at == today.isoformat() else known_at,
        position,
        today,
    )


Asking = Annotated[Asked, Depends(_asked)]


async def shown(asked: Asked, show: Callable[[Asked], Awaitable[Response]]) -> Response:
    """A page that knows what was just done; or the page as it is, which says that it is behind."""
    try:
        return await show(asked)
    except Problem as problem:
        if problem.kind != Rule.POSITION_NOT_REACHED:
            raise
        return await show(replace(asked, position=0, behind=True))


@dataclass(frozen=True, slots=True)
class Place:
    """A unit in the care of who asks: what lies above it as far as they may see, and the courses there are."""

    unit: UnitLine
    above: tuple[UnitLine, ...]
    alone: bool
    courses: tuple[CourseSummary, ...]
    course: CourseSummary | None

    @property
    def path(self) -> str:
        """Its page."""
        return f"/units/{self.unit.unit_id}"


async def place_of(request: Request, asked: Asked, unit_id: UUID) -> Place:
    """The unit and the course asked about; without one, the first in use. Raises Problem."""
    organisation, courses = await asyncio.gather(units_of(request), all_courses_of(request))
    units = {unit.unit_id: unit for unit in organisation}
    if unit_id not in units:
        raise Problem(Rule.NOT_YOURS)
    above: list[UnitLine] = []
    parent = units[unit_id].parent_id
    while parent is not None:
        above.insert(0, units[parent])
        parent = units[parent].parent_id
    alone = sum(unit.parent_id is None for unit in organisation) == 1
    return Place(units[unit_id], tuple(above), alone, courses, course_in(courses, asked.course))


async def units_of(request: Request) -> tuple[UnitLine, ...]:
    """The units in the care of who asks, parents before children."""
    return (await ask_for(request, "reporting.organisation", AskOrganisation(), Organisation)).units


async def courses_of(request: Request) -> tuple[CourseSummary, ...]:
    """All courses, those in use first."""
    told = await ask_for(request, "content.courses", AskCourses(), Courses)
    return tuple(sorted(told.courses, key=lambda course: (not in_use(course), course.course)))


async def all_courses_of(request: Request) -> tuple[CourseSummary, ...]:
    """The same, then courses that are followed in person: they have no versions, and nobody is assigned one."""
    online, in_person = await asyncio.gather(
        courses_of(request),
        perhaps(
            request, "reporting.in_person_courses", AskInPersonCourses(), InPersonCourses, IN_PERSON_SECONDS
        ),
    )
    also = (
        CourseSummary(course=each.course, title=each.title, languages=(), versions=())
        for each in (in_person.courses if in_person else ())
    )
    return (*online, *also)


def in_use(course: CourseSummary) -> bool:
    """Whether a version of it can be begun."""
    return any(version.withdrawn_at is None for version in course.versions)


def course_in(courses: tuple[CourseSummary, ...], wanted: str) -> CourseSummary | None:
    """The course asked for, or the first; None when there are none. Raises Problem."""
    if not wanted:
        return courses[0] if courses else None
    found = next((course for course in courses if course.course == wanted), None)
    if found is None:
        raise Problem(Rule.COURSE_UNKNOWN)
    return found


@dataclass(frozen=True, slots=True)
class Figures:
    """How many people of a unit, and of all below it, stand how."""

    unit: UnitFigures

    def of(self, *statuses: Status) -> int:
        """How many stand in one of these ways."""
        return sum(self.unit.counts.get(status, 0) for status in statuses)

    def count(self, status: StaffStatus) -> int:
        """How many a list of those shows."""
        return self.unassigned if status == "unassigned" else self.of(status)

    @property
    def late(self) -> int:
        """Who needs attention now."""
        return self.of(*LATE)

    @property
    def trained(self) -> int:
        """Whose training is valid."""
        return self.of(*TRAINED)

    @property
    def assigned(self) -> int:
        """Whom the course concerns."""
        return sum(self.unit.counts.values())

    @property
    def unassigned(self) -> int:
        """Who belongs to the unit and has not been assigned the course."""
        return max(self.unit.people - self.assigned, 0)

    @property
    def share(self) -> float:
        """The trained among all people, 0 to 1."""
        return self.trained / self.unit.people if self.unit.people else 0.0

    @property
    def parts(self) -> list[tuple[str, int]]:
        """For a bar, from good to bad."""
        told = [(status, self.of(status)) for status in reversed(ORDER)]
        return [*told, ("unassigned", self.unassigned)]
