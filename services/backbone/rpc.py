"""RPC entry points on nameko: parse, check who asks, call, reply. Only `serve` imports this.

Every method takes one JSON text and returns one: a `Reply` with an answer or a problem.
"""

import logging
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from nameko.amqp.publish import Publisher
from nameko.extensions import DependencyProvider
from nameko.rpc import Responder, rpc
from nameko.runners import ServiceRunner
from pydantic import TypeAdapter, ValidationError

from services.backbone import envelope
from services.backbone.actor import TokenVerifier
from services.backbone.commands import CommandDesk
from services.backbone.log import StoreAway
from services.backbone.metrics import BATCH_COMMANDS, COMMANDS, RPC_SECONDS
from services.contracts.access import RPC_ACCESS, Actor
from services.contracts.message import Message, Outcome, Outcomes, Problem, Refused, Reply
from services.contracts.rules import Rule, RuleBroken

_log = logging.getLogger(__name__)


class TransientPublisher(Publisher):  # type: ignore[misc]
    """Replies need neither disk nor confirmation: a lost one is a time-out, and the question is asked again."""

    use_confirms = False
    delivery_mode = 1


Responder.publisher_cls = TransientPublisher


class Provided(DependencyProvider):  # type: ignore[misc]
    """Hands the one application object of the process to every call."""

    application: Any = None

    def get_dependency(self, worker_ctx: Any) -> Any:
        """The application that `serve` made."""
        return type(self).application


def question(request: Any, *, signed: bool = True) -> Callable[[Callable[..., Message]], Any]:
    """An RPC method that answers a question: `def method(self, actor, question) -> Message`.

    Unsigned methods are for followers only; the broker's topic permissions keep others out.
    """
    adapter: TypeAdapter[Any] = TypeAdapter(request)

    def entry(method: Callable[..., Message]) -> Any:
        @wraps(method)
        def answer(self: Any, request: str) -> str:
            name = f"{self.name}.{method.__name__}"
            return _timed(name, lambda: self._answer(name, method, adapter, request, signed))

        return rpc(answer)

    return entry


def _timed(name: str, work: Callable[[], Reply[Any]]) -> str:
    started = time.perf_counter()
    outcome = "failed"
    try:
        reply = work()
        outcome = reply.problem.rule if reply.problem else "answered"
        return reply.model_dump_json()
    finally:
        RPC_SECONDS.labels(name, outcome).observe(time.perf_counter() - started)


class RpcService:
    """Base of the four services: knows who may call what, and turns broken rules into problems."""

    name: str
    application = Provided()

    def _answer(
        self, name: str, method: Callable[..., Message], adapter: TypeAdapter[Any], request: str, signed: bool
    ) -> Reply[Any]:
        try:
            asked = adapter.validate_json(request)
        except ValidationError as error:
            return Reply(problem=Problem(rule="malformed", params={"place": str(error.errors()[0]["loc"])}))
        try:
            if name not in RPC_ACCESS:
                raise RuleBroken(Rule.NOT_YOURS)
            if not signed:
                return Reply[Any].model_construct(answer=method(self, asked), problem=None)
            actor = self._admit(name, asked.token)
            return Reply[Any].model_construct(answer=method(self, actor, asked.body), problem=None)
        except RuleBroken as broken:
            return Reply(problem=Problem(rule=broken.rule.value, params=broken.params))
        except StoreAway as error:
            _log.warning("store_away", extra={"method": name, "error": str(error)})
            return Reply(problem=Problem(rule=Rule.SERVICE_AWAY.value, params={"service": self.name}))

    def _admit(self, name: str, token: str) -> Actor:
        """Who acts, in those of their roles that the method is for: another one adds nothing to what it shows."""
        actor = self.verifier.verify(token, self.name)
        acts_as = actor.roles & RPC_ACCESS[name]
        if not acts_as:
            raise RuleBroken(Rule.NOT_YOURS)
        return actor if acts_as == actor.roles else actor.model_copy(update={"roles": acts_as})

    @property
    def verifier(self) -> TokenVerifier:
        """The process' token verifier."""
        verifier: TokenVerifier = self.application.verifier
        return verifier

    def _execute(self, desk: CommandDesk[Any], batch: Any) -> Outcomes:
        """Carry out a batch: whoever may not act is refused, the others go on together."""
        outcomes: list[Outcome | None] = []
        admitted: list[tuple[Actor, Any]] = []
        for item in batch.items:
            try:
                admitted.append((self._admit(f"{self.name}.execute", item.token), item.body))
                outcomes.append(None)
            except RuleBroken as broken:
                outcomes.append(Refused(command_id=item.body.command_id, rule=broken.rule.value))
        answers = iter(desk.execute(admitted))
        told = tuple(outcome or next(answers) for outcome in outcomes)
        BATCH_COMMANDS.observe(len(told))
        for item, outcome in zip(batch.items, told, strict=True):
            COMMANDS.labels(item.body.type, outcome.outcome).inc()
        return Outcomes(outcomes=told)


def serve(service: type[RpcService], amqp_uri: str, application: Any, *, workers: int = 8) -> None:
    """Answer calls until the process is told to stop."""
    Provided.application = application
    runner = ServiceRunner(
        {
            "AMQP_URI": amqp_uri,
            "max_workers": workers,
            "HEARTBEAT": 20,
            "serializer": "json",
            "ACCEPT": ["json", envelope.NAME],  # answered in the form in which it was asked
        }
    )
    runner.add_service(service)
    runner.start()
    try:
        runner.wait()
    except KeyboardInterrupt:
        runner.stop()
