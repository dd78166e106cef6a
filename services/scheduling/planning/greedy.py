"""A first answer within a second: one person after the other, days first on which the team is away anyway."""

from services.scheduling.planning.board import Board


def place_greedily(board: Board) -> None:
    """Place whom one can, those first who have the least choice and the earliest due date."""
    grid = board.grid
    teams = sorted(range(len(grid.teams)), key=lambda team: min(_room(board, p) for p in grid.members[team]))
    for team in teams:
        for person in sorted(grid.members[team], key=lambda p: _room(board, p)):
            if times := _best(board, person):
                board.take(person, times)


def _room(board: Board, person: int) -> tuple[int, int]:
    grid = board.grid
    return len(grid.days_of[person]) // 5, grid.people[person].due_on.toordinal()


def _best(board: Board, person: int) -> tuple[int, ...] | None:
    """The times that cost the team the fewest new days; of those the ones with most seats left."""
    days = _days(board, person)
    if board.grid.needs[person] == 1:
        return min(((cost, -seats, (time,)) for _, cost, seats, time in days), default=(0, 0, None))[2]
    best: tuple[int, int, tuple[int, ...]] | None = None
    for place, (day, cost, seats, time) in enumerate(days):
        for later, more, others, other in days[place + 1 :]:
            if later - day > board.grid.gap_max:
                break
            if not board.grid.together(time, other):
                continue
            found = (cost + more, -min(seats, others), (time, other))
            if best is None or found < best:
                best = found
    return best[2] if best else None


def _days(board: Board, person: int) -> list[tuple[int, int, int, int]]:
    """Days on which this person could come: what it costs, and the time with most seats left."""
    grid, team = board.grid, board.grid.team_of[person]
    found = []
    for day, times in grid.days_of[person].items():
        free = [(board.seats[time], -time) for time in times if board.free(person, time)]
        if free:
            seats, time = max(free)
            cost = int(board.away[team][day] == 0 and day not in grid.away_anyway[team])
            found.append((day, cost, seats, -time))
    return sorted(found)
