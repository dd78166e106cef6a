"""How long it takes until a standing order for everybody has assigned its course to everybody, and reports show it."""

import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from shutil import copytree
from typing import Any, Final
from uuid import uuid4

from deploy.api import Refusal
from deploy.bench.figures import Figure, at_most
from deploy.bench.ground import CENTRE, COURSE_FOLDER, MANAGER, Ground
from deploy.telling import Telling
from services.content.source import zip_folder

SECONDS_MAX: Final = at_most(60)
WAIT_SECONDS_MAX: Final = 600.0
LOOK_SECONDS: Final = 0.2
KNOWN_SECONDS_MAX: Final = 20.0
COURSE: Final = "bench-of-orders"


def order_for_all(ground: Ground, telling: Telling) -> list[Figure]:
    """A second course, which nobody follows yet; given through the API, carried out by the service's policies."""
    _publish(ground)
    telling.step("Giving a standing order for everybody")
    with ground.person(MANAGER) as manager:
        told: dict[str, Any] = {
            "order_id": str(uuid4()),
            "course": COURSE,
            "unit_id": str(ground.root),
            "after_days": 90,
            "from_on": datetime.now(UTC).date().isoformat(),
        }
        _until_known(manager, told)
        began = time.perf_counter()
        while True:
            unit = manager.get("/reports/overview", unit=ground.root, course=COURSE)["unit"]
            assigned = sum(unit["counts"].values())
            telling.track("people assigned", assigned, unit["people"])
            if assigned >= unit["people"]:
                break
            if time.perf_counter() - began > WAIT_SECONDS_MAX:
                raise TimeoutError(f"{assigned} of {unit['people']} people were assigned")
            time.sleep(LOOK_SECONDS)
        seconds = time.perf_counter() - began
    return [
        Figure("order for everybody, people assigned", assigned, "people"),
        Figure("order for everybody, until reports show it", seconds, "s", SECONDS_MAX),
    ]


def _publish(ground: Ground) -> None:
    with tempfile.TemporaryDirectory() as name, ground.person(CENTRE) as centre:
        folder = Path(name) / "course"
        copytree(COURSE_FOLDER, folder)
        source = folder / "course.yaml"
        text = source.read_text(encoding="utf-8").replace(f"course: {ground.course}", f"course: {COURSE}")
        source.write_text(text, encoding="utf-8")
        packed = Path(name) / "course.zip"
        zip_folder(folder, packed)
        centre.upload("/courses", packed.read_bytes(), "application/zip")


def _until_known(manager: Any, told: dict[str, Any]) -> None:
    """Give the order, as soon as scheduling has heard of the course."""
    deadline = time.monotonic() + KNOWN_SECONDS_MAX
    while True:
        now = datetime.now(UTC).isoformat()
        try:
            manager.post("/orders", {**told, "command_id": str(uuid4()), "occurred_at": now})
        except Refusal as refused:
            if refused.rule != "course-unknown" or time.monotonic() > deadline:
                raise
            time.sleep(LOOK_SECONDS)
        else:
            return
