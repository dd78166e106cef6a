"""What each service owns on the two servers: a database, two roles, a broker user, its ports.

Owns: names, privileges, passwords and keys. Promises least privilege: a service reaches its own
database and speaks on the broker only with the words that its part needs. Everything here may
be repeated; existing data is never touched.
"""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from deploy.local import broker_rights, database_rights
from deploy.local.keys import actor_keys, log_keys, seal_key
from deploy.local.parts import LOGS, PARTS
from deploy.local.parts import SERVICES as SERVICES
from deploy.local.ports import LOOPBACK, Ports
from deploy.local.secret_files import kept_secret, private_folder

LOGIN_KEY_BYTES = 32
SITE = "parcours"


def provision(
    postgres_admin_url: str,
    amqp_admin_uri: str,
    management_url: str,
    *,
    names: str = "parcours",
    secrets: Path,
) -> dict[str, str]:
    """Make databases, roles, virtual host, users and keys; return the whole environment.

    The environment holds every process's keys: give each process only its own. Raises
    `LocalStackError` or psycopg's errors; repeating the call finishes what was left undone.
    """
    provision_databases(postgres_admin_url, names=names, secrets=secrets)
    provision_broker(amqp_admin_uri, management_url, names=names, secrets=secrets)
    return environment(postgres_admin_url, amqp_admin_uri, names=names, secrets=secrets)


def provision_databases(postgres_admin_url: str, *, names: str, secrets: Path) -> None:
    """One database, one owner and one run role for each part."""
    private_folder(secrets)
    accounts = [
        database_rights.Account(
            database=f"{names}_{part}",
            owner=f"{names}_{part}_owner",
            owner_password=kept_secret(secrets / f"{part}.owner"),
            run_role=f"{names}_{part}",
            run_password=kept_secret(secrets / f"{part}.database"),
        )
        for part in PARTS
    ]
    database_rights.grant(postgres_admin_url, accounts)


def provision_broker(amqp_admin_uri: str, management_url: str, *, names: str, secrets: Path) -> None:
    """One virtual host, and one user for each part with the rights that its part needs."""
    private_folder(secrets)
    passwords = {part: kept_secret(secrets / f"{part}.broker") for part in PARTS}
    broker_rights.grant(management_url, amqp_admin_uri, names=names, passwords=passwords)


def environment(
    postgres_admin_url: str, amqp_admin_uri: str, *, names: str = "parcours", secrets: Path
) -> dict[str, str]:
    """The environment that `provision` returns, without asking either server."""
    private_folder(secrets)
    found: dict[str, str] = {}
    for part in PARTS:
        prefix, account = part.upper(), f"{names}_{part}"
        run, owner, broker = (
            kept_secret(secrets / f"{part}.{kind}") for kind in ("database", "owner", "broker")
        )
        at = f"/{account}"
        found[f"{prefix}_DATABASE_URL"] = _signed_in(postgres_admin_url, account, run, at)
        found[f"{prefix}_OWNER_DATABASE_URL"] = _signed_in(postgres_admin_url, f"{account}_owner", owner, at)
        found[f"{prefix}_AMQP_URI"] = _signed_in(amqp_admin_uri, account, broker, f"/{quote(names, safe='')}")
    found |= _ports(secrets)
    private_key, public_key = actor_keys(secrets)
    for log in LOGS:
        found[f"{log.upper()}_SEAL_KEY"] = str(seal_key(secrets, log))
        found[f"{log.upper()}_SEAL_FOLDER"] = str(private_folder(secrets.parent / "seals" / log))
    found["REPORTING_WITNESS_KEY"] = str(seal_key(secrets, "witness"))
    found["REPORTING_WITNESS_FOLDER"] = str(private_folder(secrets.parent / "seals" / "witness"))
    found["REPORTING_LOG_KEYS"] = str(log_keys(secrets, SITE, LOGS))
    return found | {
        "PARCOURS_SEAL_SITE": SITE,
        "CONTENT_MEDIA_FOLDER": str(secrets.parent / "media"),
        "GATEWAY_MEDIA_FOLDER": str(secrets.parent / "media"),
        "SCHEDULING_SMTP_HOST": LOOPBACK,
        "SCHEDULING_SMTP_SECURITY": "none",
        "SCHEDULING_MAIL_FROM": "parcours@localhost.localdomain",
        "SCHEDULING_MAIL_PER_MINUTE": "6000",
        "SCHEDULING_SITE_URL": f"http://{LOOPBACK}:{found['GATEWAY_PORT']}/",
        "GATEWAY_ACTOR_PRIVATE_KEY": str(private_key),
        "GATEWAY_LOGIN_KEY": kept_secret(secrets / "gateway.login-key", LOGIN_KEY_BYTES),
        "PARCOURS_ACTOR_PUBLIC_KEY": str(public_key),
    }


def renew_taken_ports(secrets: Path) -> None:
    """Replace the ports that somebody else took. Only while none of our services runs."""
    _ports_of(secrets).claim(*_port_names())


def unprovision(postgres_admin_url: str, amqp_admin_uri: str, management_url: str, *, names: str) -> None:
    """Drop the virtual host, users, databases and roles of these names, with all data."""
    broker_rights.revoke(management_url, amqp_admin_uri, names=names, parts=PARTS)
    database_rights.drop(postgres_admin_url, [f"{names}_{part}" for part in PARTS])


def _ports(secrets: Path) -> Mapping[str, str]:
    ports = _ports_of(secrets).keep(*_port_names())
    return {name: str(port) for name, port in ports.items()}


def _ports_of(secrets: Path) -> Ports:
    return Ports(private_folder(secrets) / "ports.json")


def _port_names() -> tuple[str, ...]:
    metrics = (f"{part.upper()}_{program}_METRICS_PORT" for part in SERVICES for program in ("SERVE", "WORK"))
    return ("GATEWAY_PORT", "SCHEDULING_SMTP_PORT", *metrics)


def _signed_in(url: str, user: str, password: str, path: str) -> str:
    """The same server, another user and path; options such as `sslmode` stay."""
    parts = urlsplit(url)
    server = parts.netloc.rpartition("@")[2]
    signed = f"{quote(user, safe='')}:{quote(password, safe='')}@{server}"
    return urlunsplit(parts._replace(netloc=signed, path=path))
