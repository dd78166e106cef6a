"""Rebuild jobs: asked for by people, carried out by `work`, one at a time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection, Cursor
from psycopg.errors import UniqueViolation
from psycopg.types.json import Jsonb

from services.contracts.reporting.operation import ModelProof, RebuildLine, RebuildStatus
from services.contracts.rules import Rule, RuleBroken


def ask(
    tx: Cursor[Any], job_id: UUID, read_model: str | None, *, swap: bool, now: datetime, actor: UUID
) -> None:
    """Put a job in line. Raises RuleBroken(REBUILD_RUNNING) while another waits or runs."""
    try:
        tx.execute(
            "INSERT INTO rebuild_job (job_id, read_model, swap, requested_at, requested_by, state)"
            " VALUES (%s, %s, %s, %s, %s, 'waiting')",
            (job_id, read_model, swap, now, actor),
        )
    except UniqueViolation as error:
        raise RuleBroken(Rule.REBUILD_RUNNING) from error


def status_of(tx: Cursor[Any], job_id: UUID) -> RebuildStatus:
    """How far a job is. Raises RuleBroken(REBUILD_UNKNOWN)."""
    row = tx.execute(
        "SELECT state, events, events_total, events_per_second, proofs, failure FROM rebuild_job"
        " WHERE job_id = %s",
        (job_id,),
    ).fetchone()
    if row is None:
        raise RuleBroken(Rule.REBUILD_UNKNOWN)
    state, events, total, speed, proofs, failure = row
    return RebuildStatus(
        job_id=job_id,
        state=state,
        events=events,
        events_total=total,
        events_per_second=speed,
        proofs=tuple(ModelProof.model_validate(proof) for proof in proofs),
        failure=failure,
    )


def newest(tx: Cursor[Any], limit: int) -> list[RebuildLine]:
    """The jobs that were asked for last."""
    rows = tx.execute(
        "SELECT job_id, read_model, swap, requested_at, requested_by, state, events, proofs FROM rebuild_job"
        " ORDER BY requested_at DESC, job_id LIMIT %s",
        (limit,),
    ).fetchall()
    return [
        RebuildLine(
            job_id=job_id,
            read_model=read_model,
            swap=swap,
            requested_at=requested_at,
            requested_by=requested_by,
            state=state,
            events=events,
            equal=all(proof["equal"] for proof in proofs) if proofs else None,
        )
        for job_id, read_model, swap, requested_at, requested_by, state, events, proofs in rows
    ]


def take(database: Connection[Any]) -> tuple[UUID, str | None, bool] | None:
    """Begin the job that waits: its id, the read model (none for all), whether to swap."""
    return database.execute(
        "UPDATE rebuild_job SET state = 'running' WHERE state = 'waiting' RETURNING job_id, read_model, swap"
    ).fetchone()


def give_up_interrupted(database: Connection[Any]) -> None:
    """A job that was running when its worker went away has failed; nothing was swapped."""
    database.execute(
        "UPDATE rebuild_job SET state = 'failed', failure = 'interrupted: the worker stopped'"
        " WHERE state = 'running'"
    )


def tell(database: Connection[Any], job_id: UUID, events: int, total: int, per_second: float) -> None:
    """Write down how far a job is."""
    database.execute(
        "UPDATE rebuild_job SET events = %s, events_total = %s, events_per_second = %s WHERE job_id = %s",
        (events, max(total, events), per_second, job_id),
    )


def end(database: Connection[Any], job_id: UUID, proofs: Sequence[ModelProof], failure: str | None) -> None:
    """Write down how a job ended."""
    database.execute(
        "UPDATE rebuild_job SET state = %s, proofs = %s, failure = %s, events_total = events WHERE job_id = %s",
        (
            "failed" if failure else "done",
            Jsonb([proof.model_dump() for proof in proofs]),
            failure,
            job_id,
        ),
    )
