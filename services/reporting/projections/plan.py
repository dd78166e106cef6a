"""`plan@1`: rooms, their slots, and who sits there. It knows the present: what was moved away is gone.

Events of seats say all of their row, so a page is folded in memory and written in a few statements.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from psycopg.types.json import Jsonb

from services.contracts.scheduling.seats import (
    ClosureLifted,
    RoomChanged,
    RoomClosed,
    RoomOpened,
    SeatBooked,
    SeatMissed,
    SeatMoved,
    SeatReleased,
    SeatUsed,
    SlotCancelled,
    SlotOpened,
    SlotResized,
)
from services.reporting.read_model import Column, Table, Tx

NAME: Final = "plan@1"

ROOMS = Table(
    NAME,
    "plan_room",
    (
        Column("room_id", "uuid"),
        Column("unit_id", "uuid"),
        Column("name", "text"),
        Column("seats", "int4"),
        Column("hours", "jsonb"),
    ),
    key=("room_id",),
    indexes=("(unit_id)",),
    key_first=True,
)

CLOSURES = Table(
    NAME,
    "plan_closure",
    (
        Column("closure_id", "uuid"),
        Column("room_id", "uuid"),
        Column("from_on", "date"),
        Column("to_on", "date"),
        Column("reason", "text"),
    ),
    key=("room_id", "closure_id"),
    key_first=True,
)

SLOTS = Table(
    NAME,
    "plan_slot",
    (
        Column("slot_id", "uuid"),
        Column("room_id", "uuid"),
        Column("starts_at", "timestamptz"),
        Column("ends_at", "timestamptz"),
        Column("seats", "int4"),
        Column("cancelled", "bool"),
    ),
    key=("slot_id",),
    indexes=("(room_id, starts_at)",),
    key_first=True,
)

SEATS = Table(
    NAME,
    "plan_seat",
    (
        Column("slot_id", "uuid"),
        Column("booking_id", "uuid"),
        Column("person_id", "uuid"),
        Column("course", "text"),
        Column("period", "int4"),
        Column("half", "int4"),
        Column("room_id", "uuid"),
        Column("starts_at", "timestamptz"),
        Column("ends_at", "timestamptz"),
        Column("state", "text"),
    ),
    key=("slot_id", "booking_id"),
    indexes=("(person_id, starts_at)",),
    key_first=True,
)

GIVEN: Final = ("booked", "used", "missed")
"""States in which somebody has the seat, or had it to the end."""

HAD: Final = ("booked", "used")
"""States in which no other seat must be found."""

_STATES: Final[dict[type[Any], str]] = {
    SeatBooked: "booked",
    SeatMoved: "booked",
    SeatUsed: "used",
    SeatMissed: "missed",
}


class PlanModel:
    """Keeps what is planned."""

    name = NAME
    feeds = frozenset({"scheduling"})
    tables: tuple[Table, ...] = (ROOMS, CLOSURES, SLOTS, SEATS)

    def apply(self, tx: Tx, feed: str, items: Sequence[Any]) -> None:
        """Fold the page, then write what is left of it."""
        page = _Page()
        for item in items:
            event = item.event
            match event:
                case RoomOpened() | RoomChanged() | RoomClosed() | ClosureLifted():
                    _room(tx, event)
                case SlotOpened() | SlotResized() | SlotCancelled():
                    page.slot(event)
                case SeatBooked() | SeatMoved() | SeatReleased() | SeatUsed() | SeatMissed():
                    page.seat(event)
                case _:
                    pass  # says nothing of seats
        page.write(tx)

    def bulk(self) -> "PlanModel":
        """Rows are replaced by key, which is there from the beginning."""
        return self

    def finish(self, tx: Tx) -> None:
        """Nothing was put off."""


class _Page:
    """What a page changes in slots and seats."""

    def __init__(self) -> None:
        self._slots: dict[UUID, list[Any]] = {}
        self._resized: dict[UUID, int] = {}
        self._cancelled: set[UUID] = set()
        self._seats: dict[tuple[UUID, UUID], tuple[Any, ...]] = {}
        self._gone: set[tuple[UUID, UUID]] = set()

    def slot(self, event: SlotOpened | SlotResized | SlotCancelled) -> None:
        slot_id = event.slot_id
        match event:
            case SlotOpened():
                said = [event.room_id, event.starts_at, event.ends_at, event.seats, False]
                self._slots[slot_id] = [slot_id, *said]
                self._resized.pop(slot_id, None)
                self._cancelled.discard(slot_id)
            case SlotResized():
                if slot_id in self._slots:
                    self._slots[slot_id][-2] = event.seats
                else:
                    self._resized[slot_id] = event.seats
            case SlotCancelled():
                if slot_id in self._slots:
                    self._slots[slot_id][-1] = True
                else:
                    self._cancelled.add(slot_id)

    def seat(self, event: SeatBooked | SeatMoved | SeatReleased | SeatUsed | SeatMissed) -> None:
        key = (event.slot_id, event.booking_id)
        if isinstance(event, SeatMoved):
            self._leave((event.from_slot_id, event.booking_id))
        if isinstance(event, SeatReleased) and event.cause != "closed":
            self._leave(key)
            return
        state = "closed" if isinstance(event, SeatReleased) else _STATES[type(event)]
        what = (event.person_id, event.course, event.period, event.half)
        self._seats[key] = (*key, *what, event.room_id, event.starts_at, event.ends_at, state)

    def _leave(self, key: tuple[UUID, UUID]) -> None:
        self._seats.pop(key, None)
        self._gone.add(key)

    def write(self, tx: Tx) -> None:
        if self._slots:
            _replace(tx, "plan_slot", [(slot_id,) for slot_id in self._slots], ("slot_id",), ("uuid",))
            SLOTS.fill(tx, self._slots.values())
        if self._resized:
            tx.execute(
                "UPDATE plan_slot SET seats = said.seats"
                " FROM unnest(%s::uuid[], %s::int4[]) AS said (id, seats) WHERE slot_id = said.id",
                (list(self._resized), list(self._resized.values())),
            )
        if self._cancelled:
            tx.execute(
                "UPDATE plan_slot SET cancelled = true WHERE slot_id = ANY(%s)", (list(self._cancelled),)
            )
        if self._gone or self._seats:
            keys = [*(self._gone | self._seats.keys())]
            _replace(tx, "plan_seat", keys, ("slot_id", "booking_id"), ("uuid", "uuid"))
            SEATS.fill(tx, self._seats.values())


def _replace(
    tx: Tx, table: str, keys: Sequence[tuple[Any, ...]], names: Sequence[str], types: Sequence[str]
) -> None:
    """Make place for rows with these keys."""
    said = ", ".join(f"%s::{kind}[]" for kind in types)
    tx.execute(
        f"DELETE FROM {table} USING unnest({said}) AS said ({', '.join(names)})"  # noqa: S608
        f" WHERE {' AND '.join(f'{table}.{name} = said.{name}' for name in names)}",
        [list(column) for column in zip(*keys, strict=True)],
    )


def _room(tx: Tx, event: RoomOpened | RoomChanged | RoomClosed | ClosureLifted) -> None:
    match event:
        case RoomOpened():
            hours = Jsonb([each.model_dump(mode="json") for each in event.hours])
            row = (event.room_id, event.unit_id, event.name, event.seats, hours)
            tx.execute("INSERT INTO plan_room VALUES (%s, %s, %s, %s, %s)", row)
        case RoomChanged():
            hours = Jsonb([each.model_dump(mode="json") for each in event.hours])
            tx.execute(
                "UPDATE plan_room SET name = %s, seats = %s, hours = %s WHERE room_id = %s",
                (event.name, event.seats, hours, event.room_id),
            )
        case RoomClosed():
            days = (event.from_on, event.to_on, event.reason)
            tx.execute(
                "INSERT INTO plan_closure VALUES (%s, %s, %s, %s, %s)",
                (event.closure_id, event.room_id, *days),
            )
        case ClosureLifted():
            tx.execute(
                "DELETE FROM plan_closure WHERE room_id = %s AND closure_id = %s",
                (event.room_id, event.closure_id),
            )


# --- questions -----------------------------------------------------------------------------------


class Room(NamedTuple):
    """A room of a unit."""

    room_id: UUID
    unit_id: UUID
    name: str
    seats: int
    hours: list[dict[str, Any]]


class Closure(NamedTuple):
    """Days on which a room is closed."""

    room_id: UUID
    closure_id: UUID
    from_on: date
    to_on: date
    reason: str


class Slot(NamedTuple):
    """A slot that takes place."""

    slot_id: UUID
    room_id: UUID
    starts_at: datetime
    ends_at: datetime
    seats: int


class Seat(NamedTuple):
    """Who has, or had, a seat."""

    slot_id: UUID
    booking_id: UUID
    person_id: UUID
    course: str
    period: int
    half: int
    room_id: UUID
    starts_at: datetime
    ends_at: datetime
    state: str


_SEAT: Final = ", ".join(Seat._fields)


def rooms_of(tx: Tx, units: Collection[UUID]) -> list[Room]:
    """The rooms of these units, by name."""
    rows = tx.execute(
        "SELECT room_id, unit_id, name, seats, hours FROM plan_room WHERE unit_id = ANY(%s)"
        " ORDER BY lower(name), room_id",
        (list(units),),
    ).fetchall()
    return [Room(*row) for row in rows]


def rooms_called(tx: Tx, rooms: Collection[UUID]) -> dict[UUID, Room]:
    """These rooms by id."""
    rows = tx.execute(
        "SELECT room_id, unit_id, name, seats, hours FROM plan_room WHERE room_id = ANY(%s)", (list(rooms),)
    ).fetchall()
    return {row[0]: Room(*row) for row in rows}


def closures_of(tx: Tx, rooms: Collection[UUID], since: date) -> list[Closure]:
    """When these rooms are closed, from a day on."""
    rows = tx.execute(
        "SELECT room_id, closure_id, from_on, to_on, reason FROM plan_closure"
        " WHERE room_id = ANY(%s) AND to_on >= %s ORDER BY from_on, closure_id",
        (list(rooms), since),
    ).fetchall()
    return [Closure(*row) for row in rows]


def slots_of(tx: Tx, rooms: Collection[UUID], since: datetime, until: datetime) -> list[Slot]:
    """The slots of these rooms that begin in a span, in order."""
    rows = tx.execute(
        "SELECT slot_id, room_id, starts_at, ends_at, seats FROM plan_slot"
        " WHERE room_id = ANY(%s) AND starts_at >= %s AND starts_at < %s AND NOT cancelled"
        " ORDER BY starts_at, room_id",
        (list(rooms), since, until),
    ).fetchall()
    return [Slot(*row) for row in rows]


def seats_in(tx: Tx, slots: Collection[UUID]) -> list[Seat]:
    """Who has a seat in these slots."""
    rows = tx.execute(
        f"SELECT {_SEAT} FROM plan_seat WHERE slot_id = ANY(%s) AND state = ANY(%s)",  # noqa: S608
        (list(slots), list(GIVEN)),
    ).fetchall()
    return [Seat(*row) for row in rows]


def seats_of(tx: Tx, people: Collection[UUID]) -> list[Seat]:
    """All seats of these people, the latest first; of one booking that was made again, each."""
    rows = tx.execute(
        f"SELECT {_SEAT} FROM plan_seat WHERE person_id = ANY(%s)"  # noqa: S608
        " ORDER BY starts_at DESC, slot_id",
        (list(people),),
    ).fetchall()
    return [Seat(*row) for row in rows]


_LOST: Final = f"""
SELECT DISTINCT ON (booking_id) {_SEAT}, count(*) FILTER (WHERE state = 'missed') OVER (PARTITION BY booking_id)
FROM plan_seat s WHERE person_id = ANY(%s) AND state <> ALL(%s)
    AND NOT EXISTS (SELECT FROM plan_seat h
        WHERE h.person_id = s.person_id AND h.booking_id = s.booking_id AND h.state = ANY(%s))
ORDER BY booking_id, starts_at DESC
"""  # noqa: S608  (no text of anybody's is put into it)


def lost_by(tx: Tx, people: Collection[UUID]) -> list[tuple[Seat, int]]:
    """The last seat of each half for which these people had one, and have none; how many of them were missed."""
    rows = tx.execute(_LOST, (list(people), list(HAD), list(HAD))).fetchall()
    return [(Seat(*row[:-1]), row[-1]) for row in rows]


_USE = """
SELECT s.room_id, s.ends_at <= %(now)s AS over, sum(s.seats), sum(t.given), sum(t.used), sum(t.missed)
FROM plan_slot s, LATERAL (
    SELECT count(*) AS given, count(*) FILTER (WHERE state = 'used') AS used,
        count(*) FILTER (WHERE state = 'missed') AS missed
    FROM plan_seat WHERE slot_id = s.slot_id AND state = ANY(%(given)s)
) t
WHERE s.room_id = ANY(%(rooms)s) AND s.starts_at >= %(since)s AND s.starts_at < %(until)s AND NOT s.cancelled
GROUP BY 1, 2
"""


def use_of(
    tx: Tx, rooms: Collection[UUID], since: datetime, until: datetime, now: datetime
) -> list[tuple[UUID, bool, int, int, int, int]]:
    """Of each room, and of its slots that are over and those that are not: seats, given, used, missed."""
    rows = tx.execute(
        _USE, {"rooms": list(rooms), "since": since, "until": until, "now": now, "given": list(GIVEN)}
    ).fetchall()
    return [(row[0], row[1], *map(int, row[2:])) for row in rows]
