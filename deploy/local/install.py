"""Installing the servers that are missing, with apt-get, without a question.

The distribution's own services are neither needed nor wanted: while a package installs, a
policy keeps them from starting, and afterwards the ones that came with it do not start at boot
either. A service that was there before is left alone.
"""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from deploy.local import programs
from deploy.local.errors import LocalStackError, ServerMissing

PACKAGES = {"postgres": "postgresql", "rabbitmq": "rabbitmq-server"}
UNITS = {"postgres": ("postgresql.service",), "rabbitmq": ("rabbitmq-server.service",)}
LOCK_WAIT_SECONDS = 120
INSTALL_TIMEOUT_SECONDS = 900
SUDO_TIMEOUT_SECONDS = 10
POLICY = Path("/usr/sbin/policy-rc.d")
POLICY_TEXT = "#!/bin/sh\n# Parcours installs a server without starting it; gone in a minute.\nexit 101\n"


def missing_servers(wanted: Iterable[str], on_progress: Callable[[str], None]) -> None:
    """Install those of `postgres` and `rabbitmq` that are wanted and not there.

    Raises `ServerMissing` with the command to run when it cannot be done without a question.
    """
    missing = [server for server in wanted if not _installed(server)]
    if not missing:
        return
    packages = " ".join(PACKAGES[server] for server in missing)
    rights = _rights()
    if rights is None or not shutil.which("apt-get"):
        message = (
            f"{' and '.join(missing)} is not installed: run `apt-get install {packages}` as root "
            "(or your system's own command), then try again."
        )
        raise ServerMissing(message)
    on_progress(f"Installing {packages} with apt-get")
    with _services_kept_down(rights):
        _run([*rights, "apt-get", "update", "-q"], must_work=False)
        _run(
            [
                *(*rights, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install"),
                *("-q", "-y", "--no-install-recommends"),
                *("-o", f"DPkg::Lock::Timeout={LOCK_WAIT_SECONDS}"),
                *("-o", "Dpkg::Options::=--force-confold"),
                *(PACKAGES[server] for server in missing),
            ]
        )
    if shutil.which("systemctl"):
        for unit in (unit for server in missing for unit in UNITS[server]):
            _run([*rights, "systemctl", "disable", unit], must_work=False)


def _installed(server: str) -> bool:
    find = {"postgres": programs.postgres_folder, "rabbitmq": programs.rabbitmq_script}[server]
    try:
        find()
    except ServerMissing:
        return False
    return True


def _rights() -> list[str] | None:
    """The words before a command that needs root; None when root cannot be had silently."""
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo is None:
        return None
    with contextlib.suppress(subprocess.TimeoutExpired):
        tried = subprocess.run(
            [sudo, "-n", "true"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SUDO_TIMEOUT_SECONDS,
            check=False,
        )
        if tried.returncode == 0:
            return [sudo, "-n"]
    return None


@contextlib.contextmanager
def _services_kept_down(rights: list[str]) -> Iterator[None]:
    """No package may start its service meanwhile; a policy that exists already stays as it is."""
    if POLICY.exists():
        yield
        return
    _run([*rights, "tee", str(POLICY)], standard_input=POLICY_TEXT)
    _run([*rights, "chmod", "755", str(POLICY)])
    try:
        yield
    finally:
        _run([*rights, "rm", "-f", str(POLICY)], must_work=False)


def _run(command: list[str], *, must_work: bool = True, standard_input: str = "") -> None:
    done = subprocess.run(
        command,
        input=standard_input,
        capture_output=True,
        text=True,
        timeout=INSTALL_TIMEOUT_SECONDS,
        check=False,
    )
    if must_work and done.returncode != 0:
        tail = "\n  ".join((done.stdout + done.stderr).strip().splitlines()[-8:])
        message = f"`{' '.join(command)}` failed; run it by hand to see why:\n  {tail}"
        raise LocalStackError(message)
