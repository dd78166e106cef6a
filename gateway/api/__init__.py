"""The routes, one file for each kind of user. A route parses, asks one service, and passes its answer on."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from gateway.access import API
from gateway.parts import GuardedRoute

Responses = dict[int | str, dict[str, Any]]

PROBLEMS: Responses = {
    "default": {
        "description": "A problem document (RFC 9457)",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}},
    }
}


def router_for(*tags: str, prefix: str = API) -> APIRouter:
    """A router whose routes stand behind the access table."""
    return APIRouter(prefix=prefix, route_class=GuardedRoute, tags=list(tags), responses=PROBLEMS)


def json_answer(text: str, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """An answer that is JSON already."""
    return Response(text.encode(), status, headers=headers, media_type="application/json")
