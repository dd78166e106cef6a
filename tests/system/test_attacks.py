"""What people must not be able to do to each other, tried through HTTP and the broker against the whole stack."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
from kombu import Connection, Exchange, Queue

from deploy.api import Person, Refusal
from deploy.demo import organisation
from deploy.demo.load import COURSE_FOLDER, open_account
from deploy.demo.people import DEMO_PASSWORD
from deploy.local.stack import Stack
from services.backbone.actor import TokenSigner
from services.content.source import read
from services.contracts.access import Actor, Role
from services.contracts.progress import record_id_of

PRISON = str(organisation.PRISON_1)
COURSE = read(COURSE_FOLDER).manifest.course
AT_ONCE = 50
ANSWER_SECONDS = 5.0


@pytest.fixture
def people(stack: Stack) -> Iterator[dict[str, Person]]:
    """Everybody of the demo, signed in when first asked for."""
    signed_in = _SignedIn(stack)
    yield signed_in
    for person in signed_in.values():
        person.close()


class _SignedIn(dict[str, Person]):
    def __init__(self, stack: Stack) -> None:
        super().__init__()
        self._stack = stack

    def __missing__(self, user: str) -> Person:
        self[user] = Person(self._stack.gateway_url, user, DEMO_PASSWORD)
        return self[user]


@pytest.fixture
def newcomer(stack: Stack, people: dict[str, Person]) -> UUID:
    """A learner of the first prison without a record; signs in under their id."""
    person_id = uuid4()
    joined = {
        **told("scheduling.register_person"),
        "unit_id": PRISON,
        "entry": {
            "person_id": str(person_id),
            "given_name": "Nele",
            "family_name": "Nieuwkomer",
            "staff_number": f"N{person_id.hex[:12]}",
            "language": "nl",
        },
    }
    people["operator"].post("/organisation/commands", {"commands": [joined]})
    open_account(stack, str(person_id), person_id, [Role.LEARNER])
    return person_id


def told(type_: str | None = None, *, at: datetime | str | None = None) -> dict[str, Any]:
    moment = at or datetime.now(UTC)
    body = {
        "command_id": str(uuid4()),
        "occurred_at": moment if isinstance(moment, str) else moment.isoformat(),
    }
    return body | ({"type": type_} if type_ else {})


def opening(**changes: Any) -> dict[str, Any]:
    return {**told("progress.open_record"), "course": COURSE, "language": "fr"} | changes


def refusal(call: Any, *args: Any, **params: Any) -> tuple[int, str]:
    with pytest.raises(Refusal) as refused:
        call(*args, **params)
    return refused.value.status, refused.value.rule


def reaches_the_reports(people: dict[str, Person]) -> None:
    """A command that comes after all others is seen: no follower stands still."""
    due = (datetime.now(UTC) + timedelta(days=90)).date().isoformat()
    manager = people["manager.valclair"]
    done = manager.post("/assignments", {**told(), "course": COURSE, "due_on": due, "unit_id": PRISON})
    deadline = time.monotonic() + 10
    while True:
        try:
            manager.get(
                "/reports/overview", unit=PRISON, course=COURSE, at_least=f"scheduling:{done['position']}"
            )
        except Refusal as refused:
            assert refused.status == 503 and time.monotonic() < deadline, "a follower stands still"
        else:
            return


# --- one person against another ------------------------------------------------------------------


def test_an_id_of_somebody_else_gets_nobody_anywhere(people: dict[str, Person], newcomer: UUID) -> None:
    """Not told that it was done, when it was not; and told nothing of what the other did."""
    command = opening(period=900)
    people["learner.a"].commands([command])
    stranger = people[str(newcomer)]
    assert refusal(stranger.commands, [command]) == (409, "command-id-taken")
    assert refusal(stranger.get, f"/me/records/{record_id_of(newcomer, COURSE, 900)}") == (403, "not-yours")
    assert refusal(people["learner.a"].commands, [opening(**command | {"period": 901})]) == (
        409,
        "command-id-taken",
    )


def test_one_command_sent_by_fifty_at_once_has_one_effect(people: dict[str, Person], newcomer: UUID) -> None:
    command, learner = opening(), people[str(newcomer)]
    with ThreadPoolExecutor(AT_ONCE) as pcs:
        answers = list(pcs.map(lambda _: learner.commands([command])[0], range(AT_ONCE)))
    assert Counter(a["outcome"] for a in answers) == {"accepted": 1, "duplicate": AT_ONCE - 1}
    assert len({a["position"] for a in answers}) == 1


@pytest.mark.parametrize("path", ["/reports/overview", "/reports/trend", "/reports/staff"])
def test_a_unit_of_others_and_one_that_is_not_there_look_the_same(
    people: dict[str, Person], path: str
) -> None:
    stranger = people["manager.westerdreef"]
    for unit in (PRISON, str(uuid4())):
        for written_as in (None, "json", "csv", "xlsx"):
            assert refusal(stranger.get, path, unit=unit, course=COURSE, format=written_as) == (
                403,
                "not-yours",
            )


# --- one command against everybody ---------------------------------------------------------------


def test_a_manager_cannot_stop_the_reports_with_a_moment_that_nobody_can_hold(
    people: dict[str, Person], newcomer: UUID
) -> None:
    for moment in ("0001-01-01T00:00:00+14:00", "1066-10-14T09:00:00Z"):
        body = {**told(at=moment), "course": COURSE, "due_on": "2199-12-31", "person_id": str(newcomer)}
        status, _ = refusal(people["manager.valclair"].post, "/assignments", body)
        assert status == 422
    reaches_the_reports(people)


def test_an_operator_cannot_stop_the_reports_with_a_text_that_nobody_can_keep(
    people: dict[str, Person],
) -> None:
    unit = {**told("scheduling.create_unit"), "unit_id": str(uuid4()), "kind": "team", "parent_id": PRISON}
    body = {"commands": [{**unit, "name": {"fr": "a\0b", "nl": "b"}}]}
    status, _ = refusal(people["operator"].post, "/organisation/commands", body)
    assert status == 422
    reaches_the_reports(people)


# --- a service against the others ----------------------------------------------------------------


def test_what_reporting_is_told_in_a_managers_name_it_cannot_use_elsewhere(
    stack: Stack, people: dict[str, Person], newcomer: UUID
) -> None:
    """With the broker password of reporting: a dead letter passes the topic rights, the token does not serve."""
    environment = stack.environment()
    manager = people["manager.valclair"].get("/me")
    actor = Actor(
        person_id=manager["person_id"],
        roles=manager["roles"],
        expires_at=datetime.now(UTC) + timedelta(minutes=5),
    )
    signer = TokenSigner(Path(environment["GATEWAY_ACTOR_PRIVATE_KEY"]))
    command = {
        **told("scheduling.assign_course"),
        "course": COURSE,
        "due_on": "2199-01-01",
        "person_id": str(newcomer),
    }
    for service, outcome in (("reporting", "refused"), ("scheduling", "accepted")):
        item = {"token": signer.sign(actor, service), "correlation_id": str(uuid4()), "body": command}
        answer = _by_dead_letter(environment["REPORTING_AMQP_URI"], "scheduling.execute", {"items": [item]})
        assert f'"outcome":"{outcome}"' in answer, answer


def _by_dead_letter(amqp_uri: str, key: str, request: dict[str, Any]) -> str:
    """The answer to a request that the broker itself delivers, as a message that expired."""
    reply_key = f"rpc.reply-{urlsplit(amqp_uri).username}-{uuid4()}"
    rpc, bells = Exchange("nameko-rpc", "topic"), Exchange("parcours.bells", "topic")
    with Connection(amqp_uri, connect_timeout=3) as connection:
        channel = connection.channel()
        answers = Queue(reply_key, rpc, reply_key, exclusive=True, durable=False)(channel)
        answers.declare()
        Queue(
            f"bells-{uuid4()}",
            bells,
            "reporting",
            exclusive=True,
            durable=False,
            queue_arguments={
                "x-message-ttl": 1,
                "x-dead-letter-exchange": rpc.name,
                "x-dead-letter-routing-key": key,
            },
        )(channel).declare()
        connection.Producer(channel).publish(
            {"args": [json.dumps(request)], "kwargs": {}},
            exchange=bells.name,
            routing_key="reporting",
            reply_to=reply_key,
            correlation_id="1",
            serializer="json",
        )
        deadline = time.monotonic() + ANSWER_SECONDS
        while time.monotonic() < deadline:
            if message := answers.get(no_ack=True):
                return str(message.payload["result"])
            time.sleep(0.05)
    return "no answer"
