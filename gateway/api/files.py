"""Tables as routes offer them: as JSON, or whole, as a file for a spreadsheet."""

from typing import Annotated, Final

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from gateway.api import Responses, json_answer
from gateway.ask import ask
from gateway.export.file import TYPES, as_file, wanted_as
from gateway.export.table import Line, Table, Told
from services.contracts.message import Message

WrittenAs = Annotated[
    str | None,
    Query(
        alias="format",
        pattern="^(json|csv|xlsx)$",
        description="csv, xlsx: a file with all lines, in the language of `Accept-Language`; `Accept` says it too",
    ),
]

FILES: Final[Responses] = {
    200: {
        "content": {
            TYPES["csv"]: {"schema": {"type": "string"}},
            TYPES["xlsx"]: {"schema": {"type": "string", "format": "binary"}},
        }
    }
}
"""What a route with a table answers besides JSON."""


async def told_as(
    request: Request, written_as: str | None, table: Table[Told, Line], asked: Message
) -> Response:
    """What `table` says to a question. Raises Problem, Away or Failed."""
    if kind := wanted_as(request, written_as):
        return await as_file(request, kind, table, asked)
    return json_answer(await ask(request, table.method, asked), headers={"vary": "Accept"})
