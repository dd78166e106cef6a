"""Facts about one person, in few words."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from services.reporting.facts import Fact, Kind

ANN = UUID(int=1)
WING, OTHER_WING = UUID(int=10), UUID(int=11)
COURSE = "awareness"
RECORD, ASSIGNMENT = UUID(int=20), UUID(int=21)


def on(day: int, hour: int = 12) -> datetime:
    """Noon of a day in January 2026 (day 32 is 1 February)."""
    return datetime(2026, 1, 1, hour, tzinfo=UTC) + timedelta(days=day - 1)


def fact(
    kind: Kind,
    occurred: int,
    *,
    recorded: int | None = None,
    position: int = 0,
    subject: UUID | None = None,
    day: date | None = None,
    course: str = COURSE,
    period: int = 1,
) -> Fact:
    """A fact that happened on one day of January and was recorded on another (the same, if not said)."""
    about_place = kind in ("placed", "left", "returned")
    subjects = {
        "placed": WING,
        "left": ANN,
        "returned": ANN,
        "assigned": ASSIGNMENT,
        "unassigned": ASSIGNMENT,
    }
    return Fact(
        ANN,
        on(recorded or occurred),
        "scheduling" if about_place or "assigned" in kind else "progress",
        position,
        on(occurred),
        kind,
        "" if about_place else course,
        0 if about_place else 1 if kind in ("completed", "exhausted") else period,
        subject or subjects.get(kind, RECORD),
        day,
    )
