"""Due dates over forty years: whatever the calendar does, the day is the one that people would count to."""

import calendar
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scheduling.domain.due import (
    add_days,
    add_months,
    end_of_day,
    local_day,
    renewal,
    start_of_day,
)

FIRST, LAST = date(2010, 1, 1), date(2049, 12, 31)
FIRST_MOMENT, LAST_MOMENT = datetime(2010, 1, 1, tzinfo=UTC), datetime(2049, 12, 31, tzinfo=UTC)
days = st.dates(FIRST, LAST)
months = st.integers(0, 240)
moments = st.datetimes(
    FIRST_MOMENT.replace(tzinfo=None), LAST_MOMENT.replace(tzinfo=None), timezones=st.just(UTC)
)


@given(days)
def test_a_day_lasts_from_its_start_until_its_end_and_no_moment_belongs_to_two(day: date) -> None:
    start, end = start_of_day(day), end_of_day(day)
    assert end == start_of_day(day + timedelta(days=1))
    assert local_day(start) == day == local_day(end - timedelta(microseconds=1))
    assert local_day(start - timedelta(microseconds=1)) == day - timedelta(days=1)
    assert local_day(end) == day + timedelta(days=1)


@given(days)
def test_a_day_has_24_hours_but_for_two_in_a_year(day: date) -> None:
    hours = (end_of_day(day) - start_of_day(day)) / timedelta(hours=1)
    last_sunday = day.weekday() == 6 and (day + timedelta(days=7)).month != day.month
    assert hours == (23 if day.month == 3 and last_sunday else 25 if day.month == 10 and last_sunday else 24)


@given(moments)
def test_every_moment_lies_in_its_day(moment: datetime) -> None:
    day = local_day(moment)
    assert start_of_day(day) <= moment < end_of_day(day)


@given(days, months)
def test_months_keep_the_day_or_take_the_last_of_a_shorter_month(day: date, count: int) -> None:
    then = add_months(day, count)
    assert (then.year - day.year) * 12 + then.month - day.month == count
    last = calendar.monthrange(then.year, then.month)[1]
    assert then.day == min(day.day, last)


@given(days, days, months)
def test_what_was_done_later_never_expires_earlier(one: date, other: date, count: int) -> None:
    first, second = sorted((one, other))
    assert add_months(first, count) <= add_months(second, count)


@given(days, st.integers(-800, 4000))
def test_days_are_days_of_the_calendar_whatever_the_clocks_do(day: date, count: int) -> None:
    then = add_days(day, count)
    assert then.toordinal() - day.toordinal() == count
    # A step of 24 hours from noon would do as well; from midnight it would not, twice a year.
    assert local_day(start_of_day(then) + timedelta(hours=12)) == then


@given(days, st.integers(1, 240), st.integers(1, 730), st.integers(0, 365))
def test_a_renewal_opens_after_it_was_done_and_before_it_is_due(
    done: date, count: int, window: int, grace: int
) -> None:
    again = renewal(done, count, window, grace)
    assert done < again.opens_on <= max(again.expires_on, done + timedelta(days=1))
    assert again.expires_on == add_months(done, count)
    assert again.due_on - again.expires_on == timedelta(days=grace)
    assert again.opens_on == again.expires_on - timedelta(days=window) or again.opens_on == done + timedelta(
        days=1
    )


@pytest.mark.parametrize(
    ("day", "count", "then"),
    [
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2028, 2, 29), 48, date(2032, 2, 29)),
        (date(2027, 2, 28), 12, date(2028, 2, 28)),  # not the 29th: the day stays
        (date(2027, 1, 31), 1, date(2027, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2027, 10, 31), 4, date(2028, 2, 29)),
        (date(2027, 12, 31), 24, date(2029, 12, 31)),
        (date(2099, 12, 31), 2, date(2100, 2, 28)),  # no leap year
    ],
)
def test_the_ends_of_months(day: date, count: int, then: date) -> None:
    assert add_months(day, count) == then


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2027, 3, 27, 22, 59, 59, tzinfo=UTC), date(2027, 3, 27)),  # winter until tonight
        (datetime(2027, 3, 28, 21, 59, 59, tzinfo=UTC), date(2027, 3, 28)),  # 23 hours later it is over
        (datetime(2027, 3, 28, 22, 0, tzinfo=UTC), date(2027, 3, 29)),
        (datetime(2027, 10, 31, 22, 59, 59, tzinfo=UTC), date(2027, 10, 31)),  # the day of 25 hours
        (datetime(2027, 10, 31, 23, 0, tzinfo=UTC), date(2027, 11, 1)),
        (datetime(2028, 2, 29, 22, 59, 59, tzinfo=UTC), date(2028, 2, 29)),
    ],
)
def test_the_nights_on_which_clocks_change(moment: datetime, day: date) -> None:
    assert local_day(moment) == day
