"""One person's training, course by course and step by step, and why it is so."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from services.contracts.message import Language, Localised, Message, Slug
from services.contracts.progress import ClassOutcome
from services.contracts.reporting.duties import OrderLine
from services.contracts.reporting.moments import Positions, TwoTimes
from services.contracts.reporting.standing import Status
from services.contracts.scheduling.assignments import Cause
from services.contracts.scheduling.exemptions import ExemptionReason
from services.contracts.scheduling.seats import Half, ReleaseCause

StepKind = Literal[
    "assigned",
    "due_changed",
    "withdrawn",
    "opened",
    "part_completed",
    "attempt",
    "completed",
    "exempted",
    "bound",
    "in_person",
    "seat_booked",
    "seat_moved",
    "seat_released",
    "seat_used",
    "seat_missed",
]
"""`bound`: no longer exempt; `in_person`: a trainer noted who was there; `seat_…`: of a seat at a PC."""


class Step(Message):
    """What happened on somebody's way, with both times: no page that was read, no answer that was given."""

    kind: StepKind
    occurred_at: datetime
    recorded_at: datetime
    due_on: date | None = None
    part: Slug | None = None
    right: int | None = None
    asked: int | None = None
    cause: Cause | None = None
    by: UUID | None = None
    by_name: str | None = None
    reason: ExemptionReason | None = None
    sentence: str | None = None
    attachment: str | None = None
    outcome: ClassOutcome | None = None
    attended: tuple[bool | None, ...] | None = None
    seat_at: datetime | None = None
    half: Half | None = None
    released: ReleaseCause | None = None


class InPerson(Message):
    """An in-person session that somebody had a seat in: what it was called, and what came of it."""

    class_id: UUID
    title: Localised
    outcome: ClassOutcome
    attended: tuple[bool | None, ...]
    language: Language


class TranscriptLine(Message):
    """One course and period of a person, summed up; of an in-person course, each session is a period."""

    course: Slug
    period: int
    course_version: int | None
    status: Status
    due_on: date | None
    opened_at: datetime | None
    modules_completed: int
    modules: int | None
    attempts: tuple[tuple[datetime, int, int], ...]
    completed_at: datetime | None
    expires_on: date | None
    record_id: UUID | None
    last_active_at: datetime | None = None
    steps: tuple[Step, ...] = ()
    in_person: InPerson | None = None


class AskTranscript(TwoTimes):
    """One person's courses, attempts and completions."""

    person_id: UUID


class Transcript(Message):
    """A person's whole training, and where they belong (nowhere, when they left)."""

    person_id: UUID
    given_name: str | None
    family_name: str | None
    staff_number: str | None = None
    unit_id: UUID | None = None
    unit_name: Localised | None = None
    lines: tuple[TranscriptLine, ...]
    orders: tuple[OrderLine, ...] = ()
    as_of: datetime
    known_at: datetime
    positions: Positions


class AskMyTraining(Message):
    """What is due, in progress and done for the person who asks."""

    at_least: Positions = {}


class AskWhy(TwoTimes):
    """Why does a person stand so with a course, and why are its dates what they are?"""

    person_id: UUID
    course: Slug


class Why(Message):
    """Every period of the course with what led to it; each due date names its rule and its arithmetic."""

    person_id: UUID
    course: Slug
    lines: tuple[TranscriptLine, ...]
    orders: tuple[OrderLine, ...]
    as_of: datetime
    known_at: datetime
    positions: Positions
