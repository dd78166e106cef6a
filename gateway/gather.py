"""Group commit, the gateway's half: commands of many requests travel, and commit, together.

Sends at once when nothing is in flight, and gathers while a batch is: no timer. Each request gets
its own outcomes. A batch that fails fails its requests with Away; whether it was carried out is not
known, so clients send the same commands again.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from gateway.limits import (
    BATCH_BYTES_MAX,
    BATCHES_IN_FLIGHT_MAX,
    COMMAND_WAIT_SECONDS,
    QUEUE_BYTES_MAX,
    QUEUE_COMMANDS_MAX,
)
from gateway.metrics import BATCH_COMMANDS, QUEUED_COMMANDS
from gateway.rpc import Away
from services.backbone.limits import BATCH_COMMANDS_MAX
from services.contracts.message import Outcome

_log = logging.getLogger(__name__)

Send = Callable[[list[str]], Awaitable[Sequence[Outcome]]]
"""Carries signed commands (JSON) to the service; one outcome for each, in order. Raises Away."""


@dataclass(slots=True, eq=False)
class _Request:
    commands: list[str]
    size: int
    outcomes: "asyncio.Future[Sequence[Outcome]]"


class Gather:
    """The queue of one service."""

    def __init__(self, service: str, send: Send, wait_seconds: float = COMMAND_WAIT_SECONDS) -> None:
        """Gather for `service` and `send`."""
        self._service = service
        self._send = send
        self._wait_seconds = wait_seconds
        self._queue: deque[_Request] = deque()
        self._commands = 0
        self._bytes = 0
        self._flying: set[asyncio.Task[None]] = set()

    async def execute(self, commands: list[str]) -> Sequence[Outcome]:
        """One outcome for each of one request's commands, in order. Raises Away."""
        size = sum(map(len, commands))
        if self._commands + len(commands) > QUEUE_COMMANDS_MAX or self._bytes + size > QUEUE_BYTES_MAX:
            raise Away(self._service, "too many commands wait already")
        request = _Request(commands, size, asyncio.get_running_loop().create_future())
        self._queue.append(request)
        self._count(len(commands), size)
        self._fly()
        try:
            async with asyncio.timeout(self._wait_seconds):
                return await request.outcomes
        except TimeoutError as error:
            raise Away(self._service, f"no outcome within {self._wait_seconds} s") from error

    def _fly(self) -> None:
        while self._queue and len(self._flying) < BATCHES_IN_FLIGHT_MAX:
            if batch := self._next_batch():
                task = asyncio.create_task(self._deliver(batch))
                self._flying.add(task)
                task.add_done_callback(self._landed)

    def _landed(self, task: "asyncio.Task[None]") -> None:
        self._flying.discard(task)
        self._fly()

    def _next_batch(self) -> list[_Request]:
        """Whole requests in their order, as many as fit; who gave up meanwhile is passed over."""
        batch: list[_Request] = []
        commands = size = 0
        while self._queue:
            request = self._queue[0]
            commands += len(request.commands)
            size += request.size
            if batch and (commands > BATCH_COMMANDS_MAX or size > BATCH_BYTES_MAX):
                break
            self._queue.popleft()
            self._count(-len(request.commands), -request.size)
            if request.outcomes.done():
                commands -= len(request.commands)
                size -= request.size
            else:
                batch.append(request)
        return batch

    async def _deliver(self, batch: list[_Request]) -> None:
        commands = [command for request in batch for command in request.commands]
        BATCH_COMMANDS.observe(len(commands))
        try:
            outcomes = await self._send(commands)
            if len(outcomes) != len(commands):
                raise Away(self._service, "it answered another number of commands")
        except Exception as error:  # every request of the batch must hear of it, whatever it was
            if not isinstance(error, Away):
                _log.exception("batch_failed", extra={"asked": self._service})
            for request in batch:
                if not request.outcomes.done():
                    request.outcomes.set_exception(Away(self._service, str(error)))
            return
        start = 0
        for request in batch:
            end = start + len(request.commands)
            if not request.outcomes.done():
                request.outcomes.set_result(outcomes[start:end])
            start = end

    def _count(self, commands: int, size: int) -> None:
        self._commands += commands
        self._bytes += size
        QUEUED_COMMANDS.inc(commands)
