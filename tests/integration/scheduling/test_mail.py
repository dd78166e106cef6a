"""A message, from the fact to the mailbox: once, also when the postman dies at any step."""

import asyncio
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from deploy.local.mailbox import Letter, Mailbox, serve
from deploy.local.ports import Ports
from services.backbone.follower import apply_page, checkpoint
from services.contracts.scheduling import SchedulingPage, WithdrawAssignment
from services.scheduling.application import Application
from services.scheduling.mail import letters
from services.scheduling.mail.carrier import Carrier
from services.scheduling.mail.letters import Sender
from services.scheduling.mail.postman import Postman
from services.scheduling.policies.messages import Messages
from tests.integration.conftest import Database
from tests.integration.scheduling.words import COURSE, assigning, done, joining

SENDER = Sender("parcours@example.org")


class Killed(BaseException):
    """The process ends here."""


class Post:
    """The policy, the postman and a mail server on loopback."""

    def __init__(
        self, database: Database, application: Application, connection: Any, file: Path, port: int
    ) -> None:
        self.url, self.application, self.connection = database.url, application, connection
        self.file, self.port = file, port

    def follow(self) -> None:
        policy = Messages()
        with self.connection.cursor() as tx:
            after = checkpoint(tx, policy.name, "scheduling")
        page = self.application.source.page(after, 1_000)
        if page.position > after:
            read = SchedulingPage.model_validate_json(page.model_dump_json())
            apply_page(self.connection, [policy], "scheduling", after, read)
        with self.connection.transaction(), self.connection.cursor() as tx:
            policy.due(tx, datetime.now(UTC), 100)

    def deliver(self, killed_after: str | None = None, port: int | None = None) -> None:
        def on_step(step: str) -> None:
            if step == killed_after:
                raise Killed

        with Carrier("127.0.0.1", port or self.port, "none") as carrier:
            postman = Postman(self.url, carrier, SENDER, 60_000, on_step=on_step)
            try:
                postman.round(self.connection, threading.Event())
            except Killed:
                return

    def letters_to(self, address: str) -> list[Letter]:
        return [letter for letter in Mailbox(self.file).letters() if letter.recipient == address]

    def fate(self, person_id: UUID) -> list[tuple[str, str, str | None]]:
        asked = "SELECT kind, state, reason FROM outbox WHERE person_id = %s ORDER BY noted_at"
        return self.connection.execute(asked, (person_id,)).fetchall()  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def post(
    database: Database, application: Application, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Post]:
    folder = tmp_path_factory.mktemp("mail")
    file, port = folder / "letters.sqlite", Ports(folder / "ports.json").keep("smtp")["smtp"]
    loop, stop = asyncio.new_event_loop(), asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(serve(file, port, stop),))
    thread.start()
    limit = time.monotonic() + 10
    while not file.exists() and time.monotonic() < limit:
        time.sleep(0.05)
    with psycopg.connect(database.url, autocommit=True) as connection:
        yield Post(database, application, connection, file, port)
    loop.call_soon_threadsafe(stop.set)
    thread.join(10)


def learner(post: Post, prison: UUID, address: str | None) -> UUID:
    person = joining(prison, email=address)
    done(post.application, person, assigning(person_id=person.entry.person_id))
    post.follow()
    return person.entry.person_id


@pytest.mark.parametrize("step", ["written", "taken", "carried", "marked"])
def test_killed_at_every_step_each_message_is_exactly_once_in_the_mailbox(
    post: Post, prison: UUID, step: str
) -> None:
    person_id = learner(post, prison, f"{step}@example.org")
    post.deliver(killed_after=step)
    post.deliver()
    post.deliver()
    (letter,) = post.letters_to(f"{step}@example.org")
    assert letter.times == (2 if step == "carried" else 1)
    assert post.fate(person_id) == [("assigned", "sent", None)]


def test_without_a_stable_message_id_a_killed_postman_would_send_two(
    post: Post, prison: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: what the server folds by is taken away."""
    compose = letters.compose
    monkeypatch.setattr(
        letters,
        "compose",
        lambda tx, message, *rest: compose(tx, message._replace(message_id=uuid4()), *rest),
    )
    learner(post, prison, "twice@example.org")
    post.deliver(killed_after="carried")
    post.deliver()
    assert len(post.letters_to("twice@example.org")) == 2


def test_a_server_that_is_away_costs_no_message(post: Post, prison: UUID) -> None:
    person_id = learner(post, prison, "later@example.org")
    post.deliver(port=1)
    assert post.fate(person_id) == [("assigned", "waiting", None)]
    post.deliver()
    assert post.fate(person_id) == [("assigned", "sent", None)]


@pytest.mark.parametrize("address", [None, "no address", "a@b.org, c@d.org", "x@y.org\u00e9"])
def test_who_has_no_usable_address_is_dropped_and_said_so(
    post: Post, prison: UUID, address: str | None
) -> None:
    person_id = learner(post, prison, address)
    post.deliver()
    assert post.fate(person_id) == [("assigned", "dropped", "no_address")]


def test_what_was_taken_back_before_it_was_said_is_not_said(post: Post, prison: UUID) -> None:
    person_id = learner(post, prison, "never@example.org")
    told = {"command_id": uuid4(), "occurred_at": datetime.now(UTC)}
    done(post.application, WithdrawAssignment(**told, person_id=person_id, course=COURSE))
    post.follow()
    post.deliver()
    assert {(kind, reason) for kind, _, reason in post.fate(person_id)} == {
        ("assigned", "withdrawn"),
        ("withdrawn", "overtaken"),
    }
    assert post.letters_to("never@example.org") == []
