"""`reports` and `history`: questions through HTTP, one client, one after the other."""

import asyncio
import random
import time
from collections.abc import Callable, Coroutine, Iterator
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlencode
from uuid import UUID

import uvloop

from deploy.bench.connection import Connection
from deploy.bench.figures import Figure, Result, Target, at_most, latencies, percentile
from deploy.bench.ground import AUDITOR, MANAGER, PRISON_MANAGER, Ground
from deploy.bench.load import sign_in
from deploy.simulation.training import person
from deploy.telling import Telling

T = TypeVar("T")

QUESTIONS = 300
WARM_UP = 20
EVERY_SECONDS = 0.01
"""One client keeps below the rate that a session is allowed."""

NOW_MS, BEFORE_MS, HISTORY_MS = at_most(30), at_most(60), at_most(30)

Ask = Callable[[Any], str]
"""The next question, given the answer to the last one (None at first)."""


def reports(ground: Ground, telling: Telling) -> Result:
    """Overview and staff pages, of the whole service and of one prison, now and at other times."""
    figures: list[Figure] = []
    floor = asyncio_run(asked(ground, MANAGER, lambda _: "/healthz", telling, "health"))
    for place, unit, user in (("national", ground.root, MANAGER), ("prison", ground.prison, PRISON_MANAGER)):
        for kind in ("overview", "staff"):
            for times, target in (("now", NOW_MS), ("as of", BEFORE_MS), ("as of, known at", BEFORE_MS)):
                name = f"{kind}, {place}, {times}"
                telling.step(f"Asking for {name}")
                asking = _reports(ground, kind, unit, times)
                seconds = asyncio_run(asked(ground, user, asking, telling, name))
                figures += _told(name, seconds, target, floor)
    return Result(
        "reports",
        figures,
        {"questions each": QUESTIONS, "people": ground.sizes.people, "events": ground.sizes.events},
    )


def history(ground: Ground, telling: Telling) -> Result:
    """Everything about one person, for many persons."""
    chance = random.Random(ground.sizes.seed)  # noqa: S311
    counted: list[int] = []

    def ask(last: Any) -> str:
        if last is not None:
            counted.append(len(last["lines"]))
        number = chance.randrange(ground.sizes.people)
        return f"/api/v1/audit/people/{person(ground.sizes.seed, number)}/history"

    telling.step("Asking for histories")
    floor = asyncio_run(asked(ground, AUDITOR, lambda _: "/healthz", telling, "health"))
    seconds = asyncio_run(asked(ground, AUDITOR, ask, telling, "history"))
    return Result(
        "history",
        _told("one person", seconds, HISTORY_MS, floor),
        {
            "questions": QUESTIONS,
            "events each, mean": round(sum(counted) / len(counted), 1),
            "most": max(counted),
        },
    )


def asyncio_run(asking: Coroutine[Any, Any, T]) -> T:
    """Run on the quicker event loop."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(asking)


def _told(name: str, seconds: list[float], target: Target, floor: list[float]) -> list[Figure]:
    return latencies(name, seconds, None, target, percentile(floor, 0.5) * 1000, "GET /healthz, p50")


def _reports(ground: Ground, kind: str, unit: UUID, times: str) -> Ask:
    """Random moments of the history; of the staff, one page after the other."""
    moments = _moments(ground)

    def ask(last: Any) -> str:
        query = {"unit": str(unit), "course": ground.course}
        if "as of" in times:
            query["as_of"] = next(moments).isoformat()
        if "known at" in times:
            query["known_at"] = next(moments).isoformat()
        if kind == "staff" and last and last["cursor"] and times == "now":
            query["cursor"] = last["cursor"]
        return f"/api/v1/reports/{kind}?{urlencode(query)}"

    return ask


def _moments(ground: Ground) -> Iterator[datetime]:
    chance = random.Random(f"moments/{ground.sizes.seed}")  # noqa: S311
    days = (ground.until - ground.since).days
    while True:
        yield ground.since + timedelta(days=chance.uniform(days * 0.3, days))


async def asked(ground: Ground, user: str, ask: Ask, telling: Telling, what: str) -> list[float]:
    """Seconds of each question but the first few."""
    connection = Connection(ground.url)
    await sign_in(connection, user, ground.password)
    measured: list[float] = []
    last: Any = None
    for number in range(WARM_UP + QUESTIONS):
        target = ask(last)
        began = time.perf_counter()
        answer = await connection.get(target)
        seconds = time.perf_counter() - began
        if answer.status != 200:
            raise RuntimeError(f"{target}: {answer.status} {answer.body.decode(errors='replace')}")
        last = answer.json()
        if number >= WARM_UP:
            measured.append(seconds)
        if number % 20 == 0:
            telling.track(what, number, WARM_UP + QUESTIONS)
        await asyncio.sleep(max(EVERY_SECONDS - seconds, 0))
    connection.close()
    return measured
