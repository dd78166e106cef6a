"""Learners whose client is stubborn, as a browser with a queue is, and keeps books.

Whatever happens to the connection or the service, the same command is sent again until it is answered.
"""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx

from deploy.bench.ledger import Ledger
from services.contracts.progress import record_id_of

PATIENCE_SECONDS = 0.2
REQUEST_TIMEOUT_SECONDS = 8.0


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
        self.answered = 0

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
        """Send commands one after another until told to stop; none is left open."""
        for body in self._commands():
            command_id = uuid4()
            command = {"command_id": str(command_id), "occurred_at": datetime.now(UTC).isoformat(), **body}
            await self._send_until_answered(command_id, command)
            self.answered += 1
            if until.is_set():
                break
        await self._http.aclose()

    async def _send_until_answered(self, command_id: UUID, command: dict[str, Any]) -> None:
        while True:
            self._ledger.sent(command_id, command["type"])
            try:
                answer = await self._http.post("/api/v1/me/commands", json={"commands": [command]})
            except httpx.TransportError as error:
                self._ledger.failed(command_id, type(error).__name__)
                await asyncio.sleep(PATIENCE_SECONDS)
                continue
            if answer.status_code == 200:
                result = answer.json()["results"][0]
                self._ledger.answered(command_id, result["outcome"], result["position"])
                return
            if answer.status_code in (429, 503):
                self._ledger.failed(command_id, str(answer.status_code))
                await asyncio.sleep(PATIENCE_SECONDS)
                continue
            self._ledger.answered(command_id, "refused", 0)
            return
