"""`up`, `down`, `status`: the life of the stack."""

import dataclasses
import importlib
import json
import signal
import time
from importlib.util import find_spec
from types import FrameType
from typing import Annotated

import typer
from rich.table import Table

from deploy.cli.place import this_stack
from deploy.cli.screen import Step, console, duration, steps
from deploy.cli.watch import become_watch
from deploy.local.secret_files import write_private
from deploy.local.stack import Stack

DEMO = "deploy.demo.load"
STATE_STYLES = {"running": "green", "starting": "yellow", "stopping": "yellow", "down": "dim"}


def up(
    detach: Annotated[
        bool, typer.Option("--detach", "-d", help="Return when it is ready, and leave it running.")
    ] = False,
    no_demo: Annotated[bool, typer.Option("--no-demo", help="Start empty.")] = False,
) -> None:
    """Set everything up, start it, load the demo, and print where to go.

    Stays in front, and Ctrl-C stops everything in order; with --detach it returns at once.
    A second `up` says that it is up. Missing servers are installed when that needs no question;
    PARCOURS_DATABASE_URL and PARCOURS_AMQP_URI use existing ones instead.
    """
    stack = this_stack()
    _treat_as_ctrl_c(signal.SIGTERM, signal.SIGHUP)
    try:
        with steps() as step:
            began = time.monotonic()
            started = stack.up(step)
            seconds = time.monotonic() - began
            demo = [] if no_demo else _load_demo(stack, step)
        headline = f"ready after {seconds:.1f} s" if started else "up already"
        console.print(f"\n[bold green]Parcours is {headline}:[/bold green] {stack.gateway_url}")
        for line in demo:
            console.print(line, markup=False)
        console.print(
            "\n[bold]./parcours status[/bold] shows the processes, [bold]./parcours down[/bold] stops them."
        )
        if started and not detach:
            console.print("Ctrl-C stops everything.")
            become_watch(stack.state)
    except KeyboardInterrupt:
        _stop_after_ctrl_c(stack)


def down() -> None:
    """Stop everything in order: gateway, services, servers. The data stays."""
    with steps() as step:
        was_running = this_stack().down(step)
    console.print("Everything is stopped." if was_running else "Nothing was running.")


def status(
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Show every process: state, pid, how long it runs, how often it was restarted."""
    stack = this_stack()
    processes = stack.status()
    running = stack.supervisor.running
    address = stack.gateway_url if running else None
    if as_json:
        rows = [dataclasses.asdict(process) for process in processes]
        console.print_json(json.dumps({"up": running, "gateway_url": address, "processes": rows}))
        return
    table = Table("process", "state", "pid", "uptime", "restarts", box=None, pad_edge=False)
    for process in processes:
        style = STATE_STYLES.get(process.state, "red")
        table.add_row(
            process.name,
            f"[{style}]{process.state}[/{style}]",
            str(process.pid or ""),
            duration(process.uptime_seconds) if process.pid else "",
            f"[yellow]{process.restarts}[/yellow]" if process.restarts else "0",
        )
    console.print(table)
    console.print(f"\nGateway: {address}" if running else "\nStart it with [bold]./parcours up[/bold].")


def _load_demo(stack: Stack, step: Step) -> list[str]:
    """Load the demo once; the lines it has to say, also when it was loaded by an earlier `up`."""
    if find_spec(DEMO.rpartition(".")[0]) is None or find_spec(DEMO) is None:
        return []
    demo = importlib.import_module(DEMO)
    loaded = stack.state / "demo-loaded.json"
    if not loaded.exists():
        step("Loading the demo")
        demo.load(stack)
        write_private(loaded, json.dumps(True))
    lines: list[str] = demo.what_to_try(stack)  # asked again: the port may be another one today
    return lines


def _treat_as_ctrl_c(*signals: signal.Signals) -> None:
    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    for number in signals:
        signal.signal(number, interrupt)


def _stop_after_ctrl_c(stack: Stack) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    with steps() as step:
        stack.down(step)
    console.print("Everything is stopped; the data stays.")
