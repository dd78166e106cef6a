"""An event log in memory: what PostgreSQL does, without PostgreSQL. `log_suite.py` holds both to the same."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from eventsourcing.persistence import StoredEvent

from services.backbone.aggregate import Aggregate, Fact
from services.backbone.log import Conflict, EventMapper, Receipt, Stored


@dataclass
class Writes:
    """Stands where a cursor stands: remembers statements, which count when the transaction does."""

    statements: list[tuple[str, Any]] = field(default_factory=list)

    def execute(self, query: str, params: Any = ()) -> None:
        self.statements.append((query, params))


class MemoryLog:
    """One process, one thread, nothing survives."""

    def __init__(self, name: str = "memory") -> None:
        self.name = name
        self.also = Writes()
        self._mapper = EventMapper()
        self._rows: list[StoredEvent] = []
        self._receipts: dict[UUID, Receipt] = {}
        self._kept: dict[UUID, Aggregate] = {}
        self.loaded_from_memory = 0

    def receipts(self, command_ids: Iterable[UUID]) -> dict[UUID, Receipt]:
        places = self._places()
        return {
            id_: self._receipts[id_]._replace(
                position=places.get((self._receipts[id_].stream_id, self._receipts[id_].stream_version), 0)
            )
            for id_ in command_ids
            if id_ in self._receipts
        }

    def load(self, stream_ids: Iterable[UUID]) -> dict[UUID, Aggregate]:
        found: dict[UUID, Aggregate] = {}
        for id_ in stream_ids:
            aggregate: Any = self._kept.pop(id_, None)
            self.loaded_from_memory += aggregate is not None
            for row in self._rows:
                if row.originator_id == id_ and row.originator_version > (
                    aggregate.version if aggregate else 0
                ):
                    aggregate = self._mapper.to_domain_event(row).mutate(aggregate)
            if aggregate is not None:
                found[id_] = aggregate
        return found

    def keep(self, aggregates: Iterable[Aggregate]) -> None:
        self._kept |= {aggregate.id: aggregate for aggregate in aggregates}

    def append(
        self,
        events: Sequence[Fact],
        receipts: Sequence[Receipt],
        also: Callable[[Any], None] | None = None,
    ) -> list[int]:
        rows = [self._mapper.to_stored_event(event) for event in events]
        taken = {(row.originator_id, row.originator_version) for row in self._rows}
        wanted = [(row.originator_id, row.originator_version) for row in rows]
        ids = [receipt.command_id for receipt in receipts]
        if taken & set(wanted) or len(set(wanted)) < len(wanted):
            raise Conflict
        if self._receipts.keys() & set(ids) or len(set(ids)) < len(ids):
            raise Conflict
        writes = Writes()
        if also is not None:
            also(writes)
        first = len(self._rows) + 1
        self._rows += rows
        self._receipts |= {receipt.command_id: receipt for receipt in receipts}
        self.also.statements += writes.statements
        return list(range(first, first + len(rows)))

    def read(self, after: int, limit: int) -> list[Stored]:
        return [
            Stored(after + n, row.originator_id, row.originator_version, row.topic, row.state)
            for n, row in enumerate(self._rows[after : after + limit], start=1)
        ]

    def head(self) -> int:
        return len(self._rows)

    def positions(self, places: Iterable[tuple[UUID, int]]) -> dict[tuple[UUID, int], int]:
        known = self._places()
        return {place: known[place] for place in places if place in known}

    def _places(self) -> dict[tuple[UUID | None, int | None], Any]:
        return {(row.originator_id, row.originator_version): n for n, row in enumerate(self._rows, start=1)}  # type: ignore[misc]
