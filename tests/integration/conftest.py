"""Real servers: one private PostgreSQL and one private RabbitMQ for the run; own databases and vhost a module."""

import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.local import provision
from deploy.local.postgres import Postgres
from deploy.local.rabbitmq import RabbitMQ
from services.backbone.migrate import migrate

NOBODY = "amqp://nobody:nothing@127.0.0.1:1"
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Database:
    """One service's database: the URL of the role it runs as, and of the role that owns it."""

    url: str
    owner_url: str

    def migrated(self, folder: str) -> "Database":
        """The same, brought up to date with the migrations in `folder` (from the root of the repository)."""
        migrate(self.owner_url, ROOT / folder)
        return self


@dataclass(frozen=True)
class Broker:
    """A virtual host of its own, with one user a service."""

    environment: dict[str, str]

    def uri(self, service: str) -> str:
        """The AMQP URI of a service's own user."""
        return self.environment[f"{service.upper()}_AMQP_URI"]


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="parcours-test-") as name:
        yield Path(name)


@pytest.fixture(scope="session")
def postgres(folder: Path) -> Iterator[Postgres]:
    server = Postgres(folder / "postgres")
    server.start()
    yield server
    server.remove()


@pytest.fixture(scope="session")
def rabbitmq(folder: Path) -> Iterator[RabbitMQ]:
    server = RabbitMQ(folder / "rabbitmq")
    server.start()
    yield server
    server.remove()


@pytest.fixture(scope="module")
def names() -> str:
    """A name that no other module uses."""
    return f"t{uuid.uuid4().hex[:10]}"


@pytest.fixture(scope="module")
def secrets(folder: Path, names: str) -> Path:
    return folder / names


@pytest.fixture(scope="module")
def environment(postgres: Postgres, names: str, secrets: Path) -> dict[str, str]:
    """Databases only; the whole environment, with a broker that is not there."""
    provision.provision_databases(postgres.admin_url, names=names, secrets=secrets)
    return provision.environment(postgres.admin_url, NOBODY, names=names, secrets=secrets)


@pytest.fixture(scope="module")
def databases(environment: dict[str, str]) -> dict[str, Database]:
    """By service; nothing is migrated yet."""
    return {
        service: Database(
            environment[f"{service.upper()}_DATABASE_URL"],
            environment[f"{service.upper()}_OWNER_DATABASE_URL"],
        )
        for service in ("content", "progress", "scheduling", "reporting", "gateway")
    }


@pytest.fixture(scope="module")
def broker(postgres: Postgres, rabbitmq: RabbitMQ, names: str, secrets: Path) -> Broker:
    provision.provision_broker(rabbitmq.admin_uri, rabbitmq.management_url, names=names, secrets=secrets)
    return Broker(provision.environment(postgres.admin_url, rabbitmq.admin_uri, names=names, secrets=secrets))
