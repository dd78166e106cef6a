"""Ports on loopback, chosen once and kept in a file.

They are chosen below the range that operating systems lend to outgoing connections, so that a
port kept for tomorrow is not lent to a passing client in between.
"""

import json
import secrets
import socket
from pathlib import Path

from deploy.local.errors import LocalStackError
from deploy.local.secret_files import write_private

LOOPBACK = "127.0.0.1"
FIRST_PORT = 20_000
LAST_PORT = 32_000
TRIES_MAX = 200


def is_free(port: int) -> bool:
    """Nobody listens on this loopback port at the moment."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
            probe.listen(1)
        except OSError:
            return False
    return True


class Ports:
    """The ports of one folder, by name."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def keep(self, *names: str) -> dict[str, int]:
        """The ports of these names; only a name without a port gets a new one."""
        return self._ports(names, renew_taken=False)

    def claim(self, *names: str) -> dict[str, int]:
        """As `keep`, but a port that somebody listens on is replaced.

        Call it only while our own process is down: its port would count as taken.
        """
        return self._ports(names, renew_taken=True)

    def _ports(self, names: tuple[str, ...], *, renew_taken: bool) -> dict[str, int]:
        known = self._read()
        before = dict(known)
        for name in names:
            port = known.get(name)
            if port is None or (renew_taken and not is_free(port)):
                known[name] = _free_port(avoid=set(known.values()))
        if known != before:
            write_private(self._file, json.dumps(known, indent=1, sort_keys=True))
        return {name: known[name] for name in names}

    def _read(self) -> dict[str, int]:
        if not self._file.exists():
            return {}
        content = json.loads(self._file.read_text(encoding="utf-8"))
        return {str(name): int(port) for name, port in content.items()}


def _free_port(avoid: set[int]) -> int:
    for _ in range(TRIES_MAX):
        port = FIRST_PORT + secrets.randbelow(LAST_PORT - FIRST_PORT)
        if port not in avoid and is_free(port):
            return port
    message = f"No free port between {FIRST_PORT} and {LAST_PORT}: stop some programs and try again."
    raise LocalStackError(message)
