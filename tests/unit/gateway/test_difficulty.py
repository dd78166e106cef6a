"""Hard questions first; a question that is much harder in one language is marked, one that may be chance is not."""

import pytest

from gateway.web.difficulty import lines_of
from services.contracts.content import Question
from services.contracts.message import Language
from services.contracts.reporting.results import QuestionResult


def question(name: str) -> Question:
    return Question(id=name, module="part", kind="single", text={"fr": name, "nl": name}, options=())


def result(name: str, language: Language, asked: int | None, wrong: int | None) -> QuestionResult:
    return QuestionResult(question=name, language=language, asked=asked, wrong=wrong)


def test_the_hardest_come_first_and_those_without_figures_last() -> None:
    lines = lines_of(
        [question("unasked"), question("easy"), question("hidden"), question("hard")],
        [
            result("easy", "fr", 100, 1),
            result("hidden", "fr", None, None),
            result("hard", "fr", 10, 5),
            result("hard", "nl", 10, 7),
        ],
    )
    assert [line.question.id for line in lines] == ["hard", "easy", "unasked", "hidden"]
    assert [line.share for line in lines] == [0.6, 0.01, -1.0, -1.0]


@pytest.mark.parametrize(
    ("fr", "nl", "harder"),
    [
        ((100, 10), (100, 40), "nl"),
        ((100, 40), (100, 10), "fr"),
        ((5, 1), (5, 2), None),  # chance alone makes such a difference
        ((5, 0), (5, 5), "nl"),
        ((10_000, 1_000), (10_000, 1_500), None),  # no chance, but small
        ((100, 0), (100, 0), None),
        ((50, 50), (50, 50), None),
    ],
)
def test_languages_differ_when_it_is_much_and_no_chance(
    fr: tuple[int, int], nl: tuple[int, int], harder: Language | None
) -> None:
    (line,) = lines_of([question("q")], [result("q", "fr", *fr), result("q", "nl", *nl)])
    assert line.harder_in == harder


def test_one_language_alone_does_not_differ() -> None:
    (line,) = lines_of([question("q")], [result("q", "fr", 100, 50), result("q", "nl", None, None)])
    assert line.harder_in is None
