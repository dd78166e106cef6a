"""What private servers have in common: one folder, one process of ours, started and stopped in order."""

import contextlib
import os
import signal
import subprocess
from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar

from deploy.local import running
from deploy.local.errors import NotReady, NotRunning
from deploy.local.ports import Ports

STOP_TIMEOUT_SECONDS = 30


class PrivateServer(ABC):
    """One private server. Every verb may be repeated; a crash in between leaves no half state."""

    NAME: ClassVar[str]
    STOP_SIGNAL: ClassVar[signal.Signals]
    START_TIMEOUT_SECONDS: ClassVar[float]

    def __init__(self, folder: Path, log: Path | None = None) -> None:
        self.folder = folder.absolute()
        self.log = log or self.folder / f"{self.NAME.lower()}.log"
        self._ports = Ports(self.folder / "ports.json")
        self._child: subprocess.Popen[bytes] | None = None

    @property
    @abstractmethod
    def pid(self) -> int:
        """Process id of the server. Raises `NotRunning`."""

    @abstractmethod
    def prepare(self) -> None:
        """Make whatever a start needs. Does nothing to a running server.

        Raises `ServerMissing`, `LocalStackError`.
        """

    @abstractmethod
    def foreground_command(self) -> list[str]:
        """The command that runs the server in front; call `prepare` first."""

    @abstractmethod
    def environment(self) -> dict[str, str]:
        """The whole environment of the server's process."""

    @abstractmethod
    def kill(self) -> None:
        """SIGKILL the server and everything that it started, as a crash would."""

    @abstractmethod
    def _answers_now(self) -> bool:
        """It can be used."""

    @property
    def running(self) -> bool:
        """The server's process lives, ready or not."""
        try:
            return self.pid > 0
        except NotRunning:
            return False

    def start(self) -> None:
        """Start if it is not running, and wait until it answers.

        Raises `ServerMissing`, or `NotReady` with the end of the log.
        """
        self.prepare()
        if not self.running:
            with self.log.open("ab") as log:
                self._child = subprocess.Popen(
                    self.foreground_command(),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    env=self.environment(),
                    cwd="/",
                    start_new_session=True,
                )
        self.wait_until_ready()

    def wait_until_ready(self, timeout_seconds: float | None = None) -> None:
        """Return when the server can be used. Raises `NotReady`."""
        limit = self.START_TIMEOUT_SECONDS if timeout_seconds is None else timeout_seconds
        running.wait_until(self.answers, timeout_seconds=limit, what=self.NAME, log=self.log)

    def answers(self) -> bool:
        """It can be used now. Raises `NotReady` when the server that we started has ended."""
        if self._child is not None and self._child.poll() is not None:
            message = f"{self.NAME} ended while starting."
            raise NotReady(message + running.last_lines(self.log))
        return self._answers_now()

    def stop(self) -> None:
        """Stop in order; SIGKILL what is left, after the limit."""
        with contextlib.suppress(NotRunning, ProcessLookupError):
            server = self.pid
            os.kill(server, self.STOP_SIGNAL)
            with contextlib.suppress(NotReady):
                running.wait_until(
                    lambda: self._has_ended(server), timeout_seconds=STOP_TIMEOUT_SECONDS, what="The stop"
                )
        self.kill()

    def _reap(self) -> None:
        if self._child is not None:
            self._child.wait(STOP_TIMEOUT_SECONDS)
            self._child = None

    def _has_ended(self, pid: int) -> bool:
        if self._child is not None:
            self._child.poll()
        return not running.alive(pid)
