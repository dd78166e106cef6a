"""Private addresses of calendars: one a person, made and taken back by them, told once and stored nowhere.

The secret in an address is 256 random bits; the database knows its SHA-256 only. An address works as
long as its person has an account as a learner.
"""

import hashlib
import secrets
from datetime import datetime
from typing import Final
from uuid import UUID

from psycopg_pool import AsyncConnectionPool

from services.backbone.clock import Clock
from services.contracts.access import Role

SECRET_BYTES: Final = 32
SECRET_CHARS: Final = 43

MAKE: Final = (
    "INSERT INTO calendar_address (person_id, secret_sha256, made_at) VALUES (%s, %s, %s)"
    " ON CONFLICT (person_id) DO UPDATE SET secret_sha256 = excluded.secret_sha256, made_at = excluded.made_at"
)
WHOSE: Final = (
    "SELECT person_id FROM calendar_address c WHERE secret_sha256 = %s"
    " AND EXISTS (SELECT FROM account a WHERE a.person_id = c.person_id AND %s = ANY (a.roles))"
)


class Calendars:
    """Who may read which calendar without signing in."""

    def __init__(self, pool: AsyncConnectionPool, clock: Clock) -> None:
        """Keep addresses behind `pool`."""
        self._pool = pool
        self._clock = clock

    async def make(self, person_id: UUID) -> str:
        """A new secret; the one before is worth nothing from now on."""
        secret = secrets.token_urlsafe(SECRET_BYTES)
        async with self._pool.connection() as conn:
            await conn.execute(MAKE, (person_id, _digest(secret), self._clock()))
        return secret

    async def end(self, person_id: UUID) -> None:
        """No address any more; ending twice is ending once."""
        async with self._pool.connection() as conn:
            await conn.execute("DELETE FROM calendar_address WHERE person_id = %s", (person_id,))

    async def made_at(self, person_id: UUID) -> datetime | None:
        """Since when there is an address."""
        asked = "SELECT made_at FROM calendar_address WHERE person_id = %s"
        async with self._pool.connection() as conn:
            row = await (await conn.execute(asked, (person_id,))).fetchone()
        return row[0] if row else None

    async def whose(self, secret: str) -> UUID | None:
        """Whose calendar it is; nobody's when it was never told, or taken back."""
        if len(secret) != SECRET_CHARS:
            return None
        async with self._pool.connection() as conn:
            row = await (await conn.execute(WHOSE, (_digest(secret), Role.LEARNER.value))).fetchone()
        return row[0] if row else None


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
