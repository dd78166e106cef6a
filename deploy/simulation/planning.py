"""Questions of plan proposals, made by chance from a seed: prisons, teams, shifts, rooms."""

import random
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from services.scheduling.planning import Candidate, OpenSlot, Question, Span, Team

MONDAY: Final = date(2026, 9, 7)
BRUSSELS: Final = ZoneInfo("Europe/Brussels")
HOURS: Final = (8, 10, 13, 15)
TEAM_PEOPLE: Final = 25


def prison_question(
    seed: int,
    people: int = 1_000,
    weeks: int = 8,
    prisons: int = 1,
    spare: float = 1.25,
    away_max: int = 3,
    shifts: bool = True,
) -> Question:
    """Everybody needs both halves; rooms have `spare` times the seats that this takes.

    Officers work early or late by turns and have leave; a third of them works office hours.
    """
    chance = random.Random(seed)  # noqa: S311
    identity = _identities(chance)
    sites = [identity() for _ in range(prisons)]
    times = weeks * 5 * len(HOURS)
    seats = max(1, round(2 * people * spare / times / prisons / 2))
    slots = [
        OpenSlot(identity(), site, _span(week * 7 + day, hour, 2), seats)
        for site in sites
        for week in range(weeks)
        for day in range(5)
        for hour in HOURS
        for _room in range(2)
    ]
    teams: list[Team] = []
    candidates: list[Candidate] = []
    for number in range(people):
        if number % TEAM_PEOPLE == 0:
            teams.append(Team(identity(), away_max))
        candidates.append(
            Candidate(
                identity(),
                teams[-1].team,
                frozenset({sites[number // TEAM_PEOPLE % prisons]}),
                MONDAY + timedelta(weeks=weeks, days=-1),
                available=_shifts(chance, weeks) if shifts and number % 3 else None,
                absent=_leave(chance, weeks),
            )
        )
    return Question(tuple(candidates), tuple(slots), tuple(teams))


def _identities(chance: random.Random) -> Callable[[], UUID]:
    return lambda: UUID(int=chance.getrandbits(128), version=4)


def _span(day: int, hour: int, hours: int) -> Span:
    starts_at = datetime.combine(MONDAY + timedelta(days=day), time(hour), BRUSSELS)
    return Span(starts_at, starts_at + timedelta(hours=hours))


def _shifts(chance: random.Random, weeks: int) -> tuple[Span, ...]:
    """Early or late by week, five days of seven."""
    early = chance.random() < 0.5
    return tuple(
        _span(week * 7 + day, 6 if early != bool(week % 2) else 13, 8)
        for week in range(weeks)
        for day in sorted(chance.sample(range(7), 5))
    )


def _leave(chance: random.Random, weeks: int) -> tuple[Span, ...]:
    if chance.random() < 0.4:
        first = chance.randrange(weeks * 7)
        return (_span(first, 0, 24 * chance.randint(1, 14)),)
    return ()
