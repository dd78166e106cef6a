"""When people are taken: on a seat, or in a session. Nobody is in two places at once.

Like `membership`, the table repeats what the log says and is written in the same transaction, since
a follower of our own log would always be a little late, and two bookings could slip in between.
"""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

from psycopg import Cursor
from psycopg.rows import TupleRow, tuple_row

from services.backbone.log import Conflict

Select = Callable[[str, tuple[Any, ...]], list[TupleRow]]

COLUMNS = "engagement_id, person_id, starts_at, ends_at, kind, place_id"

TAKEN = f"SELECT {COLUMNS} FROM engagement WHERE person_id = ANY(%s) ORDER BY starts_at"  # noqa: S608

CLASHES = """
SELECT EXISTS (
    SELECT FROM unnest(%s::uuid[], %s::timestamptz[], %s::timestamptz[]) AS wanted (person, since, until)
    JOIN engagement ON person_id = wanted.person AND starts_at < wanted.until AND ends_at > wanted.since
)
"""

ENGAGE = f"""
INSERT INTO engagement ({COLUMNS})
SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::timestamptz[], %s::timestamptz[], %s::text[], %s::uuid[])
"""  # noqa: S608  (no text of anybody's is put into it)


class Engagement(NamedTuple):
    """A person is taken from one moment to another. A seat in a session of two days makes two of them."""

    engagement_id: UUID
    """The booking that it follows from."""
    person_id: UUID
    starts_at: datetime
    ends_at: datetime
    kind: Literal["slot", "session"]
    place_id: UUID
    """The slot or the session."""


class Engagements:
    """What one batch of commands knows of people's engagements, and changes in them.

    Decisions are made before the writers' turn. Under it, rows that came meanwhile are seen: then
    `Conflict` is raised, and the commands are decided anew.
    """

    def __init__(self, select: Select, people: Collection[UUID]) -> None:
        """Look up what these people are booked on."""
        self._people = list(people)
        rows = select(TAKEN, (self._people,)) if people else []
        self._known = [Engagement(*row) for row in rows]
        self._made: list[Engagement] = []
        self._released: set[UUID] = set()

    def of(self, person_id: UUID) -> list[Engagement]:
        """A person's engagements, past and to come, as this batch has changed them so far."""
        return [
            each
            for each in [*self._known, *self._made]
            if each.person_id == person_id and each.engagement_id not in self._released
        ]

    def clash(
        self, person_id: UUID, starts_at: datetime, ends_at: datetime, leaving: Collection[UUID] = ()
    ) -> Engagement | None:
        """What the person is taken by at that time, apart from bookings that are given up for it."""
        for each in self.of(person_id):
            if each.starts_at < ends_at and each.ends_at > starts_at and each.engagement_id not in leaving:
                return each
        return None

    def engage(self, engagements: Iterable[Engagement]) -> None:
        """Take people; it was seen before that they are free."""
        for each in engagements:
            self._released.discard(each.engagement_id)
            self._made.append(each)

    def release(self, engagement_id: UUID) -> None:
        """A booking is over: whoever had it is free."""
        self._made = [each for each in self._made if each.engagement_id != engagement_id]
        self._released.add(engagement_id)

    def __call__(self, cursor: Cursor[Any]) -> None:
        """Look again, then write, within the transaction and the turn of `cursor`."""
        with cursor.connection.cursor(row_factory=tuple_row) as tx:
            # The same booking, made twice at once for different times, would not clash with itself.
            if self._made and self._known_of(tx) != sorted(self._known):
                raise Conflict
            gone = self._released | {each.engagement_id for each in self._made}
            if gone:
                tx.execute("DELETE FROM engagement WHERE engagement_id = ANY(%s)", (list(gone),))
            if not self._made:
                return
            columns = [list(column) for column in zip(*self._made, strict=True)]
            if tx.execute(CLASHES, columns[1:4]).fetchall() == [(True,)]:
                raise Conflict
            tx.execute(ENGAGE, columns)

    def _known_of(self, tx: Cursor[TupleRow]) -> list[Engagement]:
        return sorted(Engagement(*row) for row in tx.execute(TAKEN, (self._people,)))
