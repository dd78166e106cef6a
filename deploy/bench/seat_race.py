"""The race for the last seat: everybody asks for the same class at the same moment, at several copies of scheduling.

`python -m deploy.bench.seat_race` is one copy: it decides as `serve` does, with clients who wait in threads
and send the same request again when they are told that the class is busy.
"""

import asyncio
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

import httpx
import psycopg

from deploy.api import Person
from deploy.bench.figures import Figure, at_least, at_most
from deploy.bench.ground import MANAGER, Ground
from deploy.local.stack import REPOSITORY
from deploy.telling import Telling
from services.backbone.log import StoreAway
from services.contracts.access import Actor, Role
from services.contracts.message import Done
from services.contracts.scheduling.classes import (
    SEATS_MAX,
    ClassDay,
    NameClassCourse,
    PublishClass,
    RequestClass,
)
from services.scheduling.application import Application

COPIES: Final = 4
AT_ONCE: Final = 1
"""Requests that one copy has in hand: a class is one stream, and a gateway gathers what comes meanwhile."""

PER_SECOND_MIN: Final = at_least(200)
TOO_MANY_MAX: Final = at_most(0)
COURSE: Final = "bench-in-person"
WAIT_SECONDS: Final = 0.005
RACE_SECONDS_MAX: Final = 120.0


@dataclass(frozen=True, slots=True)
class Race:
    """How it ended. `again`: requests that were sent again because the class was busy."""

    asked: int
    seats: int
    given: int
    waiting: int
    engaged: int
    again: int
    seconds: float

    @property
    def too_many(self) -> int:
        """Seats that there are not, and people without a seat who are not on the list."""
        seats = min(self.seats, self.asked)
        return (
            abs(self.given - seats) + abs(self.engaged - seats) + abs(self.given + self.waiting - self.asked)
        )


def seat_race(ground: Ground, telling: Telling) -> list[Figure]:
    """N + 1 requests for N seats: all at once at the gateway; then at several copies of scheduling."""
    database = ground.database("scheduling")
    with psycopg.connect(database) as connection:
        rows = connection.execute("SELECT person_id FROM membership LIMIT %s", (SEATS_MAX + 1,)).fetchall()
    people = [row[0] for row in rows]
    key = Path(ground.settings["PARCOURS_ACTOR_PUBLIC_KEY"])
    telling.step(f"{len(people)} people ask for {len(people) - 1} seats at the same moment")
    with ground.person(MANAGER) as manager:
        door = at_the_door(database, key, ground.root, people, manager)
    telling.step(f"The same at {COPIES} copies of scheduling")
    copies = run(database, key, ground.root, people)
    wrong = door.too_many + copies.too_many
    return [
        Figure("seat requests at once, answered/s", door.asked / door.seconds, "/s", PER_SECOND_MIN),
        Figure(f"at {COPIES} copies that are rivals, answered/s", copies.asked / copies.seconds, "/s"),
        Figure("sent again, since the class was busy", door.again + copies.again, "requests"),
        Figure("seats too many, or people lost", wrong, "", TOO_MANY_MAX),
    ]


def at_the_door(database: str, key: Path, centre: UUID, people: list[UUID], manager: Person) -> Race:
    """Everybody's request is on its way before the first is answered."""
    application = Application(database, key, on_commit=lambda _: None)
    class_id = hold(application, centre, len(people) - 1)
    again, seconds = asyncio.run(_ask_all(manager, class_id, people))
    return _counted(application, class_id, len(people), again, seconds)


async def _ask_all(manager: Person, class_id: UUID, people: list[UUID]) -> tuple[int, float]:
    """How often a request was sent again, and how long it took; each has a connection of its own, open already."""
    limits = httpx.Limits(max_connections=len(people), max_keepalive_connections=len(people))
    async with httpx.AsyncClient(
        base_url=manager.address, headers=manager.headers, timeout=RACE_SECONDS_MAX, limits=limits
    ) as client:

        async def ask(person: UUID) -> int:
            command = RequestClass(**_told(), class_id=class_id, person_id=person).model_dump(mode="json")
            for again in range(1_000):
                answer = await client.post("/requests", json={"commands": [command]})
                if answer.status_code not in (429, 503):
                    answer.raise_for_status()
                    return again
                await asyncio.sleep(WAIT_SECONDS)
            raise AssertionError(f"{person} was not answered")

        for opened in await asyncio.gather(*(client.get("/me") for _ in people)):
            opened.raise_for_status()
        began = time.perf_counter()
        return sum(await asyncio.gather(*map(ask, people))), time.perf_counter() - began


def hold(application: Application, centre: UUID, seats: int) -> UUID:
    """A class on a day of its own, so that nobody is taken already."""
    class_id = uuid4()
    begins = datetime.now(UTC) + timedelta(days=500 + class_id.int % 10_000)
    _done(application, NameClassCourse(**_told(), course=COURSE, title={"fr": "Course"}, validity_months=0))
    _done(
        application,
        PublishClass(
            **_told(),
            class_id=class_id,
            course=COURSE,
            language="fr",
            centre_id=centre,
            room="A",
            days=(ClassDay(starts_at=begins, ends_at=begins + timedelta(hours=7)),),
            seats=seats,
        ),
    )
    return class_id


def run(database: str, key: Path, centre: UUID, people: list[UUID], copies: int = COPIES) -> Race:
    """Hold a class with a seat for all but one, let everybody ask, and count what is there in the end."""
    application = Application(database, key, on_commit=lambda _: None)
    class_id = hold(application, centre, len(people) - 1)
    with ExitStack() as running:
        racers = _started(running, database, key, class_id, [people[n::copies] for n in range(copies)])
        began = time.perf_counter()
        for racer in racers:  # to all of them first: who waits for one to end has them run one after another
            assert racer.stdin is not None
            racer.stdin.write("go\n")
            racer.stdin.flush()
        again = sum(int(racer.communicate()[0]) for racer in racers)
        seconds = time.perf_counter() - began
    return _counted(application, class_id, len(people), again, seconds)


def _started(
    running: ExitStack, database: str, key: Path, class_id: UUID, shares: list[list[UUID]]
) -> list[subprocess.Popen[str]]:
    """A copy for each share of people, ready to race; all of them end with `running`, or when it takes too long."""
    racers = [
        subprocess.Popen(
            [
                sys.executable,
                "-m",
                "deploy.bench.seat_race",
                database,
                str(key),
                str(class_id),
                *map(str, theirs),
            ],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for theirs in shares
        if theirs
    ]
    for racer in racers:
        running.callback(racer.kill)
        too_long = threading.Timer(RACE_SECONDS_MAX, racer.kill)
        too_long.start()
        running.callback(too_long.cancel)
    for racer in racers:
        assert racer.stdout is not None
        if racer.stdout.readline() != "ready\n":
            raise RuntimeError("a copy of scheduling did not start")
    return racers


def _counted(application: Application, class_id: UUID, asked: int, again: int, seconds: float) -> Race:
    topics = application.log.select("SELECT topic FROM stored_events WHERE originator_id = %s", (class_id,))
    happened = Counter(row[0].rpartition(".")[2] for row in topics)
    ((engaged,),) = application.log.select(
        "SELECT count(DISTINCT person_id) FROM engagement WHERE place_id = %s", (class_id,)
    )
    application.log.close()
    given, waiting = happened["SeatGiven"], happened["Waitlisted"]
    return Race(asked, asked - 1, given, waiting, int(engaged), again, seconds)


def _copy(database: str, key: str, class_id: str, *people: str) -> None:
    """One copy of scheduling, and its clients."""
    application = Application(database, Path(key), on_commit=lambda _: None)
    actor = _actor(Role.OPERATOR)

    def ask(person: str) -> int:
        command = RequestClass(**_told(), class_id=UUID(class_id), person_id=UUID(person))
        for again in range(1_000):
            try:
                (outcome,) = application.desk.execute([(actor, command)])
            except StoreAway:  # what a client knows as 503: nothing is lost, the same once more
                time.sleep(WAIT_SECONDS)
                continue
            if not isinstance(outcome, Done):
                raise AssertionError(outcome)
            return again
        raise AssertionError(f"{person} was not answered")

    print("ready", flush=True)  # noqa: T201
    sys.stdin.readline()
    with ThreadPoolExecutor(AT_ONCE) as clients:
        print(sum(clients.map(ask, people)), flush=True)  # noqa: T201
    application.log.close()


def _told() -> dict[str, Any]:
    return {"command_id": uuid4(), "occurred_at": datetime.now(UTC)}


def _actor(role: Role) -> Actor:
    expires_at = datetime.now(UTC) + timedelta(hours=1)
    return Actor(person_id=uuid4(), roles=frozenset({role}), expires_at=expires_at)


def _done(application: Application, command: NameClassCourse | PublishClass) -> None:
    (outcome,) = application.desk.execute([(_actor(Role.TRAINING_CENTRE), command)])
    if not isinstance(outcome, Done):
        raise AssertionError(outcome)


if __name__ == "__main__":
    _copy(*sys.argv[1:])
