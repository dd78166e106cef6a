"""Who has which times at present, and what is left: the state that greedy and search work on."""

from collections import Counter
from collections.abc import Sequence

from services.scheduling.planning.grid import Grid


class Board:
    """A plan in the making. It never breaks a rule as long as only free times are taken."""

    def __init__(self, grid: Grid) -> None:
        """Nobody is placed yet."""
        self.grid = grid
        self.has: list[tuple[int, ...]] = [()] * len(grid.people)
        self.seats = [time.seats for time in grid.times]
        self.places = [limit.left for limit in grid.limits]
        self.away: list[Counter[int]] = [Counter() for _ in grid.teams]
        """Per team: how many of it this plan takes away on a day."""

    def free(self, person: int, time: int) -> bool:
        """Whether there is a seat, and the team can do without one more."""
        return self.left(self.grid.team_of[person], time) > 0

    def left(self, team: int, time: int) -> int:
        """How many more of a team could come."""
        limits = self.grid.limits_of.get((team, time), ())
        return min([self.seats[time], *(self.places[limit] for limit in limits)])

    def take(self, person: int, times: Sequence[int]) -> None:
        """Place somebody who has no place."""
        self.has[person] = tuple(sorted(times))
        self._count(person, times, 1)

    def give_up(self, person: int) -> tuple[int, ...]:
        """What somebody had is free again."""
        times, self.has[person] = self.has[person], ()
        self._count(person, times, -1)
        return times

    def _count(self, person: int, times: Sequence[int], by: int) -> None:
        team = self.grid.team_of[person]
        for time in times:
            self.seats[time] -= by
            for limit in self.grid.limits_of.get((team, time), ()):
                self.places[limit] -= by
            self.away[team][self.grid.times[time].day] += by

    def days(self, team: int) -> int:
        """Days on which a team is away because of this plan alone."""
        anyway = self.grid.away_anyway[team]
        return sum(count > 0 and day not in anyway for day, count in self.away[team].items())

    @property
    def placed(self) -> int:
        """How many people have all that they need."""
        return sum(bool(times) for times in self.has)

    @property
    def unplaced(self) -> list[int]:
        """Those who have nothing."""
        return [person for person, times in enumerate(self.has) if not times]
