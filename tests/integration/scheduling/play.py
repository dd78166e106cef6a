"""A policy at work: pages of the feeds, then what follows, until nothing does."""

from typing import Any

import psycopg

from services.backbone.clock import Clock
from services.backbone.follower import apply_page, checkpoint
from services.contracts.message import FeedItem, FeedPage
from services.contracts.scheduling import SchedulingPage
from services.scheduling.application import Application
from services.scheduling.policies import Policy, Timekeeper

ROUNDS_MAX = 40


class Play:
    """One policy on one database, by the test's clock."""

    def __init__(
        self, application: Application, connection: psycopg.Connection[Any], policy: Policy, clock: Clock
    ) -> None:
        self.application = application
        self.connection = connection
        self.policy = policy
        self.clock = clock

    def hear(self, feed: str, *events: Any) -> None:
        """A page of another service's feed."""
        with self.connection.cursor() as tx:
            after = checkpoint(tx, self.policy.name, feed)
        items = tuple(
            FeedItem[Any].model_construct(position=after + n, event=event)
            for n, event in enumerate(events, start=1)
        )
        end = after + len(items)
        page = FeedPage[Any].model_construct(feed=feed, items=items, position=end, head=end)
        apply_page(self.connection, [self.policy], feed, after, page)

    def follow(self) -> None:
        """What our own log says, as a follower reads it."""
        while True:
            with self.connection.cursor() as tx:
                after = checkpoint(tx, self.policy.name, "scheduling")
            page = self.application.source.page(after, 1_000)
            if page.position == after:
                return
            read = SchedulingPage.model_validate_json(page.model_dump_json())
            apply_page(self.connection, [self.policy], "scheduling", after, read)

    def act(self) -> int:
        """One round; how many commands were sent."""
        keeper = Timekeeper(self.application.desk, [self.policy], self.clock)
        before = self.application.log.head()
        keeper.act(self.connection)
        return self.application.log.head() - before

    def goes_on(self) -> None:
        """Rounds are played until nothing follows any more."""
        for _ in range(ROUNDS_MAX):
            self.follow()
            if self.act() == 0:
                return
        raise AssertionError("it never comes to rest")
