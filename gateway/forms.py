"""Forms of pages: small bodies, read before the guard lets the request in.

A form with a file comes as multipart: its fields are read here as those of any form, and nothing of
its file before somebody asks for it (`file_of`). So the proof that a form is ours is checked first.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request

from gateway.body import chunks_of, read_all
from gateway.errors import Problem
from gateway.limits import BODY_SECONDS, COMMANDS_BODY_BYTES_MAX, UPLOAD_SECONDS
from gateway.multipart import MULTIPART, Multipart, boundary_of

FORM: Final = "application/x-www-form-urlencoded"
FORM_BYTES_MAX: Final = COMMANDS_BODY_BYTES_MAX
"""A form without a file, wherever it is sent to; most places allow less (`gateway.edge`)."""
FIELDS_MAX: Final = 1_000
CSRF_FIELD: Final = "csrf"


class Form:
    """The fields of a form, in their order; a field may come several times (boxes that are ticked)."""

    def __init__(self, fields: list[tuple[str, str]]) -> None:
        """Hold what was sent."""
        self._fields = fields

    def one(self, name: str, default: str = "") -> str:
        """The first value of a field."""
        return next((value for key, value in self._fields if key == name), default)

    def all(self, name: str) -> list[str]:
        """Every value of a field."""
        return [value for key, value in self._fields if key == name]

    def starting(self, prefix: str) -> Mapping[str, list[str]]:
        """Fields whose names start so, by the rest of their names."""
        found: dict[str, list[str]] = {}
        for key, value in self._fields:
            if key.startswith(prefix):
                found.setdefault(key.removeprefix(prefix), []).append(value)
        return found


async def read_form(request: Request) -> Form:
    """The form of a request, read once. Raises Problem."""
    found = request.scope.get("parcours.form")
    if isinstance(found, Form):
        return found
    content_type = request.headers.get("content-type", "")
    kind = content_type.partition(";")[0].strip().lower()
    if kind not in (FORM, MULTIPART):
        raise Problem("unsupported-media-type", params={"expected": FORM})
    fields = await (_multipart_fields(request, content_type) if kind == MULTIPART else _plain_fields(request))
    if any("\x00" in name or "\x00" in value for name, value in fields):
        raise Problem("malformed")
    form = request.scope["parcours.form"] = Form(fields)
    return form


def file_of(request: Request) -> AsyncIterator[bytes]:
    """The file of a form that was read, as it comes. Raises Problem when the form has no place for one."""
    found = request.scope.get("parcours.multipart")
    if not isinstance(found, Multipart):
        raise Problem("unsupported-media-type", params={"expected": MULTIPART})
    return found.file()


async def _plain_fields(request: Request) -> list[tuple[str, str]]:
    try:
        text = (await read_all(request, FORM_BYTES_MAX)).decode("utf-8")
        return parse_qsl(
            text,
            keep_blank_values=True,
            strict_parsing=bool(text),
            errors="strict",
            max_num_fields=FIELDS_MAX,
        )
    except ValueError:
        raise Problem("malformed") from None


async def _multipart_fields(request: Request, content_type: str) -> list[tuple[str, str]]:
    coming = Multipart(boundary_of(content_type), chunks_of(request, UPLOAD_SECONDS))
    try:
        async with asyncio.timeout(BODY_SECONDS):
            fields = await coming.fields()
    except TimeoutError:
        raise Problem("too-slow") from None
    request.scope["parcours.multipart"] = coming
    return fields
