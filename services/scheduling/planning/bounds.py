"""What no plan can do better: found without searching, and therefore certain."""

from collections import defaultdict
from collections.abc import Collection

from ortools.graph.python.max_flow import SimpleMaxFlow

from services.scheduling.planning.grid import Grid


def fewest_days(grid: Grid, team: int, people: Collection[int]) -> int:
    """New days on which these people of one team must be away, were all seats theirs.

    On a day no more of them can come than there are people who may, seats, and places in the
    limits of the team; the best days together must hold all halves.
    """
    wanted = sum(grid.needs[person] for person in people)
    who: dict[int, set[int]] = defaultdict(set)
    at: dict[int, set[int]] = defaultdict(set)
    for person in people:
        for time in grid.open[person]:
            who[grid.times[time].day].add(person)
            at[time].add(person)
    room: dict[int, int] = defaultdict(int)
    for time, able in at.items():
        left = [grid.limits[limit].left for limit in grid.limits_of.get((team, time), ())]
        room[grid.times[time].day] += min(len(able), grid.times[time].seats, *left)
    holds = {day: min(len(who[day]), places) for day, places in room.items()}
    wanted -= sum(places for day, places in holds.items() if day in grid.away_anyway[team])
    days = 0
    for places in sorted((p for d, p in holds.items() if d not in grid.away_anyway[team]), reverse=True):
        if wanted <= 0:
            break
        wanted -= places
        days += 1
    return days


def most_placed(grid: Grid) -> int:
    """How many people can have all that they need, at most: a flow of halves into seats."""
    able = [person for person in range(len(grid.people)) if grid.placeable[person]]
    flow = _flow(grid, able)
    # Whoever needs one half is served first: that gives most people for so many halves.
    once = sum(grid.needs[person] == 1 for person in able)
    return min(flow, once) + max(flow - once, 0) // 2


def _flow(grid: Grid, people: list[int]) -> int:
    numbers: dict[tuple[str, int, int], int] = {}

    def node(kind: str, one: int, other: int = 0) -> int:
        return numbers.setdefault((kind, one, other), len(numbers))

    network = SimpleMaxFlow()
    source, sink = node("source", 0), node("sink", 0)
    groups: set[tuple[int, int]] = set()
    for person in people:
        network.add_arc_with_capacity(source, node("person", person), grid.needs[person])
        for day, times in grid.days_of[person].items():
            network.add_arc_with_capacity(node("person", person), node("day", person, day), 1)
            for time in times:
                group = (grid.team_of[person], time)
                groups.add(group)
                network.add_arc_with_capacity(node("day", person, day), node("team", *group), 1)
    for team, time in groups:
        seats = grid.times[time].seats
        left = [grid.limits[limit].left for limit in grid.limits_of.get((team, time), ())]
        network.add_arc_with_capacity(node("team", team, time), node("time", time), min([seats, *left]))
    for time in {time for _, time in groups}:
        network.add_arc_with_capacity(node("time", time), sink, grid.times[time].seats)
    if network.solve(source, sink) != network.OPTIMAL:
        return sum(grid.needs[person] for person in people)
    return int(network.optimal_flow())
