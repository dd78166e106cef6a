"""Following feeds: live, catching up after an outage and rebuilding are the same few lines.

Rows and checkpoint commit together, and a checkpoint moves only from where it stood: a crash
repeats a page, a rival loses the race, and neither can apply an event twice.
"""

import logging
import re
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from operator import attrgetter
from typing import Any, Protocol, cast

import psycopg
from amqp.exceptions import AMQPError
from kombu.exceptions import OperationalError
from psycopg import Connection, Cursor
from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from services.backbone.limits import (
    DATABASE_CONNECT_SECONDS,
    GATHER_SECONDS,
    LOOK_SECONDS,
    PAGE_EVENTS_MAX,
)
from services.backbone.metrics import (
    FEED_HEAD,
    FOLLOWER_LAG_EVENTS,
    FOLLOWER_LAG_SECONDS,
    FOLLOWER_POSITION,
    WORKER_HEARTBEAT,
    WORKER_LEADER,
)
from services.backbone.wire import Unanswered, Wire
from services.contracts.message import ReadFeed, Reply, upcast

_log = logging.getLogger(__name__)
Stop = Callable[[], bool]


class LostRace(Exception):
    """Somebody else moved this checkpoint: give up the page, look again."""


_PLACE = re.compile(r'"position":(\d+),"head":(\d+),"items":')
_PLACE_WITHIN = 200
"""A page says where it ends before it says anything else; one that does not is parsed first."""

INTERRUPTIONS = (psycopg.Error, AMQPError, OperationalError, OSError, LostRace, Unanswered)
"""What may interrupt a follower on a bad day; it begins again from its checkpoints."""


class Page(Protocol):
    """What every feed page has: items with positions, and how far the reader has now come."""

    @property
    def items(self) -> Sequence[Any]:
        """Events with their positions, in order."""
        ...

    @property
    def position(self) -> int:
        """How far the reader has now come."""
        ...

    @property
    def head(self) -> int:
        """The newest position of the feed."""
        ...


class Feed:
    """A feed as its followers see it: which service answers, by which method, in pages of which shape."""

    def __init__(self, name: str, service: str, page: type[Any], method: str = "read_feed") -> None:
        """Name a feed."""
        self.name = name
        self.service = service
        self.method = method
        self._reply: TypeAdapter[Reply[Any]] = TypeAdapter(Reply[page])  # type: ignore[valid-type]

    def ask(self, wire: Wire, after: int, limit: int = PAGE_EVENTS_MAX) -> str:
        """Ask for the page after a position; the ticket."""
        return wire.ask(self.service, self.method, ReadFeed(after=after, limit=limit).model_dump_json())

    def take(self, wire: Wire, ticket: str) -> tuple[Page, str | None]:
        """The page that was asked for, and the ticket of the one after it; None at the head.

        The next page is asked for before this one is parsed, so that both sides work at the same time.
        Raises Unanswered, also when a page is not of the shape that it should have.
        """
        raw = wire.answer(ticket)
        place = _PLACE.search(raw, 0, _PLACE_WITHIN)
        position, head = map(int, place.groups()) if place else (0, 0)
        coming = self.ask(wire, position) if position < head else None
        try:
            page = self.parse(raw)
        except ValidationError as error:
            if coming is not None:
                wire.forget(coming)
            fault = error.errors(include_input=False, include_url=False)[0]
            raise Unanswered(f"unreadable: {fault['type']} at {fault['loc']}") from None
        if place is None and page.position < page.head:
            coming = self.ask(wire, page.position)
        return page, coming

    def parse(self, raw: str) -> Page:
        """A page from the wire, its events in their newest version."""
        try:
            reply = self._reply.validate_json(raw)
        except ValidationError:  # an older release wrote it: bring its events up to date, then look again
            reply = self._reply.validate_python(_upcast(from_json(raw)))
        if reply.problem:
            raise Unanswered(reply.problem.rule)
        page: Page = cast(Page, reply.answer)
        return page


def _upcast(reply: dict[str, Any]) -> dict[str, Any]:
    for item in (reply.get("answer") or {}).get("items", ()):
        if "event" in item:
            item["event"] = upcast(item["event"])
    return reply


class Projection(Protocol):
    """Code that turns feeds into tables. Its name ends in its version and never changes."""

    name: str
    feeds: frozenset[str]

    def apply(self, tx: Cursor[Any], feed: str, items: Sequence[Any]) -> None:
        """Write what these items mean, in order. No clock, no RPC, no other read model, no chance."""
        ...


def checkpoint(tx: Cursor[Any], projection: str, feed: str) -> int:
    """The position this projection has durably reached; 0 before the first."""
    row = tx.execute(
        "SELECT position FROM follower_checkpoint WHERE follower = %s AND feed = %s", (projection, feed)
    ).fetchone()
    return int(row[0]) if row else 0


def checkpoints(tx: Cursor[Any], projections: Iterable[str], feed: str) -> dict[str, int]:
    """The positions that these projections have durably reached, in one look."""
    names = list(projections)
    rows = tx.execute(
        "SELECT follower, position FROM follower_checkpoint WHERE follower = ANY(%s) AND feed = %s",
        (names, feed),
    ).fetchall()
    return dict.fromkeys(names, 0) | {row[0]: int(row[1]) for row in rows}


def advance(tx: Cursor[Any], projection: str, feed: str, *, expected: int, to: int) -> None:
    """Move a checkpoint, only from `expected`. Raises LostRace."""
    if expected == 0:
        tx.execute(
            "INSERT INTO follower_checkpoint VALUES (%s, %s, 0) ON CONFLICT DO NOTHING", (projection, feed)
        )
    moved = tx.execute(
        "UPDATE follower_checkpoint SET position = %s WHERE follower = %s AND feed = %s AND position = %s",
        (to, projection, feed, expected),
    ).rowcount
    if moved != 1:
        raise LostRace(f"{projection} is no longer at {expected} of {feed}")


def _sees_all(projection: Projection) -> bool:
    """Whether a projection also wants to be told of private events: that they are there (see `Unseen`)."""
    return getattr(projection, "sees_all", False)


def _with_unseen(items: Sequence[Any], page: Page, to: int) -> Sequence[Any]:
    """The items with the private events between them; a directory has none."""
    unseen = [item for item in getattr(page, "unseen", ()) if item.position <= to]
    return sorted([*items, *unseen], key=attrgetter("position")) if unseen else items


def apply_page(
    database: Connection[Any], projections: Sequence[Projection], feed: str, after: int, page: Page
) -> int:
    """Apply a page to those projections that stand at `after`; how far they came, in one transaction.

    A page that reaches beyond where another projection stands is cut there, so that they meet.
    """
    with database.transaction(), database.cursor() as tx:
        places = checkpoints(tx, (p.name for p in projections), feed)
        ahead = [place for place in places.values() if after < place < page.position]
        to = min(ahead, default=page.position)
        items = page.items if to == page.position else [i for i in page.items if i.position <= to]
        for projection in projections:
            if places[projection.name] == after:
                advance(tx, projection.name, feed, expected=after, to=to)
                projection.apply(tx, feed, _with_unseen(items, page, to) if _sees_all(projection) else items)
    return to


class Follower:
    """Keeps projections up to date with feeds. One leads, by an advisory lock; others wait in reserve."""

    def __init__(
        self,
        name: str,
        database_url: str,
        amqp_uri: str,
        feeds: Mapping[str, Feed],
        projections: Sequence[Projection],
        *,
        on_lead: Callable[[Connection[Any]], None] | None = None,
        on_round: Callable[[Connection[Any], Wire], None] | None = None,
        turn: AbstractContextManager[Any] | None = None,
    ) -> None:
        """Follow `feeds` for `projections`.

        `on_lead` runs once this process leads, before anything is read; `on_round` after every round.
        `turn` is held while a page is applied, so that whoever holds it instead sees the follower at rest.
        """
        self.name = name
        self._database_url = database_url
        self._amqp_uri = amqp_uri
        self._feeds = feeds
        self._projections = projections
        self._on_lead = on_lead
        self._on_round = on_round
        self._turn = turn or nullcontext()
        self.heads: dict[str, int] = {}  # of the feeds that answered in the last round

    def run(self, stop: Stop) -> None:
        """Follow until told to stop; database or broker may come and go."""
        while not stop():
            try:
                with psycopg.connect(
                    self._database_url, autocommit=True, connect_timeout=DATABASE_CONNECT_SECONDS
                ) as database:
                    # Rows and checkpoint are lost together or not at all, and are read again: no need to
                    # wait for the disk at every page.
                    database.execute("SET synchronous_commit TO off")
                    if not self._leads(database, stop):
                        continue
                    if self._on_lead:
                        self._on_lead(database)
                    with Wire(self._amqp_uri, self.name, bells=list(self._feeds)) as wire:
                        self._follow(database, wire, stop)
            except INTERRUPTIONS as error:
                _log.warning("follower_interrupted", extra={"follower": self.name, "error": repr(error)})
                time.sleep(0.5)

    def _leads(self, database: Connection[Any], stop: Stop) -> bool:
        """Wait until this process leads. The lock goes with the connection, so a dead leader lets go."""
        while not stop():
            row = database.execute("SELECT pg_try_advisory_lock(hashtext(%s))", (self.name,)).fetchone()
            leads = bool(row and row[0])
            WORKER_LEADER.labels(self.name).set(leads)
            if leads:
                return True
            WORKER_HEARTBEAT.labels(self.name).set_to_current_time()
            time.sleep(1.0)
        return False

    def _follow(self, database: Connection[Any], wire: Wire, stop: Stop) -> None:
        rung, next_look = set[str](), 0.0
        while not stop():
            if time.monotonic() >= next_look:
                rung, next_look = set(self._feeds), time.monotonic() + LOOK_SECONDS
            try:
                self.catch_up(database, wire, stop, only=rung)
            finally:  # also when a page cannot be applied: that is when heads are worth telling
                if self._on_round and not database.closed:
                    self._on_round(database, wire)
            WORKER_HEARTBEAT.labels(self.name).set_to_current_time()
            rung = self._rung(wire.listen(max(next_look - time.monotonic(), 0.0), GATHER_SECONDS))

    def _rung(self, bells: Collection[str]) -> set[str]:
        """The feeds that a bell may be about: all of the service that rang (a directory has no bell of its own)."""
        return {name for name, feed in self._feeds.items() if feed.service in bells or name in bells}

    def catch_up(
        self,
        database: Connection[Any],
        wire: Wire,
        stop: Stop = lambda: False,
        *,
        only: Collection[str] | None = None,
    ) -> None:
        """Come to the head of every feed, taking turns page by page; the next page is asked for early."""
        feeds = list(self._feeds) if only is None else [name for name in self._feeds if name in only]
        self.heads.clear()
        places = {name: self._place(database, name) for name in feeds}
        tickets = {name: self._feeds[name].ask(wire, places[name]) for name in feeds}
        while tickets and not stop():
            for name in list(tickets):
                try:
                    page, coming = self._feeds[name].take(wire, tickets.pop(name))
                except Unanswered as error:
                    _log.warning("feed_unanswered", extra={"feed": name, "error": str(error)})
                    continue  # one service is away: the others' feeds go on, this one at the next look
                self.heads[name] = page.head
                if coming is not None:
                    tickets[name] = coming
                if page.position > places[name]:
                    followers = [p for p in self._projections if name in p.feeds]
                    with self._turn:
                        reached = apply_page(database, followers, name, places[name], page)
                    if reached < page.position:  # cut: ask again from where all now stand
                        if coming is not None:
                            wire.forget(coming)
                        tickets[name] = self._feeds[name].ask(wire, reached)
                    places[name] = reached
                self._measure(name, places[name], page)

    def _place(self, database: Connection[Any], feed: str) -> int:
        with database.cursor() as tx:
            return min(checkpoints(tx, (p.name for p in self._projections if feed in p.feeds), feed).values())

    def _measure(self, feed: str, position: int, page: Page) -> None:
        FEED_HEAD.labels(feed).set(page.head)
        FOLLOWER_POSITION.labels(self.name, feed).set(position)
        FOLLOWER_LAG_EVENTS.labels(self.name, feed).set(max(page.head - position, 0))
        if page.items and (recorded := getattr(page.items[-1], "recorded_at", None)):
            FOLLOWER_LAG_SECONDS.labels(self.name, feed).set(max(time.time() - recorded.timestamp(), 0.0))
