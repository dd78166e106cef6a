"""Every rule of a training record: done, ignored as a repeat, refused, and by which rule."""

from dataclasses import replace
from typing import Any

import pytest

from services.contracts.rules import Rule
from services.progress.domain import TrainingRecord
from tests.unit.progress.words import (
    ANN,
    COURSE,
    FAILED_THREE_TIMES,
    ONE_ATTEMPT,
    PASSED,
    PC_A,
    PC_B,
    READY,
    RECORD,
    Decision,
    at,
    completed,
    ended,
    given,
    handed_in,
    language,
    moment,
    quiz,
    reached,
    record,
    right,
    session,
    started,
    whole,
)

R = TrainingRecord
INTRODUCTION_BEGUN = (session(PC_A), started("introduction"))

IN_SESSION: dict[str, Decision] = {
    "change_language": language(PC_A, "nl"),
    "start_module": started("introduction"),
    "reach_checkpoint": reached("introduction", "welcome"),
    "complete_module": completed("introduction"),
    "start_quiz": quiz(),
    "submit_quiz": handed_in(1, {}),
}


# --- opening -------------------------------------------------------------------------------------


def test_opening_a_record_pins_the_version_and_says_whose_it_is() -> None:
    opened = record()
    (event,) = opened.collect_events()
    assert isinstance(event, R.RecordOpened)
    assert (event.originator_id, event.person_id) == (RECORD, ANN)
    assert (event.course, event.course_version, event.period, event.language) == ("recognising", 1, 1, "fr")
    assert (event.occurred_at, event.timestamp) == (at().occurred_at, at().recorded_at)
    assert (event.actor, event.command_id) == (ANN, at().command_id)


def test_a_new_record_remembers_nothing_yet() -> None:
    new = record()
    assert new.session is None and new.resume_at(COURSE) is None and new.attempt is None
    assert (new.reached, new.completed, new.attempts_used) == ({}, {}, 0)
    assert new.opened_at == moment(0) and new.completed_at is None


# --- sessions ------------------------------------------------------------------------------------


def test_sitting_down_starts_a_session_at_the_beginning() -> None:
    (event,) = given().when(session(PC_A, "nl")).then(R.SessionStarted)
    assert (event.session_id, event.language, event.resume_at) == (PC_A, "nl", None)


def test_sitting_down_twice_is_sitting_down_once() -> None:
    given(session(PC_A)).when(session(PC_A)).then_nothing()


def test_a_second_pc_takes_over_and_loses_nothing() -> None:
    taken = given(*INTRODUCTION_BEGUN, reached("introduction", "welcome")).when(session(PC_B, "nl"))
    abandoned, begun = taken.then(R.SessionAbandoned, R.SessionStarted)
    assert (abandoned.session_id, abandoned.taken_over_by) == (PC_A, PC_B)
    assert (begun.session_id, begun.language) == (PC_B, "nl")
    assert begun.resume_at == ("introduction", "welcome")
    assert taken.aggregate.reached == {"introduction": ["welcome"]}


def test_an_abandoned_session_does_not_come_back() -> None:
    given(session(PC_A), session(PC_B)).when(session(PC_A)).then_refused(Rule.SESSION_ABANDONED)


def test_an_ended_session_does_not_come_back() -> None:
    given(session(PC_A), ended(PC_A)).when(session(PC_A)).then_refused(Rule.SESSION_ENDED)


def test_after_an_ended_session_the_next_abandons_nobody() -> None:
    given(session(PC_A), ended(PC_A)).when(session(PC_B)).then(R.SessionStarted)


def test_a_completed_record_may_still_be_looked_at() -> None:
    given(*PASSED).when(session(PC_B)).then(R.SessionAbandoned, R.SessionStarted)


def test_stopping_ends_the_session() -> None:
    (event,) = given(session(PC_A)).when(ended(PC_A)).then(R.SessionEnded)
    assert event.session_id == PC_A


def test_stopping_twice_is_stopping_once() -> None:
    given(session(PC_A), ended(PC_A)).when(ended(PC_A)).then_nothing()


def test_a_session_that_never_was_cannot_be_stopped() -> None:
    given(session(PC_A)).when(ended(PC_B)).then_refused(Rule.SESSION_MISSING)


def test_an_abandoned_session_cannot_be_stopped() -> None:
    given(session(PC_A), session(PC_B)).when(ended(PC_A)).then_refused(Rule.SESSION_ABANDONED)


@pytest.mark.parametrize("decision", IN_SESSION.values(), ids=IN_SESSION)
def test_without_a_session_nothing_is_learned(decision: Decision) -> None:
    given().when(decision).then_refused(Rule.SESSION_MISSING)


@pytest.mark.parametrize("decision", IN_SESSION.values(), ids=IN_SESSION)
def test_another_session_than_the_running_one_records_nothing(decision: Decision) -> None:
    given(session(PC_B)).when(decision).then_refused(Rule.SESSION_MISSING)


@pytest.mark.parametrize("decision", IN_SESSION.values(), ids=IN_SESSION)
def test_an_abandoned_session_records_nothing_any_more(decision: Decision) -> None:
    given(session(PC_A), session(PC_B)).when(decision).then_refused(Rule.SESSION_ABANDONED)


@pytest.mark.parametrize("decision", IN_SESSION.values(), ids=IN_SESSION)
def test_an_ended_session_records_nothing_any_more(decision: Decision) -> None:
    given(session(PC_A), ended(PC_A)).when(decision).then_refused(Rule.SESSION_ENDED)


# --- language ------------------------------------------------------------------------------------


def test_the_language_changes_and_the_place_is_kept() -> None:
    changed = given(*INTRODUCTION_BEGUN, reached("introduction", "welcome")).when(language(PC_A, "nl"))
    (event,) = changed.then(R.LanguageChanged)
    assert (event.session_id, event.language) == (PC_A, "nl")
    assert changed.aggregate.resume_at(COURSE) == ("introduction", "welcome")


def test_changing_to_the_language_one_has_changes_nothing() -> None:
    given(session(PC_A, "nl")).when(language(PC_A, "nl")).then_nothing()


def test_what_was_reached_in_french_is_reached_in_dutch() -> None:
    given(
        *INTRODUCTION_BEGUN,
        reached("introduction", "welcome"),
        language(PC_A, "nl"),
        reached("introduction", "why"),
    ).when(completed("introduction")).then(R.ModuleCompleted)


# --- parts ---------------------------------------------------------------------------------------


def test_a_part_begins_in_the_language_of_the_session() -> None:
    (event,) = given(session(PC_A, "nl")).when(started("introduction")).then(R.ModuleStarted)
    assert (event.module, event.language) == ("introduction", "nl")


def test_beginning_a_part_again_changes_nothing() -> None:
    given(*INTRODUCTION_BEGUN).when(started("introduction")).then_nothing()


def test_a_completed_part_may_be_opened_again() -> None:
    given(session(PC_A), whole("introduction")).when(started("introduction")).then_nothing()


def test_a_part_waits_for_those_before_it() -> None:
    given(*INTRODUCTION_BEGUN).when(started("indicators")).then_refused(Rule.MODULE_OUT_OF_ORDER)


def test_a_part_waits_for_all_of_those_before_it() -> None:
    past = (session(PC_A), whole("introduction"))
    given(*past).when(started("test-of-knowledge")).then_refused(Rule.MODULE_OUT_OF_ORDER)


def test_the_next_part_opens_when_the_one_before_is_complete() -> None:
    given(session(PC_A), whole("introduction")).when(started("indicators")).then(R.ModuleStarted)


def test_a_part_that_the_version_does_not_have_is_unknown() -> None:
    for decision in (started("poetry"), reached("poetry", "one"), completed("poetry")):
        given(session(PC_A)).when(decision).then_refused(Rule.MODULE_UNKNOWN)


def test_a_page_is_reached_once_and_is_where_to_go_on() -> None:
    place = given(*INTRODUCTION_BEGUN).when(reached("introduction", "welcome"))
    (event,) = place.then(R.CheckpointReached)
    assert (event.module, event.checkpoint, event.language) == ("introduction", "welcome", "fr")
    assert place.aggregate.resume_at(COURSE) == ("introduction", "welcome")


def test_reaching_a_page_again_never_moves_the_place_backwards() -> None:
    again = given(
        *INTRODUCTION_BEGUN, reached("introduction", "welcome"), reached("introduction", "why")
    ).when(reached("introduction", "welcome"))
    again.then_nothing()
    assert again.aggregate.resume_at(COURSE) == ("introduction", "why")


def test_a_page_of_a_completed_part_may_be_read_again() -> None:
    given(session(PC_A), whole("introduction")).when(reached("introduction", "welcome")).then_nothing()


def test_a_page_that_the_part_does_not_have_is_unknown() -> None:
    given(*INTRODUCTION_BEGUN).when(reached("introduction", "signs")).then_refused(Rule.CHECKPOINT_UNKNOWN)


def test_a_page_of_a_part_that_was_not_begun_is_refused() -> None:
    given(session(PC_A)).when(reached("introduction", "welcome")).then_refused(Rule.MODULE_NOT_STARTED)


def test_after_completion_reading_on_is_welcome_and_changes_nothing() -> None:
    given(*PASSED).when(reached("test-of-knowledge", "how")).then_nothing()


def test_pages_out_of_their_order_do_not_move_the_place_backwards() -> None:
    begun = (session(PC_A), whole("introduction"), started("indicators"), reached("indicators", "change"))
    place = given(*begun).when(reached("indicators", "signs"))
    place.then(R.CheckpointReached)
    assert place.aggregate.resume_at(COURSE) == ("indicators", "change")


def test_the_test_opens_in_its_own_part() -> None:
    before = (session(PC_A), whole("introduction"), whole("indicators"))
    given(*before).when(quiz()).then_refused(Rule.MODULE_NOT_STARTED)


def test_a_part_is_complete_when_all_its_pages_were_reached() -> None:
    past = (*INTRODUCTION_BEGUN, reached("introduction", "why"), reached("introduction", "welcome"))
    (event,) = given(*past).when(completed("introduction")).then(R.ModuleCompleted)
    assert event.module == "introduction"


def test_completing_a_part_again_changes_nothing() -> None:
    given(session(PC_A), whole("introduction")).when(completed("introduction")).then_nothing()


def test_a_part_with_pages_not_reached_is_not_complete() -> None:
    past = (*INTRODUCTION_BEGUN, reached("introduction", "welcome"))
    given(*past).when(completed("introduction")).then_refused(Rule.CHECKPOINTS_MISSING)


def test_a_part_that_was_not_begun_is_not_complete() -> None:
    given(session(PC_A)).when(completed("introduction")).then_refused(Rule.MODULE_NOT_STARTED)


def test_the_part_with_the_test_ends_with_the_test_and_not_before() -> None:
    past = (*READY, started("test-of-knowledge"), reached("test-of-knowledge", "how"))
    given(*past).when(completed("test-of-knowledge")).then_refused(Rule.QUIZ_NOT_OPEN)


# --- the test of knowledge -----------------------------------------------------------------------


def test_the_test_opens_when_all_parts_before_it_are_complete() -> None:
    (event,) = given(*READY).when(quiz()).then(R.QuizStarted)
    assert (event.attempt, event.questions) == (1, ("q00", "q01", "q02", "q03", "q04"))


def test_the_test_stays_closed_while_a_part_is_missing() -> None:
    past = (session(PC_A), whole("introduction"))
    given(*past).when(quiz()).then_refused(Rule.MODULES_MISSING)


def test_beginning_an_open_test_again_is_going_on_with_it() -> None:
    given(*READY, quiz()).when(quiz()).then_nothing()


def test_an_open_test_is_handed_in_from_another_pc() -> None:
    given(*READY, quiz(), session(PC_B)).when(handed_in(1, right(0), pc=PC_B)).then(R.QuizFailed)


def test_a_pool_smaller_than_the_draw_is_asked_whole() -> None:
    two = replace(COURSE, keys={"q00": COURSE.keys["q00"], "q01": COURSE.keys["q01"]})
    (event,) = given(*READY).when(quiz(outline=two)).then(R.QuizStarted)
    assert event.questions == ("q00", "q01")


def test_after_the_last_attempt_there_is_none() -> None:
    given(*FAILED_THREE_TIMES).when(quiz()).then_refused(Rule.ATTEMPTS_EXHAUSTED)


def test_after_completion_there_is_no_test() -> None:
    given(*PASSED).when(quiz()).then_refused(Rule.RECORD_COMPLETED)
    given(*PASSED).when(handed_in(1, right(5))).then_refused(Rule.RECORD_COMPLETED)


def test_the_pass_mark_is_enough_and_completes_the_course() -> None:
    answers = right(4)  # 80 % of 5, and 80 % is asked
    passed = given(*READY, quiz()).when(handed_in(1, answers))
    graded, part, course = passed.then(R.QuizPassed, R.ModuleCompleted, R.CourseCompleted)
    assert (graded.attempt, graded.right, graded.asked, graded.wrong) == (1, 4, 5, ("q04",))
    assert graded.answers == answers
    assert part.module == "test-of-knowledge"
    assert course.validity_months == 24
    assert passed.aggregate.completed_at == moment(8)
    assert passed.aggregate.last_graded == graded


def test_below_the_pass_mark_an_attempt_is_used_up() -> None:
    failed = given(*READY, quiz()).when(handed_in(1, right(3)))
    (graded,) = failed.then(R.QuizFailed)
    assert (graded.attempt, graded.right, graded.asked, graded.attempts_left) == (1, 3, 5, 2)
    assert graded.wrong == ("q03", "q04")
    assert failed.aggregate.attempt is None and failed.aggregate.completed_at is None


def test_a_failed_attempt_is_followed_by_the_next() -> None:
    (event,) = given(*READY, quiz(), handed_in(1, right(0))).when(quiz()).then(R.QuizStarted)
    assert event.attempt == 2


def test_the_only_attempt_leaves_none() -> None:
    past = (*READY, quiz(outline=ONE_ATTEMPT))
    failed = given(*past).when(handed_in(1, right(0), outline=ONE_ATTEMPT))
    (event,) = failed.then(R.QuizFailed)
    assert event.attempts_left == 0
    failed.when(quiz(outline=ONE_ATTEMPT)).then_refused(Rule.ATTEMPTS_EXHAUSTED)


@pytest.mark.parametrize(
    ("chosen", "is_right"),
    [
        (("b", "c"), True),
        (("c", "b"), True),
        (("b", "c", "c"), True),
        (("b",), False),
        (("a", "b", "c"), False),
    ],
)
def test_right_means_exactly_the_right_options(chosen: tuple[str, ...], is_right: bool) -> None:
    two_right = replace(COURSE, keys={"q": (frozenset("abc"), frozenset("bc"))})
    events: list[Any] = (
        given(*READY, quiz(outline=two_right))
        .when(handed_in(1, {"q": chosen}, outline=two_right))
        .then(*((R.QuizPassed, R.ModuleCompleted, R.CourseCompleted) if is_right else (R.QuizFailed,)))
    )
    assert events[0].answers == {"q": tuple(sorted(set(chosen)))}


def test_a_question_without_an_answer_is_wrong() -> None:
    (event,) = given(*READY, quiz()).when(handed_in(1, {})).then(R.QuizFailed)
    assert event.wrong == ("q00", "q01", "q02", "q03", "q04") and event.answers == {}


@pytest.mark.parametrize(("right_of_ten", "mark", "passes"), [(7, 70, True), (6, 70, False), (29, 58, True)])
def test_the_pass_mark_is_compared_in_whole_numbers(right_of_ten: int, mark: int, passes: bool) -> None:
    """0.58 * 50 is 28.999… in floating point; 29 right of 50 is 58 %."""
    asked = 50 if right_of_ten > 10 else 10
    pool = {f"q{n:02}": (frozenset("ab"), frozenset("a")) for n in range(asked)}
    outline = replace(COURSE, keys=pool, draw=asked, pass_mark_percent=mark)
    answers = {q: ("a",) if n < right_of_ten else ("b",) for n, q in enumerate(sorted(pool))}
    decided = given(*READY, quiz(outline=outline)).when(handed_in(1, answers, outline=outline))
    decided.then(*((R.QuizPassed, R.ModuleCompleted, R.CourseCompleted) if passes else (R.QuizFailed,)))


def test_a_test_that_was_not_begun_cannot_be_handed_in() -> None:
    given(*READY).when(handed_in(1, right(5))).then_refused(Rule.QUIZ_NOT_OPEN)


def test_a_test_is_handed_in_once() -> None:
    given(*READY, quiz(), handed_in(1, right(0))).when(handed_in(1, right(5))).then_refused(
        Rule.QUIZ_NOT_OPEN
    )


@pytest.mark.parametrize("attempt", [2, 3])
def test_only_the_open_attempt_is_handed_in(attempt: int) -> None:
    given(*READY, quiz()).when(handed_in(attempt, right(5))).then_refused(Rule.QUIZ_NOT_OPEN)


@pytest.mark.parametrize("answers", [{"q07": ("b",)}, {"q00": ("z",)}, {"q00": ("b", "z")}, {"nothing": ()}])
def test_answers_must_fit_the_questions_that_were_drawn(answers: dict[str, tuple[str, ...]]) -> None:
    given(*READY, quiz()).when(handed_in(1, answers)).then_refused(Rule.ANSWERS_DO_NOT_FIT)


def test_every_fact_says_whose_it_is_and_which_version_it_is_about() -> None:
    (event,) = given(session(PC_A)).when(started("introduction")).then(R.ModuleStarted)
    assert (event.person_id, event.course, event.course_version) == (ANN, "recognising", 1)
