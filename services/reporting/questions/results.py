"""What was answered wrongly in tests."""

from services.contracts.reporting.moments import Positions
from services.contracts.reporting.results import AskQuestionResults, QuestionResults
from services.contracts.rules import Rule, RuleBroken
from services.reporting import answers
from services.reporting.projections import courses, question_results
from services.reporting.read_model import Tx


def results_of(tx: Tx, asked: AskQuestionResults, positions: Positions) -> QuestionResults:
    """By question and language; nothing that would point at persons, whoever asks."""
    if not courses.is_published(tx, asked.course, asked.course_version):
        raise RuleBroken(Rule.VERSION_UNKNOWN, course=asked.course, version=asked.course_version)
    found = question_results.results_of(tx, asked.course, asked.course_version)
    return QuestionResults(
        course=asked.course,
        course_version=asked.course_version,
        results=tuple(answers.question_result(result) for result in found),
        positions=positions,
    )
