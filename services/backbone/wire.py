"""A follower's one connection to the broker: asks for pages by RPC, and hears bells.

Plain kombu, one thread, no eventlet. After any failure the wire is thrown away and a new one made.
"""

import time
from collections.abc import Collection
from types import TracebackType
from typing import Any
from uuid import uuid4

from kombu import Connection, Consumer, Exchange, Producer, Queue, binding

from services.backbone import envelope
from services.backbone.bell import BELLS
from services.backbone.limits import BROKER_CONNECT_SECONDS, FEED_TIMEOUT_SECONDS

RPC = Exchange("nameko-rpc", type="topic", durable=True)
"""nameko's exchange: routing key `service.method`, replies to `reply_to`."""


class Unanswered(Exception):
    """The other side did not answer in time, or could not answer."""


class Wire:
    """Use as a context manager, from one thread."""

    def __init__(self, amqp_uri: str, name: str, bells: Collection[str] = ()) -> None:
        """Connect as follower `name` and listen to the bells of these feeds."""
        self._connection = Connection(amqp_uri, connect_timeout=BROKER_CONNECT_SECONDS, heartbeat=30)
        self._asked: set[str] = set()
        self._answers: dict[str, dict[str, Any]] = {}
        self._returned: set[str] = set()
        self._rung: set[str] = set()
        self._name = name
        self._bells = bells
        # Named after the broker's user, so that the broker lets nobody else listen to it.
        self._reply_key = f"rpc.reply-{self._connection.userid}-{name}-{uuid4()}"

    def __enter__(self) -> "Wire":
        """Declare the reply queue and the bell queue; both vanish with the connection."""
        self._connection.connect()
        channel = self._connection.channel()
        replies = Queue(self._reply_key, RPC, self._reply_key, exclusive=True, durable=False)
        Consumer(
            channel, [replies], callbacks=[self._on_answer], no_ack=True, accept=["json", envelope.NAME]
        ).consume()
        if self._bells:
            heard = Queue(
                f"bells-{self._name}-{uuid4()}",
                bindings=[binding(BELLS, routing_key=feed) for feed in self._bells],
                exclusive=True,
                durable=False,
                queue_arguments={"x-max-length": 100},
            )
            Consumer(channel, [heard], callbacks=[self._on_bell], no_ack=True, accept=["json"]).consume()
        self._producer = Producer(channel, exchange=RPC, on_return=self._on_return)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of the connection, whatever state it is in."""
        self._connection.release()

    def ask(self, service: str, method: str, request: str) -> str:
        """Send a question at once; the ticket under which `answer` finds the reply."""
        ticket = str(uuid4())
        self._asked.add(ticket)
        self._producer.publish(
            {"args": [request], "kwargs": {}},
            routing_key=f"{service}.{method}",
            reply_to=self._reply_key,
            correlation_id=ticket,
            serializer=envelope.NAME,
            delivery_mode=1,
            mandatory=True,
            expiration=FEED_TIMEOUT_SECONDS,
            retry=False,
        )
        return ticket

    def answer(self, ticket: str, timeout_seconds: float = FEED_TIMEOUT_SECONDS) -> str:
        """The reply to a question. Raises Unanswered; an answer that comes after that is thrown away."""
        deadline = time.monotonic() + timeout_seconds
        try:
            while ticket not in self._answers:
                if ticket in self._returned:
                    raise Unanswered("nobody serves this question at present")
                if time.monotonic() > deadline:
                    raise Unanswered(f"no answer within {timeout_seconds} s")
                self._drain(deadline - time.monotonic())
            body = self._answers.pop(ticket)
        finally:
            self._asked.discard(ticket)
            self._returned.discard(ticket)
        if body.get("error"):
            raise Unanswered(str(body["error"].get("exc_type")))
        return str(body["result"])

    def forget(self, ticket: str) -> None:
        """Nobody waits for this answer any more: it is thrown away when it comes."""
        self._asked.discard(ticket)
        self._answers.pop(ticket, None)
        self._returned.discard(ticket)

    def listen(self, timeout_seconds: float, gather_seconds: float = 0.0) -> set[str]:
        """Wait for a bell, then a moment more for others; the feeds that rang (none after the timeout)."""
        deadline = time.monotonic() + timeout_seconds
        while not self._rung and (left := deadline - time.monotonic()) > 0:
            self._drain(left)
        if self._rung and gather_seconds:
            time.sleep(gather_seconds)
            self._drain(0.0)
        rung, self._rung = self._rung, set()
        return rung

    def _drain(self, seconds: float) -> None:
        try:
            self._connection.drain_events(timeout=max(seconds, 0.001))
        except TimeoutError:
            self._connection.heartbeat_check()

    def _on_answer(self, body: dict[str, Any], message: Any) -> None:
        if (ticket := message.properties["correlation_id"]) in self._asked:
            self._answers[ticket] = body

    def _on_bell(self, body: dict[str, Any], message: Any) -> None:
        self._rung.add(message.delivery_info["routing_key"])

    def _on_return(self, exception: Any, exchange: str, routing_key: str, message: Any) -> None:
        self._returned.add(message.properties["correlation_id"])
