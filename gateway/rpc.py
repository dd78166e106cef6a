"""Calls to services, in the words of nameko's RPC: one JSON text there, one back.

One connection, one exclusive reply queue. It connects again by itself; while it cannot, every call
fails at once, and no call waits longer than its limit. A call that fails may have been carried out.
"""

import asyncio
import contextlib
import json
import logging
import time
from uuid import uuid4

import aio_pika
from aio_pika.abc import AbstractConnection, AbstractExchange, AbstractIncomingMessage
from aio_pika.exceptions import AMQPError, PublishError
from pydantic_core import from_json
from yarl import URL

from gateway.limits import BROKER_HEARTBEAT_SECONDS, RECONNECT_SECONDS
from gateway.metrics import BROKER_CONNECTED, RPC_SECONDS
from services.backbone.limits import BROKER_CONNECT_SECONDS, RPC_EXPIRY_SECONDS, RPC_TIMEOUT_SECONDS

_log = logging.getLogger(__name__)

EXCHANGE = "nameko-rpc"
EXPIRY_MARGIN_SECONDS = RPC_EXPIRY_SECONDS - RPC_TIMEOUT_SECONDS
TROUBLE = (AMQPError, OSError, TimeoutError, RuntimeError)
"""What a broken connection throws; aiormq says RuntimeError when a channel closes under a publisher."""


class Away(Exception):
    """Nobody answered: send the same again later. `service` says who was asked."""

    def __init__(self, service: str, reason: str) -> None:
        super().__init__(f"{service}: {reason}")
        self.service = service
        self.reason = reason


class Failed(Exception):
    """The service met something that it did not expect; `error` is the name of its exception."""

    def __init__(self, method: str, error: str) -> None:
        super().__init__(f"{method}: {error}")
        self.error = error


class Rpc:
    """Use as an async context manager for as long as the process lives."""

    def __init__(self, amqp_uri: str) -> None:
        """Speak with the broker at `amqp_uri`."""
        self._uri = URL(amqp_uri).update_query(heartbeat=str(BROKER_HEARTBEAT_SECONDS), name="gateway")
        self._reply_key = ""
        self._waiting: dict[str, asyncio.Future[str]] = {}
        self._exchange: AbstractExchange | None = None
        self._lost = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Rpc":
        """Start connecting; calls fail with Away until it is done."""
        self._keeper = asyncio.create_task(self._keep_connected())
        return self

    async def __aexit__(self, *_: object) -> None:
        """Hang up."""
        if self._keeper:
            self._keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeper

    @property
    def connected(self) -> bool:
        """Whether a call has a chance."""
        return self._exchange is not None

    async def call(
        self, service: str, method: str, text: str, *, timeout_seconds: float = RPC_TIMEOUT_SECONDS
    ) -> str:
        """The answer's text. Raises Away or Failed."""
        name = f"{service}.{method}"
        started = time.perf_counter()
        outcome = "answered"
        try:
            return await self._ask(service, name, text, timeout_seconds)
        except Away:
            outcome = "away"
            raise
        except Failed:
            outcome = "failed"
            raise
        finally:
            RPC_SECONDS.labels(name, outcome).observe(time.perf_counter() - started)

    async def _ask(self, service: str, name: str, text: str, timeout_seconds: float) -> str:
        exchange = self._exchange
        if exchange is None:
            raise Away(service, "the broker is not connected")
        ticket = str(uuid4())  # not to be guessed: whoever answers calls could answer another's
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._waiting[ticket] = answer
        try:
            async with asyncio.timeout(timeout_seconds):
                await exchange.publish(
                    self._message(text, ticket, timeout_seconds), routing_key=name, mandatory=True
                )
                return await answer
        except PublishError as error:
            raise Away(service, "nobody serves it at present") from error
        except TimeoutError as error:
            raise Away(service, f"no answer within {timeout_seconds} s") from error
        except TROUBLE as error:
            raise Away(service, "the connection to the broker was lost") from error
        finally:
            del self._waiting[ticket]

    def _message(self, text: str, ticket: str, timeout_seconds: float) -> aio_pika.Message:
        return aio_pika.Message(
            json.dumps({"args": [text], "kwargs": {}}).encode(),
            content_type="application/json",
            content_encoding="utf-8",
            reply_to=self._reply_key,
            correlation_id=ticket,
            # In seconds; the library writes milliseconds on the wire.
            expiration=timeout_seconds + EXPIRY_MARGIN_SECONDS,
            delivery_mode=aio_pika.DeliveryMode.NOT_PERSISTENT,
        )

    async def _keep_connected(self) -> None:
        while True:
            try:
                await self._connected_once()
            except TROUBLE as error:
                _log.warning("broker_away", extra={"error": type(error).__name__})
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _connected_once(self) -> None:
        """Connect, and return when the connection is lost."""
        self._lost.clear()
        connection: AbstractConnection | None = None
        try:
            async with asyncio.timeout(BROKER_CONNECT_SECONDS):
                connection = await aio_pika.connect(self._uri)
                self._exchange = await self._open(connection)
            BROKER_CONNECTED.set(1)
            _log.info("broker_connected")
            await self._lost.wait()
            _log.warning("broker_lost")
        finally:
            self._exchange = None
            BROKER_CONNECTED.set(0)
            for answer in self._waiting.values():
                if not answer.done():
                    answer.set_exception(ConnectionError("the connection to the broker was lost"))
            if connection is not None:
                with contextlib.suppress(*TROUBLE):
                    async with asyncio.timeout(BROKER_CONNECT_SECONDS):
                        await connection.close()

    async def _open(self, connection: AbstractConnection) -> AbstractExchange:
        connection.close_callbacks.add(self._on_lost)
        # Confirms are on because without them the client library does not report a returned message;
        # for a message that is not written to disk they cost one small frame.
        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        channel.close_callbacks.add(self._on_lost)
        exchange = await channel.declare_exchange(EXCHANGE, aio_pika.ExchangeType.TOPIC, durable=True)
        # A new name each time: the broker may still hold the old queue for a connection that it believes alive.
        # Named after the broker's user, so that the broker lets nobody else listen to it.
        self._reply_key = f"rpc.reply-{self._uri.user}-{uuid4()}"
        queue = await channel.declare_queue(self._reply_key, exclusive=True, durable=False)
        await queue.bind(exchange, self._reply_key)
        await queue.consume(self._on_answer, no_ack=True)
        return exchange

    def _on_lost(self, *_: object) -> None:
        self._exchange = None
        self._lost.set()

    async def _on_answer(self, message: AbstractIncomingMessage) -> None:
        answer = self._waiting.get(message.correlation_id or "")
        if answer is None or answer.done():
            return  # its caller gave up
        body = from_json(message.body)
        if error := body.get("error"):
            answer.set_exception(Failed("rpc", str(error.get("exc_type"))))
        else:
            answer.set_result(body["result"])
