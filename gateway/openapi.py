"""The interface described (OpenAPI 3.1), and a page that lists it without asking anybody outside."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import FastAPI
from fastapi import Path as InPath
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, ConfigDict
from pydantic.json_schema import models_json_schema
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response

from gateway.access import ROUTES
from gateway.api import json_answer, router_for
from gateway.body import JsonBody
from gateway.errors import Problem
from gateway.examples import EXAMPLES
from gateway.examples.example import dated
from gateway.parts import parts_of

router = router_for("about", prefix="")

DOCS: Final = Path(__file__).parent / "docs"
DOCS_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
DOCS_TYPES: Final = {"docs.js": "text/javascript; charset=utf-8", "docs.css": "text/css; charset=utf-8"}

DESCRIPTION: Final = """
Training as a record: every step an event, every overview made from events.

Sign in with `POST /api/v1/session`, and send the token as `Authorization: Bearer …`. Browsers have it in
a cookie, and send `X-CSRF-Token` with every write.

A command carries a `command_id` that the client makes (a random UUID): sending it twice is doing it once.
A write answers with its `position`; a read with `at_least=POSITION` waits until it shows it. Problems are
documents of RFC 9457 with a sentence in French, Dutch or English (`Accept-Language`).
"""


class FaultView(BaseModel):
    """One thing wrong with a request."""

    place: str
    sentence: str
    reason: str | None = None


class ProblemDocument(BaseModel):
    """What could not be done, and what to do about it (RFC 9457)."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    correlation_id: str
    rule: str | None = None
    params: dict[str, str] | None = None
    errors: list[FaultView] | None = None


def describe(app: FastAPI, today: date, cookie: str) -> dict[str, Any]:
    """The OpenAPI document: what FastAPI finds, and the bodies, problems, sign-on and examples that it cannot.

    Examples are dated `today`, so that they can be sent as they are; `cookie` names that of a session.
    """
    document = get_openapi(
        title=app.title,
        version=app.version,
        openapi_version="3.1.0",
        description=DESCRIPTION,
        routes=app.routes,
        separate_input_output_schemas=False,
    )
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    kinds: list[type[BaseModel]] = [ProblemDocument, *sorted(JsonBody.kinds, key=lambda kind: kind.__name__)]
    _, ours = models_json_schema(
        [(kind, "validation") for kind in kinds], ref_template="#/components/schemas/{model}"
    )
    for name, schema in ours["$defs"].items():
        schemas.setdefault(name, schema)
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer"},
        "cookie": {"type": "apiKey", "in": "cookie", "name": cookie},
    }
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            _complete(operation, method.upper(), path, today)
    return document


def _complete(operation: dict[str, Any], method: str, path: str, today: date) -> None:
    access = ROUTES[method, path]
    operation["security"] = [] if access.public else [{"bearer": []}, {"cookie": []}]
    if access.roles:
        roles = ", ".join(sorted(access.roles))
        operation["description"] = f"{operation.get('description', '')}\n\nRoles: {roles}.".strip()
    example = EXAMPLES.get((method, path))
    if example is None:
        return
    if example.request is not None:
        for content in operation["requestBody"]["content"].values():
            content["example"] = dated(example.request, today)
    if example.answer is not None:
        content = operation["responses"][str(example.status)].setdefault("content", {})
        content.setdefault(example.media_type, {})["example"] = dated(example.answer, today)


@router.get("/openapi.json", summary="This document")
async def openapi_json(request: Request) -> Response:
    """OpenAPI 3.1."""
    parts = parts_of(request)
    state, today = request.app.state, parts.clock().date()
    if getattr(state, "described_on", None) != today:
        state.description = to_json(describe(request.app, today, parts.sessions.cookie)).decode()
        state.described_on = today
    return json_answer(state.description, headers={"cache-control": "no-cache"})


@router.get("/docs", response_class=PlainTextResponse, summary="This document, to read and try")
async def docs(request: Request) -> Response:
    """A page."""
    return FileResponse(DOCS / "index.html", media_type="text/html; charset=utf-8", headers=_docs_headers())


@router.get("/docs/{file}", response_class=PlainTextResponse, summary="What the page needs")
async def docs_file(
    request: Request, file: Annotated[str, InPath(description="docs.js or docs.css")]
) -> Response:
    """Its script and its style."""
    if file not in DOCS_TYPES:
        raise Problem("not-found")
    return FileResponse(DOCS / file, media_type=DOCS_TYPES[file], headers=_docs_headers())


def _docs_headers() -> dict[str, str]:
    return {"content-security-policy": DOCS_POLICY, "cache-control": "no-cache"}
