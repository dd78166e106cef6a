"""Questions are counted in first attempts: each that was asked once, and once more where it was wrong."""

from uuid import UUID

from hypothesis import given as for_all
from hypothesis import strategies as st

from services.contracts.message import Language
from services.contracts.progress import QuizFailed, QuizGraded, QuizPassed
from services.reporting.projections.question_results import Key, sums_of
from tests.unit.reporting.facts import ANN, COURSE, on


def attempt(
    answers: dict[str, str],
    *wrong: str,
    language: Language = "fr",
    version: int = 1,
    passed: bool = False,
    number: int = 1,
) -> QuizGraded:
    """An attempt that was handed in with one chosen option for each answered question."""
    kind = {"kind": QuizPassed} if passed else {"kind": QuizFailed, "attempts_left": 1}
    return kind.pop("kind")(  # type: ignore[operator]
        record_id=UUID(int=20),
        person_id=ANN,
        course=COURSE,
        course_version=version,
        occurred_at=on(1),
        attempt=number,
        right=len(answers.keys() - set(wrong)),
        asked=len(answers.keys() | set(wrong)),
        answers={question: (option,) for question, option in answers.items()},
        wrong=wrong,
        language=language,
        **kind,
    )


def row(question: str, language: Language = "fr", version: int = 1) -> Key:
    return (COURSE, version, question, language)


def test_a_wrong_answer_counts_twice_and_a_right_one_once() -> None:
    given = [attempt({"q1": "a", "q2": "b"}, "q2")]
    assert sums_of(given) == {row("q1"): (1, 0), row("q2"): (1, 1)}


def test_a_question_without_an_answer_was_asked_and_is_wrong() -> None:
    assert sums_of([attempt({"q1": "a"}, "q2")]) == {row("q1"): (1, 0), row("q2"): (1, 1)}


def test_passed_and_failed_attempts_add_up() -> None:
    given = [attempt({"q1": "b"}, "q1"), attempt({"q1": "a"}, passed=True)]
    assert sums_of(given) == {row("q1"): (2, 1)}


def test_whoever_tries_again_is_not_counted_again() -> None:
    again = [attempt({"q1": "a"}, number=2, passed=True), attempt({"q1": "b"}, "q1", number=3)]
    assert sums_of([attempt({"q1": "b"}, "q1"), *again]) == {row("q1"): (1, 1)}
    assert sums_of(again) == {}


def test_languages_and_versions_are_apart() -> None:
    given = [attempt({"q1": "a"}), attempt({"q1": "a"}, language="nl"), attempt({"q1": "b"}, "q1", version=2)]
    assert sums_of(given) == {row("q1"): (1, 0), row("q1", "nl"): (1, 0), row("q1", version=2): (1, 1)}


def test_nothing_graded_counts_nothing() -> None:
    assert sums_of([]) == {}


ATTEMPTS = st.builds(
    lambda asked, wrong, language: attempt(dict.fromkeys(asked, "a"), *wrong, language=language),
    st.sets(st.sampled_from(["q1", "q2", "q3"])),
    st.sets(st.sampled_from(["q1", "q4"])),
    st.sampled_from(["fr", "nl"]),
)


@for_all(
    st.lists(ATTEMPTS, max_size=12).flatmap(lambda told: st.tuples(st.just(told), st.permutations(told)))
)
def test_the_order_of_attempts_does_not_matter(orders: tuple[list[QuizGraded], list[QuizGraded]]) -> None:
    told, shuffled = orders
    assert sums_of(told) == sums_of(shuffled)
    assert sum(asked for asked, _ in sums_of(told).values()) == sum(event.asked for event in told)
