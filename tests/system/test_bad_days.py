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
from deploy.demo.load import open_account
from deploy.demo.people import DEMO_PASSWORD
from deploy.local.provision import SERVICES
from deploy.local.stack import REPOSITORY, Stack
from services.contracts.access import Role
from tests.system.ledger import Ledger, StubbornLearner, balance, open_ledger

COURSE = "recognising-radicalisation"
LEARNERS = 24
ACKNOWLEDGED_MIN = 5_000
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
    tasks = [
        asyncio.create_task(StubbornLearner(person, token, stack.gateway_url, COURSE, ledger).learn(until))
        for person, token in learners
    ]
    await asyncio.to_thread(faults)
    while len(ledger.answered) < enough:
        await asyncio.sleep(0.1)
    until.set()
    await asyncio.wait_for(asyncio.gather(*tasks), timeout=60)


def test_the_ledger_balances_after_kill_9_of_everything(stack: Stack, learners: list, tmp_path: Path) -> None:
    """Every process, broker and database are killed while commands flow; then the books are counted."""
    chance = random.Random(SEED)
    victims = list(stack.process_names())
    chance.shuffle(victims)
    recoveries: dict[str, float] = {}

    def faults() -> None:
        for victim in victims:
            time.sleep(chance.uniform(0.5, 1.5))
            stack.kill(victim)
            time.sleep(0.3)
            recoveries[victim] = ready(stack)

    ledger = open_ledger(tmp_path)
    already = _foreign(stack)
    asyncio.run(_drive(stack, learners, ledger, faults, ACKNOWLEDGED_MIN))
    books = balance(ledger, stack.environment()["PROGRESS_DATABASE_URL"])
    assert ledger.refused == []
    assert ledger.contradictions == []
    assert books.acknowledged >= ACKNOWLEDGED_MIN
    assert (books.lost, books.duplicated) == ([], [])
    assert set(books.unexpected) <= already
    assert max(recoveries.values()) < RECOVERY_SECONDS, recoveries


def _foreign(stack: Stack) -> set[str]:
    """Commands that other tests sent before."""
    nothing = Ledger(sys.stderr)
    return set(balance(nothing, stack.environment()["PROGRESS_DATABASE_URL"]).unexpected)


def test_the_books_would_show_a_lost_and_a_doubled_command(stack: Stack, tmp_path: Path) -> None:
    """Negative control: a ledger that claims an answer nobody gave does not balance."""
    ledger = open_ledger(tmp_path)
    ledger.will_send("never-arrived")
    ledger.was_answered({"command_id": "never-arrived", "outcome": "accepted", "position": 1})
    ledger.was_answered({"command_id": "never-arrived", "outcome": "duplicate", "position": 2})
    books = balance(ledger, stack.environment()["PROGRESS_DATABASE_URL"])
    assert books.lost == ["never-arrived"]
    assert ledger.contradictions == ["never-arrived"]


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
