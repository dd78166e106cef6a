"""The public face of what progress stores: every event of a record is public. Alone in knowing both sides."""

from typing import Final

from services.backbone.feed import Face, Faces
from services.contracts import progress as contracts
from services.progress.domain import ClassRecord, TrainingRecord

to_contract: Final = Faces(
    {
        TrainingRecord.RecordOpened: Face(contracts.RecordOpened, stream="record_id"),
        TrainingRecord.SessionStarted: Face(contracts.SessionStarted, stream="record_id"),
        TrainingRecord.SessionAbandoned: Face(contracts.SessionAbandoned, stream="record_id"),
        TrainingRecord.SessionEnded: Face(contracts.SessionEnded, stream="record_id"),
        TrainingRecord.LanguageChanged: Face(contracts.LanguageChanged, stream="record_id"),
        TrainingRecord.ModuleStarted: Face(contracts.ModuleStarted, stream="record_id"),
        TrainingRecord.CheckpointReached: Face(contracts.CheckpointReached, stream="record_id"),
        TrainingRecord.ModuleCompleted: Face(contracts.ModuleCompleted, stream="record_id"),
        TrainingRecord.QuizStarted: Face(contracts.QuizStarted, stream="record_id"),
        TrainingRecord.QuizFailed: Face(contracts.QuizFailed, stream="record_id"),
        TrainingRecord.QuizPassed: Face(contracts.QuizPassed, stream="record_id"),
        TrainingRecord.CourseCompleted: Face(contracts.CourseCompleted, stream="record_id"),
        ClassRecord.Noted: Face(contracts.ClassOutcomeNoted, stream="record_id"),
        ClassRecord.NotedAgain: Face(contracts.ClassOutcomeNoted, stream="record_id"),
    }
)
"""Stored event → contract."""
