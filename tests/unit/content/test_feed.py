"""Every stored event survives storing, and has the public face that it should have."""

from uuid import UUID

import pytest

from services.backbone.aggregate import Fact
from services.backbone.log import EventMapper
from services.content.domain import Course
from services.content.feed import redacted, to_contract
from services.contracts import content as contracts
from services.contracts.message import FeedItem, FeedPage
from tests.support.examples import NOON
from tests.unit.content.test_domain import ACT, FIRST


def story() -> list[Fact]:
    course = Course.draft("small", ACT)
    course.publish(FIRST, ACT)
    course.withdraw(1, "An error in part 4", ACT)
    return list(course.collect_events())  # type: ignore[arg-type]


def test_what_is_stored_is_what_was_decided() -> None:
    mapper = EventMapper()
    for event in story():
        assert mapper.to_domain_event(mapper.to_stored_event(event)) == event


def test_stored_topics_stay_what_they_are() -> None:
    assert [type(event).TOPIC for event in story()] == [
        "content.Course.Drafted",
        "content.Course.VersionPublished",
        "content.Course.AnswerKeyDeposited",
        "content.Course.VersionWithdrawn",
    ]


def test_each_event_has_its_public_face() -> None:
    drafted, published, deposited, withdrawn = map(to_contract, story())
    assert drafted is None
    assert isinstance(published, contracts.CourseVersionPublished)
    assert published.modules[0].checkpoints[0].id == "how"
    assert (published.test.draw, published.manifest, published.occurred_at) == (2, "a" * 64, NOON)
    assert isinstance(deposited, contracts.AnswerKeyDeposited)
    assert deposited.questions[0].right == ("a",)
    assert isinstance(withdrawn, contracts.CourseVersionWithdrawn)
    assert withdrawn.reason == "An error in part 4"


def test_an_event_without_a_face_is_an_error() -> None:
    class Forgotten(Fact):
        pass

    with pytest.raises(ValueError, match="Forgotten has no public face yet"):
        to_contract(Forgotten(UUID(int=1), 1, NOON, NOON, UUID(int=2), UUID(int=3)))


def test_people_never_see_answer_keys() -> None:
    items = tuple(
        FeedItem(
            position=n,
            stream_id=UUID(int=1),
            stream_version=n,
            recorded_at=NOON,
            actor=UUID(int=2),
            command_id=UUID(int=3),
            digest="0" * 64,
            event=contract,
        )
        for n, contract in enumerate(map(to_contract, story()))
        if contract
    )
    page = redacted(FeedPage(feed="content", items=items, position=4, head=4))
    assert [item.event.type for item in page.items] == [item.event.type for item in items]
    assert [item.event.questions for item in page.items if item.event.type in contracts.CONFIDENTIAL] == [()]
    assert '"right"' not in page.model_dump_json()
