"""Rebuilds for auditors and operators: every report made anew from the feeds, with proof, while one looks on."""

from typing import Final
from uuid import UUID

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from gateway.ask import ask_for, perhaps
from gateway.errors import Problem
from gateway.forms import read_form
from gateway.web.page import go, page, page_router
from services.contracts.reporting.operation import (
    AskHealth,
    AskRebuild,
    AskRebuilds,
    Health,
    Rebuild,
    Rebuilds,
    RebuildStarted,
    RebuildStatus,
)
from services.contracts.rules import Rule

router = page_router()

JOBS: Final = 10
"""Of the rebuilds, the last ones."""

NAMES_SECONDS: Final = 2.0
"""How long the page waits to learn which read models there are."""

RUNNING: Final = ("waiting", "running")


@router.get("/audit/rebuild")
async def rebuilds(request: Request) -> Response:
    """What a rebuild proves, the way to begin one, and the last ones."""
    told = await ask_for(request, "reporting.rebuilds", AskRebuilds(limit=JOBS), Rebuilds)
    health = await perhaps(request, "reporting.health", AskHealth(), Health, NAMES_SECONDS)
    names = sorted({each.read_model for each in health.followers}) if health else []
    return await page(
        request,
        "audit/rebuilds.html",
        jobs=told.jobs,
        running=next((job for job in told.jobs if job.state in RUNNING), None),
        read_models=names,
    )


@router.post("/audit/rebuild")
async def begin(request: Request) -> Response:
    """Begin, and lead to where one sees it run; while another runs, to that one."""
    form = await read_form(request)
    try:
        wanted = Rebuild(read_model=form.one("read_model") or None, swap=form.one("keep") != "yes")
        started = await ask_for(request, "reporting.rebuild", wanted, RebuildStarted)
    except ValidationError:
        raise Problem(Rule.REBUILD_UNKNOWN) from None
    except Problem as problem:
        if problem.kind != Rule.REBUILD_RUNNING:
            raise
        told = await ask_for(request, "reporting.rebuilds", AskRebuilds(limit=JOBS), Rebuilds)
        running = next((job.job_id for job in told.jobs if job.state in RUNNING), None)
        return go(f"/audit/rebuild/{running}" if running else "/audit/rebuild")
    return go(f"/audit/rebuild/{started.job_id}")


@router.get("/audit/rebuild/{job}")
async def rebuild(request: Request, job: UUID) -> Response:
    """How far it is; at its end both digests of every read model."""
    told = await ask_for(request, "reporting.rebuild_status", AskRebuild(job_id=job), RebuildStatus)
    return await page(request, "audit/rebuild.html", job=told, running=told.state in RUNNING)
