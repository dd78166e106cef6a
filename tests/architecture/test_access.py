"""Every route stands in the access table, and opens no RPC method wider than its own row. With controls."""

from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import pytest
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from gateway.access import PUBLIC, ROUTES, Access
from gateway.api import router_for
from gateway.app import ROUTERS
from gateway.parts import GuardedRoute
from services.contracts.access import ANYONE, FOLLOWERS, RPC_ACCESS, Role

Table = dict[tuple[str, str], Access]

PROBES = {"content.audit_feed", "progress.audit_feed", "scheduling.audit_feed", "reporting.health"}
"""What /readyz asks in the gateway's own name."""


def all_routes() -> list[BaseRoute]:
    return [route for router in ROUTERS for route in router.routes]


def faults(routes: Iterable[BaseRoute], table: Table, rpc: dict[str, frozenset[Role]]) -> list[str]:
    """What does not fit, in words."""
    found: list[str] = []
    seen: set[tuple[str, str]] = set()
    for route in routes:
        if not isinstance(route, GuardedRoute):
            found.append(f"{getattr(route, 'path', route)}: not behind the table")
            continue
        seen |= {(method, route.path) for method in route.methods or ()}
    found += [f"{method} {path}: no row" for method, path in sorted(seen - set(table))]
    found += [f"{method} {path}: a row without a route" for method, path in sorted(set(table) - seen)]
    for (method, path), access in table.items():
        if access.public == bool(access.roles):
            found.append(f"{method} {path}: either public or for roles")
        for call in access.calls:
            if call not in rpc:
                found.append(f"{method} {path}: calls {call}, which has no row")
            elif not (access.roles or access.acts_as) or not access.roles | access.acts_as <= rpc[call]:
                found.append(f"{method} {path}: wider than {call}")
    called = {call for access in table.values() for call in access.calls}
    for name, roles in rpc.items():
        if roles == FOLLOWERS and name in called:
            found.append(f"{name}: for followers only, and a route calls it")
        if roles != FOLLOWERS and name not in called | PROBES:
            found.append(f"{name}: no route calls it")
    return found


def test_the_table_and_the_routes_agree() -> None:
    assert faults(all_routes(), ROUTES, RPC_ACCESS) == []


def test_a_planted_route_is_caught() -> None:
    planted = router_for("planted")

    @planted.get("/planted")
    async def open_door() -> None: ...

    assert faults([*all_routes(), *planted.routes], ROUTES, RPC_ACCESS) == ["GET /api/v1/planted: no row"]


def test_a_route_beside_the_guard_is_caught() -> None:
    async def open_door() -> None: ...

    planted = APIRoute("/planted", open_door)
    assert faults([*all_routes(), planted], ROUTES, RPC_ACCESS) == ["/planted: not behind the table"]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (Access(ANYONE), "GET /gone: a row without a route"),
        (Access(ANYONE, ("progress.record",)), "GET /gone: wider than progress.record"),
        (Access(ANYONE, ("progress.everything",)), "GET /gone: calls progress.everything, which has no row"),
        (Access(frozenset()), "GET /gone: either public or for roles"),
        (Access(frozenset(), ("reporting.me",), public=True), "GET /gone: wider than reporting.me"),
        (
            Access(frozenset(), ("progress.read_feed",), True),
            "progress.read_feed: for followers only, and a route calls it",
        ),
    ],
)
def test_a_planted_row_is_caught(row: Access, fault: str) -> None:
    assert fault in faults(all_routes(), {**ROUTES, ("GET", "/gone"): row}, RPC_ACCESS)


def test_a_planted_rpc_method_is_caught() -> None:
    assert faults(all_routes(), ROUTES, {**RPC_ACCESS, "progress.forget": ANYONE}) == [
        "progress.forget: no route calls it"
    ]


def test_every_rpc_method_of_every_service_has_a_row() -> None:
    """Read from the text of the services: importing them would start eventlet's half of the world."""
    found = set()
    for file in (Path(__file__).parents[2] / "services").glob("*/service.py"):
        lines = file.read_text(encoding="utf-8").splitlines()
        for before, line in pairwise(lines):
            if before.strip().startswith("@question("):
                found.add(f"{file.parent.name}.{line.split('def ')[1].split('(')[0]}")
    assert found, "the services are not where this test looks"
    assert found - set(RPC_ACCESS) == set()


def test_what_is_public_is_little() -> None:
    public = {path for (_, path), access in ROUTES.items() if access.public}
    assert public == {
        "/api/v1/session", "/docs", "/docs/{file}", "/healthz", "/metrics", "/openapi.json", "/readyz",
        "/accessibility", "/language", "/sign-in", "/static/{version}/{file}",
        "/confirm", "/confirm/{number}", "/calendar/{secret}.ics",
    }  # fmt: skip
    assert PUBLIC.roles == frozenset()
