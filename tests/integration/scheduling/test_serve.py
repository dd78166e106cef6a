"""The service as it runs: over RabbitMQ, asked by the gateway's and by a follower's own broker user."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.backbone.actor import TokenSigner
from services.backbone.wire import Unanswered, Wire
from services.contracts.access import Actor, Role
from services.contracts.message import Batch, Message, Outcomes, ReadFeed, Reply, Signed
from services.contracts.rules import Rule
from services.contracts.scheduling import (
    CreateUnit,
    DirectoryEntry,
    DirectoryPage,
    RegisterPerson,
    SchedulingCommand,
    SchedulingPage,
)
from tests.integration.conftest import ROOT, Broker, Database

START_SECONDS = 20


@pytest.fixture(scope="module")
def environment_of_scheduling(databases: dict[str, Database], broker: Broker) -> dict[str, str]:
    database = databases["scheduling"]
    others = {k: v for k, v in os.environ.items() if not k.startswith(("SCHEDULING_", "PARCOURS_"))}
    return {
        **others,
        "SCHEDULING_DATABASE_URL": database.url,
        "SCHEDULING_OWNER_DATABASE_URL": database.owner_url,
        "SCHEDULING_AMQP_URI": broker.uri("scheduling"),
        "PARCOURS_ACTOR_PUBLIC_KEY": broker.environment["PARCOURS_ACTOR_PUBLIC_KEY"],
    }


def program(name: str, environment: dict[str, str]) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "services.scheduling", name]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)


def said(name: str, environment: dict[str, str]) -> str:
    """What a program that ends by itself says."""
    process = program(name, environment)
    output, _ = process.communicate(timeout=START_SECONDS)
    assert process.returncode == 0
    return output


@pytest.fixture(scope="module")
def wire(environment_of_scheduling: dict[str, str], broker: Broker) -> Iterator[Wire]:
    """A wire of the gateway to a service that runs."""
    assert "migrations applied" in said("migrate", environment_of_scheduling)
    assert "0 migrations applied" in said("migrate", environment_of_scheduling)
    process = program("serve", environment_of_scheduling)
    try:
        with Wire(broker.uri("gateway"), "gateway") as wire:
            deadline = time.monotonic() + START_SECONDS
            while True:
                try:
                    ask(wire, "read_feed", ReadFeed(after=0, limit=1))
                    break
                except Unanswered:
                    assert process.poll() is None and time.monotonic() < deadline
                    time.sleep(0.2)
            yield wire
    finally:
        process.terminate()
        assert process.wait(10) == 0


def ask(wire: Wire, method: str, request: Message) -> Reply[Any]:
    ticket = wire.ask("scheduling", method, request.model_dump_json())
    return Reply[Any].model_validate_json(wire.answer(ticket))


def signed(broker: Broker, body: Any, role: Role = Role.OPERATOR) -> Signed[Any]:
    signer = TokenSigner(Path(broker.environment["GATEWAY_ACTOR_PRIVATE_KEY"]))
    actor = Actor(
        person_id=uuid4(), roles=frozenset({role}), expires_at=datetime.now(UTC) + timedelta(hours=1)
    )
    return Signed[Any](token=signer.sign(actor, "scheduling"), correlation_id=uuid4(), body=body)


def told() -> dict[str, Any]:
    return {"command_id": uuid4(), "occurred_at": datetime.now(UTC)}


def execute(wire: Wire, *items: Signed[Any]) -> Outcomes:
    batch = Batch[SchedulingCommand](items=tuple(Signed[SchedulingCommand](**dict(item)) for item in items))
    return Outcomes.model_validate(ask(wire, "execute", batch).answer)


PRISON, ANN = UUID(int=1), UUID(int=2)


def test_commands_go_in_and_feed_and_directory_come_out(
    wire: Wire, broker: Broker, environment_of_scheduling: dict[str, str]
) -> None:
    creating = CreateUnit(**told(), unit_id=PRISON, kind="prison", name={"fr": "Val-Clair"}, parent_id=None)
    entry = DirectoryEntry(
        person_id=ANN, given_name="Ann", family_name="Claes", staff_number="P1", language="nl"
    )
    joining = RegisterPerson(**told(), entry=entry, unit_id=PRISON)
    outcomes = execute(
        wire,
        signed(broker, creating),
        signed(broker, joining),
        signed(broker, creating.model_copy(update=told()), Role.LEARNER),
    ).outcomes
    assert [outcome.outcome for outcome in outcomes] == ["accepted", "accepted", "refused"]
    assert outcomes[2].rule == Rule.NOT_YOURS  # type: ignore[union-attr]

    with Wire(broker.uri("reporting"), "reporting") as follower:
        feed = SchedulingPage.model_validate(ask(follower, "read_feed", ReadFeed(after=0, limit=100)).answer)
    directory = DirectoryPage.model_validate(ask(wire, "read_directory", ReadFeed(after=0, limit=100)).answer)
    assert [item.event.type.split(".")[1] for item in feed.items] == [
        "unit_created",
        "person_registered",
        "person_placed",
    ]
    assert [item.entry for item in directory.items] == [entry]
    audited = ask(wire, "audit_feed", signed(broker, ReadFeed(after=0, limit=100), Role.AUDITOR))
    assert SchedulingPage.model_validate(audited.answer) == feed
    refused = ask(wire, "audit_feed", signed(broker, ReadFeed(after=0, limit=100), Role.MANAGER))
    assert refused.problem is not None and refused.problem.rule == Rule.NOT_YOURS
    assert "4 events read, every stream whole, 1 people" in said("verify", environment_of_scheduling)
