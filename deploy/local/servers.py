"""Which servers the stack uses: private ones, or those that the environment names."""

import os
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import psycopg

from deploy.local import running
from deploy.local.management import Management
from deploy.local.postgres import Postgres
from deploy.local.rabbitmq import RabbitMQ

EXISTING_SERVERS = ("PARCOURS_DATABASE_URL", "PARCOURS_AMQP_URI")
"""Variables that name servers to use instead of private ones."""

MANAGEMENT_PORT = 15672
ANSWER_TIMEOUT_SECONDS = 30.0
CONNECT_TIMEOUT_SECONDS = 2


class Server(Protocol):
    """What the stack asks of a server, private or not."""

    def prepare(self) -> None:
        """Make whatever a start needs."""

    def wait_until_ready(self) -> None:
        """Return when it answers; raise `NotReady` after a limit."""

    def stop(self) -> None:
        """Stop it if it is ours."""


class Database(Server, Protocol):
    """A PostgreSQL and its administrator."""

    @property
    def admin_url(self) -> str:
        """URL of a role that may make databases and roles."""

    def answers(self) -> bool:
        """It accepts the administrator now."""


class Broker(Server, Protocol):
    """A RabbitMQ and its administrator."""

    @property
    def admin_uri(self) -> str:
        """AMQP URI of an administrator."""

    @property
    def management_url(self) -> str:
        """Base URL of the management API."""


def choose_database(state: Path) -> Database:
    """The server of `PARCOURS_DATABASE_URL` when that is set, else a private one."""
    url = os.environ.get("PARCOURS_DATABASE_URL")
    return ExistingDatabase(url) if url else Postgres(state / "postgres", log=state / "logs" / "postgres.log")


def choose_broker(state: Path) -> Broker:
    """The broker of `PARCOURS_AMQP_URI` when that is set, else a private one.

    Its management API is at `PARCOURS_AMQP_MANAGEMENT_URL`, by default on the same host.
    """
    uri = os.environ.get("PARCOURS_AMQP_URI")
    if not uri:
        return RabbitMQ(state / "rabbitmq", log=state / "logs" / "rabbitmq.log")
    default = f"http://{urlsplit(uri).hostname or 'localhost'}:{MANAGEMENT_PORT}"
    return ExistingBroker(uri, os.environ.get("PARCOURS_AMQP_MANAGEMENT_URL") or default)


class ExistingDatabase:
    """A PostgreSQL that somebody else runs; never started or stopped by us."""

    def __init__(self, admin_url: str) -> None:
        self.admin_url = admin_url

    def prepare(self) -> None:
        """Nothing: it is there."""

    def wait_until_ready(self) -> None:
        """Return when it accepts our administrator."""
        running.wait_until(
            self.answers,
            timeout_seconds=ANSWER_TIMEOUT_SECONDS,
            what="The PostgreSQL of PARCOURS_DATABASE_URL",
        )

    def stop(self) -> None:
        """Nothing: it is not ours."""

    def answers(self) -> bool:
        """It accepts our administrator now."""
        try:
            with psycopg.connect(self.admin_url, connect_timeout=CONNECT_TIMEOUT_SECONDS):
                return True
        except psycopg.OperationalError:
            return False


class ExistingBroker:
    """A RabbitMQ that somebody else runs; never started or stopped by us."""

    def __init__(self, admin_uri: str, management_url: str) -> None:
        self.admin_uri = admin_uri
        self.management_url = management_url

    def prepare(self) -> None:
        """Nothing: it is there."""

    def wait_until_ready(self) -> None:
        """Return when its management API knows our administrator."""
        api = Management(self.management_url, self.admin_uri)
        running.wait_until(
            api.answers,
            timeout_seconds=ANSWER_TIMEOUT_SECONDS,
            what=f"The RabbitMQ management API at {self.management_url}",
        )

    def stop(self) -> None:
        """Nothing: it is not ours."""
