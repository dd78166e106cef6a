"""The mail server of the local stack: takes every letter and keeps it where `./parcours mail` reads it.

Run as `python -m deploy.local.mailbox FILE PORT`. It listens on loopback only and delivers nothing
anywhere. A letter that comes again under the same Message-ID for the same address is kept once, as good
mail servers do; `times` says how often it came. It answers only when the letter is on disk.
"""

import asyncio
import contextlib
import email
import signal
import sqlite3
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from deploy.local.ports import LOOPBACK

LETTER_BYTES_MAX = 10 * 1024 * 1024
BUSY_SECONDS = 5.0

TABLE = """
CREATE TABLE IF NOT EXISTS letter (
    number INTEGER PRIMARY KEY,
    message_id TEXT NOT NULL,
    recipient TEXT NOT NULL,
    came_at TEXT NOT NULL,
    content BLOB NOT NULL,
    times INTEGER NOT NULL DEFAULT 1,
    UNIQUE (message_id, recipient)
)
"""
KEEP = (
    "INSERT INTO letter (message_id, recipient, came_at, content) VALUES (?, ?, ?, ?)"
    " ON CONFLICT DO UPDATE SET times = times + 1"
)
READ = "SELECT number, recipient, came_at, content, times FROM letter WHERE number > ? ORDER BY number"


@dataclass(frozen=True)
class Letter:
    """A letter that came."""

    number: int
    recipient: str
    came_at: datetime
    content: bytes
    times: int

    @property
    def message(self) -> EmailMessage:
        """Its headers and parts."""
        return email.message_from_bytes(self.content, policy=policy.default)


class Mailbox:
    """The file in which letters are kept."""

    def __init__(self, file: Path) -> None:
        """Open it; it is made when it is not there."""
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.touch(mode=0o600, exist_ok=True)
        self._database = sqlite3.connect(file, timeout=BUSY_SECONDS, isolation_level=None)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = FULL")
        self._database.execute(TABLE)

    def keep(self, message_id: str, recipients: list[str], content: bytes) -> None:
        """Keep a letter, once for each address; it is on disk when this returns."""
        came_at = datetime.now(UTC).isoformat()
        self._database.execute("BEGIN IMMEDIATE")
        for recipient in recipients:
            self._database.execute(KEEP, (message_id, recipient, came_at, content))
        self._database.execute("COMMIT")

    def letters(self, after: int = 0) -> list[Letter]:
        """Letters that came after the one with this number, in order."""
        return [
            Letter(number, recipient, datetime.fromisoformat(came_at), content, times)
            for number, recipient, came_at, content, times in self._database.execute(READ, (after,))
        ]

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()


class Keeper:
    """What the SMTP server does with a letter: the `handler` of aiosmtpd."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - its name in aiosmtpd
        """Keep it, then say so."""
        headers = email.message_from_bytes(envelope.content, policy=policy.compat32)
        message_id = headers.get("Message-ID", "").strip()
        if not message_id:
            return "550 5.6.0 A letter needs a Message-ID"
        self._mailbox.keep(message_id, list(envelope.rcpt_tos), envelope.content)
        return "250 2.0.0 Kept"


async def serve(file: Path, port: int, stop: asyncio.Event) -> None:
    """Take letters until told to stop."""
    from aiosmtpd.smtp import SMTP

    mailbox = Mailbox(file)
    keeper = Keeper(mailbox)
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(keeper, data_size_limit=LETTER_BYTES_MAX, hostname="localhost", enable_SMTPUTF8=True),
        LOOPBACK,
        port,
    )
    async with server:
        await stop.wait()
    mailbox.close()


async def _main(file: Path, port: int) -> None:
    stop = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, stop.set)
    await serve(file, port, stop)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_main(Path(sys.argv[1]), int(sys.argv[2])))
