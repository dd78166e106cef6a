"""Moments and days: two times on every question, and the local days by which people reckon. Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

FOREVER: Final = datetime(9999, 12, 31, tzinfo=UTC)
"""The end of what has no end, in rows and in code."""

BRUSSELS: Final = ZoneInfo("Europe/Brussels")


@dataclass(frozen=True)
class Moment:
    """What a question asks about: the moment, its local day, and the knowledge to use."""

    as_of: datetime
    known_at: datetime

    @property
    def day(self) -> date:
        """The calendar day asked about."""
        return day_of(self.as_of)


def day_of(moment: datetime) -> date:
    """The calendar day on which a moment falls for the people we serve."""
    return moment.astimezone(BRUSSELS).date()


def end_of_day(day: date) -> datetime:
    """The moment at which a local day is over; days on which clocks change have 23 or 25 hours."""
    return datetime.combine(day + timedelta(days=1), time(), BRUSSELS).astimezone(UTC)


def months_until(moment: datetime, count: int) -> list[datetime]:
    """So many moments, the last the one given, each other the last microsecond of a month before it."""
    found = [moment]
    first = day_of(moment).replace(day=1)
    while len(found) < count:
        found.append(end_of_day(first - timedelta(days=1)) - timedelta(microseconds=1))
        first = (first - timedelta(days=1)).replace(day=1)
    return found[::-1]


def add_months(day: date, months: int) -> date:
    """The same day so many months later, or the last one of that month (29 February + 12 = 28 February)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    first_of_next = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    last = (first_of_next - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))
