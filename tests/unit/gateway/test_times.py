"""Moments and positions in a query string."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.errors import Problem
from gateway.times import moment, positions


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2027-06-30", datetime(2027, 6, 30, 21, 59, 59, 999999, UTC)),  # summer time
        ("2027-01-30", datetime(2027, 1, 30, 22, 59, 59, 999999, UTC)),  # winter time
        ("2027-03-28", datetime(2027, 3, 28, 21, 59, 59, 999999, UTC)),  # the short day
        ("2027-10-31", datetime(2027, 10, 31, 22, 59, 59, 999999, UTC)),  # the long day
        ("2027-06-30T09:00:00+02:00", datetime(2027, 6, 30, 7, tzinfo=UTC)),
        ("2027-06-30T09:00:00 02:00", datetime(2027, 6, 30, 7, tzinfo=UTC)),  # a plus sign in a query
        ("2027-06-30T07:00Z", datetime(2027, 6, 30, 7, tzinfo=UTC)),
        ("2027-06-30T07:00:00.5z", datetime(2027, 6, 30, 7, microsecond=500_000, tzinfo=UTC)),
    ],
)
def test_a_moment_is_a_day_or_an_instant(text: str, at: datetime) -> None:
    assert abs((moment(text, "query.as_of") or at) - at) < timedelta(microseconds=1)


def test_no_moment_is_none() -> None:
    assert moment(None, "query.as_of") is None


@pytest.mark.parametrize(
    "text",
    ["", "2027-06-30T09:00:00", "1800000000", "yesterday", "2027-02-30", "2027-W26", "9999-12-31", "0001-01-01",
     "2027-06-30T25:00:00Z", "2027-06-30T09:00:00+99:99", "٢٠٢٧-٠٦-٣٠"],
)  # fmt: skip
def test_anything_else_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(Problem) as refused:
        moment(text, "query.as_of")
    assert (refused.value.status, refused.value.faults[0].place) == (422, "query.as_of")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (None, {}),
        ("123", {"progress": 123}),
        ("progress:123,scheduling:45", {"progress": 123, "scheduling": 45}),
        ("content:0", {"content": 0}),
    ],
)
def test_positions(text: str | None, found: dict[str, int]) -> None:
    assert positions(text) == found


@pytest.mark.parametrize(
    "text", ["", "-1", "progress", "progress:", "reporting:1", "1,2,3,4,5", "9" * 19, "a:1"]
)
def test_what_is_not_a_position_is_refused(text: str) -> None:
    with pytest.raises(Problem) as refused:
        positions(text)
    assert refused.value.status == 422
