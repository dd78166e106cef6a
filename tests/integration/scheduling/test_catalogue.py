"""What scheduling knows of courses: from content's feed, once, however often it is told."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from services.backbone.follower import apply_page
from services.contracts.content import ContentPage, CourseVersionWithdrawn
from services.contracts.message import FeedItem
from services.scheduling import store
from services.scheduling.catalogue import FEEDS, Catalogue
from tests.integration.conftest import Database
from tests.support.examples import ANSWER_KEYS, NOON, PUBLISHED

SECOND = PUBLISHED.model_copy(update={"course_version": 2})


@pytest.fixture(scope="module")
def connection(databases: dict[str, Database]) -> Iterator[psycopg.Connection[Any]]:
    database = databases["scheduling"].migrated("services/scheduling/migrations")
    with psycopg.connect(database.url, autocommit=True) as connection:
        yield connection


def page(*events: Any, after: int = 0) -> ContentPage:
    items = tuple(
        FeedItem[Any].model_construct(position=after + number, event=event)
        for number, event in enumerate(events, start=1)
    )
    end = after + len(items)
    return ContentPage.model_construct(feed="content", items=items, position=end, head=end)


def withdrawn(version: int) -> CourseVersionWithdrawn:
    return CourseVersionWithdrawn(
        course=PUBLISHED.course, course_version=version, reason="Replaced.", occurred_at=NOON
    )


def test_a_course_is_in_use_until_its_last_version_is_withdrawn(connection: psycopg.Connection[Any]) -> None:
    known: list[dict[str, bool]] = []

    def hear(after: int, *events: Any) -> None:
        apply_page(connection, [Catalogue()], "content", after, page(*events, after=after))
        select = lambda query, params: connection.execute(query, params).fetchall()  # noqa: E731
        known.append(store.courses(select, [PUBLISHED.course, "another"]))

    hear(0)
    hear(0, PUBLISHED, ANSWER_KEYS, SECOND)
    hear(3, withdrawn(1))
    hear(4, withdrawn(2))
    course = PUBLISHED.course
    assert known == [{}, {course: True}, {course: True}, {course: False}]


def test_the_feeds_it_follows_can_be_followed() -> None:
    assert set(FEEDS) >= Catalogue.feeds
