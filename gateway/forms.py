"""Forms of pages: small bodies, each field once, read before the guard lets the request in."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request

from gateway.body import read_all
from gateway.errors import Problem

FORM: Final = "application/x-www-form-urlencoded"
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
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise Problem("unsupported-media-type", params={"expected": FORM})
    try:
        text = (await read_all(request)).decode("utf-8")
        fields = parse_qsl(
            text,
            keep_blank_values=True,
            strict_parsing=bool(text),
            errors="strict",
            max_num_fields=FIELDS_MAX,
        )
    except ValueError:
        raise Problem("malformed") from None
    if "\x00" in text or any("\x00" in value for _, value in fields):
        raise Problem("malformed")
    form = request.scope["parcours.form"] = Form(fields)
    return form
