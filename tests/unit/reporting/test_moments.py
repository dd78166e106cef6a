"""Days as people reckon them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.reporting.facts import expiry
from services.reporting.moments import add_months, day_of, end_of_day, months_until


@pytest.mark.parametrize(
    ("day", "over_at"),
    [
        (date(2026, 1, 15), datetime(2026, 1, 15, 23, tzinfo=UTC)),
        (date(2026, 7, 15), datetime(2026, 7, 15, 22, tzinfo=UTC)),
        (date(2026, 3, 29), datetime(2026, 3, 29, 22, tzinfo=UTC)),  # 23 hours: clocks go forward
        (date(2026, 10, 25), datetime(2026, 10, 25, 23, tzinfo=UTC)),  # 25 hours: clocks go back
    ],
)
def test_a_due_date_lasts_until_the_end_of_the_day_in_brussels(day: date, over_at: datetime) -> None:
    assert end_of_day(day) == over_at
    assert day_of(over_at) > day
    assert day_of(over_at.replace(hour=over_at.hour - 1)) == day


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2026, 12, 31), 1, date(2027, 1, 31)),
        (date(2026, 11, 30), 1, date(2026, 12, 30)),
        (date(2026, 5, 4), 24, date(2028, 5, 4)),
    ],
)
def test_months_are_added_as_people_do(day: date, months: int, then: date) -> None:
    assert add_months(day, months) == then


def test_months_end_in_brussels_and_the_last_one_where_it_is_cut() -> None:
    assert months_until(datetime(2026, 4, 1, 8, tzinfo=UTC), 4) == [
        datetime(2026, 1, 31, 22, 59, 59, 999_999, tzinfo=UTC),
        datetime(2026, 2, 28, 22, 59, 59, 999_999, tzinfo=UTC),
        datetime(2026, 3, 31, 21, 59, 59, 999_999, tzinfo=UTC),
        datetime(2026, 4, 1, 8, tzinfo=UTC),
    ]
    assert months_until(datetime(2026, 3, 31, 22, tzinfo=UTC), 2)[0].day == 31, "it is April in Brussels"
    end = end_of_day(date(2026, 1, 31)) - timedelta(microseconds=1)
    assert months_until(end, 2) == [end_of_day(date(2025, 12, 31)) - timedelta(microseconds=1), end]
    assert months_until(end, 1) == [end]


def test_a_completion_late_in_the_evening_belongs_to_its_local_day() -> None:
    assert expiry(datetime(2026, 6, 30, 22, 30, tzinfo=UTC), 12) == date(2027, 7, 1)
    assert expiry(datetime(2026, 6, 30, 21, 30, tzinfo=UTC), 12) == date(2027, 6, 30)
    assert expiry(datetime(2026, 6, 30, 21, 30, tzinfo=UTC), 0) is None
