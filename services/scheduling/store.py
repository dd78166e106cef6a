"""The tables of scheduling that are not its log: the directory, who belongs where, the catalogue.

`membership` repeats what the log says and is written in the same transaction as the event that
changes it. A follower of our own log would be simpler, and always a little late: a course assigned
to a unit would miss whoever was placed there a moment before.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

from psycopg import Cursor
from psycopg.rows import TupleRow, tuple_row

from services.backbone.aggregate import Aggregate
from services.backbone.limits import PAGE_EVENTS_MAX
from services.backbone.log import Conflict, EventLog
from services.contracts.scheduling import DirectoryEntry, DirectoryItem, DirectoryPage
from services.scheduling.domain import Person

Select = Callable[[str, tuple[Any, ...]], list[TupleRow]]

ENTRY = "person_id, given_name, family_name, staff_number, email, language, function"

# Two look-ups by index: an OR of both is a walk through the whole table.
SAME = f"""
SELECT {ENTRY} FROM unnest(%s::uuid[]) AS wanted (id) JOIN directory ON person_id = wanted.id WHERE NOT erased
UNION
SELECT {ENTRY} FROM unnest(%s::text[]) AS wanted (number) JOIN directory ON staff_number = wanted.number
"""  # noqa: S608  (no text of anybody's is put into it)

MEMBERS = "SELECT person_id FROM membership WHERE unit_id = ANY(%s)"

MOVED_ON = """
SELECT EXISTS (
    SELECT FROM unnest(%s::uuid[], %s::bigint[]) AS known (id, version)
    JOIN stored_events e ON e.originator_id = known.id AND e.originator_version > known.version
)
"""

ENTER = f"""
INSERT INTO directory ({ENTRY}, revision)
SELECT entry.*, nextval('directory_revision')
FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[]) AS entry
ON CONFLICT DO NOTHING RETURNING revision
"""  # noqa: S608  (no text of anybody's is put into it)

CHANGE = """
UPDATE directory SET given_name = entry.given_name, family_name = entry.family_name,
    staff_number = entry.staff_number, email = entry.email, language = entry.language,
    function = entry.function, revision = nextval('directory_revision')
FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[])
    AS entry (person_id, given_name, family_name, staff_number, email, language, function)
WHERE directory.person_id = entry.person_id AND NOT directory.erased
    AND NOT EXISTS (SELECT FROM directory AS other
        WHERE other.staff_number = entry.staff_number AND other.person_id <> entry.person_id)
RETURNING revision
"""

PLACE = """
INSERT INTO membership (person_id, unit_id) SELECT * FROM unnest(%s::uuid[], %s::uuid[])
ON CONFLICT (person_id) DO UPDATE SET unit_id = excluded.unit_id
"""

BOTH = """
SELECT log.head, m.person_id, m.unit_id
FROM (SELECT coalesce(max(notification_id), 0) AS head FROM stored_events) AS log
LEFT JOIN membership m ON true
"""


def courses(select: Select, names: Collection[str]) -> dict[str, bool]:
    """Those of these courses that we have heard of, and whether a version of each is in use."""
    rows = select(
        "SELECT course, bool_or(NOT withdrawn) FROM catalogue WHERE course = ANY(%s) GROUP BY course",
        (list(names),),
    )
    return dict(rows)


def entries(select: Select, wanted: Iterable[DirectoryEntry]) -> list[DirectoryEntry]:
    """Entries of the directory for the same persons, or with the same staff numbers."""
    wanted = list(wanted)
    rows = select(SAME, ([e.person_id for e in wanted], [e.staff_number for e in wanted]))
    return [_entry(row) for row in rows]


def members(select: Select, units: Collection[UUID]) -> frozenset[UUID]:
    """Who belongs to these units and did not leave."""
    return frozenset(row[0] for row in select(MEMBERS, (list(units),)))


def directory_page(select: Select, after: int, limit: int) -> DirectoryPage:
    """Entries as they are now, in the order of their last change.

    Revisions are drawn under the writers' turn, so a reader that comes later skips none.
    """
    rows = select(
        f"SELECT revision, erased, {ENTRY}, (SELECT max(revision) FROM directory) FROM directory"  # noqa: S608
        " WHERE revision > %s ORDER BY revision LIMIT %s",
        (after, min(max(limit, 1), PAGE_EVENTS_MAX)),
    )
    items = [
        DirectoryItem(position=revision, person_id=row[0], entry=None if erased else _entry(row[:-1]))
        for revision, erased, *row in rows
    ]
    head = rows[-1][-1] if rows else after
    return DirectoryPage(items=tuple(items), position=items[-1].position if items else after, head=head)


def _entry(row: Sequence[Any]) -> DirectoryEntry:
    # Built without checking it again: it was checked when it came in.
    return DirectoryEntry.model_construct(**dict(zip(DirectoryEntry.model_fields, row, strict=True)))


class Alongside:
    """What one batch of commands writes beside its events, and what it relied on.

    Decisions are made before the writers' turn. Under it, before anything is written, we look
    again at what they relied on and do not write themselves. Raises Conflict when that changed.
    """

    def __init__(self) -> None:
        self._streams: dict[UUID, Aggregate] = {}
        self._members: list[tuple[list[UUID], frozenset[UUID]]] = []
        self._entries: list[DirectoryEntry] = []
        self._changed: dict[UUID, DirectoryEntry] = {}
        self._people: dict[UUID, Person] = {}

    def rely_on(self, *aggregates: Aggregate) -> None:
        """These streams must not have moved on."""
        self._streams.update((aggregate.id, aggregate) for aggregate in aggregates)

    def rely_on_members(self, units: Collection[UUID], seen: frozenset[UUID]) -> None:
        """Exactly these people must belong to these units, as far as is committed."""
        self._members.append((list(units), seen))

    def enter(self, entry: DirectoryEntry) -> None:
        """Put somebody into the directory."""
        self._entries.append(entry)

    def change(self, entry: DirectoryEntry) -> None:
        """Replace somebody's entry in the directory."""
        self._changed[entry.person_id] = entry

    def belongs(self, person: Person) -> None:
        """Where a person belongs, or whether at all, changed."""
        self._people[person.id] = person

    def __call__(self, cursor: Cursor[Any]) -> None:
        """Look again, then write, within the transaction and the turn of `cursor`."""
        with cursor.connection.cursor(row_factory=tuple_row) as tx:
            self._look_again(tx)
            self._enter(tx)
            self._place(tx)

    def _look_again(self, tx: Cursor[TupleRow]) -> None:
        if self._streams:
            known = list(self._streams), [a.version for a in self._streams.values()]
            if tx.execute(MOVED_ON, known).fetchall() == [(True,)]:
                raise Conflict
        for units, seen in self._members:
            if {row[0] for row in tx.execute(MEMBERS, (units,))} != seen:
                raise Conflict

    def _enter(self, tx: Cursor[TupleRow]) -> None:
        # Counted rather than left to a constraint, whose message would put a staff number into the server's log.
        if self._entries:
            columns = [[getattr(e, name) for e in self._entries] for name in DirectoryEntry.model_fields]
            if len(tx.execute(ENTER, columns).fetchall()) != len(self._entries):
                raise Conflict
        if self._changed:
            columns = [
                [getattr(e, name) for e in self._changed.values()] for name in DirectoryEntry.model_fields
            ]
            if len(tx.execute(CHANGE, columns).fetchall()) != len(self._changed):
                raise Conflict

    def _place(self, tx: Cursor[TupleRow]) -> None:
        staying = {p.id: p.unit_id for p in self._people.values() if p.withdrawn_at is None}
        if staying:
            tx.execute(PLACE, (list(staying), list(staying.values())))
        if gone := self._people.keys() - staying.keys():
            tx.execute("DELETE FROM membership WHERE person_id = ANY(%s)", (list(gone),))


def check_membership(log: EventLog) -> int:
    """Compare `membership` with what the log says; how many people it holds. Raises ValueError."""
    rows = log.select(BOTH, ())  # one statement, so that both are of the same moment
    head = rows[0][0]
    people: dict[UUID, Person] = {}
    position = 0
    while events := [e for e in log.read(position, PAGE_EVENTS_MAX) if e.position <= head]:
        position = events[-1].position
        for stored in events:
            event = stored.event
            if isinstance(event, Person.Registered | Person.Placed | Person.Withdrawn | Person.Returned):
                person = event.mutate(people.get(event.originator_id))
                assert person is not None  # the library allows for events that end an aggregate
                people[event.originator_id] = person
    said = {p.id: p.unit_id for p in people.values() if p.withdrawn_at is None}
    kept = {row[1]: row[2] for row in rows if row[1] is not None}
    if wrong := said.items() ^ kept.items():
        raise ValueError(f"membership and log differ about {len({id_ for id_, _ in wrong})} people")
    return len(kept)
