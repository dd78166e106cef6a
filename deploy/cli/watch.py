"""What `up` becomes once everything runs: a small process that waits for Ctrl-C.

It imports little on purpose, since it stays for as long as the stack does.
"""

import contextlib
import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from deploy.local.errors import LocalStackError
from deploy.local.supervision import Supervisor

LOOK_SECONDS = 2.0
STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def become_watch(state: Path) -> None:
    """Turn this process into the watch of this stack; does not return."""
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)  # kept until the watch can hear them
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "deploy.cli.watch", str(state)])


def watch(supervisor: Supervisor) -> None:
    """Say when a process was restarted; return when the stack has gone down."""
    restarts = {process.name: process.restarts for process in supervisor.status()}
    while supervisor.running:
        for process in supervisor.status():
            if process.restarts > restarts.get(process.name, 0):
                print(
                    f"{process.name} ended and was restarted: `./parcours logs {process.name}`.", flush=True
                )
            restarts[process.name] = process.restarts
        time.sleep(LOOK_SECONDS)


def main(state: Path) -> None:
    """Watch until the stack is stopped, by others or by a signal to us."""
    for number in STOPS:
        signal.signal(number, _stop_everything)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
    supervisor = Supervisor(state)
    with contextlib.suppress(LocalStackError):  # it went down while we asked
        watch(supervisor)
    print("The stack was stopped.")


def _stop_everything(_number: int, _frame: FrameType | None) -> None:
    for number in STOPS:
        signal.signal(number, signal.SIG_IGN)  # stays so in the program that follows
    os.execv(sys.executable, [sys.executable, "-m", "deploy.cli", "down"])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
