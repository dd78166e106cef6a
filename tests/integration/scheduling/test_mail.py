"""A message, from the fact to the mailbox: once, also when the postman dies at any step."""

import threading
import time
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from deploy.local.mailbox import Mailbox
from services.contracts.scheduling import WithdrawAssignment
from services.scheduling.mail import letters
from services.scheduling.mail.carrier import Carrier
from services.scheduling.mail.postman import Postman
from tests.integration.scheduling.post import SENDER, Post
from tests.integration.scheduling.words import COURSE, assigning, done, joining


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


def test_of_two_postmen_one_works_and_the_other_goes_on_when_it_loses_its_database(
    post: Post, prison: UUID
) -> None:
    people = [learner(post, prison, f"turn-{n}-{uuid4().hex[:6]}@example.org") for n in range(30)]
    stop = threading.Event()
    carriers = [Carrier("127.0.0.1", post.port, "none") for _ in range(2)]
    threads = [
        threading.Thread(target=Postman(post.url, carrier, SENDER, 1_200).run, args=(stop,), daemon=True)
        for carrier in carriers
    ]
    for thread in threads:
        thread.start()
    cut = 0
    limit = time.monotonic() + 30
    while time.monotonic() < limit:
        sent = sum(post.fate(person)[0][1] == "sent" for person in people)
        if sent == len(people):
            break
        if cut == 0 and sent >= 5:
            cut = post.connection.execute(CUT).rowcount
        time.sleep(0.05)
    stop.set()
    for thread in threads:
        thread.join(10)
    for carrier in carriers:
        carrier.close()
    assert cut == 1  # one works: the other has no lock
    assert {tuple(post.fate(person)[0]) for person in people} == {("assigned", "sent", None)}
    kept = [letter for letter in Mailbox(post.file).letters() if letter.recipient.startswith("turn-")]
    assert len(kept) == len(people)
    assert sum(letter.times - 1 for letter in kept) <= 1  # the one under way when the database went


CUT = (
    "SELECT pg_terminate_backend(pid) FROM pg_locks"
    " WHERE locktype = 'advisory' AND granted AND objid = hashtext('scheduling-postman')::oid"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
