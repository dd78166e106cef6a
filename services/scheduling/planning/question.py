"""What a proposal is asked about: people, seats, and the rules of placing one on the other.

A course is followed in one or two *halves* (as many as a person still needs). Both languages are on
every seat, so that language is no rule here.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from services.scheduling.domain.due import LOCAL

PEOPLE_MAX: Final = 2_000
"""People of one question: above, it would not be answered in the time that somebody waits."""

SLOTS_MAX: Final = 4_000
"""Slots of one question."""


@dataclass(frozen=True, slots=True)
class Span:
    """From one moment to another; the second is no longer part of it."""

    starts_at: datetime
    ends_at: datetime

    def overlaps(self, other: "Span") -> bool:
        """Whether some moment belongs to both."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at

    def within(self, other: "Span") -> bool:
        """Whether all of this belongs to the other."""
        return other.starts_at <= self.starts_at and self.ends_at <= other.ends_at

    @property
    def day(self) -> date:
        """The local day on which it begins."""
        return self.starts_at.astimezone(LOCAL).date()

    @property
    def last_day(self) -> date:
        """The local day on which it ends."""
        return self.ends_at.astimezone(LOCAL).date()


@dataclass(frozen=True, slots=True)
class OpenSlot:
    """A slot with seats that nobody has yet."""

    slot_id: UUID
    site: UUID
    """Where it is: whoever has this site may come."""
    when: Span
    seats: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who needs one or two halves of the course."""

    person_id: UUID
    team: UUID
    sites: frozenset[UUID]
    due_on: date
    halves: int = 2
    """How many are still to be planned: 1 or 2."""
    other_half: date | None = None
    """The day of the half that is planned or followed already, when one is to be planned."""
    earlier: bool = False
    """Whether the half to be planned is the first, so that `other_half` must come after it."""
    available: tuple[Span, ...] | None = None
    """When they can come; None: nothing is known, any time will do."""
    absent: tuple[Span, ...] = ()
    """When they cannot come (leave)."""
    engaged: tuple[Span, ...] = ()
    """What they are booked on already, whatever it is."""


@dataclass(frozen=True, slots=True)
class Team:
    """Those who work together, and must not all be away together."""

    team: UUID
    away_max: int | None = None
    """How many may be away at once; None: any number."""
    away: tuple[Span, ...] = ()
    """When members are away already, those of the question and others: once for each of them."""


@dataclass(frozen=True, slots=True)
class Question:
    """Everything that a proposal depends on."""

    people: tuple[Candidate, ...]
    slots: tuple[OpenSlot, ...]
    """Also those after the due dates: they show what a later date would give."""
    teams: tuple[Team, ...] = ()
    """A team that is not named has no rule."""
    gap_days_min: int = 1
    """Local days from the first half to the second, at least."""
    gap_days_max: int = 14
    """And at most."""
