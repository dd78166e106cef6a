"""`pages`: how long the server takes for a page, how heavy it is, and when a person sees it in a browser."""

import asyncio
import time
from uuid import UUID, uuid4

from deploy.bench.connection import Connection
from deploy.bench.figures import Figure, Result, at_most, percentile
from deploy.bench.ground import MANAGER, PRISON_MANAGER, Ground
from deploy.bench.load import sign_in
from deploy.bench.reports import asyncio_run
from deploy.browser import chromium
from deploy.browser import sign_in as sign_in_by_form
from deploy.telling import Telling
from gateway.web.course import SITTING_COOKIE
from services.backbone.clock import utc_now
from services.contracts.progress import record_id_of

TIMES = 200
WARM_UP = 10
EVERY_SECONDS = 0.01
FIRST_VIEWS = 5
LOADED = "performance.getEntriesByType('navigation')[0].loadEventEnd"

LEARNER_MS, BOARD_MS, FIRST_VIEW_MS = at_most(60), at_most(150), at_most(1_000)
PAGE_KILOBYTES = at_most(150)


def pages(ground: Ground, telling: Telling) -> Result:
    """Pages of learners in the middle of a course, and boards of managers of the whole and of one prison."""
    learner = ground.learners[0].user
    record, sitting = _sit_down(ground, learner)
    part = ground.way.parts[0]
    course = f"/learn/{record}"
    figures: list[Figure] = []
    heaviest: dict[str, int] = {}
    for user, target, paths in (
        (learner, LEARNER_MS, ("/training", course, f"{course}/{part.id}/{part.pages[1]}")),
        (MANAGER, BOARD_MS, (f"/units/{ground.root}", f"/units/{ground.root}/staff")),
        (PRISON_MANAGER, BOARD_MS, (f"/units/{ground.prison}", f"/units/{ground.prison}/staff")),
    ):
        for path in paths:
            name = path.replace(course, "/learn/(record)")
            name = name.replace(str(ground.root), "(whole)").replace(str(ground.prison), "(prison)")
            telling.step(f"Asking for {name}")
            seconds, size = asyncio_run(_asked(ground, user, path, sitting, telling, name))
            heaviest[name] = size
            figures += [
                Figure(f"{name} p50", percentile(seconds, 0.5) * 1000, "ms"),
                Figure(f"{name} p95", percentile(seconds, 0.95) * 1000, "ms", target),
            ]
    name, size = max(heaviest.items(), key=lambda each: each[1])
    figures.append(Figure(f"heaviest page ({name})", size / 1000, "KB", PAGE_KILOBYTES))
    telling.step("Looking at the overview in Chromium")
    views = _first_views(ground, f"/units/{ground.prison}")
    figures.append(Figure("overview, first view, slowest", max(views), "ms", FIRST_VIEW_MS))
    notes = {"times each": TIMES, "people": ground.sizes.people, "first views": FIRST_VIEWS}
    return Result("pages", figures, notes)


def _sit_down(ground: Ground, user: str) -> tuple[UUID, UUID]:
    """The learner's record, and the session in which they sit at a PC; one that ran before is taken over."""
    sitting = uuid4()
    with ground.person(user) as learner:
        record = record_id_of(UUID(learner.get("/me")["person_id"]), ground.course)
        steps: list[dict[str, str]] = [
            {"type": "progress.open_record", "course": ground.course},
            {"type": "progress.start_session", "record_id": str(record), "session_id": str(sitting)},
        ]
        learner.commands(
            [
                {"command_id": str(uuid4()), "occurred_at": utc_now().isoformat(), "language": "fr", **step}
                for step in steps
            ]
        )
    return record, sitting


async def _asked(
    ground: Ground, user: str, path: str, sitting: UUID, telling: Telling, what: str
) -> tuple[list[float], int]:
    """Seconds of each answer but the first few, and the size of the largest."""
    connection = Connection(ground.url)
    await sign_in(connection, user, ground.password)
    connection.carry(SITTING_COOKIE, sitting)
    measured: list[float] = []
    largest = 0
    for number in range(WARM_UP + TIMES):
        began = time.perf_counter()
        answer = await connection.get(path)
        seconds = time.perf_counter() - began
        if answer.status != 200 or (path.startswith("/learn/") and f"{sitting}".encode() not in answer.body):
            raise RuntimeError(f"{path}: {answer.status}")
        largest = max(largest, len(answer.body))
        if number >= WARM_UP:
            measured.append(seconds)
        if number % 20 == 0:
            telling.track(what, number, WARM_UP + TIMES)
        await asyncio.sleep(max(EVERY_SECONDS - seconds, 0))
    connection.close()
    return measured, largest


def _first_views(ground: Ground, path: str) -> list[float]:
    """Milliseconds until a page was loaded, each time in a browser that has never seen it."""
    seen: list[float] = []
    with chromium() as browser:
        for _ in range(FIRST_VIEWS):
            context = browser.new_context(base_url=ground.url, locale="nl-BE")
            page = context.new_page()
            sign_in_by_form(page, PRISON_MANAGER, ground.password, "/accessibility")
            page.goto(path)
            page.wait_for_function(f"{LOADED} > 0")
            seen.append(float(page.evaluate(LOADED)))
            context.close()
    return seen
