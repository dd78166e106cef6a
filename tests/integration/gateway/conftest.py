"""A gateway that really listens, with a real database and broker; only the services behind it are stand-ins."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import aio_pika
import httpx
import pytest
import uvicorn

from gateway.accounts import add_account
from gateway.app import make_app
from gateway.server import server_config
from gateway.settings import Settings
from services.contracts.access import Role
from tests.integration.conftest import Broker, Database

PASSWORD = "a sentence that nobody guesses"
SERVICES = ("content", "progress", "scheduling", "reporting")
WAIT_SECONDS = 20.0

Answer = Callable[[dict[str, Any]], dict[str, Any]]


def refused(rule: str, **params: str) -> dict[str, Any]:
    return {"answer": None, "problem": {"rule": rule, "params": params}}


def answered(answer: Any) -> dict[str, Any]:
    return {"answer": answer, "problem": None}


def accept_all(batch: dict[str, Any]) -> dict[str, Any]:
    outcomes = [
        {"outcome": "accepted", "command_id": item["body"]["command_id"], "position": place}
        for place, item in enumerate(batch["items"], start=1)
    ]
    return answered({"outcomes": outcomes})


class StandIn:
    """Answers in the place of services, on the real broker, as it is told to."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._connections: dict[str, Any] = {}
        self.answers: dict[str, Answer] = {}
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self._thread.start()

    def serve(self, *services: str) -> None:
        for service in services:
            if service not in self._connections:
                self._connections[service] = self._do(self._open(service))

    def leave(self, service: str) -> None:
        """Stop serving; the queue goes, as nameko's does when nobody is left."""
        self._do(self._close(self._connections.pop(service), service))

    def stop(self) -> None:
        for service in [*self._connections]:
            self.leave(service)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(WAIT_SECONDS)
        self._loop.close()

    def questions(self, method: str) -> list[dict[str, Any]]:
        return [body for name, body in self.asked if name == method]

    async def _open(self, service: str) -> Any:
        connection = await aio_pika.connect(self._broker.uri(service))
        channel = await connection.channel(publisher_confirms=False)
        exchange = await channel.declare_exchange("nameko-rpc", "topic", durable=True)
        queue = await channel.declare_queue(f"rpc-{service}", durable=True)
        await queue.bind(exchange, f"{service}.*")

        async def on_call(message: aio_pika.abc.AbstractIncomingMessage) -> None:
            body = json.loads(json.loads(message.body)["args"][0])
            name = message.routing_key or ""
            self.asked.append((name, body))
            if (answer := self.answers.get(name)) is None:
                return  # silent, as a service that hangs
            told = json.dumps({"result": json.dumps(answer(body), separators=(",", ":")), "error": None})
            reply = aio_pika.Message(told.encode(), correlation_id=message.correlation_id)
            await exchange.publish(reply, routing_key=message.reply_to or "", mandatory=False)

        await queue.consume(on_call, no_ack=True)
        return connection, queue

    @staticmethod
    async def _close(opened: Any, service: str) -> None:
        connection, queue = opened
        await queue.delete(if_unused=False, if_empty=False)
        await connection.close()

    def _do(self, work: Any) -> Any:
        future: Future[Any] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return future.result(WAIT_SECONDS)


class MovableClock:
    """The time, and as much later as a test wants."""

    def __init__(self) -> None:
        self.later = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.later


@dataclass
class Gateway:
    """The listening gateway, and what surrounds it."""

    url: str
    database: Database
    settings: Settings
    stand_in: StandIn
    clock: MovableClock
    media: Path
    _users: int = field(default=0)

    def account(self, *roles: Role, password: str = PASSWORD) -> str:
        """A new account with these roles; its user name."""
        self._users += 1
        user = f"user-{self._users}"
        key = self.settings.login_key_bytes
        add_account(self.database.owner_url, key, user, password, uuid4(), roles)
        return user

    def client(self, **headers: str) -> httpx.Client:
        return httpx.Client(base_url=self.url, headers=headers, timeout=WAIT_SECONDS)

    def signed_in(self, *roles: Role) -> httpx.Client:
        """A client with a Bearer token of somebody new in these roles."""
        client = self.client()
        told = client.post(
            "/api/v1/session", json={"user": self.account(*roles), "password": PASSWORD}
        ).json()
        client.cookies.clear()
        client.headers["authorization"] = f"Bearer {told['token']}"
        client.headers["x-person"] = told["person_id"]
        return client


@pytest.fixture(scope="module")
def stand_in(broker: Broker) -> Iterator[StandIn]:
    stand_in = StandIn(broker)
    stand_in.serve(*SERVICES)
    yield stand_in
    stand_in.stop()


@pytest.fixture(scope="module")
def gateway(
    databases: dict[str, Database],
    broker: Broker,
    stand_in: StandIn,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Gateway]:
    media = tmp_path_factory.mktemp("media")
    database = databases["gateway"].migrated("gateway/migrations")
    settings = Settings(
        database_url=database.url,
        amqp_uri=broker.uri("gateway"),
        actor_private_key=Path(broker.environment["GATEWAY_ACTOR_PRIVATE_KEY"]),
        login_key=broker.environment["GATEWAY_LOGIN_KEY"],
        media_folder=media,
        port=0,
    )
    clock = MovableClock()
    with listening(settings, clock) as url:
        gateway = Gateway(url, database, settings, stand_in, clock, media)
        with gateway.client() as client:
            until(lambda: client.get("/readyz").json()["parts"]["broker"] == "ready")
        yield gateway


@contextmanager
def listening(settings: Settings, clock: MovableClock) -> Iterator[str]:
    """A gateway that really listens; its address."""
    server = uvicorn.Server(server_config(make_app(settings, clock), settings))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until(lambda: server.started)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(WAIT_SECONDS)


@pytest.fixture(autouse=True)
def quiet(gateway: Gateway) -> Iterator[None]:
    """Each test begins with services that accept every command and know nothing else."""
    gateway.stand_in.answers = {f"{service}.execute": accept_all for service in SERVICES}
    gateway.stand_in.asked.clear()
    yield
    gateway.clock.later = timedelta()


def until(ready: Callable[[], bool]) -> None:
    """Wait for something that must come soon."""
    done = threading.Event()
    for _ in range(int(WAIT_SECONDS / 0.02)):
        if ready():
            return
        done.wait(0.02)
    raise AssertionError("it did not come")


def step(**changes: Any) -> dict[str, Any]:
    """A learner's command."""
    same = str(UUID(int=7))
    return {
        "command_id": str(uuid4()),
        "type": "progress.complete_module",
        "occurred_at": datetime.now(UTC).isoformat(),
        "record_id": same,
        "session_id": same,
        "course_version": 1,
        "module": "introduction",
    } | changes
