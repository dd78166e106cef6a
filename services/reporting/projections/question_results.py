"""`question_results@2`: how often each question was asked and answered wrongly, by version and language.

Sums of graded attempts, and nothing else: no person, no moment. First attempts alone are counted, so
that five answers come from five people, and nobody who reads an explanation and tries again makes a
question look easy. Which options were chosen is not
counted, since with the number of wrong answers it would tell which option is right.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from services.contracts.message import Language
from services.contracts.progress import QuizGraded
from services.reporting.read_model import Column, Table, Tx

NAME: Final = "question_results@2"
FIRST: Final = 1
"""Attempts count from one in every record."""

RESULTS = Table(
    NAME,
    "question_result",
    (
        Column("course", "text"),
        Column("course_version", "int4"),
        Column("question", "text"),
        Column("language", "text"),
        Column("asked", "int8"),
        Column("wrong", "int8"),
    ),
    key=("course", "course_version", "question", "language"),
    key_first=True,  # every page adds to rows that are there
)

Key = tuple[str, int, str, str]


class QuestionResultsModel:
    """Counts questions in first attempts. Sums do not depend on order, nor on where a page ends."""

    name = NAME
    feeds = frozenset({"progress"})
    tables: tuple[Table, ...] = (RESULTS,)

    def apply(self, tx: Tx, feed: str, items: Sequence[Any]) -> None:
        """Add what these items say to the rows, all at once."""
        sums = sums_of(item.event for item in items if isinstance(item.event, QuizGraded))
        if sums:
            rows = [(*key, *counts) for key, counts in sums.items()]
            tx.execute(
                "INSERT INTO question_result AS kept SELECT * FROM"
                " unnest(%s::text[], %s::int4[], %s::text[], %s::text[], %s::int8[], %s::int8[])"
                " ON CONFLICT (course, course_version, question, language) DO UPDATE"
                " SET asked = kept.asked + excluded.asked, wrong = kept.wrong + excluded.wrong",
                [list(column) for column in zip(*rows, strict=True)],
            )

    def bulk(self) -> "QuestionResultsModel":
        """Rows are few and added to by key, which is there from the beginning."""
        return self

    def finish(self, tx: Tx) -> None:
        """Nothing was put off."""


def sums_of(graded: Iterable[QuizGraded]) -> dict[Key, tuple[int, int]]:
    """How often each question was asked and answered wrongly in the first attempts among these.

    A question that was asked was answered, or else it is wrong: no option at all is never right.
    """
    sums: dict[Key, tuple[int, int]] = {}
    for event in graded:
        if event.attempt != FIRST:
            continue
        wrong = frozenset(event.wrong)
        for question in wrong.union(event.answers):
            key = (event.course, event.course_version, question, event.language)
            asked, missed = sums.get(key, (0, 0))
            sums[key] = asked + 1, missed + (question in wrong)
    return sums


class Result(NamedTuple):
    """One question in one language."""

    question: str
    language: Language
    asked: int
    wrong: int


def results_of(tx: Tx, course: str, version: int) -> list[Result]:
    """The results of a version, by question and language."""
    rows = tx.execute(
        "SELECT question, language, asked, wrong FROM question_result"
        " WHERE course = %s AND course_version = %s ORDER BY question, language",
        (course, version),
    ).fetchall()
    return [Result(*row) for row in rows]
