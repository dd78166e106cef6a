"""Operators: whether all parts work and how far behind they are. No word about persons."""

import asyncio
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from starlette.requests import Request
from starlette.responses import Response

from gateway import VERSION
from gateway.api.operator import readiness
from gateway.ask import perhaps
from gateway.parts import parts_of
from gateway.web.page import page, page_router
from services.contracts.reporting.operation import AskHealth, AskRebuilds, FollowerHealth, Health, Rebuilds
from services.contracts.scheduling.staff_imports import AskStaffImports, StaffImports

router = page_router()

HEALTH_SECONDS: Final = 2.0
"""How long the page waits to learn how far read models are: it is wanted most when something is away."""

SILENT_SECONDS: Final = 30.0
"""A feed that was not read to its end for so long: a follower looks every two seconds."""

LOGS: Final = {"broker": "rabbitmq", "database": "postgres", "feeds": "reporting-work"}
"""Whose log to read about a part, where it is not called after it."""

REBUILDS: Final = 5
"""Of the jobs, the last ones."""

State = Literal["there", "catching-up", "silent"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a read model is in one feed."""

    follower: FollowerHealth
    state: State

    @property
    def behind(self) -> int:
        """Positions between the follower and the head of its feed."""
        return self.follower.head - self.follower.position


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed as reporting sees it: its head, and who of its followers is furthest behind."""

    name: str
    head: int
    followers: int
    behind: int
    seconds: float
    state: State


@router.get("/operations")
async def operations(request: Request) -> Response:
    """Every part says for itself whether it is there; what is away takes nothing else off the page."""
    told, health, rebuilds, files = await asyncio.gather(
        readiness(request),
        perhaps(request, "reporting.health", AskHealth(), Health, HEALTH_SECONDS),
        perhaps(request, "reporting.rebuilds", AskRebuilds(limit=REBUILDS), Rebuilds, HEALTH_SECONDS),
        perhaps(request, "scheduling.staff_imports", AskStaffImports(limit=1), StaffImports, HEALTH_SECONDS),
    )
    away = [part for part, there in told.parts.items() if there == "away"]
    places = [Place(each, state_of(each)) for each in health.followers] if health else None
    return await page(
        request,
        "operations/overview.html",
        parts=told.parts,
        away=away,
        logs=[LOGS.get(part, f"{part}-serve") for part in away or ("feeds",)],
        places=places,
        feeds=feeds_of(places or ()),
        rebuilds=rebuilds,
        files=files,
        at=parts_of(request).clock(),
        versions={"Parcours": VERSION, "Python": platform.python_version()},
    )


def state_of(follower: FollowerHealth) -> State:
    """Silent goes before behind: who does not read cannot catch up."""
    if follower.lag_seconds > SILENT_SECONDS:
        return "silent"
    return "catching-up" if follower.position < follower.head else "there"


def feeds_of(places: Sequence[Place]) -> list[Feed]:
    """The feeds that these followers read, each with the worst of them."""
    found = []
    for name in sorted({place.follower.feed for place in places}):
        readers = [place for place in places if place.follower.feed == name]
        found.append(
            Feed(
                name,
                max(place.follower.head for place in readers),
                len(readers),
                max(place.behind for place in readers),
                max(place.follower.lag_seconds for place in readers),
                max((place.state for place in readers), key=("there", "catching-up", "silent").index),
            )
        )
    return found
