"""What proposals are made from: who must follow which course, in which halves, and the slots there are."""

from collections.abc import Sequence
from typing import Any

from psycopg import Cursor

from services.contracts import content, progress, scheduling
from services.contracts.progress import record_id_of
from services.contracts.scheduling import seats

Tx = Cursor[Any]

ASSIGNED = """
INSERT INTO ground_need (record_id, person_id, course, period, due_on, withdrawn)
VALUES (%s, %s, %s, %s, %s, false)
ON CONFLICT (record_id) DO UPDATE SET due_on = excluded.due_on, withdrawn = false
"""

SLOT = """
INSERT INTO ground_slot (slot_id, room_id, unit_id, starts_at, ends_at, seats) VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (slot_id) DO UPDATE SET room_id = excluded.room_id, unit_id = excluded.unit_id,
    starts_at = excluded.starts_at, ends_at = excluded.ends_at, seats = excluded.seats
"""

HALF = """
INSERT INTO ground_half (booking_id, record_id, half, starts_at, used) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (booking_id) DO UPDATE SET starts_at = excluded.starts_at, used = excluded.used
"""


class Ground:
    """`proposal_ground@1`: one row an assignment, a room, a slot, a half that is booked or was used.

    Feeds come apart from each other, so that a course may be completed before it is known to be
    assigned: the two are put together when a proposal is made.
    """

    name = "proposal_ground@1"
    feeds = frozenset({"content", "progress", "scheduling"})

    def apply(self, tx: Tx, feed: str, items: Sequence[Any]) -> None:
        """Keep what says who needs what, and where there are seats; all else is no matter."""
        for event in (item.event for item in items):
            match event:
                case content.CourseVersionPublished():
                    tx.execute(
                        "INSERT INTO ground_course VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
                        (event.course, event.course_version, event.sittings),
                    )
                case content.CourseVersionWithdrawn():
                    tx.execute(
                        "DELETE FROM ground_course WHERE course = %s AND course_version = %s",
                        (event.course, event.course_version),
                    )
                case progress.CourseCompleted():
                    met = "INSERT INTO ground_met VALUES (%s) ON CONFLICT DO NOTHING"
                    tx.execute(met, (event.record_id,))
                case scheduling.CourseAssigned() | scheduling.DueDateChanged():
                    way = record_id_of(event.person_id, event.course, event.period)
                    tx.execute(ASSIGNED, (way, event.person_id, event.course, event.period, event.due_on))
                case scheduling.AssignmentWithdrawn():
                    way = record_id_of(event.person_id, event.course, event.period)
                    tx.execute("UPDATE ground_need SET withdrawn = true WHERE record_id = %s", (way,))
                case _:
                    _seats(tx, event)


def _seats(tx: Tx, event: Any) -> None:
    match event:
        case seats.RoomOpened() | seats.RoomChanged():
            tx.execute(
                "INSERT INTO ground_room VALUES (%s, %s)"
                " ON CONFLICT (room_id) DO UPDATE SET name = excluded.name",
                (event.room_id, event.name),
            )
        case seats.SlotOpened():
            where = (event.slot_id, event.room_id, event.unit_id)
            tx.execute(SLOT, (*where, event.starts_at, event.ends_at, event.seats))
        case seats.SlotResized():
            resized = "UPDATE ground_slot SET seats = %s WHERE slot_id = %s"
            tx.execute(resized, (event.seats, event.slot_id))
        case seats.SlotCancelled():
            tx.execute("DELETE FROM ground_slot WHERE slot_id = %s", (event.slot_id,))
        case seats.SeatBooked() | seats.SeatMoved() | seats.SeatUsed():
            way = record_id_of(event.person_id, event.course, event.period)
            used = isinstance(event, seats.SeatUsed)
            tx.execute(HALF, (event.booking_id, way, event.half, event.starts_at, used))
        case seats.SeatReleased() | seats.SeatMissed():
            tx.execute("DELETE FROM ground_half WHERE booking_id = %s", (event.booking_id,))
        case _:
            pass
