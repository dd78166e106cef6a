"""Installing the programs that are missing, with apt-get, without a question.

The distribution's own services are neither needed nor wanted: while a package installs, a
policy keeps them from starting and no empty database is made for them, and afterwards the ones
that came with it do not start at boot either. A service that was there before is left alone.
"""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from deploy.local import programs
from deploy.local.errors import LocalStackError, ServerMissing

NAMES = {"postgres": "PostgreSQL", "rabbitmq": "RabbitMQ", "chromium": "Chromium"}
PACKAGES = {"postgres": "postgresql", "rabbitmq": "rabbitmq-server", "chromium": "chromium"}
# RabbitMQ brings Erlang, whose port mapper would listen on every address from the next boot on.
UNITS = {
    "postgres": ("postgresql.service",),
    "rabbitmq": ("rabbitmq-server.service", "epmd.service", "epmd.socket"),
    "chromium": (),
}
LOCK_WAIT_SECONDS = 120
INSTALL_TIMEOUT_SECONDS = 900
SUDO_TIMEOUT_SECONDS = 10
POLICY = Path("/usr/sbin/policy-rc.d")
POLICY_TEXT = "#!/bin/sh\n# Parcours installs a server without starting it; gone in a minute.\nexit 101\n"
NO_CLUSTER = Path("/etc/postgresql-common/createcluster.d/parcours.conf")
NO_CLUSTER_TEXT = (
    "# Parcours installs PostgreSQL without a database; gone in a minute.\ncreate_main_cluster = false\n"
)


def missing_programs(wanted: Iterable[str], on_progress: Callable[[str], None]) -> None:
    """Install those of `postgres`, `rabbitmq` and `chromium` that are wanted and not there.

    Raises `ServerMissing` with the command to run when it cannot be done without a question.
    """
    missing = [server for server in wanted if not _installed(server)]
    if not missing:
        return
    packages = [PACKAGES[server] for server in missing]
    rights = _rights()
    if rights is None or not shutil.which("apt-get"):
        raise ServerMissing(_what_to_do(missing))
    units = [unit for server in missing for unit in UNITS[server] if not _is_known(unit)]
    names = " and ".join(NAMES[server] for server in missing)
    with _services_kept_down(rights, missing):
        on_progress("Asking apt-get which packages there are")
        _run([*rights, "apt-get", "update", "-q"], must_work=False)
        on_progress(f"Fetching {names} and what they need")
        _run([*_apt_get_install(rights), "--download-only", *packages])
        on_progress(f"Installing {names}")
        _run([*_apt_get_install(rights), *packages])
    if shutil.which("systemctl"):
        for unit in units:
            _run([*rights, "systemctl", "disable", unit], must_work=False)


def _what_to_do(missing: list[str]) -> str:
    names = " and ".join(NAMES[server] for server in missing)
    are = "is" if len(missing) == 1 else "are"
    packages = " ".join(PACKAGES[server] for server in missing)
    return (
        f"{names} {are} not installed, and we cannot install without a question: run "
        f"`apt-get install {packages}` as root (on another system its own command), then try again."
    )


def _apt_get_install(rights: list[str]) -> list[str]:
    return [
        *(*rights, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install"),
        *("-q", "-y", "--no-install-recommends"),
        *("-o", f"DPkg::Lock::Timeout={LOCK_WAIT_SECONDS}"),
        *("-o", "Dpkg::Options::=--force-confold"),
    ]


def _is_known(unit: str) -> bool:
    """The system has this service or socket, started or not; without systemd it has none."""
    if not (systemctl := shutil.which("systemctl")):
        return False
    told = subprocess.run([systemctl, "is-enabled", unit], capture_output=True, text=True, check=False)
    return told.stdout.strip() not in ("", "not-found")


def _installed(server: str) -> bool:
    find = {
        "postgres": programs.postgres_folder,
        "rabbitmq": programs.rabbitmq_script,
        "chromium": programs.chromium,
    }[server]
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
def _services_kept_down(rights: list[str], missing: list[str]) -> Iterator[None]:
    """No package may start its service meanwhile; a file of the administrator's stays as it is."""
    files = [(POLICY, POLICY_TEXT, "755")]
    if "postgres" in missing:
        files.append((NO_CLUSTER, NO_CLUSTER_TEXT, "644"))
    with contextlib.ExitStack() as afterwards:
        for file, text, mode in files:
            if not file.exists() or file.read_text(encoding="utf-8") == text:  # ours, when we were killed
                afterwards.callback(_run, [*rights, "rm", "-f", str(file)], must_work=False)
                _run([*rights, "install", "-D", "-m", mode, "/dev/stdin", str(file)], standard_input=text)
        yield


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
