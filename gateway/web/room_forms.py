"""What somebody fills in about a room and its slots, and what is wrong with it, field by field. No I/O."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any, Final

from gateway.forms import Form
from services.contracts.message import YEAR_MAX, YEAR_MIN
from services.contracts.reporting.seats import RoomLine

WEEKDAYS: Final = range(1, 8)
SPANS: Final = 2
"""Opening hours of one day that a form has fields for: before and after noon. A room that has more shows more."""

TIMES: Final = ("starts", "starts-2", "starts-3", "starts-4")
"""Times of day at which one form opens slots."""

SERIES_DAYS_MAX: Final = 366

OF_A_DAY: Final = re.compile(r"[1-7]-([1-9]|1\d|2[0-8])")
"""How the fields of opening hours end: the day of the week, and which span of that day."""

HOURS_AND_MINUTES: Final = re.compile(r"\d\d:\d\d", re.ASCII)


class Draft:
    """Fields as they were written."""

    def __init__(self, told: Mapping[str, str]) -> None:
        """Without what surrounds them."""
        self.told = {name: value.strip() for name, value in told.items()}

    def __getitem__(self, name: str) -> str:
        """A field; empty when it was not sent."""
        return self.told.get(name, "")

    def day(self, found: dict[str, str], name: str, not_before: date | None = None) -> date | None:
        """A date; what is wrong with it is noted."""
        try:
            day = date.fromisoformat(self[name])
        except ValueError:
            found[name] = "missing"
            return None
        if not YEAR_MIN <= day.year <= YEAR_MAX:
            found[name] = "missing"
            return None
        if not_before is not None and day < not_before:
            found[name] = "past"
            return None
        return day

    def number(self, found: dict[str, str], name: str, least: int, most: int) -> int | None:
        """A whole number; what is wrong with it is noted."""
        text = self[name]
        if not (text.isascii() and text.isdigit() and len(text) < 5 and least <= int(text) <= most):
            found[name] = "number"
            return None
        return int(text)

    def clock(self, name: str) -> time | None:
        """Hours and minutes, when they are written so."""
        if not HOURS_AND_MINUTES.fullmatch(self[name]):
            return None
        try:
            return time.fromisoformat(self[name])
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Hours:
    """The two fields of one span of opening hours."""

    weekday: int
    number: int
    opens: str
    closes: str


class RoomDraft(Draft):
    """A room: name, seats, opening hours."""

    @classmethod
    def of(cls, form: Form) -> "RoomDraft":
        """As it was sent."""
        hours = {
            f"{end}-{key}": values[0]
            for end in ("opens", "closes")
            for key, values in form.starting(f"{end}-").items()
            if OF_A_DAY.fullmatch(key)
        }
        return cls({"name": form.one("name"), "seats": form.one("seats"), **hours})

    @classmethod
    def as_it_is(cls, room: RoomLine) -> "RoomDraft":
        """A room, to be changed."""
        told = {"name": room.name, "seats": str(room.seats)}
        counted: dict[int, int] = {}
        for hours in sorted(room.hours, key=lambda each: (each.weekday, each.opens)):
            number = counted[hours.weekday] = counted.get(hours.weekday, 0) + 1
            told[f"opens-{hours.weekday}-{number}"] = hours.opens.isoformat("minutes")
            told[f"closes-{hours.weekday}-{number}"] = hours.closes.isoformat("minutes")
        return cls(told)

    @property
    def week(self) -> list[tuple[int, list[Hours]]]:
        """The fields of the opening hours, day by day."""
        most = max(
            (int(name.rpartition("-")[2]) for name in self.told if name.startswith("opens-")), default=SPANS
        )
        return [
            (
                day,
                [
                    Hours(day, number, self[f"opens-{day}-{number}"], self[f"closes-{day}-{number}"])
                    for number in range(1, max(most, SPANS) + 1)
                ],
            )
            for day in WEEKDAYS
        ]

    @property
    def wrong(self) -> dict[str, str]:
        """By field: `missing`, `number`, `hours`."""
        found: dict[str, str] = {}
        if not 0 < len(self["name"]) <= 80:
            found["name"] = "missing"
        self.number(found, "seats", 1, 200)
        for day, spans in self.week:
            for span in spans:
                if not (span.opens or span.closes):
                    continue
                opens = self.clock(f"opens-{day}-{span.number}")
                closes = self.clock(f"closes-{day}-{span.number}")
                if opens is None or closes is None or (closes != time(0, 0) and closes <= opens):
                    found[f"hours-{day}"] = "hours"
        return found

    @property
    def said(self) -> dict[str, Any]:
        """For a command, once nothing is wrong."""
        hours = [
            {"weekday": day, "opens": span.opens, "closes": span.closes}
            for day, spans in self.week
            for span in spans
            if span.opens
        ]
        return {"name": self["name"], "seats": int(self["seats"]), "hours": tuple(hours)}


class SlotsDraft(Draft):
    """Slots: from when to when, on which days of the week, at which times, how long, how many seats."""

    def __init__(self, told: Mapping[str, str], weekdays: Sequence[str]) -> None:
        super().__init__(told)
        self.weekdays = frozenset(weekdays)

    @classmethod
    def of(cls, form: Form) -> "SlotsDraft":
        """As it was sent."""
        names = ("from_on", "to_on", "minutes", "seats", *TIMES)
        return cls({name: form.one(name) for name in names}, form.all("weekday"))

    @classmethod
    def usual(cls, today: date) -> "SlotsDraft":
        """What an empty form proposes: the next four weeks from Monday on, two hours, on working days."""
        monday = today + timedelta(days=7 - today.weekday())
        told = {"from_on": monday.isoformat(), "to_on": (monday + timedelta(days=25)).isoformat()}
        return cls({**told, "minutes": "120", "starts": "09:00"}, [str(day) for day in range(1, 6)])

    @property
    def from_on(self) -> str:
        """Its first day."""
        return self["from_on"]

    def wrong(self, today: date) -> dict[str, str]:
        """By field: `missing`, `past`, `before`, `long`, `number`."""
        found: dict[str, str] = {}
        first, last = self.day(found, "from_on", not_before=today), self.day(found, "to_on")
        if first and last:
            if last < first:
                found["to_on"] = "before"
            elif (last - first).days >= SERIES_DAYS_MAX:
                found["to_on"] = "long"
        if not self.weekdays <= {str(day) for day in WEEKDAYS} or not self.weekdays:
            found["weekday"] = "missing"
        self.number(found, "minutes", 15, 600)
        if self["seats"]:
            self.number(found, "seats", 1, 200)
        for name in TIMES:
            if (self[name] or name == "starts") and self.clock(name) is None:
                found[name] = "missing"
        return found

    @property
    def series(self) -> list[dict[str, Any]]:
        """One for each time of day, once nothing is wrong."""
        same = {
            "from_on": self["from_on"],
            "to_on": self["to_on"],
            "weekdays": tuple(sorted(map(int, self.weekdays))),
            "minutes": int(self["minutes"]),
            "seats": int(self["seats"]) if self["seats"] else None,
        }
        times = dict.fromkeys(self[name] for name in TIMES if self[name])
        return [{**same, "starts": starts} for starts in times]


def opening_hours(room: RoomLine) -> list[tuple[int, int, str]]:
    """When a room is open: days that follow one another with the same hours, together."""
    spans: dict[int, list[str]] = {}
    for hours in sorted(room.hours, key=lambda each: (each.weekday, each.opens)):
        closes = "24:00" if hours.closes == time(0, 0) else hours.closes.isoformat("minutes")
        spans.setdefault(hours.weekday, []).append(f"{hours.opens.isoformat('minutes')}–{closes}")
    found: list[tuple[int, int, str]] = []
    for day, told in spans.items():
        text = ", ".join(told)
        if found and found[-1][1] == day - 1 and found[-1][2] == text:
            found[-1] = (found[-1][0], day, text)
        else:
            found.append((day, day, text))
    return found
