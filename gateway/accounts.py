"""Local accounts: who may sign in, with what password, as which person, in which roles.

No user name stands in the database: an account is found under the HMAC of its name. Wrong passwords
lock an account for longer and longer; whether an account exists, is locked, or the password is
wrong cannot be told apart from outside, by answer or by time.
"""

import hashlib
import hmac
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import psycopg
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type
from psycopg_pool import AsyncConnectionPool

from gateway.limits import (
    ATTEMPTS_FREE,
    HASH_SECONDS,
    HASHES_AT_ONCE_MAX,
    HASHES_WAITING_MAX,
    LOCK_SECONDS,
    LOCK_SECONDS_MAX,
)
from gateway.threads import Threads
from services.backbone.limits import DATABASE_CONNECT_SECONDS
from services.contracts.access import Role

HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)
"""argon2id with the least that OWASP's Password Storage Cheat Sheet allows: 19 MiB, two passes."""

NOBODY: Final = HASHER.hash("the password of nobody, checked when a name is not known")


@dataclass(frozen=True, slots=True)
class Account:
    """Who signed in."""

    person_id: UUID
    roles: frozenset[Role]


def login_key_of(key: bytes, user_name: str) -> bytes:
    """Under what an account is stored: the same for `Ann`, `ann` and ` ANN `."""
    name = unicodedata.normalize("NFKC", user_name).strip().casefold()
    return hmac.new(key, name.encode(), hashlib.sha256).digest()


class Accounts:
    """Checks passwords, a few at a time, in threads of their own."""

    def __init__(self, pool: AsyncConnectionPool, login_key: bytes) -> None:
        """Look in the database behind `pool`."""
        self._pool = pool
        self._login_key = login_key
        self._threads = Threads(
            "argon2", at_once=HASHES_AT_ONCE_MAX, waiting_max=HASHES_WAITING_MAX, seconds=HASH_SECONDS
        )

    def close(self) -> None:
        """Let the threads go."""
        self._threads.close()

    async def check(self, user_name: str, password: str, now: datetime) -> Account | None:
        """The account when name and password belong together and it is not locked; else None.

        Raises Away when too many wait for an answer already.
        """
        key = login_key_of(self._login_key, user_name)
        async with self._pool.connection() as conn:
            found = await conn.execute(
                "SELECT password_hash, person_id, roles, locked_until FROM account WHERE login_key = %s",
                (key,),
            )
            row = await found.fetchone()
        # Every attempt costs one hash, whether the name is known, locked or neither.
        right = await self._threads.run(_is_right, row[0] if row else NOBODY, password)
        if row is None or (row[3] is not None and row[3] > now):
            return None
        if not right:
            await self._count_failure(key, now)
            return None
        return Account(row[1], frozenset(map(Role, row[2]))) if await self._forgive(key, now) else None

    async def _count_failure(self, key: bytes, now: datetime) -> None:
        async with self._pool.connection() as conn:
            changed = await conn.execute(
                "UPDATE account SET failed_attempts = failed_attempts + 1 WHERE login_key = %s"
                " RETURNING failed_attempts",
                (key,),
            )
            row = await changed.fetchone()
            if row and (seconds := lock_seconds(row[0])):
                await conn.execute(
                    "UPDATE account SET locked_until = %s WHERE login_key = %s",
                    (now + timedelta(seconds=seconds), key),
                )

    async def _forgive(self, key: bytes, now: datetime) -> bool:
        """Forget earlier failures. False when somebody else's failure locked the account meanwhile."""
        async with self._pool.connection() as conn:
            changed = await conn.execute(
                "UPDATE account SET failed_attempts = 0, locked_until = NULL"
                " WHERE login_key = %s AND (locked_until IS NULL OR locked_until <= %s)",
                (key, now),
            )
            return changed.rowcount == 1


def lock_seconds(failed_attempts: int) -> int:
    """How long an account stays locked after so many wrong passwords in a row."""
    beyond = failed_attempts - ATTEMPTS_FREE
    return 0 if beyond < 0 else int(min(LOCK_SECONDS * 2 ** min(beyond, 30), LOCK_SECONDS_MAX))


def add_account(
    owner_url: str,
    login_key: bytes,
    user_name: str,
    password: str,
    person_id: UUID,
    roles: Iterable[Role],
) -> bool:
    """Make an account, or make it as stated; whether anything changed. Its sessions end when it did.

    `owner_url` belongs to the owning role: the role that the gateway runs as may not do this.
    """
    key = login_key_of(login_key, user_name)
    wanted = sorted(role.value for role in roles)
    with psycopg.connect(owner_url, connect_timeout=DATABASE_CONNECT_SECONDS) as conn:
        row = conn.execute(
            "SELECT password_hash, person_id, roles FROM account WHERE login_key = %s FOR UPDATE", (key,)
        ).fetchone()
        if row and row[1] == person_id and sorted(row[2]) == wanted and _is_right(row[0], password):
            return False
        conn.execute(
            "INSERT INTO account (login_key, password_hash, person_id, roles) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT (login_key) DO UPDATE SET password_hash = excluded.password_hash,"
            " person_id = excluded.person_id, roles = excluded.roles, failed_attempts = 0, locked_until = NULL",
            (key, HASHER.hash(password), person_id, wanted),
        )
        conn.execute(
            "DELETE FROM session WHERE person_id = ANY(%s)", ([person_id, row[1]] if row else [person_id],)
        )
        return True


def _is_right(password_hash: str, password: str) -> bool:
    try:
        return HASHER.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False
