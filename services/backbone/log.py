"""The event log: append-only streams on PostgreSQL, in one order, with a receipt for every command.

Built on the `eventsourcing` library, with three remedies (see docs/decisions/0003):

* Writers take their turn by an advisory lock, so positions are handed out in commit order and a
  reader that tails the log skips nothing, while the role that writes needs INSERT and SELECT only.
* Nothing is retried behind the caller's back: when COMMIT's answer is lost, sending the command
  again finds its receipt.
* Events are validated when they are read, through their upcasters.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Any, ClassVar, NamedTuple, TypeVar, cast
from uuid import UUID

from eventsourcing.persistence import (
    IntegrityError,
    JSONTranscoder,
    Mapper,
    PersistenceError,
    StoredEvent,
)
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from eventsourcing.utils import resolve_topic
from psycopg import Cursor, errors
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import TupleRow, tuple_row
from psycopg.sql import SQL
from psycopg.types.json import Jsonb
from psycopg_pool import PoolTimeout, TooManyRequests
from pydantic import TypeAdapter
from pydantic_core import from_json

from services.backbone.aggregate import Aggregate, Fact
from services.backbone.limits import (
    DATABASE_CONNECT_SECONDS,
    LOCK_TIMEOUT_SECONDS,
    STATEMENT_TIMEOUT_SECONDS,
)

T = TypeVar("T")

AGGREGATES_KEPT_MAX = 4_096
"""Aggregates kept in memory between commands, the least recently used leave first."""

POOL_SIZE = 4
POOL_WAITING_MAX = 64
WRITERS_TURN = 0x5061_7263_6F75_7273
"""Key of the advisory lock by which writers of one database take turns ('Parcours')."""


class Conflict(Exception):
    """Somebody else wrote to one of these streams, or gave a receipt for one of these commands, first."""


class StoreAway(Exception):
    """The database did not answer in time. Whether the last write stands is unknown: ask for its receipt."""


class Receipt(NamedTuple):
    """What became of a command: its last event's place, or the rule that refused it.

    `fingerprint` says which command it was, and whose.
    """

    command_id: UUID
    stream_id: UUID | None
    stream_version: int | None
    refusal: dict[str, Any] | None = None
    position: int = 0
    fingerprint: bytes | None = None


class Stored(NamedTuple):
    """An event at its place in the log, as it is stored."""

    position: int
    stream_id: UUID
    stream_version: int
    topic: str
    state: bytes

    @property
    def digest(self) -> str:
        """The SHA-256 of the bytes that are stored, whatever later releases make of them."""
        return sha256(self.state).hexdigest()

    @property
    def body(self) -> dict[str, Any]:
        """What is stored, in its newest version, not validated. Raises ValueError."""
        return _body(_codec(self.topic)[0], self.state)

    @property
    def event(self) -> Fact:
        """The event, validated, in its newest version. Raises ValueError when the bytes do not fit its class."""
        event: Fact = EventMapper.decode(self.stream_id, self.stream_version, self.topic, self.state)
        return event


class EventMapper(Mapper[UUID]):
    """Domain event ↔ stored bytes (JSON), validated both ways. The place in the stream is not repeated in them."""

    PLACE: ClassVar = {"originator_id", "originator_version"}

    def __init__(self) -> None:
        super().__init__(JSONTranscoder())

    def to_stored_event(self, domain_event: Any) -> StoredEvent:
        """The bytes that will be kept for ever."""
        kind, adapter = _codec(type(domain_event).TOPIC)
        state = adapter.dump_json(domain_event, exclude=self.PLACE)
        if (version := getattr(kind, "class_version", 1)) > 1:
            state = b'{"class_version":%d,' % version + state[1:]
        return StoredEvent(
            domain_event.originator_id, domain_event.originator_version, type(domain_event).TOPIC, state
        )

    def to_domain_event(self, stored_event: StoredEvent) -> Any:
        """The event, brought to its newest version. Raises ValueError when the bytes do not fit its class."""
        return self.decode(
            stored_event.originator_id,
            stored_event.originator_version,
            stored_event.topic,
            stored_event.state,
        )

    @staticmethod
    def decode(stream_id: Any, stream_version: int, topic: str, state: bytes) -> Any:
        """The same from the columns of a row."""
        kind, adapter = _codec(topic)
        body = _body(kind, state)
        body["originator_id"] = stream_id
        body["originator_version"] = stream_version
        return adapter.validate_python(body)


def _body(kind: type[Fact], state: bytes) -> dict[str, Any]:
    body = from_json(state)
    if not isinstance(body, dict):
        raise ValueError(f"{kind.__qualname__}: what is stored is not an object")
    version, newest = body.pop("class_version", 1), getattr(kind, "class_version", 1)
    if version != newest:
        _upcast(kind, body, version, newest)
    return body


def _upcast(kind: type[Fact], body: dict[str, Any], version: Any, newest: int) -> None:
    if version not in range(1, newest):
        raise ValueError(f"{kind.__qualname__}: version {version!r} is unknown, the newest is {newest}")
    for step in range(version, newest):
        getattr(kind, f"upcast_v{step}_v{step + 1}")(body)


@lru_cache(maxsize=256)
def _codec(topic: str) -> tuple[type[Fact], TypeAdapter[Any]]:
    """The class for a topic and what reads and writes it.

    Only our own events may be named by a stored row, and nothing is imported on its word.
    """
    if topic not in _topics(Fact):
        raise ValueError(f"topic {topic!r} is not one of our events")
    kind = resolve_topic(topic)
    return kind, TypeAdapter(kind)


def _topics(kind: type[Fact]) -> Iterator[str]:
    for narrower in kind.__subclasses__():
        if "TOPIC" in vars(narrower):
            yield vars(narrower)["TOPIC"]
        yield from _topics(narrower)


class TurnTakingRecorder(PostgresApplicationRecorder):
    """Appends events and receipts in one transaction, one writer at a time."""

    # One statement each, whatever the number of rows; binary, since text costs both sides three times as much.
    RECEIPTS = SQL(
        "INSERT INTO command_receipts (command_id, stream_id, stream_version, refusal, fingerprint)"
        " SELECT * FROM unnest(%b::uuid[], %b::uuid[], %b::bigint[], %s::jsonb[], %b::bytea[])"
    )
    EVENTS = SQL(
        "INSERT INTO stored_events (originator_id, originator_version, topic, state)"
        " SELECT * FROM unnest(%b::uuid[], %b::bigint[], %b::text[], %b::bytea[]) RETURNING notification_id"
    )

    def __init__(self, datastore: PostgresDatastore) -> None:
        if datastore.enable_db_functions:
            raise ValueError("database functions insert without taking turns: a reader would skip events")
        super().__init__(datastore)
        self.lock_table_statements = [
            SQL("SET LOCAL lock_timeout = {}").format(f"{LOCK_TIMEOUT_SECONDS}s"),
            SQL("SELECT pg_advisory_xact_lock({})").format(WRITERS_TURN),
        ]

    def append(
        self,
        events: Sequence[StoredEvent],
        receipts: Sequence[Receipt],
        also: Callable[[Cursor[Any]], None] | None,
    ) -> list[int]:
        """Write all or nothing; the positions given to the events, in their order."""
        with self.datastore.get_connection() as conn, conn.pipeline() as pipeline, conn.transaction():
            with conn.cursor() as curs:
                self._lock_table(curs)
                if receipts:
                    curs.execute(self.RECEIPTS, _receipt_columns(receipts))
                if also is not None:
                    also(curs)
            positions: list[int] = []
            if events:
                with conn.cursor(row_factory=tuple_row) as curs:
                    curs.execute(self.EVENTS, _event_columns(events))
                    positions = [row[0] for row in curs.fetchall()]
            pipeline.sync()
        return positions


def _event_columns(events: Sequence[StoredEvent]) -> tuple[list[Any], ...]:
    return (
        [event.originator_id for event in events],
        [event.originator_version for event in events],
        [event.topic for event in events],
        [event.state for event in events],
    )


def _receipt_columns(receipts: Sequence[Receipt]) -> tuple[list[Any], ...]:
    return (
        [receipt.command_id for receipt in receipts],
        [receipt.stream_id for receipt in receipts],
        [receipt.stream_version for receipt in receipts],
        [receipt.refusal and Jsonb(receipt.refusal) for receipt in receipts],
        [receipt.fingerprint for receipt in receipts],
    )


class EventLog:
    """One service's log. Safe to share among threads (or greenlets) of a process."""

    def __init__(self, name: str, database_url: str) -> None:
        """Open the log in the database of `database_url`; nothing is connected until it is used."""
        self.name = name
        where = conninfo_to_dict(database_url)
        self._store = PostgresDatastore(
            dbname=str(where["dbname"]),
            host=str(where["host"]),
            port=str(where.get("port", 5432)),
            user=str(where["user"]),
            password=str(where.get("password", "")),
            connect_timeout=DATABASE_CONNECT_SECONDS,
            pool_size=1,
            max_overflow=POOL_SIZE - 1,
            max_waiting=POOL_WAITING_MAX,
            pre_ping=True,
            lock_timeout=LOCK_TIMEOUT_SECONDS,
            idle_in_transaction_session_timeout=STATEMENT_TIMEOUT_SECONDS,
        )
        cast(dict[str, Any], self._store.pool.kwargs).update(
            connect_timeout=DATABASE_CONNECT_SECONDS,
            options=f"-c statement_timeout={STATEMENT_TIMEOUT_SECONDS}s",
        )
        self._recorder: TurnTakingRecorder | None = None
        self._mapper = EventMapper()
        self._kept: OrderedDict[UUID, Aggregate] = OrderedDict()

    def close(self) -> None:
        """Close the connections."""
        self._store.close()

    @property
    def recorder(self) -> TurnTakingRecorder:
        """Made at first use, when the database answers: a service starts while its database is away."""
        if self._recorder is None:
            self._recorder = TurnTakingRecorder(self._store)
        return self._recorder

    def receipts(self, command_ids: Iterable[UUID]) -> dict[UUID, Receipt]:
        """The first answers to those of these commands that were answered before."""
        rows = self.select(
            "SELECT r.command_id, r.stream_id, r.stream_version, r.refusal, coalesce(e.notification_id, 0),"
            " r.fingerprint"
            " FROM command_receipts r LEFT JOIN stored_events e"
            " ON e.originator_id = r.stream_id AND e.originator_version = r.stream_version"
            " WHERE r.command_id = ANY(%s)",
            (list(command_ids),),
        )
        return {row[0]: Receipt(*row) for row in rows}

    def load(self, stream_ids: Iterable[UUID]) -> dict[UUID, Aggregate]:
        """These aggregates as they stand; streams that do not exist are left out.

        What is kept in memory is taken out and brought up to date by the events after it, all in
        one round trip. Give it back with `keep` when its new events are committed; what is not
        given back is simply read again.
        """
        known = {id_: self._kept.pop(id_, None) for id_ in stream_ids}
        rows = self.select(
            "SELECT e.originator_id, e.originator_version, e.topic, e.state"
            " FROM unnest(%s::uuid[], %s::bigint[]) AS known(id, version)"
            " JOIN stored_events e ON e.originator_id = known.id AND e.originator_version > known.version"
            " ORDER BY e.originator_id, e.originator_version",
            (list(known), [a.version if a else 0 for a in known.values()]),
        )
        for row in rows:
            event = self._mapper.to_domain_event(StoredEvent(*row))
            known[row[0]] = event.mutate(known[row[0]])
        return {id_: aggregate for id_, aggregate in known.items() if aggregate is not None}

    def keep(self, aggregates: Iterable[Aggregate]) -> None:
        """Keep these, which have no uncommitted events, for the next `load`."""
        for aggregate in aggregates:
            self._kept[aggregate.id] = aggregate
            self._kept.move_to_end(aggregate.id)
        while len(self._kept) > AGGREGATES_KEPT_MAX:
            self._kept.popitem(last=False)

    def append(
        self,
        events: Sequence[Fact],
        receipts: Sequence[Receipt],
        also: Callable[[Cursor[Any]], None] | None = None,
    ) -> list[int]:
        """Commit events and receipts together (and what `also` writes); the events' positions.

        Raises Conflict when a stream moved on or a command has a receipt already, StoreAway when
        the database did not confirm: then the write may or may not stand.
        """
        stored = [self._mapper.to_stored_event(event) for event in events]
        return self._guarded(lambda: self.recorder.append(stored, receipts, also))

    def read(self, after: int, limit: int) -> list[Stored]:
        """Up to `limit` events after a position, in order."""
        rows = self.select(
            "SELECT notification_id, originator_id, originator_version, topic, state FROM stored_events"
            " WHERE notification_id > %s ORDER BY notification_id LIMIT %s",
            (after, limit),
        )
        return [Stored._make(row) for row in rows]

    def head(self) -> int:
        """The position of the newest event; 0 when there is none."""
        return int(self.select("SELECT coalesce(max(notification_id), 0) FROM stored_events", ())[0][0])

    def positions(self, places: Iterable[tuple[UUID, int]]) -> dict[tuple[UUID, int], int]:
        """The positions of events named by stream and version."""
        wanted = list(places)
        rows = self.select(
            "SELECT e.originator_id, e.originator_version, e.notification_id"
            " FROM unnest(%s::uuid[], %s::bigint[]) AS p(id, version)"
            " JOIN stored_events e ON e.originator_id = p.id AND e.originator_version = p.version",
            ([id_ for id_, _ in wanted], [version for _, version in wanted]),
        )
        return {(row[0], row[1]): row[2] for row in rows}

    def select(self, query: str, params: tuple[Any, ...]) -> list[TupleRow]:
        """Rows of a read-only statement in this service's database. Raises StoreAway."""

        def rows() -> list[TupleRow]:
            with (
                self._store.get_connection() as conn,
                conn.cursor(row_factory=tuple_row, binary=True) as curs,  # bytes and ids as they are
            ):
                return curs.execute(query, params, prepare=True).fetchall()

        return self._guarded(rows)

    def _guarded(self, work: Callable[[], T]) -> T:
        try:
            return work()
        except (IntegrityError, errors.UniqueViolation) as error:
            raise Conflict from error
        except (PersistenceError, errors.OperationalError, PoolTimeout, TooManyRequests) as error:
            raise StoreAway(str(error)) from error
