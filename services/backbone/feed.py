"""Offering a log as a feed: stored events, translated to contracts, in pages of JSON."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from services.backbone.aggregate import Fact
from services.backbone.limits import PAGE_EVENTS_MAX
from services.backbone.log import EventLog, Stored
from services.contracts.message import FeedItem, FeedPage

Translate = Callable[[Any], Any]
"""Stored event → its public face; None keeps it private."""


class FeedSource:
    """One service's public events in order. Reading it changes nothing."""

    def __init__(self, log: EventLog, translate: Translate) -> None:
        """Offer `log`, each event as `translate` shows it."""
        self._log = log
        self._translate = translate

    def page(self, after: int, limit: int) -> FeedPage[Any]:
        """The items after a position; at most PAGE_EVENTS_MAX events are looked at."""
        limit = min(max(limit, 1), PAGE_EVENTS_MAX)
        stored = self._log.read(after, limit)
        items = [item for event in stored if (item := self.item(event)) is not None]
        position = stored[-1].position if stored else after
        head = position if len(stored) < limit else max(position, self._log.head())
        return FeedPage[Any](feed=self._log.name, items=tuple(items), position=position, head=head)

    def item(self, stored: Stored) -> FeedItem[Any] | None:
        """One stored event as it appears in the feed; None when it is private."""
        event: Fact = stored.event
        contract = self._translate(event)
        if contract is None:
            return None
        return FeedItem[Any](
            position=stored.position,
            stream_id=event.originator_id,
            stream_version=event.originator_version,
            recorded_at=event.timestamp,
            actor=event.actor,
            command_id=event.command_id,
            digest=stored.digest,
            event=contract,
        )


def verify(log: EventLog, translate: Translate) -> int:
    """Read every stored event through upcasters and translation; how many there are.

    Raises ValueError naming the first event that cannot be read, or the first stream with a hole.
    """
    source = FeedSource(log, translate)
    versions: dict[UUID, int] = {}
    position = count = 0
    while events := log.read(position, PAGE_EVENTS_MAX):
        for stored in events:
            event = stored.event
            expected = versions.get(event.originator_id, 0) + 1
            if event.originator_version != expected:
                raise ValueError(
                    f"position {stored.position}: stream {event.originator_id} goes on at version"
                    f" {event.originator_version}, expected {expected}"
                )
            versions[event.originator_id] = expected
            if (item := source.item(stored)) is not None:
                type(item.event).model_validate_json(item.event.model_dump_json())
        position = events[-1].position
        count += len(events)
    return count
