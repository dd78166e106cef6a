"""Seats follow facts: used by whoever followed the course then, else missed; free when nobody needs them.

What the policy knows it keeps in tables of its own (`seat_*`). A seat is looked at when something
happens to it, to its person or on their way through the course, and otherwise once, when its slot is
over: so nothing to do costs one look by index.

Steps that waited in a browser arrive late, up to `STEP_AGE_DAYS` after they were made. A seat that was
noted as missed by then is corrected, by another fact.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid5

from psycopg import Cursor

from services.backbone.clock import Clock, utc_now
from services.backbone.follower import checkpoint
from services.contracts import progress, scheduling
from services.contracts.message import Outcome
from services.contracts.progress import record_id_of
from services.contracts.scheduling import SchedulingCommand
from services.contracts.scheduling.exemptions import ExemptionGranted, ExemptionRevoked
from services.contracts.scheduling.seats import (
    ExcuseSeat,
    NoteAttendance,
    ReleaseCause,
    ReleaseSeat,
    SeatBooked,
    SeatMissed,
    SeatMoved,
    SeatReleased,
    SeatUsed,
)
from services.scheduling.decisions.matter import SERVICE

LATE: Final = timedelta(hours=2)
"""How long after its slot a seat is noted as missed: until then a PC that was cut off may be back."""

QUARTER: Final = timedelta(minutes=15)
"""Signs of somebody's presence are kept by quarter of an hour; so much earlier one may sit down."""

AT_ONCE: Final = datetime(1970, 1, 1, tzinfo=UTC)
SEATS_AT_ONCE: Final = 500
SEATS_A_ROUND_MAX: Final = 5_000
"""Seats that are looked at in one round, so that feeds are followed in between."""

NOBODY: Final = UUID(int=0)

Tx = Cursor[Any]
Key = tuple[UUID, UUID]
"""A slot and a booking."""


class Seats:
    """`seats@1`: seats that are booked or were missed, and whether somebody sat there."""

    name = "seats@1"
    feeds = frozenset({"progress", "scheduling"})

    def __init__(self, clock: Clock = utc_now) -> None:
        """Nothing is known of how far progress was heard before it was."""
        self._clock = clock
        self._head: tuple[int, datetime] | None = None
        self._heard_at: datetime | None = None

    def heard(self, heads: Mapping[str, int]) -> None:
        """How far the feeds went when they answered just now: nobody is absent while progress is away."""
        if (head := heads.get("progress")) is not None:
            self._head = (head, self._clock())

    # --- what is known ---------------------------------------------------------------------------

    def apply(self, tx: Tx, feed: str, items: Sequence[Any]) -> None:
        """Keep what was said; what may change something for a seat marks it to be looked at."""
        signs: set[tuple[UUID, datetime]] = set()
        for item in items:
            event = item.event
            if isinstance(event, progress.ProgressFact):
                signs.add((event.record_id, quarter_of(event.occurred_at)))
            match event:
                case progress.CourseCompleted():
                    tx.execute(FINISHED, (event.record_id, event.occurred_at))
                    tx.execute(MARK_RECORD, (AT_ONCE, event.record_id))
                case scheduling.CourseAssigned():
                    way = record_id_of(event.person_id, event.course, event.period)
                    tx.execute("UPDATE seat_over SET withdrawn_at = NULL WHERE record_id = %s", (way,))
                case scheduling.AssignmentWithdrawn():
                    way = record_id_of(event.person_id, event.course, event.period)
                    tx.execute(WITHDRAWN, (way, event.occurred_at))
                    tx.execute(MARK_RECORD, (AT_ONCE, way))
                case ExemptionGranted():
                    way = record_id_of(event.person_id, event.course, event.period)
                    tx.execute(EXEMPT, (way, event.occurred_at))
                    tx.execute(MARK_RECORD, (AT_ONCE, way))
                case ExemptionRevoked():
                    way = record_id_of(event.person_id, event.course, event.period)
                    tx.execute("UPDATE seat_over SET exempt_at = NULL WHERE record_id = %s", (way,))
                case scheduling.PersonWithdrawn():
                    tx.execute(LEFT, (event.person_id, event.occurred_at))
                    tx.execute(MARK_PERSON, (AT_ONCE, event.person_id))
                case scheduling.PersonReturned():
                    tx.execute("DELETE FROM seat_left WHERE person_id = %s", (event.person_id,))
                case SeatBooked() | SeatMoved() | SeatReleased() | SeatUsed() | SeatMissed():
                    _seat(tx, event, item.stream_version)
                case _:
                    pass  # says nothing of seats
        if signs:
            columns = [list(column) for column in zip(*signs, strict=True)]
            tx.execute(SIGNS, columns)
            tx.execute(MARK_SIGNED, [AT_ONCE, *columns, QUARTER])

    # --- what follows ----------------------------------------------------------------------------

    def due(self, tx: Tx, now: datetime, limit: int) -> Sequence[SchedulingCommand]:
        """What facts say of the seats that are to be looked at."""
        if self._head is not None and checkpoint(tx, self.name, "progress") >= self._head[0]:
            self._heard_at = self._head[1]
        until = min(now, self._heard_at or AT_ONCE)
        commands: list[SchedulingCommand] = []
        place: tuple[datetime, UUID, UUID] = (AT_ONCE, NOBODY, NOBODY)
        for _ in range(SEATS_A_ROUND_MAX // SEATS_AT_ONCE):
            after = dict(zip(("at", "slot", "booking"), place, strict=True))
            asked_for = {"until": until, "now": now, "early": QUARTER, "limit": SEATS_AT_ONCE, **after}
            rows = tx.execute(TO_LOOK_AT, asked_for).fetchall()
            seats = [Seat(*row) for row in rows]
            settled: dict[Key, datetime | None] = {}
            full = False
            for seat in seats:
                asked = list(_commands(seat, now, until))
                if not asked:
                    settled[seat.key] = _look_at(seat, now)
                elif len(commands) + len(asked) > limit:
                    full = True
                    break
                else:
                    commands += asked
            _look_later(tx, settled)
            if full or len(seats) < SEATS_AT_ONCE:
                break
            place = (seats[-1].look_at, *seats[-1].key)
        return commands

    def answered(self, tx: Tx, answers: Sequence[tuple[SchedulingCommand, Outcome]], now: datetime) -> None:
        """Whatever was answered is not asked again: what comes of it, or of a refusal's cause, is heard."""
        asked: dict[Key, datetime | None] = {}
        for command, _ in answers:
            match command:
                case NoteAttendance() | ExcuseSeat():
                    asked[command.slot_id, command.booking_id] = None
                case ReleaseSeat():
                    tx.execute(RELEASE_ASKED, (command.booking_id,))
                case _:
                    pass
        _look_later(tx, asked)


class Seat(NamedTuple):
    """A seat that is to be looked at, and what is known of it."""

    slot_id: UUID
    booking_id: UUID
    person_id: UUID
    course: str
    period: int
    half: int
    starts_at: datetime
    ends_at: datetime
    missed: bool
    version: int
    look_at: datetime
    finished_at: datetime | None
    withdrawn_at: datetime | None
    exempt_at: datetime | None
    left_at: datetime | None
    signed_at: datetime | None
    """The quarter of an hour in which its person was first seen there."""
    again_in: UUID | None
    """The slot to come in which the same half is booked once more."""

    @property
    def key(self) -> Key:
        """Which row it is."""
        return self.slot_id, self.booking_id

    @property
    def needless(self) -> ReleaseCause | None:
        """Why nobody needed it any more when its slot began."""
        causes: list[tuple[datetime | None, ReleaseCause]] = [
            (self.finished_at, "finished"),
            (self.withdrawn_at, "withdrawn"),
            (self.exempt_at, "withdrawn"),
            (self.left_at, "left"),
        ]
        found = [(since, cause) for since, cause in causes if since is not None and since < self.starts_at]
        return min(found)[1] if found else None


def _commands(seat: Seat, now: datetime, until: datetime) -> Iterator[SchedulingCommand]:
    """What differs from what stands; ids follow from what is asked and of which booking of the seat."""
    about = {
        "person_id": seat.person_id,
        "course": seat.course,
        "period": seat.period,
        "half": seat.half,
    }

    def derived(what: str) -> UUID:
        return uuid5(SERVICE, f"seat/{seat.slot_id}/{seat.booking_id}/{seat.version}/{what}")

    if seat.signed_at is not None:
        if seat.starts_at <= now:
            if seat.again_in is not None:  # it was planned again for nothing
                yield ReleaseSeat(command_id=derived("again"), occurred_at=now, **about, cause="used")
            came_at = max(seat.starts_at, seat.signed_at)
            yield NoteAttendance(
                command_id=derived("came"), occurred_at=came_at, **about, slot_id=seat.slot_id, came=True
            )
    elif cause := seat.needless:
        if seat.missed:
            yield ExcuseSeat(
                command_id=derived(cause), occurred_at=now, **about, slot_id=seat.slot_id, cause=cause
            )
        else:
            yield ReleaseSeat(command_id=derived(cause), occurred_at=now, **about, cause=cause)
    elif not seat.missed and seat.ends_at + LATE <= until:
        yield NoteAttendance(
            command_id=derived("missed"), occurred_at=seat.ends_at, **about, slot_id=seat.slot_id, came=False
        )


def _look_at(seat: Seat, now: datetime) -> datetime | None:
    """When to look at a seat again of which there is nothing to say now."""
    if seat.signed_at is not None and seat.starts_at > now:
        return seat.starts_at
    return None if seat.missed else seat.ends_at + LATE


def quarter_of(moment: datetime) -> datetime:
    """The quarter of an hour that a moment lies in, in UTC; zones may be half an hour apart from it."""
    at = moment.astimezone(UTC)
    return at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)


# --- tables --------------------------------------------------------------------------------------

WATCH = """
INSERT INTO seat_watch VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (slot_id, booking_id) DO UPDATE SET missed = excluded.missed, version = excluded.version,
    look_at = excluded.look_at
"""
UNWATCH = "DELETE FROM seat_watch WHERE slot_id = %s AND booking_id = %s"
FINISHED = (
    "INSERT INTO seat_over (record_id, finished_at) VALUES (%s, %s)"
    " ON CONFLICT (record_id) DO UPDATE SET finished_at = excluded.finished_at"
)
WITHDRAWN = (
    "INSERT INTO seat_over (record_id, withdrawn_at) VALUES (%s, %s)"
    " ON CONFLICT (record_id) DO UPDATE SET withdrawn_at = excluded.withdrawn_at"
)
EXEMPT = (
    "INSERT INTO seat_over (record_id, exempt_at) VALUES (%s, %s)"
    " ON CONFLICT (record_id) DO UPDATE SET exempt_at = excluded.exempt_at"
)
LEFT = (
    "INSERT INTO seat_left VALUES (%s, %s) ON CONFLICT (person_id) DO UPDATE SET left_at = excluded.left_at"
)
MARK_RECORD = "UPDATE seat_watch SET look_at = %s WHERE record_id = %s"
MARK_PERSON = "UPDATE seat_watch SET look_at = %s WHERE person_id = %s"
SIGNS = "INSERT INTO seat_sign SELECT * FROM unnest(%s::uuid[], %s::timestamptz[]) ON CONFLICT DO NOTHING"
MARK_SIGNED = """
UPDATE seat_watch w SET look_at = %s
FROM unnest(%s::uuid[], %s::timestamptz[]) AS sign (record_id, quarter)
WHERE w.record_id = sign.record_id AND sign.quarter >= w.starts_at - %s AND sign.quarter < w.ends_at
"""
RELEASE_ASKED = "UPDATE seat_watch SET look_at = NULL WHERE booking_id = %s AND NOT missed"
TO_LOOK_AT = """
SELECT w.slot_id, w.booking_id, w.person_id, w.course, w.period, w.half, w.starts_at, w.ends_at,
    w.missed, w.version, w.look_at, o.finished_at, o.withdrawn_at, o.exempt_at, l.left_at,
    (SELECT min(s.quarter) FROM seat_sign s WHERE s.record_id = w.record_id
        AND s.quarter >= w.starts_at - %(early)s AND s.quarter < w.ends_at),
    (SELECT a.slot_id FROM seat_watch a WHERE a.record_id = w.record_id AND a.booking_id = w.booking_id
        AND a.slot_id <> w.slot_id AND NOT a.missed AND a.starts_at > %(now)s LIMIT 1)
FROM seat_watch w LEFT JOIN seat_over o USING (record_id) LEFT JOIN seat_left l USING (person_id)
WHERE w.look_at <= %(until)s AND (w.look_at, w.slot_id, w.booking_id) > (%(at)s, %(slot)s, %(booking)s)
ORDER BY w.look_at, w.slot_id, w.booking_id LIMIT %(limit)s
"""


def _seat(tx: Tx, event: SeatBooked | SeatMoved | SeatReleased | SeatUsed | SeatMissed, version: int) -> None:
    if isinstance(event, SeatMoved):
        tx.execute(UNWATCH, (event.from_slot_id, event.booking_id))
    if isinstance(event, SeatReleased | SeatUsed):
        tx.execute(UNWATCH, (event.slot_id, event.booking_id))
        return
    way = record_id_of(event.person_id, event.course, event.period)
    what = (way, event.person_id, event.course, event.period, event.half, event.starts_at, event.ends_at)
    missed = isinstance(event, SeatMissed)
    tx.execute(WATCH, (event.slot_id, event.booking_id, *what, missed, version, AT_ONCE))


def _look_later(tx: Tx, looks: Mapping[Key, datetime | None]) -> None:
    if looks:
        slots, bookings = zip(*looks, strict=True)
        tx.execute(
            "UPDATE seat_watch w SET look_at = l.look_at"
            " FROM unnest(%s::uuid[], %s::uuid[], %s::timestamptz[]) AS l (slot_id, booking_id, look_at)"
            " WHERE w.slot_id = l.slot_id AND w.booking_id = l.booking_id",
            (list(slots), list(bookings), list(looks.values())),
        )
