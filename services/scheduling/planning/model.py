"""Some people planned anew, all others as they are: one CP-SAT model.

With everybody in it, it is the whole question, and its answer is proved to be best.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ortools.sat.python import cp_model

from services.scheduling.planning.board import Board

WORKERS = 2
SEED = 20_26
ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class Replanned:
    """What the solver found: times per person (none: unplaced), and what nobody could better."""

    has: dict[int, tuple[int, ...]]
    placed_bound: int
    """Of these people, no plan places more."""
    days_bound: int
    """With so many placed, no plan has fewer new days; 0 when more could still be placed."""


class Model:
    """Times for some people, among what all others leave."""

    def __init__(self, board: Board, had: dict[int, tuple[int, ...]], floors: Sequence[int]) -> None:
        """`board` has none of these people, and everybody else; `floors` are the fewest days of each team.

        What they `had` is where the search begins; when all of them were placed, all will be.
        """
        self._board = board
        self._had = had
        self._grid = board.grid
        self._model = cp_model.CpModel()
        self._takes: dict[int, dict[int, cp_model.IntVar]] = {}
        self._placed: dict[int, cp_model.IntVar] = {}
        self._comes: dict[tuple[int, int], list[cp_model.IntVar]] = defaultdict(list)
        """Per team and day: for each person whether they are away."""
        for person in had:
            self._add(person)
        if all(had.values()):
            self._model.add_bool_and(list(self._placed.values()))
        self._share_seats()
        self._share_limits()
        self._away: dict[tuple[int, int], cp_model.IntVar] = {}
        self._count_days()
        self._aim(floors)
        self._hint()

    def _add(self, person: int) -> None:
        model, grid = self._model, self._grid
        takes = {t: model.new_bool_var("") for t in grid.open[person] if self._board.free(person, t)}
        placed = model.new_bool_var("")
        self._takes[person], self._placed[person] = takes, placed
        days: dict[int, list[cp_model.IntVar]] = defaultdict(list)
        for time, var in takes.items():
            days[grid.times[time].day].append(var)
        comes: dict[int, cp_model.IntVar] = {}
        for day, times in days.items():
            comes[day] = times[0] if len(times) == 1 else model.new_bool_var("")
            if len(times) > 1:
                model.add(cp_model.LinearExpr.sum(times) == comes[day])
            self._comes[grid.team_of[person], day].append(comes[day])
        model.add(cp_model.LinearExpr.sum(list(comes.values())) == grid.needs[person] * placed)
        if grid.needs[person] > 1:
            self._keep_apart(takes, comes)

    def _keep_apart(self, takes: dict[int, cp_model.IntVar], comes: dict[int, cp_model.IntVar]) -> None:
        """Whoever comes on a day comes on another that is neither too near to it nor too far from it."""
        grid = self._grid
        for day, come in comes.items():
            self._model.add_bool_or(
                [~come, *(other for later, other in comes.items() if grid.apart(day, later))]
            )
        for one, other in grid.over_midnight:
            if one in takes and other in takes:
                self._model.add_at_most_one([takes[one], takes[other]])

    def _share_seats(self) -> None:
        wanted: dict[int, list[cp_model.IntVar]] = defaultdict(list)
        for takes in self._takes.values():
            for time, var in takes.items():
                wanted[time].append(var)
        for time, vars_ in wanted.items():
            if len(vars_) > self._board.seats[time]:
                self._model.add(cp_model.LinearExpr.sum(vars_) <= self._board.seats[time])

    def _share_limits(self) -> None:
        wanted: dict[int, list[cp_model.IntVar]] = defaultdict(list)
        for person, takes in self._takes.items():
            for time, var in takes.items():
                for limit in self._grid.limits_of.get((self._grid.team_of[person], time), ()):
                    wanted[limit].append(var)
        for limit, vars_ in wanted.items():
            if len(vars_) > self._board.places[limit]:
                self._model.add(cp_model.LinearExpr.sum(vars_) <= self._board.places[limit])

    def _count_days(self) -> None:
        """A team is away on a day if one of its people is; what it is away anyway costs nothing."""
        grid, board = self._grid, self._board
        wanted: dict[tuple[int, int], set[int]] = defaultdict(set)
        for person, takes in self._takes.items():
            for time in takes:
                wanted[grid.team_of[person], grid.times[time].day].add(time)
        for (team, day), comes in self._comes.items():
            if board.away[team][day] > 0 or day in grid.away_anyway[team]:
                continue
            away = self._away[team, day] = self._model.new_bool_var("")
            for one in comes:
                self._model.add_implication(one, away)
            room = sum(board.left(team, time) for time in wanted[team, day])
            if room < len(comes):
                self._model.add(cp_model.LinearExpr.sum(comes) <= room * away)

    def _aim(self, floors: Sequence[int]) -> None:
        """People first, then days, then the worst team: each weighs more than all that follow together."""
        model, board = self._model, self._board
        teams = {self._grid.team_of[person] for person in self._takes}
        standing = [board.days(t) - floors[t] for t in range(len(floors))]
        longest = len(self._grid.days)
        worst = model.new_int_var(0, longest, "")
        for team in range(len(floors)):
            if team in teams:
                own = [var for (t, _), var in self._away.items() if t == team]
                model.add(cp_model.LinearExpr.sum(own) + standing[team] <= worst)
                if self._all_placed(team):
                    model.add(cp_model.LinearExpr.sum(own) + standing[team] >= 0)
        others = max((standing[team] for team in range(len(floors)) if team not in teams), default=0)
        model.add(worst >= max(others, 0))
        self._longest, self._day_weighs = longest, longest + 1
        self._person_weighs = self._day_weighs * (len(self._away) + 1)
        model.maximize(
            self._person_weighs * cp_model.LinearExpr.sum(list(self._placed.values()))
            - self._day_weighs * cp_model.LinearExpr.sum(list(self._away.values()))
            - worst
        )

    def _all_placed(self, team: int) -> bool:
        """Whether everybody of a team will be placed: then it needs its fewest days at least."""
        grid = self._grid
        return all(self._had.values()) and all(
            person in self._had or self._board.has[person] or not grid.placeable[person]
            for person in grid.members[team]
        )

    def _hint(self) -> None:
        for person, takes in self._takes.items():
            self._model.add_hint(self._placed[person], bool(self._had[person]))
            for time, var in takes.items():
                self._model.add_hint(var, time in self._had[person])

    def solve(
        self, seconds: float, better: Callable[[dict[int, tuple[int, ...]]], bool] | None = None
    ) -> Replanned | None:
        """The best found in so many seconds; None: nothing was found. `better` hears of each on the way."""
        solver = cp_model.CpSolver()
        solver.parameters.max_time_in_seconds = seconds
        solver.parameters.num_workers = WORKERS
        solver.parameters.random_seed = SEED
        status = solver.solve(self._model, _Told(self._read, better) if better else None)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return None
        has = self._read(solver.boolean_value)
        return Replanned(has, *self._bounds(has, solver.best_objective_bound))

    def _bounds(self, has: dict[int, tuple[int, ...]], best: float) -> tuple[int, int]:
        """What the bound of the aim says of people and of days: all that follows weighs less than one of them."""
        placed = sum(bool(times) for times in has.values())
        most = math.ceil(best / self._person_weighs - ROUNDING)
        if most > placed:
            return most, 0
        least = (self._person_weighs * placed - best - self._longest) / self._day_weighs
        return placed, max(math.ceil(least - ROUNDING), 0)

    def _read(self, value: Callable[[cp_model.IntVar], bool]) -> dict[int, tuple[int, ...]]:
        return {
            person: tuple(time for time, var in takes.items() if value(var))
            for person, takes in self._takes.items()
        }


class _Told(cp_model.CpSolverSolutionCallback):
    def __init__(
        self,
        read: Callable[[Callable[[cp_model.IntVar], bool]], dict[int, tuple[int, ...]]],
        better: Callable[[dict[int, tuple[int, ...]]], bool],
    ) -> None:
        super().__init__()
        self._read_all = read
        self._better = better

    def on_solution_callback(self) -> None:
        if not self._better(self._read_all(self.boolean_value)):
            self.stop_search()
