"""Personnel managers: how their units stand, and who stands behind each figure."""

import asyncio
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Annotated, Final
from uuid import UUID

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from gateway.ask import ask_for
from gateway.web.asking import (
    LATE,
    ORDER,
    Asked,
    Asking,
    Figures,
    all_courses_of,
    course_in,
    place_of,
    shown,
    units_of,
)
from gateway.web.page import files_of, go, page, page_router
from services.contracts.reporting.overview import (
    AskOverview,
    AskTrend,
    Overview,
    Trend,
    UnitFigures,
    UnitTrend,
)
from services.contracts.reporting.people import AskStaff, Staff
from services.contracts.reporting.standing import StaffStatus

router = page_router()

UNITS_MAX: Final = 40
"""Units that are shown side by side when several are in somebody's care."""

FIRST_LINES: Final = 6
"""People who need attention, named on the overview itself."""

STAFF_LINES: Final = 50
"""People on one page of the list."""


@router.get("/units")
async def mine(request: Request, asked: Asking) -> Response:
    """The units in one's care; who has one is led straight to it."""
    units, courses = await asyncio.gather(units_of(request), all_courses_of(request))
    tops = [unit for unit in units if unit.parent_id is None]
    if len(tops) == 1:
        return go(asked.at(f"/units/{tops[0].unit_id}"))
    course = course_in(courses, asked.course)
    told: list[Overview] = []
    if course is not None:
        questions = [
            AskOverview(unit_id=unit.unit_id, course=course.course, **asked.times)
            for unit in tops[:UNITS_MAX]
        ]
        told = await asyncio.gather(
            *(ask_for(request, "reporting.overview", question, Overview) for question in questions)
        )
    return await page(
        request,
        "manager/units.html",
        asked=asked,
        courses=courses,
        course=course,
        units=_late_first(overview.unit for overview in told),
        nothing_in_care=not tops,
        order=ORDER,
    )


@router.get("/units/{unit}")
async def overview(request: Request, unit: UUID, asked: Asking) -> Response:
    """How a unit and all below it stand, who needs attention first."""
    return await shown(asked, partial(_overview, request, unit))


async def _overview(request: Request, unit: UUID, asked: Asked) -> Response:
    place = await place_of(request, asked, unit)
    if place.course is None:
        return await page(request, "manager/no-course.html", place=place, asked=asked)
    question = {"unit_id": unit, "course": place.course.course, **asked.times}
    moments = {"as_of": asked.as_of, "known_at": asked.known_at}
    of_unit = {"unit": unit, "course": place.course.course, **moments}
    told, staff, trend = await asyncio.gather(
        ask_for(request, "reporting.overview", AskOverview.model_validate(question), Overview),
        ask_for(
            request, "reporting.staff", AskStaff.model_validate({**question, "limit": FIRST_LINES}), Staff
        ),
        ask_for(request, "reporting.trend", AskTrend.model_validate(question), Trend),
    )
    return await page(
        request,
        "manager/overview.html",
        place=place,
        asked=asked,
        figures=Figures(told.unit),
        below=_late_first(told.below),
        first=[line for line in staff.lines if line.status in LATE],
        order=ORDER,
        trend=trend,
        shares={each.unit_id: _shares(each) for each in (trend.unit, *trend.below)},
        files=_files(asked, place.course.course, unit),
        figures_files=files_of("/reports/overview", **of_unit),
        trend_files=files_of("/reports/trend", **of_unit),
    )


@router.get("/units/{unit}/staff")
async def staff(
    request: Request,
    unit: UUID,
    asked: Asking,
    status: Annotated[StaffStatus | None, Query()] = None,
    called: Annotated[str, Query(max_length=100)] = "",
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    ticked: Annotated[str, Query(pattern="^(all)?$")] = "",
) -> Response:
    """The people of a unit and below it, those who need attention first; all of the page ticked, or nobody."""
    listed = {"status": status, "called": called or None, "cursor": cursor}
    return await shown(asked, partial(_staff, request, unit, listed, ticked == "all"))


async def _staff(
    request: Request, unit: UUID, listed: Mapping[str, str | None], ticked: bool, asked: Asked
) -> Response:
    place = await place_of(request, asked, unit)
    if place.course is None:
        return await page(request, "manager/no-course.html", place=place, asked=asked)
    question = {"unit_id": unit, "course": place.course.course, **asked.times}
    told, lines = await asyncio.gather(
        ask_for(request, "reporting.overview", AskOverview.model_validate(question), Overview),
        ask_for(
            request,
            "reporting.staff",
            AskStaff.model_validate({**question, **listed, "everybody": True, "limit": STAFF_LINES}),
            Staff,
        ),
    )
    return await page(
        request,
        "manager/staff.html",
        place=place,
        asked=asked,
        figures=Figures(told.unit),
        staff=lines,
        wanted=listed["status"],
        called=listed["called"] or "",
        cursor=listed["cursor"],
        ticked=ticked,
        order=ORDER,
        files=_files(asked, place.course.course, unit, listed["status"], listed["called"]),
    )


def _late_first(units: Iterable[UnitFigures]) -> list[Figures]:
    return sorted(map(Figures, units), key=lambda figures: -figures.late)


def _shares(trend: UnitTrend) -> list[float]:
    """The trained among all people at each point, 0 to 1."""
    return [point.trained / point.people if point.people else 0.0 for point in trend.points]


def _files(
    asked: Asked, course: str, unit: UUID, status: str | None = None, called: str | None = None
) -> dict[str, str]:
    """The same people as files for a spreadsheet."""
    return files_of(
        "/reports/staff",
        unit=unit,
        course=course,
        everybody="true",
        status=status,
        called=called,
        as_of=asked.as_of,
        known_at=asked.known_at,
    )
