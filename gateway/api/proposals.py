"""Plan proposals: asked for, followed while they are made, accepted whole or in part."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from gateway.accepting import Accepted, AcceptProposal, accept
from gateway.api import json_answer, router_for
from gateway.ask import ask
from gateway.body import JsonBody
from gateway.parts import parts_of
from services.contracts.scheduling.proposals import (
    AskProposal,
    AskProposals,
    PlanProposal,
    PlanProposals,
    ProposePlan,
)

router = router_for("manager")

_propose = JsonBody(ProposePlan)
_accept = JsonBody(AcceptProposal)


@router.post(
    "/proposals",
    status_code=202,
    responses={202: {"model": PlanProposal}},
    openapi_extra=_propose.openapi,
    summary="Have a plan proposed",
)
async def propose(request: Request) -> Response:
    """Seats for everybody of a unit who must follow a course, before the end of a day.

    Starts a job; the address in `Location` tells how far it is. Nothing is booked by it.
    """
    told = await ask(request, "scheduling.propose", await _propose.read(request))
    proposal = PlanProposal.model_validate_json(told).proposal_id
    return json_answer(told, 202, headers={"location": f"{request.url.path}/{proposal}"})


@router.get("/proposals", response_model=PlanProposals, summary="The last proposals")
async def proposals(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=100, description="How many, the newest first")] = 10,
) -> Response:
    """Those that you asked for, in brief."""
    return json_answer(await ask(request, "scheduling.proposals", AskProposals(limit=limit)))


@router.get("/proposals/{proposal}", response_model=PlanProposal, summary="A proposal")
async def proposal(request: Request, proposal: UUID) -> Response:
    """How far it is; at its end who sits where, who could not be placed and why, and how good it is.

    `placed_bound` and `days_bound` are what no plan can do better; `gap` is the share of the days by
    which another plan for the same people could be better, at most.
    """
    return json_answer(await ask(request, "scheduling.proposal", AskProposal(proposal_id=proposal)))


@router.post(
    "/proposals/{proposal}/acceptance",
    response_model=Accepted,
    openapi_extra=_accept.openapi,
    summary="Accept a proposal",
)
async def acceptance(request: Request, proposal: UUID) -> Response:
    """Book what it says, for all or for some people. What no longer fits is refused, seat by seat."""
    asked = await _accept.read(request)
    told = await accept(request, proposal, asked, parts_of(request).clock())
    return json_answer(told.model_dump_json())
