"""What was answered wrongly in tests: by question, never by person."""

from services.contracts.message import Language, Message, Slug
from services.contracts.reporting.moments import Positions

ANSWERS_SHOWN_MIN = 5
"""Figures about a question are shown from so many answers on: fewer would point at persons."""


class AskQuestionResults(Message):
    """How often were the questions of a version answered wrongly?"""

    course: Slug
    course_version: int
    at_least: Positions = {}


class QuestionResult(Message):
    """A question in the language in which attempts were handed in; no figures before ANSWERS_SHOWN_MIN answers."""

    question: Slug
    language: Language
    asked: int | None
    wrong: int | None


class QuestionResults(Message):
    """The questions of a version that were asked so far, by question and language; never by person."""

    course: Slug
    course_version: int
    results: tuple[QuestionResult, ...]
    positions: Positions
