"""A migrated reporting database, a follower without a broker to which pages are handed, and whoever answers."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from random import Random

import psycopg
import pytest

from services.backbone.follower import apply_page, checkpoint
from services.reporting import places
from services.reporting.application import Application
from services.reporting.models import READ_MODELS
from tests.integration.conftest import Database
from tests.integration.reporting.asking import NOW
from tests.integration.reporting.world import World


class Live:
    """The live read models: made new, filled by pages."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.database = self.connect()
        for table in ("rebuild_job", "feed_head", "read_model_place", "follower_checkpoint"):
            self.database.execute(f"DELETE FROM {table}")
        places.prepare(self.database, READ_MODELS)

    def connect(self) -> psycopg.Connection:
        return psycopg.connect(self.url, autocommit=True)

    def place(self, feed: str) -> int:
        followers = [model for model in READ_MODELS if feed in model.feeds]
        with self.database.cursor() as tx:
            return min(checkpoint(tx, model.name, feed) for model in followers)

    def follow(self, world: World, feed: str, limit: int) -> bool:
        """Apply the next page of a feed; whether there was one."""
        after = self.place(feed)
        page = world.page(feed, after, limit)
        if page.position <= after:
            return False
        apply_page(self.database, [m for m in READ_MODELS if feed in m.feeds], feed, after, page)
        return True

    def catch_up(self, world: World, chance: Random | None = None) -> None:
        """Come to the head of all feeds, in any order, by pages of any size."""
        chance = chance or Random(1)
        waiting = set(world.feeds)
        while waiting:
            feed = chance.choice(sorted(waiting))
            if not self.follow(world, feed, chance.choice([1, 2, 7, 40])):
                waiting.discard(feed)


@pytest.fixture(scope="module")
def database(databases: dict[str, Database]) -> Database:
    return databases["reporting"].migrated("services/reporting/migrations")


@pytest.fixture
def live(database: Database) -> Iterator[Live]:
    live = Live(database.url)
    yield live
    live.database.close()


@pytest.fixture(scope="module")
def public_key(environment: dict[str, str]) -> Path:
    return Path(environment["PARCOURS_ACTOR_PUBLIC_KEY"])


@pytest.fixture
def now() -> datetime:
    """When questions are asked; a module may say otherwise."""
    return NOW


@pytest.fixture
def application(database: Database, public_key: Path, now: datetime) -> Iterator[Application]:
    application = Application(database.url, public_key, clock=lambda: now)
    yield application
    application.close()
