"""What follows from facts and from time, without anybody asking.

A policy is a projection that keeps what it needs to know, and says which commands are due. They go
over the same desk as everybody's, with ids derived from their cause: a process that is killed at any
step does the rest later, and nothing twice.
"""

import logging
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final, Generic, Protocol, TypeVar

import psycopg
from psycopg import Connection, Cursor

from services.backbone.clock import Clock, utc_now
from services.backbone.commands import CommandDesk
from services.backbone.follower import Projection
from services.backbone.limits import BATCH_COMMANDS_MAX
from services.backbone.log import StoreAway
from services.contracts.access import Actor
from services.contracts.message import Command, Outcome, Refused

_log = logging.getLogger(__name__)

EVERY_SECONDS: Final = 1.0
"""How often a policy that has nothing to do is asked, at most."""


AGAIN_SECONDS: Final = 10.0
"""When a policy is asked again that could not be carried out."""

C = TypeVar("C", bound=Command)


class Policy(Projection, Protocol[C]):
    """A projection that also acts."""

    def due(self, tx: Cursor[Any], now: datetime, limit: int) -> Sequence[C]:
        """Commands that are due, at most `limit`; ids and contents follow from their cause."""
        ...

    def answered(self, tx: Cursor[Any], answers: Sequence[tuple[C, Outcome]], now: datetime) -> None:
        """Remember what was answered, refusals above all: what is remembered is not due again."""
        ...


class Timekeeper(Generic[C]):
    """Asks policies what is due and sends it, a batch at a time, after each round of following."""

    def __init__(
        self,
        desk: CommandDesk[C],
        policies: Sequence[Policy[C]],
        clock: Clock = utc_now,
        *,
        acting: Callable[[C, datetime], Actor],
    ) -> None:
        """Send to `desk`; `acting` says who acts by a command at a moment."""
        self._desk = desk
        self._policies = policies
        self._clock = clock
        self._acting = acting
        self._next = dict.fromkeys((policy.name for policy in policies), 0.0)

    def act(self, database: Connection[Any]) -> None:
        """One batch of every policy that is due; what it commits rings our bell, hence the next round.

        A policy that cannot be carried out is told and asked again later: its neighbours go on.
        """
        for policy in self._policies:
            if time.monotonic() >= self._next[policy.name]:
                try:
                    sent = self._act(database, policy)
                except (StoreAway, psycopg.Error) as error:
                    if database.closed:
                        raise
                    _log.warning(
                        "policy_failed", extra={"policy": policy.name, "error": type(error).__name__}
                    )
                    wait = AGAIN_SECONDS
                else:
                    wait = 0.0 if sent == BATCH_COMMANDS_MAX else EVERY_SECONDS
                self._next[policy.name] = time.monotonic() + wait

    def _act(self, database: Connection[Any], policy: Policy[C]) -> int:
        now = self._clock()
        with database.transaction(), database.cursor() as tx:
            commands = policy.due(tx, now, BATCH_COMMANDS_MAX)
        if commands:
            outcomes = self._desk.execute([(self._acting(command, now), command) for command in commands])
            answers = list(zip(commands, outcomes, strict=True))
            for command, outcome in answers:
                if isinstance(outcome, Refused):
                    told = {"policy": policy.name, "command": command.type, "rule": outcome.rule}
                    _log.warning("policy_refused", extra=told)
            with database.transaction(), database.cursor() as tx:
                policy.answered(tx, answers, now)
        return len(commands)
