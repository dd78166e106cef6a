"""Auditors: find a person or a unit; from there each history is replayed (`history`) or rebuilt (`proof`)."""

from typing import Annotated, Any, Final

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from gateway.ask import ask_for
from gateway.errors import Problem
from gateway.forms import read_form
from gateway.times import FEEDS, POSITION_MAX
from gateway.web.page import go, page, page_router
from services.contracts.content import CONFIDENTIAL
from services.contracts.message import FeedPage, ReadFeed
from services.contracts.reporting.organisation import AskOrganisation, Organisation, UnitLine
from services.contracts.reporting.people import AskPeople, People

router = page_router()

TEXT_MIN: Final = 2
TEXT_MAX: Final = 200
PEOPLE_MAX: Final = 50
FEED_LINES: Final = 50
"""Events of a feed on one page."""


@router.get("/audit")
async def start(request: Request) -> Response:
    """The search, and the tree of units."""
    return await page(
        request, "audit/start.html", text="", people=None, services=FEEDS, tree=await _tree(request)
    )


@router.post("/audit")
async def find(request: Request) -> Response:
    """Whoever was looked for; a single one is opened at once.

    The text comes in a form, never in the address: addresses are kept in logs and in the history of
    a browser, and a name belongs in neither.
    """
    text = (await read_form(request)).one("text").strip()[:TEXT_MAX]
    people = None
    if len(text) >= TEXT_MIN:
        people = await ask_for(request, "reporting.find", AskPeople(text=text, limit=PEOPLE_MAX), People)
        if len(people.lines) == 1:
            return go(f"/audit/people/{people.lines[0].person_id}")
    return await page(
        request,
        "audit/start.html",
        text=text,
        people=people,
        services=FEEDS,
        tree=await _tree(request),
        here="/audit",
    )


@router.get("/audit/feeds/{service}")
async def feed(
    request: Request,
    service: str,
    after: Annotated[int, Query(ge=0, le=POSITION_MAX)] = 0,
) -> Response:
    """What a service recorded, event by event, as everybody who follows it is told."""
    if service not in FEEDS:
        raise Problem("not-found")
    asked = ReadFeed(after=after, limit=FEED_LINES)
    told = await ask_for(request, f"{service}.audit_feed", asked, FeedPage[dict[str, Any]])
    return await page(
        request,
        "audit/feed.html",
        service=service,
        services=FEEDS,
        after=after,
        told=told,
        confidential=CONFIDENTIAL,
    )


class Branch:
    """A unit with those directly below it."""

    def __init__(self, unit: UnitLine) -> None:
        """Nothing is below it yet."""
        self.unit = unit
        self.below: list[Branch] = []


async def _tree(request: Request) -> list[Branch]:
    """The units as they stand today, from the top."""
    told = await ask_for(request, "reporting.organisation", AskOrganisation(), Organisation)
    branches = {unit.unit_id: Branch(unit) for unit in told.units}
    tops: list[Branch] = []
    for unit in told.units:
        above = branches.get(unit.parent_id) if unit.parent_id else None
        (above.below if above else tops).append(branches[unit.unit_id])
    return tops
