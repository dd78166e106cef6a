"""What a night costs: everything that follows from time alone, for everybody; and when there is nothing to do."""

from deploy.bench.duties import nightly
from deploy.bench.figures import Figure, at_most
from deploy.bench.reminders import reminders

ALL_SECONDS_MAX, IDLE_SECONDS_MAX = at_most(60), at_most(2)


def night(database: str) -> list[Figure]:
    """Renewals, reminders, escalations: each, and together."""
    told = [*nightly(database), *reminders(database)]
    seconds = [figure for figure in told if figure.unit == "s"]
    idle = sum(figure.value for figure in seconds if figure.name.endswith("nothing to do"))
    busy = sum(figure.value for figure in seconds) - idle
    return [
        *told,
        Figure("a night, everybody has something", busy, "s", ALL_SECONDS_MAX),
        Figure("a night, nothing to do", idle, "s", IDLE_SECONDS_MAX),
    ]
