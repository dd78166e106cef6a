"""Results by question: exact, whatever the pages; told to nobody before there are enough answers."""

from collections import Counter
from random import Random
from uuid import UUID

import pytest

from services.contracts.progress import QuizFailed, QuizGraded
from services.contracts.reporting.results import ANSWERS_SHOWN_MIN, AskQuestionResults, QuestionResult
from services.contracts.rules import Rule, RuleBroken
from services.reporting.application import Application
from tests.integration.conftest import Database
from tests.integration.reporting.asking import COURSE
from tests.integration.reporting.conftest import Live
from tests.integration.reporting.world import World

VERSION_1 = AskQuestionResults(course=COURSE, course_version=1)


def fail(
    world: World, person: UUID, answers: dict[str, tuple[str, ...]], *wrong: str, attempt: int = 1
) -> None:
    graded = {"attempt": attempt, "right": 0, "asked": 2, "attempts_left": 1, "language": "nl"}
    world.step(person, COURSE, QuizFailed, answers=answers, wrong=wrong, **graded)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_rows_are_what_one_counts_by_hand(live: Live, database: Database, seed: int) -> None:
    world = World(Random(seed))
    world.live_on(150)
    live.catch_up(world, Random(seed))
    asked: Counter[tuple[str, str, str]] = Counter()
    wrong: Counter[tuple[str, str, str]] = Counter()
    for item in world.feeds["progress"]:
        if isinstance(item.event, QuizGraded) and item.event.attempt == 1:
            for question in {*item.event.answers, *item.event.wrong}:
                place = (item.event.course, question, item.event.language)
                asked[place] += 1
                wrong[place] += question in item.event.wrong
    rows = live.database.execute("SELECT course, question, language, asked, wrong FROM question_result")
    assert {tuple(row[:3]): tuple(row[3:]) for row in rows} == {p: (asked[p], wrong[p]) for p in asked}
    assert asked, "the world must hold attempts"


def test_figures_are_told_from_the_first_answers_of_five_people_on(
    live: Live, application: Application
) -> None:
    world = World(Random(3))
    for person in world.people[: ANSWERS_SHOWN_MIN - 1]:
        fail(world, person, {"q01": ("b",)}, "q02")
        fail(world, person, {"q01": ("b",)}, "q02", attempt=2)
    live.catch_up(world)
    hidden = [
        QuestionResult(question=question, language="nl", asked=None, wrong=None)
        for question in ("q01", "q02")
    ]
    assert [*application.question_results(VERSION_1).results] == hidden
    fail(world, world.people[-1], {"q02": ("b",)})
    live.catch_up(world)
    assert [*application.question_results(VERSION_1).results] == [
        hidden[0],
        QuestionResult(question="q02", language="nl", asked=5, wrong=4),
    ]


def test_a_version_that_nobody_published_has_no_results(live: Live, application: Application) -> None:
    world = World(Random(4))
    live.catch_up(world)
    assert application.question_results(VERSION_1).results == ()
    for course, version in ((COURSE, 2), ("nothing", 1)):
        with pytest.raises(RuleBroken) as broken:
            application.question_results(AskQuestionResults(course=course, course_version=version))
        assert broken.value.rule is Rule.VERSION_UNKNOWN


def test_a_question_waits_for_what_its_asker_knows(live: Live, application: Application) -> None:
    world = World(Random(5))
    fail(world, world.people[0], {}, "q01")
    live.catch_up(world)
    head = world.feeds["progress"][-1].position
    asked = VERSION_1.model_copy(update={"at_least": {"progress": head}})
    assert application.question_results(asked).positions["progress"] == head
