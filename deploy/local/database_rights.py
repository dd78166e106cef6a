"""Databases and roles on PostgreSQL: who may enter where, and with what."""

from collections.abc import Iterable
from dataclasses import dataclass

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

CONNECT_TIMEOUT_SECONDS = 5


@dataclass(frozen=True)
class Account:
    """One service's database with its two roles."""

    database: str
    owner: str  # makes and changes tables; used by `migrate` only
    owner_password: str
    run_role: str  # enters and looks; what it may do to tables the migrations say
    run_password: str


def grant(admin_url: str, accounts: Iterable[Account]) -> None:
    """Make what is missing and set passwords and rights as stated; tables are not touched."""
    with _connect(admin_url) as admin:
        for account in accounts:
            _role(admin, account.owner, account.owner_password)
            _role(admin, account.run_role, account.run_password)
            _database(admin, account)
            with _connect(make_conninfo(admin_url, dbname=account.database)) as inside:
                _schema_rights(inside, account)


def drop(admin_url: str, databases: Iterable[str]) -> None:
    """Drop these databases, ending their sessions, and the two roles of each."""
    with _connect(admin_url) as admin:
        for database in databases:
            _run(admin, "DROP DATABASE IF EXISTS {0} WITH (FORCE)", database)
            _run(admin, "DROP ROLE IF EXISTS {0}", database)
            _run(admin, "DROP ROLE IF EXISTS {0}", f"{database}_owner")


def _role(admin: psycopg.Connection, name: str, password: str) -> None:
    known = admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone()
    if known is None:
        _run(admin, "CREATE ROLE {0} NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION", name)
    # Hashed here, so that the password is neither sent nor logged.
    hashed = admin.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256")
    statement = sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}")
    admin.execute(statement.format(sql.Identifier(name), sql.Literal(hashed.decode())))


def _database(admin: psycopg.Connection, account: Account) -> None:
    database, owner = account.database, account.owner
    known = admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone()
    if known is None:
        if not _is_superuser(admin):
            _run(admin, "GRANT {0} TO CURRENT_USER", owner)  # else it may not give away
        _run(admin, "CREATE DATABASE {0} OWNER {1} ENCODING 'UTF8' TEMPLATE template0", database, owner)
    _run(admin, "REVOKE ALL ON DATABASE {0} FROM PUBLIC", database)
    _run(admin, "GRANT CONNECT ON DATABASE {0} TO {1}", database, account.run_role)


def _schema_rights(inside: psycopg.Connection, account: Account) -> None:
    _run(inside, "ALTER SCHEMA public OWNER TO {0}", account.owner)
    _run(inside, "REVOKE ALL ON SCHEMA public FROM PUBLIC")
    _run(inside, "GRANT USAGE ON SCHEMA public TO {0}", account.run_role)


def _is_superuser(admin: psycopg.Connection) -> bool:
    row = admin.execute("SELECT rolsuper FROM pg_roles WHERE rolname = CURRENT_USER").fetchone()
    return bool(row and row[0])


def _connect(url: str) -> psycopg.Connection:
    return psycopg.connect(url, autocommit=True, connect_timeout=CONNECT_TIMEOUT_SECONDS)


def _run(connection: psycopg.Connection, statement: str, *names: str) -> None:
    """Run a statement of this module's with identifiers put in, quoted."""
    query = sql.SQL(statement).format(*map(sql.Identifier, names))
    connection.execute(query)
