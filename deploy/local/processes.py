"""The processes of the stack: what runs, in which order, and which settings each may see."""

import os
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local import running
from deploy.local.parts import SERVICES

MARK = "PARCOURS_STACK"  # in the environment of all our processes: the state folder
SERVICE_STOP_SECONDS = 10
SERVER_STOP_SECONDS = 40
REPOSITORY = Path(__file__).resolve().parents[2]
SHARED_KEYS = frozenset({"PARCOURS_ACTOR_PUBLIC_KEY", "PARCOURS_SEAL_SITE"})


@dataclass(frozen=True)
class Program:
    """One supervised process."""

    name: str
    group: str  # servers, services, gateway: started in this order, stopped in the reverse
    command: list[str]
    folder: Path
    environment: Mapping[str, str] = field(repr=False)
    stop_signal: str = "TERM"
    stop_seconds: int = SERVICE_STOP_SECONDS

    def script(self) -> str:
        """A shell script that becomes this process; it holds secrets."""
        exports = [f"export {name}={shlex.quote(value)}" for name, value in self.environment.items()]
        folder, command = shlex.quote(str(self.folder)), shlex.join(self.command)
        return "\n".join(("#!/bin/sh", *exports, f"cd {folder} || exit 1", f"exec {command}", ""))


def service_programs(state: Path, root: Path, settings: Mapping[str, str]) -> list[Program]:
    """All of our own processes; `root` is the folder of the packages."""
    return [
        _mailbox(state, root, settings),
        *(_module(state, root, settings, part, "serve") for part in SERVICES),
        *(_module(state, root, settings, part, "work") for part in SERVICES),
        _module(state, root, settings, "gateway", "serve"),
    ]


def mail_file(state: Path) -> Path:
    """Where the stack's mail server keeps letters."""
    return state / "mail" / "letters.sqlite"


def _mailbox(state: Path, root: Path, settings: Mapping[str, str]) -> Program:
    return Program(
        name="mailbox",
        group="services",
        command=[
            *(sys.executable, "-m", "deploy.local.mailbox"),
            *(str(mail_file(state)), settings.get("SCHEDULING_SMTP_PORT", "0")),
        ],
        folder=root,
        environment={
            **running.plain_environment(),
            MARK: str(state),
            "PYTHONPATH": str(REPOSITORY),
            "PYTHONUNBUFFERED": "1",
        },
    )


def migration(part: str) -> list[str]:
    """The command that brings this part's database up to date."""
    return _python(part, "migrate")


FREE_BYTES_KEPT = 128 * 1024
"""What glibc keeps of freed memory. Left to itself it learns from large pages of a feed to keep a lot: after a
rebuild of a million events `reporting-work` held 158 MiB, with this 128 MiB, and was as fast."""


FOR_ONE_PROGRAM = {"OWNER_DATABASE_URL": "migrate", "SEAL_KEY": "work", "WITNESS_KEY": "work"}
"""Settings of a part that only one of its programs may see: what owns the tables, and what signs."""


def environment_of(
    part: str, verb: str, state: Path, root: Path, settings: Mapping[str, str]
) -> dict[str, str]:
    """What a process of this part sees: its own settings, and no other part's.

    A setting of this part's that the person gave in the environment of `up` reaches it too,
    unless the stack sets it.
    """
    prefix = f"{part.upper()}_"
    given = {**os.environ, **settings}
    own = {name: text for name, text in given.items() if name.startswith(prefix) or name in SHARED_KEYS}
    for name, program in FOR_ONE_PROGRAM.items():
        if program != verb:
            own.pop(prefix + name, None)
    return {
        **running.plain_environment(),
        **own,
        MARK: str(state),
        "PYTHONPATH": str(root),
        "PYTHONUNBUFFERED": "1",
        "MALLOC_TRIM_THRESHOLD_": str(FREE_BYTES_KEPT),
    }


def _module(state: Path, root: Path, settings: Mapping[str, str], part: str, verb: str) -> Program:
    is_gateway = part == "gateway"
    return Program(
        name=part if is_gateway else f"{part}-{verb}",
        group="gateway" if is_gateway else "services",
        command=_python(part, verb),
        folder=root,
        environment=environment_of(part, verb, state, root, settings),
    )


def _python(part: str, verb: str) -> list[str]:
    module = part if part == "gateway" else f"services.{part}"
    return [sys.executable, "-m", module, verb]
