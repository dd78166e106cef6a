"""What is proposed: who sits where, who could not be placed and why, and how good it is."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID


class Obstacle(StrEnum):
    """A rule that stands in the way of placing somebody."""

    NO_SLOT = "no_slot"
    """There is none where this person may come, or none at all for so many halves."""
    DUE_DATE = "due_date"
    AVAILABILITY = "availability"
    ABSENCE = "absence"
    ENGAGED = "engaged"
    GAP = "gap"
    SEATS = "seats"
    TEAM = "team"
    """Minimum staffing: so many of one team away at once, and no more."""


@dataclass(frozen=True, slots=True)
class Seat:
    """One half of one person."""

    person_id: UUID
    slot_id: UUID


@dataclass(frozen=True, slots=True)
class Remedy:
    """If these rules gave way at these slots, and nothing else changed, there would be a place."""

    obstacles: frozenset[Obstacle]
    slots: tuple[UUID, ...]
    due_on: date | None = None
    """With DUE_DATE: the earliest that would do."""


@dataclass(frozen=True, slots=True)
class Unplaced:
    """Somebody who found no place: what stands in the way, and what would free it, the least first.

    The obstacles are those of the first remedy; without any slot there is no remedy.
    """

    person_id: UUID
    obstacles: frozenset[Obstacle]
    remedies: tuple[Remedy, ...]


@dataclass(frozen=True, slots=True)
class Quality:
    """How good an answer is, and how good one could be at best.

    First as many people as possible are placed, then teams are away on as few days as possible, then
    the team that gives most beyond what it must gives as little as possible.
    """

    placed: int
    placed_bound: int
    """Nobody can place more."""
    days: int
    """Days on which a team is away that would not be without this proposal, over all teams."""
    days_bound: int
    """Those who are placed cannot be placed with fewer."""
    worst: int
    """Most days of one team beyond the fewest that it needs, were all seats its own."""
    seconds: float

    @property
    def gap(self) -> float:
        """By what share of the days, at most, another plan for the same people could be better."""
        return (self.days - self.days_bound) / self.days if self.days else 0.0

    @property
    def proved(self) -> bool:
        """Whether no other plan is better, in people first and in days then."""
        return self.placed == self.placed_bound and self.days == self.days_bound


@dataclass(frozen=True, slots=True)
class Proposal:
    """An answer that keeps every rule."""

    seats: tuple[Seat, ...]
    """By person, in the order of time."""
    unplaced: tuple[Unplaced, ...]
    quality: Quality


Progress = Callable[[Quality], bool]
"""Told of each better answer, and now and then in between; False ends the search."""
