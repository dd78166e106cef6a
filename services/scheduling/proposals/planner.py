"""Proposals are made in a child process of `work`, one at a time: following feeds goes on meanwhile.

The solver takes all the memory and time that it is given, in a process of its own that yields to all
others and ends with the `work` that began it; `work` itself does not even load it. What was in hand
when either went away is begun again.
"""

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, Final

import psycopg
from psycopg import Connection

from services.backbone.limits import DATABASE_CONNECT_SECONDS
from services.scheduling.proposals import line

_log = logging.getLogger(__name__)

LOOK_SECONDS: Final = 0.3
STOP_SECONDS: Final = 3.0
NICENESS: Final = 10
TURN: Final = 0x5061_7263_506C
"""Key of the advisory lock of whoever has proposals made ('ParcPl')."""

PLAN: Final = (sys.executable, "-m", "services.scheduling", "plan")


class Planner:
    """Starts a child for each proposal that waits, while this process has the turn."""

    def __init__(self, database_url: str, command: tuple[str, ...] = PLAN) -> None:
        """`command` makes the proposal that waits longest."""
        self._database_url = database_url
        self._command = command

    def run(self, stop: Callable[[], bool]) -> None:
        """Work until told to stop."""
        while not stop():
            try:
                with psycopg.connect(
                    self._database_url, autocommit=True, connect_timeout=DATABASE_CONNECT_SECONDS
                ) as database:
                    leads = False
                    while not stop():
                        leads = leads or self._lead(database)
                        if leads and line.waits(database):
                            self._have_one_made(database, stop)
                        time.sleep(LOOK_SECONDS)
            except psycopg.Error as error:
                _log.warning("planner_interrupted", extra={"error": type(error).__name__})
                time.sleep(1.0)

    def _lead(self, database: Connection[Any]) -> bool:
        """Take the turn, if nobody has it, and what was left in hand."""
        row = database.execute("SELECT pg_try_advisory_lock(%s)", (TURN,)).fetchone()
        if row != (True,):
            return False
        line.take_up_again(database)
        return True

    def _have_one_made(self, database: Connection[Any], stop: Callable[[], bool]) -> None:
        child = subprocess.Popen(self._command, stdin=subprocess.DEVNULL)
        try:
            while child.poll() is None and not stop():
                time.sleep(LOOK_SECONDS)
                database.execute("SELECT 1")  # whoever lost the connection lost the turn with it
        finally:
            if child.poll() is None:
                child.terminate()
                try:
                    child.wait(STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    child.kill()
                    child.wait()
        if not stop() and child.returncode != 0:
            _log.warning("planner_child_ended", extra={"code": child.returncode})
            line.take_up_again(database)


def end_with_parent() -> None:
    """From now on this process ends when the one that began it does."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(LOOK_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()
