"""What operators see of the queue, and managers of reminders: whom it concerns, and nobody else."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from uuid import UUID, uuid4

import pytest

from services.contracts.access import Actor, Role
from services.contracts.rules import Rule, RuleBroken
from services.contracts.scheduling import AppointManager, NameDeputy, WithdrawAssignment
from services.contracts.scheduling.messages import AskReminders, Reminders
from services.scheduling.application import Application
from services.scheduling.domain.due import LOCAL, add_days, local_day
from services.scheduling.mail import tidings
from services.scheduling.mail.desk import MailDesk
from tests.integration.scheduling.post import Post
from tests.integration.scheduling.words import COURSE, actor, assigning, done, joining, told, unit

TODAY = local_day(datetime.now(UTC))
DUE = add_days(TODAY, 40)


@pytest.fixture(autouse=True)
def back_to_now(post: Post) -> Iterator[None]:
    yield
    post.now = None
    post.connection.execute("UPDATE mail_way SET state = 'withdrawn', look_on = NULL")
    post.connection.execute(
        "UPDATE outbox SET state = 'dropped', reason = 'left', ended_at = now() WHERE state = 'waiting'"
    )


@pytest.fixture
def team(application: Application, prison: UUID) -> UUID:
    team = unit(below=prison)
    done(application, team)
    return team.unit_id


@pytest.fixture
def manager(application: Application, team: UUID, prison: UUID) -> Actor:
    person = joining(prison)
    done(application, person)
    done(application, AppointManager(**told(), unit_id=team, person_id=person.entry.person_id))
    return actor(Role.MANAGER, person_id=person.entry.person_id)


def learner(post: Post, unit_id: UUID, email: str | None = "somebody@example.org") -> UUID:
    person = joining(unit_id, email=email)
    done(post.application, person, assigning(person_id=person.entry.person_id, due_on=DUE))
    return person.entry.person_id


def desk(post: Post) -> MailDesk:
    return MailDesk(post.url, post.application.log, post.clock)


def asked(post: Post, by: Actor, unit_id: UUID, limit: int = 200) -> Reminders:
    return desk(post).reminders(by, AskReminders(unit_id=unit_id, limit=limit))


def test_a_manager_sees_what_was_sent_what_was_not_and_what_comes(
    post: Post, team: UUID, prison: UUID, manager: Actor
) -> None:
    ann, ben = learner(post, team), learner(post, team, email=None)
    learner(post, prison)  # above the team: none of this manager's
    post.follow()
    post.deliver()
    seen = asked(post, manager, team)
    assert {(line.person_id, line.kind, line.state, line.reason) for line in seen.sent} == {
        (ann, "assigned", "sent", None),
        (ben, "assigned", "dropped", "no_address"),
    }
    coming = [(line.person_id, line.kind, line.on) for line in seen.to_come]
    on = add_days(DUE, -30)
    assert coming == [(person, "due_30", on) for person in sorted((ann, ben))]
    post.now = datetime.combine(add_days(DUE, -8), time(12), LOCAL)
    post.follow()
    post.deliver()
    later = asked(post, manager, team)
    days = [add_days(DUE, n) for n in (-7, -1, 1)]
    assert [line.on for line in later.to_come if line.person_id == ann] == days
    assert later.sent[0].kind == "due_30"


def test_what_was_replaced_or_taken_back_is_no_reminder(post: Post, team: UUID, manager: Actor) -> None:
    ann = learner(post, team)
    done(post.application, WithdrawAssignment(**told(), person_id=ann, course=COURSE))
    post.follow()
    assert asked(post, manager, team) == Reminders(
        days=tidings.REMINDER_DAYS, sent=(), more_sent=False, to_come=(), more_to_come=False
    )


def test_lists_end_where_they_were_asked_to(post: Post, team: UUID, manager: Actor) -> None:
    for _ in range(3):
        learner(post, team)
    post.follow()
    seen = asked(post, manager, team, limit=2)
    assert (len(seen.sent), seen.more_sent) == (2, True)
    assert (len(seen.to_come), seen.more_to_come) == (2, True)
    whole = asked(post, manager, team, limit=3)
    assert (whole.more_sent, whole.more_to_come) == (False, False)


def test_nobody_sees_reminders_of_units_that_are_not_theirs(
    post: Post, team: UUID, prison: UUID, manager: Actor
) -> None:
    for by, unit_id in ((manager, prison), (actor(Role.MANAGER), team), (manager, uuid4())):
        with pytest.raises(RuleBroken) as broken:
            asked(post, by, unit_id)
        assert broken.value.rule == Rule.NOT_YOURS


def test_the_queue_counts_and_names_nobody(post: Post, team: UUID) -> None:
    before = desk(post).queue()
    waiting, nobody = learner(post, team, "waits@example.org"), learner(post, team, None)
    post.follow()
    at_once = desk(post).queue()
    assert (at_once.waiting, at_once.later) == (2, 0)
    post.connection.execute("UPDATE outbox SET attempts = 3 WHERE person_id = %s", (waiting,))
    failing = desk(post).queue()
    assert failing.failing == 1
    ((kind, attempts),) = [(line.kind, line.attempts) for line in failing.failures]
    assert (kind, attempts) == ("assigned", 3)
    post.deliver()
    after = desk(post).queue()
    assert (after.waiting, after.failing, after.oldest_at) == (0, 0, None)
    counts = {line.kind: line for line in after.kinds}["assigned"]
    earlier = {line.kind: line for line in before.kinds}.get("assigned")
    assert counts.sent - (earlier.sent if earlier else 0) == 1
    assert "no_address" in {line.reason for line in after.drops}
    assert after.last_sent_at is not None
    text = "".join(each.model_dump_json() for each in (at_once, failing, after))
    assert all(word not in text for word in (str(waiting), str(nobody), "waits@", "Peeters", "example.org"))


def test_a_reminder_of_tomorrow_morning_is_for_later(post: Post, team: UUID) -> None:
    learner(post, team)
    post.follow()
    post.deliver()
    post.now = datetime.combine(add_days(DUE, -7), time(0, 5), LOCAL)
    post.follow()
    seen = desk(post).queue()
    assert (seen.waiting, seen.later) == (0, 1)


def test_a_deputy_is_told_while_they_stand_in(post: Post, prison: UUID, team: UUID, manager: Actor) -> None:
    deputy = joining(prison, email="deputy@example.org", language="fr")
    done(post.application, deputy)
    now = datetime.now(UTC)
    naming = {**told(), "person_id": manager.person_id, "deputy_id": deputy.entry.person_id}
    done(post.application, NameDeputy(**naming, until=now + timedelta(days=44)))
    for late in (0, 5):
        person = joining(team, email=f"{uuid4().hex}@example.org")
        due_on = add_days(DUE, late)
        done(post.application, person, assigning(person_id=person.entry.person_id, due_on=due_on))
    for day in range(40, 50):
        post.now = datetime.combine(add_days(TODAY, day), time(12), LOCAL)
        post.follow()
        post.deliver()
    digests = post.letters_to("deputy@example.org")
    assert len(digests) == 1  # of the first; by the second they do not stand in any more
