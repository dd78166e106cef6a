"""What follows by itself: once, also when the process dies between acting and remembering."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

import psycopg
import pytest

from services.backbone.log import StoreAway
from services.contracts.message import Done, Outcome, Refused
from services.contracts.scheduling import SchedulingCommand
from services.scheduling.application import Application
from services.scheduling.policies import SERVICE, Policy, Timekeeper
from tests.integration.conftest import Database
from tests.integration.scheduling.words import assigned, assigning, events_of, join

Answers = Sequence[tuple[SchedulingCommand, Outcome]]


class EverybodyOnce(Policy):
    """Assigns the course to these people; forgets what it did as long as it is `forgetful`."""

    name = "everybody@1"
    feeds = frozenset[str]()

    def __init__(self, *people: UUID) -> None:
        self.people = people
        self.answers: list[Answers] = []
        self.forgetful = True

    def apply(self, tx: Any, feed: str, items: Sequence[Any]) -> None:
        raise NotImplementedError

    def due(self, tx: Any, now: datetime, limit: int) -> Sequence[SchedulingCommand]:
        if self.answers and not self.forgetful:
            return []
        return [
            assigning(command_id=uuid5(SERVICE, str(person)), occurred_at=now, person_id=person)
            for person in self.people
        ]

    def answered(self, tx: Any, answers: Answers, now: datetime) -> None:
        self.answers.append(answers)


def test_what_is_due_is_done_once_and_a_refusal_is_told(
    application: Application, database: Database, prison: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.backbone.policies.EVERY_SECONDS", 0.0)
    ann, nobody = join(application, prison), UUID(int=7)
    policy = EverybodyOnce(ann, nobody)
    keeper = Timekeeper(application.desk, [policy], clock=lambda: datetime.now(UTC))
    with psycopg.connect(database.url, autocommit=True) as connection:
        keeper.act(connection)
        keeper.act(connection)  # as after a crash before it was remembered
        policy.forgetful = False
        keeper.act(connection)
    told = [[type(outcome) for _, outcome in answers] for answers in policy.answers]
    assert told == [[Done, Refused], [Done, Refused]]
    assert events_of(application, assigned(ann)) == ["Assigned"]


def test_who_has_nothing_to_do_is_not_asked_at_every_bell(
    application: Application, database: Database
) -> None:
    policy = EverybodyOnce()
    asked: list[datetime] = []
    policy.due = lambda tx, now, limit: asked.append(now) or []  # type: ignore[method-assign, func-returns-value]
    keeper = Timekeeper(application.desk, [policy])
    with psycopg.connect(database.url, autocommit=True) as connection:
        for _ in range(5):
            keeper.act(connection)
    assert len(asked) == 1


@pytest.mark.parametrize("failing", ["its own statement", "the store"])
def test_a_policy_that_fails_holds_up_no_other_and_is_asked_again_later(
    application: Application, database: Database, prison: UUID, failing: str
) -> None:
    ann = join(application, prison)
    broken, sound = EverybodyOnce(ann), EverybodyOnce(ann)
    broken.name = "broken@1"

    def due(tx: Any, now: datetime, limit: int) -> Sequence[SchedulingCommand]:
        if failing == "the store":
            raise StoreAway("no turn at the log")
        tx.execute("SELECT * FROM nowhere")
        raise AssertionError("there is no such table")

    broken.due = due  # type: ignore[method-assign]
    keeper = Timekeeper(application.desk, [broken, sound])
    with psycopg.connect(database.url, autocommit=True) as connection:
        keeper.act(connection)
    assert events_of(application, assigned(ann)) == ["Assigned"]
    with psycopg.connect(database.url, autocommit=True) as gone:
        gone.close()
        with pytest.raises(psycopg.Error):  # no database at all is the follower's own concern
            Timekeeper(application.desk, [sound]).act(gone)
