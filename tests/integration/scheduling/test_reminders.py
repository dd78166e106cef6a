"""Reminders and digests as days pass: each once, on its day, also when processes die and clocks jump."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID, uuid4

import pytest
from babel.dates import format_date

from services.contracts import progress
from services.contracts.scheduling import AppointManager, RelieveManager, WithdrawAssignment
from services.contracts.scheduling.exemptions import GrantExemption, RevokeExemption
from services.scheduling.domain.due import LOCAL, add_days, local_day
from services.scheduling.mail import outbox
from services.scheduling.policies.messages import Messages
from tests.integration.scheduling.post import Post
from tests.integration.scheduling.words import COURSE, assigning, done, joining, told, unit

TODAY = local_day(datetime.now(UTC))
DUE = add_days(TODAY, 60)
NOON = time(12)


@pytest.fixture(autouse=True)
def back_to_now(post: Post) -> Iterator[None]:
    """What one test leaves is nobody's business in the next: time goes on from now, nobody is late."""
    yield
    post.now = None
    post.connection.execute("UPDATE mail_way SET state = 'withdrawn', look_on = NULL")
    post.connection.execute("UPDATE outbox SET state = 'dropped', reason = 'left', ended_at = now()")


@pytest.fixture
def region(post: Post) -> UUID:
    region = unit()
    done(post.application, region)
    return region.unit_id


@pytest.fixture
def team(post: Post, region: UUID) -> UUID:
    team = unit(below=region)
    done(post.application, team)
    return team.unit_id


def somebody(post: Post, unit_id: UUID, **entry: object) -> tuple[UUID, str]:
    address = f"{uuid4().hex}@example.org"
    person = joining(unit_id, **{"email": address, **entry})
    done(post.application, person)
    return person.entry.person_id, address


def manager(post: Post, unit_id: UUID) -> tuple[UUID, str]:
    person_id, address = somebody(post, unit_id, language="fr")
    done(post.application, AppointManager(**told(), unit_id=unit_id, person_id=person_id))
    return person_id, address


def learner(post: Post, unit_id: UUID, due_on: date = DUE, **entry: object) -> tuple[UUID, str]:
    person_id, address = somebody(post, unit_id, **entry)
    done(post.application, assigning(person_id=person_id, due_on=due_on))
    return person_id, address


def day(post: Post, on: date, at: time = NOON) -> None:
    """A day comes: twice what is due, twice the postman."""
    post.now = max(datetime.combine(on, at, LOCAL), datetime.now(UTC))
    for _ in range(2):
        post.follow()
        post.deliver()


def days(post: Post, since: date, until: date) -> None:
    while since <= until:
        day(post, since)
        since = add_days(since, 1)


def came(post: Post, address: str) -> list[tuple[date, str]]:
    """On which day, by its own date, and the subject."""
    letters = [letter.message for letter in post.letters_to(address)]
    return [(local_day(m["Date"].datetime), str(m["Subject"]).split(":")[0].strip()) for m in letters]


def completed(person_id: UUID, at: datetime) -> progress.CourseCompleted:
    return progress.CourseCompleted(
        record_id=progress.record_id_of(person_id, COURSE, 1),
        person_id=person_id,
        course=COURSE,
        course_version=1,
        occurred_at=at,
        validity_months=24,
    )


def test_each_reminder_comes_once_on_its_day_then_managers_and_one_level_up(
    post: Post, region: UUID, team: UUID
) -> None:
    _, address = learner(post, team, language="nl", given_name="Bea")
    _, to_manager = manager(post, team)
    _, above = manager(post, region)
    days(post, TODAY, add_days(DUE, 20))
    assert came(post, address) == [
        (TODAY, "Te volgen"),
        *(
            (add_days(DUE, -before), f"Te volgen tegen {format_date(DUE, 'd MMM y', 'nl_BE')}")
            for before in (30, 7, 1)
        ),
        (add_days(DUE, 1), "Te laat"),
    ]
    (digest,) = post.letters_to(to_manager)
    assert came(post, to_manager) == [(add_days(DUE, 2), "1 formation en retard dans vos unités")]
    assert "Nouveau\u00a0: Bea Peeters" in digest.message.get_body(("plain",)).get_content()
    assert came(post, above) == [(add_days(DUE, 15), "1 formation en retard dans vos unités")]


def test_a_manager_has_one_digest_a_day_and_none_when_nobody_was_added(
    post: Post, region: UUID, team: UUID
) -> None:
    for late in (0, 0, 0, 3):
        learner(post, team, add_days(DUE, late))
    _, to_manager = manager(post, team)
    days(post, add_days(DUE, -1), add_days(DUE, 10))
    assert came(post, to_manager) == [
        (add_days(DUE, 2), "3 formations en retard dans vos unités"),
        (add_days(DUE, 5), "4 formations en retard dans vos unités"),
    ]


def test_a_manager_who_is_one_no_longer_hears_nothing_and_the_one_above_does(
    post: Post, region: UUID, team: UUID
) -> None:
    learner(post, team)
    person_id, to_manager = manager(post, team)
    _, above = manager(post, region)
    done(post.application, RelieveManager(**told(), unit_id=team, person_id=person_id))
    days(post, add_days(DUE, 1), add_days(DUE, 3))
    assert came(post, to_manager) == []
    assert [on for on, _ in came(post, above)] == [add_days(DUE, 2)]


def test_after_months_of_outage_only_what_is_still_so_is_said_and_once(
    post: Post, region: UUID, team: UUID
) -> None:
    people = [learner(post, team) for _ in range(5)]
    finished, address = learner(post, team)
    _, to_manager = manager(post, team)
    post.follow()
    post.deliver()
    later = datetime.combine(add_days(DUE, 40), NOON, LOCAL)
    post.now = later
    post.hear(completed(finished, later - timedelta(days=60)))
    days(post, add_days(DUE, 40), add_days(DUE, 43))
    for person_id, to_them in people:
        assert [said for _, said in came(post, to_them)] == ["Te volgen", "Te laat"]
        dropped = [(kind, why) for kind, state, why in post.fate(person_id) if state == "dropped"]
        assert sorted(dropped) == [(kind, "overtaken") for kind in ("due_1", "due_30", "due_7")]
    assert len(came(post, address)) == 1
    assert came(post, to_manager) == [(add_days(DUE, 40), "5 formations en retard dans vos unités")]


def test_a_mail_server_that_was_away_for_a_month_gets_the_newest_of_each_and_no_more(
    post: Post, region: UUID, team: UUID
) -> None:
    person_id, address = learner(post, team)
    done(post.application, WithdrawAssignment(**told(), person_id=learner(post, team)[0], course=COURSE))
    on = TODAY
    while on <= add_days(DUE, 5):  # facts are followed and days pass; no letter leaves
        post.now = max(datetime.combine(on, NOON, LOCAL), datetime.now(UTC))
        post.follow()
        post.deliver(port=1)
        on = add_days(on, 1)
    assert came(post, address) == []
    day(post, add_days(DUE, 6))
    assert [said for _, said in came(post, address)] == ["Te laat"]
    fates = Counter((state, why) for _, state, why in post.fate(person_id))
    assert fates == {("sent", None): 1, ("dropped", "overtaken"): 4}


def test_who_finished_was_exempted_or_need_not_any_more_is_not_reminded(
    post: Post, region: UUID, team: UUID
) -> None:
    done_, exempt, free = (learner(post, team) for _ in range(3))
    _, to_manager = manager(post, team)
    day(post, TODAY)
    post.hear(completed(done_[0], datetime.now(UTC)))
    why = {"course": COURSE, "sentence": "Formation équivalente"}
    granting = GrantExemption(**told(), **why, person_id=exempt[0], reason="tested_out", effective_on=TODAY)
    done(post.application, granting)
    done(post.application, WithdrawAssignment(**told(), person_id=free[0], course=COURSE))
    days(post, add_days(DUE, -31), add_days(DUE, 3))
    assert [len(came(post, address)) for _, address in (done_, exempt, free)] == [1, 1, 2]
    assert came(post, to_manager) == []


def test_who_is_bound_again_is_reminded_again_but_not_of_what_had_passed(
    post: Post, region: UUID, team: UUID
) -> None:
    person_id, address = learner(post, team, add_days(TODAY, 20))
    why = {"course": COURSE, "person_id": person_id, "sentence": "Formation équivalente"}
    done(post.application, GrantExemption(**told(), **why, reason="tested_out", effective_on=TODAY))
    done(post.application, RevokeExemption(**told(), **why))
    days(post, TODAY, add_days(TODAY, 21))
    due = add_days(TODAY, 20)
    assert [on for on, _ in came(post, address)][-3:] == [add_days(due, n) for n in (-7, -1, 1)]


@pytest.mark.parametrize("step", ["written", "taken", "carried", "marked"])
def test_killed_at_every_step_each_reminder_and_digest_comes_once(
    post: Post, region: UUID, team: UUID, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, address = learner(post, team)
    _, to_manager = manager(post, team)
    day(post, TODAY)
    for after, to_them in ((-7, address), (1, address), (2, to_manager)):
        before = len(post.letters_to(to_them))
        post.now = datetime.combine(add_days(DUE, after), NOON, LOCAL)
        post.read()
        _dies_while_it_looks(post, monkeypatch)
        post.follow()
        post.deliver(killed_after=step)
        post.follow()
        post.deliver()
        post.deliver()
        assert len(post.letters_to(to_them)) == before + 1


def _dies_while_it_looks(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """The policy ends after its messages were put, before it is remembered that they were."""
    with monkeypatch.context() as dying, pytest.raises(KeyboardInterrupt):
        dying.setattr("services.scheduling.policies.messages.LOOKED", "SELECT 1 / 0")
        try:
            post.act()
        except Exception as error:
            raise KeyboardInterrupt from error


def test_reminders_leave_in_the_morning_by_the_clocks_here_also_when_they_change(
    post: Post, team: UUID
) -> None:
    for due_on in (date(2028, 3, 27), date(2028, 10, 30), date(2028, 3, 1)):
        person_id, address = learner(post, team, due_on)
        day(post, TODAY)
        eve = add_days(due_on, -1)  # the nights in which clocks change, and 29 February
        post.now = datetime.combine(eve, time(0, 1), LOCAL)
        post.follow()
        post.deliver()
        assert [kind for kind, state, _ in post.fate(person_id) if state == "waiting"] == ["due_1"]
        post.now = datetime.combine(eve, time(6), LOCAL)
        post.deliver()
        assert came(post, address)[-1][0] == eve
        assert post.letters_to(address)[-1].message["Date"].datetime.astimezone(LOCAL).hour == 6


def test_nothing_is_said_before_every_feed_was_read_to_its_end(post: Post, team: UUID) -> None:
    """A process that comes back after a month knows what was a month ago, as long as progress is away."""
    person_id, _ = learner(post, team)
    post.read()
    post.messages = late = Messages()
    try:
        late.heard({"content": 0, "scheduling": 0})
        post.act()
        asked = "SELECT not_before FROM outbox WHERE person_id = %s"
        assert post.connection.execute(asked, (person_id,)).fetchall() == [(None,)]
        late.heard({"progress": 10**9})  # it answers, and is not read to its end
        post.act()
        assert post.connection.execute(asked, (person_id,)).fetchall() == [(None,)]
        late.heard({"progress": 0})
        post.act()
        assert post.connection.execute(asked, (person_id,)).fetchall() != [(None,)]
    finally:
        late.heard(dict.fromkeys(late.feeds, 0))


def test_what_was_sent_or_dropped_long_ago_is_forgotten_and_what_waits_is_not(post: Post, team: UUID) -> None:
    (sent, address), (waiting, _) = learner(post, team), learner(post, team)
    post.follow()
    post.deliver()
    post.connection.execute(
        "UPDATE outbox SET state = 'waiting', ended_at = NULL WHERE person_id = %s", (waiting,)
    )
    post.messages = later = Messages()
    later.heard(dict.fromkeys(later.feeds, 0))
    post.now = datetime.now(UTC) + timedelta(days=outbox.KEPT_DAYS - 1)
    post.connection.execute("UPDATE mail_way SET state = 'withdrawn', look_on = NULL")
    post.act()
    assert post.fate(sent) == [("assigned", "sent", None)]
    post.now += timedelta(days=2)
    post.act()
    assert (post.fate(sent), post.fate(waiting)) == ([], [("assigned", "waiting", None)])
    assert len(post.letters_to(address)) == 1
