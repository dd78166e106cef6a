"""What became of commands, in the words of HTTP."""

import json
from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from gateway.errors import problem_of_rule, status_of
from gateway.metrics import COMMANDS
from gateway.parts import language_in
from gateway.sentences import sentence
from services.contracts.message import Done, Message, Outcome


class CommandResult(Message):
    """What became of one command."""

    command_id: UUID
    outcome: Literal["accepted", "duplicate", "refused"]
    position: int | None = None
    rule: str | None = None
    status: int | None = None
    sentence: str | None = None


class CommandResults(Message):
    """One result for each command, in order."""

    results: tuple[CommandResult, ...]


class CommandDone(Message):
    """The command's effect stands; `position` is what a read may name in `at_least`."""

    command_id: UUID
    outcome: Literal["accepted", "duplicate"]
    position: int


def results(service: str, outcomes: Sequence[Outcome], request: Request) -> Response:
    """All results in order; one command alone that was refused is a problem. Raises Problem."""
    if len(outcomes) == 1:
        raise_refusal(outcomes[0])
    told = ",".join([_result(outcome, request) for outcome in outcomes])
    _count(service, outcomes)
    return Response(f'{{"results":[{told}]}}'.encode(), media_type="application/json")


def done(service: str, outcome: Outcome) -> Response:
    """The result of one command: 201 when it has its effect now, 200 when it had it before. Raises Problem."""
    raise_refusal(outcome)
    assert isinstance(outcome, Done)
    _count(service, [outcome])
    status = 201 if outcome.outcome == "accepted" else 200
    return Response(outcome.model_dump_json().encode(), status, media_type="application/json")


def raise_refusal(outcome: Outcome) -> None:
    """Raise the Problem of a refused command."""
    if not isinstance(outcome, Done):
        problem = problem_of_rule(outcome.rule, outcome.params)
        problem.extra = {**problem.extra, "command_id": str(outcome.command_id)}
        raise problem


def _result(outcome: Outcome, request: Request) -> str:
    if isinstance(outcome, Done):
        return (
            f'{{"command_id":"{outcome.command_id}","outcome":"{outcome.outcome}",'
            f'"position":{outcome.position}}}'
        )
    refused = {
        "command_id": str(outcome.command_id),
        "outcome": "refused",
        "rule": outcome.rule,
        "status": status_of(outcome.rule),
        "sentence": sentence(outcome.rule, language_in(request), outcome.params),
    }
    return json.dumps(refused, ensure_ascii=False)


def _count(service: str, outcomes: Sequence[Outcome]) -> None:
    for outcome in outcomes:
        COMMANDS.labels(service, outcome.outcome).inc()
