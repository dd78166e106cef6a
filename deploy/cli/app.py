"""Which commands there are. Adding one is one line in `COMMANDS`.

A command's module is imported only when that command is asked for, so `--help` stays quick and
a small command small. `place` is `module:name` of a function with Typer's annotations, or of a
`typer.Typer` that holds sub-commands.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import typer

RUN, USE, TRUST, DEVELOP = "Run it", "Use it", "Trust it", "Develop it"


@dataclass(frozen=True)
class Command:
    """One command: its name, where it lives, one line of help, and under which heading."""

    name: str
    place: str
    summary: str
    panel: str
    passes_on: bool = False  # unknown options go to another program

    @property
    def module(self) -> str:
        """The module that holds it."""
        return self.place.partition(":")[0]

    def load(self) -> Any:
        """The function or the `Typer`."""
        return getattr(importlib.import_module(self.module), self.place.partition(":")[2])


COMMANDS = (
    Command("up", "deploy.cli.lifecycle:up", "Set everything up, start it, load the demo.", RUN),
    Command("down", "deploy.cli.lifecycle:down", "Stop everything in order; the data stays.", RUN),
    Command("status", "deploy.cli.lifecycle:status", "Show every process.", RUN),
    Command("logs", "deploy.cli.logs:logs", "Show the logs of one process, or of all.", RUN),
    Command(
        "environment", "deploy.cli.environment:environment", "Print the settings of the local stack.", RUN
    ),
    Command("demo", "deploy.cli.demo:demo", "Play the main job through the API, as a story.", USE),
    Command("mail", "deploy.cli.mail:mail", "Read the mail that the local stack sent.", USE),
    Command("course", "deploy.cli.course:course", "Check and publish a course folder.", USE),
    Command("staff", "deploy.cli.staff:staff", "Import who belongs to the staff, from a file of HR.", USE),
    Command("rebuild", "deploy.cli.records:rebuild", "Rebuild read models beside the live ones.", TRUST),
    Command(
        "verify", "deploy.cli.records:verify", "Decode every stored event; report the first fault.", TRUST
    ),
    Command("history", "deploy.cli.records:history", "Replay one person's history.", TRUST),
    Command(
        "test", "deploy.cli.develop:test", "Run the tests; arguments go to pytest.", DEVELOP, passes_on=True
    ),
    Command("check", "deploy.cli.develop:check", "Check format, lint, types and imports.", DEVELOP),
    Command(
        "screenshots",
        "deploy.cli.screenshots:screenshots",
        "Take the pictures of the README on the running stack.",
        DEVELOP,
    ),
    Command("bench", "deploy.cli.bench:bench", "Measure speed and memory beside references.", DEVELOP),
)

# Each paragraph is one line: the terminal's width breaks it.
INTRODUCTION = "\n\n".join(
    (
        "Parcours: who followed which training, as events that can be replayed and proved.",
        "Start with [bold]./parcours up[/bold]: it installs what is missing, starts a private PostgreSQL and a "
        "private RabbitMQ with the services and the gateway, loads a demo and prints where to go. What it "
        "keeps is in [bold].parcours/[/bold], or in the folder that PARCOURS_STATE names.",
    )
)


def application(arguments: list[str]) -> typer.Typer:
    """The command line, with only the wanted command's module imported."""
    wanted = next((argument for argument in arguments if not argument.startswith("-")), None)
    app = typer.Typer(
        help=INTRODUCTION,
        rich_markup_mode="rich",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    for command in COMMANDS:
        if command.name == wanted:
            _add(app, command, command.load())
        elif find_spec(command.module) is not None:
            _add(app, command, _not_asked_for)
    return app


def _add(app: typer.Typer, command: Command, what: typer.Typer | Callable[..., Any]) -> None:
    if isinstance(what, typer.Typer):
        app.add_typer(what, name=command.name, help=command.summary, rich_help_panel=command.panel)
        return
    asked_for = what is not _not_asked_for
    passes_on = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
    app.command(
        command.name,
        help=None if asked_for else command.summary,
        rich_help_panel=command.panel,
        context_settings=passes_on if command.passes_on else None,
    )(what)


def _not_asked_for() -> None:
    """Stands in the list of commands for one that is not being run."""
