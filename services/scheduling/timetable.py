"""Which slots each room has. Two slots of a room do not overlap: they would share its seats.

Like `engagement`, the table repeats what the log says and is written in the same transaction.
"""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Cursor
from psycopg.rows import TupleRow, tuple_row

from services.backbone.log import Conflict

Select = Callable[[str, tuple[Any, ...]], list[TupleRow]]

KNOWN = "SELECT slot_id, room_id, starts_at, ends_at FROM slot WHERE room_id = ANY(%s) AND ends_at > %s"

ADD = """
INSERT INTO slot (slot_id, room_id, starts_at, ends_at)
SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::timestamptz[], %s::timestamptz[])
"""


class Planned(NamedTuple):
    """A slot of a room that was not cancelled."""

    slot_id: UUID
    room_id: UUID
    starts_at: datetime
    ends_at: datetime


class Timetable:
    """What one batch of commands knows of the slots of some rooms, and changes in them.

    Under the writers' turn it looks again: when anything is otherwise, `Conflict` is raised, and the
    commands are decided anew.
    """

    def __init__(self, select: Select, rooms: Collection[UUID], since: datetime) -> None:
        """Look up what these rooms have from a moment on."""
        self._asked = (list(rooms), since)
        rows = select(KNOWN, self._asked) if rooms else []
        self._seen = {row[0]: Planned(*row) for row in rows}
        self._now = dict(self._seen)

    def of(self, room_id: UUID, since: datetime, until: datetime | None = None) -> list[Planned]:
        """A room's slots that have a moment in common with this span, in order."""
        return sorted(
            (
                slot
                for slot in self._now.values()
                if slot.room_id == room_id
                and slot.ends_at > since
                and (until is None or slot.starts_at < until)
            ),
            key=lambda slot: slot.starts_at,
        )

    def add(self, slot: Planned) -> None:
        """A slot was opened."""
        self._now[slot.slot_id] = slot

    def remove(self, slot_id: UUID) -> None:
        """A slot was cancelled."""
        self._now.pop(slot_id, None)

    def __call__(self, cursor: Cursor[Any]) -> None:
        """Look again, then write, within the transaction and the turn of `cursor`."""
        with cursor.connection.cursor(row_factory=tuple_row) as tx:
            if {row[0]: Planned(*row) for row in tx.execute(KNOWN, self._asked)} != self._seen:
                raise Conflict
            gone = [id_ for id_, slot in self._seen.items() if self._now.get(id_) != slot]
            if gone:
                tx.execute("DELETE FROM slot WHERE slot_id = ANY(%s)", (gone,))
            new = [slot for id_, slot in self._now.items() if self._seen.get(id_) != slot]
            if new:
                tx.execute(ADD, [list(column) for column in zip(*new, strict=True)])
