"""How a person stands with a course, in both times."""

from datetime import date, datetime
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from services.reporting.facts import NO_COURSE, Fact, Kind
from services.reporting.moments import FOREVER
from services.reporting.standing import Period, Story, periods_of, status_on, with_periods
from tests.unit.reporting.facts import ASSIGNMENT, COURSE, OTHER_WING, RECORD, WING, fact, on

DUE = date(2026, 1, 20)
VALID = date(2028, 1, 10)


def standing(
    facts: list[Fact], *, as_of: datetime, known_at: datetime, course: str = COURSE
) -> Period | None:
    """The one period that holds at a moment, as known at another."""
    found = [
        period
        for period in periods_of(facts)
        if period.course == course
        and period.effective_from <= as_of < period.effective_to
        and period.recorded_from <= known_at < period.recorded_to
    ]
    assert len(found) <= 1
    return found[0] if found else None


def states(facts: list[Fact], *days: int) -> list[str | None]:
    """The states on these days, as known in the end."""
    found = [standing(facts, as_of=on(day), known_at=on(900)) for day in days]
    return [period.state if period else None for period in found]


def test_whoever_left_is_nowhere_until_they_return_and_then_has_done_what_they_had_done() -> None:
    facts = [
        fact("placed", 1),
        fact("assigned", 2, day=DUE),
        fact("completed", 10, day=VALID),
        fact("left", 20),
        fact("returned", 30),
        fact("placed", 30, position=1, subject=OTHER_WING),
    ]
    assert states(facts, 10, 19, 20, 29, 30) == ["passed", "passed", None, None, "passed"]
    assert standing(facts, as_of=on(30), known_at=on(900)).unit_id == OTHER_WING
    assert standing(facts, as_of=on(30), known_at=on(25)) is None


def test_a_leave_that_is_dated_back_to_before_a_move_is_not_undone_by_the_move() -> None:
    facts = [fact("placed", 1), fact("placed", 10, subject=OTHER_WING), fact("left", 5, recorded=12)]
    assert [bool(standing(facts, as_of=on(d), known_at=on(900), course=NO_COURSE)) for d in (4, 6, 11)] == [
        True,
        False,
        False,
    ]


def test_from_assigned_through_in_progress_to_passed() -> None:
    facts = [
        fact("placed", 1),
        fact("assigned", 2, day=DUE),
        fact("opened", 5),
        fact("completed", 10, day=VALID),
    ]
    assert states(facts, 1, 2, 5, 9, 10, 400) == [
        None,
        "assigned",
        "in_progress",
        "in_progress",
        "passed",
        "passed",
    ]
    passed = standing(facts, as_of=on(10), known_at=on(10))
    assert passed is not None
    assert (passed.due_on, passed.expires_on, passed.record_id, passed.since) == (DUE, VALID, RECORD, on(10))


def test_a_completion_recorded_late_changes_the_past_but_not_what_was_known() -> None:
    facts = [
        fact("placed", 1),
        fact("assigned", 2, day=DUE),
        fact("opened", 5, recorded=30),
        fact("completed", 6, recorded=30, position=1, day=VALID),
    ]
    then = standing(facts, as_of=on(25), known_at=on(25))
    now = standing(facts, as_of=on(25), known_at=on(30))
    assert then is not None and then.state == "assigned"
    assert now is not None and now.state == "passed"


def test_a_moved_person_takes_their_standing_along() -> None:
    facts = [
        fact("placed", 1),
        fact("assigned", 2, day=DUE),
        fact("opened", 5),
        fact("placed", 8, subject=OTHER_WING),
    ]
    before = standing(facts, as_of=on(7), known_at=on(9))
    after = standing(facts, as_of=on(8), known_at=on(9))
    assert before is not None and after is not None
    assert (before.unit_id, after.unit_id) == (WING, OTHER_WING)
    assert before.state == after.state == "in_progress"
    assert after.since == on(5), "the state began before the move"


def test_whoever_left_is_counted_nowhere_and_may_come_back() -> None:
    facts = [
        fact("placed", 1),
        fact("opened", 2),
        fact("left", 4),
        fact("returned", 6),
        fact("placed", 6, position=1, subject=OTHER_WING),
    ]
    assert states(facts, 3, 4, 5, 6) == ["in_progress", None, None, "in_progress"]
    assert standing(facts, as_of=on(5), known_at=on(9), course=NO_COURSE) is None


def test_a_changed_due_date_holds_from_its_own_moment_on() -> None:
    later = date(2026, 3, 1)
    facts = [fact("placed", 1), fact("assigned", 2, day=DUE), fact("assigned", 6, day=later)]
    before = standing(facts, as_of=on(5), known_at=on(9))
    after = standing(facts, as_of=on(6), known_at=on(9))
    assert before is not None and after is not None
    assert (before.due_on, after.due_on) == (DUE, later)
    assert after.since == on(2), "it is still the same assignment"


def test_a_withdrawn_assignment_leaves_nothing_behind_unless_the_course_was_begun() -> None:
    withdrawn = [fact("placed", 1), fact("assigned", 2, day=DUE), fact("unassigned", 4)]
    assert states(withdrawn, 3, 4) == ["assigned", None]
    begun = [*withdrawn, fact("opened", 3)]
    assert states(begun, 3, 4) == ["in_progress", "in_progress"]


def test_attempts_that_are_used_up_are_a_failure_until_a_completion() -> None:
    facts = [fact("placed", 1), fact("opened", 2), fact("exhausted", 3), fact("completed", 5, day=VALID)]
    assert states(facts, 2, 3, 4, 5) == ["in_progress", "failed", "failed", "passed"]


def test_the_latest_period_of_a_course_counts() -> None:
    facts = [
        fact("placed", 1),
        fact("opened", 2),
        fact("completed", 3, day=VALID),
        fact("assigned", 9, day=date(2028, 1, 1), period=2, subject=UUID(int=99)),
    ]
    assert states(facts, 3, 9) == ["passed", "assigned"]


def test_opening_a_later_period_by_oneself_hides_neither_a_duty_nor_a_pass() -> None:
    own = [fact("opened", 8, period=1000, subject=UUID(int=98))]
    owed = [fact("placed", 1), fact("assigned", 2, day=date(2027, 6, 30))]
    passed = [fact("placed", 1), fact("opened", 2), fact("completed", 3, day=VALID)]
    assert states([*owed, *own], 9) == ["assigned"]
    assert states([*passed, *own], 9) == ["passed"]
    assert states([fact("placed", 1), *own], 9) == ["in_progress"]


def test_a_step_of_a_record_belongs_to_the_period_with_which_it_was_opened() -> None:
    facts = [fact("placed", 1), fact("opened", 2, period=3), fact("completed", 3, day=VALID)]
    assert {period.period for period in periods_of(facts) if period.course} == {3}


def test_a_fact_that_happened_and_was_recorded_with_another_leaves_no_empty_period() -> None:
    facts = [fact("placed", 1), fact("opened", 1, position=1), fact("completed", 1, position=2, day=VALID)]
    for period in periods_of(facts):
        assert period.effective_from < period.effective_to
        assert period.recorded_from < period.recorded_to


def test_a_status_depends_on_the_day() -> None:
    due, expires = date(2026, 6, 30), date(2028, 2, 28)
    assert status_on("assigned", due, None, date(2026, 5, 30)) == "assigned"
    assert status_on("assigned", due, None, date(2026, 5, 31)) == "due_soon"
    assert status_on("assigned", due, None, due) == "due_soon"
    assert status_on("assigned", due, None, date(2026, 7, 1)) == "overdue"
    assert status_on("assigned", None, None, date(2099, 1, 1)) == "assigned"
    assert status_on("in_progress", due, None, due) == "in_progress"
    assert status_on("in_progress", due, None, date(2026, 7, 1)) == "overdue"
    assert status_on("failed", due, None, date(2026, 7, 1)) == "failed"
    assert status_on("passed", due, expires, date(2027, 12, 29)) == "passed"
    assert status_on("passed", due, expires, date(2027, 12, 30)) == "expiring"
    assert status_on("passed", due, expires, expires) == "expiring"
    assert status_on("passed", due, expires, date(2028, 2, 29)) == "expired"
    assert status_on("passed", due, None, date(2099, 1, 1)) == "passed"


# --- any facts, in any order ---------------------------------------------------------------------

KINDS: tuple[Kind, ...] = (
    "placed",
    "left",
    "returned",
    "assigned",
    "unassigned",
    "opened",
    "exhausted",
    "completed",
    "class_begun",
    "class_completed",
    "class_missed",
)


@st.composite
def histories(draw: st.DrawFn) -> list[Fact]:
    """Up to ten facts, recorded on the day or later, in streams of two courses and two periods."""
    facts = []
    for position in range(draw(st.integers(1, 10))):
        kind = draw(st.sampled_from(KINDS))
        occurred = draw(st.integers(1, 8))
        course = draw(st.sampled_from(["awareness", "fire"]))
        period = draw(st.integers(1, 2))
        number = 10 * period + len(course)
        about_record = kind in ("opened", "exhausted", "completed") or kind.startswith("class_")
        subjects = {"placed": draw(st.sampled_from([WING, OTHER_WING])), "left": WING, "returned": WING}
        facts.append(
            fact(
                kind,
                occurred,
                recorded=occurred + draw(st.integers(0, 4)),
                position=position,
                course=course,
                period=period,
                subject=subjects.get(kind, UUID(int=number) if about_record else ASSIGNMENT),
                day=draw(st.sampled_from([None, DUE, VALID]))
                if kind in ("assigned", "completed", "class_completed")
                else None,
            )
        )
    return facts


@settings(max_examples=300)
@given(histories(), st.randoms())
def test_periods_say_of_every_moment_what_the_facts_known_then_say(facts: list[Fact], chance: object) -> None:
    shuffled = list(facts)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    periods = periods_of(shuffled)
    assert len(set(periods)) == len(periods)
    for known_at in range(1, 13):
        known = [each for each in with_periods(facts) if each.recorded_at <= on(known_at)]
        for as_of in range(1, 9):
            story = Story([each for each in known if each.occurred_at <= on(as_of)])
            expected = {
                (course, standing) for (course, _), (end, standing) in story.spells.items() if end == FOREVER
            }
            found = [
                (period.course, tuple(period[3:10]))
                for period in periods
                if period.effective_from <= on(as_of) < period.effective_to
                and period.recorded_from <= on(known_at) < period.recorded_to
            ]
            assert len(found) == len(expected) and set(found) == expected


class TestInPerson:
    """The last outcome of a session holds; each session is a period of its own."""

    def test_from_the_first_day_to_the_last(self) -> None:
        facts = [fact("placed", 1), fact("class_begun", 5), fact("class_completed", 6, day=VALID)]
        assert states(facts, 4, 5, 6) == [None, "in_progress", "passed"]
        found = standing(facts, as_of=on(6), known_at=on(900))
        assert found is not None and (found.expires_on, found.record_id) == (VALID, RECORD)

    def test_who_missed_a_part_did_not_complete_it_and_is_seen(self) -> None:
        facts = [fact("placed", 1), fact("class_begun", 5), fact("class_missed", 6)]
        assert states(facts, 5, 6) == ["in_progress", "failed"]

    def test_a_correction_holds_from_when_it_was_recorded_in_either_direction(self) -> None:
        facts = [
            fact("placed", 1),
            fact("class_completed", 6, day=VALID),
            fact("class_missed", 6, recorded=9),
            fact("class_completed", 6, recorded=12, day=VALID),
        ]
        known = [standing(facts, as_of=on(7), known_at=on(day)) for day in (7, 9, 12)]
        assert [period and period.state for period in known] == ["passed", "failed", "passed"]
        assert known[1] is not None and known[1].expires_on is None

    def test_a_later_session_that_was_missed_does_not_undo_a_completion(self) -> None:
        facts = [
            fact("placed", 1),
            fact("class_completed", 6, day=VALID),
            fact("class_missed", 20, period=2, subject=UUID(int=98)),
        ]
        assert states(facts, 6, 20) == ["passed", "passed"]
        assert states([facts[0], facts[2], fact("class_completed", 30, day=VALID)], 20, 30) == [
            "failed",
            "passed",
        ]


class TestExempt:
    def test_an_exemption_counts_from_its_day_as_known_from_when_it_was_recorded(self) -> None:
        facts = [fact("placed", 1), fact("assigned", 2, day=DUE), fact("exempted", 5, recorded=30)]
        assert states(facts, 4, 5, 40) == ["assigned", "exempt", "exempt"]
        as_known_then = standing(facts, as_of=on(10), known_at=on(20))
        assert as_known_then is not None and as_known_then.state == "assigned"

    def test_a_revoked_one_binds_again_from_then_on(self) -> None:
        facts = [
            fact("placed", 1),
            fact("assigned", 2, day=DUE),
            fact("exempted", 5),
            fact("bound", 10, position=1),
        ]
        assert states(facts, 5, 9, 10) == ["exempt", "exempt", "assigned"]

    def test_who_passes_all_the_same_has_passed(self) -> None:
        facts = [fact("placed", 1), fact("exempted", 5), fact("completed", 8, day=VALID)]
        assert states(facts, 5, 8) == ["exempt", "passed"]

    def test_the_calendar_changes_nothing_about_it(self) -> None:
        facts = [fact("placed", 1), fact("assigned", 2, day=DUE), fact("exempted", 5)]
        found = standing(facts, as_of=on(40), known_at=on(900))
        assert found is not None
        assert found.turns == date.max.toordinal()
        assert status_on(found.state, found.due_on, found.expires_on, date(2030, 1, 1)) == "exempt"

    def test_the_next_period_that_is_assigned_counts_again(self) -> None:
        facts = [
            fact("placed", 1),
            fact("exempted", 5),
            fact("assigned", 20, day=VALID, period=2, subject=UUID(int=77)),
        ]
        assert states(facts, 19, 20) == ["exempt", "assigned"]
