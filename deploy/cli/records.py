"""`rebuild`, `verify`, `history`: what makes the records worth trusting."""

import json
import os
import subprocess
import sys
import time
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from deploy.api import Person
from deploy.cli.account import person
from deploy.cli.place import this_stack
from deploy.cli.screen import console, errors
from deploy.local.errors import NotRunning
from deploy.local.provision import SERVICES
from deploy.local.stack import REPOSITORY

BRUSSELS = ZoneInfo("Europe/Brussels")
LOOK_SECONDS = 0.3


def rebuild(
    read_model: Annotated[str | None, typer.Argument(help="One read model; all when left out.")] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Compare only; the live ones stay in use.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Rebuild read models from the feeds beside the live ones, compare digests, and swap.

    The live ones keep answering. Ends with status 1 when a digest differs: then nothing is swapped.
    """
    with person("auditor") as auditor:
        job = auditor.post("/audit/rebuild", {"read_model": read_model, "swap": not verify})
        status = _follow(auditor, job["job_id"])
    if as_json:
        sys.stdout.write(json.dumps(status, indent=2) + "\n")
    else:
        _show_proofs(status)
    if status["state"] != "done" or not all(proof["equal"] for proof in status["proofs"]):
        errors.print(f"The rebuild did not end well: {status['failure'] or 'a digest differs'}.")
        sys.exit(1)


def _follow(auditor: Person, job_id: str) -> dict[str, Any]:
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[speed]}"),
        TimeElapsedColumn(),
        console=errors,
        transient=True,
    )
    with bar:
        task = bar.add_task("Reading the feeds", total=None, speed="")
        while True:
            status: dict[str, Any] = auditor.get(f"/audit/rebuild/{job_id}")
            bar.update(
                task,
                total=status["events_total"] or None,
                completed=status["events"],
                speed=f"{status['events_per_second']:,.0f} events/s",
            )
            if status["state"] in ("done", "failed"):
                return status
            time.sleep(LOOK_SECONDS)


def _show_proofs(status: dict[str, Any]) -> None:
    table = Table("read model", "rows", "digest", "equal", box=None, pad_edge=False)
    for proof in status["proofs"]:
        equal = "[green]yes[/green]" if proof["equal"] else "[red]NO[/red]"
        table.add_row(proof["read_model"], f"{proof['rows']:,}", proof["rebuilt"][:16] + "…", equal)
    console.print(table)
    console.print(f"{status['events']:,} events at {status['events_per_second']:,.0f}/s")


def verify() -> None:
    """Decode every stored event of every service, through upcasters and translation; report the first fault.

    Needs the database, not the services. Ends with status 1 at a fault.
    """
    stack = this_stack()
    environment = stack.environment()
    if not stack.database.answers():
        raise NotRunning("The database does not answer: start it with `./parcours up`.")
    failed = False
    for service in SERVICES:
        began = time.monotonic()
        own = {k: v for k, v in environment.items() if k.startswith((service.upper(), "PARCOURS_"))}
        with console.status(f"Reading the log of {service} …"):
            ended = subprocess.run(
                [sys.executable, "-m", f"services.{service}", "verify"],
                cwd=REPOSITORY,
                env={**os.environ, **own},
                capture_output=True,
                text=True,
                check=False,
            )
        failed |= ended.returncode != 0
        said = [line for line in ended.stdout.splitlines() if line.startswith(f"{service}: ")]
        said = said or (ended.stderr or ended.stdout).strip().splitlines()[-1:] or [service]
        mark = "[green]✓[/green]" if ended.returncode == 0 else "[red]✗[/red]"
        for line in said[:-1]:
            console.print(f"  {line}", markup=False, soft_wrap=True)
        seconds = time.monotonic() - began
        console.print(f"{mark} {said[-1]} [dim]{seconds:.1f} s[/dim]", soft_wrap=True)
    if failed:
        sys.exit(1)


def history(
    person_id: Annotated[str, typer.Argument(metavar="PERSON", help="The person's id.")],
    as_of: Annotated[
        str | None, typer.Option(help="What had happened by then: a date, or a time with zone.")
    ] = None,
    known_at: Annotated[str | None, typer.Option(help="What was recorded by then.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Replay one person's history, event by event, as of any date, as known at any date."""
    with person("auditor") as auditor:
        found = auditor.get(f"/audit/people/{person_id}/history", as_of=as_of, known_at=known_at)
    if as_json:
        sys.stdout.write(json.dumps(found, indent=2) + "\n")
        return
    table = Table("happened", "recorded", "what", "where", "version", "lang", "by", box=None, pad_edge=False)
    for line in found["lines"]:
        event = line["event"]
        where = " / ".join(str(event[key]) for key in ("module", "checkpoint") if event.get(key))
        result = f"{event['right']} of {event['asked']}" if "right" in event else ""
        table.add_row(
            _local(line["occurred_at"]),
            _local(line["recorded_at"]),
            line["type"].partition(".")[2].replace("_", " "),
            where or result or str(event.get("due_on") or ""),
            str(event.get("course_version") or ""),
            event.get("language") or "",
            line["actor"][:8],
        )
    console.print(table)
    console.print(f"{len(found['lines'])} events")


def _local(instant: str) -> str:
    return f"{datetime.fromisoformat(instant).astimezone(BRUSSELS):%d/%m/%Y %H:%M:%S}"
