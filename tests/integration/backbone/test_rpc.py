"""RPC on nameko under eventlet, as `serve` runs it: in a process of its own, over a real broker."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from kombu import Connection, Producer

from services.backbone.actor import TokenSigner
from services.backbone.wire import RPC, Unanswered, Wire
from services.contracts.access import Role
from services.contracts.message import ReadFeed
from tests.integration.conftest import Broker, Database
from tests.support.jar_client import READ, asking, batch, serving, token, two_sleeps
from tests.support.jars import put_in


@pytest.fixture(scope="module")
def service(broker: Broker, database: Database) -> Iterator[None]:
    with serving(broker, database):
        yield


@pytest.fixture
def wire(broker: Broker, service: None) -> Iterator[Wire]:
    with Wire(broker.uri("gateway"), "gateway") as wire:
        yield wire


@pytest.fixture(scope="module")
def signer(broker: Broker) -> TokenSigner:
    return TokenSigner(Path(broker.environment["GATEWAY_ACTOR_PRIVATE_KEY"]))


def call(wire: Wire, method: str, request: str) -> dict[str, Any]:
    reply: dict[str, Any] = json.loads(wire.answer(wire.ask("progress", method, request), 5))
    return reply


def problem(reply: dict[str, Any]) -> str:
    assert reply["answer"] is None
    return str(reply["problem"]["rule"])


# --- greenlets -----------------------------------------------------------------------------------


def test_two_queries_of_a_second_take_one_second_side_by_side(wire: Wire, signer: TokenSigner) -> None:
    two_sleeps(wire, signer)  # connections are made
    assert 1.0 <= two_sleeps(wire, signer) < 1.5


# --- who may call what ---------------------------------------------------------------------------


def test_a_signed_question_is_answered(wire: Wire, signer: TokenSigner) -> None:
    reply = call(wire, "record", asking(token(signer)))
    assert reply["problem"] is None
    UUID(reply["answer"]["person"])


def test_who_has_not_the_role_is_refused(wire: Wire, signer: TokenSigner) -> None:
    others = set(Role) - {Role.LEARNER}
    assert problem(call(wire, "record", asking(token(signer, *others)))) == "not-yours"


def test_somebody_with_more_roles_acts_in_those_that_the_method_is_for(
    wire: Wire, signer: TokenSigner
) -> None:
    """An operator who follows courses too asks for a record as a learner: what operators may see is not added."""
    both = token(signer, Role.LEARNER, Role.OPERATOR)
    assert call(wire, "record", asking(both))["answer"]["roles"] == ["learner"]


def test_a_forged_or_expired_token_is_refused(wire: Wire, signer: TokenSigner) -> None:
    good = token(signer)
    header, claims, signature = good.split(".")
    for bad in (
        "",
        "nobody",
        f"{header}.{claims}.",
        f"{header}.{claims}.{signature[::-1]}",
        f"{header}.{token(signer).split('.')[1]}.{signature}",
        token(signer, minutes=-1),
    ):
        assert problem(call(wire, "record", asking(bad))) == "not-yours"


def test_a_method_without_a_row_in_the_access_table_cannot_be_called(wire: Wire, signer: TokenSigner) -> None:
    everyone = token(signer, *Role)
    assert problem(call(wire, "unlisted", asking(everyone))) == "not-yours"
    assert problem(call(wire, "unlisted_and_unsigned", READ)) == "not-yours"


@pytest.mark.parametrize("method", ["no_such_method", "_execute", "_admit", "verifier", "name"])
def test_what_is_not_an_entry_point_cannot_be_called(wire: Wire, method: str) -> None:
    with pytest.raises(Unanswered, match="MethodNotFound"):
        call(wire, method, READ)


# --- malformed, broken, away ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "request_",
    [
        "",
        "{",
        "[]",
        "null",
        "7",
        "{}",
        '{"after": 0}',
        '{"after": "far", "limit": 1}',
        '{"after": 0, "limit": 1, "more": 1}',
        "\x00",
        "\ud800".encode("utf-8", "replace").decode(),
    ],
)
def test_a_malformed_request_is_answered(wire: Wire, request_: str) -> None:
    assert problem(call(wire, "read_feed", request_)) == "malformed"


def test_a_malformed_request_is_told_where(wire: Wire, signer: TokenSigner) -> None:
    reply = call(wire, "record", asking(token(signer), body={"record_id": "mine"}))
    assert reply["problem"]["params"] == {"place": "('body', 'record_id')"}


def send_raw(broker: Broker, wire: Wire, body: bytes, content_type: str = "application/json") -> str:
    """A message as another program might send it; its ticket."""
    ticket = str(uuid4())
    wire._asked.add(ticket)
    with Connection(broker.uri("gateway")) as connection:
        Producer(connection.channel(), exchange=RPC).publish(
            body,
            routing_key="progress.read_feed",
            reply_to=wire._reply_key,
            correlation_id=ticket,
            content_type=content_type,
            content_encoding="utf-8",
            serializer=None,
        )
    return ticket


@pytest.mark.parametrize(
    "body",
    [b'{"args": []}', b'{"args": [], "kwargs": {}}', b'{"args": [1, 2], "kwargs": {}}', b'{"kwargs": {}}'],
)
def test_a_call_of_another_shape_is_answered(broker: Broker, wire: Wire, body: bytes) -> None:
    with pytest.raises(Unanswered, match=r"MalformedRequest|IncorrectSignature"):
        wire.answer(send_raw(broker, wire, body), 5)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"{", "application/json"),
        (b"\xff\xfe", "application/json"),
        (b"cos\nsystem\n", "application/x-python-serialize"),
    ],
    ids=["half", "not text", "pickle"],
)
def test_what_cannot_be_decoded_harms_nobody(
    broker: Broker, wire: Wire, body: bytes, content_type: str
) -> None:
    """Its sender waits in vain and gives up by its own limit; the service goes on."""
    ticket = send_raw(broker, wire, body, content_type)
    assert call(wire, "read_feed", READ)["answer"] == {"person": "nobody"}
    with pytest.raises(Unanswered):
        wire.answer(ticket, 0.3)
    assert call(wire, "read_feed", READ)["answer"] == {"person": "nobody"}


def test_a_broken_rule_is_a_problem_with_its_name(wire: Wire) -> None:
    reply = call(wire, "read_feed", ReadFeed(after=1, limit=1).model_dump_json())
    assert reply["problem"] == {"rule": "course-unknown", "params": {"course": "poetry"}}


def test_a_store_that_is_away_is_a_problem_that_passes(wire: Wire) -> None:
    reply = call(wire, "read_feed", ReadFeed(after=2, limit=1).model_dump_json())
    assert reply["problem"] == {"rule": "service-away", "params": {"service": "progress"}}


@pytest.mark.parametrize(("after", "kind"), [(3, "KeyError"), (4, "ValidationError")])
def test_a_mistake_in_the_code_is_answered_and_not_blamed_on_the_request(
    wire: Wire, after: int, kind: str
) -> None:
    with pytest.raises(Unanswered, match=kind):
        call(wire, "read_feed", ReadFeed(after=after, limit=1).model_dump_json())


def test_nobody_waits_for_a_service_that_is_not_there(wire: Wire) -> None:
    started = time.monotonic()
    with pytest.raises(Unanswered, match="nobody serves"):
        wire.answer(wire.ask("scheduling", "read_feed", READ), 5)
    assert time.monotonic() - started < 1


def test_an_answer_that_comes_too_late_is_thrown_away(wire: Wire, signer: TokenSigner) -> None:
    late = wire.ask("progress", "record", asking(token(signer)))
    with pytest.raises(Unanswered, match="no answer within"):
        wire.answer(late, 0.1)
    call(wire, "record", asking(token(signer)))
    assert wire._answers == {} and wire._asked == set()


# --- batches -------------------------------------------------------------------------------------


def test_each_of_a_batch_is_answered_and_who_may_not_act_is_refused_alone(
    wire: Wire, signer: TokenSigner
) -> None:
    commands = [put_in(uuid4(), thing) for thing in ("a", "b", "c", "broken")]
    tokens = [token(signer), "forged", token(signer, Role.AUDITOR), token(signer)]
    reply = call(wire, "execute", batch(*zip(tokens, commands, strict=True)))
    outcomes = reply["answer"]["outcomes"]
    assert [o["command_id"] for o in outcomes] == [str(c.command_id) for c in commands]
    assert [o["outcome"] for o in outcomes] == ["accepted", "refused", "refused", "refused"]
    assert [o.get("rule") for o in outcomes] == [None, "not-yours", "not-yours", "course-faulty"]


def test_a_batch_that_comes_twice_has_one_effect(wire: Wire, signer: TokenSigner, database: Database) -> None:
    request = batch((token(signer), put_in(uuid4(), "a")), (token(signer), put_in(uuid4(), "b")))
    first, again = (call(wire, "execute", request)["answer"]["outcomes"] for _ in range(2))
    assert [o["outcome"] for o in first] == ["accepted", "accepted"]
    assert [o["outcome"] for o in again] == ["duplicate", "duplicate"]
    assert [o["position"] for o in first] == [o["position"] for o in again]
