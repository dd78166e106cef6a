"""The proposals of this service, as rows: who waits, which one runs, what was answered."""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from psycopg import Connection, Cursor
from psycopg.errors import UniqueViolation
from psycopg.types.json import Jsonb

from services.contracts.rules import Rule, RuleBroken
from services.contracts.scheduling.proposals import PlanProposal, ProposalLine, ProposalQuality, ProposePlan

WAITING_MAX: Final = 20
"""Proposals in line: a further one is refused rather than left to wait for a quarter of an hour."""

BEGUN_MAX: Final = 3
"""How often a proposal is begun: one that ends its planner each time is not tried for ever."""

KEPT_DAYS: Final = 30
"""A proposal is about seats that are free now; an old one helps nobody."""

BRIEF = "proposal_id, unit_id, course, due_on, asked_by, asked_at, state, quality, failure"

BOOKED = "SELECT person_id, place_id FROM engagement WHERE person_id = ANY(%s::uuid[])"


def ask(tx: Cursor[Any], asked: ProposePlan, asker: UUID, now: datetime) -> None:
    """Put a proposal in line; one that is there already stays. Raises RuleBroken."""
    known = tx.execute(
        "SELECT unit_id, course, due_on, asked_by FROM proposal WHERE proposal_id = %s", (asked.proposal_id,)
    ).fetchone()
    if known is not None:
        if known != (asked.unit_id, asked.course, asked.due_on, asker):
            raise RuleBroken(Rule.COMMAND_ID_TAKEN)
        return
    tx.execute("DELETE FROM proposal WHERE asked_at < %s", (now - timedelta(days=KEPT_DAYS),))
    row = tx.execute("SELECT count(*) FROM proposal WHERE state IN ('waiting', 'running')").fetchone()
    if row and row[0] >= WAITING_MAX:
        raise RuleBroken(Rule.PROPOSALS_WAITING, waiting=row[0])
    try:
        tx.execute(
            "INSERT INTO proposal (proposal_id, unit_id, course, due_on, asked_by, asked_at, state)"
            " VALUES (%s, %s, %s, %s, %s, %s, 'waiting')",
            (asked.proposal_id, asked.unit_id, asked.course, asked.due_on, asker, now),
        )
    except UniqueViolation as error:
        raise RuleBroken(Rule.PROPOSAL_IN_HAND) from error


def of(tx: Cursor[Any], proposal_id: UUID) -> PlanProposal:
    """All of a proposal, and what of it is booked by now. Raises RuleBroken(PROPOSAL_UNKNOWN)."""
    row = tx.execute(
        f"SELECT {BRIEF}, answer FROM proposal WHERE proposal_id = %s",  # noqa: S608
        (proposal_id,),
    ).fetchone()
    if row is None:
        raise RuleBroken(Rule.PROPOSAL_UNKNOWN)
    *brief, answer = row
    answer = answer or {"seats": [], "not_placed": [], "slots": []}
    booked = set(tx.execute(BOOKED, ([seat["person_id"] for seat in answer["seats"]],)).fetchall())
    for seat in answer["seats"]:
        seat["booked"] = (UUID(seat["person_id"]), UUID(seat["slot_id"])) in booked
    return PlanProposal(**_line(brief).model_dump(), **answer)


def newest(tx: Cursor[Any], asker: UUID, limit: int) -> list[ProposalLine]:
    """What somebody asked for last."""
    rows = tx.execute(
        f"SELECT {BRIEF} FROM proposal WHERE asked_by = %s ORDER BY asked_at DESC LIMIT %s",  # noqa: S608
        (asker, limit),
    ).fetchall()
    return [_line(row) for row in rows]


def _line(row: Any) -> ProposalLine:
    return ProposalLine.model_validate(dict(zip(ProposalLine.model_fields, row, strict=True)))


def waits(database: Connection[Any]) -> bool:
    """Whether any proposal waits for its turn."""
    row = database.execute("SELECT EXISTS (SELECT FROM proposal WHERE state = 'waiting')").fetchone()
    return row == (True,)


def take(database: Connection[Any]) -> ProposePlan | None:
    """Begin the proposal that waits longest."""
    row = database.execute(
        "UPDATE proposal SET state = 'running', begun = begun + 1 WHERE proposal_id ="
        " (SELECT proposal_id FROM proposal WHERE state = 'waiting' ORDER BY asked_at LIMIT 1)"
        " RETURNING proposal_id, unit_id, course, due_on"
    ).fetchone()
    if row is None:
        return None
    return ProposePlan(**dict(zip(ProposePlan.model_fields, row, strict=True)))


def take_up_again(database: Connection[Any]) -> None:
    """What ran when its planner went away waits again; what ended it too often is given up."""
    database.execute(
        "UPDATE proposal SET failure = CASE WHEN begun >= %s THEN 'interrupted' END, quality = NULL,"
        " state = CASE WHEN begun >= %s THEN 'failed' ELSE 'waiting' END WHERE state = 'running'",
        (BEGUN_MAX, BEGUN_MAX),
    )


def tell(database: Connection[Any], proposal_id: UUID, quality: ProposalQuality) -> None:
    """Write down how good the best answer is so far."""
    database.execute(
        "UPDATE proposal SET quality = %s WHERE proposal_id = %s AND state = 'running'",
        (Jsonb(quality.model_dump(mode="json")), proposal_id),
    )


def end(
    database: Connection[Any],
    proposal_id: UUID,
    quality: ProposalQuality | None,
    answer: dict[str, Any] | None,
    failure: str | None = None,
) -> None:
    """Write down what was found, or why nothing was."""
    database.execute(
        "UPDATE proposal SET state = %s, quality = %s, answer = %s, failure = %s WHERE proposal_id = %s",
        (
            "failed" if failure else "done",
            Jsonb(quality.model_dump(mode="json")) if quality else None,
            Jsonb(answer) if answer else None,
            failure,
            proposal_id,
        ),
    )
