"""The public face of what progress stores. Alone in knowing both sides."""

from typing import Any

from services.contracts import progress as contracts
from services.progress.domain import QuizGraded, RecordFact, TrainingRecord


def to_contract(event: RecordFact) -> contracts.ProgressEvent:
    """The contract for a stored event. Every event of a record is public."""
    told: dict[str, Any] = {
        "record_id": event.originator_id,
        "person_id": event.person_id,
        "course": event.course,
        "course_version": event.course_version,
        "occurred_at": event.occurred_at,
    }
    match event:
        case TrainingRecord.CheckpointReached():
            return contracts.CheckpointReached(
                **told, module=event.module, checkpoint=event.checkpoint, language=event.language
            )
        case TrainingRecord.ModuleStarted():
            return contracts.ModuleStarted(**told, module=event.module, language=event.language)
        case TrainingRecord.ModuleCompleted():
            return contracts.ModuleCompleted(**told, module=event.module, language=event.language)
        case TrainingRecord.RecordOpened():
            return contracts.RecordOpened(**told, period=event.period, language=event.language)
        case TrainingRecord.SessionStarted():
            return contracts.SessionStarted(
                **told, session_id=event.session_id, language=event.language, resume_at=event.resume_at
            )
        case TrainingRecord.SessionAbandoned():
            return contracts.SessionAbandoned(
                **told, session_id=event.session_id, taken_over_by=event.taken_over_by
            )
        case TrainingRecord.SessionEnded():
            return contracts.SessionEnded(**told, session_id=event.session_id)
        case TrainingRecord.LanguageChanged():
            return contracts.LanguageChanged(**told, session_id=event.session_id, language=event.language)
        case TrainingRecord.QuizStarted():
            return contracts.QuizStarted(
                **told, attempt=event.attempt, questions=event.questions, language=event.language
            )
        case TrainingRecord.QuizFailed():
            return contracts.QuizFailed(**told, **_graded(event), attempts_left=event.attempts_left)
        case TrainingRecord.QuizPassed():
            return contracts.QuizPassed(**told, **_graded(event))
        case TrainingRecord.CourseCompleted():
            return contracts.CourseCompleted(**told, validity_months=event.validity_months)
        case _:
            raise TypeError(f"{type(event).__name__} has no public face")


def _graded(event: QuizGraded) -> dict[str, Any]:
    return {
        "attempt": event.attempt,
        "right": event.right,
        "asked": event.asked,
        "answers": event.answers,
        "wrong": event.wrong,
        "language": event.language,
    }
