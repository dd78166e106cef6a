"""`staff`: files of HR that say who joins, moves, leaves and returns."""

import sys
import time
from typing import Annotated, Any, Final
from uuid import uuid4

import typer
from rich.markup import escape
from rich.table import Table

from deploy.api import Person
from deploy.cli.account import person
from deploy.cli.place import given_path
from deploy.cli.screen import console, errors
from deploy.local.errors import LocalStackError

staff = typer.Typer(no_args_is_help=True, help="Import who belongs to the staff, from a file of HR.")

LOOK_SECONDS: Final = 0.3
WAIT_SECONDS: Final = 120.0
"""How long the command follows a file; it goes on without it."""

KINDS: Final = {
    "joins": "joining",
    "moves": "moving to another unit",
    "changes": "called, or reached, otherwise",
    "returns": "returning",
    "leaves": "leaving",
}
SHOWN_MAX: Final = 20
"""People that are listed of each kind."""

WAITING: Final = {
    "received": "Waiting to be read",
    "reading": "Reading and comparing",
    "confirmed": "Waiting to be applied",
    "applying": "Applying",
}


@staff.callback()
def _several() -> None:
    """Import who belongs to the staff, from a file of HR."""


@staff.command("import")
def import_(
    file: Annotated[str, typer.Argument(metavar="FILE.csv", help="UTF-8 or Windows-1252, with ; or ,")],
    full: Annotated[
        bool, typer.Option("--full/--delta", help="Full: whoever is not in the file leaves.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show only; change nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    leaving: Annotated[
        int | None, typer.Option(min=0, help="With --yes: that so many leave is right, be it more than 10 %.")
    ] = None,
) -> None:
    """Show what a file would change, ask, and apply all of it, or nothing.

    Columns: staff_number, given_name, family_name, email, language, function, unit (its code), from_date,
    leaving_date; also by their French and Dutch names (docs/hr-import.md).
    Signs in as PARCOURS_USER (PARCOURS_PASSWORD), or as the demo's operator.
    """
    content = _content(file)
    with person("operator") as operator:
        mode = "full" if full else "delta"
        sent = operator.upload(
            f"/staff/imports?mode={mode}&dry_run=true",
            content,
            "text/csv",
            **{"Idempotency-Key": str(uuid4())},
        )
        shown = _follow(operator, sent["import_id"])
        while True:
            _show(operator, shown)
            if shown["state"] != "checked":
                sys.exit(1)
            if dry_run or not _wanted(shown, yes=yes, leaving=leaving):
                operator.delete(f"/staff/imports/{shown['import_id']}")
                console.print("Nothing was changed.")
                sys.exit(0 if dry_run else 1)
            number = shown["counts"]["leaves"] if shown["many_leave"] else None
            operator.post(f"/staff/imports/{shown['import_id']}/confirm", {"leaving": number})
            shown = _follow(operator, sent["import_id"])
            if shown["state"] == "applied":
                console.print(f"Applied: {_total(shown['counts'])} people changed.")
                return
            if shown["outdated"] and yes:
                raise LocalStackError("Things changed meanwhile, and so would the file: nothing was changed.")
            if shown["outdated"]:
                errors.print("Things changed meanwhile. This is what the file would change now:")


@staff.command("imports")
def imports() -> None:
    """Show the last files, and what became of them."""
    with person("operator") as operator:
        found = operator.get("/staff/imports")["imports"]
    table = Table("sent", "kind", "state", *KINDS, "file", box=None, pad_edge=False)
    for each in found:
        counts = each["counts"]
        table.add_row(
            each["asked_at"][:16].replace("T", " "),
            each["mode"],
            each["state"],
            *(str(counts[kind]) for kind in KINDS),
            each["import_id"],
        )
    console.print(table if found else "No file of HR was sent yet.")


def _content(file: str) -> bytes:
    path = given_path(file)
    try:
        return path.read_bytes()
    except OSError as error:
        raise LocalStackError(f"{path} cannot be read: {error.strerror}.") from error


def _follow(operator: Person, import_id: str) -> dict[str, Any]:
    """Wait until the file waits for somebody again, or is over."""
    until = time.monotonic() + WAIT_SECONDS
    with errors.status("Sent") as status:
        while time.monotonic() < until:
            found: dict[str, Any] = operator.get(f"/staff/imports/{import_id}")
            if found["state"] not in WAITING:
                return found
            status.update(f"{WAITING[found['state']]} …")
            time.sleep(LOOK_SECONDS)
    raise LocalStackError(
        f"The file {import_id} is not done after {WAIT_SECONDS:.0f} s; it goes on by itself."
        " `./parcours staff imports` shows how far it is, `./parcours status` whether scheduling-work runs."
    )


def _show(operator: Person, shown: dict[str, Any]) -> None:
    if shown["faults_total"]:
        for fault in shown["faults"]:
            place = f"line {fault['line']}: " if fault["line"] else ""
            errors.print(f"{place}{fault['sentence']}", markup=False, soft_wrap=True)
        more = shown["faults_total"] - len(shown["faults"])
        errors.print(f"… and {more} more." if more else "", end="\n" if more else "")
        errors.print(f"{_count(shown['faults_total'], 'fault')}; nothing was changed.")
        return
    if shown["state"] != "checked":
        errors.print(f"The file ended as {shown['state']}; nothing was changed.")
        return
    if shown["ignored"]:
        console.print(f"Columns that mean nothing here: {', '.join(shown['ignored'])}.", markup=False)
    if not shown["lines"]:
        console.print("Nobody joins, moves, leaves or returns.")
    else:
        units = {unit["unit_id"]: _name(unit) for unit in operator.get("/organisation")["units"]}
        console.print(_table(shown, units))
    counts = shown["counts"]
    console.print(
        f"{_count(counts['rows'], 'row')} ({shown['encoding']}); {counts['people']:,} people before; "
        f"{counts['unchanged']:,} unchanged; {counts['later']:,} for a day to come."
    )
    for kind, words in KINDS.items():
        if counts[kind]:
            console.print(f"  {counts[kind]:>7,} {words}")


def _table(shown: dict[str, Any], units: dict[str, str]) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("", "number", "name", "from unit", "to unit", "since", "line"):
        table.add_column(heading, overflow="fold")
    lines = [
        line
        for kind in KINDS
        for line in [each for each in shown["lines"] if each["kind"] == kind][:SHOWN_MAX]
    ]
    for line in lines:
        table.add_row(
            line["kind"],
            escape(line["staff_number"]),
            escape(f"{line['family_name']} {line['given_name']}"),
            escape(units.get(line["unit_before"] or "", "")),
            escape(units.get(line["unit_after"] or "", ""))
            if line["unit_after"] != line["unit_before"]
            else "",
            line["since"] or "",
            str(line["line"] or ""),
        )
    more = _total(shown["counts"]) - len(lines)
    if more:
        table.add_row("", "", f"… and {more:,} more")
    return table


def _wanted(shown: dict[str, Any], *, yes: bool, leaving: int | None) -> bool:
    counts = shown["counts"]
    if shown["many_leave"] and leaving != counts["leaves"]:
        errors.print(
            f"[yellow]{counts['leaves']:,} of {counts['people']:,} people would leave: more than 10 %.[/yellow]"
        )
        if yes:
            errors.print(f"If that is right, say so: --yes --leaving {counts['leaves']}")
            return False
        told: int = typer.prompt("How many leave? Type the number to apply the file, 0 to stop", type=int)
        return bool(told == counts["leaves"])
    return yes or typer.confirm("Apply all of this?")


def _total(counts: dict[str, int]) -> int:
    return sum(counts[kind] for kind in KINDS)


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _name(unit: dict[str, Any]) -> str:
    name = unit["name"]
    return str(name.get("en") or next(iter(name.values())))
