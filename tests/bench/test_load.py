"""The clients against a server that misbehaves on purpose: what they write down is what happened."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from deploy.bench.connection import Answer, Connection, Unanswered
from deploy.bench.ledger import Ledger, compare, read
from deploy.bench.load import Client, Learner, Plan, Rejected, sign_in
from deploy.bench.walker import Part, Walker, Way
from services.backbone.clock import utc_now

WAY = Way("course", 1, (Part("one", ("a", "b")),))
ANN = UUID(int=7)

Respond = Callable[[str, dict[str, Any]], bytes | None]
"""From path and body to the bytes of an answer; None hangs up."""


def answer(status: int, body: Any) -> bytes:
    text = json.dumps(body).encode()
    return b"HTTP/1.1 %d X\r\ncontent-length: %d\r\n\r\n%s" % (status, len(text), text)


class Log:
    """A server that keeps events, unless it is told to err."""

    def __init__(self) -> None:
        self.events: dict[UUID, int] = {}
        self.requests = 0

    def accept(self, path: str, body: dict[str, Any]) -> bytes:
        (command,) = body["commands"]
        self.requests += 1
        id_ = UUID(command["command_id"])
        outcome = "duplicate" if id_ in self.events else "accepted"
        self.events.setdefault(id_, 1)
        result = {"command_id": str(id_), "outcome": outcome, "position": len(self.events)}
        return answer(200, {"results": [result]})


@asynccontextmanager
async def server(respond: Respond, *, pieces: int = 1) -> Any:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                length = next(
                    (int(x.split(":")[1]) for x in head.splitlines() if x.startswith("Content-Length")), 0
                )
                body = json.loads(await reader.readexactly(length)) if length else {}
                said = respond(head.split()[1], body)
                if said is None:
                    break
                size = -(-len(said) // pieces)
                for start in range(0, len(said), size):
                    writer.write(said[start : start + size])
                    await writer.drain()
                    await asyncio.sleep(0.002 if pieces > 1 else 0)
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            pass
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        listening.close()


def walk(respond: Respond, tmp_path: Path, commands: int = 5) -> Any:
    """Send some commands to such a server; what the ledger says."""
    file = tmp_path / "ledger"

    async def go() -> None:
        async with server(respond) as url:
            client = Client(Connection(url), Walker(ANN, WAY, 1, utc_now), Ledger(file))
            walker = Walker(ANN, WAY, 2, utc_now)
            for _ in range(commands):
                await client.settle(walker.next())

    run(go)
    return read(file)


def run(go: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(go())  # type: ignore[arg-type]


def test_what_is_acknowledged_stands(tmp_path: Path) -> None:
    log = Log()
    count = compare(walk(log.accept, tmp_path), log.events)
    assert count.clean
    assert count.acknowledged == 5


def test_a_server_that_forgets_what_it_acknowledged_is_found_out(tmp_path: Path) -> None:
    log = Log()
    entries = walk(log.accept, tmp_path)
    forgotten = next(iter(log.events))
    del log.events[forgotten]
    assert compare(entries, log.events).lost == (forgotten,)


def test_a_server_that_does_it_twice_is_found_out(tmp_path: Path) -> None:
    log = Log()
    hung_up = False

    def respond(path: str, body: dict[str, Any]) -> bytes | None:
        nonlocal hung_up
        id_ = UUID(body["commands"][0]["command_id"])
        if not hung_up:
            hung_up = True
            log.accept(path, body)
            return None  # carried out, and the answer lost
        log.events[id_] = log.events.get(id_, 0)  # a server without receipts: does it again
        log.events[id_] += 1
        result = {"outcome": "accepted", "position": 1}
        return answer(200, {"results": [result]})

    entries = walk(respond, tmp_path)
    count = compare(entries, log.events)
    assert len(count.duplicated) == 1
    assert sum(entry.failures for entry in entries.values()) == 1


def test_an_answer_that_was_lost_is_asked_for_again_with_the_same_command(tmp_path: Path) -> None:
    log = Log()
    turn = 0

    def respond(path: str, body: dict[str, Any]) -> bytes | None:
        nonlocal turn
        turn += 1
        said = log.accept(path, body)
        return None if turn == 2 else said

    entries = walk(respond, tmp_path)
    assert compare(entries, log.events).clean
    assert [entry.outcome for entry in entries.values()].count("duplicate") == 1
    assert log.requests == 6


def test_later_means_later(tmp_path: Path) -> None:
    log = Log()
    busy = [answer(503, {}), answer(429, {})]
    entries = walk(lambda path, body: busy.pop() if busy else log.accept(path, body), tmp_path, 2)
    assert compare(entries, log.events).clean
    assert [entry.failures for entry in entries.values()] == [2, 0]


def test_a_command_that_is_turned_down_ends_the_run(tmp_path: Path) -> None:
    with pytest.raises(Rejected, match="module-out-of-order"):
        walk(lambda path, body: answer(409, {"rule": "module-out-of-order"}), tmp_path)
    (entry,) = read(tmp_path / "ledger").values()
    assert entry.outcome == "refused"


def test_an_answer_in_many_pieces_is_put_together() -> None:
    async def go() -> None:
        async with server(lambda path, body: answer(200, {"said": path}), pieces=9) as url:
            connection = Connection(url)
            first, second = await connection.get("/one"), await connection.get("/two")
            assert (first.status, first.json(), second.json()) == (200, {"said": "/one"}, {"said": "/two"})

    run(go)


def test_a_late_answer_is_never_taken_for_the_next_one() -> None:
    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode()
        await asyncio.sleep(0.2 if path == "/slow" else 0)
        writer.write(answer(200, {"said": path}))
        await reader.read()
        writer.close()

    async def go() -> None:
        listening = await asyncio.start_server(slow, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        connection = Connection(url, answer_seconds=0.05)
        with pytest.raises(Unanswered):
            await connection.get("/slow")
        await asyncio.sleep(0.3)
        assert (await connection.get("/next")).json() == {"said": "/next"}
        connection.close()
        listening.close()

    run(go)


def test_nobody_there_is_told_as_unanswered() -> None:
    async def go() -> None:
        with pytest.raises(Unanswered):
            await Connection("http://127.0.0.1:1").get("/")

    run(go)


def test_a_timetable_is_kept_and_a_slow_moment_is_not_followed_by_a_burst(tmp_path: Path) -> None:
    log = Log()
    moments: list[float] = []

    def respond(path: str, body: dict[str, Any]) -> bytes:
        moments.append(time.monotonic())
        if len(moments) == 5:
            time.sleep(0.3)
        return log.accept(path, body)

    async def go() -> None:
        async with server(respond) as url:
            client = Client(Connection(url), Walker(ANN, WAY, 1, utc_now), Ledger(tmp_path / "ledger"))
            await client.learn(time.monotonic() + 1.0, every_seconds=0.05)

    run(go)
    assert 8 <= len(moments) < 20  # without the pause 20
    assert sum(b - a < 0.02 for a, b in pairwise(moments)) <= 2


def test_a_plan_survives_its_journey(tmp_path: Path) -> None:
    plan = Plan("http://x:1", (Learner("ann", "secret", ANN),), WAY, 2.5, tmp_path, "3", 40.0, 9)
    assert Plan.read(plan.text()) == plan


def test_a_refused_sign_in_says_who(tmp_path: Path) -> None:
    async def go() -> None:
        async with server(lambda path, body: answer(401, {})) as url:
            with pytest.raises(Rejected, match="ann"):
                await sign_in(Connection(url), "ann", "wrong")

    run(go)


def test_answers_are_parsed() -> None:
    assert Answer(200, b'{"a": 1}').json() == {"a": 1}
