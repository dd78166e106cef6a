"""The outbox: one row a message; a message that is asked for twice is there once."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid5

from psycopg import Cursor
from psycopg.types.json import Jsonb

from services.contracts.scheduling.messages import DropReason as Reason
from services.contracts.scheduling.messages import MessageKind as Kind

__all__ = ["Kind", "Reason"]

Tx = Cursor[Any]

MESSAGES: Final = UUID("6f0c2d1e-8b57-5c39-a4e2-0d9b3f7c5a18")
"""Namespace in which messages get their identity from their natural key."""


class Pointless(Exception):
    """There is nothing to send any more."""

    def __init__(self, reason: Reason) -> None:
        """Say why."""
        super().__init__(reason)
        self.reason: Reason = reason


def message_id_of(kind: str, about: object, which: object) -> UUID:
    """The identity of a message: its kind, what it is about, and which fact, due date or day it tells of."""
    return uuid5(MESSAGES, f"{kind}/{about}/{which}")


class Message(NamedTuple):
    """A message to be sent: facts without names."""

    message_id: UUID
    kind: Kind
    person_id: UUID
    about: UUID
    facts: dict[str, Any]
    noted_at: datetime
    good_until: datetime | None = None


class Waiting(NamedTuple):
    """A message whose time has come."""

    message_id: UUID
    kind: Kind
    person_id: UUID
    about: UUID
    facts: dict[str, Any]
    noted_at: datetime
    attempts: int


KEPT_DAYS: Final = 400
"""How long it stays known that a message was sent or dropped: over a year, so that a reminder can be shown."""

PUT = (
    "INSERT INTO outbox (message_id, kind, person_id, about, facts, noted_at, good_until, not_before,"
    " state, reason, ended_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING"
)
DROP = (
    "UPDATE outbox SET state = 'dropped', reason = %s, ended_at = %s"
    " WHERE about = ANY(%s) AND state = 'waiting' AND kind = ANY(%s)"
)
NEXT = (
    "SELECT message_id, kind, person_id, about, facts, noted_at, attempts FROM outbox"
    " WHERE state = 'waiting' AND not_before <= %s ORDER BY not_before, noted_at, message_id LIMIT %s"
)
TAKE = "UPDATE outbox SET attempts = attempts + 1 WHERE message_id = %s AND state = 'waiting'"
SENT = "UPDATE outbox SET state = 'sent', reason = NULL, ended_at = %s WHERE message_id = %s"
GIVE_UP = (
    "UPDATE outbox SET state = 'dropped', reason = %s, ended_at = %s"
    " WHERE message_id = %s AND state = 'waiting'"
)
LATER = "UPDATE outbox SET not_before = %s WHERE message_id = %s AND state = 'waiting'"
RELEASE = "UPDATE outbox SET not_before = %s WHERE state = 'waiting' AND not_before IS NULL"
PASSED = (
    "UPDATE outbox SET state = 'dropped', reason = 'too_late', ended_at = %s"
    " WHERE state = 'waiting' AND good_until <= %s"
)
FORGET = "DELETE FROM outbox WHERE state <> 'waiting' AND ended_at < %s"
TOLD = "SELECT FROM outbox WHERE about = %s AND (state = 'sent' OR attempts > 0) LIMIT 1"


def put(tx: Tx, messages: Sequence[Message], not_before: datetime | None = None) -> None:
    """Let these wait, from `not_before` on, or until `release`."""
    rows = [
        (*m[:4], Jsonb(m.facts), m.noted_at, m.good_until, not_before, "waiting", None, None)
        for m in messages
    ]
    if rows:
        tx.executemany(PUT, rows)


def put_dropped(tx: Tx, messages: Sequence[Message], reason: Reason, at: datetime) -> None:
    """Record messages that will not be sent, and why."""
    rows = [(*m[:4], Jsonb(m.facts), m.noted_at, m.good_until, None, "dropped", reason, at) for m in messages]
    if rows:
        tx.executemany(PUT, rows)


def note(tx: Tx, message: Message, reason: Reason | None) -> None:
    """Let it wait; or, with a reason, record that it will not be sent."""
    if reason is None:
        put(tx, [message])
    else:
        put_dropped(tx, [message], reason, message.noted_at)


def was_told(tx: Tx, about: UUID) -> bool:
    """Whether the person may have been told of this: something was sent, or an attempt was made."""
    return bool(tx.execute(TOLD, (about,)).fetchall())


def drop(tx: Tx, about: Collection[UUID], kinds: Collection[Kind], reason: Reason, at: datetime) -> int:
    """Drop what waits about these; how many it was."""
    return tx.execute(DROP, (reason, at, list(about), list(kinds))).rowcount if about else 0


def release(tx: Tx, now: datetime) -> None:
    """Feeds are read to their end: what waits for that may go; what is over is dropped."""
    tx.execute(PASSED, (now, now))
    tx.execute(RELEASE, (now,))


def forget(tx: Tx, now: datetime) -> None:
    """What was sent or dropped so long ago is deleted."""
    tx.execute(FORGET, (now - timedelta(days=KEPT_DAYS),))


def next_waiting(tx: Tx, now: datetime, limit: int) -> list[Waiting]:
    """Messages whose time has come, the oldest first."""
    return [Waiting(*row) for row in tx.execute(NEXT, (now, limit))]


def take(tx: Tx, message_id: UUID) -> bool:
    """Count an attempt before it is made; False when the message was dropped meanwhile."""
    return tx.execute(TAKE, (message_id,)).rowcount == 1


def sent(tx: Tx, message_id: UUID, at: datetime) -> None:
    """The mail server has taken it."""
    tx.execute(SENT, (at, message_id))


def give_up(tx: Tx, message_id: UUID, reason: Reason, at: datetime) -> None:
    """It will not be sent."""
    tx.execute(GIVE_UP, (reason, at, message_id))


def later(tx: Tx, message_id: UUID, at: datetime) -> None:
    """Try again then."""
    tx.execute(LATER, (at, message_id))
