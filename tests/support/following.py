"""What a follower needs, without a broker: a wire that asks a log directly, and two small projections."""

import random
from collections.abc import Callable, Sequence
from typing import Any, Final
from uuid import uuid4

from psycopg import Cursor

from services.backbone.feed import FeedSource
from services.backbone.follower import Feed
from services.backbone.log import EventLog
from services.backbone.wire import Unanswered
from services.contracts.message import FeedPage, ReadFeed, Reply
from tests.support.jars import ThingPutIn, to_contract

JARS: Final = Feed("jars", "jars", FeedPage[ThingPutIn])


class DirectWire:
    """Answers `read_feed` from a log, in pages of sizes of its own choosing."""

    def __init__(self, log: EventLog, sizes: Callable[[], int] = lambda: 5_000) -> None:
        self._source = FeedSource(log, to_contract)
        self._sizes = sizes
        self._tickets: dict[str, ReadFeed] = {}
        self.asked: list[int] = []
        self.away: set[str] = set()

    def ask(self, service: str, method: str, request: str) -> str:
        asked = ReadFeed.model_validate_json(request)
        ticket = str(uuid4()) if service not in self.away else "nobody"
        self._tickets[ticket] = asked
        self.asked.append(asked.after)
        return ticket

    def forget(self, ticket: str) -> None:
        self._tickets.pop(ticket, None)

    def answer(self, ticket: str) -> str:
        if ticket == "nobody":
            raise Unanswered("nobody serves this question at present")
        asked = self._tickets.pop(ticket)
        page = self._source.page(asked.after, min(asked.limit, self._sizes()))
        return Reply[Any](answer=page).model_dump_json()


def random_sizes(seed: int, largest: int = 7) -> Callable[[], int]:
    chance = random.Random(seed)
    return lambda: chance.randint(1, largest)


class Shelf:
    """Where each thing is, and since which position."""

    name = "shelf@1"

    def __init__(self, feeds: frozenset[str] = frozenset({"jars"})) -> None:
        self.feeds = feeds
        self.before: Callable[[], None] = lambda: None
        self.after: Callable[[], None] = lambda: None

    def apply(self, tx: Cursor[Any], feed: str, items: Sequence[Any]) -> None:
        self.before()
        for item in items:
            tx.execute(
                "INSERT INTO shelf (thing, jar, position) VALUES (%s, %s, %s)",
                (item.event.thing, item.event.jar_id, item.position),
            )
        self.after()


class Tally:
    """How many there are of each thing: applied twice, it would count twice."""

    name = "tally@1"

    def __init__(self, feeds: frozenset[str] = frozenset({"jars"})) -> None:
        self.feeds = feeds
        self.after: Callable[[], None] = lambda: None

    def apply(self, tx: Cursor[Any], feed: str, items: Sequence[Any]) -> None:
        for item in items:
            tx.execute(
                "INSERT INTO tally VALUES (%s, 1) ON CONFLICT (thing) DO UPDATE SET count = tally.count + 1",
                (item.event.thing,),
            )
        self.after()
