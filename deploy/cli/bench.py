"""`bench`: speed and memory, measured on a private stack of its own, beside references."""

import json
import platform
import sys
from datetime import UTC, datetime
from typing import Annotated, Any

import psutil
import typer
from rich.table import Table

from deploy.bench.figures import Figure, Result
from deploy.bench.ground import Sizes
from deploy.bench.run import BENCHES, run
from deploy.cli.screen import console, screen
from deploy.local import install

DEFAULT = Sizes()
GIB = 1024**3


def bench(
    name: Annotated[
        str | None,
        typer.Argument(help=f"One of {', '.join(BENCHES)}, several with commas; all when left out."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
    events: Annotated[int, typer.Option(min=1_000, help="Events of the history.")] = DEFAULT.events,
    people: Annotated[int, typer.Option(min=100, help="People of the organisation.")] = DEFAULT.people,
    seconds: Annotated[float, typer.Option(min=1.0, help="How long is measured.")] = DEFAULT.seconds,
    clients: Annotated[int, typer.Option(min=1, max=250, help="Clients at once.")] = DEFAULT.clients,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the stack running afterwards.")] = False,
) -> None:
    """Measure speed and memory, each figure beside its reference in the same run.

    Works on a private stack in a temporary folder, never on your data. It reports and is no test:
    a target that is missed does not make it fail.

    ./parcours bench                                        everything, about ten minutes
    ./parcours bench commands --seconds 5                   one of them, shortly
    ./parcours bench rebuild,reports --events 100000 --people 10000
    """
    names = [part.strip() for part in name.split(",")] if name else []
    if unknown := [part for part in names if part not in BENCHES]:
        raise typer.BadParameter(f"There is no bench {unknown[0]}: choose among {', '.join(BENCHES)}.")
    sizes = Sizes(people=people, events=events, seconds=seconds, clients=clients)
    results: list[Result] = []
    try:
        with screen() as telling:
            install.missing_programs(("postgres", "rabbitmq", "chromium"), telling.step)
            for result in run(names, sizes, telling, keep=keep):
                results.append(result)
                if not as_json:
                    telling.clear()
                    console.print(table(result))
                    console.print(notes(result), style="dim", markup=False)
    finally:  # whoever interrupts it sees what was measured by then
        _conclude(results, as_json=as_json)


def _conclude(results: list[Result], *, as_json: bool) -> None:
    if as_json:
        told = {"machine": machine(), "results": [result.as_json() for result in results]}
        sys.stdout.write(json.dumps(told, indent=2) + "\n")
    else:
        console.print(verdict(results))


def table(result: Result) -> Table:
    """A result for people."""
    shown = Table("", "figure", "target", "reference", "ratio", title=result.bench, title_justify="left")
    shown.title_style = "bold"
    for figure in result.figures:
        style = {True: "green", False: "red", None: ""}[figure.reached]
        value = f"{number(figure.value)} {figure.unit}".strip()
        shown.add_row(
            figure.name,
            f"[{style}]{value}[/{style}]" if style else value,
            _target(figure),
            f"{number(figure.reference)} ({figure.reference_is})" if figure.reference else "",
            f"{figure.ratio:.2f}" if figure.ratio is not None else "",
        )
    return shown


def _target(figure: Figure) -> str:
    if figure.target is None:
        return ""
    return f"{figure.target} {'reached' if figure.reached else 'MISSED'}"


def number(value: float) -> str:
    """With as many digits as say something."""
    return f"{value:,.0f}" if abs(value) >= 1_000 or value == int(value) else f"{value:,.2f}"


def notes(result: Result) -> str:
    """Under which conditions."""
    return "\n".join(f"  {name}: {_brief(value)}" for name, value in result.notes.items()) + "\n"


def _brief(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_brief(each)}" for name, each in value.items())
    return f"{value:,}" if isinstance(value, int) else str(value)


def verdict(results: list[Result]) -> str:
    """One line about all targets."""
    judged = [figure.reached for result in results for figure in result.figures if figure.target]
    return f"[bold]{sum(map(bool, judged))} of {len(judged)} targets reached.[/bold]"


def machine() -> dict[str, Any]:
    """Where and when it was measured."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": psutil.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / GIB, 1),
        "processor": platform.processor() or platform.machine(),
        "system": platform.platform(),
        "python": platform.python_version(),
    }
