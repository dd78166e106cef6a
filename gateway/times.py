"""Moments and positions as people write them in a query string."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from gateway.errors import Fault, Problem
from services.contracts.message import YEAR_MAX, YEAR_MIN

BRUSSELS: Final = ZoneInfo("Europe/Brussels")
FEEDS: Final = ("content", "progress", "scheduling")
POSITION_MAX: Final = 2**63 - 1

_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_INSTANT: Final = re.compile(
    r"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)(Z|[+ -]\d{2}:\d{2})", re.IGNORECASE
)
_LOCAL: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?")
_POSITIONS: Final = re.compile(r"(?:(?:content|progress|scheduling):)?\d{1,19}(?:,[a-z]+:\d{1,19}){0,2}")


def moment(text: str | None, place: str) -> datetime | None:
    """A date means the end of that day in Brussels; an instant needs its zone. Raises Problem."""
    if text is None:
        return None
    try:
        if _DATE.fullmatch(text):
            return _bounded(end_of_day(date.fromisoformat(text)))
        if written := _INSTANT.fullmatch(text):
            # A plus sign that was not escaped arrives as a space.
            zone = written[2].replace(" ", "+").upper()
            return _bounded(datetime.fromisoformat(written[1].upper() + zone))
    except (ValueError, OverflowError):
        pass
    raise Problem("malformed", faults=[Fault(place, "value-not-a-date-or-time")])


def local_moment(text: str, place: str) -> datetime | None:
    """A moment as a form of ours writes it: empty is none, and a time without its zone is one in Brussels.

    Of the two moments that are called so when clocks go back it is the later: nothing of that hour
    is left out. Raises Problem.
    """
    if _LOCAL.fullmatch(text):
        try:
            told = _bounded(datetime.fromisoformat(text).replace(tzinfo=BRUSSELS, fold=1))
            return told.astimezone(UTC)  # a moment of that hour equals none in another zone
        except (ValueError, OverflowError):
            raise Problem("malformed", faults=[Fault(place, "value-not-a-date-or-time")]) from None
    return moment(text or None, place)


def end_of_day(day: date) -> datetime:
    """The last microsecond of a day in Brussels, however long that day is."""
    return datetime.combine(day + timedelta(days=1), time(), BRUSSELS) - timedelta(microseconds=1)


def positions(text: str | None, place: str = "query.at_least") -> dict[str, int]:
    """Positions to wait for: `123` (of progress) or `progress:123,scheduling:45`. Raises Problem."""
    if text is None:
        return {}
    found: dict[str, int] = {}
    if _POSITIONS.fullmatch(text):
        for part in text.split(","):
            feed, _, number = part.rpartition(":")
            found[feed or "progress"] = int(number)
        if set(found) <= set(FEEDS) and max(found.values()) <= POSITION_MAX:
            return found
    raise Problem("malformed", faults=[Fault(place, "value-not-a-position")])


def _bounded(at: datetime) -> datetime:
    if not YEAR_MIN <= at.year <= YEAR_MAX:
        raise ValueError("outside the years that we know")
    return at
