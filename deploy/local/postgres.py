"""A private PostgreSQL in one folder: loopback, one free port, a password, fsync on.

Owns: the data folder, the server's settings, its port and its administrator's password. Knows
nothing of services. Started by root it runs as the user `postgres`, since the server refuses
root; a folder that this user cannot reach gets a data folder elsewhere, behind a link.
"""

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import psutil
import psycopg

from deploy.local import programs, running
from deploy.local.errors import LocalStackError, NotRunning
from deploy.local.ports import LOOPBACK
from deploy.local.private_server import PrivateServer
from deploy.local.secret_files import kept_secret

ADMIN = "parcours_admin"
PLAIN_USER = "postgres"
SPARE_FOLDER = Path("/var/lib/parcours")
INIT_TIMEOUT_SECONDS = 60
CONNECT_TIMEOUT_SECONDS = 2

SETTINGS = f"""\
# Written again at every start.
listen_addresses = '{LOOPBACK}'
unix_socket_directories = ''
max_connections = 200
shared_buffers = 256MB
max_wal_size = 2GB
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
log_destination = 'stderr'
logging_collector = off
log_line_prefix = '%m [%p] %q%u@%d '
password_encryption = 'scram-sha-256'
"""
ACCESS = f"""\
# Passwords only, loopback only.
host all all {LOOPBACK}/32 scram-sha-256
"""


class Postgres(PrivateServer):
    """One private server."""

    NAME = "PostgreSQL"
    STOP_SIGNAL = signal.SIGINT  # ends sessions
    START_TIMEOUT_SECONDS = 60

    @property
    def admin_url(self) -> str:
        """URL of the administrator, valid from the first `prepare` or `start` on."""
        password = kept_secret(self.folder / "admin-password")
        port = self._ports.keep("postgres")["postgres"]
        return f"postgresql://{ADMIN}:{password}@{LOOPBACK}:{port}/postgres"

    @property
    def pid(self) -> int:
        """Process id of the postmaster. Raises `NotRunning`."""
        pid = self._pid_in_file()
        if pid is None or not self._is_ours(pid):
            message = f"The PostgreSQL in {self.folder} is not running."
            raise NotRunning(message)
        return pid

    @property
    def data(self) -> Path:
        """The server's data folder, links resolved."""
        return (self.folder / "data").resolve()

    def prepare(self) -> None:
        """Make whatever a start needs: the data folder, settings, a free port.

        Does nothing to a running server. Raises `ServerMissing`, `LocalStackError`.
        """
        if self.running:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        if not (self.folder / "data" / "PG_VERSION").exists():
            self._initialise()
        self._ports.claim("postgres")
        self._write(self.data / "parcours.conf", SETTINGS)
        self._clear_after_a_crash()

    def foreground_command(self) -> list[str]:
        """The command that runs the server in front; call `prepare` first."""
        major = int((self.data / "PG_VERSION").read_text(encoding="utf-8").split(".")[0])
        program = programs.postgres_folder(major) / "postgres"
        port = self._ports.keep("postgres")["postgres"]
        return [*_as_plain_user(), str(program), "-D", str(self.data), "-p", str(port)]

    def environment(self) -> dict[str, str]:
        """The whole environment of the server's process; nothing of the shell's PG settings."""
        return running.plain_environment()

    def _answers_now(self) -> bool:
        try:
            with psycopg.connect(self.admin_url, connect_timeout=CONNECT_TIMEOUT_SECONDS):
                return True
        except psycopg.OperationalError:
            return False

    def kill(self) -> None:
        """SIGKILL the postmaster and its children, as a crash would."""
        with contextlib.suppress(NotRunning):
            running.kill(running.family(self.pid))
        self._reap()

    def remove(self) -> None:
        """Kill the server and delete its data for good."""
        self.kill()
        data = self.data
        if data != self.folder / "data" and data.exists():
            shutil.rmtree(data.parent, ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _clear_after_a_crash(self) -> None:
        """End sessions that outlived their postmaster; forget a pid that is another's by now."""
        leftovers = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if process.name() == "postgres" and process.cwd() == str(self.data):
                    leftovers.append(process)
        running.kill(leftovers)
        pid = self._pid_in_file()
        if pid is not None and running.alive(pid):
            (self.data / "postmaster.pid").unlink()

    def _initialise(self) -> None:
        """A new cluster, made beside its place and moved there when it is whole."""
        place = self._new_place()
        unfinished = place / "data.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        _give_to_plain_user(unfinished)
        folder = programs.postgres_folder()
        _run(
            [
                *(str(folder / "initdb"), "-D", str(unfinished), "-U", ADMIN),
                *("--auth=reject", "--encoding=UTF8", "--lc-collate=C"),
                *("--locale=C.UTF-8", "--data-checksums", "--no-instructions"),
            ],
            "initdb could not make the database folder",
        )
        with (unfinished / "postgresql.conf").open("a", encoding="utf-8") as settings:
            settings.write("\ninclude_if_exists = 'parcours.conf'\n")
        self._write(unfinished / "pg_hba.conf", ACCESS)
        password = kept_secret(self.folder / "admin-password")
        _run(
            [str(folder / "postgres"), "--single", "-j", "-D", str(unfinished), "postgres"],
            "the administrator's password could not be set",
            standard_input=f"ALTER ROLE {ADMIN} PASSWORD '{password}';\n\n"
            "REVOKE ALL ON DATABASE postgres FROM PUBLIC;\n\n"
            "REVOKE ALL ON DATABASE template1 FROM PUBLIC;\n\n",
        )
        link = self.folder / "data"
        link.unlink(missing_ok=True)  # a link whose target is gone
        unfinished.rename(place / "data")
        if place != self.folder:
            link.symlink_to(place / "data")

    def _new_place(self) -> Path:
        """The folder to hold `data`: ours, or a spare one that the server's user can reach."""
        if not _as_plain_user() or _reaches(self.folder):
            return self.folder
        temporary = Path(tempfile.gettempdir()).resolve()
        if temporary in self.folder.resolve().parents:
            _forget_spares(temporary)
            place = temporary / f"parcours-{secrets.token_hex(6)}"
        else:
            place = SPARE_FOLDER / secrets.token_hex(6)
        place.mkdir(parents=True, mode=0o755)
        (place / "belongs-to").write_text(f"{self.folder}\n", encoding="utf-8")
        if not _reaches(place):
            message = (
                f"PostgreSQL runs as the user {PLAIN_USER}, who can reach neither "
                f"{self.folder} nor {place}: set PARCOURS_STATE to a folder that others may enter."
            )
            raise LocalStackError(message)
        return place

    def _pid_in_file(self) -> int | None:
        try:
            text = (self.data / "postmaster.pid").read_text(encoding="utf-8")
            return abs(int(text.split("\n", 1)[0]))
        except (OSError, ValueError):
            return None

    def _is_ours(self, pid: int) -> bool:
        try:
            process = psutil.Process(pid)
            lives = process.status() != psutil.STATUS_ZOMBIE
            return lives and str(self.data) in process.cmdline()
        except psutil.Error:
            return False

    def _write(self, file: Path, text: str) -> None:
        file.write_text(text, encoding="utf-8")
        _give_to_plain_user(file)


def _as_plain_user() -> list[str]:
    """The words before a command that root runs as the server's user; empty for others."""
    if os.geteuid() != 0:
        return []
    try:
        pwd.getpwnam(PLAIN_USER)
    except KeyError as unknown:
        message = f"PostgreSQL refuses to run as root, and there is no user {PLAIN_USER}."
        raise LocalStackError(message) from unknown
    if not (setpriv := shutil.which("setpriv")):
        message = "PostgreSQL refuses to run as root: start as a plain user, or install util-linux."
        raise LocalStackError(message)
    identity = (f"--reuid={PLAIN_USER}", f"--regid={PLAIN_USER}", "--init-groups")
    return [setpriv, *identity, "--"]


def _give_to_plain_user(path: Path) -> None:
    if os.geteuid() == 0:
        shutil.chown(path, PLAIN_USER, PLAIN_USER)


def _reaches(folder: Path) -> bool:
    command = [*_as_plain_user(), "test", "-x", str(folder)]
    return subprocess.run(command, check=False, cwd="/").returncode == 0


def _forget_spares(temporary: Path) -> None:
    """Delete spare folders of test runs whose own folder is gone and whose server is down."""
    for note in temporary.glob("parcours-*/belongs-to"):
        owner = Path(note.read_text(encoding="utf-8").strip())
        if not owner.exists() and not (note.parent / "data" / "postmaster.pid").exists():
            shutil.rmtree(note.parent, ignore_errors=True)


def _run(command: list[str], failure: str, standard_input: str = "") -> None:
    done = subprocess.run(
        [*_as_plain_user(), *command],
        input=standard_input,
        env=running.plain_environment(),
        cwd="/",
        capture_output=True,
        text=True,
        timeout=INIT_TIMEOUT_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        message = f"PostgreSQL: {failure}: {done.stderr.strip()}"
        raise LocalStackError(message)
