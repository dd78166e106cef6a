"""Group commit in the gateway: at once when nothing flies, together while something does, to each its own."""

import asyncio
from collections.abc import Sequence
from uuid import UUID, uuid4

import pytest

from gateway import gather as module
from gateway.gather import Gather
from gateway.rpc import Away
from services.backbone.limits import BATCH_COMMANDS_MAX
from services.contracts.message import Done, Outcome


class Service:
    """Answers a batch when told to; keeps what it was sent."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self._gates: list[asyncio.Future[None]] = []

    async def __call__(self, commands: list[str]) -> Sequence[Outcome]:
        self.batches.append(commands)
        gate = asyncio.get_running_loop().create_future()
        self._gates.append(gate)
        await gate
        return [Done(outcome="accepted", command_id=UUID(c), position=len(self.batches)) for c in commands]

    def answer(self) -> None:
        self._gates.pop(0).set_result(None)

    def fail(self, error: Exception) -> None:
        self._gates.pop(0).set_exception(error)


def some(count: int = 1) -> list[str]:
    return [str(uuid4()) for _ in range(count)]


async def moments(count: int = 5) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


def ids(outcomes: Sequence[Outcome]) -> list[str]:
    return [str(outcome.command_id) for outcome in outcomes]


def test_the_first_request_is_sent_at_once() -> None:
    async def story() -> None:
        service = Service()
        asked = some()
        request = asyncio.create_task(Gather("progress", service).execute(asked))
        await moments()
        assert service.batches == [asked]
        service.answer()
        assert ids(await request) == asked

    asyncio.run(story())


def test_what_comes_while_a_batch_flies_travels_together_and_gets_its_own_outcomes() -> None:
    async def story() -> None:
        service = Service()
        gather = Gather("progress", service)
        asked = [some(), some(2), some(1), some(3)]
        requests = [asyncio.create_task(gather.execute(commands)) for commands in asked]
        await moments()
        assert service.batches == [asked[0]]
        service.answer()
        await moments()
        assert service.batches[1] == asked[1] + asked[2] + asked[3]
        service.answer()
        assert [ids(await request) for request in requests] == asked

    asyncio.run(story())


def test_a_batch_is_never_larger_than_allowed_and_never_splits_a_request() -> None:
    async def story() -> None:
        service = Service()
        gather = Gather("progress", service)
        asked = [some(), some(BATCH_COMMANDS_MAX - 1), some(2), some(BATCH_COMMANDS_MAX)]
        requests = [asyncio.create_task(gather.execute(commands)) for commands in asked]
        await moments()
        for _ in range(4):
            service.answer()
            await moments()
        assert service.batches == asked
        await asyncio.gather(*requests)

    asyncio.run(story())


def test_a_failed_batch_fails_its_requests_and_no_others() -> None:
    async def story() -> None:
        service = Service()
        gather = Gather("progress", service)
        first = asyncio.create_task(gather.execute(some()))
        await moments()
        others = [asyncio.create_task(gather.execute(some())) for _ in range(2)]
        await moments()
        service.fail(Away("progress", "no answer"))
        with pytest.raises(Away):
            await first
        await moments()
        service.answer()
        assert [len(await other) for other in others] == [1, 1]

    asyncio.run(story())


def test_an_unexpected_failure_is_away_for_each_request() -> None:
    async def story() -> None:
        service = Service()
        request = asyncio.create_task(Gather("progress", service).execute(some()))
        await moments()
        service.fail(ValueError("surprise"))
        with pytest.raises(Away):
            await request

    asyncio.run(story())


def test_another_number_of_outcomes_is_nobodys_answer() -> None:
    async def nothing(commands: list[str]) -> Sequence[Outcome]:
        return []

    async def story() -> None:
        with pytest.raises(Away):
            await Gather("progress", nothing).execute(some())

    asyncio.run(story())


def test_nobody_waits_for_ever() -> None:
    async def story() -> None:
        service = Service()
        gather = Gather("progress", service, wait_seconds=0.01)
        with pytest.raises(Away):
            await gather.execute(some())
        # The batch still flies; what waits behind it gives up too, and is not sent afterwards.
        with pytest.raises(Away):
            await gather.execute(some())
        service.answer()
        await moments()
        assert len(service.batches) == 1
        asked = some()
        request = asyncio.create_task(gather.execute(asked))
        await moments()
        service.answer()
        assert ids(await request) == asked

    asyncio.run(story())


def test_a_full_queue_refuses_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "QUEUE_COMMANDS_MAX", 3)

    async def story() -> None:
        service = Service()
        gather = Gather("progress", service)
        flying = asyncio.create_task(gather.execute(some()))
        await moments()
        waiting = asyncio.create_task(gather.execute(some(3)))
        await moments()
        with pytest.raises(Away):
            await gather.execute(some())
        service.answer()
        await moments()
        service.answer()
        await asyncio.gather(flying, waiting)

    asyncio.run(story())
