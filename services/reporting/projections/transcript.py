"""`transcript@2`: one row for every event about a person, with all that an auditor asks of it.

Events are kept as they were told, so that a history can be replayed and folded as of any date,
as known at any date.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final, Protocol, assert_never, get_args
from uuid import UUID

from pydantic import TypeAdapter
from pydantic_core import from_json

from services.contracts.message import FeedItem, upcast
from services.contracts.progress import (
    ClassOutcomeNoted,
    CourseCompleted,
    ModuleCompleted,
    ProgressEvent,
    ProgressFact,
    QuizGraded,
    RecordOpened,
)
from services.contracts.reporting.transcripts import Step, StepKind
from services.contracts.scheduling import (
    AssignmentWithdrawn,
    CourseAssigned,
    DueDateChanged,
    SchedulingEvent,
)
from services.contracts.scheduling.exemptions import ExemptionGranted, ExemptionRevoked
from services.contracts.scheduling.seats import (
    SeatBooked,
    SeatFact,
    SeatMissed,
    SeatMoved,
    SeatReleased,
    SeatUsed,
)
from services.reporting.facts import Fact, fact_of
from services.reporting.moments import Moment
from services.reporting.read_model import Column, Table, Tx
from services.reporting.standing import Way, ways_of, with_periods

NAME: Final = "transcript@2"

ABOUT_NOBODY: Final = frozenset(
    kind for kind in get_args(get_args(SchedulingEvent)[0]) if "person_id" not in kind.model_fields
)
"""Events of no one person: about units, and standing orders."""

LINES = Table(
    NAME,
    "transcript",
    (
        Column("feed", "text"),
        Column("position", "int8"),
        Column("person_id", "uuid"),
        Column("stream_id", "uuid"),
        Column("stream_version", "int4"),
        Column("occurred_at", "timestamptz"),
        Column("recorded_at", "timestamptz"),
        Column("actor", "uuid"),
        Column("command_id", "uuid"),
        Column("digest", "bytea"),
        Column("event", "text"),
    ),
    key=("feed", "position"),
    indexes=("(person_id)",),
)

_event: TypeAdapter[ProgressEvent | SchedulingEvent] = TypeAdapter(ProgressEvent | SchedulingEvent)


class TranscriptModel:
    """Keeps every event that is about a person."""

    name = NAME
    feeds = frozenset({"progress", "scheduling"})
    tables: tuple[Table, ...] = (LINES,)

    def apply(self, tx: Tx, feed: str, items: Sequence[Any]) -> None:
        """Add one row an event; events about units only are passed over."""
        LINES.fill(tx, (_row(feed, item) for item in items if type(item.event) not in ABOUT_NOBODY))

    def bulk(self) -> "TranscriptModel":
        """Rows are only ever added."""
        return self

    def finish(self, tx: Tx) -> None:
        """Nothing was put off."""


class _Written(Protocol):
    def to_json(self, value: Any) -> bytes: ...


def _row(feed: str, item: FeedItem[Any]) -> tuple[Any, ...]:
    event = item.event
    serializer: _Written = event.__pydantic_serializer__  # half the time of model_dump_json, a row an event
    return (
        feed,
        item.position,
        event.person_id,
        item.stream_id,
        item.stream_version,
        event.occurred_at,
        item.recorded_at,
        item.actor,
        item.command_id,
        bytes.fromhex(item.digest),
        serializer.to_json(event).decode(),
    )


# --- questions -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """An event of a person's history."""

    body: dict[str, Any]
    feed: str
    position: int
    stream_id: UUID
    stream_version: int
    occurred_at: datetime
    recorded_at: datetime
    actor: UUID
    command_id: UUID
    digest: str


def history(tx: Tx, person_id: UUID, moment: Moment) -> list[Line]:
    """A person's events up to a moment, as known at another, in the order in which they happened."""
    rows = tx.execute(
        "SELECT event, feed, position, stream_id, stream_version, occurred_at, recorded_at, actor, command_id,"
        " encode(digest, 'hex') FROM transcript"
        " WHERE person_id = %s AND occurred_at <= %s AND recorded_at <= %s"
        " ORDER BY occurred_at, recorded_at, feed, position",
        (person_id, moment.as_of, moment.known_at),
    ).fetchall()
    return [Line(upcast(from_json(event)), *rest) for event, *rest in rows]


@dataclass
class Course:
    """A person's way through one period of a course, and what they did on it."""

    course: str
    period: int
    way: Way
    course_version: int | None
    modules_completed: int
    attempts: tuple[tuple[datetime, int, int], ...]
    last_active_at: datetime | None
    steps: tuple[Step, ...]
    in_person: ClassOutcomeNoted | None


def courses_of(lines: Sequence[Line]) -> list[Course]:
    """A history, summed up by course and period."""
    facts: list[Fact] = []
    versions: dict[UUID, int] = {}
    parts: dict[UUID, set[str]] = {}
    attempts: dict[UUID, list[tuple[datetime, int, int]]] = {}
    active: dict[UUID, datetime] = {}
    steps: list[tuple[UUID | tuple[str, int], Step]] = []
    in_person: dict[UUID, ClassOutcomeNoted] = {}
    for line in lines:
        event = _event.validate_python(line.body)
        if (fact := fact_of(line.feed, line.position, line.recorded_at, event)) is not None:
            facts.append(fact)
        if isinstance(event, ModuleCompleted):
            parts.setdefault(event.record_id, set()).add(event.module)
        elif isinstance(event, QuizGraded):
            graded = (event.occurred_at.astimezone(UTC), event.right, event.asked)
            attempts.setdefault(event.record_id, []).append(graded)
        if isinstance(event, ProgressFact):
            versions[event.record_id] = event.course_version
            active[event.record_id] = event.occurred_at.astimezone(UTC)
        if isinstance(
            event,
            CourseAssigned
            | DueDateChanged
            | AssignmentWithdrawn
            | ExemptionGranted
            | ExemptionRevoked
            | SeatFact,
        ):
            steps.append(((event.course, event.period), _step(line, event)))
        elif isinstance(event, ClassOutcomeNoted):
            in_person[event.record_id] = event
            active[event.record_id] = event.occurred_at.astimezone(UTC)
            steps.append((event.record_id, _step(line, event)))
        elif isinstance(event, RecordOpened | ModuleCompleted | QuizGraded | CourseCompleted):
            steps.append((event.record_id, _step(line, event)))
    found = []
    for course, periods in sorted(ways_of(with_periods(facts)).items()):
        for period, way in sorted(periods.items()):
            record = way.record_id or _NO_RECORD
            found.append(
                Course(
                    course,
                    period,
                    way,
                    versions.get(record),
                    len(parts.get(record, ())),
                    tuple(attempts.get(record, ())),
                    active.get(record),
                    tuple(step for about, step in steps if about in (record, (course, period))),
                    in_person.get(record),
                )
            )
    return found


_NO_RECORD = UUID(int=0)

_Telling = (
    CourseAssigned
    | DueDateChanged
    | AssignmentWithdrawn
    | ExemptionGranted
    | ExemptionRevoked
    | RecordOpened
    | ModuleCompleted
    | QuizGraded
    | CourseCompleted
    | ClassOutcomeNoted
    | SeatFact
)


def _step(line: Line, event: _Telling) -> Step:
    """What a manager is told of an event."""
    step = partial(Step, occurred_at=line.occurred_at, recorded_at=line.recorded_at)
    match event:
        case CourseAssigned():
            return step(kind="assigned", due_on=event.due_on, cause=event.cause, by=line.actor)
        case DueDateChanged():
            return step(kind="due_changed", due_on=event.due_on, cause=event.cause, by=line.actor)
        case AssignmentWithdrawn():
            return step(kind="withdrawn", by=line.actor)
        case ExemptionGranted():
            return step(
                kind="exempted",
                by=line.actor,
                reason=event.reason,
                sentence=event.sentence,
                attachment=event.attachment,
            )
        case ExemptionRevoked():
            return step(kind="bound", by=line.actor, sentence=event.sentence)
        case RecordOpened():
            return step(kind="opened")
        case ModuleCompleted():
            return step(kind="part_completed", part=event.module)
        case QuizGraded():
            return step(kind="attempt", right=event.right, asked=event.asked)
        case CourseCompleted():
            return step(kind="completed")
        case ClassOutcomeNoted():
            return step(kind="in_person", by=line.actor, outcome=event.outcome, attended=event.attended)
        case SeatFact():
            released = event.cause if isinstance(event, SeatReleased) else None
            kind = SEAT_STEPS[type(event)]
            return step(kind=kind, by=line.actor, seat_at=event.starts_at, half=event.half, released=released)
        case _:
            assert_never(event)


SEAT_STEPS: Final[dict[type[SeatFact], StepKind]] = {
    SeatBooked: "seat_booked",
    SeatMoved: "seat_moved",
    SeatReleased: "seat_released",
    SeatUsed: "seat_used",
    SeatMissed: "seat_missed",
}


def is_known(tx: Tx, person_id: UUID) -> bool:
    """Whether anything was ever told about a person."""
    return (
        tx.execute("SELECT 1 FROM transcript WHERE person_id = %s LIMIT 1", (person_id,)).fetchone()
        is not None
    )
