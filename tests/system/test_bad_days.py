"""Bad days: kill -9 of anything at any moment. Nothing acknowledged is lost, nothing counts twice."""

import asyncio
import random
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from deploy.api import Person
from deploy.bench.ledger import Count, Ledger, compare, events_by_command, head, read
from deploy.demo.load import open_account
from deploy.demo.people import DEMO_PASSWORD
from deploy.local.provision import SERVICES
from deploy.local.stack import REPOSITORY, Stack
from services.contracts.access import Role
from tests.system.stubborn import StubbornLearner

COURSE = "recognising-radicalisation"
LEARNERS = 24
ACKNOWLEDGED_MIN = 5_000
LONG_ROUNDS = 30
LONG_ACKNOWLEDGED_MIN = 200_000
RECOVERY_SECONDS = 30.0
SEED = 20270630


@pytest.fixture(scope="module")
def learners(stack: Stack) -> list[tuple[object, str]]:
    """People with accounts, signed in: their ids and tokens."""
    people = []
    for number in range(LEARNERS):
        person_id = uuid4()
        open_account(stack, f"stubborn-{number}", person_id, [Role.LEARNER])
        answer = httpx.post(
            f"{stack.gateway_url}/api/v1/session",
            json={"user": f"stubborn-{number}", "password": DEMO_PASSWORD},
            timeout=20,
        )
        people.append((person_id, answer.json()["token"]))
    return people


def ready(stack: Stack, seconds: float = RECOVERY_SECONDS) -> float:
    """Wait until the gateway says ready; how long it took."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        try:
            if httpx.get(f"{stack.gateway_url}/readyz", timeout=5).status_code == 200:
                return time.monotonic() - began
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"not ready again within {seconds} s")


async def _drive(
    stack: Stack, learners: list, ledger: Ledger, faults: Callable[[], None], enough: int
) -> None:
    until = asyncio.Event()
    clients = [
        StubbornLearner(person, token, stack.gateway_url, COURSE, ledger) for person, token in learners
    ]
    tasks = [asyncio.create_task(client.learn(until)) for client in clients]
    await asyncio.to_thread(faults)
    while sum(client.answered for client in clients) < enough and not any(task.done() for task in tasks):
        await asyncio.sleep(0.1)  # clients end by themselves only when something is wrong: it is raised below
    until.set()
    await asyncio.wait_for(asyncio.gather(*tasks), timeout=60)


def _books(stack: Stack, learners: list, folder: Path, *, rounds: int, enough: int) -> Count:
    """Kill every process, broker and database, so many times, while commands flow; then count."""
    chance = random.Random(SEED)
    recoveries: dict[str, float] = {}

    def faults() -> None:
        for _ in range(rounds):
            victims = list(stack.process_names())
            chance.shuffle(victims)
            for victim in victims:
                time.sleep(chance.uniform(0.5, 1.5))
                stack.kill(victim)
                time.sleep(0.3)
                recoveries[victim] = max(ready(stack), recoveries.get(victim, 0.0))

    database_url = stack.environment()["PROGRESS_DATABASE_URL"]
    before = head(database_url)
    ledger = Ledger(folder / "ledger")
    asyncio.run(_drive(stack, learners, ledger, faults, enough))
    ledger.close()
    assert max(recoveries.values()) < RECOVERY_SECONDS, recoveries
    return compare(read(folder / "ledger"), events_by_command(database_url, before))


def test_the_ledger_balances_after_kill_9_of_everything(stack: Stack, learners: list, tmp_path: Path) -> None:
    books = _books(stack, learners, tmp_path, rounds=1, enough=ACKNOWLEDGED_MIN)
    assert books.acknowledged >= ACKNOWLEDGED_MIN
    assert books.clean, books
    assert (books.refused, books.unanswered) == (0, 0)


@pytest.mark.long
def test_the_ledger_balances_after_an_hour_of_it(stack: Stack, learners: list, tmp_path: Path) -> None:
    """`./parcours test -m long`: every process is killed LONG_ROUNDS times."""
    books = _books(stack, learners, tmp_path, rounds=LONG_ROUNDS, enough=LONG_ACKNOWLEDGED_MIN)
    assert books.acknowledged >= LONG_ACKNOWLEDGED_MIN
    assert books.clean, books
    assert (books.refused, books.unanswered) == (0, 0)


def test_the_books_would_show_a_lost_and_a_doubled_command(stack: Stack, tmp_path: Path) -> None:
    """Negative control: a ledger that claims an answer nobody gave does not balance."""
    ledger, claimed = Ledger(tmp_path / "ledger"), uuid4()
    ledger.sent(claimed, "progress.open_record")
    ledger.answered(claimed, "accepted", 1)
    ledger.close()
    logged = events_by_command(stack.environment()["PROGRESS_DATABASE_URL"])
    doubled = {command_id: 2 * count for command_id, count in logged.items()}
    assert compare(read(tmp_path / "ledger"), logged).lost == (claimed,)
    assert len(compare(read(tmp_path / "ledger"), doubled).duplicated) == len(logged) > 0


@pytest.mark.parametrize("service", SERVICES)
def test_after_all_that_every_stored_event_can_be_read(stack: Stack, service: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", f"services.{service}", "verify"],
        cwd=REPOSITORY,
        env=stack.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr


def test_and_every_read_model_rebuilds_to_what_is_live(stack: Stack) -> None:
    auditor = Person(stack.gateway_url, "auditor", DEMO_PASSWORD)
    job = auditor.post("/audit/rebuild", {"swap": False})["job_id"]
    deadline = time.monotonic() + 120
    while (status := auditor.get(f"/audit/rebuild/{job}"))["state"] not in ("done", "failed"):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert status["state"] == "done", status["failure"]
    assert status["proofs"]
    assert all(proof["equal"] for proof in status["proofs"])


@pytest.mark.parametrize("away", ["rabbitmq", "postgres", "progress-serve"])
def test_what_is_away_is_said_within_5_seconds_and_comes_back_by_itself(
    stack: Stack, learners: list, away: str
) -> None:
    token = learners[0][1]
    command = {
        "command_id": str(uuid4()),
        "type": "progress.open_record",
        "occurred_at": datetime.now(UTC).isoformat(),
        "course": COURSE,
        "language": "fr",
        "period": 7,
    }
    stack.stop(away)
    try:
        began = time.monotonic()
        answer = httpx.post(
            f"{stack.gateway_url}/api/v1/me/commands",
            json={"commands": [command]},
            headers={"Authorization": f"Bearer {token}"},
            timeout=10,
        )
        assert answer.status_code == 503, answer.text
        assert time.monotonic() - began < 5.0
        assert int(answer.headers["Retry-After"]) >= 1
    finally:
        stack.start(away)
    ready(stack)
    again = httpx.post(
        f"{stack.gateway_url}/api/v1/me/commands",
        json={"commands": [command]},
        headers={"Authorization": f"Bearer {token}"},
        timeout=10,
    )
    assert again.status_code == 200, again.text
