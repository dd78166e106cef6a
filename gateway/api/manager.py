"""Personnel managers: who is trained, who is overdue, who must learn what by when."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from gateway.api import json_answer, router_for
from gateway.api.commands import MADE, carry_out_one
from gateway.api.files import FILES, WrittenAs, told_as
from gateway.api.queries import AsOf, AtLeast, Course, KnownAt, Unit, times
from gateway.ask import ask
from gateway.body import JsonBody
from gateway.export.figures import OVERVIEW, TREND
from gateway.export.people import STAFF
from services.contracts.reporting.organisation import AskOrganisation, Organisation
from services.contracts.reporting.overview import AskOverview, AskTrend, Overview, Trend
from services.contracts.reporting.people import AskStaff, Staff
from services.contracts.reporting.standing import StaffStatus
from services.contracts.reporting.transcripts import AskTranscript, Transcript
from services.contracts.scheduling import AssignCourse

router = router_for("manager")

_assign = JsonBody(AssignCourse)


@router.get("/reports/overview", response_model=Overview, responses=FILES, summary="Counts by status")
async def overview(
    request: Request,
    unit: Unit,
    course: Course,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    at_least: AtLeast = None,
    written_as: WrittenAs = None,
) -> Response:
    """A unit, and the units directly below it."""
    asked = AskOverview(unit_id=unit, course=course, **times(as_of, known_at, at_least))
    return await told_as(request, written_as, OVERVIEW, asked)


@router.get("/reports/trend", response_model=Trend, responses=FILES, summary="Trained over time")
async def trend(
    request: Request,
    unit: Unit,
    course: Course,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    at_least: AtLeast = None,
    points: Annotated[int, Query(ge=1, le=60, description="Ends of months, and `as_of` itself")] = 13,
    written_as: WrittenAs = None,
) -> Response:
    """How many people there were and how many of them trained, at the ends of months up to a moment."""
    asked = AskTrend(unit_id=unit, course=course, points=points, **times(as_of, known_at, at_least))
    return await told_as(request, written_as, TREND, asked)


@router.get(
    "/reports/staff",
    response_model=Staff,
    responses=FILES,
    summary="How each person stands",
)
async def staff(
    request: Request,
    unit: Unit,
    course: Course,
    status: Annotated[StaffStatus | None, Query(description="Only people who stand so")] = None,
    everybody: Annotated[bool, Query(description="Also people to whom the course was not assigned")] = False,
    called: Annotated[
        str | None, Query(max_length=100, description="Beginnings of names, or of a staff number")
    ] = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    at_least: AtLeast = None,
    cursor: Annotated[str | None, Query(max_length=200, description="From the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=500, description="Lines of a page")] = 50,
    written_as: WrittenAs = None,
) -> Response:
    """People of a unit and below it, page by page; or all of them as a file."""
    asked = AskStaff(
        unit_id=unit,
        course=course,
        status=status,
        everybody=everybody,
        called=called,
        cursor=cursor,
        limit=limit,
        **times(as_of, known_at, at_least),
    )
    return await told_as(request, written_as, STAFF, asked)


@router.get("/reports/people/{person}/transcript", response_model=Transcript, summary="A person's training")
async def transcript(
    request: Request, person: UUID, as_of: AsOf = None, known_at: KnownAt = None, at_least: AtLeast = None
) -> Response:
    """Of people in one's care; learners see their own."""
    asked = AskTranscript(person_id=person, **times(as_of, known_at, at_least))
    return json_answer(await ask(request, "reporting.transcript", asked))


@router.get("/organisation", response_model=Organisation, summary="The tree of units")
async def organisation(
    request: Request, as_of: AsOf = None, known_at: KnownAt = None, at_least: AtLeast = None
) -> Response:
    """The units in one's care; all of them for auditors and operators."""
    asked = AskOrganisation(**times(as_of, known_at, at_least))
    return json_answer(await ask(request, "reporting.organisation", asked))


@router.post(
    "/assignments",
    status_code=201,
    responses=MADE,
    openapi_extra=_assign.openapi,
    summary="Assign a course",
)
async def assign(request: Request) -> Response:
    """To one person or to a unit, with a due date."""
    return await carry_out_one(request, await _assign.read(request))
