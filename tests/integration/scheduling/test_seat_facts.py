"""Seats follow facts: used, missed, freed; late facts correct; killed at any step it does the rest, once."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from services.contracts import progress
from services.contracts.access import Role
from services.contracts.scheduling import ReturnPerson, SchedulingPage, WithdrawAssignment, WithdrawPerson
from services.contracts.scheduling.exemptions import GrantExemption
from services.contracts.scheduling.seats import (
    BookSeat,
    ExcuseSeat,
    MoveSeat,
    OpenRoom,
    OpenSlots,
    ReleaseSeat,
    SeatReleased,
    booking_id_of,
    slot_id_of,
)
from services.scheduling.application import Application
from services.scheduling.domain.due import LOCAL, local_day
from services.scheduling.policies.seats import LATE, Seats
from tests.integration.conftest import Database
from tests.integration.scheduling.play import Play
from tests.integration.scheduling.words import (
    COURSE,
    NEXT_YEAR,
    OPERATOR,
    actor,
    assigning,
    done,
    events_of,
    join,
    refused,
    told,
    unit,
)

MONDAY = NEXT_YEAR - timedelta(days=NEXT_YEAR.weekday() + 100)
HOUR = timedelta(hours=1)


def nine(days: int) -> datetime:
    """When the slot of a day begins; it ends at eleven."""
    day = MONDAY + timedelta(days=days)
    return datetime(day.year, day.month, day.day, 9, tzinfo=LOCAL).astimezone(UTC)


class Clock:
    """Everybody's clock; nothing has begun until a test says so."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


CLOCK = Clock()


class Prison(Play):
    """A room with a slot at nine on each day of three weeks, and its people."""

    policy: Seats
    room_id: UUID
    unit_id: UUID
    answers = True
    """Whether progress can be asked."""

    def slot(self, days: int) -> UUID:
        return slot_id_of(self.room_id, nine(days))

    def learner(self) -> UUID:
        person_id = join(self.application, self.unit_id)
        done(self.application, assigning(person_id=person_id))
        return person_id

    def seat(self, person_id: UUID, days: int, half: int = 1, kind: type[Any] = BookSeat) -> None:
        about = {"person_id": person_id, "course": COURSE, "half": half, "slot_id": self.slot(days)}
        done(self.application, kind(**self.said(), **about))

    def said(self) -> dict[str, Any]:
        return {"command_id": uuid4(), "occurred_at": CLOCK.now}

    def happened(self, days: int) -> list[str]:
        """What a day's slot says, but that it was opened."""
        return events_of(self.application, self.slot(days))[1:]

    def passes(self, until: datetime) -> None:
        """Time passes; progress is heard, unless it is away."""
        CLOCK.now = until
        self.goes_on()

    def act(self) -> int:
        if self.answers:
            self.policy.heard({"progress": self.heard_to("progress")})
        return super().act()

    def heard_to(self, feed: str) -> int:
        rows = self.connection.execute(
            "SELECT position FROM follower_checkpoint WHERE follower = %s AND feed = %s",
            (self.policy.name, feed),
        ).fetchall()
        return rows[0][0] if rows else 0

    def works(self, person_id: UUID, at: datetime) -> None:
        """A step of the learner, which is heard now, whenever it was made."""
        what = {"session_id": uuid4(), "language": "fr"}
        self.hear("progress", progress.SessionStarted(**way(person_id, at), **what))

    def completes(self, person_id: UUID, at: datetime) -> None:
        self.hear("progress", progress.CourseCompleted(**way(person_id, at), validity_months=24))

    def engagements(self, person_id: UUID) -> list[UUID]:
        rows = self.connection.execute(
            "SELECT place_id FROM engagement WHERE person_id = %s ORDER BY starts_at", (person_id,)
        ).fetchall()
        return [row[0] for row in rows]


def way(person_id: UUID, at: datetime) -> dict[str, Any]:
    return {
        "record_id": progress.record_id_of(person_id, COURSE),
        "person_id": person_id,
        "course": COURSE,
        "course_version": 1,
        "occurred_at": at,
    }


@pytest.fixture(scope="module")
def application(database: Database, environment: dict[str, str]) -> Iterator[Application]:
    key = Path(environment["PARCOURS_ACTOR_PUBLIC_KEY"])
    application = Application(database.url, key, on_commit=lambda _: None, clock=CLOCK)
    yield application
    application.log.close()


@pytest.fixture
def prison(application: Application, database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Prison]:
    """A prison of its own for each test, which stands at a moment before all slots."""
    CLOCK.now = datetime.now(UTC)
    founded = unit()
    done(application, founded)
    with psycopg.connect(database.url, autocommit=True) as connection:
        prison = Prison(application, connection, Seats(CLOCK), CLOCK)
        prison.unit_id, prison.room_id = founded.unit_id, uuid4()
        about = {"room_id": prison.room_id}
        done(application, OpenRoom(**told(), **about, unit_id=prison.unit_id, name="Local 1", seats=9))
        until = MONDAY + timedelta(days=20)
        days = {"from_on": MONDAY, "to_on": until, "starts": "09:00", "minutes": 120}
        done(application, OpenSlots(**told(), **about, **days))
        yield prison


# --- used and missed -----------------------------------------------------------------------------


@pytest.mark.parametrize("minutes", [-14, 0, 119])
def test_whoever_follows_the_course_in_the_slot_used_the_seat(prison: Prison, minutes: int) -> None:
    ann = prison.learner()
    prison.seat(ann, 0)
    prison.works(ann, nine(0) + timedelta(minutes=minutes))
    prison.passes(nine(0) + timedelta(minutes=max(minutes, 0)))
    assert prison.happened(0) == ["SeatBooked", "SeatUsed"]
    prison.passes(nine(1))
    assert prison.happened(0) == ["SeatBooked", "SeatUsed"]


@pytest.mark.parametrize("minutes", [-31, 121])
def test_whoever_did_not_missed_it_but_not_before_late_steps_had_time_to_come(
    prison: Prison, minutes: int
) -> None:
    ann = prison.learner()
    prison.seat(ann, 0)
    prison.works(ann, nine(0) + timedelta(minutes=minutes))
    prison.passes(nine(0) + 2 * HOUR + LATE - timedelta(seconds=1))
    assert prison.happened(0) == ["SeatBooked"]
    prison.passes(nine(0) + 2 * HOUR + LATE)
    assert prison.happened(0) == ["SeatBooked", "SeatMissed"]
    assert prison.engagements(ann) == []


def test_nobody_is_absent_while_progress_cannot_be_asked(prison: Prison) -> None:
    ann, ben = prison.learner(), prison.learner()
    prison.seat(ann, 0)
    prison.seat(ben, 0)
    prison.passes(nine(0) + 3 * HOUR)
    prison.answers = False
    prison.passes(nine(3))
    assert prison.happened(0) == ["SeatBooked"] * 2
    prison.policy.heard({"progress": prison.heard_to("progress") + 1})  # it answers, and has more to say
    prison.goes_on()
    assert prison.happened(0) == ["SeatBooked"] * 2
    prison.works(ann, nine(0) + HOUR)
    prison.answers = True
    prison.goes_on()
    assert sorted(prison.happened(0)[2:]) == ["SeatMissed", "SeatUsed"]


def test_steps_that_arrive_late_correct_a_miss_and_free_what_was_booked_instead(prison: Prison) -> None:
    ann = prison.learner()
    prison.seat(ann, 0)
    prison.passes(nine(1))
    prison.seat(ann, 4)
    prison.works(ann, nine(0) + HOUR)
    prison.passes(nine(2))
    assert prison.happened(0) == ["SeatBooked", "SeatMissed", "SeatUsed"]
    assert prison.happened(4) == ["SeatBooked", "SeatReleased"]
    assert prison.engagements(ann) == [prison.slot(0)]  # so that days between the halves are counted from it
    about = {"person_id": ann, "course": COURSE, "half": 2, "slot_id": prison.slot(16)}
    assert refused(prison.application, BookSeat(**prison.said(), **about)) == "gap-between-halves"


def test_the_same_half_booked_again_after_it_was_used_is_left_alone(prison: Prison) -> None:
    """Somebody was not through at the end: that is for the manager to know."""
    ann = prison.learner()
    prison.seat(ann, 0)
    prison.works(ann, nine(0))
    prison.passes(nine(1))
    prison.seat(ann, 3)
    prison.works(ann, nine(0) + HOUR)
    prison.passes(nine(2))
    assert prison.happened(3) == ["SeatBooked"]


def test_a_seat_that_was_moved_is_looked_at_where_it_is_now(prison: Prison) -> None:
    ann = prison.learner()
    prison.seat(ann, 0)
    prison.seat(ann, 2, kind=MoveSeat)
    prison.passes(nine(1))
    assert prison.happened(0) == ["SeatBooked", "SeatMovedAway"]
    prison.works(ann, nine(2))
    prison.passes(nine(3))
    assert prison.happened(2) == ["SeatMoved", "SeatUsed"]


def test_a_seat_missed_released_and_booked_once_more_can_be_missed_once_more(prison: Prison) -> None:
    ann = prison.learner()
    prison.seat(ann, 0)
    about = {"person_id": ann, "course": COURSE, "half": 1}
    done(prison.application, ReleaseSeat(**prison.said(), **about))
    prison.seat(ann, 0)
    prison.passes(nine(1))
    assert prison.happened(0) == ["SeatBooked", "SeatReleased", "SeatBooked", "SeatMissed"]


# --- not needed any more -------------------------------------------------------------------------


def test_who_finishes_in_the_first_slot_frees_the_second(prison: Prison) -> None:
    ann = prison.learner()
    prison.seat(ann, 0, half=1)
    prison.seat(ann, 3, half=2)
    prison.completes(ann, nine(0) + HOUR)
    prison.passes(nine(0) + HOUR)
    assert prison.happened(0) == ["SeatBooked", "SeatUsed"]
    assert prison.happened(3) == ["SeatBooked", "SeatReleased"]
    assert prison.engagements(ann) == [prison.slot(0)]


def test_who_finishes_at_another_time_frees_both(prison: Prison) -> None:
    ann = prison.learner()
    prison.seat(ann, 2, half=1)
    prison.seat(ann, 3, half=2)
    prison.completes(ann, nine(0))
    prison.passes(nine(1))
    assert prison.happened(2) == prison.happened(3) == ["SeatBooked", "SeatReleased"]
    assert prison.engagements(ann) == []


def exempted(prison: Prison, person_id: UUID) -> GrantExemption:
    about = {"person_id": person_id, "course": COURSE, "effective_on": local_day(CLOCK.now)}
    return GrantExemption(**prison.said(), **about, reason="administrative", sentence="A long leave.")


@pytest.mark.parametrize(
    ("needless", "cause"),
    [
        (lambda p, a: WithdrawAssignment(**p.said(), person_id=a, course=COURSE), "withdrawn"),
        (exempted, "withdrawn"),
        (lambda p, a: WithdrawPerson(**p.said(), person_id=a), "left"),
    ],
    ids=["assignment withdrawn", "exempt", "left"],
)
def test_what_is_not_needed_any_more_is_free_and_what_is_over_stays(
    prison: Prison, needless: Callable[[Prison, UUID], Any], cause: str
) -> None:
    ann = prison.learner()
    prison.seat(ann, 0, half=1)
    prison.seat(ann, 5, half=2)
    prison.works(ann, nine(0))
    prison.passes(nine(1))
    done(prison.application, needless(prison, ann))
    prison.passes(nine(2))
    assert prison.happened(0) == ["SeatBooked", "SeatUsed"]
    assert prison.happened(5) == ["SeatBooked", "SeatReleased"]
    page = prison.application.source.page(0, 5_000).model_dump_json()
    said = (item.event for item in SchedulingPage.model_validate_json(page).items)
    causes = [e.cause for e in said if isinstance(e, SeatReleased) and e.slot_id == prison.slot(5)]
    assert causes == [cause]


def test_a_miss_of_somebody_who_needed_no_seat_by_then_is_taken_back(prison: Prison) -> None:
    ann, ben = prison.learner(), prison.learner()
    prison.seat(ann, 2)
    prison.seat(ben, 2)
    prison.passes(nine(3))
    assert prison.happened(2) == ["SeatBooked", "SeatBooked", "SeatMissed", "SeatMissed"]
    prison.completes(ann, nine(1))  # arrives two days late
    prison.completes(ben, nine(2) + 5 * HOUR)  # after the slot: the miss stands
    prison.passes(nine(3) + HOUR)
    assert prison.happened(2)[4:] == ["SeatReleased"]


def test_somebody_who_left_and_is_back_before_anything_followed_keeps_the_seat(prison: Prison) -> None:
    ann = prison.learner()
    prison.seat(ann, 5)
    done(prison.application, WithdrawPerson(**prison.said(), person_id=ann))
    done(prison.application, ReturnPerson(**prison.said(), person_id=ann, unit_id=prison.unit_id))
    prison.goes_on()
    assert prison.happened(5) == ["SeatBooked"]


def test_a_course_that_is_assigned_once_more_is_needed_again(prison: Prison) -> None:
    ann = prison.learner()
    done(prison.application, WithdrawAssignment(**prison.said(), person_id=ann, course=COURSE))
    prison.goes_on()
    done(prison.application, assigning(person_id=ann))
    prison.seat(ann, 5)
    prison.goes_on()
    assert prison.happened(5) == ["SeatBooked"]


def test_nobody_else_may_excuse(prison: Prison) -> None:
    ann = prison.learner()
    prison.seat(ann, 0)
    prison.passes(nine(1))
    about = {"person_id": ann, "course": COURSE, "half": 1, "slot_id": prison.slot(0), "cause": "finished"}
    for by in (OPERATOR, actor(Role.MANAGER)):
        assert refused(prison.application, ExcuseSeat(**prison.said(), **about), by=by) == "not-yours"


# --- killed --------------------------------------------------------------------------------------


class Killed(BaseException):
    """The process ended here."""


Step = Callable[[Prison, pytest.MonkeyPatch], None]


def _dies(target: Any, name: str, monkeypatch: pytest.MonkeyPatch, *, after: bool) -> None:
    original = getattr(target, name)

    def once(*args: Any, **kwargs: Any) -> Any:
        monkeypatch.setattr(target, name, original)
        if after:
            original(*args, **kwargs)
        raise Killed

    monkeypatch.setattr(target, name, once)


STEPS: dict[str, Step] = {
    "before anything is asked": lambda p, m: _dies(p.policy, "due", m, after=False),
    "when it is known what to ask": lambda p, m: _dies(p.policy, "due", m, after=True),
    "before it is committed": lambda p, m: _dies(p.application.log, "append", m, after=False),
    "when it was committed": lambda p, m: _dies(p.application.log, "append", m, after=True),
    "before it is remembered": lambda p, m: _dies(p.policy, "answered", m, after=False),
    "while it is remembered": lambda p, m: _dies(p.policy, "answered", m, after=True),
    "while its own facts are heard": lambda p, m: _dies(p.policy, "apply", m, after=True),
}


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_it_does_the_rest_later_and_nothing_twice(
    prison: Prison, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    came, missed, finished, gone, late = (prison.learner() for _ in range(5))
    for person in (came, missed, finished, gone, late):
        prison.seat(person, 0, half=1)
        prison.seat(person, 6, half=2)
    prison.works(came, nine(0))
    prison.completes(finished, nine(0) + HOUR)
    CLOCK.now = nine(1)
    done(prison.application, WithdrawPerson(**prison.said(), person_id=gone))
    prison.works(gone, nine(0))
    played = 0
    for moment in (nine(1), nine(2)):
        CLOCK.now = moment
        STEPS[step](prison, monkeypatch)
        try:
            prison.goes_on()
        except Killed:
            played += 1
        prison.policy = Seats(CLOCK)  # another process takes over
        prison.goes_on()
        if moment == nine(1):
            prison.seat(late, 5, half=1)
            prison.works(late, nine(0))
    assert played == 2
    said = prison.happened(0)
    assert {kind: said.count(kind) for kind in said} == {"SeatBooked": 5, "SeatUsed": 4, "SeatMissed": 2}
    assert prison.happened(5) == ["SeatBooked", "SeatReleased"]
    assert prison.happened(6) == ["SeatBooked"] * 5 + ["SeatReleased"] * 2
    kept = prison.connection.execute(
        "SELECT count(*) FROM seat_watch WHERE look_at <= %s AND person_id = ANY(%s)",
        (CLOCK.now, [came, missed, finished, gone, late]),
    ).fetchone()
    assert kept == (0,)
    assert booking_id_of(missed, COURSE, 1, 1) in {
        row[0] for row in prison.connection.execute("SELECT booking_id FROM seat_watch WHERE missed")
    }
