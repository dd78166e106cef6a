"""Least privilege: what each part may do works, and what it may not is refused.

Each refusal stands beside a control that shows the same act allowed to somebody else, so a
refusal for another reason cannot pass for a guard.
"""

import stat
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import amqp
import psycopg
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from deploy.local.management import Management
from deploy.local.parts import LOGS, PARTS, SERVICES
from deploy.local.postgres import Postgres
from deploy.local.provision import provision, unprovision
from deploy.local.rabbitmq import RabbitMQ
from services.backbone.seal.notes import Signer


@pytest.fixture(scope="module")
def settings(postgres: Postgres, rabbitmq: RabbitMQ, names: str, secrets: Path) -> Iterator[dict[str, str]]:
    servers = postgres.admin_url, rabbitmq.admin_uri, rabbitmq.management_url
    yield provision(*servers, names=names, secrets=secrets)
    unprovision(*servers, names=names)


def run(url: str, statement: str) -> None:
    with psycopg.connect(url, connect_timeout=5) as connection:
        connection.execute(statement)  # type: ignore[call-overload]


def broker(uri: str) -> amqp.Connection:
    parts = urlsplit(uri)
    return amqp.Connection(
        host=f"{parts.hostname}:{parts.port}",
        userid=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        virtual_host=unquote(parts.path[1:]),
        confirm_publish=True,
        connect_timeout=5,
    )


def publish(uri: str, exchange: str, key: str) -> None:
    """Declare the exchange as our processes do, publish, and wait for the broker's word."""
    with broker(uri) as connection:
        channel = connection.channel()
        channel.exchange_declare(exchange, "topic", durable=True, auto_delete=False)
        channel.basic_publish(amqp.Message("{}"), exchange, key, confirm_timeout=5)


def bind(uri: str, queue: str, exchange: str, key: str) -> None:
    with broker(uri) as connection:
        channel = connection.channel()
        channel.exchange_declare(exchange, "topic", durable=True, auto_delete=False)
        channel.queue_declare(queue, durable=True, auto_delete=False)
        channel.queue_bind(queue, exchange, key)


# Databases


def test_the_owner_makes_tables_and_the_run_role_does_not(settings: dict[str, str]) -> None:
    for part in PARTS:
        run(settings[f"{part.upper()}_OWNER_DATABASE_URL"], "CREATE TABLE made (n int)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            run(settings[f"{part.upper()}_DATABASE_URL"], "CREATE TABLE mine (n int)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            run(settings[f"{part.upper()}_DATABASE_URL"], "CREATE TEMPORARY TABLE mine (n int)")


def test_the_run_role_reads_only_what_a_migration_grants(settings: dict[str, str]) -> None:
    owner, url = settings["PROGRESS_OWNER_DATABASE_URL"], settings["PROGRESS_DATABASE_URL"]
    run(owner, "CREATE TABLE facts (n int)")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        run(url, "SELECT * FROM facts")
    run(owner, f"GRANT SELECT ON facts TO {urlsplit(url).username}")
    run(url, "SELECT * FROM facts")


def test_no_part_enters_the_database_of_another(settings: dict[str, str], names: str) -> None:
    for url in (settings["PROGRESS_DATABASE_URL"], settings["PROGRESS_OWNER_DATABASE_URL"]):
        server = url.rpartition("/")[0]
        run(f"{server}/{names}_progress", "SELECT 1")
        for other in (*(f"{names}_{part}" for part in PARTS if part != "progress"), "postgres"):
            with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
                run(f"{server}/{other}", "SELECT 1")


# Broker


def test_each_service_has_its_own_rpc_queue_and_no_other(settings: dict[str, str]) -> None:
    for service in SERVICES:
        uri = settings[f"{service.upper()}_AMQP_URI"]
        bind(uri, f"rpc-{service}", "nameko-rpc", f"{service}.*")
        other = SERVICES[SERVICES.index(service) - 1]
        with pytest.raises(amqp.AccessRefused):
            bind(uri, f"rpc-{other}", "nameko-rpc", f"{service}.*")
        with pytest.raises(amqp.AccessRefused):  # no listening to what another is told
            bind(uri, f"rpc-{service}", "nameko-rpc", f"{other}.*")
        with pytest.raises(amqp.AccessRefused):
            bind(uri, f"rpc-{service}", "nameko-rpc", "#")


def test_a_question_and_its_answer_travel(settings: dict[str, str]) -> None:
    progress, gateway = settings["PROGRESS_AMQP_URI"], settings["GATEWAY_AMQP_URI"]
    reply_key = f"rpc.reply-{urlsplit(gateway).username}-{uuid.uuid4()}"
    bind(progress, "rpc-progress", "nameko-rpc", "progress.*")
    bind(gateway, reply_key, "nameko-rpc", reply_key)
    publish(gateway, "nameko-rpc", "progress.execute")
    publish(progress, "nameko-rpc", reply_key)
    with broker(progress) as asked, broker(gateway) as answered:
        assert asked.channel().basic_get("rpc-progress", no_ack=True) is not None
        assert answered.channel().basic_get(reply_key, no_ack=True) is not None


def test_nobody_hears_what_another_is_answered(settings: dict[str, str]) -> None:
    """Whoever answers the gateway knows its reply key; it must not listen to the answers of others with it."""
    key = f"rpc.reply-{urlsplit(settings['GATEWAY_AMQP_URI']).username}-{uuid.uuid4()}"
    for service in SERVICES:
        uri = settings[f"{service.upper()}_AMQP_URI"]
        ears = f"rpc.reply-{urlsplit(uri).username}-ears"
        bind(uri, ears, "nameko-rpc", ears)
        for queue in (key, ears):
            with pytest.raises(amqp.AccessRefused):
                bind(uri, queue, "nameko-rpc", key)


@pytest.mark.parametrize(
    ("part", "may", "may_not"),
    [
        ("gateway", ["content.publish_course", "progress.execute", "content.read_feed"], []),
        (
            "progress",
            ["content.read_feed", "scheduling.read_feed"],
            ["content.publish_course", "progress.execute"],
        ),
        ("scheduling", ["progress.read_feed", "content.read_feed"], ["progress.execute"]),
        (
            "reporting",
            ["content.read_feed", "progress.read_feed"],
            ["scheduling.assign", "reporting.overview"],
        ),
        ("content", [], ["progress.read_feed", "content.publish_course", "progress.execute"]),
    ],
)
def test_who_may_ask_what(settings: dict[str, str], part: str, may: list[str], may_not: list[str]) -> None:
    uri = settings[f"{part.upper()}_AMQP_URI"]
    for key in (*may, f"rpc.reply-progress-{uuid.uuid4()}"):
        publish(uri, "nameko-rpc", key)
    for key in may_not:
        with pytest.raises(amqp.AccessRefused):
            publish(uri, "nameko-rpc", key)


def test_a_service_rings_its_own_bell_and_hears_all(settings: dict[str, str]) -> None:
    for service in SERVICES:
        uri = settings[f"{service.upper()}_AMQP_URI"]
        publish(uri, "parcours.bells", service)
        bind(uri, f"bells-{service}", "parcours.bells", "#")
        for other in PARTS:
            if other != service:
                with pytest.raises(amqp.AccessRefused):
                    publish(uri, "parcours.bells", other)
    with pytest.raises(amqp.AccessRefused):
        publish(settings["GATEWAY_AMQP_URI"], "parcours.bells", "gateway")


def test_nothing_else_on_the_broker_is_reachable(settings: dict[str, str]) -> None:
    uri = settings["PROGRESS_AMQP_URI"]
    for exchange in ("amq.topic", "another"):
        with pytest.raises(amqp.AccessRefused):
            publish(uri, exchange, "progress")
    with pytest.raises(amqp.AccessRefused):
        bind(uri, "mine", "parcours.bells", "#")
    with pytest.raises(amqp.NotAllowed), broker(uri.rpartition("/")[0] + "/%2F"):
        pass


# Secrets


def test_provisioning_twice_changes_nothing(
    settings: dict[str, str], postgres: Postgres, rabbitmq: RabbitMQ, names: str, secrets: Path
) -> None:
    again = provision(
        postgres.admin_url, rabbitmq.admin_uri, rabbitmq.management_url, names=names, secrets=secrets
    )
    assert again == settings


def test_the_environment_has_these_keys_and_no_others(settings: dict[str, str]) -> None:
    expected = {"CONTENT_MEDIA_FOLDER", "PARCOURS_ACTOR_PUBLIC_KEY", "PARCOURS_SEAL_SITE"}
    expected |= {f"GATEWAY_{it}" for it in ("PORT", "ACTOR_PRIVATE_KEY", "LOGIN_KEY", "MEDIA_FOLDER")}
    for part in PARTS:
        expected |= {f"{part.upper()}_{it}" for it in ("DATABASE_URL", "OWNER_DATABASE_URL", "AMQP_URI")}
    for service in SERVICES:
        expected |= {f"{service.upper()}_{it}_METRICS_PORT" for it in ("SERVE", "WORK")}
    for log in LOGS:
        expected |= {f"{log.upper()}_SEAL_{it}" for it in ("KEY", "FOLDER")}
    expected |= {f"REPORTING_{it}" for it in ("WITNESS_KEY", "WITNESS_FOLDER", "LOG_KEYS")}
    mail = ("SMTP_HOST", "SMTP_PORT", "SMTP_SECURITY", "MAIL_FROM", "MAIL_PER_MINUTE", "SITE_URL")
    expected |= {f"SCHEDULING_{it}" for it in mail}
    assert set(settings) == expected
    assert len(bytes.fromhex(settings["GATEWAY_LOGIN_KEY"])) == 32


def test_secrets_are_their_owners_alone_and_the_keys_fit(settings: dict[str, str], secrets: Path) -> None:
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in secrets.iterdir()} == {0o600}
    private = serialization.load_pem_private_key(
        Path(settings["GATEWAY_ACTOR_PRIVATE_KEY"]).read_bytes(), password=None
    )
    public = serialization.load_pem_public_key(Path(settings["PARCOURS_ACTOR_PUBLIC_KEY"]).read_bytes())
    assert isinstance(private, Ed25519PrivateKey)
    assert isinstance(public, Ed25519PublicKey)
    public.verify(private.sign(b"who acts"), b"who acts")


def test_the_keys_of_logs_are_the_words_by_which_witnesses_know_them(settings: dict[str, str]) -> None:
    words = Path(settings["REPORTING_LOG_KEYS"]).read_text(encoding="utf-8").split()
    signers = [Signer.from_file(f"parcours/{log}", Path(settings[f"{log.upper()}_SEAL_KEY"])) for log in LOGS]
    assert words == [str(signer.public) for signer in signers]


def test_unprovision_leaves_nothing(postgres: Postgres, rabbitmq: RabbitMQ, tmp_path: Path) -> None:
    names = f"gone{uuid.uuid4().hex[:8]}"
    servers = postgres.admin_url, rabbitmq.admin_uri, rabbitmq.management_url
    provision(*servers, names=names, secrets=tmp_path / "secrets")
    api = Management(rabbitmq.management_url, rabbitmq.admin_uri)
    assert left(postgres, names) == 15
    assert api.get("vhosts", names) is not None

    unprovision(*servers, names=names)
    unprovision(*servers, names=names)

    assert left(postgres, names) == 0
    assert api.get("vhosts", names) is None
    assert not [user for user in api.get("users") if user["name"].startswith(names)]


def left(postgres: Postgres, names: str) -> int:
    """How many databases and roles have names that begin so."""
    query = """SELECT (SELECT count(*) FROM pg_database WHERE starts_with(datname, %(names)s))
                    + (SELECT count(*) FROM pg_roles WHERE starts_with(rolname, %(names)s))"""
    with psycopg.connect(postgres.admin_url) as connection:
        row = connection.execute(query, {"names": names}).fetchone()
    assert row is not None
    return int(row[0])
