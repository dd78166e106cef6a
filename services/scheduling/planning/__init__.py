"""Plan proposals: a question in, a proposal out. No database, no clock, no network.

`propose` keeps every rule whatever happens; how good an answer is depends on the time it is given.
"""

from collections.abc import Callable

from services.scheduling.planning.proposal import (
    Obstacle,
    Progress,
    Proposal,
    Quality,
    Remedy,
    Seat,
    Unplaced,
)
from services.scheduling.planning.question import (
    PEOPLE_MAX,
    SLOTS_MAX,
    Candidate,
    OpenSlot,
    Question,
    Span,
    Team,
)
from services.scheduling.planning.search import Search


def propose(
    question: Question,
    seconds: float,
    stopwatch: Callable[[], float],
    progress: Progress = lambda _: True,
) -> Proposal:
    """The best plan found in so many seconds: as many people as possible, on as few days of each team."""
    return Search(question, seconds, stopwatch, progress).answer()


__all__ = [
    "PEOPLE_MAX",
    "SLOTS_MAX",
    "Candidate",
    "Obstacle",
    "OpenSlot",
    "Progress",
    "Proposal",
    "Quality",
    "Question",
    "Remedy",
    "Seat",
    "Span",
    "Team",
    "Unplaced",
    "propose",
]
