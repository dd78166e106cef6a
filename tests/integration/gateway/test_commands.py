"""Commands through the gateway: whole bodies only, results in order, and an honest answer when something is away."""

import contextlib
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.backbone.actor import TokenVerifier
from services.contracts.access import Role
from tests.integration.conftest import Broker
from tests.integration.gateway.conftest import Gateway, answered, refused, step

COMMANDS = "/api/v1/me/commands"


@pytest.fixture(scope="module")
def learner(gateway: Gateway) -> httpx.Client:
    return gateway.signed_in(Role.LEARNER)


def send(client: httpx.Client, *commands: dict[str, Any]) -> httpx.Response:
    return client.post(COMMANDS, json={"commands": commands})


def refuse_second(batch: dict[str, Any]) -> dict[str, Any]:
    ids = [item["body"]["command_id"] for item in batch["items"]]
    outcomes: list[dict[str, Any]] = [{"outcome": "duplicate", "command_id": ids[0], "position": 41}]
    outcomes += [
        {
            "outcome": "refused",
            "command_id": id_,
            "rule": "checkpoints-missing",
            "params": {"missing": "symbols"},
        }
        for id_ in ids[1:]
    ]
    return answered({"outcomes": outcomes})


def test_results_come_in_order(gateway: Gateway, learner: httpx.Client) -> None:
    gateway.stand_in.answers["progress.execute"] = refuse_second
    commands = [step(), step()]
    answer = send(learner, *commands)
    assert answer.status_code == 200
    assert answer.json()["results"] == [
        {"command_id": commands[0]["command_id"], "outcome": "duplicate", "position": 41},
        {
            "command_id": commands[1]["command_id"],
            "outcome": "refused",
            "rule": "checkpoints-missing",
            "status": 409,
            "sentence": "Some pages remain before this part can be completed: symbols.",
        },
    ]


def test_one_command_alone_that_is_refused_is_a_problem(gateway: Gateway, learner: httpx.Client) -> None:
    def refuse(batch: dict[str, Any]) -> dict[str, Any]:
        id_ = batch["items"][0]["body"]["command_id"]
        return answered(
            {"outcomes": [{"outcome": "refused", "command_id": id_, "rule": "session-abandoned"}]}
        )

    gateway.stand_in.answers["progress.execute"] = refuse
    answer = learner.post(COMMANDS, json={"commands": [step()]}, headers={"accept-language": "fr"})
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["rule"] == "session-abandoned"
    assert "autre PC" in answer.json()["detail"]


def test_who_acts_travels_signed_with_the_correlation_id(
    gateway: Gateway, learner: httpx.Client, broker: Broker
) -> None:
    correlation = "1c2d3e4f-5a6b-4c7d-8e9f-0a1b2c3d4e5f"
    answer = learner.post(
        COMMANDS, json={"commands": [step(), step()]}, headers={"x-correlation-id": correlation}
    )
    assert answer.headers["x-correlation-id"] == correlation
    items = gateway.stand_in.questions("progress.execute")[0]["items"]
    verifier = TokenVerifier(Path(broker.environment["PARCOURS_ACTOR_PUBLIC_KEY"]))
    for item in items:
        assert item["correlation_id"] == correlation
        actor = verifier.verify(item["token"], "progress")
        assert (str(actor.person_id), actor.roles) == (learner.headers["x-person"], {Role.LEARNER})
    assert len({item["token"] for item in items}) == 1


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"colour": "red"}, "commands.1.colour"),
        ({"occurred_at": "2027-06-30T12:00:00"}, "commands.1.occurred_at"),
        ({"occurred_at": (datetime.now(UTC) + timedelta(hours=1)).isoformat()}, "commands.1.occurred_at"),
        ({"occurred_at": (datetime.now(UTC) - timedelta(days=15)).isoformat()}, "commands.1.occurred_at"),
        ({"type": "progress.cheat"}, "commands.1"),
        ({"type": "scheduling.withdraw_person"}, "commands.1"),
        ({"module": "../indicators"}, "commands.1.module"),
    ],
)
def test_one_bad_command_keeps_the_whole_body_out(
    gateway: Gateway, learner: httpx.Client, change: dict[str, Any], place: str
) -> None:
    answer = send(learner, step(), step(**change))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["place"] == place
    assert gateway.stand_in.asked == []


def test_too_many_commands_and_too_few(learner: httpx.Client) -> None:
    assert send(learner).status_code == 422
    assert send(learner, *[step() for _ in range(501)]).status_code == 422
    assert len(send(learner, *[step() for _ in range(500)]).json()["results"]) == 500


@pytest.mark.parametrize("body", [b"", b"{", b"null", b"\xff\xfe", b"[" * 50_000])
def test_what_is_not_json_is_malformed(learner: httpx.Client, body: bytes) -> None:
    answer = learner.post(COMMANDS, content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["type"] == "/problems/malformed"


def test_another_content_type_is_refused(learner: httpx.Client) -> None:
    answer = learner.post(COMMANDS, content=b"{}", headers={"content-type": "text/plain"})
    assert answer.status_code == 415


def test_a_body_too_large_is_refused_before_it_is_read(learner: httpx.Client) -> None:
    def endless() -> Any:
        while True:  # the gateway hangs up
            yield b" " * 65_536

    headers = {"content-type": "application/json"}
    assert learner.post(COMMANDS, content=b" " * (1024 * 1024 + 1), headers=headers).status_code == 413
    with contextlib.suppress(httpx.WriteError):  # it may hang up while we are sending
        assert learner.post(COMMANDS, content=endless(), headers=headers).status_code == 413
    assert learner.post("/api/v1/session", content=b" " * 65_537, headers=headers).status_code == 413


@pytest.mark.parametrize("role", [Role.MANAGER, Role.AUDITOR, Role.OPERATOR, Role.TRAINING_CENTRE])
def test_others_take_no_steps(gateway: Gateway, role: Role) -> None:
    assert send(gateway.signed_in(role), step()).status_code == 403
    assert gateway.stand_in.asked == []


def test_a_service_that_is_not_there_is_away_at_once(gateway: Gateway, learner: httpx.Client) -> None:
    gateway.stand_in.leave("progress")
    try:
        started = time.monotonic()
        answer = send(learner, step())
        assert time.monotonic() - started < 1
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "2"
        assert answer.json()["rule"] == "service-away"
        with gateway.client() as client:
            time.sleep(1)  # an answer of /readyz stands for a second
            ready = client.get("/readyz")
            assert (ready.status_code, ready.json()["parts"]["progress"]) == (503, "away")
    finally:
        gateway.stand_in.serve("progress")
    assert send(learner, step()).status_code == 200


def test_a_service_that_hangs_is_away_within_five_seconds(gateway: Gateway, learner: httpx.Client) -> None:
    del gateway.stand_in.answers["progress.execute"]
    started = time.monotonic()
    assert send(learner, step()).status_code == 503
    assert time.monotonic() - started < 5


def test_a_service_whose_database_is_away_is_away(gateway: Gateway, learner: httpx.Client) -> None:
    gateway.stand_in.answers["progress.execute"] = lambda _: refused("service-away", service="progress")
    assert send(learner, step()).status_code == 503


def test_many_at_once_travel_together(gateway: Gateway, learner: httpx.Client) -> None:
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: send(learner, step()).status_code, range(96)))
    assert set(answers) == {200}
    batches = gateway.stand_in.questions("progress.execute")
    assert sum(len(batch["items"]) for batch in batches) == 96
    assert len(batches) < 96
