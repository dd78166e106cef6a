"""Standing orders, what stands in the way of their due dates, and why a date is what it is."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from gateway.api import json_answer, router_for
from gateway.api.commands import MADE, carry_out_one
from gateway.api.files import FILES, WrittenAs, told_as
from gateway.api.queries import AsOf, AtLeast, Course, KnownAt, Unit, times
from gateway.api.session import CoursePath
from gateway.ask import ask
from gateway.body import JsonBody
from gateway.export.people import DUE, EXCEPTIONS, ORDERS
from gateway.times import positions
from services.contracts.message import Instant, Message
from services.contracts.reporting.due import AskDue, Due
from services.contracts.reporting.duties import AskHindrances, AskOrders, Hindrances, Orders
from services.contracts.reporting.transcripts import AskWhy, Why
from services.contracts.scheduling.duties import EndOrder, GiveOrder
from services.contracts.scheduling.exemptions import GrantExemption, RevokeExemption

router = router_for("duties")


class End(Message):
    """From when on an order opens nothing any more."""

    command_id: UUID
    occurred_at: Instant


_grant = JsonBody(GrantExemption)
_revoke = JsonBody(RevokeExemption)
_give = JsonBody(GiveOrder)
_end = JsonBody(End)


@router.get(
    "/reports/due",
    response_model=Due,
    responses=FILES,
    summary="What is late, will be, or ends",
)
async def due(
    request: Request,
    unit: Unit,
    course: Course,
    status: Annotated[
        Literal["overdue", "expired", "due_soon", "expiring"] | None, Query(description="Only these")
    ] = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    at_least: AtLeast = None,
    cursor: Annotated[str | None, Query(max_length=200, description="From the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=500, description="Lines of a page")] = 50,
    written_as: WrittenAs = None,
) -> Response:
    """Figures by unit, then people page by page; or all of them as a file."""
    asked = AskDue(
        unit_id=unit,
        course=course,
        status=status,
        cursor=cursor,
        limit=limit,
        **times(as_of, known_at, at_least),
    )
    return await told_as(request, written_as, DUE, asked)


@router.get("/orders", response_model=Orders, responses=FILES, summary="Standing orders")
async def orders(
    request: Request, unit: Unit, at_least: AtLeast = None, written_as: WrittenAs = None
) -> Response:
    """Those for a unit, for units above and below it, and for everybody; also those that have ended."""
    asked = AskOrders(unit_id=unit, at_least=positions(at_least))
    return await told_as(request, written_as, ORDERS, asked)


@router.post(
    "/orders",
    status_code=201,
    responses=MADE,
    openapi_extra=_give.openapi,
    summary="Give a standing order",
)
async def give(request: Request) -> Response:
    """A course for everybody of a unit or of a function, now and whoever comes later, once or again and again."""
    return await carry_out_one(request, await _give.read(request))


@router.post(
    "/orders/{order}/end",
    status_code=201,
    responses=MADE,
    openapi_extra=_end.openapi,
    summary="End a standing order",
)
async def end(request: Request, order: UUID) -> Response:
    """It opens nothing any more; what it has opened stays."""
    body = await _end.read(request)
    told = EndOrder(command_id=body.command_id, occurred_at=body.occurred_at, order_id=order)
    return await carry_out_one(request, told)


@router.get(
    "/reports/exceptions",
    response_model=Hindrances,
    responses=FILES,
    summary="Due dates that somebody must decide",
)
async def exceptions(
    request: Request,
    unit: Unit,
    at_least: AtLeast = None,
    limit: Annotated[int, Query(ge=1, le=500, description="Lines at most")] = 200,
    written_as: WrittenAs = None,
) -> Response:
    """Orders that contradict each other, dates that had passed, courses that nobody can follow: the oldest first."""
    asked = AskHindrances(unit_id=unit, at_least=positions(at_least), limit=limit)
    return await told_as(request, written_as, EXCEPTIONS, asked)


@router.get(
    "/reports/people/{person}/status/{course}/why",
    response_model=Why,
    summary="Why does somebody stand so with a course?",
)
async def why(
    request: Request,
    person: UUID,
    course: CoursePath,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    at_least: AtLeast = None,
) -> Response:
    """Each period with what led to it; each due date names its rule and arithmetic, whichever language is read."""
    asked = AskWhy(person_id=person, course=course, **times(as_of, known_at, at_least))
    return json_answer(await ask(request, "reporting.why", asked))


@router.post(
    "/exemptions",
    status_code=201,
    responses=MADE,
    openapi_extra=_grant.openapi,
    summary="Exempt somebody from a course",
)
async def grant(request: Request) -> Response:
    """For one of four reasons (those of cmi5), in a sentence, from a day that may lie in the past."""
    return await carry_out_one(request, await _grant.read(request))


@router.post(
    "/exemptions/revoke",
    status_code=201,
    responses=MADE,
    openapi_extra=_revoke.openapi,
    summary="Revoke an exemption",
)
async def revoke(request: Request) -> Response:
    """From now on; that it held until then stays recorded."""
    return await carry_out_one(request, await _revoke.read(request))
