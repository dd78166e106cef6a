"""What came of one in-person session for one person. No I/O, no clock, no chance.

Scheduling says who was there on which day; what that means for the person's training is decided here.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar, Literal
from uuid import UUID

from services.backbone.aggregate import Act, Aggregate, Beginning, Fact
from services.contracts.message import Command, Language, Slug
from services.contracts.progress import ClassOutcome, class_record_id_of


class NoteOutcome(Command):
    """What is known of each day by now. Progress sends it itself: nobody else has a door to it."""

    type: Literal["progress.note_class_outcome"] = "progress.note_class_outcome"
    class_id: UUID
    person_id: UUID
    course: Slug
    period: int
    attended: tuple[bool | None, ...]
    language: Language
    validity_months: int
    noted_by: UUID

    @property
    def record_id(self) -> UUID:
        """Whose record of which session it is about."""
        return class_record_id_of(self.class_id, self.person_id)


class OutcomeFact(Fact):
    """Everything that there is to know, every time: the last one holds."""

    person_id: UUID
    course: Slug
    class_id: UUID
    period: int
    outcome: ClassOutcome
    attended: tuple[bool | None, ...]
    language: Language
    validity_months: int

    def apply(self, aggregate: Any) -> None:
        """The last one holds."""
        aggregate.attended = self.attended


class ClassRecord(Aggregate):
    """One person's way through one in-person session."""

    TOPIC: ClassVar[str] = "progress.ClassRecord"

    class Noted(OutcomeFact, Beginning):
        """What came of it, for the first time."""

        TOPIC: ClassVar[str] = "progress.ClassRecord.Noted"

    class NotedAgain(OutcomeFact):
        """Another day, or a correction."""

        TOPIC: ClassVar[str] = "progress.ClassRecord.NotedAgain"

    def __init__(self, person_id: UUID, attended: tuple[bool | None, ...]) -> None:
        self.person_id = person_id
        self.attended = attended

    @classmethod
    def note(cls, command: NoteOutcome, act: Act) -> "ClassRecord":
        """A new record."""
        return cls.begin(cls.Noted, command.record_id, act, **_said(command))

    def note_again(self, command: NoteOutcome, act: Act) -> None:
        """Take in what is known by now; the same once more changes nothing."""
        if command.attended != self.attended:
            self.record(self.NotedAgain, act, **_said(command))


def outcome_of(attended: Sequence[bool | None]) -> ClassOutcome:
    """All days make it complete. A day that nobody noted is open as long as another was attended."""
    if all(attended):
        return "completed"
    if not any(attended):
        return "absent"
    return "begun" if None in attended else "partial"


def effective_at(attended: Sequence[bool | None], ends: Sequence[datetime], noted_at: datetime) -> datetime:
    """When that took effect: with the last day of which something is known, or as soon as it was noted.

    It never moves backwards as long as days are only ever noted later: so the last one holds in both times.
    """
    known = [end for was_there, end in zip(attended, ends, strict=False) if was_there is not None]
    return min(max(known, default=noted_at), noted_at)


def _said(command: NoteOutcome) -> dict[str, Any]:
    return {
        "person_id": command.person_id,
        "course": command.course,
        "class_id": command.class_id,
        "period": command.period,
        "outcome": outcome_of(command.attended),
        "attended": command.attended,
        "language": command.language,
        "validity_months": command.validity_months,
    }
