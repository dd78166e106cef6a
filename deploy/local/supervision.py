"""supervisord: keeps the processes running, restarts the dead, turns their logs.

Owns the generated configuration and the conversation over its socket. Which processes there
are, and when they start, is the stack's business. All paths in the configuration are relative
to the state folder, so that no character of that folder's name needs escaping.
"""

import contextlib
import http.client
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import xmlrpc.client
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from deploy.local import running
from deploy.local.errors import LocalStackError, NotReady, NotRunning
from deploy.local.processes import Program
from deploy.local.secret_files import private_folder, write_private

START_TIMEOUT_SECONDS = 15
CALL_TIMEOUT_SECONDS = 60
SHUTDOWN_TIMEOUT_SECONDS = 90
SOCKET_PATH_MAX = 90  # systems allow 104 to 108 characters; supervisord adds its pid for a while
PRIORITIES = {"servers": 10, "services": 20, "gateway": 30}
FOREVER = 1_000_000

HEAD = """\
[supervisord]
nodaemon = true
silent = true
logfile = logs/supervisord.log
logfile_maxbytes = 5MB
logfile_backups = 1
pidfile = supervisord.pid
umask = 077
{user}
[unix_http_server]
file = {socket}
chmod = 0700

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
"""
PROGRAM = """
[program:{name}]
command = /bin/sh processes/{name}.sh
autostart = false
autorestart = true
startsecs = 1
startretries = {retries}
stopsignal = {stop_signal}
stopwaitsecs = {stop_seconds}
killasgroup = true
redirect_stderr = true
stdout_logfile = logs/{name}.log
stdout_logfile_maxbytes = 10MB
stdout_logfile_backups = 3
"""
GROUP = """
[group:{group}]
programs = {names}
priority = {priority}
"""


@dataclass(frozen=True)
class ProcessStatus:
    """One process as supervisord sees it."""

    name: str
    state: str  # running, starting, backoff, stopped, exited, fatal …, or down without supervisord
    pid: int | None
    uptime_seconds: int
    restarts: int  # ends that nobody asked for since `up`


class Supervisor:
    """The supervisord of one state folder."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self._groups: dict[str, str] = {}

    @property
    def log(self) -> Path:
        """Supervisord's own log."""
        return self._state / "logs" / "supervisord.log"

    @property
    def pid(self) -> int:
        """Process id of supervisord. Raises `NotRunning`."""
        with contextlib.suppress(OSError, ValueError, psutil.Error):
            pid = int((self._state / "supervisord.pid").read_text(encoding="utf-8"))
            process = psutil.Process(pid)
            ours = process.cwd() == str(self._state.resolve())
            if (
                ours
                and "supervisor.supervisord" in process.cmdline()
                and process.status() != psutil.STATUS_ZOMBIE
            ):
                return pid
        message = "The stack is not running: start it with `./parcours up`."
        raise NotRunning(message)

    @property
    def running(self) -> bool:
        """Supervisord lives."""
        try:
            return self.pid > 0
        except NotRunning:
            return False

    def configure(self, programs: Iterable[Program]) -> None:
        """Write the configuration and one start script for each program."""
        chosen = list(programs)
        private_folder(self._state / "logs")
        scripts = private_folder(self._state / "processes")
        as_root = "user = root\n" if os.geteuid() == 0 else ""
        parts = [HEAD.format(user=as_root, socket=self._socket())]
        for program in chosen:
            write_private(scripts / f"{program.name}.sh", program.script())
            parts.append(
                PROGRAM.format(
                    name=program.name,
                    retries=FOREVER,
                    stop_signal=program.stop_signal,
                    stop_seconds=program.stop_seconds,
                )
            )
        for group, priority in PRIORITIES.items():
            if names := [program.name for program in chosen if program.group == group]:
                parts.append(GROUP.format(group=group, names=",".join(names), priority=priority))
        write_private(self._state / "supervisord.conf", "".join(parts))

    def start(self) -> None:
        """Start supervisord in its own session; it outlives us. Starts no program yet."""
        self.log.unlink(missing_ok=True)  # restarts are counted in it
        command = [sys.executable, "-m", "supervisor.supervisord", "-c", "supervisord.conf"]
        output = self._state / "logs" / "supervisord.out"
        with output.open("wb") as stream:
            child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                cwd=self._state,
                env=running.plain_environment(),
                start_new_session=True,
            )

        def answers() -> bool:
            if child.poll() is not None:
                message = "supervisord ended while starting."
                raise NotReady(message + running.last_lines(output))
            return self._answers()

        running.wait_until(answers, timeout_seconds=START_TIMEOUT_SECONDS, what="supervisord", log=output)

    def start_group(self, group: str) -> None:
        """Start every program of the group; returns before they are ready."""
        self._call("startProcessGroup", group, False)

    def start_program(self, name: str) -> None:
        """Start one program; returns when it has lived for a second."""
        self._call("startProcess", self._full_name(name), True)

    def stop_program(self, name: str) -> None:
        """Stop one program, and leave it stopped."""
        self._call("stopProcess", self._full_name(name), True)

    def status(self) -> list[ProcessStatus]:
        """Every program in the order of starting. Raises `NotRunning`."""
        self.pid  # noqa: B018 - raises the sentence for a person
        ends = self._ends()
        infos = sorted(self._call("getAllProcessInfo"), key=self._order)
        return [
            ProcessStatus(
                name=info["name"],
                state=info["statename"].lower(),
                pid=info["pid"] or None,
                uptime_seconds=max(0, info["now"] - info["start"]) if info["pid"] else 0,
                restarts=ends[info["name"]],
            )
            for info in infos
        ]

    def shutdown(self) -> None:
        """Stop every program in order, then supervisord; returns when all is done, bounded."""
        try:
            pid = self.pid
        except NotRunning:
            return
        with contextlib.suppress(LocalStackError):
            self._call("shutdown")
        deadline = time.monotonic() + SHUTDOWN_TIMEOUT_SECONDS
        while running.alive(pid) and time.monotonic() < deadline:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
            time.sleep(running.POLL_SECONDS)
        running.kill(running.family(pid))
        self._forget_socket()

    def _full_name(self, name: str) -> str:
        for info in self._call("getAllProcessInfo"):
            if info["name"] == name:
                return f"{info['group']}:{name}"
        message = f"There is no process {name}: `./parcours status` lists them."
        raise LocalStackError(message)

    def _order(self, info: dict[str, Any]) -> tuple[int, int]:
        configured = (self._state / "supervisord.conf").read_text(encoding="utf-8")
        place = configured.find(f"[program:{info['name']}]")
        return PRIORITIES.get(info["group"], 0), place

    def _ends(self) -> Counter[str]:
        """How often each program ended by itself, as supervisord wrote it down."""
        ends: Counter[str] = Counter()
        with contextlib.suppress(OSError), self.log.open(encoding="utf-8") as lines:
            ends.update(found.group(1) for line in lines if (found := re.search(r" exited: (\S+) \(", line)))
        return ends

    def _socket(self) -> str:
        """Where supervisord listens; a deep state folder gets a short place elsewhere."""
        if len(str(self._state)) + len("/supervisor.sock") <= SOCKET_PATH_MAX:
            return "supervisor.sock"
        note = self._state / "socket-folder"
        if not note.exists() or not Path(note.read_text(encoding="utf-8")).is_dir():
            write_private(note, tempfile.mkdtemp(prefix="parcours-"))
        return f"{note.read_text(encoding='utf-8')}/supervisor.sock"

    def _forget_socket(self) -> None:
        note = self._state / "socket-folder"
        if note.exists():
            shutil.rmtree(note.read_text(encoding="utf-8"), ignore_errors=True)
            note.unlink()

    def _answers(self) -> bool:
        try:
            self._call("getState")
        except LocalStackError:
            return False
        return True

    def _call(self, method: str, *arguments: object) -> Any:
        path = str(self._state / self._socket())
        with xmlrpc.client.ServerProxy("http://supervisor", transport=_SocketTransport(path)) as api:
            try:
                return getattr(api.supervisor, method)(*arguments)
            except xmlrpc.client.Fault as fault:
                if fault.faultString.startswith(("ALREADY_STARTED", "NOT_RUNNING")):
                    return None  # what was asked for is so already
                message = f"supervisord could not do {method}: {fault.faultString}."
                raise LocalStackError(message) from fault
            except (OSError, http.client.HTTPException) as away:
                message = "supervisord does not answer: run `./parcours down` and try again."
                raise LocalStackError(message) from away


class _SocketConnection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=CALL_TIMEOUT_SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(CALL_TIMEOUT_SECONDS)
        self.sock.connect(self._path)


class _SocketTransport(xmlrpc.client.Transport):
    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = path

    def make_connection(self, host: Any) -> http.client.HTTPConnection:
        return _SocketConnection(self._path)
