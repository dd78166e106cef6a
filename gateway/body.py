"""Bodies of requests: read within a time, parsed once, from bytes; and described in the OpenAPI."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Generic, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect, Request

from gateway.errors import Fault, Problem, malformed
from gateway.limits import BODY_SECONDS
from services.backbone.limits import CLOCK_SKEW_SECONDS, STEP_AGE_DAYS
from services.contracts.message import Command

Model = TypeVar("Model", bound=BaseModel)
JSON: Final = "application/json"
_SKEW: Final = timedelta(seconds=CLOCK_SKEW_SECONDS)
_AGE: Final = timedelta(days=STEP_AGE_DAYS)


class JsonBody(Generic[Model]):
    """A JSON body of one kind."""

    kinds: Final[set[type[BaseModel]]] = set()  # all that the OpenAPI must describe

    def __init__(self, kind: type[Model]) -> None:
        """Expect `kind`."""
        self._kind = kind
        self._validate = kind.__pydantic_validator__.validate_json
        self.kinds.add(kind)

    async def read(self, request: Request) -> Model:
        """The body. Raises Problem with the place of what is wrong."""
        content_type = request.headers.get("content-type", JSON)
        if content_type != JSON and content_type.partition(";")[0].strip().lower() != JSON:
            raise Problem("unsupported-media-type", params={"expected": JSON})
        try:
            model: Model = self._validate(await read_all(request))
        except ValidationError as error:
            raise malformed(
                error.errors(include_url=False, include_input=False, include_context=False)
            ) from error
        return model

    @property
    def openapi(self) -> dict[str, Any]:
        """What a route says of it in `openapi_extra`."""
        schema = {"$ref": f"#/components/schemas/{self._kind.__name__}"}
        return {"requestBody": {"required": True, "content": {JSON: {"schema": schema}}}}


async def read_all(request: Request, limit_bytes: int | None = None) -> bytes:
    """The whole body. Its size is limited where it comes in (`gateway.edge`), and to `limit_bytes`. Raises Problem."""
    deadline = asyncio.get_running_loop().time() + BODY_SECONDS
    body, more = await _next_chunk(request, deadline)  # most bodies come in one piece
    if not more:
        return body
    chunks, size = [body], len(body)
    while more:
        chunk, more = await _next_chunk(request, deadline)
        chunks.append(chunk)
        size += len(chunk)
        if limit_bytes is not None and size > limit_bytes:
            raise Problem("too-large", params={"bytes": str(limit_bytes)})
    return b"".join(chunks)


async def chunks_of(request: Request, limit_seconds: float) -> AsyncIterator[bytes]:
    """The body in pieces. Raises Problem when it is not there within the limit, ClientDisconnect."""
    deadline = asyncio.get_running_loop().time() + limit_seconds
    more = True
    while more:
        chunk, more = await _next_chunk(request, deadline)
        if chunk:
            yield chunk


async def _next_chunk(request: Request, deadline: float) -> tuple[bytes, bool]:
    try:
        async with asyncio.timeout_at(deadline):
            message = await request.receive()
    except TimeoutError as error:
        raise Problem("too-slow") from error
    if message["type"] == "http.disconnect":
        raise ClientDisconnect
    return message.get("body", b""), message.get("more_body", False)


def check_times(commands: Sequence[Command], now: datetime, *, steps: bool) -> None:
    """Refuse a body with a command from the future or, for a learner's `steps`, from too long ago."""
    latest, earliest = now + _SKEW, now - _AGE
    for index, command in enumerate(commands):
        at = command.occurred_at
        if at > latest:
            kind = "time-in-future"
        elif steps and at < earliest:
            kind = "time-too-old"
        else:
            continue
        raise Problem(kind, faults=[Fault(f"commands.{index}.occurred_at", kind)])
