"""Calls to the jars as a service, and the service itself in a process of its own."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from services.backbone.actor import TokenSigner
from services.backbone.wire import Unanswered, Wire
from services.contracts.access import Actor, Role
from services.contracts.message import ReadFeed
from tests.support.jars import PutIn

ROOT = Path(__file__).parents[2]
START_SECONDS_MAX = 20.0
READ = ReadFeed(after=0, limit=1).model_dump_json()


@contextmanager
def serving(broker: Any, database: Any, **more: str) -> Iterator[None]:
    """A running service; at the end it is killed, and its queue stays."""
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.jar_service"],
            cwd=ROOT,
            env=os.environ
            | {
                "JARS_AMQP_URI": broker.uri("progress"),
                "JARS_DATABASE_URL": database.url,
                "PARCOURS_ACTOR_PUBLIC_KEY": broker.environment["PARCOURS_ACTOR_PUBLIC_KEY"],
            }
            | more,
            stderr=log,
        )
        try:
            if not _answers(broker):
                log.seek(0)
                raise AssertionError(f"no answer within {START_SECONDS_MAX} s: {log.read()[-2000:]!r}")
            yield
        finally:
            process.kill()
            process.wait(10)


def _answers(broker: Any) -> bool:
    deadline = time.monotonic() + START_SECONDS_MAX
    with Wire(broker.uri("gateway"), "gateway-starting") as wire:
        while time.monotonic() < deadline:
            try:
                wire.answer(wire.ask("progress", "read_feed", READ), 1.0)
            except Unanswered:
                time.sleep(0.1)
            else:
                return True
    return False


def token(signer: TokenSigner, *roles: Role, minutes: float = 5) -> str:
    return signer.sign(
        Actor(
            person_id=uuid4(),
            roles=frozenset(roles or {Role.LEARNER}),
            expires_at=datetime.now(UTC) + timedelta(minutes=minutes),
        ),
        "progress",
    )


def asking(token: str, **changes: Any) -> str:
    body: dict[str, Any] = {"record_id": str(uuid4())}
    return json.dumps({"token": token, "correlation_id": str(uuid4()), "body": body} | changes)


def batch(*items: tuple[str, PutIn]) -> str:
    return json.dumps(
        {
            "items": [
                {
                    "token": token,
                    "correlation_id": str(uuid4()),
                    "body": json.loads(command.model_dump_json()),
                }
                for token, command in items
            ]
        }
    )


def two_sleeps(wire: Wire, signer: TokenSigner) -> float:
    started = time.monotonic()
    tickets = [wire.ask("progress", "record", asking(token(signer))) for _ in range(2)]
    for ticket in tickets:
        assert json.loads(wire.answer(ticket, 8))["problem"] is None
    return time.monotonic() - started
