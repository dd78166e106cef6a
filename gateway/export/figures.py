"""Tables of figures: a unit and those below it, month after month, and question by question."""

from collections.abc import Iterator
from typing import Final

from gateway.export.table import Cell, Column, Table, in_language, words
from gateway.export.words import IDENTIFIER, LANGUAGE, PEOPLE, STATUSES, UNIT
from services.contracts.reporting.overview import Overview, Trend, TrendPoint, UnitFigures, UnitTrend
from services.contracts.reporting.results import QuestionResult, QuestionResults
from services.contracts.reporting.standing import Status


def _count_of(status: Status) -> Column[UnitFigures]:
    def count(line: UnitFigures, _: str) -> Cell:
        return line.counts.get(status, 0)

    heading = {language: word.capitalize() for language, word in STATUSES[status].items()}
    return Column(heading, count, 16)


_COUNTED: Final[tuple[Status, ...]] = (
    "passed",
    "expiring",
    "in_progress",
    "assigned",
    "due_soon",
    "overdue",
    "failed",
    "expired",
    "exempt",
)

OVERVIEW: Final = Table(
    "overview",
    words("Chiffres", "Cijfers", "Figures"),
    "reporting.overview",
    Overview,
    lambda told: (told.unit, *told.below),
    (
        Column[UnitFigures](UNIT, lambda line, language: in_language(line.name, language), 32),
        Column[UnitFigures](PEOPLE, lambda line, _: line.people),
        *map(_count_of, _COUNTED),
        Column[UnitFigures](IDENTIFIER, lambda line, _: str(line.unit_id), 38),
    ),
)


def _points(told: Trend) -> Iterator[tuple[UnitTrend, TrendPoint]]:
    for unit in (told.unit, *told.below):
        for point in unit.points:
            yield unit, point


TREND: Final = Table(
    "trend",
    words("Évolution", "Verloop", "Over time"),
    "reporting.trend",
    Trend,
    _points,
    (
        Column[tuple[UnitTrend, TrendPoint]](
            UNIT, lambda line, language: in_language(line[0].name, language), 32
        ),
        Column[tuple[UnitTrend, TrendPoint]](words("Au", "Op", "As of"), lambda line, _: line[1].as_of, 18),
        Column[tuple[UnitTrend, TrendPoint]](PEOPLE, lambda line, _: line[1].people),
        Column[tuple[UnitTrend, TrendPoint]](
            words("Formation valable", "Opgeleid", "Trained"), lambda line, _: line[1].trained, 18
        ),
        Column[tuple[UnitTrend, TrendPoint]](
            words("Dispensés", "Vrijgesteld", "Exempt"), lambda line, _: line[1].exempt
        ),
        Column[tuple[UnitTrend, TrendPoint]](IDENTIFIER, lambda line, _: str(line[0].unit_id), 38),
    ),
)

RESULTS: Final = Table(
    "results",
    words("Résultats par question", "Resultaten per vraag", "Results per question"),
    "reporting.question_results",
    QuestionResults,
    lambda told: told.results,
    (
        Column[QuestionResult](words("Question", "Vraag", "Question"), lambda line, _: line.question, 32),
        Column[QuestionResult](LANGUAGE, lambda line, _: line.language),
        Column[QuestionResult](words("Posée", "Gesteld", "Asked"), lambda line, _: line.asked),
        Column[QuestionResult](
            words("Réponses fausses", "Foute antwoorden", "Wrong answers"), lambda line, _: line.wrong, 18
        ),
    ),
)
