"""A message, from the fact to the mailbox: once, also when the postman dies at any step."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from services.contracts.scheduling import WithdrawAssignment
from services.scheduling.mail import letters
from tests.integration.scheduling.post import Post
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
