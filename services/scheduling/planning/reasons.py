"""Why somebody found no place, and what would free it: rules given way to, as few as possible.

Everybody else stays where they are. For each slot we note which rules stand in the way of this
person; two slots (one, for one half) whose rules together are few are a way out.
"""

from collections.abc import Iterator
from datetime import date

from services.scheduling.planning.board import Board
from services.scheduling.planning.proposal import Obstacle, Remedy, Unplaced

REMEDIES_MAX = 3
"""Ways out that are told of, for each person."""

Ways = dict[int, dict[frozenset[Obstacle], int]]
"""Per day: sets of rules, each with the earliest time at which just these stand in the way."""


def reasons(board: Board) -> tuple[Unplaced, ...]:
    """One for each who has no place."""
    return tuple(_reason(board, person) for person in board.unplaced)


def _reason(board: Board, person: int) -> Unplaced:
    grid = board.grid
    found: dict[frozenset[Obstacle], tuple[int, ...]] = {}
    for obstacles, times in _ways(board, person):
        if obstacles not in found or times < found[obstacles]:
            found[obstacles] = times
    least = sorted(
        (o for o in found if not any(other < o for other in found)),
        key=lambda o: (len(o), found[o], sorted(o)),
    )
    remedies = tuple(
        Remedy(
            obstacles,
            tuple(grid.times[time].slots[0].slot_id for time in found[obstacles]),
            date.fromordinal(max(grid.times[time].day for time in found[obstacles]))
            if Obstacle.DUE_DATE in obstacles
            else None,
        )
        for obstacles in least[:REMEDIES_MAX]
    )
    why = remedies[0].obstacles if remedies else frozenset({Obstacle.NO_SLOT})
    return Unplaced(grid.people[person].person_id, why, remedies)


def _ways(board: Board, person: int) -> Iterator[tuple[frozenset[Obstacle], tuple[int, ...]]]:
    """All ways to place somebody, each with the rules that would have to give way."""
    ways = _by_day(board, person)
    if board.grid.needs[person] == 1:
        for choices in ways.values():
            for obstacles, time in choices.items():
                yield obstacles, (time,)
        return
    days = sorted(ways)
    for place, day in enumerate(days):
        for later in days[place + 1 :]:
            gap = frozenset[Obstacle]() if board.grid.apart(day, later) else frozenset({Obstacle.GAP})
            for one, time in ways[day].items():
                for other, another in ways[later].items():
                    yield one | other | gap, (time, another)


def _by_day(board: Board, person: int) -> Ways:
    grid = board.grid
    candidate, team = grid.people[person], grid.team_of[person]
    ways: Ways = {}
    for number, time in enumerate(grid.times):
        if time.site not in candidate.sites:
            continue
        obstacles = set(grid.forbids(candidate, time))
        if board.seats[number] <= 0:
            obstacles.add(Obstacle.SEATS)
        if any(board.places[limit] <= 0 for limit in grid.limits_of.get((team, number), ())):
            obstacles.add(Obstacle.TEAM)
        ways.setdefault(time.day, {}).setdefault(frozenset(obstacles), number)
    return ways
