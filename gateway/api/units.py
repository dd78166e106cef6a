"""Units, who answers for them, and the staff: asked by those who have them in care, changed by operators."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from gateway.api import json_answer, router_for
from gateway.api.files import FILES, WrittenAs, told_as
from gateway.api.queries import AsOf, AtLeast, KnownAt, times
from gateway.ask import ask, execute
from gateway.body import JsonBody
from gateway.export.organisation import DIRECTORY, UNITS
from gateway.limits import COMMANDS_MAX
from gateway.results import CommandResults, results
from gateway.times import positions
from services.contracts.message import Message
from services.contracts.reporting.organisation import AskOrganisation, AskUnit, Organisation, UnitView
from services.contracts.reporting.people import AskDirectory, AskPerson, Directory, PersonView
from services.contracts.scheduling import (
    AppointManager,
    CloseUnit,
    CodeUnit,
    CreateUnit,
    EndDeputy,
    MoveUnit,
    NameDeputy,
    RelieveManager,
    RenameUnit,
)

router = router_for("units")

UnitCommand = Annotated[
    CreateUnit
    | RenameUnit
    | MoveUnit
    | CloseUnit
    | CodeUnit
    | AppointManager
    | RelieveManager
    | NameDeputy
    | EndDeputy,
    Field(discriminator="type"),
]


class UnitCommands(Message):
    """Changes of units and of who answers for them, carried out in this order."""

    commands: Annotated[tuple[UnitCommand, ...], Field(min_length=1, max_length=COMMANDS_MAX)]


_commands = JsonBody(UnitCommands)


@router.get("/units", response_model=Organisation, responses=FILES, summary="The tree of units, as of a day")
async def units(
    request: Request,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    at_least: AtLeast = None,
    written_as: WrittenAs = None,
) -> Response:
    """Parents before children; those in one's care, all of them for auditors and operators."""
    asked = AskOrganisation(**times(as_of, known_at, at_least))
    return await told_as(request, written_as, UNITS, asked)


@router.post(
    "/units",
    response_model=CommandResults,
    openapi_extra=_commands.openapi,
    summary="Change units, managers and deputies",
)
async def change(request: Request) -> Response:
    """1 to 500 commands, one result each, in order."""
    # What may begin or end on a day to come only scheduling knows: it looks at times itself.
    told = await _commands.read(request)
    return results("scheduling", await execute(request, "scheduling", told.commands), request)


@router.get("/units/{unit}", response_model=UnitView, summary="A unit, and who answers for it")
async def unit(
    request: Request, unit: UUID, as_of: AsOf = None, known_at: KnownAt = None, at_least: AtLeast = None
) -> Response:
    """Its place in the tree, its managers and their deputies over time, and what happened to it."""
    asked = AskUnit(unit_id=unit, **times(as_of, known_at, at_least))
    return json_answer(await ask(request, "reporting.unit", asked))


@router.get("/staff", response_model=Directory, responses=FILES, summary="The staff, by name")
async def staff(
    request: Request,
    called: Annotated[
        str | None,
        Query(min_length=1, max_length=100, description="Beginnings of names, or of a staff number"),
    ] = None,
    unit: Annotated[UUID | None, Query(description="Of this unit and those below it")] = None,
    cursor: Annotated[str | None, Query(max_length=100, description="From the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=500, description="Lines of a page")] = 50,
    at_least: AtLeast = None,
    written_as: WrittenAs = None,
) -> Response:
    """Of the units in one's care, at present; the whole staff for auditors and operators."""
    asked = AskDirectory(
        called=called, unit_id=unit, cursor=cursor, limit=limit, at_least=positions(at_least)
    )
    return await told_as(request, written_as, DIRECTORY, asked)


@router.get("/staff/{person}", response_model=PersonView, summary="A member of staff")
async def person(request: Request, person: UUID, at_least: AtLeast = None) -> Response:
    """Who they are, where they belong, what they are responsible for, and who stands in for whom."""
    asked = AskPerson(person_id=person, at_least=positions(at_least))
    return json_answer(await ask(request, "reporting.person", asked))
