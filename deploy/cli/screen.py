"""What the commands show: steps with their time, tables, sentences."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

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
