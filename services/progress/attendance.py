"""`attendance@1`: what trainers note becomes part of people's training histories, once, in order.

Scheduling knows who was there; progress keeps what that means. Until a note has become an event of ours it
is a row in a table of this policy; the command it leads to has its id from the note, so that a process
that is killed at any step does the rest later, and nothing twice.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

from psycopg import Cursor
from psycopg.types.json import Jsonb

from services.contracts.access import Actor, Role
from services.contracts.message import FeedItem, Outcome
from services.contracts.progress import RECORDS
from services.contracts.scheduling.classes import ClassAttendanceNoted
from services.progress.domain import NoteOutcome
from services.progress.domain.class_record import effective_at

Tx = Cursor[Any]

PERIOD: Final = """
INSERT INTO class_period (person_id, course, class_id, period)
SELECT %(person)s, %(course)s, %(class)s, count(*) + 1
FROM class_period WHERE person_id = %(person)s AND course = %(course)s
ON CONFLICT DO NOTHING
"""
"""Each session of a course that somebody had a seat in is a period of its own: none hides or changes another."""

NOTED: Final = "INSERT INTO class_noted (position, noted) VALUES (%s, %s)"


class Attendance:
    """Notes that were not yet taken into somebody's history."""

    name = "attendance@1"
    feeds = frozenset({"scheduling"})

    def apply(self, tx: Tx, feed: str, items: Sequence[Any]) -> None:
        """One row a note."""
        for item in items:
            if isinstance(event := item.event, ClassAttendanceNoted):
                about = {"person": event.person_id, "course": event.course, "class": event.class_id}
                tx.execute(PERIOD, about)
                row = tx.execute(
                    "SELECT period FROM class_period WHERE person_id = %(person)s AND class_id = %(class)s",
                    about,
                ).fetchone()
                assert row is not None
                noting = _noting(item, event, row[0])
                tx.execute(NOTED, (item.position, Jsonb(noting.model_dump(mode="json"))))

    def due(self, tx: Tx, now: datetime, limit: int) -> Sequence[NoteOutcome]:
        """The oldest notes, in order."""
        rows = tx.execute(
            "SELECT noted FROM class_noted ORDER BY position LIMIT %s",
            (limit,),
        ).fetchall()
        return [NoteOutcome.model_validate(noted) for (noted,) in rows]

    def answered(self, tx: Tx, answers: Sequence[tuple[NoteOutcome, Outcome]], now: datetime) -> None:
        """Whatever was answered is final: no rule of ours refuses what a trainer saw."""
        ids = [command.command_id for command, _ in answers]
        tx.execute("DELETE FROM class_noted WHERE (noted ->> 'command_id')::uuid = ANY(%s)", (ids,))


def acting(command: NoteOutcome, now: datetime) -> Actor:
    """The trainer acts, who noted it."""
    until = now + timedelta(minutes=1)
    return Actor(person_id=command.noted_by, roles=frozenset({Role.TRAINING_CENTRE}), expires_at=until)


def _noting(item: FeedItem[Any], event: ClassAttendanceNoted, period: int) -> NoteOutcome:
    return NoteOutcome(
        command_id=_id_of(item.command_id, event.person_id),
        occurred_at=effective_at(event.attended, [day.ends_at for day in event.days], item.recorded_at),
        class_id=event.class_id,
        person_id=event.person_id,
        course=event.course,
        period=period,
        attended=event.attended,
        language=event.language,
        validity_months=event.validity_months,
        noted_by=item.actor,
    )


def _id_of(note: UUID, person_id: UUID) -> UUID:
    return uuid5(RECORDS, f"class-outcome/{note}/{person_id}")
