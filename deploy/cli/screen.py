"""What the commands show: steps with their time, tables, sentences."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)


# Says what begins now; the step before it is thereby done.
Step = Callable[[str], None]


@contextmanager
def steps() -> Iterator[Step]:
    """Show steps as they come: a spinner with the running time, then one line for each.

    They go to standard error; on something that is no terminal, as plain lines.
    """
    began = time.monotonic()
    current: list[str] = []

    def finish(mark: str) -> None:
        if current and errors.is_terminal:
            seconds = time.monotonic() - began
            errors.print(f"{mark} {current[0]} [dim]{seconds:.1f} s[/dim]")
        current.clear()

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as spinner:
        task = spinner.add_task("", total=None, visible=False)

        def step(sentence: str) -> None:
            nonlocal began
            finish("[green]✓[/green]")
            began = time.monotonic()
            current.append(sentence)
            spinner.reset(task, description=f"{sentence} …", visible=True)
            if not errors.is_terminal:
                sys.stderr.write(f"{sentence} ...\n")
                sys.stderr.flush()

        try:
            yield step
        except BaseException:
            finish("[red]✗[/red]")
            raise
        finish("[green]✓[/green]")


def duration(seconds: int) -> str:
    """A length of time as people write it: `45 s`, `3 min 20 s`, `5 h 12 min`, `2 d 3 h`."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h"
    if hours:
        return f"{hours} h {minutes} min"
    if minutes:
        return f"{minutes} min {rest} s"
    return f"{rest} s"


class Screen:
    """A `deploy.telling.Telling`: steps as lines, and bars below them."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def step(self, sentence: str) -> None:
        """What begins now."""
        self.clear()
        if errors.is_terminal:
            self._bars.console.print(f"[dim]{time.strftime('%H:%M:%S')}[/dim] {sentence} …")
        else:
            sys.stderr.write(f"{sentence} ...\n")
            sys.stderr.flush()

    def track(self, what: str, done: float, total: float) -> None:
        """How far something is."""
        if what not in self._tasks:
            self._tasks[what] = self._bars.add_task(what, total=total)
        self._bars.update(self._tasks[what], completed=done, total=total)

    def clear(self) -> None:
        """Take the bars of what is over away."""
        for task in self._tasks.values():
            self._bars.remove_task(task)
        self._tasks.clear()


@contextmanager
def screen() -> Iterator[Screen]:
    """On standard error, so that figures can be piped."""
    bars = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        console=errors,
        transient=True,
    )
    with bars:
        yield Screen(bars)
