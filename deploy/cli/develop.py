"""`test` and `check`: what a change must pass."""

import os
import subprocess
import sys
from pathlib import Path

import typer

from deploy.cli.place import given_path
from deploy.cli.screen import console, errors, steps
from deploy.local import install
from deploy.local.stack import REPOSITORY

TOOLS = Path(sys.executable).parent
CHECKS = {
    "format": ["ruff", "format", "--check", "."],
    "lint": ["ruff", "check", "."],
    "types": ["mypy"],
    "imports": ["lint-imports"],
}


def test(context: typer.Context) -> None:
    """Run the tests; every argument goes to pytest.

    ./parcours test                       all of them
    ./parcours test tests/unit -q         one folder
    ./parcours test -k "resume or seat"   by name
    """
    with steps() as step:
        install.missing_programs(("postgres", "rabbitmq", "chromium"), step)
    here = given_path(".").resolve()
    os.chdir(here if context.args and here.is_relative_to(REPOSITORY) else REPOSITORY)
    os.execv(sys.executable, [sys.executable, "-m", "pytest", *context.args])


def check() -> None:
    """Check format, lint, types and imports; each is named with pass or fail."""
    failed = []
    for name, command in CHECKS.items():
        with errors.status(f"{name}: {' '.join(command)} …"):
            done = subprocess.run(
                [str(TOOLS / command[0]), *command[1:]],
                cwd=REPOSITORY,
                capture_output=True,
                text=True,
                check=False,
            )
        passed = done.returncode == 0
        verdict = "[green]pass[/green]" if passed else "[red]FAIL[/red]"
        console.print(f"{verdict}  {name:<8} [dim]{' '.join(command)}[/dim]")
        if not passed:
            failed.append(name)
            console.print(done.stdout + done.stderr, markup=False)
    if failed:
        errors.print(f"Failed: {', '.join(failed)}.")
        raise typer.Exit(1)
