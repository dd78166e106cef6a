"""Facts and days become messages in the outbox: each once, and of each thing only what is newest.

Facts are noted as they are followed and may go once the feeds are read to their end, so that after an
outage only the last word about each thing is sent. Days are looked at by an index: nothing to do costs
one look, whoever many people there are.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any, Final
from uuid import UUID

from psycopg import Cursor
from psycopg.types.json import Jsonb

from services.backbone.follower import checkpoint
from services.contracts import content, progress, scheduling
from services.contracts.message import Outcome
from services.contracts.progress import record_id_of
from services.contracts.scheduling import SchedulingCommand, seats
from services.contracts.scheduling.exemptions import ExemptionGranted, ExemptionRevoked
from services.scheduling.domain.due import LOCAL, local_day
from services.scheduling.domain.reminder import reached
from services.scheduling.mail import outbox
from services.scheduling.mail.care import Care
from services.scheduling.mail.outbox import Kind, Message, Reason, message_id_of

AT_ONCE: Final = date.min
WAYS_AT_ONCE: Final = 2_000
WAYS_A_ROUND_MAX: Final = 20_000
"""Assignments that are looked at in one round, so that feeds are followed in between."""

MORNING: Final = time(6)
"""Reminders of a day do not leave before this time here."""

OF_ASSIGNMENT: Final[tuple[Kind, ...]] = (
    *("assigned", "due_changed", "withdrawn"),
    *("due_30", "due_7", "due_1", "overdue"),
)
OF_BOOKING: Final[tuple[Kind, ...]] = ("booked", "moved", "cancelled")
OF_DAY: Final[tuple[Kind, ...]] = ("digest",)

Tx = Cursor[Any]


class Messages:
    """`messages@1`: who is told what."""

    name = "messages@1"
    feeds = frozenset({"content", "progress", "scheduling"})

    def __init__(self) -> None:
        """Nothing is said before every feed was read to its end: what is known may be of last month."""
        self._unread = set(self.feeds)
        self._heads: dict[str, int] = {}
        self._forgot_on: date | None = None

    def heard(self, heads: Mapping[str, int]) -> None:
        """How far the feeds went when they answered just now."""
        self._heads = dict(heads)

    # --- what is known ---------------------------------------------------------------------------

    def apply(self, tx: Tx, feed: str, items: Sequence[Any]) -> None:
        """Keep what was said; note whom to tell."""
        began_at = tx.execute("SELECT began_at FROM mail_begin").fetchall()[0][0]
        for item in items:
            event = item.event
            match event:
                case content.CourseVersionPublished():
                    tx.execute(COURSE, (event.course, Jsonb(event.title)))
                case progress.CourseCompleted():
                    _completed(tx, event, item.recorded_at)
                case scheduling.UnitCreated():
                    tx.execute(UNIT, (event.unit_id, event.parent_id, Jsonb(event.name)))
                case scheduling.UnitMoved():
                    moved = "UPDATE mail_unit SET parent_id = %s WHERE unit_id = %s"
                    tx.execute(moved, (event.parent_id, event.unit_id))
                case scheduling.ManagerAppointed():
                    tx.execute(CARE, (event.unit_id, event.person_id, event.occurred_at, event.until))
                case scheduling.UnitRenamed():
                    renamed = "UPDATE mail_unit SET name = %s WHERE unit_id = %s"
                    tx.execute(renamed, (Jsonb(event.name), event.unit_id))
                case scheduling.DeputyNamed():
                    tx.execute(DEPUTY, (event.person_id, event.deputy_id, event.occurred_at, event.until))
                case scheduling.DeputyEnded():
                    tx.execute(DEPUTY_ENDED, (event.occurred_at, event.person_id, event.deputy_id))
                case scheduling.ManagerRelieved():
                    tx.execute(RELIEVED, (event.occurred_at, event.unit_id, event.person_id))
                case scheduling.PersonPlaced():
                    tx.execute(PLACED, (event.person_id, event.unit_id, event.occurred_at))
                case scheduling.PersonWithdrawn():
                    _left(tx, event, item.recorded_at)
                case scheduling.PersonReturned():
                    tx.execute(RETURNED, (event.person_id,))
                    again = "UPDATE mail_way SET look_on = %s WHERE person_id = %s AND state = 'open'"
                    tx.execute(again, (AT_ONCE, event.person_id))
                case ExemptionGranted():
                    _exempted(tx, event, item.recorded_at)
                case ExemptionRevoked():
                    _bound_again(tx, item, began_at)
                case (
                    scheduling.CourseAssigned()
                    | scheduling.DueDateChanged()
                    | scheduling.AssignmentWithdrawn()
                ):
                    _assignment(tx, item, began_at)
                case seats.RoomOpened():
                    tx.execute(ROOM, (event.room_id, event.unit_id, event.name))
                case seats.RoomChanged():
                    tx.execute(
                        "UPDATE mail_room SET name = %s WHERE room_id = %s", (event.name, event.room_id)
                    )
                case seats.SeatBooked() | seats.SeatMoved() | seats.SeatReleased():
                    _seat(tx, item, began_at)
                case _:
                    pass  # nobody is told

    # --- what follows ----------------------------------------------------------------------------

    def due(self, tx: Tx, now: datetime, limit: int) -> Sequence[SchedulingCommand]:
        """No command follows: messages are put into the outbox, in the same transaction as what was looked at."""
        self._unread -= {
            feed
            for feed in self._unread & self._heads.keys()
            if checkpoint(tx, self.name, feed) >= self._heads[feed]
        }
        if self._unread:
            return ()
        outbox.release(tx, now)
        today = local_day(now)
        if self._forgot_on != today:
            outbox.forget(tx, now)
            self._forgot_on = today
        care: Care | None = None
        for _ in range(WAYS_A_ROUND_MAX // WAYS_AT_ONCE):
            rows = tx.execute(TO_LOOK_AT, (today, WAYS_AT_ONCE)).fetchall()
            if not rows:
                break
            care = care or Care(tx, now)
            _remind(tx, care, rows, today, now)
        return ()

    def answered(self, tx: Tx, answers: Sequence[tuple[SchedulingCommand, Outcome]], now: datetime) -> None:
        """Nothing was asked."""


def _remind(tx: Tx, care: Care, rows: Sequence[Sequence[Any]], today: date, now: datetime) -> None:
    """The newest stage of each assignment waits; those that were missed are recorded as dropped."""
    morning = max(now, datetime.combine(today, MORNING, LOCAL))
    waiting: list[Message] = []
    missed: list[Message] = []
    looks: list[tuple[UUID, date | None, bool, bool]] = []
    managers: set[UUID] = set()
    for id_, person_id, course, due_on, told_at, by_manager, above, unit_id, here in rows:
        if not here:
            looks.append((id_, None, False, False))
            continue
        come = reached(due_on, local_day(told_at), today)
        facts = {"course": course, "due_on": due_on.isoformat()}
        made = [
            Message(message_id_of(stage, id_, due_on), _kind(stage), person_id, id_, facts, now)
            for stage in come.learner
        ]
        waiting += made[-1:]
        missed += made[:-1]
        to_manager = "manager" in come.managers and by_manager is None
        to_above = "above" in come.managers and above is None
        if unit_id is not None:
            nearest, next_up = care.levels(unit_id)
            managers |= (nearest if to_manager else frozenset()) | (next_up if to_above else frozenset())
        looks.append((id_, come.look_on, to_manager, to_above))
    known = _known(tx, [*waiting, *missed])
    waiting = [message for message in waiting if message.message_id not in known]
    outbox.drop(tx, [message.about for message in waiting], OF_ASSIGNMENT, "overtaken", now)
    outbox.put_dropped(tx, [m for m in missed if m.message_id not in known], "overtaken", now)
    outbox.put(tx, waiting, morning)
    _digests(tx, managers, today, now, morning)
    columns = [list(column) for column in zip(*looks, strict=True)]
    tx.execute(LOOKED, (today, today, *columns))


def _kind(stage: str) -> Kind:
    kinds: dict[str, Kind] = {"due_30": "due_30", "due_7": "due_7", "due_1": "due_1", "overdue": "overdue"}
    return kinds[stage]


def _known(tx: Tx, messages: Sequence[Message]) -> set[UUID]:
    ids = [message.message_id for message in messages]
    return {row[0] for row in tx.execute("SELECT message_id FROM outbox WHERE message_id = ANY(%s)", (ids,))}


def _digests(tx: Tx, managers: set[UUID], today: date, now: datetime, morning: datetime) -> None:
    """One a day to each; one that still waits is said by the next."""
    made = [
        Message(message_id_of("digest", id_, today), "digest", id_, id_, {"day": today.isoformat()}, now)
        for id_ in sorted(managers)
    ]
    known = _known(tx, made)
    made = [message for message in made if message.message_id not in known]
    outbox.drop(tx, [message.about for message in made], OF_DAY, "overtaken", now)
    outbox.put(tx, made, morning)


# --- facts ---------------------------------------------------------------------------------------


def _assignment(tx: Tx, item: Any, began_at: datetime) -> None:
    event, at = item.event, item.recorded_at
    record_id = record_id_of(event.person_id, event.course, event.period)
    is_done = bool(tx.execute(DONE, (record_id, record_id)).fetchall())
    if isinstance(event, scheduling.AssignmentWithdrawn):
        never_said = outbox.drop(tx, [event.assignment_id], OF_ASSIGNMENT, "withdrawn", at) > 0
        tx.execute(TAKEN_BACK, (event.assignment_id,))
        kind: Kind = "withdrawn"
        facts = {"course": event.course}
        reason: Reason | None = (
            "overtaken" if never_said and not outbox.was_told(tx, event.assignment_id) else None
        )
    else:
        facts = {"course": event.course, "due_on": event.due_on.isoformat()}
        kind = "assigned" if isinstance(event, scheduling.CourseAssigned) else "due_changed"
        reason = None
        untold = outbox.drop(tx, [event.assignment_id], OF_ASSIGNMENT, "overtaken", at) > 0
        if kind == "due_changed" and untold and not outbox.was_told(tx, event.assignment_id):
            kind = "assigned"  # what was not said yet is said once, with the newer date
        told_at = max(at, began_at)
        look_on = None if is_done else AT_ONCE
        state = "finished" if is_done else "open"
        way = (event.assignment_id, record_id, event.person_id, event.course, event.period, event.due_on)
        tx.execute(WAY, (*way, told_at, state, look_on))
    message = Message(
        message_id_of(kind, event.assignment_id, item.position),
        *(kind, event.person_id, event.assignment_id, facts, at),
    )
    if at >= began_at:
        outbox.note(tx, message, "finished" if is_done else reason)


def _completed(tx: Tx, event: progress.CourseCompleted, at: datetime) -> None:
    tx.execute("INSERT INTO mail_done VALUES (%s) ON CONFLICT DO NOTHING", (event.record_id,))
    ended = tx.execute(FINISHED, (event.record_id,)).fetchall()
    outbox.drop(tx, [row[0] for row in ended], OF_ASSIGNMENT, "finished", at)


def _exempted(tx: Tx, event: ExemptionGranted, at: datetime) -> None:
    record_id = record_id_of(event.person_id, event.course, event.period)
    tx.execute("INSERT INTO mail_exempt VALUES (%s) ON CONFLICT DO NOTHING", (record_id,))
    ended = tx.execute(FINISHED, (record_id,)).fetchall()
    outbox.drop(tx, [row[0] for row in ended], OF_ASSIGNMENT, "finished", at)


def _bound_again(tx: Tx, item: Any, began_at: datetime) -> None:
    """They are told of the due date as if it was new: what had passed is not caught up."""
    event, at = item.event, item.recorded_at
    record_id = record_id_of(event.person_id, event.course, event.period)
    tx.execute("DELETE FROM mail_exempt WHERE record_id = %s", (record_id,))
    for assignment_id, due_on in tx.execute(BOUND_AGAIN, (at, AT_ONCE, record_id)).fetchall():
        facts = {"course": event.course, "due_on": due_on.isoformat()}
        id_ = message_id_of("assigned", assignment_id, item.position)
        if at >= began_at:
            outbox.put(tx, [Message(id_, "assigned", event.person_id, assignment_id, facts, at)])


def _left(tx: Tx, event: scheduling.PersonWithdrawn, at: datetime) -> None:
    tx.execute(LEFT, (event.person_id, event.occurred_at))
    rows = tx.execute(
        "SELECT about FROM outbox WHERE person_id = %s AND state = 'waiting'", (event.person_id,)
    ).fetchall()
    outbox.drop(tx, [row[0] for row in rows], (*OF_ASSIGNMENT, *OF_BOOKING, *OF_DAY), "left", at)


def _seat(tx: Tx, item: Any, began_at: datetime) -> None:
    event, at = item.event, item.recorded_at
    stands = not isinstance(event, seats.SeatReleased)
    if not stands and tx.execute(ELSEWHERE, (event.booking_id, event.room_id, event.starts_at)).fetchall():
        return  # it corrects a miss: the booking has had another seat since
    booking = (event.booking_id, event.person_id, event.course, event.half, event.room_id)
    row = tx.execute(BOOKING, (*booking, event.starts_at, event.ends_at, stands, at)).fetchall()
    untold = outbox.drop(tx, [event.booking_id], OF_BOOKING, "overtaken", at) > 0
    told = outbox.was_told(tx, event.booking_id)
    match event:
        case seats.SeatBooked():
            kind: Kind = "booked"
        case seats.SeatMoved():
            kind = "moved" if told or not untold else "booked"
        case _:
            kind = "cancelled"
    reason: Reason | None = None
    if isinstance(event, seats.SeatReleased):
        if event.cause == "left":
            reason = "left"
        elif untold and not told:
            reason = "overtaken"  # nobody was told of the booking
    message = Message(
        message_id_of(kind, event.booking_id, item.position),
        kind,
        event.person_id,
        event.booking_id,
        {
            "course": event.course,
            "half": event.half,
            "room_id": str(event.room_id),
            "starts_at": event.starts_at.isoformat(),
            "ends_at": event.ends_at.isoformat(),
            "sequence": row[0][0],
            "cause": getattr(event, "cause", None),
        },
        at,
        event.starts_at,
    )
    if at >= began_at:
        outbox.note(tx, message, reason)


# --- tables --------------------------------------------------------------------------------------

COURSE = "INSERT INTO mail_course VALUES (%s, %s) ON CONFLICT (course) DO UPDATE SET title = excluded.title"
UNIT = (
    "INSERT INTO mail_unit VALUES (%s, %s, %s) ON CONFLICT (unit_id)"
    " DO UPDATE SET parent_id = excluded.parent_id, name = excluded.name"
)
CARE = (
    "INSERT INTO mail_care VALUES (%s, %s, %s, %s) ON CONFLICT (unit_id, person_id, since)"
    " DO UPDATE SET until = CASE WHEN mail_care.until IS NULL OR excluded.until IS NULL THEN NULL"
    " ELSE greatest(mail_care.until, excluded.until) END"
)
RELIEVED = (
    "UPDATE mail_care SET until = least(until, greatest(since, %s)) WHERE unit_id = %s AND person_id = %s"
)
DEPUTY = (
    "INSERT INTO mail_deputy VALUES (%s, %s, %s, %s) ON CONFLICT (person_id, deputy_id, since)"
    " DO UPDATE SET until = greatest(mail_deputy.until, excluded.until)"
)
DEPUTY_ENDED = (
    "UPDATE mail_deputy SET until = least(until, greatest(since, %s)) WHERE person_id = %s AND deputy_id = %s"
)
# HR facts arrive late and out of order: the place that began last counts.
PLACED = (
    "INSERT INTO mail_person (person_id, unit_id, placed_at) VALUES (%s, %s, %s)"
    " ON CONFLICT (person_id) DO UPDATE SET unit_id = excluded.unit_id, placed_at = excluded.placed_at"
    " WHERE mail_person.placed_at IS NULL OR mail_person.placed_at <= excluded.placed_at"
)
LEFT = (
    "INSERT INTO mail_person (person_id, left_at) VALUES (%s, %s)"
    " ON CONFLICT (person_id) DO UPDATE SET left_at = excluded.left_at"
)
RETURNED = "UPDATE mail_person SET left_at = NULL WHERE person_id = %s"
WAY = (
    "INSERT INTO mail_way (assignment_id, record_id, person_id, course, period, due_on, told_at, state, look_on)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (assignment_id) DO UPDATE SET"
    " due_on = excluded.due_on, told_at = excluded.told_at, state = excluded.state,"
    " look_on = excluded.look_on, manager_on = NULL, above_on = NULL"
)
TAKEN_BACK = "UPDATE mail_way SET state = 'withdrawn', look_on = NULL WHERE assignment_id = %s"
FINISHED = (
    "UPDATE mail_way SET state = 'finished', look_on = NULL WHERE record_id = %s AND state = 'open'"
    " RETURNING assignment_id"
)
DONE = "SELECT FROM mail_done WHERE record_id = %s UNION ALL SELECT FROM mail_exempt WHERE record_id = %s LIMIT 1"
BOUND_AGAIN = (
    "UPDATE mail_way SET state = 'open', told_at = %s, look_on = %s, manager_on = NULL, above_on = NULL"
    " WHERE record_id = %s AND state = 'finished'"
    " AND NOT EXISTS (SELECT FROM mail_done d WHERE d.record_id = mail_way.record_id)"
    " RETURNING assignment_id, due_on"
)
ROOM = "INSERT INTO mail_room VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"
ELSEWHERE = "SELECT FROM mail_booking WHERE booking_id = %s AND (room_id, starts_at) <> (%s, %s)"
BOOKING = """
INSERT INTO mail_booking (booking_id, person_id, course, half, room_id, starts_at, ends_at, stands,
    sequence, changed_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 0, %s)
ON CONFLICT (booking_id) DO UPDATE SET room_id = excluded.room_id, starts_at = excluded.starts_at,
    ends_at = excluded.ends_at, stands = excluded.stands, changed_at = excluded.changed_at,
    sequence = mail_booking.sequence + 1
RETURNING sequence
"""
TO_LOOK_AT = (
    "SELECT w.assignment_id, w.person_id, w.course, w.due_on, w.told_at, w.manager_on, w.above_on, p.unit_id,"
    " p.person_id IS NOT NULL AND (p.left_at IS NULL OR p.placed_at > p.left_at)"
    " FROM mail_way w LEFT JOIN mail_person p USING (person_id)"
    " WHERE w.look_on <= %s ORDER BY w.look_on, w.assignment_id LIMIT %s"
)
LOOKED = (
    "UPDATE mail_way w SET look_on = l.look_on,"
    " manager_on = CASE WHEN l.to_manager THEN %s ELSE w.manager_on END,"
    " above_on = CASE WHEN l.to_above THEN %s ELSE w.above_on END"
    " FROM unnest(%s::uuid[], %s::date[], %s::boolean[], %s::boolean[])"
    " AS l (assignment_id, look_on, to_manager, to_above) WHERE w.assignment_id = l.assignment_id"
)
