"""What all aggregates and their events have in common: who did it, on whose command, and two times."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from eventsourcing.domain import AggregateCreated, AggregateEvent, BaseAggregate


@dataclass(frozen=True, slots=True)
class Act:
    """One command being carried out: by whom, when it took effect, when we write it down.

    `occurred_at` is never later than `recorded_at`: a PC whose clock is ahead does not act in
    the future.
    """

    actor: UUID
    command_id: UUID
    occurred_at: datetime
    recorded_at: datetime


class Fact(AggregateEvent):
    """A stored event. `timestamp` (the library's name) is when it was recorded."""

    occurred_at: datetime
    actor: UUID
    command_id: UUID


class Beginning(Fact, AggregateCreated):
    """The first event of a stream."""


class Aggregate(BaseAggregate[UUID]):
    """The boundary that accepts or refuses commands. Decide first, then record: a refusal leaves no trace."""

    class Event(Fact):
        """The library asks for a base class of this name."""

    @classmethod
    def begin(cls, event: type[Beginning], id: UUID, act: Act, **body: Any) -> Self:
        """A new aggregate from its first event."""
        return cls._create(event, id=id, **_told(act), **body)

    def record(self, event: type[Fact], act: Act, **body: Any) -> None:
        """Remember that `event` happened, and apply it."""
        self.trigger_event(event, **_told(act), **body)


def _told(act: Act) -> dict[str, Any]:
    return {
        "timestamp": act.recorded_at,
        "occurred_at": act.occurred_at,
        "actor": act.actor,
        "command_id": act.command_id,
    }
