"""Every stored event survives storing, and has the public face that it should have."""

from uuid import UUID

import pytest

from services.backbone.aggregate import Fact
from services.backbone.feed import Page
from services.backbone.log import EventMapper, Stored
from services.content.domain import Course
from services.content.feed import redacted, to_contract
from services.contracts import content as contracts
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

    with pytest.raises(ValueError, match="Forgotten has no public face"):
        to_contract(Forgotten(UUID(int=1), 1, NOON, NOON, UUID(int=2), UUID(int=3)))


def test_people_never_see_answer_keys() -> None:
    kept = map(EventMapper().to_stored_event, story())
    stored = [
        Stored(n, k.originator_id, k.originator_version, k.topic, k.state) for n, k in enumerate(kept, 1)
    ]
    items = tuple(item for each in stored if (item := to_contract.item(each)))
    page = redacted(Page(feed="content", items=items, position=4, head=4))
    assert [item["event"]["type"] for item in page.items] == [item["event"]["type"] for item in items]
    confidential = [item for item in page.items if item["event"]["type"] in contracts.CONFIDENTIAL]
    assert [item["event"]["questions"] for item in confidential] == [[]]
    assert '"right"' not in page.model_dump_json()
    assert '"right"' in Page(feed="content", items=items, position=4, head=4).model_dump_json()
