"""The question in numbers: people, times and limits by index, and who may come when by themselves.

Slots of the same site, begin and end are one *time*: their seats are alike, and are told apart only
when everybody has one. That keeps the search small.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import Final
from uuid import UUID

from services.scheduling.planning.proposal import Obstacle
from services.scheduling.planning.question import Candidate, OpenSlot, Question, Span, Team

NO_TEAM: Final = Team(UUID(int=0))


@dataclass(frozen=True, slots=True)
class Time:
    """All slots of one site that begin and end together."""

    site: UUID
    when: Span
    day: int
    """The local day, as an ordinal: a difference of days is a difference of these."""
    last_day: int
    seats: int
    slots: tuple[OpenSlot, ...]


@dataclass(frozen=True, slots=True)
class Limit:
    """At some moment, at most so many more of a team may be away: one at each of these times."""

    team: int
    times: frozenset[int]
    left: int


class Grid:
    """What does not change while one question is answered."""

    def __init__(self, question: Question) -> None:
        """Number people, times and teams of `question`."""
        self.question = question
        self.gap_min, self.gap_max = question.gap_days_min, question.gap_days_max
        self.people = question.people
        self.times = _times(question.slots)
        self.days = sorted({time.day for time in self.times})
        named = {team.team: team for team in question.teams}
        numbers = {team: n for n, team in enumerate(dict.fromkeys(p.team for p in question.people))}
        self.teams = [named.get(team, NO_TEAM) for team in numbers]
        self.team_of = [numbers[person.team] for person in self.people]
        self.members: list[list[int]] = [[] for _ in self.teams]
        for number, team in enumerate(self.team_of):
            self.members[team].append(number)
        self.needs = [person.halves for person in self.people]
        self.away_anyway = [{span.day.toordinal() for span in team.away} for team in self.teams]
        """Days on which somebody of the team is away already: they cost nothing more."""
        self.limits = [
            limit for number, team in enumerate(self.teams) for limit in _limits(number, team, self.times)
        ]
        self.limits_of: dict[tuple[int, int], list[int]] = defaultdict(list)
        """The limits that somebody of a team meets at a time."""
        for number, limit in enumerate(self.limits):
            for time in limit.times:
                self.limits_of[limit.team, time].append(number)
        self.over_midnight = [
            (one, other)
            for one, first in enumerate(self.times)
            for other in range(one + 1, len(self.times))
            if first.day != first.last_day
            and first.day < self.times[other].day <= first.last_day
            and first.when.overlaps(self.times[other].when)
        ]
        """Times on different days that overlap all the same."""
        self.open = [self._open_to(person) for person in self.people]
        """Times at which somebody may come, if there is a seat and the team can do without them."""

    def forbids(self, person: Candidate, time: Time) -> frozenset[Obstacle]:
        """Which rules about this person alone speak against a time at a site of theirs."""
        found = set()
        if time.day > person.due_on.toordinal():
            found.add(Obstacle.DUE_DATE)
        if person.available is not None and not any(time.when.within(span) for span in person.available):
            found.add(Obstacle.AVAILABILITY)
        if any(time.when.overlaps(span) for span in person.absent):
            found.add(Obstacle.ABSENCE)
        if any(time.when.overlaps(span) for span in person.engaged):
            found.add(Obstacle.ENGAGED)
        if person.other_half is not None:
            later = time.day - person.other_half.toordinal()
            if not self.gap_min <= (-later if person.earlier else later) <= self.gap_max:
                found.add(Obstacle.GAP)
        return frozenset(found)

    def apart(self, one: int, other: int) -> bool:
        """Whether the days of two halves are as far from each other as they should be."""
        return self.gap_min <= abs(one - other) <= self.gap_max

    def together(self, one: int, other: int) -> bool:
        """Whether one person may have these two times."""
        first, second = self.times[one], self.times[other]
        return self.apart(first.day, second.day) and not first.when.overlaps(second.when)

    @cached_property
    def days_of(self) -> list[dict[int, list[int]]]:
        """Per person: the times that are open to them, by day."""
        found = []
        for times in self.open:
            days: dict[int, list[int]] = {}
            for time in times:
                days.setdefault(self.times[time].day, []).append(time)
            found.append(days)
        return found

    @cached_property
    def placeable(self) -> list[bool]:
        """Per person: whether they could be placed if they were alone in the world."""
        return [self._pair(person) for person in range(len(self.people))]

    def _pair(self, person: int) -> bool:
        days = sorted({self.times[t].day for t in self.open[person] if self._ever(person, t)})
        if self.needs[person] == 1:
            return bool(days)
        for day in days:
            place = bisect_left(days, day + self.gap_min)
            if place < len(days) and place < bisect_right(days, day + self.gap_max):
                return True
        return False

    def _ever(self, person: int, time: int) -> bool:
        limits = self.limits_of.get((self.team_of[person], time), ())
        return self.times[time].seats > 0 and all(self.limits[limit].left > 0 for limit in limits)

    def _open_to(self, person: Candidate) -> list[int]:
        return [
            number
            for number, time in enumerate(self.times)
            if time.site in person.sites and not self.forbids(person, time)
        ]


def _times(slots: tuple[OpenSlot, ...]) -> list[Time]:
    alike: dict[tuple[UUID, Span], list[OpenSlot]] = defaultdict(list)
    for slot in slots:
        alike[slot.site, slot.when].append(slot)
    times = [
        Time(
            site,
            when,
            when.day.toordinal(),
            when.last_day.toordinal(),
            sum(slot.seats for slot in group),
            tuple(group),
        )
        for (site, when), group in alike.items()
    ]
    return sorted(times, key=lambda time: (time.when.starts_at, time.when.ends_at, time.site))


def _limits(number: int, team: Team, times: list[Time]) -> list[Limit]:
    """Most are away just after somebody goes: when a slot begins, or an absence that is known already."""
    if team.away_max is None:
        return []
    left: dict[frozenset[int], int] = {}
    moments = {time.when.starts_at for time in times} | {span.starts_at for span in team.away}
    starts = [time.when.starts_at for time in times]
    longest = max((time.when.ends_at - time.when.starts_at for time in times), default=None)
    for moment in moments:
        first = bisect_right(starts, moment - longest) if longest is not None else 0
        running = frozenset(
            n for n in range(first, bisect_right(starts, moment)) if times[n].when.ends_at > moment
        )
        if running:
            away = sum(span.starts_at <= moment < span.ends_at for span in team.away)
            places = max(team.away_max - away, 0)
            left[running] = min(places, left.get(running, places))
    return [Limit(number, running, places) for running, places in left.items()]
