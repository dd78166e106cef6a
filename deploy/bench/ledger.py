"""What a client sent and what it was answered, written down before and after; and compared with the log.

One line for each thing that happened, handed to the operating system at once: whatever is killed
later, what stands here is known.

    sent SECONDS COMMAND TYPE
    answered SECONDS COMMAND OUTCOME POSITION
    failed SECONDS COMMAND REASON
"""

import os
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import psycopg

# Each of our commands makes one event; taking over a session ends another one as well.
IN_THE_LOG = """
SELECT (convert_from(state, 'UTF8')::json->>'command_id')::uuid, count(*)
FROM stored_events WHERE notification_id > %s AND topic NOT LIKE '%%SessionAbandoned' GROUP BY 1
"""


class Ledger:
    """Writes; one for each process that sends."""

    def __init__(self, file: Path) -> None:
        """Append to a file."""
        self._file = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def sent(self, command_id: UUID, type_: str) -> None:
        """Before a command is sent, each time."""
        self._write(f"sent {time.monotonic():.6f} {command_id} {type_}\n")

    def answered(self, command_id: UUID, outcome: str, position: int) -> None:
        """After its answer."""
        self._write(f"answered {time.monotonic():.6f} {command_id} {outcome} {position}\n")

    def failed(self, command_id: UUID, reason: str) -> None:
        """There was no answer, or none that says what became of it: it will be sent again."""
        self._write(f"failed {time.monotonic():.6f} {command_id} {reason}\n")

    def close(self) -> None:
        """Nothing more comes."""
        os.close(self._file)

    def _write(self, line: str) -> None:
        os.write(self._file, line.encode())


@dataclass(slots=True)
class Entry:
    """What is known of one command."""

    type: str
    sent_at: float
    answered_at: float | None = None
    outcome: str | None = None
    position: int = 0
    failures: int = 0

    @property
    def acknowledged(self) -> bool:
        """The client was told that its effect stands."""
        return self.outcome in ("accepted", "duplicate")


def read(file: Path) -> dict[UUID, Entry]:
    """All commands of a ledger; a last line that was cut off is passed over."""
    entries: dict[UUID, Entry] = {}
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            if line.endswith("\n"):
                _enter(entries, *line.split(" ", 3))
    return entries


def _enter(entries: dict[UUID, Entry], kind: str, seconds: str, command: str, rest: str) -> None:
    id_, at = UUID(command), float(seconds)
    if kind == "sent":
        entries.setdefault(id_, Entry(rest.strip(), at))
    elif kind == "failed":
        entries[id_].failures += 1
    else:
        entry = entries[id_]
        entry.answered_at = at
        entry.outcome, position = rest.split()
        entry.position = int(position)


def events_by_command(database_url: str, after: int = 0) -> Counter[UUID]:
    """How many events each command made, straight from the table, after a position."""
    with psycopg.connect(database_url) as connection:
        return Counter(dict(connection.execute(IN_THE_LOG, (after,)).fetchall()))


def head(database_url: str) -> int:
    """The newest position of the log."""
    with psycopg.connect(database_url) as connection:
        row = connection.execute("SELECT coalesce(max(notification_id), 0) FROM stored_events").fetchone()
    assert row is not None
    return int(row[0])


@dataclass(frozen=True, slots=True)
class Count:
    """What the comparison of a ledger with the log found; the last three must be empty."""

    acknowledged: int
    refused: int
    unanswered: int
    lost: tuple[UUID, ...] = ()
    duplicated: tuple[UUID, ...] = ()
    unexpected: tuple[UUID, ...] = ()
    by_type: Mapping[str, int] = field(default_factory=dict)

    @property
    def clean(self) -> bool:
        """Nothing is lost, doubled or of nobody."""
        return not (self.lost or self.duplicated or self.unexpected)


def compare(entries: Mapping[UUID, Entry], logged: Mapping[UUID, int], events_each: int = 1) -> Count:
    """Count what stands in the log against what clients were told.

    Lost: acknowledged, and not whole in the log. Duplicated: more events than one command makes.
    Unexpected: in the log, though nobody sent it or its sender was told that it was refused. A
    command that was never answered may stand in the log or not.
    """
    acknowledged = {id_ for id_, entry in entries.items() if entry.acknowledged}
    refused = {id_ for id_, entry in entries.items() if entry.outcome == "refused"}
    return Count(
        acknowledged=len(acknowledged),
        refused=len(refused),
        unanswered=len(entries) - len(acknowledged) - len(refused),
        lost=_sorted(id_ for id_ in acknowledged if logged.get(id_, 0) < events_each),
        duplicated=_sorted(id_ for id_, count in logged.items() if count > events_each),
        unexpected=_sorted(id_ for id_ in logged if id_ not in entries or id_ in refused),
        by_type=Counter(entries[id_].type for id_ in acknowledged),
    )


def _sorted(ids: Iterable[UUID]) -> tuple[UUID, ...]:
    return tuple(sorted(ids))
