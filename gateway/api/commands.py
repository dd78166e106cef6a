"""Commands to scheduling as routes take them: several with one result each, or one alone."""

from collections.abc import Sequence
from typing import Annotated, Final, TypeVar

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from gateway.api import Responses
from gateway.ask import execute
from gateway.body import check_times
from gateway.limits import COMMANDS_MAX
from gateway.parts import parts_of
from gateway.results import CommandDone, done, results
from services.contracts.message import Command

Kind = TypeVar("Kind")
Several = Annotated[tuple[Kind, ...], Field(min_length=1, max_length=COMMANDS_MAX)]
"""The commands of one body, in the order in which they are carried out."""

MADE: Final[Responses] = {
    200: {"model": CommandDone, "description": "It was done before by the same command"},
    201: {"model": CommandDone},
}
"""What a route that takes one command answers."""


async def carry_out(request: Request, commands: Sequence[Command]) -> Response:
    """Several commands, one result each. Raises Problem."""
    check_times(commands, parts_of(request).clock(), steps=False)
    return results("scheduling", await execute(request, "scheduling", commands), request)


async def carry_out_one(request: Request, command: Command) -> Response:
    """One command; refused, it is a problem. Raises Problem."""
    check_times([command], parts_of(request).clock(), steps=False)
    (outcome,) = await execute(request, "scheduling", [command])
    return done("scheduling", outcome)
