"""One person's history, event by event, as an auditor reads it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from services.contracts.message import Message, Slug
from services.contracts.reporting.moments import Positions, TwoTimes


class AskHistory(TwoTimes):
    """One person's history, event by event."""

    person_id: UUID


class HistoryLine(Message):
    """One event of a person's history, with everything that an auditor asks of it."""

    feed: Slug
    position: int
    stream_id: UUID
    stream_version: int
    occurred_at: datetime
    recorded_at: datetime
    actor: UUID
    command_id: UUID
    digest: str
    type: str
    event: dict[str, Any]


class History(Message):
    """All events about one person, in the order in which they happened."""

    person_id: UUID
    lines: tuple[HistoryLine, ...]
    as_of: datetime
    known_at: datetime
    positions: Positions
