"""What a training centre fills in about an in-person course or session, and what is wrong, field by field. No I/O."""

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from itertools import pairwise
from typing import Any, Final, get_args
from uuid import UUID

from gateway.forms import Form
from gateway.sentences import LANGUAGES
from gateway.times import BRUSSELS
from services.contracts.message import Language
from services.contracts.reporting.sessions import SessionLine
from services.contracts.scheduling.classes import DAYS_MAX, SEATS_MAX

DAYS: Final = tuple(range(1, DAYS_MAX + 1))
USUAL: Final = {"from-1": "09:00", "to-1": "16:30", "from-2": "09:00", "to-2": "16:30", "seats": "12"}
"""What an empty form proposes: two days."""

FIELDS: Final = (
    "course",
    "in",
    "centre",
    "room",
    "seats",
    *(f"{name}-{n}" for n in DAYS for name in ("day", "from", "to")),
)
SLUG: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


class SessionDraft:
    """A session as somebody fills in its form; what is wrong with it, by field."""

    def __init__(self, told: Mapping[str, str], trainers: tuple[str, ...], now: datetime) -> None:
        """As it was written."""
        self.told = {name: told.get(name, "").strip() for name in FIELDS}
        self.trainers = trainers
        self._now = now
        self.wrong: dict[str, str] = {}

    @classmethod
    def sent(cls, form: Form, now: datetime) -> "SessionDraft":
        """As it came; looked at."""
        draft = cls({name: form.one(name) for name in FIELDS}, tuple(form.all("trainer")), now)
        draft._look()
        return draft

    @classmethod
    def of(cls, session: SessionLine, now: datetime) -> "SessionDraft":
        """As it stands."""
        told = {
            "course": session.course,
            "in": session.language,
            "centre": str(session.centre_id),
            "room": session.room,
            "seats": str(session.seats),
        }
        for n, day in enumerate(session.days, start=1):
            starts, ends = day.starts_at.astimezone(BRUSSELS), day.ends_at.astimezone(BRUSSELS)
            told[f"day-{n}"] = starts.date().isoformat()
            told[f"from-{n}"], told[f"to-{n}"] = f"{starts:%H:%M}", f"{ends:%H:%M}"
        return cls(told, tuple(str(each.person_id) for each in session.trainers), now)

    def __getitem__(self, name: str) -> str:
        """A field as it was written."""
        return self.told[name]

    @property
    def days_used(self) -> int:
        """The last day that says something."""
        return max((n for n in DAYS if self[f"day-{n}"]), default=0)

    @property
    def body(self) -> dict[str, Any]:
        """What the command says, when nothing is wrong."""
        return {
            "language": self["in"],
            "centre_id": self["centre"],
            "room": self["room"],
            "days": [{"starts_at": starts, "ends_at": ends} for starts, ends in self._days()],
            "trainers": list(self.trainers),
            "seats": int(self["seats"]),
        }

    def _look(self) -> None:
        if not self["room"]:
            self.wrong["room"] = "missing"
        elif len(self["room"]) > 120:
            self.wrong["room"] = "long"
        if self["in"] not in get_args(Language):
            self.wrong["in"] = "missing"
        seats = self["seats"]
        if not (seats.isascii() and seats.isdigit() and len(seats) < 4 and 0 < int(seats) <= SEATS_MAX):
            self.wrong["seats"] = "number"
        if not _is_id(self["centre"]):
            self.wrong["centre"] = "missing"
        self._look_at_days()

    def _look_at_days(self) -> None:
        used = [n for n in DAYS if self[f"day-{n}"] or n == 1]
        self.wrong |= {f"day-{n}": "missing" for n in used if None in self._span(n)}
        if any(f"day-{n}" in self.wrong for n in used):
            return
        days = self._days()
        if days[0][0] <= self._now:
            self.wrong["day-1"] = "past"
            return
        for n, (starts, ends) in zip(used, days, strict=True):
            if ends <= starts:
                self.wrong[f"day-{n}"] = "crossed"
        for (_, (_, before)), (n, (after, _)) in pairwise(zip(used, days, strict=True)):
            if after <= before:
                self.wrong[f"day-{n}"] = "order"

    def _span(self, n: int) -> tuple[datetime | None, datetime | None]:
        day = self[f"day-{n}"]
        return _moment(day, self[f"from-{n}"]), _moment(day, self[f"to-{n}"])

    def _days(self) -> list[tuple[datetime, datetime]]:
        spans = (self._span(n) for n in DAYS)
        return [(starts, ends) for starts, ends in spans if starts is not None and ends is not None]


class CourseDraft:
    """An in-person course: its short name, its title in each language, for how long it is valid."""

    def __init__(self, told: Mapping[str, str]) -> None:
        """As it was written."""
        names = ("course", "months", *(f"title-{each}" for each in LANGUAGES))
        self.told = {name: told.get(name, "").strip() for name in names}

    def __getitem__(self, name: str) -> str:
        """A field as it was written."""
        return self.told[name]

    @property
    def titles(self) -> dict[str, str]:
        """The title in the languages in which it was written."""
        return {each: title for each in LANGUAGES if (title := self[f"title-{each}"])}

    @property
    def wrong(self) -> dict[str, str]:
        """By field: `missing`, `letters`, `number`."""
        found: dict[str, str] = {}
        if not SLUG.fullmatch(self["course"]):
            found["course"] = "letters"
        if not self.titles:
            found[f"title-{LANGUAGES[0]}"] = "missing"
        months = self["months"]
        if not (months.isascii() and months.isdigit() and len(months) < 4 and int(months) <= 600):
            found["months"] = "number"
        return found


def _moment(day: str, at: str) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(day), time.fromisoformat(at), BRUSSELS)
    except ValueError:
        return None


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
