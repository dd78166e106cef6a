"""A private RabbitMQ node in one folder: loopback, free ports, its own epmd, a password.

Owns: the node's files, ports, cookie and administrator. Knows nothing of services. Nothing of
the machine's own RabbitMQ is read or touched: name, data, plugins, settings and port mapper
are all ours.
"""

import contextlib
import shutil
import signal
import socket

import psutil

from deploy.local import programs, running
from deploy.local.errors import LocalStackError, NotRunning
from deploy.local.management import Management
from deploy.local.ports import LOOPBACK
from deploy.local.private_server import PrivateServer
from deploy.local.secret_files import kept_secret, private_folder, write_private

ADMIN = "parcours_admin"
NODE = "parcours@localhost"
MARK = "RABBITMQ_MNESIA_BASE"
PORT_NAMES = ("amqp", "management", "distribution", "epmd")
PROBE_TIMEOUT_SECONDS = 1.0
# With these in a path the node starts, but without its plugins.
REFUSED_CHARACTERS = frozenset("'\"\\")


class RabbitMQ(PrivateServer):
    """One private broker."""

    NAME = "RabbitMQ"
    STOP_SIGNAL = signal.SIGTERM
    START_TIMEOUT_SECONDS = 90

    @property
    def admin_uri(self) -> str:
        """AMQP URI of the administrator on the virtual host `/`."""
        port = self._ports.keep("amqp")["amqp"]
        return f"amqp://{ADMIN}:{self._password}@{LOOPBACK}:{port}/%2F"

    @property
    def management_url(self) -> str:
        """Base URL of the management API; the administrator of `admin_uri` signs in there."""
        port = self._ports.keep("management")["management"]
        return f"http://{LOOPBACK}:{port}"

    @property
    def pid(self) -> int:
        """Process id of the node. Raises `NotRunning`."""
        for process in running.marked(MARK, str(self.folder / "mnesia")):
            with contextlib.suppress(psutil.Error):
                if process.name().startswith("beam"):
                    return process.pid
        message = f"The RabbitMQ in {self.folder} is not running."
        raise NotRunning(message)

    @property
    def _password(self) -> str:
        return kept_secret(self.folder / "admin-password")

    def prepare(self) -> None:
        """Write the node's settings and choose its ports. Does nothing to a running node.

        Raises `ServerMissing` when RabbitMQ is not installed, or `LocalStackError`.
        """
        programs.rabbitmq_script()
        if self.running:
            return
        if found := REFUSED_CHARACTERS & set(str(self.folder)):
            message = (
                f"RabbitMQ does not work in a folder whose path has {' or '.join(sorted(found))} "
                f"({self.folder}): set PARCOURS_STATE to another folder."
            )
            raise LocalStackError(message)
        private_folder(self.folder)
        ports = self._ports.claim(*PORT_NAMES)
        for name in ("mnesia", "log", "home", "conf.d", "schema", "generated"):
            (self.folder / name).mkdir(exist_ok=True)
        cookie = self.folder / "home" / ".erlang.cookie"
        if not cookie.exists():
            kept_secret(cookie)
            cookie.chmod(0o400)
        write_private(self.folder / "enabled_plugins", "[rabbitmq_management].\n")
        write_private(self.folder / "rabbitmq.conf", self._settings(ports))

    def foreground_command(self) -> list[str]:
        """The command that runs the node in front; needs `environment()`, and `prepare` first."""
        return [str(programs.rabbitmq_script())]

    def environment(self) -> dict[str, str]:
        """The whole environment of the node's process."""
        ports = self._ports.keep(*PORT_NAMES)
        folder = self.folder
        return running.plain_environment() | {
            "HOME": str(folder / "home"),
            "RABBITMQ_NODENAME": NODE,
            MARK: str(folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_CONFIG_FILES": str(folder / "conf.d"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "advanced.config"),
            "RABBITMQ_CONF_ENV_FILE": str(folder / "rabbitmq-env.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
            "RABBITMQ_PLUGINS_EXPAND_DIR": str(folder / "plugins"),
            "RABBITMQ_SCHEMA_DIR": str(folder / "schema"),
            "RABBITMQ_GENERATED_CONFIG_DIR": str(folder / "generated"),
            "RABBITMQ_FEATURE_FLAGS_FILE": str(folder / "feature_flags"),
            "RABBITMQ_PID_FILE": str(folder / "rabbitmq.pid"),
            "RABBITMQ_DIST_PORT": str(ports["distribution"]),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "ERL_EPMD_PORT": str(ports["epmd"]),
            "ERL_EPMD_ADDRESS": LOOPBACK,
            "ERL_CRASH_DUMP_SECONDS": "0",
            # The start script then becomes the node instead of standing between us and it.
            "RUNNING_UNDER_SYSTEMD": "true",
        }

    def kill(self) -> None:
        """SIGKILL the node and everything that it started, as a crash would; its port mapper goes with it."""
        running.kill(running.marked(MARK, str(self.folder / "mnesia")))
        self._reap()

    def remove(self) -> None:
        """Kill the node and delete its data for good."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _settings(self, ports: dict[str, int]) -> str:
        return "\n".join(
            (
                "# Written again at every start.",
                f"listeners.tcp.1 = {LOOPBACK}:{ports['amqp']}",
                f"management.tcp.ip = {LOOPBACK}",
                f"management.tcp.port = {ports['management']}",
                f"default_user = {ADMIN}",
                f"default_pass = {self._password}",
                "default_user_tags.administrator = true",
                "log.console = true",
                "log.console.level = info",
                "log.file = false",
                "disk_free_limit.absolute = 100MB",
                # Rates per queue cost a core's share and nobody reads them here.
                "management_agent.disable_metrics_collector = true",
                "",
            )
        )

    def _answers_now(self) -> bool:
        return Management(self.management_url, self.admin_uri).answers() and self._speaks_amqp()

    def _speaks_amqp(self) -> bool:
        address = (LOOPBACK, self._ports.keep("amqp")["amqp"])
        try:
            with socket.create_connection(address, timeout=PROBE_TIMEOUT_SECONDS) as probe:
                probe.sendall(b"AMQP\x00\x00\x09\x01")
                return bool(probe.recv(1))
        except OSError:
            return False
