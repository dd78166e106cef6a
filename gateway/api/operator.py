"""Operators: health, readiness, metrics, and the organisation as HR tells it."""

import asyncio
import time
from datetime import timedelta
from typing import Annotated, Final, Literal
from uuid import UUID, uuid4

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import Field
from starlette.datastructures import State
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from gateway.api import json_answer, router_for
from gateway.api.commands import Several, carry_out
from gateway.ask import ask, signed
from gateway.body import JsonBody
from gateway.limits import READY_CACHE_SECONDS, READY_SECONDS
from gateway.parts import Parts, parts_of
from gateway.results import CommandResults
from gateway.rpc import Away, Failed
from gateway.times import POSITION_MAX
from services.contracts.access import Actor, Role
from services.contracts.message import Message, ReadFeed
from services.contracts.reporting.operation import AskHealth, Health
from services.contracts.scheduling import (
    AppointManager,
    AssignCourse,
    CloseUnit,
    CodeUnit,
    CreateUnit,
    EndDeputy,
    MoveUnit,
    NameDeputy,
    PlacePerson,
    RegisterPerson,
    RelieveManager,
    RenameUnit,
    ReturnPerson,
    UpdateDirectoryEntry,
    WithdrawAssignment,
    WithdrawPerson,
)

router = router_for("operator")
plain = router_for("operator", prefix="")

GATEWAY_ITSELF: Final = UUID(int=0)
"""Who asks services whether they are there."""

_NOTHING: Final = ReadFeed(after=POSITION_MAX - 1, limit=1)
PROBES: Final[dict[str, tuple[str, Message]]] = {
    "content": ("audit_feed", _NOTHING),
    "progress": ("audit_feed", _NOTHING),
    "scheduling": ("audit_feed", _NOTHING),
    "reporting": ("health", AskHealth()),
}
"""A cheap question for each service that reaches its database."""

OrganisationCommand = Annotated[
    CreateUnit
    | MoveUnit
    | CodeUnit
    | RenameUnit
    | CloseUnit
    | NameDeputy
    | EndDeputy
    | RegisterPerson
    | PlacePerson
    | WithdrawPerson
    | ReturnPerson
    | UpdateDirectoryEntry
    | AppointManager
    | RelieveManager
    | AssignCourse
    | WithdrawAssignment,
    Field(discriminator="type"),
]


class OrganisationCommands(Message):
    """Changes of the organisation, carried out in this order."""

    commands: Several[OrganisationCommand]


class Alive(Message):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Readiness(Message):
    """Which parts answer at present."""

    status: Literal["ready", "away"]
    parts: dict[str, Literal["ready", "away"]]


_commands = JsonBody(OrganisationCommands)


@router.post(
    "/organisation/commands",
    response_model=CommandResults,
    openapi_extra=_commands.openapi,
    summary="Change the organisation",
)
async def organisation_commands(request: Request) -> Response:
    """Units, staff and managers: 1 to 500 commands, one result each, in order."""
    return await carry_out(request, (await _commands.read(request)).commands)


@router.get("/followers", response_model=Health, summary="How far behind is each read model?")
async def followers(request: Request) -> Response:
    """Position, head and lag of every follower of reporting."""
    return json_answer(await ask(request, "reporting.health", AskHealth()))


@plain.get("/healthz", response_model=Alive, summary="Is the process there?")
async def healthz(request: Request) -> Response:
    """Asks nobody."""
    return json_answer(Alive().model_dump_json())


@plain.get(
    "/readyz",
    response_model=Readiness,
    responses={503: {"model": Readiness, "description": "A part is away; which, says `parts`"}},
    summary="Can everything be used?",
)
async def readyz(request: Request) -> Response:
    """200 only when the broker is connected and every service and database answers."""
    state = await readiness(request)
    ready = state.status == "ready"
    return json_answer(
        state.model_dump_json(), 200 if ready else 503, None if ready else {"retry-after": "2"}
    )


@plain.get("/metrics", response_class=PlainTextResponse, summary="Figures for Prometheus")
async def metrics(request: Request) -> Response:
    """Of this process; each service process has its own."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


async def readiness(request: Request) -> Readiness:
    """Which parts answer, as looked at within the last second."""
    return await _Readiness.of(request.app.state).now(parts_of(request))


class _Readiness:
    """Asks once for all who ask within a second."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._until = 0.0
        self._state = Readiness(status="away", parts={})

    @classmethod
    def of(cls, state: State) -> "_Readiness":
        """The one of this application."""
        found = getattr(state, "readiness", None)
        if not isinstance(found, cls):
            found = cls()
            state.readiness = found
        return found

    async def now(self, parts: Parts) -> Readiness:
        async with self._turn:
            if time.monotonic() >= self._until:
                self._state = await _look(parts)
                self._until = time.monotonic() + READY_CACHE_SECONDS
            return self._state


async def _look(parts: Parts) -> Readiness:
    expires_at = parts.clock() + timedelta(seconds=2 * READY_SECONDS)
    actor = Actor(person_id=GATEWAY_ITSELF, roles=frozenset({Role.AUDITOR}), expires_at=expires_at)
    names = ["database", *PROBES]
    there = await asyncio.gather(
        _database_answers(parts),
        *(_service_answers(parts, name, parts.signer.sign(actor, name)) for name in PROBES),
    )
    found: dict[str, Literal["ready", "away"]] = {
        "broker": "ready" if parts.rpc.connected else "away",
        **{name: "ready" if ok else "away" for name, ok in zip(names, there, strict=True)},
    }
    return Readiness(status="away" if "away" in found.values() else "ready", parts=found)


async def _service_answers(parts: Parts, service: str, token: str) -> bool:
    method, question = PROBES[service]
    text = signed(token, str(uuid4()), question.model_dump_json())
    try:
        reply = await parts.rpc.call(service, method, text, timeout_seconds=READY_SECONDS)
    except (Away, Failed):
        return False
    return '"service-away"' not in reply[:200]


async def _database_answers(parts: Parts) -> bool:
    try:
        async with asyncio.timeout(READY_SECONDS), parts.pool.connection() as conn:
            await conn.execute("SELECT 1")
    except Exception:  # whatever the reason: it does not answer
        return False
    return True
