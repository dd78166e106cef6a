"""Which benches there are, and in which order they are run."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from deploy.bench.commands import commands, single
from deploy.bench.figures import Result
from deploy.bench.freshness import freshness
from deploy.bench.ground import Ground, Sizes, ground
from deploy.bench.memory import memory
from deploy.bench.pages import pages
from deploy.bench.planning import planning
from deploy.bench.rebuild import rebuild
from deploy.bench.reports import history, reports
from deploy.telling import Telling

Bench = Callable[[Ground, Telling], Result]

BENCHES: Final[dict[str, Bench]] = {
    "rebuild": rebuild,
    "reports": reports,
    "history": history,
    "commands": commands,
    "single": single,
    "freshness": freshness,
    "pages": pages,
    "planning": planning,
    "memory": memory,
}
"""In this order: what was recorded years ago is recorded first, and memory is weighed last."""

ON_HISTORY: Final = frozenset({"rebuild", "reports", "history", "pages", "planning"})
OF_A_SERVICE: Final = frozenset({"planning"})
"""On a stack of its own, with as many people as the service has."""


def run(names: Sequence[str], sizes: Sizes, telling: Telling, *, keep: bool = False) -> Iterator[Result]:
    """Measure these (all, when none is named), one after the other."""
    wanted = [name for name in BENCHES if not names or name in names]
    large = [name for name in wanted if name not in OF_A_SERVICE]
    apart = [name for name in wanted if name in OF_A_SERVICE]
    for together, those in ((large, sizes), (apart, sizes.of_a_service())):
        if together:
            yield from _run(together, those, telling, keep=keep)


def _run(wanted: Sequence[str], sizes: Sizes, telling: Telling, *, keep: bool) -> Iterator[Result]:
    history_wanted = bool(ON_HISTORY.intersection(wanted))
    with ground(sizes, telling, history=history_wanted, keep=keep) as here:
        if history_wanted and "rebuild" not in wanted:
            here.stack.start("reporting-work")
            here.follow_up(telling, "read models")
        for name in wanted:
            if name in ON_HISTORY and name != "rebuild":
                telling.step("Letting all followers come to an end")
                here.settle()  # what a night has to do with years of history is not what is measured by day
            result = BENCHES[name](here, telling)
            here.results[name] = result
            yield result
