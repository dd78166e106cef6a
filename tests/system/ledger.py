"""A driver that keeps books: every command is written down before it is sent and after it is answered.

Clients are stubborn, as a browser with a queue is: whatever happens to the connection or the
service, the same command is sent again until it is answered.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO
from uuid import UUID, uuid4

import httpx
import psycopg

from services.contracts.progress import record_id_of

PATIENCE_SECONDS = 0.2
REQUEST_TIMEOUT_SECONDS = 8.0


@dataclass
class Ledger:
    """What was sent and what was answered, in a file and in memory."""

    file: TextIO
    sent: set[str] = field(default_factory=set)
    answered: dict[str, int] = field(default_factory=dict)
    refused: list[dict[str, Any]] = field(default_factory=list)
    contradictions: list[str] = field(default_factory=list)
    sends: int = 0

    def will_send(self, command_id: str) -> None:
        """Before the first send."""
        self.sent.add(command_id)
        self._write({"sent": command_id})

    def was_answered(self, result: dict[str, Any]) -> None:
        """After an answer; a second answer must say the same."""
        command_id = result["command_id"]
        if result["outcome"] == "refused":
            self.refused.append(result)
            return
        earlier = self.answered.setdefault(command_id, result["position"])
        if earlier != result["position"]:
            self.contradictions.append(command_id)
        self._write({"answered": command_id, "position": result["position"]})

    def _write(self, line: dict[str, Any]) -> None:
        self.file.write(json.dumps(line) + "\n")
        self.file.flush()


@dataclass(frozen=True)
class Balance:
    """The books against the log."""

    acknowledged: int
    lost: list[str]
    duplicated: list[str]
    unexpected: list[str]


def balance(ledger: Ledger, database_url: str) -> Balance:
    """Count each command's events in progress' log: one each, by construction of the commands."""
    with psycopg.connect(database_url) as connection:
        rows = connection.execute(
            "SELECT convert_from(state, 'UTF8')::jsonb ->> 'command_id', topic FROM stored_events"
        ).fetchall()
    made = Counter(command_id for command_id, topic in rows if not topic.endswith("SessionAbandoned"))
    ours = {command_id for command_id in made if command_id in ledger.sent}
    return Balance(
        acknowledged=len(ledger.answered),
        lost=[c for c in ledger.answered if c not in made],
        duplicated=[c for c in ours if made[c] > 1],
        unexpected=[c for c in made if c not in ledger.sent],
    )


class StubbornLearner:
    """One person: opens a record, sits down, and changes the language for ever; each step makes one event."""

    def __init__(self, person_id: UUID, token: str, base_url: str, course: str, ledger: Ledger) -> None:
        self._http = httpx.AsyncClient(
            base_url=base_url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=REQUEST_TIMEOUT_SECONDS,
        )
        self._person_id = person_id
        self._course = course
        self._ledger = ledger

    def _commands(self) -> Iterator[dict[str, Any]]:
        record_id, session_id = str(record_id_of(self._person_id, self._course)), str(uuid4())
        step = {"record_id": record_id, "session_id": session_id}
        yield {"type": "progress.open_record", "course": self._course, "language": "fr"}
        yield {"type": "progress.start_session", "language": "fr", **step}
        number = 0
        while True:
            number += 1
            if number % 25 == 0:
                step["session_id"] = str(uuid4())
                yield {"type": "progress.start_session", "language": "fr", **step}
            else:
                yield {
                    "type": "progress.change_language",
                    "language": ("nl", "fr")[number % 25 % 2 == 0],
                    **step,
                }

    async def learn(self, until: asyncio.Event) -> None:
        """Send commands one after another; the last one is answered before this returns."""
        for body in self._commands():
            command = {"command_id": str(uuid4()), "occurred_at": datetime.now(UTC).isoformat(), **body}
            self._ledger.will_send(command["command_id"])
            await self._send_until_answered(command)
            if until.is_set():
                break
        await self._http.aclose()

    async def _send_until_answered(self, command: dict[str, Any]) -> None:
        while True:
            self._ledger.sends += 1
            try:
                answer = await self._http.post("/api/v1/me/commands", json={"commands": [command]})
            except httpx.TransportError:
                await asyncio.sleep(PATIENCE_SECONDS)
                continue
            if answer.status_code == 200:
                self._ledger.was_answered(answer.json()["results"][0])
                return
            if answer.status_code in (429, 503):
                await asyncio.sleep(PATIENCE_SECONDS)
                continue
            self._ledger.refused.append(answer.json())
            return


def open_ledger(folder: Path) -> Ledger:
    """A new ledger in a folder."""
    return Ledger((folder / "ledger.jsonl").open("w", encoding="utf-8"))
