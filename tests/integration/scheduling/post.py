"""The policies, the postman and a mail server on loopback: from a fact to a mailbox, on a clock of the test's own."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from deploy.local.mailbox import Letter, Mailbox, serve
from deploy.local.ports import Ports
from services.backbone.follower import apply_page, checkpoint
from services.contracts.message import FeedItem, FeedPage
from services.contracts.scheduling import SchedulingPage
from services.scheduling.application import Application
from services.scheduling.mail.carrier import Carrier
from services.scheduling.mail.letters import Sender
from services.scheduling.mail.postman import Postman
from services.scheduling.policies.class_messages import ClassMessages
from services.scheduling.policies.messages import Messages
from tests.integration.conftest import Database

SENDER = Sender("parcours@example.org")


class Killed(BaseException):
    """The process ends here."""


class Post:
    """From facts to a mailbox."""

    def __init__(
        self, database: Database, application: Application, connection: Any, file: Path, port: int
    ) -> None:
        self.url, self.application, self.connection = database.url, application, connection
        self.file, self.port = file, port
        self.messages = Messages()
        self.messages.heard(dict.fromkeys(self.messages.feeds, 0))
        self.now: datetime | None = None
        """The moment that it is; None: now."""

    def clock(self) -> datetime:
        return self.now or datetime.now(UTC)

    def read(self) -> None:
        """Follow the feed to its end."""
        policies = [self.messages, ClassMessages()]
        with self.connection.cursor() as tx:
            after = min(checkpoint(tx, policy.name, "scheduling") for policy in policies)
        page = self.application.source.page(after, 5_000)
        if page.position > after:
            read = SchedulingPage.model_validate_json(page.model_dump_json())
            apply_page(self.connection, policies, "scheduling", after, read)

    def hear(self, *events: Any) -> None:
        """A page of progress's feed."""
        with self.connection.cursor() as tx:
            after = checkpoint(tx, self.messages.name, "progress")
        items = tuple(
            FeedItem[Any].model_construct(position=after + n, event=event, recorded_at=self.clock())
            for n, event in enumerate(events, start=1)
        )
        end = after + len(items)
        page = FeedPage[Any].model_construct(feed="progress", items=items, position=end, head=end)
        apply_page(self.connection, [self.messages], "progress", after, page)

    def act(self) -> None:
        """Do what is due."""
        with self.connection.transaction(), self.connection.cursor() as tx:
            self.messages.due(tx, self.clock(), 100)

    def follow(self) -> None:
        """Follow the feed, then do what is due."""
        self.read()
        self.act()

    def deliver(self, killed_after: str | None = None, port: int | None = None, rounds: int = 1) -> None:
        def on_step(step: str) -> None:
            if step == killed_after:
                raise Killed

        with Carrier("127.0.0.1", port or self.port, "none") as carrier:
            postman = Postman(self.url, carrier, SENDER, 60_000, self.clock, on_step)
            try:
                for _ in range(rounds):
                    postman.round(self.connection, threading.Event())
            except Killed:
                return
        assert killed_after is None, f"it never came to {killed_after!r}"

    def letters_to(self, address: str) -> list[Letter]:
        return [letter for letter in Mailbox(self.file).letters() if letter.recipient == address]

    def fate(self, person_id: UUID) -> list[tuple[str, str, str | None]]:
        asked = "SELECT kind, state, reason FROM outbox WHERE person_id = %s ORDER BY noted_at, kind"
        return self.connection.execute(asked, (person_id,)).fetchall()  # type: ignore[no-any-return]


@contextmanager
def post_of(database: Database, application: Application, folder: Path) -> Iterator[Post]:
    """Opened, with its mail server."""
    file, port = folder / "letters.sqlite", Ports(folder / "ports.json").keep("smtp")["smtp"]
    loop, stop = asyncio.new_event_loop(), asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(serve(file, port, stop),), daemon=True)
    thread.start()
    _await_port(port)
    with psycopg.connect(database.url, autocommit=True) as connection:
        yield Post(database, application, connection, file, port)
    loop.call_soon_threadsafe(stop.set)
    thread.join(10)
    loop.close()


def _await_port(port: int) -> None:
    limit = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > limit:
                raise
            time.sleep(0.05)
        else:
            return
