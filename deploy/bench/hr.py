"""How long a file of HR takes with the whole staff in it: read and compared, then applied."""

import csv
import io
import time
from collections.abc import Iterable
from typing import Any, Final
from uuid import uuid4

import psycopg

from deploy.api import Person
from deploy.bench.figures import Figure, at_most
from deploy.bench.ground import OPERATOR, Ground
from deploy.telling import Telling

SECONDS_MAX: Final = at_most(20)
WAIT_SECONDS_MAX: Final = 300.0
LOOK_SECONDS: Final = 0.05
COLUMNS: Final = ("staff_number", "given_name", "family_name", "language", "unit")
MOVED_EVERY: Final = 50
"""One in so many moves to another unit."""

STAFF: Final = (
    "SELECT d.staff_number, d.given_name, d.family_name, d.language, m.unit_id::text"
    " FROM directory d JOIN membership m USING (person_id) WHERE d.staff_number IS NOT NULL ORDER BY 1 LIMIT %s"
)

Row = tuple[str, str, str, str, str]


def import_of_all(ground: Ground, telling: Telling) -> list[Figure]:
    """As it comes every month, with some who moved; and the very first one, in which everybody is new."""
    with psycopg.connect(ground.database("scheduling")) as database:
        staff: list[Row] = database.execute(STAFF, (ground.sizes.people,)).fetchall()
    units = sorted({row[-1] for row in staff})
    monthly = [
        (*row[:-1], units[place % len(units)] if place % MOVED_EVERY == 0 else row[-1])
        for place, row in enumerate(staff)
    ]
    newcomers = [(f"N{place:07}", *row[1:]) for place, row in enumerate(staff)]
    figures: list[Figure] = []
    with ground.person(OPERATOR) as operator:
        for name, rows in (("monthly", monthly), ("everybody new", newcomers)):
            telling.step(f"Sending a file of HR: {name}")
            compared, applied, counts = _imported(operator, rows)
            changed = sum(counts[kind] for kind in ("joins", "moves", "changes", "returns", "leaves"))
            figures += [
                Figure(f"HR file, {name}, people changed", changed, f"of {len(rows):,}"),
                Figure(f"HR file, {name}, read and compared", compared, "s"),
                Figure(f"HR file, {name}, until all is applied", compared + applied, "s", SECONDS_MAX),
            ]
            ground.settle()
    return figures


def _imported(operator: Person, rows: Iterable[Row]) -> tuple[float, float, dict[str, int]]:
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows([COLUMNS, *rows])
    began = time.perf_counter()
    sent = operator.upload(
        "/staff/imports?mode=delta&dry_run=true",
        out.getvalue().encode(),
        "text/csv",
        **{"Idempotency-Key": str(uuid4())},
    )
    address = f"/staff/imports/{sent['import_id']}"
    compared = _until(operator, address, "checked")
    seen = time.perf_counter()
    operator.post(f"{address}/confirm", {"leaving": None})
    _until(operator, address, "applied")
    counts: dict[str, int] = compared["counts"]
    return seen - began, time.perf_counter() - seen, counts


def _until(operator: Person, address: str, state: str) -> Any:
    deadline = time.monotonic() + WAIT_SECONDS_MAX
    while time.monotonic() < deadline:
        told = operator.get(address)
        if told["state"] == state:
            return told
        if told["state"] in ("faulty", "failed"):
            raise RuntimeError(f"the file of HR is {told['state']}: {told['faults'][:3]}")
        time.sleep(LOOK_SECONDS)
    raise TimeoutError(f"no file of HR was {state} within {WAIT_SECONDS_MAX} s")
