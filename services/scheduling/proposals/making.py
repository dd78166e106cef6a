"""What the child does: take the proposal that waits longest, find a plan, write it down."""

import logging
import time
from collections.abc import Callable
from typing import Any, Final

import psycopg
from psycopg import Connection, Cursor

from services.backbone.limits import DATABASE_CONNECT_SECONDS
from services.contracts.scheduling.proposals import ProposePlan
from services.scheduling.planning import PEOPLE_MAX, SLOTS_MAX, Proposal, Quality, propose
from services.scheduling.proposals import line
from services.scheduling.proposals.answer import body_of, quality_of
from services.scheduling.proposals.situation import Situation

_log = logging.getLogger(__name__)

TELL_SECONDS: Final = 0.5
"""How often a proposal in the making says how good it is."""

PLAN_SECONDS: Final = 45.0
"""After so long the best plan found stands."""

Situate = Callable[[Cursor[Any], ProposePlan], Situation]


def make_one(
    database_url: str,
    situate: Situate,
    seconds: float = PLAN_SECONDS,
    stopwatch: Callable[[], float] = time.monotonic,
) -> bool:
    """Make the proposal that waits longest; whether there was any."""
    with psycopg.connect(database_url, autocommit=True, connect_timeout=DATABASE_CONNECT_SECONDS) as database:
        asked = line.take(database)
        if asked is None:
            return False
        try:
            _make(database, asked, situate, seconds, stopwatch)
        except psycopg.Error:
            raise
        except Exception as error:  # a fault of ours is told, and not begun again
            _log.exception("proposal_failed", extra={"proposal": str(asked.proposal_id)})
            line.end(database, asked.proposal_id, None, None, f"fault: {type(error).__name__}")
    return True


def _make(
    database: Connection[Any],
    asked: ProposePlan,
    situate: Situate,
    seconds: float,
    stopwatch: Callable[[], float],
) -> None:
    with database.transaction(), database.cursor() as tx:
        tx.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")  # all of one moment
        situation = situate(tx, asked)
    people, slots = len(situation.question.people), len(situation.question.slots)
    failure = (
        "nobody"
        if not people
        else "no_slots"
        if not slots
        else "too_many"
        if people > PEOPLE_MAX or slots > SLOTS_MAX
        else None
    )
    if failure:
        line.end(database, asked.proposal_id, None, None, failure)
        return
    tell = _Telling(database, asked, people, stopwatch)
    proposal: Proposal = propose(situation.question, seconds, stopwatch, tell)
    line.end(database, asked.proposal_id, quality_of(proposal.quality, people), body_of(proposal, situation))


class _Telling:
    """Writes down how good the answer is so far, not too often."""

    def __init__(
        self, database: Connection[Any], asked: ProposePlan, people: int, stopwatch: Callable[[], float]
    ) -> None:
        self._database = database
        self._asked = asked
        self._people = people
        self._stopwatch = stopwatch
        self._next = 0.0

    def __call__(self, quality: Quality) -> bool:
        now = self._stopwatch()
        if now >= self._next:
            line.tell(self._database, self._asked.proposal_id, quality_of(quality, self._people))
            self._next = now + TELL_SECONDS
        return True
