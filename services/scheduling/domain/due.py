"""Due dates by the calendar: from a day and a rule to another day. No I/O, no clock, no chance.

A day is a day in Belgium. A due date and the last day of validity last until the end of that day, which
has 23 or 25 hours when clocks change; so days are added to days, never hours to moments. Months are
added so that the day stays, or becomes the last of a shorter month (31 January + 1 = 28 or 29 February;
29 February + 12 = 28 February).
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

LOCAL: Final = ZoneInfo("Europe/Brussels")


def local_day(moment: datetime) -> date:
    """The day on which a moment falls here."""
    return moment.astimezone(LOCAL).date()


def start_of_day(day: date) -> datetime:
    """The moment at which a day begins here."""
    return datetime.combine(day, time(), LOCAL).astimezone(UTC)


def end_of_day(day: date) -> datetime:
    """The moment at which a day is over here: what is due on it was due before this moment."""
    return start_of_day(day + timedelta(days=1))


def add_days(day: date, days: int) -> date:
    """So many days later, or earlier."""
    return day + timedelta(days=days)


def add_months(day: date, months: int) -> date:
    """The same day of the month so many months later, or the last one of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    first_of_next = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    last = (first_of_next - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))


@dataclass(frozen=True, slots=True)
class Renewal:
    """When what was done on a day must be done again."""

    expires_on: date
    """The last day on which it is valid."""
    opens_on: date
    """From this day on it can be done again: it is assigned."""
    due_on: date
    """By the end of this day it must have been done again."""


def renewal(done_on: date, months: int, window_days: int, grace_days: int) -> Renewal:
    """Valid for so many months (at least one); it opens so long before that ends, and is due so long after.

    It never opens before the day after the one on which it was done.
    """
    expires_on = add_months(done_on, months)
    opens_on = max(add_days(expires_on, -window_days), add_days(done_on, 1))
    return Renewal(expires_on, opens_on, add_days(expires_on, grace_days))
