"""Problem documents: one table of statuses, a sentence, the place of what is wrong, the correlation id."""

import asyncio
import json
from typing import Any

import httpx
import psycopg
import pytest
from psycopg_pool import PoolTimeout
from pydantic import ValidationError

from gateway.api.learner import LearnerCommands
from gateway.edge import Edge
from gateway.errors import TELL, Problem, answer, malformed, problem_of, problem_of_rule, status_of
from gateway.rpc import Away, Failed
from services.contracts.rules import Rule

STEP = {
    "command_id": "1c2d3e4f-5a6b-4c7d-8e9f-0a1b2c3d4e5f",
    "type": "progress.complete_module",
    "occurred_at": "2027-06-30T12:00:00+02:00",
    "record_id": "1c2d3e4f-5a6b-4c7d-8e9f-0a1b2c3d4e5f",
    "session_id": "1c2d3e4f-5a6b-4c7d-8e9f-0a1b2c3d4e5f",
    "course_version": 1,
    "module": "introduction",
}


def document(problem: Problem, language: str = "en") -> dict[str, Any]:
    told: dict[str, Any] = json.loads(answer(problem, language, "c0ffee").body)
    return told


def faults_of(command: dict[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(ValidationError) as error:
        LearnerCommands.model_validate_json(json.dumps({"commands": [STEP, command]}))
    return [(fault.place, fault.key) for fault in malformed(error.value.errors()).faults]


@pytest.mark.parametrize(
    ("rule", "status"),
    [
        (Rule.CHECKPOINTS_MISSING, 409),
        (Rule.NOT_YOURS, 403),
        (Rule.COURSE_UNKNOWN, 404),
        (Rule.BEFORE_OPENED, 422),
        (Rule.SERVICE_AWAY, 503),
        (Rule.POSITION_NOT_REACHED, 503),
    ],
)
def test_a_rule_has_one_status(rule: Rule, status: int) -> None:
    assert status_of(rule) == status


def test_a_refusal_names_the_rule_and_says_what_to_do() -> None:
    told = document(problem_of_rule("checkpoints-missing", {"module": "indicators", "missing": "symbols"}))
    assert told == {
        "type": "/problems/checkpoints-missing",
        "title": "Checkpoints missing",
        "status": 409,
        "detail": "Some pages remain before this part can be completed: symbols.",
        "correlation_id": "c0ffee",
        "rule": "checkpoints-missing",
        "params": {"module": "indicators", "missing": "symbols"},
    }


def test_the_sentence_is_in_the_readers_language() -> None:
    response = answer(Problem(Rule.NOT_YOURS), "nl", "c0ffee")
    assert response.headers["content-language"] == "nl"
    assert "geen toegang" in json.loads(response.body)["detail"]


def test_what_is_away_says_when_to_come_back() -> None:
    response = answer(problem_of(Away("progress", "no answer")), "en", "c0ffee")
    assert (response.status_code, response.headers["retry-after"]) == (503, "2")


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Away("content", "away"), 503),
        (Failed("reporting.staff", "OperationalError"), 503),
        (Failed("reporting.staff", "KeyError"), 500),
        (psycopg.OperationalError("gone"), 503),
        (PoolTimeout("none free"), 503),
        (KeyError("surprise"), 500),
        (problem_of_rule("malformed", {}), 500),
        (problem_of_rule("a-rule-of-tomorrow", {}), 500),
    ],
)
def test_whatever_happens_has_a_status(error: Exception, status: int) -> None:
    assert problem_of(error).status == status


def test_an_unexpected_failure_tells_nothing_but_its_number() -> None:
    told = document(problem_of(KeyError("secret")))
    assert "secret" not in json.dumps(told)
    assert "c0ffee" in told["detail"]


def test_course_faults_are_listed_with_file_and_line() -> None:
    faults = '{"faults":[{"file":"course.yaml","line":3,"sentence":"A title is missing in Dutch."}]}'
    told = document(problem_of_rule("course-faulty", {"faults": faults}))
    assert told["status"] == 422
    assert told["faults"] == [{"file": "course.yaml", "line": 3, "sentence": "A title is missing in Dutch."}]
    assert "params" not in told


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"module": None}, ("commands.1.module", "value-not-valid")),
        ({"module": "In troduction"}, ("commands.1.module", "value-not-valid")),
        ({"colour": "red"}, ("commands.1.colour", "value-unknown-field")),
        ({"type": "progress.cheat"}, ("commands.1", "value-unknown-type")),
        ({"occurred_at": "2027-06-30T12:00:00"}, ("commands.1.occurred_at", "value-not-a-time")),
        ({"occurred_at": "2027-06-30"}, ("commands.1.occurred_at", "value-not-a-time")),
        ({"occurred_at": 1_800_000_000}, ("commands.1.occurred_at", "value-not-a-time")),
        ({"occurred_at": "1800000000"}, ("commands.1.occurred_at", "value-not-a-time")),
        ({"command_id": "seven"}, ("commands.1.command_id", "value-not-an-identifier")),
        ({"course_version": "1"}, ("commands.1.course_version", "value-not-valid")),
        ({"course_version": True}, ("commands.1.course_version", "value-not-valid")),
        ({"course_version": 1.5}, ("commands.1.course_version", "value-not-valid")),
    ],
)
def test_a_malformed_body_is_told_with_its_place(change: dict[str, Any], fault: tuple[str, str]) -> None:
    assert faults_of({**STEP, **change}) == [fault]


def test_a_missing_field_is_told_with_its_place() -> None:
    assert faults_of({k: v for k, v in STEP.items() if k != "module"}) == [
        ("commands.1.module", "value-missing")
    ]


@pytest.mark.parametrize("body", ["", "{", "[]", '{"commands":[]}', '{"commands":{}}', "[" * 100_000])
def test_what_is_not_a_body_is_malformed(body: str) -> None:
    with pytest.raises(ValidationError) as error:
        LearnerCommands.model_validate_json(body)
    assert malformed(error.value.errors()).faults


def test_what_the_client_wrote_is_not_repeated_at_length() -> None:
    (fault,) = faults_of({**STEP, "x" * 50_000: 1})
    assert len(fault[0]) <= 200


def test_a_problem_whose_page_is_broken_is_told_all_the_same_and_protected() -> None:
    def broken(*_: object) -> Any:
        raise ValueError("a template that every page has")

    async def app(scope: Any, receive: Any, send: Any) -> None:
        scope[TELL] = broken
        raise Problem("not-found")

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(Edge(app)), base_url="http://x") as client:
            return await client.get("/")

    told = asyncio.run(ask())
    assert (told.status_code, told.json()["type"]) == (404, "/problems/not-found")
    assert told.headers["cache-control"] == "no-store" and told.headers["x-frame-options"] == "DENY"
