"""Writes made-up history straight into a log's table: through the domain's events and the log's mapper, by COPY.

Takes turns with the log's writers, so that followers may look on.
"""

from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Any

import psycopg

from services.backbone.aggregate import Fact
from services.backbone.log import WRITERS_TURN, EventMapper

TURN = "SELECT pg_advisory_xact_lock(%s)"
EVENTS = (
    "COPY stored_events (originator_id, originator_version, topic, state) FROM STDIN (FORMAT BINARY)",
    ("uuid", "int8", "text", "bytea"),
)


class LogWriter:
    """One connection to the database of a service. Use as a context manager."""

    def __init__(self, database_url: str) -> None:
        """Append to the log in this database."""
        self._connection = psycopg.connect(database_url, autocommit=True)
        self._to_stored = EventMapper().to_stored_event
        self.events = 0

    def __enter__(self) -> "LogWriter":
        """Ready."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go."""
        self._connection.close()

    def append(
        self, events: Sequence[Fact], *tables: tuple[str, Sequence[str], Iterable[Sequence[Any]]]
    ) -> None:
        """Commit these events, and rows of other tables with them (statement, types, rows)."""
        rows = [
            (e.originator_id, e.originator_version, e.topic, e.state) for e in map(self._to_stored, events)
        ]
        with self._connection.transaction(), self._connection.cursor() as cursor:
            cursor.execute(TURN, (WRITERS_TURN,))
            for statement, types, table in ((*EVENTS, rows), *tables):
                with cursor.copy(statement) as copy:
                    copy.set_types(types)
                    for row in table:
                        copy.write_row(row)
        self.events += len(events)

    def next_revisions(self, sequence: str, count: int) -> list[int]:
        """Numbers from a sequence of this service."""
        drawn = self._connection.execute(
            "SELECT nextval(%s::regclass) FROM generate_series(1, %s)", (sequence, count)
        )
        return [row[0] for row in drawn]
