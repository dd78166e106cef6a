"""`logs`: the end of the processes' logs, and what is added to them."""

import contextlib
import os
import sys
import time
from collections import deque
from pathlib import Path
from typing import Annotated

import typer

from deploy.cli.place import this_stack
from deploy.local.errors import LocalStackError

LOOK_SECONDS = 0.5
LINES_OF_ONE = 200
LINES_OF_EACH = 20


def logs(
    process: Annotated[str | None, typer.Argument(help="A name that `status` shows; all without.")] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as lines are added.")] = False,
    lines: Annotated[int | None, typer.Option("--lines", "-n", min=0, help="How many to begin with.")] = None,
) -> None:
    """Show the end of one process's log, or of all; --follow goes on until Ctrl-C."""
    stack = this_stack()
    known = [file.stem for file in sorted((stack.state / "logs").glob("*.log"))]
    if process is not None and process not in known:
        names = ", ".join(known) or "none yet: nothing was started"
        message = f"There is no log of {process}. There are: {names}."
        raise LocalStackError(message)
    chosen = [process] if process else known
    count = lines if lines is not None else (LINES_OF_ONE if process else LINES_OF_EACH)
    tails = [_Tail(stack.log(name), "" if process else f"{name:<16} | ") for name in chosen]
    for tail in tails:
        tail.show_last(count)
    with contextlib.suppress(KeyboardInterrupt):
        while follow:
            for tail in tails:
                tail.show_new()
            sys.stdout.flush()
            time.sleep(LOOK_SECONDS)


class _Tail:
    """One log file, also when it is turned meanwhile."""

    def __init__(self, file: Path, prefix: str) -> None:
        self._file, self._prefix = file, prefix
        self._offset, self._inode = 0, 0

    def show_last(self, count: int) -> None:
        with contextlib.suppress(FileNotFoundError), self._file.open("rb") as stream:
            for line in deque(stream, maxlen=count):
                self._show(line)
            self._offset, self._inode = stream.tell(), os.fstat(stream.fileno()).st_ino

    def show_new(self) -> None:
        with contextlib.suppress(FileNotFoundError), self._file.open("rb") as stream:
            found = os.fstat(stream.fileno())
            if found.st_ino != self._inode or found.st_size < self._offset:
                self._offset, self._inode = 0, found.st_ino
            stream.seek(self._offset)
            for line in stream:
                self._show(line)
            self._offset = stream.tell()

    def _show(self, line: bytes) -> None:
        sys.stdout.write(self._prefix + line.decode("utf-8", errors="replace").rstrip("\n") + "\n")
