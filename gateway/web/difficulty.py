"""Which questions are hard, and which are hard in one language only: pure sums over what may be shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final

from services.contracts.content import Question
from services.contracts.message import Language
from services.contracts.reporting.results import QuestionResult

DIFFERS_SHARE_MIN: Final = 0.1
"""Languages differ when the shares of wrong answers are so far apart, and"""
DIFFERS_DEVIATIONS_MIN: Final = 2.5
"""when chance alone would seldom make them so: so many standard deviations of their difference."""


@dataclass(frozen=True, slots=True)
class Figures:
    """How often a question was asked in one language, and answered wrongly."""

    asked: int
    wrong: int

    @property
    def share(self) -> float:
        """The share of wrong answers."""
        return self.wrong / self.asked


@dataclass(frozen=True, slots=True)
class Line:
    """A question and its figures. A language without figures had too few answers, or none."""

    question: Question
    figures: Mapping[Language, Figures]
    harder_in: Language | None
    """The language in which it is wrong much more often than in another"""

    @property
    def share(self) -> float:
        """The share of wrong answers in all languages with figures; below zero when there are none."""
        asked = sum(each.asked for each in self.figures.values())
        return sum(each.wrong for each in self.figures.values()) / asked if asked else -1.0


def lines_of(questions: Sequence[Question], results: Sequence[QuestionResult]) -> list[Line]:
    """All questions, those with the largest share of wrong answers first; those without figures last."""
    figures: dict[str, dict[Language, Figures]] = {}
    for each in results:
        if each.asked and each.wrong is not None:
            figures.setdefault(each.question, {})[each.language] = Figures(each.asked, each.wrong)
    lines = [
        Line(question, told, _harder_in(told))
        for question in questions
        for told in (figures.get(question.id, {}),)
    ]
    return sorted(lines, key=lambda line: line.share, reverse=True)


def _harder_in(figures: Mapping[Language, Figures]) -> Language | None:
    if len(figures) < 2:
        return None
    by_share = sorted(figures.items(), key=lambda each: each[1].share)
    (_, easy), (language, hard) = by_share[0], by_share[-1]
    return language if _differ(easy, hard) else None


def _differ(one: Figures, other: Figures) -> bool:
    """A test of two proportions with their pooled share."""
    difference = abs(one.share - other.share)
    pooled = (one.wrong + other.wrong) / (one.asked + other.asked)
    deviation = sqrt(pooled * (1 - pooled) * (1 / one.asked + 1 / other.asked))
    return difference >= DIFFERS_SHARE_MIN and difference >= DIFFERS_DEVIATIONS_MIN * deviation
