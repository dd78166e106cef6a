"""Sums of corners at coarse grains, corrected by finer ones, equal looking at every rectangle."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from services.reporting.grains import (
    COARSE_WEEKS,
    SPAN_DAYS,
    STATUSES,
    Tally,
    changes,
    coarse_block,
    cut,
    fine_block,
    span_cut,
    thresholds,
    week_of,
)
from services.reporting.moments import FOREVER, day_of, end_of_day
from services.reporting.standing import STATES as ALL_STATES
from services.reporting.standing import Period, State, status_on

START = datetime(2026, 1, 1, tzinfo=UTC)
UNIT = UUID(int=7)
STATES: tuple[State, ...] = ("assigned", "in_progress", "failed", "passed")

moments = st.integers(0, 60 * 24).map(lambda hours: START + timedelta(hours=hours))
ends = st.one_of(st.just(FOREVER), moments)


@st.composite
def rectangles(draw: st.DrawFn) -> Period:
    """Any period of anybody within two months."""
    start, since = draw(moments), draw(moments)
    end, until = draw(ends), draw(ends)
    state = draw(st.sampled_from(STATES))
    day = date(2026, 1, 1) + timedelta(days=draw(st.integers(0, 120)))
    return Period(
        min(start, end),
        max(start, end),
        "awareness",
        1,
        state,
        UNIT,
        day if state != "passed" else None,
        day if state == "passed" else None,
        None,
        start,
        min(since, until),
        max(since, until),
    )


def hold(period: Period, as_of: datetime, known_at: datetime) -> bool:
    return (
        period.effective_from <= as_of < period.effective_to
        and period.recorded_from <= known_at < period.recorded_to
    )


@settings(max_examples=300)
@given(st.lists(rectangles(), max_size=12), moments, moments)
def test_corners_before_a_boundary_sum_to_the_rectangles_around_it(
    periods: list[Period], as_of: datetime, known_at: datetime
) -> None:
    tally = Tally()
    tally.add(periods, +1)
    for sums, weeks in ((tally.week, 1), (tally.below({}), COARSE_WEEKS)):
        effective, recorded = cut(as_of, START, weeks), cut(known_at, START, weeks)
        summed: Counter[str] = Counter()
        for (_, _, state, _, e, r), n in sums.items():
            if e < effective.block and r < recorded.block:
                summed[ALL_STATES[state]] += n
        just_before = timedelta(microseconds=1)
        looked_at = Counter(
            period.state
            for period in periods
            if hold(period, effective.boundary - just_before, recorded.boundary - just_before)
        )
        assert +summed == looked_at
        assert all(n >= 0 for n in summed.values())


@given(st.lists(rectangles(), max_size=12))
def test_a_unit_counts_once_for_each_unit_above_it(periods: list[Period]) -> None:
    tally = Tally()
    tally.add(periods, +1)
    above = [7, 3, 1]
    sums = tally.below({UNIT.int: above})
    by_unit = {unit: {(*k[:1], *k[2:]): n for k, n in sums.items() if k[1] == unit} for unit in above}
    assert by_unit[7] == by_unit[3] == by_unit[1]
    assert sum(by_unit[1].values()) == sum(tally.week.values())


@given(st.lists(rectangles(), max_size=12))
def test_what_is_added_and_taken_away_leaves_nothing(periods: list[Period]) -> None:
    tally = Tally()
    tally.add(periods, +1)
    tally.add(reversed(periods), -1)
    assert not tally.week and not tally.below({})
    assert not tally.believed and not tally.believed_below({}) and not tally.units


@settings(max_examples=300)
@given(st.lists(rectangles(), max_size=12), st.integers(-100, 400))
def test_what_is_believed_before_a_span_sums_to_how_people_stand_then(
    periods: list[Period], days: int
) -> None:
    tally = Tally()
    tally.add(periods, +1)
    found = span_cut(START.date() + timedelta(days=days))
    summed: Counter[str] = Counter()
    for (_, _, status, span), n in tally.believed_below({}).items():
        if span < found.span:
            summed[STATUSES[status]] += n
    then = found.boundary - timedelta(microseconds=1)
    looked_at = Counter(
        status_on(p.state, p.due_on, p.expires_on, found.last_day)
        for p in periods
        if p.recorded_to == FOREVER and p.effective_from <= then < p.effective_to
    )
    assert +summed == looked_at
    assert all(n >= 0 for n in summed.values())


@given(rectangles())
def test_nobody_comes_to_a_status_before_leaving_the_last(period: Period) -> None:
    told = list(changes(period))
    assert [n for *_, n in told] == [1, *(-1, 1) * ((len(told) - 1) // 2), *[-1] * (len(told) % 2 == 0)]
    assert [day for _, day, _ in told] == sorted(day for _, day, _ in told)
    assert (sum(n for *_, n in told) == 1) == (period.effective_to == FOREVER)


@given(st.integers(0, 60))
def test_a_day_is_cut_at_the_nearest_end_of_a_span(days: int) -> None:
    day = START.date() + timedelta(days=days)
    found = span_cut(day)
    assert found.boundary == end_of_day(found.last_day)
    assert -SPAN_DAYS / 2 <= (found.last_day - day).days + 0.5 <= SPAN_DAYS / 2
    assert (found.last_day.toordinal() + 1) % SPAN_DAYS == 0


@given(moments, moments, st.sampled_from([1, COARSE_WEEKS]))
def test_a_moment_is_cut_at_the_nearest_boundary(moment: datetime, now: datetime, weeks: int) -> None:
    found = cut(moment, now, weeks)
    assert abs(found.boundary - moment) <= timedelta(weeks=weeks)
    assert found.block in (week_of(moment) // weeks, week_of(moment) // weeks + 1)
    assert cut(now, now, weeks).boundary >= now, "whatever is later than now counts for nothing"
    if moment < now - timedelta(weeks=weeks):
        assert abs(found.boundary - moment) <= timedelta(weeks=weeks) / 2


@given(st.integers(0, 200), st.integers(0, 200), st.sampled_from(STATES))
def test_thresholds_say_what_status_on_says(day: int, turn: int, state: State) -> None:
    today, turns = day_of(START) + timedelta(days=day), day_of(START) + timedelta(days=turn)
    t = thresholds(today)
    ordinal = turns.toordinal()
    if state == "passed":
        found = "expired" if ordinal < t.expired else "expiring" if ordinal < t.expiring else "passed"
    elif state == "assigned":
        found = "overdue" if ordinal < t.late else "due_soon" if ordinal < t.soon else "assigned"
    elif state == "in_progress":
        found = "overdue" if ordinal < t.late else "in_progress"
    else:
        found = state
    assert found == status_on(state, turns, turns, today)


@given(st.integers(700_000, 800_000), st.sampled_from(STATES))
def test_blocks_nest(turns: int, state: State) -> None:
    assert coarse_block(fine_block(state, turns)) == coarse_block(turns)


@given(st.integers(0, 2000), st.integers(0, 2000))
def test_a_threshold_on_a_block_boundary_does_not_cut_a_block(day: int, turn: int) -> None:
    t = thresholds(day_of(START) + timedelta(days=day))
    turns = (day_of(START) + timedelta(days=turn)).toordinal()
    assert (coarse_block(turns) < t.coarse.late) == (turns < t.coarse.late)
    assert (fine_block("passed", turns) < t.fine.expired) == (turns < t.fine.expired)
    assert t.fine.late == t.late
