"""What standing orders ask of one person: rule by rule, on plain days."""

from datetime import date, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.scheduling.domain.duty import Offer, Order, Verdict, Way, verdict_of

ALL, TEAM = UUID(int=1), UUID(int=2)
COURSE = "recognising"
TODAY = date(2027, 6, 30)
OFFERS = {COURSE: Offer(frozenset({"fr", "nl"}))}


def day(days: int) -> date:
    return TODAY + timedelta(days=days)


def order(order_id: UUID = ALL, **fields: object) -> Order:
    """Begun ten days ago, due in thirty; does not renew."""
    usual = {
        "course": COURSE,
        "unit_id": None,
        "function": None,
        "due_on": day(30) if "after_days" not in fields else None,
        "after_days": None,
        "renews": False,
        "months": None,
        "window_days": 60,
        "grace_days": 0,
        "from_on": day(-10),
        "to_on": None,
    }
    return Order(order_id=order_id, **{**usual, **fields})  # type: ignore[arg-type]


def renewing(order_id: UUID = ALL, **fields: object) -> Order:
    return order(order_id, renews=True, **fields)


def way(period: int = 1, **fields: object) -> Way:
    usual = {
        "assigned": True,
        "taken_back": False,
        "by_hand": False,
        "due_on": day(30),
        "order_id": ALL,
        "done_on": None,
        "months": 24,
    }
    return Way(period=period, **{**usual, **fields})  # type: ignore[arg-type]


def verdict(*orders: Order, ways: tuple[Way, ...] = (), on: date = TODAY, **person: object) -> Verdict:
    usual = {"placed_on": day(-400), "language": "nl", "today": on}
    return verdict_of(orders, [(COURSE, w) for w in ways], OFFERS, **{**usual, **person})  # type: ignore[arg-type]


def dates(told: Verdict) -> list[tuple[int, date, str]]:
    return [(each.period, each.due_on, each.cause.rule) for each in told.openings]


def kinds(told: Verdict) -> list[str]:
    return [finding.kind for finding in told.findings]


class TestTheFirstTime:
    def test_it_is_due_on_the_day_that_the_order_names(self) -> None:
        assert dates(verdict(order())) == [(1, day(30), "on_date")]

    def test_or_so_many_days_after_coming_under_it(self) -> None:
        told = verdict(order(after_days=45), placed_on=day(-5))
        assert dates(told) == [(1, day(40), "after_joining")]
        assert (told.openings[0].cause.counted_from, told.openings[0].cause.days) == (day(-5), 45)

    def test_who_was_there_before_the_order_is_counted_from_its_first_day(self) -> None:
        assert dates(verdict(order(after_days=45))) == [(1, day(35), "after_joining")]

    def test_who_comes_to_a_function_is_counted_from_the_day_on_which_that_is_seen(self) -> None:
        assert dates(verdict(order(after_days=45, function="chief"))) == [(1, day(45), "after_joining")]

    def test_an_assignment_that_stands_is_left_alone(self) -> None:
        assert verdict(order(), ways=(way(),)) == Verdict()

    def test_a_course_that_somebody_opened_by_themselves_is_assigned_in_its_period(self) -> None:
        told = verdict(order(), ways=(way(assigned=False, due_on=None, order_id=None),))
        assert dates(told) == [(1, day(30), "on_date")]

    def test_what_was_done_before_the_order_counts(self) -> None:
        assert verdict(order(), ways=(way(assigned=False, done_on=day(-100)),)) == Verdict()

    def test_nothing_before_the_order_begins_and_it_is_looked_at_then(self) -> None:
        told = verdict(order(from_on=day(5)))
        assert told == Verdict(look_on=day(5))

    def test_nothing_after_it_has_ended(self) -> None:
        assert verdict(order(to_on=day(-1))) == Verdict()
        assert verdict(order(to_on=day(0))).look_on == day(1)


class TestTheNextPeriod:
    def test_waits_for_its_window(self) -> None:
        done = way(done_on=date(2026, 3, 1), months=24)
        assert verdict(renewing(), ways=(done,)) == Verdict(look_on=date(2028, 3, 1) - timedelta(days=60))

    def test_opens_with_it_as_a_period_of_its_own(self) -> None:
        done = way(done_on=date(2026, 3, 1), months=24)
        told = verdict(renewing(grace_days=14), ways=(done,), on=date(2028, 3, 1) - timedelta(days=60))
        assert dates(told) == [(2, date(2028, 3, 15), "renewal")]
        cause = told.openings[0].cause
        assert (cause.counted_from, cause.months, cause.expires_on) == (
            date(2026, 3, 1),
            24,
            date(2028, 3, 1),
        )
        assert (cause.window_days, cause.opens_on, cause.days) == (60, date(2028, 1, 1), 14)

    def test_by_the_validity_of_the_order_where_it_says_one(self) -> None:
        done = way(done_on=TODAY, months=24)
        assert verdict(renewing(months=12), ways=(done,)).look_on == date(2028, 6, 30) - timedelta(days=60)

    def test_never_of_what_is_valid_without_end(self) -> None:
        assert verdict(renewing(), ways=(way(done_on=day(-4000), months=0),)) == Verdict()

    def test_of_what_expired_before_the_order_the_orders_first_date_is_asked_for(self) -> None:
        told = verdict(renewing(), ways=(way(assigned=False, done_on=day(-2000), months=12),))
        assert dates(told) == [(2, day(30), "on_date")]

    def test_a_period_that_stands_is_left_alone(self) -> None:
        past = way(done_on=date(2025, 7, 30), months=24)
        now = way(period=2, due_on=date(2027, 7, 30))
        assert verdict(renewing(), ways=(past, now)) == Verdict()


class TestWhatStandsInTheWay:
    def test_of_two_dates_the_earlier_holds_and_that_they_differ_is_told(self) -> None:
        told = verdict(order(), order(TEAM, due_on=day(20)))
        assert dates(told) == [(1, day(20), "on_date")]
        (finding,) = told.findings
        assert (finding.kind, finding.order_id, finding.due_on) == ("conflict", ALL, day(30))
        assert (finding.held_on, finding.held_by) == (day(20), TEAM)

    def test_an_earlier_date_of_a_later_order_brings_the_assignment_forward(self) -> None:
        told = verdict(order(), order(TEAM, due_on=day(20)), ways=(way(),))
        assert dates(told) == [(1, day(20), "on_date")]
        assert [(f.kind, f.order_id) for f in told.findings] == [("conflict", ALL)]

    def test_a_later_date_is_only_told(self) -> None:
        told = verdict(order(), order(TEAM, due_on=day(40)), ways=(way(),))
        assert dates(told) == []
        assert [(f.kind, f.order_id, f.held_on) for f in told.findings] == [("conflict", TEAM, day(30))]

    def test_two_orders_that_say_the_same_are_no_conflict(self) -> None:
        assert verdict(order(), order(TEAM), ways=(way(),)) == Verdict()
        assert kinds(verdict(order(), order(TEAM))) == []

    def test_a_date_chosen_by_hand_holds_against_all_orders(self) -> None:
        chosen = way(by_hand=True, order_id=None, due_on=day(90))
        assert verdict(order(), order(TEAM, due_on=day(20)), ways=(chosen,)) == Verdict()

    def test_what_was_taken_back_by_hand_is_not_assigned_again(self) -> None:
        assert verdict(order(), ways=(way(assigned=False, taken_back=True, by_hand=True),)) == Verdict()

    def test_an_order_that_ended_is_in_conflict_with_nobody(self) -> None:
        assert verdict(order(TEAM, due_on=day(40)), ways=(way(order_id=ALL),)) == Verdict()

    def test_a_date_before_somebody_joined_is_told_and_not_set(self) -> None:
        told = verdict(order(due_on=day(-5)), placed_on=day(-2))
        assert (dates(told), kinds(told)) == ([], ["before_joining"])

    def test_a_date_that_had_passed_is_told_and_not_set(self) -> None:
        told = verdict(order(due_on=day(-1), from_on=day(-5)))
        assert (dates(told), kinds(told)) == ([], ["past"])

    def test_the_day_itself_has_not_passed(self) -> None:
        assert dates(verdict(order(due_on=TODAY))) == [(1, TODAY, "on_date")]

    def test_without_a_version_in_use_nothing_is_set(self) -> None:
        told = verdict_of([order()], (), {}, placed_on=day(-9), language="nl", today=TODAY)
        assert (dates(told), kinds(told)) == ([], ["no_version"])

    def test_nor_without_one_in_the_persons_language(self) -> None:
        told = verdict(order(), language="de")
        assert (dates(told), kinds(told)) == ([], ["no_language"])

    def test_somebody_whose_language_nobody_knows_is_assigned(self) -> None:
        assert dates(verdict(order(), language=None)) == [(1, day(30), "on_date")]


near = st.integers(-900, 900).map(day)
orders = st.builds(
    lambda id_, due, after, renews, months, window, grace, start: order(
        UUID(int=id_),
        **({"due_on": due} if after is None else {"after_days": after}),
        renews=renews,
        months=months,
        window_days=window,
        grace_days=grace,
        from_on=start,
    ),
    st.integers(1, 4),
    near,
    st.none() | st.integers(1, 400),
    st.booleans(),
    st.none() | st.integers(1, 48),
    st.integers(1, 200),
    st.integers(0, 60),
    near,
)
some_orders = st.lists(orders, max_size=4, unique_by=lambda o: o.order_id)
done = st.lists(near.filter(lambda d: d <= TODAY), max_size=2).map(
    lambda when: tuple(way(n, done_on=d) for n, d in enumerate(sorted(when), 1))
)


@given(some_orders, done, near.filter(lambda d: d <= TODAY))
def test_carrying_out_what_follows_leaves_nothing_to_do(
    given_orders: list[Order], ways: tuple[Way, ...], placed_on: date
) -> None:
    told = verdict(*given_orders, ways=ways, placed_on=placed_on)
    assert len(told.openings) <= 1
    for opening in told.openings:
        assert opening.due_on >= TODAY
        opened = way(opening.period, due_on=opening.due_on, order_id=opening.cause.order_id)
        again = verdict(*given_orders, ways=(*ways, opened), placed_on=placed_on)
        assert again.openings == ()
        assert {f for f in again.findings if f.kind == "conflict"} == {
            f for f in told.findings if f.kind == "conflict"
        }


@given(some_orders, done, near.filter(lambda d: d <= TODAY), st.integers(1, 900))
def test_nothing_is_missed_by_looking_only_on_the_days_that_were_said(
    given_orders: list[Order], ways: tuple[Way, ...], placed_on: date, later: int
) -> None:
    told = verdict(*given_orders, ways=ways, placed_on=placed_on)
    if told.openings or (told.look_on is not None and told.look_on <= day(later)):
        return
    before = {(o.course, o.period) for o in told.openings}
    then = verdict(*given_orders, ways=ways, placed_on=placed_on, on=day(later))
    assert {(o.course, o.period) for o in then.openings} <= before
