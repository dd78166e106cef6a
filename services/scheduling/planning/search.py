"""From a greedy answer to a good one: some teams are planned anew while the others stay, again and again.

A small question is one model and is answered best. A large one is taken in pieces that a solver
answers within seconds; after every piece the plan keeps every rule and is as good as before or
better, so that whoever stops it has an answer.
"""

import random
from collections.abc import Callable, Collection, Sequence
from typing import Final

from services.scheduling.planning.board import Board
from services.scheduling.planning.bounds import fewest_days, most_placed
from services.scheduling.planning.greedy import place_greedily
from services.scheduling.planning.grid import Grid
from services.scheduling.planning.model import SEED, Model
from services.scheduling.planning.proposal import Progress, Proposal, Quality, Seat
from services.scheduling.planning.question import Question
from services.scheduling.planning.reasons import reasons

PIECE_CELLS_MAX: Final = 12_000
"""People times the times open to them, in one piece: what is solved within a few seconds."""

WHOLE_CELLS_MAX: Final = 12_000
"""Up to here the question is one piece."""

WHOLE_SECONDS: Final = 20.0
"""A whole question that is not proved by then has the best answer for long, as a rule."""

PIECE_SECONDS: Final = 3.0
FAIR_CHANCE: Final = 0.2
WAITING_WEIGHS: Final = 3
"""How often a team is planned anew: a day too many weighs 1."""

ROUNDS_WITHOUT_GAIN: Final = 3
"""After so many times the number of teams in vain, the answer stands."""


class Search:
    """Answers one question."""

    def __init__(
        self,
        question: Question,
        seconds: float,
        stopwatch: Callable[[], float],
        progress: Progress = lambda _: True,
    ) -> None:
        """`stopwatch` counts seconds from any beginning; `progress` hears of each better answer."""
        self._stopwatch = stopwatch
        self._since = stopwatch()
        self._until = self._since + seconds
        self._progress = progress
        self._grid = Grid(question)
        self._board = Board(self._grid)
        self._chance = random.Random(SEED)  # noqa: S311
        self._floors = [0] * len(self._grid.teams)
        self._bound = sum(self._grid.placeable)
        self._days_bound = 0

    def answer(self) -> Proposal:
        """The best answer found in time; the greedy one at least."""
        grid = self._grid
        place_greedily(self._board)
        self._floors = [fewest_days(grid, t, self._candidates(t)) for t in range(len(grid.teams))]
        if self._board.placed < self._bound:
            self._bound = min(self._bound, most_placed(grid))
        going_on = self._progress(self.quality())
        everybody = [person for person, able in enumerate(grid.placeable) if able]
        if going_on and not self.quality().proved:
            if self._cells(everybody) <= WHOLE_CELLS_MAX:
                self._replan(everybody, min(self._left(), WHOLE_SECONDS), whole=True)
            else:
                self._improve()
        return Proposal(self._seats(), reasons(self._board), self.quality())

    def quality(self) -> Quality:
        """How the answer stands."""
        grid, board = self._grid, self._board
        days = [board.days(team) for team in range(len(grid.teams))]
        floors = list(self._floors)
        for team in {grid.team_of[person] for person in board.unplaced}:
            floors[team] = fewest_days(grid, team, [p for p in grid.members[team] if board.has[p]])
        return Quality(
            placed=board.placed,
            placed_bound=self._bound,
            days=sum(days),
            days_bound=max(sum(floors), self._days_bound),
            worst=max((d - f for d, f in zip(days, self._floors, strict=True)), default=0),
            seconds=round(self._stopwatch() - self._since, 3),
        )

    def _candidates(self, team: int) -> list[int]:
        return [person for person in self._grid.members[team] if self._grid.placeable[person]]

    def _left(self) -> float:
        return self._until - self._stopwatch()

    def _cells(self, people: Collection[int]) -> int:
        return sum(len(self._grid.open[person]) for person in people)

    def _improve(self) -> None:
        vain, patience = 0, ROUNDS_WITHOUT_GAIN * len(self._grid.teams)
        while self._left() > 0.5 and vain < patience and not self.quality().proved:
            gained = self._replan(self._piece(), min(PIECE_SECONDS, self._left()))
            vain = 0 if gained else vain + 1
            if not self._progress(self.quality()):
                return

    def _piece(self) -> list[int]:
        """Teams that wait for places or give days too many come first; others at random give way."""
        grid, board = self._grid, self._board
        hope = board.placed < self._bound
        waiting = {grid.team_of[p] for p in board.unplaced if grid.placeable[p]} if hope else set()
        wish = [
            FAIR_CHANCE + max(board.days(t) - self._floors[t], 0) + WAITING_WEIGHS * (t in waiting)
            for t in range(len(grid.teams))
        ]
        order = sorted(range(len(wish)), key=lambda t: self._chance.random() ** (1 / wish[t]), reverse=True)
        people: list[int] = []
        cells = 0
        for team in order:
            members = [p for p in self._candidates(team) if board.has[p] or hope]
            self._chance.shuffle(members)
            members.sort(key=lambda p: bool(board.has[p]))
            for person in members:
                cells += len(grid.open[person])
                if cells > PIECE_CELLS_MAX and people:
                    return people
                people.append(person)
        return people

    def _replan(self, people: Sequence[int], seconds: float, *, whole: bool = False) -> bool:
        """Plan these people anew; what they had comes back unless something better was found."""
        before = self._rank()
        had = {person: self._board.give_up(person) for person in people}
        found = Model(self._board, had, self._floors).solve(seconds, self._told(had) if whole else None)
        self._seat(found.has if found else had)
        if self._rank() < before:
            for person in people:
                self._board.give_up(person)
            self._seat(had)
        if whole and found is not None:
            self._bound = min(self._bound, found.placed_bound)
            self._days_bound = found.days_bound
        return self._rank() > before

    def _told(self, had: dict[int, tuple[int, ...]]) -> Callable[[dict[int, tuple[int, ...]]], bool]:
        def better(has: dict[int, tuple[int, ...]]) -> bool:
            self._seat(has)
            quality = self.quality()
            going_on = self._progress(quality) and not quality.proved
            for person in had:
                self._board.give_up(person)
            return going_on

        return better

    def _seat(self, has: dict[int, tuple[int, ...]]) -> None:
        for person, times in has.items():
            if times:
                self._board.take(person, times)

    def _rank(self) -> tuple[int, int, int]:
        quality = self.quality()
        return quality.placed, -quality.days, -quality.worst

    def _seats(self) -> tuple[Seat, ...]:
        """Everybody's times as seats in slots: of a time's slots, one is filled before the next."""
        grid, taken = self._grid, dict.fromkeys(range(len(self._grid.times)), 0)
        seats = []
        for person, times in enumerate(self._board.has):
            for time in times:
                number, taken[time] = taken[time], taken[time] + 1
                for slot in grid.times[time].slots:
                    if number < slot.seats:
                        seats.append(Seat(grid.people[person].person_id, slot.slot_id))
                        break
                    number -= slot.seats
        return tuple(seats)
