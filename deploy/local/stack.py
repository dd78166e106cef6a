"""The whole stack on one machine: servers, migrations, services, gateway; up, down, status.

Owns the order of things and the state folder. Each `up` and `down` holds the folder's lock, so
two of them at once come one after the other. Whatever died, and wherever an earlier `up` was
killed, the next one clears the remains that belong to this folder, and nothing else.
"""

import contextlib
import fcntl
import os
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from deploy.local import install, processes, provision, running
from deploy.local.errors import HopelessStart, LocalStackError, NotReady, NotRunning
from deploy.local.parts import PARTS
from deploy.local.ports import LOOPBACK
from deploy.local.postgres import Postgres
from deploy.local.processes import MARK, Program
from deploy.local.processes import REPOSITORY as REPOSITORY
from deploy.local.processes import mail_file as mail_file
from deploy.local.rabbitmq import RabbitMQ
from deploy.local.servers import Broker, Database, choose_broker, choose_database
from deploy.local.supervision import ProcessStatus, Supervisor

MIGRATION_TIMEOUT_SECONDS = 120
READY_TIMEOUT_SECONDS = 90
READY_POLL_SECONDS = 0.2
MOMENT_SECONDS = 8
HOPELESS_ENDS = 4
PROBE_TIMEOUT_SECONDS = 2.0
LEFTOVER_STOP_SECONDS = 5

Progress = Callable[[str], None]


def _silent(_step: str) -> None:
    """Tell nobody."""


class Stack:
    """The stack of one state folder; `root` is the folder that holds `services` and `gateway`."""

    def __init__(self, state: Path, root: Path = REPOSITORY) -> None:
        self.state = state.absolute()
        self.root = root.absolute()
        self.supervisor = Supervisor(self.state)
        self.database: Database = choose_database(self.state)
        self.broker: Broker = choose_broker(self.state)

    @property
    def gateway_url(self) -> str:
        """Where the gateway listens, without a slash at the end."""
        return f"http://{LOOPBACK}:{self.environment()['GATEWAY_PORT']}"

    def environment(self) -> dict[str, str]:
        """The settings of all processes together, as of the last `up`. Raises `NotRunning` before the first."""
        if not (self.state / "secrets").exists():
            message = f"Nothing was set up in {self.state} yet: run `./parcours up` first."
            raise NotRunning(message)
        return provision.environment(
            self.database.admin_url, self.broker.admin_uri, secrets=self.state / "secrets"
        )

    def up(self, on_progress: Progress = _silent) -> bool:
        """Start everything and wait until the gateway says that it is ready.

        Returns False when it was up already. Raises `LocalStackError` with a sentence; what had
        started by then stays for `status` and `logs`, and the next `up` begins anew.
        """
        with self._alone(on_progress):
            if self._is_up():
                return False
            self._clear(on_progress)
            install.missing_programs(self._private_servers(), on_progress)
            on_progress("Preparing the state folder")
            self._prepare()
            self.supervisor.start()
            self._start_servers(on_progress)
            on_progress("Starting the services and the gateway")
            self.supervisor.start_group("services")
            self.supervisor.start_group("gateway")
            self._wait_until_ready()
            return True

    def down(self, on_progress: Progress = _silent) -> bool:
        """Stop everything in order: gateway, services, servers. False when nothing ran."""
        with self._alone(on_progress):
            was_running = self.supervisor.running
            self._clear(on_progress)
            return was_running

    def status(self) -> list[ProcessStatus]:
        """Every process; all of them `down` when the stack is."""
        with contextlib.suppress(NotRunning):
            return self.supervisor.status()
        return [ProcessStatus(name, "down", None, 0, 0) for name in self.process_names()]

    def process_names(self) -> list[str]:
        """The names of all processes in the order of starting."""
        ours = processes.service_programs(self.state, self.root, {})
        return [*self._private_servers(), *(program.name for program in ours)]

    def process(self, name: str) -> int:
        """Process id. Raises `NotRunning`, or `LocalStackError` for an unknown name."""
        for status in self.supervisor.status():
            if status.name == name and status.pid is not None:
                return status.pid
        if name not in self.process_names():
            message = f"There is no process {name}: `./parcours status` lists them."
            raise LocalStackError(message)
        message = f"The process {name} is not running."
        raise NotRunning(message)

    def kill(self, name: str) -> None:
        """SIGKILL the process and its children, as a crash would; it will be restarted."""
        running.kill(running.family(self.process(name)))

    def start(self, name: str) -> None:
        """Start one process that was stopped."""
        self.supervisor.start_program(name)

    def stop(self, name: str) -> None:
        """Stop one process and leave it stopped."""
        self.supervisor.stop_program(name)

    def log(self, name: str) -> Path:
        """The process's log file."""
        return self.state / "logs" / f"{name}.log"

    def is_ready(self) -> bool:
        """The gateway and everything behind it answer."""
        address = f"{self.gateway_url}/readyz"
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(address, timeout=PROBE_TIMEOUT_SECONDS) as answer:
                return bool(answer.status == 200)
        except (OSError, ValueError):
            return False

    def _private_servers(self) -> list[str]:
        chosen = {"postgres": self.database, "rabbitmq": self.broker}
        return [name for name, it in chosen.items() if isinstance(it, Postgres | RabbitMQ)]

    def _prepare(self) -> None:
        with ThreadPoolExecutor() as both:
            for done in [both.submit(self.database.prepare), both.submit(self.broker.prepare)]:
                done.result()
        (self.state / "media").mkdir(mode=0o700, exist_ok=True)
        provision.renew_taken_ports(self.state / "secrets")
        settings = self.environment()
        ours = processes.service_programs(self.state, self.root, settings)
        self.supervisor.configure([*self._server_programs(), *ours])

    def _server_programs(self) -> Iterator[Program]:
        for server, name, signal in (
            (self.database, "postgres", "INT"),
            (self.broker, "rabbitmq", "TERM"),
        ):
            if isinstance(server, Postgres | RabbitMQ):
                yield Program(
                    name=name,
                    group="servers",
                    command=server.foreground_command(),
                    folder=server.folder,
                    environment=server.environment(),
                    stop_signal=signal,
                    stop_seconds=processes.SERVER_STOP_SECONDS,
                )

    def _start_servers(self, on_progress: Progress) -> None:
        """Servers, rights and tables; the databases migrate while the slower broker starts."""
        secrets = self.state / "secrets"
        if self._private_servers():
            on_progress("Starting " + " and ".join(self._private_servers()))
            self.supervisor.start_group("servers")
        self.database.wait_until_ready()
        provision.provision_databases(self.database.admin_url, names="parcours", secrets=secrets)
        on_progress("Bringing the databases up to date" + self._while_the_broker_starts())
        with ThreadPoolExecutor() as parallel:
            migrations = [parallel.submit(self._migrate, part) for part in PARTS]
            self.broker.wait_until_ready()
            provision.provision_broker(
                self.broker.admin_uri, self.broker.management_url, names="parcours", secrets=secrets
            )
            for migration in migrations:
                migration.result()

    def _while_the_broker_starts(self) -> str:
        return ", while RabbitMQ starts" if isinstance(self.broker, RabbitMQ) else ""

    def _migrate(self, part: str) -> None:
        log = self.log(f"{part}-migrate")
        environment = processes.environment_of(part, "migrate", self.state, self.root, self.environment())
        with log.open("wb") as output:
            try:
                done = subprocess.run(
                    processes.migration(part),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    cwd=self.root,
                    env=environment,
                    timeout=MIGRATION_TIMEOUT_SECONDS,
                    check=False,
                )
                failed = done.returncode != 0
            except subprocess.TimeoutExpired:
                failed = True
        if failed:
            message = f"The database of {part} could not be brought up to date."
            raise LocalStackError(message + running.last_lines(log))

    def _is_up(self) -> bool:
        """It runs, and is ready within a moment: a process may be restarting just now."""
        gateway = next((it for it in self.status() if it.name == "gateway"), None)
        if gateway is None or gateway.pid is None:
            return False
        with contextlib.suppress(NotReady):
            running.wait_until(
                self.is_ready,
                timeout_seconds=MOMENT_SECONDS,
                what="The gateway",
                poll_seconds=READY_POLL_SECONDS,
            )
            return True
        return False

    def _is_ready_or_hopeless(self) -> bool:
        for it in self.status():
            if it.restarts >= HOPELESS_ENDS:
                message = f"{it.name} ended {it.restarts} times while starting."
                raise HopelessStart(message + running.last_lines(self.log(it.name)))
        return self.is_ready()

    def _wait_until_ready(self) -> None:
        try:
            running.wait_until(
                self._is_ready_or_hopeless,
                timeout_seconds=READY_TIMEOUT_SECONDS,
                what="The gateway",
                poll_seconds=READY_POLL_SECONDS,
            )
        except NotReady as late:
            troubled = [it.name for it in self.status() if it.state != "running"]
            names = troubled or ["gateway"]
            hint = " Look at " + ", ".join(f"`./parcours logs {name}`" for name in names) + "."
            raise NotReady(str(late) + hint) from late

    def _clear(self, on_progress: Progress) -> None:
        """Stop whatever of this folder runs, in order; also what an earlier crash left behind."""
        if self.supervisor.running:
            on_progress("Stopping the gateway, the services, then the servers")
            self.supervisor.shutdown()
        if self._leftovers():
            on_progress("Stopping what an earlier run left behind")
            running.end(running.marked(MARK, str(self.state)), LEFTOVER_STOP_SECONDS)
        with ThreadPoolExecutor() as both:
            for done in [both.submit(self.database.stop), both.submit(self.broker.stop)]:
                done.result()

    def _leftovers(self) -> bool:
        servers = (it for it in (self.database, self.broker) if isinstance(it, Postgres | RabbitMQ))
        return bool(running.marked(MARK, str(self.state))) or any(it.running for it in servers)

    @contextlib.contextmanager
    def _alone(self, on_progress: Progress) -> Iterator[None]:
        """Hold the folder's lock; it falls when this process ends, however it ends."""
        if not self.state.exists():
            self.state.mkdir(parents=True)
            # The server's user must pass through, and may not look around.
            self.state.chmod(0o711 if os.geteuid() == 0 else 0o700)
        with (self.state / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                on_progress("Waiting for another `up` or `down` of this folder")
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield
