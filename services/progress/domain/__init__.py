"""What somebody learned, as records that remember it: one file an aggregate."""

from services.progress.domain.class_record import ClassRecord, NoteOutcome, OutcomeFact
from services.progress.domain.record import (
    Choose,
    Outline,
    QuizGraded,
    RecordFact,
    TrainingRecord,
)

__all__ = [
    "Choose",
    "ClassRecord",
    "NoteOutcome",
    "OutcomeFact",
    "Outline",
    "QuizGraded",
    "RecordFact",
    "TrainingRecord",
]
