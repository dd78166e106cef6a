"""Offering a log as a feed: stored events, as their contracts name things, in pages of JSON.

What is stored was validated when it was decided, and whoever reads a page validates it against the
contract; in between it is passed on as it is. So an event costs the service that offers it little.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from services.backbone.aggregate import Fact
from services.backbone.limits import PAGE_EVENTS_MAX
from services.backbone.log import EventLog, EventMapper, Stored
from services.contracts.message import Event, Message

Body = dict[str, Any]
"""An event as it is in JSON."""


def _as_it_is(body: Body) -> Body:
    return body


class Face(NamedTuple):
    """How a kind of stored event is shown: the fields that its contract names, and no other.

    `stream` is the contract's name for the id of the event's stream; `retold` changes what is shown
    where names are not enough.
    """

    contract: type[Event]
    stream: str | None = None
    retold: Callable[[Body], Body] = _as_it_is


class Faces:
    """The public face of everything that a service stores; None keeps a kind of event private."""

    def __init__(self, faces: Mapping[type[Fact], Face | None]) -> None:
        """Every kind of event has its row: what was forgotten is an error when it is met."""
        self._of = {kind.TOPIC: face and _Shown(face) for kind, face in faces.items()}  # type: ignore[attr-defined]
        self._mapper = EventMapper()

    def item(self, stored: Stored) -> Body | None:
        """A stored event as it appears in the feed; None when it is private. Raises ValueError."""
        shown = self._face(stored.topic)
        if shown is None:
            return None
        body = stored.body
        return {
            "position": stored.position,
            "stream_id": stored.stream_id,
            "stream_version": stored.stream_version,
            "recorded_at": body["timestamp"],
            "actor": body["actor"],
            "command_id": body["command_id"],
            "topic": stored.topic,
            "digest": stored.digest,
            "event": shown.event(stored.stream_id, body),
        }

    @staticmethod
    def unseen(stored: Stored) -> Body:
        """A private event as it appears in the feed: that it is there."""
        return {
            "position": stored.position,
            "stream_id": stored.stream_id,
            "stream_version": stored.stream_version,
            "topic": stored.topic,
            "digest": stored.digest,
        }

    def __call__(self, event: Fact) -> Event | None:
        """The contract of an event, by way of what is stored of it. Raises ValueError."""
        kind = type(event)
        shown = self._face(getattr(kind, "TOPIC", kind.__qualname__))
        if shown is None:
            return None
        state = self._mapper.to_stored_event(event).state
        stored = Stored(0, event.originator_id, event.originator_version, kind.TOPIC, state)  # type: ignore[attr-defined]
        return shown.contract.model_validate(shown.event(stored.stream_id, stored.body))

    def check(self, stored: Stored) -> None:
        """Read a stored event as its own service does, and as the readers of its feed do. Raises ValueError."""
        _ = stored.event
        if (shown := self._face(stored.topic)) is not None:
            shown.contract.model_validate(shown.event(stored.stream_id, stored.body))

    def _face(self, topic: str) -> "_Shown | None":
        try:
            return self._of[topic]
        except KeyError:
            raise ValueError(f"{topic} has no public face") from None


class _Shown:
    """A face, made ready: which fields are taken from what is stored."""

    def __init__(self, face: Face) -> None:
        fields = face.contract.model_fields
        self.contract, self._stream, self._retold = face
        self._head = {tag: fields[tag].default for tag in ("type", "version")}
        self._names = tuple(name for name in fields if name not in (*self._head, self._stream))

    def event(self, stream_id: UUID, body: Body) -> Body:
        event = self._head | {name: body[name] for name in self._names if name in body}
        if self._stream is not None:
            event[self._stream] = stream_id
        return self._retold(event)


class Page(Message):
    """A page as its service writes it: `contracts.message.FeedPage`, its items to be validated by the reader."""

    feed: str
    position: int
    head: int
    items: tuple[Body, ...]
    unseen: tuple[Body, ...] = ()


class FeedSource:
    """One service's public events in order. Reading it changes nothing."""

    def __init__(self, log: EventLog, faces: Faces) -> None:
        """Offer `log`, each event by its public face."""
        self._log = log
        self._faces = faces

    def page(self, after: int, limit: int) -> Page:
        """The items after a position; at most PAGE_EVENTS_MAX events are looked at."""
        limit = min(max(limit, 1), PAGE_EVENTS_MAX)
        stored = self._log.read(after, limit)
        items: list[Body] = []
        unseen: list[Body] = []
        for event in stored:
            item = self._faces.item(event)
            if item is None:
                unseen.append(self._faces.unseen(event))
            else:
                items.append(item)
        position = stored[-1].position if stored else after
        head = position if len(stored) < limit else max(position, self._log.head())
        return Page.model_construct(
            feed=self._log.name, position=position, head=head, items=tuple(items), unseen=tuple(unseen)
        )


def verify(log: EventLog, faces: Faces) -> int:
    """Read every stored event through upcasters and its public face; how many there are.

    Raises ValueError naming the first event that cannot be read, or the first stream with a hole.
    """
    versions: dict[UUID, int] = {}
    position = count = 0
    while events := log.read(position, PAGE_EVENTS_MAX):
        for stored in events:
            expected = versions.get(stored.stream_id, 0) + 1
            if stored.stream_version != expected:
                raise ValueError(
                    f"position {stored.position}: stream {stored.stream_id} goes on at version"
                    f" {stored.stream_version}, expected {expected}"
                )
            versions[stored.stream_id] = expected
            faces.check(stored)
        position = events[-1].position
        count += len(events)
    return count
