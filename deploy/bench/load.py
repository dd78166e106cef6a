"""Clients: signed-in learners who send one valid command after the other, and write down what they hear.

A process of its own: `python -m deploy.bench.load` reads a `Plan` as JSON from its input, says
`ready` when all are signed in, begins at the next line of its input, and ends with one JSON line
on its own cost. All else stands in the ledger.
"""

import asyncio
import contextlib
import json
import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from uuid import UUID

import uvloop

from deploy.bench.connection import Connection, Unanswered
from deploy.bench.ledger import Ledger
from deploy.bench.walker import Command, Part, Walker, Way
from services.backbone.clock import utc_now

COMMANDS = "/api/v1/me/commands"
SIGN_INS_AT_ONCE = 4
AGAIN_SECONDS = 0.2
"""Pause before a command is sent again that got no answer, or one that says: later."""

PAUSE_SECONDS_MAX = 5.0
AGAIN = frozenset({429, 500, 502, 503, 504})


@dataclass(frozen=True)
class Learner:
    """A learner with an account; with a token they are signed in already."""

    user: str
    password: str
    person_id: UUID
    token: str | None = None


@dataclass(frozen=True)
class Plan:
    """Who sends what to whom, for how long, how fast. Without a rate: as fast as answers come."""

    base_url: str
    learners: tuple[Learner, ...]
    way: Way
    seconds: float
    ledger: Path
    seed: str = "1"
    rate_per_second: float | None = None
    first_period: int = 1

    def text(self) -> str:
        """As one line of JSON."""
        return json.dumps(asdict(self), default=str)

    @classmethod
    def read(cls, text: str) -> "Plan":
        """From JSON."""
        told = json.loads(text)
        way = told["way"]
        parts = tuple(Part(part["id"], tuple(part["pages"])) for part in way["parts"])
        return cls(
            base_url=told["base_url"],
            learners=tuple(
                Learner(x["user"], x["password"], UUID(x["person_id"]), x["token"]) for x in told["learners"]
            ),
            way=Way(way["course"], way["version"], parts),
            seconds=told["seconds"],
            ledger=Path(told["ledger"]),
            seed=told["seed"],
            rate_per_second=told["rate_per_second"],
            first_period=told["first_period"],
        )


class Rejected(Exception):
    """A command that should be valid was turned down: the test is wrong, or the system is."""


class Client:
    """One learner at one connection."""

    def __init__(self, connection: Connection, walker: Walker, ledger: Ledger) -> None:
        """Send the walker's commands."""
        self._connection = connection
        self._walker = walker
        self._ledger = ledger

    async def learn(
        self, until: float, every_seconds: float | None = None, offset_seconds: float = 0
    ) -> None:
        """Go on until `time.monotonic()` says so; the last command is answered too. Raises Rejected.

        With `every_seconds` commands keep to a timetable that begins after the offset. Who is late
        leaves places of it out, so that a slow moment is not followed by a burst.
        """
        due = time.monotonic() + offset_seconds
        while (now := time.monotonic()) < until:
            if every_seconds is not None:
                if due > now:
                    await asyncio.sleep(due - now)
                due = max(due + every_seconds, time.monotonic() - every_seconds)
            await self.settle(self._walker.next())

    async def settle(self, command: Command) -> None:
        """Send one command until it is answered. Raises Rejected."""
        body = json.dumps({"commands": [command.body]}).encode()
        pause = AGAIN_SECONDS
        while True:
            self._ledger.sent(command.id, command.type)
            try:
                answer = await self._connection.post(COMMANDS, body)
            except Unanswered:
                self._ledger.failed(command.id, "unanswered")
            else:
                if answer.status == 200:
                    result = answer.json()["results"][0]
                    self._ledger.answered(command.id, result["outcome"], result.get("position") or 0)
                    return
                if answer.status not in AGAIN:
                    self._ledger.answered(command.id, "refused", 0)
                    raise Rejected(f"{command.type}: {answer.status} {answer.body.decode(errors='replace')}")
                self._ledger.failed(command.id, str(answer.status))
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, PAUSE_SECONDS_MAX)


async def sign_in(connection: Connection, user: str, password: str) -> str:
    """Sign in on a connection, which sends the token from then on; too many at once wait.

    Raises Rejected, Unanswered.
    """
    body = json.dumps({"user": user, "password": password}).encode()
    for _ in range(100):
        answer = await connection.post("/api/v1/session", body)
        if answer.status < 300:
            token = str(answer.json()["token"])
            connection.sign(token)
            return token
        if answer.status not in AGAIN:
            break
        await asyncio.sleep(AGAIN_SECONDS)
    raise Rejected(f"sign-in of {user}: {answer.status} {answer.body.decode(errors='replace')}")


async def all_signed_in(
    base_url: str, learners: Sequence[Learner], on_progress: Callable[[int], None] = lambda count: None
) -> list[Learner]:
    """The same learners with tokens. A few sign in at the same time: passwords cost the gateway a lot."""
    signed: dict[str, Learner] = {}
    turn = asyncio.Semaphore(SIGN_INS_AT_ONCE)

    async def enter(learner: Learner) -> None:
        async with turn:
            connection = Connection(base_url)
            token = learner.token or await sign_in(connection, learner.user, learner.password)
            connection.close()
            signed[learner.user] = replace(learner, token=token)
            on_progress(len(signed))

    async with asyncio.TaskGroup() as group:
        for learner in learners:
            group.create_task(enter(learner))
    return [signed[learner.user] for learner in learners]


def _connected(base_url: str, learner: Learner) -> Connection:
    connection = Connection(base_url)
    assert learner.token
    connection.sign(learner.token)
    return connection


async def work(plan: Plan) -> None:
    """Sign in, wait for the word, send, and tell what it cost."""
    learners = await all_signed_in(plan.base_url, plan.learners)
    connections = [_connected(plan.base_url, learner) for learner in learners]
    ledger = Ledger(plan.ledger)
    walkers = [
        Walker(learner.person_id, plan.way, plan.seed, utc_now, first_period=plan.first_period)
        for learner in plan.learners
    ]
    clients = [Client(*of, ledger) for of in zip(connections, walkers, strict=True)]
    _say({"ready": len(clients)})
    sys.stdin.readline()
    before, began = _cpu_seconds(), time.monotonic()
    until = began + plan.seconds
    every = len(clients) / plan.rate_per_second if plan.rate_per_second else None
    async with asyncio.TaskGroup() as group:
        for number, client in enumerate(clients):
            group.create_task(client.learn(until, every, (every or 0) * number / len(clients)))
    _say({"began": began, "cpu_seconds": _cpu_seconds() - before})
    for connection in connections:
        connection.close()
    ledger.close()


def _say(told: dict[str, float]) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Run the plan on standard input."""
    plan = Plan.read(sys.stdin.readline())
    with contextlib.suppress(KeyboardInterrupt):
        uvloop.run(work(plan))


if __name__ == "__main__":
    main()
