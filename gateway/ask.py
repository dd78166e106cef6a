"""Questions and commands to services, signed by who asks, with the journey's correlation id."""

from collections.abc import Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import from_json, to_json
from starlette.requests import Request

from gateway.errors import Problem, problem_of_rule
from gateway.parts import correlation_of, parts_of, session_in
from gateway.rpc import Away, Failed, Rpc
from services.backbone.limits import RPC_TIMEOUT_SECONDS
from services.contracts.message import Outcome, Outcomes, Reply

_OUTCOMES: TypeAdapter[Reply[Outcomes]] = TypeAdapter(Reply[Outcomes])
Model = TypeVar("Model", bound=BaseModel)
_BEFORE, _AFTER = '{"answer":', ',"problem":null}'


def signed(token: str, correlation_id: str, body: str) -> str:
    """`Signed` as JSON: the body goes in as it is, since it was parsed and written by our own models."""
    return f'{{"token":"{token}","correlation_id":"{correlation_id}","body":{body}}}'


async def ask(
    request: Request, method: str, question: BaseModel, timeout_seconds: float = RPC_TIMEOUT_SECONDS
) -> str:
    """The answer's JSON, as the service wrote it. Raises Problem, Away or Failed."""
    service = method.partition(".")[0]
    token = parts_of(request).sessions.actor_token(session_in(request), service)
    return await ask_as(request, token, method, question, timeout_seconds)


async def ask_as(
    request: Request,
    token: str,
    method: str,
    question: BaseModel,
    timeout_seconds: float = RPC_TIMEOUT_SECONDS,
) -> str:
    """The same in the name of whoever `token` says."""
    service, _, name = method.partition(".")
    text = signed(token, correlation_of(request), question.model_dump_json())
    return answer_in(await parts_of(request).rpc.call(service, name, text, timeout_seconds=timeout_seconds))


async def ask_for(
    request: Request,
    method: str,
    question: BaseModel,
    kind: type[Model],
    timeout_seconds: float = RPC_TIMEOUT_SECONDS,
) -> Model:
    """The answer, parsed. Raises Problem, Away or Failed."""
    return kind.model_validate_json(await ask(request, method, question, timeout_seconds))


async def perhaps(
    request: Request, method: str, question: BaseModel, kind: type[Model], timeout_seconds: float
) -> Model | None:
    """The answer, for a page that does without it: none when it is refused, late, or nobody is there."""
    try:
        return await ask_for(request, method, question, kind, timeout_seconds)
    except (Away, Failed, Problem):
        return None


async def execute(
    request: Request,
    service: str,
    commands: Sequence[BaseModel],
    timeout_seconds: float = RPC_TIMEOUT_SECONDS,
) -> Sequence[Outcome]:
    """The outcomes of somebody's commands to a service, sent at once and on their own."""
    parts = parts_of(request)
    token = parts.sessions.actor_token(session_in(request), service)
    correlation_id = correlation_of(request)
    items = [signed(token, correlation_id, command.model_dump_json()) for command in commands]
    return await send_batch(parts.rpc, service, items, timeout_seconds)


async def ask_for_places(request: Request, commands: Sequence[BaseModel]) -> Sequence[Outcome]:
    """The outcomes of commands about in-person sessions, which travel and commit with those of others."""
    parts = parts_of(request)
    token = parts.sessions.actor_token(session_in(request), "scheduling")
    correlation_id = correlation_of(request)
    return await parts.places.execute(
        [signed(token, correlation_id, command.model_dump_json()) for command in commands]
    )


async def send_batch(
    rpc: Rpc, service: str, items: Sequence[str], timeout_seconds: float = RPC_TIMEOUT_SECONDS
) -> Sequence[Outcome]:
    """One `Batch` to a service's `execute`; one outcome for each item."""
    text = f'{{"items":[{",".join(items)}]}}'
    told = await rpc.call(service, "execute", text, timeout_seconds=timeout_seconds)
    try:
        reply = _OUTCOMES.validate_json(told)
    except ValidationError:
        raise Failed(f"{service}.execute", "ValidationError") from None  # its text would repeat the answer
    if reply.problem:
        raise problem_of_rule(reply.problem.rule, reply.problem.params)
    if reply.answer is None:
        raise Failed(f"{service}.execute", "NoAnswer")
    return reply.answer.outcomes


def answer_in(reply: str) -> str:
    """The answer of a `Reply`, unparsed where it stands where our services write it. Raises Problem."""
    if reply.startswith(_BEFORE) and reply.endswith(_AFTER):
        return reply[len(_BEFORE) : -len(_AFTER)]
    parsed: dict[str, Any] = from_json(reply)
    if problem := parsed.get("problem"):
        raise problem_of_rule(problem["rule"], problem.get("params", {}))
    return to_json(parsed["answer"]).decode()
