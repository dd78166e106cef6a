"""A service that was stopped and is back; and what it would be without one of its settings."""

import time
from pathlib import Path
from uuid import uuid4

import pytest
from kombu import Connection, Producer

from services.backbone.actor import TokenSigner
from services.backbone.log import EventLog
from services.backbone.wire import RPC, Wire
from tests.integration.conftest import Broker, Database
from tests.support.jar_client import batch, serving, token, two_sleeps
from tests.support.jars import put_in


@pytest.fixture(scope="module")
def signer(broker: Broker) -> TokenSigner:
    return TokenSigner(Path(broker.environment["GATEWAY_ACTOR_PRIVATE_KEY"]))


def test_a_request_that_expired_in_the_queue_is_not_carried_out(
    broker: Broker, database: Database, signer: TokenSigner
) -> None:
    """Both wait for a service that is stopped; when it is back, the caller of one gave up long ago."""
    with serving(broker, database):
        pass  # the service's queue exists from now on, and nobody reads it
    stale, fresh = uuid4(), uuid4()
    with Connection(broker.uri("gateway")) as connection:
        producer = Producer(connection.channel(), exchange=RPC)
        for jar, expiration in ((stale, 0.1), (fresh, 60)):
            request = batch((token(signer), put_in(jar, "a")))
            producer.publish(
                {"args": [request], "kwargs": {}},
                routing_key="progress.execute",
                reply_to=str(uuid4()),
                correlation_id=str(uuid4()),
                serializer="json",
                expiration=expiration,
            )
    time.sleep(0.2)  # the broker's clock, not ours
    log = EventLog("jars", database.url)
    with serving(broker, database):
        deadline = time.monotonic() + 10
        while fresh not in (found := log.load([stale, fresh])) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert set(found) == {fresh}
    log.close()


def test_without_our_wait_function_queries_stand_in_line(
    broker: Broker, database: Database, signer: TokenSigner
) -> None:
    """What the first test of this page would find if the setting were lost."""
    with (
        serving(broker, database, JARS_WAIT="blocking"),
        Wire(broker.uri("gateway"), "gateway") as wire,
    ):
        assert two_sleeps(wire, signer) >= 2.0
