"""Auditors: replay, read the feeds, rebuild every read model with proof. They write nothing."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from gateway.api import json_answer, router_for
from gateway.api.files import FILES, WrittenAs, told_as
from gateway.api.queries import AsOf, AtLeast, KnownAt, times
from gateway.ask import ask
from gateway.body import JsonBody
from gateway.errors import Problem
from gateway.export.audit import HISTORY
from gateway.times import FEEDS, POSITION_MAX
from services.backbone.limits import PAGE_EVENTS_MAX
from services.contracts.message import FeedPage, ReadFeed
from services.contracts.reporting.audit import AskHistory, History
from services.contracts.reporting.operation import (
    AskRebuild,
    AskRebuilds,
    Rebuild,
    Rebuilds,
    RebuildStarted,
    RebuildStatus,
)
from services.contracts.reporting.people import AskPeople, People
from services.contracts.reporting.seals import AskSeals, Seals

router = router_for("auditor")

_find = JsonBody(AskPeople)
_rebuild = JsonBody(Rebuild)


@router.post("/audit/people", response_model=People, openapi_extra=_find.openapi, summary="Find a person")
async def find(request: Request) -> Response:
    """By the beginnings of words of a name or staff number, or by person id.

    A question, although it is a POST: what stands in an address is kept in logs and in a browser's
    history, and no name belongs there.
    """
    return json_answer(await ask(request, "reporting.find", await _find.read(request)))


@router.get(
    "/audit/people/{person}/history",
    response_model=History,
    responses=FILES,
    summary="A person's history",
)
async def history(
    request: Request,
    person: UUID,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    at_least: AtLeast = None,
    written_as: WrittenAs = None,
) -> Response:
    """Event by event: who, what, when it happened, when it was recorded, in which version and language."""
    asked = AskHistory(person_id=person, **times(as_of, known_at, at_least))
    return await told_as(request, written_as, HISTORY, asked)


@router.get(
    "/audit/feeds/{service}",
    response_model=FeedPage[dict[str, Any]],
    summary="A service's events in order",
)
async def feed(
    request: Request,
    service: str,
    after: Annotated[int, Query(ge=0, le=POSITION_MAX, description="The last position already read")] = 0,
    limit: Annotated[int, Query(ge=1, le=PAGE_EVENTS_MAX, description="Items of a page")] = 500,
) -> Response:
    """content, progress or scheduling. Positions have gaps; `position` of a page asks for the next."""
    if service not in FEEDS:
        raise Problem("not-found")
    return json_answer(await ask(request, f"{service}.audit_feed", ReadFeed(after=after, limit=limit)))


@router.post(
    "/audit/rebuild",
    status_code=202,
    responses={202: {"model": RebuildStarted}},
    openapi_extra=_rebuild.openapi,
    summary="Rebuild read models",
)
async def rebuild(request: Request) -> Response:
    """Starts a job; the address in `Location` tells how far it is, and at its end the proof."""
    told = await ask(request, "reporting.rebuild", await _rebuild.read(request))
    job = RebuildStarted.model_validate_json(told).job_id
    return json_answer(told, 202, headers={"location": f"{request.url.path}/{job}"})


@router.get("/audit/seals", response_model=Seals, summary="How the logs are sealed")
async def seals(request: Request) -> Response:
    """Of each log the newest note, signed by the log and by its witness. Keep one: it proves later what there was."""
    return json_answer(await ask(request, "reporting.seals", AskSeals()))


@router.get("/audit/rebuild", response_model=Rebuilds, summary="The last rebuilds")
async def rebuilds(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=100, description="How many, the newest first")] = 10,
) -> Response:
    """Who asked when, and whether the proofs held."""
    return json_answer(await ask(request, "reporting.rebuilds", AskRebuilds(limit=limit)))


@router.get("/audit/rebuild/{job}", response_model=RebuildStatus, summary="How far is a rebuild?")
async def rebuild_status(request: Request, job: UUID) -> Response:
    """Events so far, speed, and digests of live and rebuilt rows."""
    return json_answer(await ask(request, "reporting.rebuild_status", AskRebuild(job_id=job)))
