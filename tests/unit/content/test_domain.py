"""What a course allows: one numbered version for each edition, withdrawn at most once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.backbone.aggregate import Act
from services.content.domain import Course, Edition, Key, Part, Stop, TestRules, course_id_of
from services.contracts.rules import Rule, RuleBroken
from tests.support.examples import NOON
from tests.support.given import Given

ACT = Act(UUID(int=1), UUID(int=2), NOON, NOON)
FIRST = Edition(
    course="small",
    title={"fr": "Petit cours", "nl": "Kleine cursus"},
    languages=("fr", "nl"),
    modules=(
        Part("final", {"fr": "Test", "nl": "Test"}, 20, (Stop("how", {"fr": "Comment", "nl": "Hoe"}),), True),
    ),
    test=TestRules(2, 80, 3),
    validity_months=24,
    sittings=2,
    manifest="a" * 64,
    keys=(Key("q1", "final", ("a", "b"), ("a",), None),),
)
SECOND = replace(FIRST, manifest="b" * 64)

Decision = Callable[[Any], None]


def given(*past: Decision) -> Given:
    return Given(*past, aggregate=Course.draft("small", ACT))


def publish(edition: Edition) -> Decision:
    return lambda course: course.publish(edition, ACT)


def withdraw(number: int, reason: str = "An error in part 4") -> Decision:
    return lambda course: course.withdraw(number, reason, ACT)


PUBLISHED = (Course.VersionPublished, Course.AnswerKeyDeposited)


def test_a_course_is_named_once() -> None:
    course = Course.draft("small", ACT)
    assert course.id == course_id_of("small") != course_id_of("other")


def test_versions_count_from_one() -> None:
    published, deposited = given().when(publish(FIRST)).then(*PUBLISHED)
    assert (published.course_version, published.manifest, published.modules) == (1, "a" * 64, FIRST.modules)
    assert (deposited.course_version, deposited.questions) == (1, FIRST.keys)
    published, deposited = given(publish(FIRST)).when(publish(SECOND)).then(*PUBLISHED)
    assert published.course_version == deposited.course_version == 2


def test_publishing_the_same_edition_again_changes_nothing() -> None:
    given(publish(FIRST)).when(publish(FIRST)).then_nothing()
    given(publish(FIRST), publish(SECOND)).when(publish(FIRST)).then_nothing()


def test_another_right_answer_is_another_version_though_the_text_is_the_same() -> None:
    mended = replace(FIRST, keys=(replace(FIRST.keys[0], right=("b",)),))
    given(publish(FIRST)).when(publish(mended)).then(*PUBLISHED)


def test_an_edition_that_was_withdrawn_does_not_come_back_in_silence() -> None:
    given(publish(FIRST), withdraw(1)).when(publish(FIRST)).then_refused(Rule.VERSION_WITHDRAWN)


def test_a_version_is_withdrawn_with_a_reason() -> None:
    (withdrawn,) = given(publish(FIRST)).when(withdraw(1)).then(Course.VersionWithdrawn)
    assert (withdrawn.course_version, withdrawn.reason) == (1, "An error in part 4")


def test_withdrawing_again_is_ignored_and_the_first_reason_stays() -> None:
    past = given(publish(FIRST), withdraw(1))
    past.when(withdraw(1, "Another reason")).then_nothing()
    assert past.aggregate.published(1).withdrawn_because == "An error in part 4"


@pytest.mark.parametrize("number", [-1, 0, 2])
def test_an_unknown_version_cannot_be_withdrawn(number: int) -> None:
    given(publish(FIRST)).when(withdraw(number)).then_refused(Rule.VERSION_UNKNOWN)


def test_a_version_is_not_withdrawn_before_it_was_published() -> None:
    early = replace(ACT, occurred_at=NOON - timedelta(days=1))
    given(publish(FIRST)).when(lambda course: course.withdraw(1, "x", early)).then_refused(Rule.TIME_TOO_OLD)


def test_the_newest_version_is_the_newest_that_is_not_withdrawn() -> None:
    course = given(publish(FIRST), publish(SECOND)).aggregate
    assert course.newest().number == 2
    course.withdraw(2, "x", ACT)
    assert course.newest().number == 1
    course.withdraw(1, "x", ACT)
    with pytest.raises(RuleBroken, match="version-unknown"):
        course.newest()


def test_a_course_without_versions_has_no_newest() -> None:
    with pytest.raises(RuleBroken, match="version-unknown"):
        Course.draft("small", ACT).newest()
