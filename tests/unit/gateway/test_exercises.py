"""Practice: how an exercise is shown, and what is said of an answer that came with the address."""

import pytest

from gateway.web.exercise import Answers, Attempt, attempt_at
from services.contracts.content import ExerciseView

CHOICE = {"feedback": None}
OPTIONS = (
    {"id": "a", "text": "A", "right": True, **CHOICE},
    {"id": "b", "text": "B", "right": False, **CHOICE},
    {"id": "c", "text": "C", "right": True, **CHOICE},
)
MULTIPLE = ExerciseView(kind="multiple", prompt="?", options=OPTIONS)
STEPS = ("see", "note", "talk", "tell")
ORDERING = ExerciseView(
    kind="ordering", prompt="?", items=tuple({"id": step, "text": step} for step in STEPS)
)
MATCHING = ExerciseView(
    kind="matching",
    prompt="?",
    pairs=tuple({"id": each, "left": each, "right": each.upper()} for each in ("advice", "decision")),
)
CHECK = ("check", "1")


def tried(exercise: ExerciseView, *answers: tuple[str, str]) -> Attempt:
    return attempt_at(exercise, answers, "somebody/page")


def order(attempt: Attempt) -> list[str]:
    return [item["id"] for item in attempt.order]


def in_order(*ids: str) -> list[tuple[str, str]]:
    return [("order", id_) for id_ in ids]


@pytest.mark.parametrize(
    ("answers", "solved"),
    [
        ([("answer", "a"), ("answer", "c"), CHECK], True),
        ([("answer", "c"), ("answer", "a"), CHECK], True),
        ([("answer", "a"), CHECK], False),
        ([("answer", "a"), ("answer", "b"), ("answer", "c"), CHECK], False),
        ([CHECK], False),
        ([("answer", "a"), ("answer", "c")], False),  # not checked: nothing is told
        ([("answer", "a"), ("answer", "c"), ("answer", "<x>"), CHECK], False),
    ],
)
def test_exactly_the_right_options(answers: Answers, solved: bool) -> None:
    assert tried(MULTIPLE, *answers).solved is solved


def test_things_to_order_are_shuffled_and_stay_so() -> None:
    first = order(tried(ORDERING))
    assert sorted(first) == sorted(STEPS)
    assert first == order(tried(ORDERING))
    for somebody in range(60):
        assert order(attempt_at(ORDERING, [], str(somebody))) != list(STEPS)


def test_things_are_moved_one_place_and_not_over_the_edge() -> None:
    here = in_order("note", "see", "talk", "tell")
    assert order(tried(ORDERING, *here, ("move", "see:up"))) == list(STEPS)
    assert order(tried(ORDERING, *here, ("move", "note:up"))) == ["note", "see", "talk", "tell"]
    assert order(tried(ORDERING, *here, ("move", "tell:down"))) == ["note", "see", "talk", "tell"]
    assert order(tried(ORDERING, *here, ("move", "nothing:up"))) == ["note", "see", "talk", "tell"]


def test_an_order_is_right_when_every_thing_is_in_its_place() -> None:
    right = tried(ORDERING, *in_order(*STEPS), CHECK)
    assert right.solved and all(right.in_place(item) for item in right.order)
    wrong = tried(ORDERING, *in_order("note", "see", "talk", "tell"), CHECK)
    assert not wrong.solved
    assert [wrong.in_place(item) for item in wrong.order] == [False, False, True, True]


@pytest.mark.parametrize("told", [["see"], ["see", "see", "note", "talk"], [*STEPS, "more"]])
def test_an_order_that_is_none_is_not_believed(told: list[str]) -> None:
    assert order(tried(ORDERING, *in_order(*told))) == order(tried(ORDERING))


def test_pairs_belong_together() -> None:
    right = [("pair-advice", "advice"), ("pair-decision", "decision")]
    assert tried(MATCHING, *right, CHECK).solved
    assert not tried(MATCHING, *right).solved
    assert not tried(MATCHING, right[0], CHECK).solved
    crossed = tried(MATCHING, ("pair-advice", "decision"), ("pair-decision", "<x>"), CHECK)
    assert not crossed.solved and crossed.joined == {"advice": "decision"}


@pytest.mark.parametrize("exercise", [MULTIPLE, MATCHING])
def test_without_an_answer_nothing_is_given_away(exercise: ExerciseView) -> None:
    empty = tried(exercise, CHECK)
    assert empty.unanswered and not empty.checked and not empty.solved
    given = ("pair-advice", "decision") if exercise is MATCHING else ("answer", "b")
    answered = tried(exercise, given, CHECK)
    assert answered.checked and not answered.unanswered and not answered.solved
    assert not tried(exercise).unanswered
