"""Finding, waiting for and ending processes of our own; never by name, always by pid or mark."""

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import psutil

from deploy.local.errors import NotReady

POLL_SECONDS = 0.05
LAST_LINES = 12


def plain_environment() -> dict[str, str]:
    """What any program needs and nothing else: no setting of ours, nothing of the shell's."""
    kept = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "USER", "LOGNAME", "HOME", "SSL_CERT_FILE")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    environment.setdefault("PATH", os.defpath)
    return environment


def marked(name: str, value: str) -> list[psutil.Process]:
    """Our running processes whose environment holds this mark."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.environ().get(name) == value and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def alive(pid: int) -> bool:
    """The process exists and is more than an entry that waits for its parent."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def family(pid: int) -> list[psutil.Process]:
    """The process and all that descend from it; empty when it is gone."""
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.Error:
        return []


def kill(processes: Iterable[psutil.Process], timeout_seconds: float = 10.0) -> None:
    """SIGKILL them and wait until they are gone."""
    chosen = list(processes)
    for process in chosen:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(chosen, timeout=timeout_seconds)


def end(
    processes: Iterable[psutil.Process],
    timeout_seconds: float,
    ask: signal.Signals = signal.SIGTERM,
) -> None:
    """Ask them to end; SIGKILL those that have not after the limit."""
    chosen = list(processes)
    for process in chosen:
        with contextlib.suppress(psutil.Error):
            process.send_signal(ask)
    _gone, stubborn = psutil.wait_procs(chosen, timeout=timeout_seconds)
    kill(stubborn)


def wait_until(
    ready: Callable[[], bool],
    *,
    timeout_seconds: float,
    what: str,
    log: Path | None = None,
    poll_seconds: float = POLL_SECONDS,
) -> None:
    """Poll until ready; raise `NotReady`, naming the log, when the limit has passed."""
    deadline = time.monotonic() + timeout_seconds
    while not ready():
        if time.monotonic() > deadline:
            message = f"{what} was not ready after {timeout_seconds:.0f} s."
            raise NotReady(message + last_lines(log))
        time.sleep(poll_seconds)


def last_lines(log: Path | None) -> str:
    """The end of a log, to be put behind an error sentence."""
    if log is None or not log.exists():
        return ""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-LAST_LINES:]
    return f" The end of {log}:\n  " + "\n  ".join(lines)
