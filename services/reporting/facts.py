"""What each event means for how somebody stands with a course. Pure; no I/O, no clock.

Every event of the two feeds is handled or visibly ignored.
"""

from datetime import UTC, date, datetime
from typing import Final, Literal, NamedTuple, assert_never
from uuid import UUID

from services.contracts import progress, scheduling
from services.contracts.progress import ProgressEvent
from services.contracts.scheduling import SchedulingEvent, classes, seats
from services.contracts.scheduling.duties import HindranceFound, HindranceGone, OrderEnded, OrderGiven
from services.contracts.scheduling.exemptions import ExemptionGranted, ExemptionRevoked
from services.reporting.moments import add_months, day_of

Kind = Literal[
    "placed",
    "left",
    "returned",
    "assigned",
    "unassigned",
    "opened",
    "exhausted",
    "completed",
    "exempted",
    "bound",
    "class_begun",
    "class_completed",
    "class_missed",
]
CLASS_KIND: Final[dict[progress.ClassOutcome, Kind]] = {
    "begun": "class_begun",
    "completed": "class_completed",
    "partial": "class_missed",
    "absent": "class_missed",
}
"""What came of an in-person session: whoever missed a part of it did not complete it."""

NO_COURSE: Final = ""
"""Course of the periods that say only where a person belongs (state `placed`)."""


class Fact(NamedTuple):
    """What one event means for a person's standing; (recorded_at, feed, position) is the order of knowledge."""

    person_id: UUID
    recorded_at: datetime
    feed: str
    position: int
    occurred_at: datetime
    kind: Kind
    course: str
    period: int
    subject: UUID  # the unit, the assignment or the record
    day: date | None  # due on, or expires on


def fact_of(
    feed: str, position: int, recorded_at: datetime, event: ProgressEvent | SchedulingEvent
) -> Fact | None:
    """What an event means for somebody's standing; None when it changes nothing."""
    kind: Kind
    course, period, day = NO_COURSE, 0, None
    match event:
        case (
            progress.CheckpointReached()
            | progress.ModuleStarted()
            | progress.ModuleCompleted()
            | progress.SessionStarted()
            | progress.SessionEnded()
            | progress.SessionAbandoned()
            | progress.LanguageChanged()
            | progress.QuizStarted()
            | progress.QuizPassed()  # the completion that follows says it
            | scheduling.UnitCreated()
            | scheduling.UnitMoved()
            | scheduling.PersonRegistered()  # counts from the first place on
            | scheduling.ManagerAppointed()
            | scheduling.ManagerRelieved()
            | scheduling.UnitCoded()
            | scheduling.UnitRenamed()
            | scheduling.UnitClosed()
            | scheduling.DeputyNamed()
            | scheduling.DeputyEnded()
            | OrderGiven()
            | OrderEnded()
            | HindranceFound()
            | HindranceGone()
            | seats.RoomOpened()
            | seats.RoomChanged()
            | seats.RoomClosed()
            | seats.ClosureLifted()
            | seats.SlotOpened()
            | seats.SlotResized()
            | seats.SlotCancelled()
            | seats.SeatBooked()
            | seats.SeatMoved()
            | seats.SeatReleased()
            | seats.SeatUsed()
            | seats.SeatMissed()
            | classes.ClassCourseNamed()
            | classes.ClassPublished()
            | classes.ClassChanged()
            | classes.ClassCancelled()
            | classes.ClassRequested()
            | classes.ClassRequestRefused()
            | classes.ClassSeatGiven()
            | classes.ClassWaitlisted()
            | classes.ClassSeatOffered()
            | classes.ClassPlaceEnded()
            | classes.ClassSeatsReserved()
            | classes.ClassReservationEnded()
            | classes.ClassAttendanceNoted()
            | classes.ClassWished()
            | classes.ClassWishEnded()
        ):
            return None
        case progress.RecordOpened():
            kind, course, period, subject = "opened", event.course, event.period, event.record_id
        case progress.QuizFailed():
            if event.attempts_left > 0:
                return None
            kind, course, period, subject = "exhausted", event.course, 1, event.record_id
        case progress.CourseCompleted():
            kind, course, period, subject = "completed", event.course, 1, event.record_id
            day = expiry(event.occurred_at, event.validity_months)
        case progress.ClassOutcomeNoted():
            kind, course, period, subject = (
                CLASS_KIND[event.outcome],
                event.course,
                event.period,
                event.record_id,
            )
            if event.outcome == "completed":
                day = expiry(event.occurred_at, event.validity_months)
        case scheduling.PersonPlaced():
            kind, subject = "placed", event.unit_id
        case scheduling.PersonWithdrawn():
            kind, subject = "left", event.person_id
        case scheduling.PersonReturned():
            kind, subject = "returned", event.person_id
        case scheduling.CourseAssigned() | scheduling.DueDateChanged():
            kind, course, period, subject = "assigned", event.course, event.period, event.assignment_id
            day = event.due_on
        case ExemptionGranted():
            kind, course, period, subject = "exempted", event.course, event.period, event.exemption_id
        case ExemptionRevoked():
            kind, course, period, subject = "bound", event.course, event.period, event.exemption_id
        case scheduling.AssignmentWithdrawn():
            kind, course, period, subject = "unassigned", event.course, event.period, event.assignment_id
        case _:
            assert_never(event)
    return Fact(
        event.person_id,
        recorded_at.astimezone(UTC),
        feed,
        position,
        event.occurred_at.astimezone(UTC),
        kind,
        course,
        period,
        subject,
        day,
    )


def expiry(completed_at: datetime, validity_months: int) -> date | None:
    """The last day on which a completion is valid; None when it never expires."""
    return add_months(day_of(completed_at), validity_months) if validity_months > 0 else None
