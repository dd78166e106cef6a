"""Proposals as jobs: asked for, made in a child process from what is booked now, begun again after a crash."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from services.backbone.follower import apply_page, checkpoint
from services.contracts.access import Actor, Role
from services.contracts.message import FeedItem, FeedPage
from services.contracts.progress import CourseCompleted, record_id_of
from services.contracts.rules import Rule, RuleBroken
from services.contracts.scheduling import AppointManager, SchedulingPage
from services.contracts.scheduling.proposals import AskProposals, PlanProposal, ProposePlan
from services.contracts.scheduling.seats import BookSeat, OpenRoom, OpenSlots
from services.scheduling.application import Application
from services.scheduling.domain.due import add_days, local_day
from services.scheduling.proposals import line, making, planner
from services.scheduling.proposals.desk import organisation_in
from services.scheduling.proposals.ground import Ground
from services.scheduling.proposals.making import make_one
from services.scheduling.proposals.planner import Planner
from services.scheduling.proposals.situation import situation
from tests.integration.conftest import ROOT, Database
from tests.integration.scheduling.words import COURSE, actor, assigning, done, join, told, unit
from tests.support.examples import PUBLISHED

TODAY = local_day(datetime.now(UTC))
MONDAY = add_days(TODAY, 7 - TODAY.weekday())
FRIDAY_AFTER = add_days(MONDAY, 11)


@dataclass
class Prison:
    """A prison with one room, a manager and people to whom the course is assigned."""

    application: Application
    connection: psycopg.Connection[Any]
    unit_id: UUID
    room_id: UUID
    manager: Actor
    people: list[UUID]

    def slots(self, *days: int, seats: int = 2) -> None:
        for day in days:
            opening = OpenSlots(
                **told(),
                room_id=self.room_id,
                from_on=add_days(MONDAY, day),
                to_on=add_days(MONDAY, day),
                starts="09:00",
                minutes=120,
                seats=seats,
            )
            done(self.application, opening)

    def asking(self, due_on: date = FRIDAY_AFTER) -> ProposePlan:
        return ProposePlan(proposal_id=uuid4(), unit_id=self.unit_id, course=COURSE, due_on=due_on)

    def hear(self) -> None:
        """Follow our own feed to its head."""
        ground = Ground()
        with self.connection.cursor() as tx:
            after = checkpoint(tx, ground.name, "scheduling")
        while True:
            page = self.application.source.page(after, 5_000)
            read = SchedulingPage.model_validate_json(page.model_dump_json())
            if not read.items:
                return
            after = apply_page(self.connection, [ground], "scheduling", after, read)

    def make(self, seconds: float = 5.0) -> bool:
        """What the child does."""
        log = self.application.log
        return make_one(
            self.application.proposals._database_url,
            lambda tx, asked: situation(tx, organisation_in(log), asked, datetime.now(UTC)),
            seconds,
        )

    def proposed(self, due_on: date = FRIDAY_AFTER) -> PlanProposal:
        self.hear()
        asked = self.asking(due_on)
        self.application.proposals.propose(self.manager, asked)
        assert self.make()
        return self.application.proposals.proposal(self.manager, asked.proposal_id)


@pytest.fixture
def connection(database: Database) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute("DELETE FROM proposal")
        connection.execute(
            "INSERT INTO ground_course VALUES (%s, 1, %s) ON CONFLICT DO NOTHING",
            (COURSE, PUBLISHED.sittings),
        )
        yield connection


@pytest.fixture
def prison(application: Application, connection: psycopg.Connection[Any]) -> Prison:
    made, offices = unit(), unit()
    done(application, made, offices)
    manager = actor(Role.MANAGER, person_id=join(application, offices.unit_id))
    appointed = AppointManager(**told(), unit_id=made.unit_id, person_id=manager.person_id)
    room = OpenRoom(**told(), room_id=uuid4(), unit_id=made.unit_id, name="A12", seats=4)
    done(application, appointed, room)
    people = [join(application, made.unit_id) for _ in range(3)]
    done(application, assigning(unit_id=made.unit_id))
    return Prison(application, connection, made.unit_id, room.room_id, manager, people)


def rule_of(asking: Callable[[], object]) -> str:
    with pytest.raises(RuleBroken) as broken:
        asking()
    return broken.value.rule


# --- what is proposed ----------------------------------------------------------------------------


def test_everybody_gets_two_seats_and_accepting_them_is_ordinary_booking(prison: Prison) -> None:
    prison.slots(0, 3, seats=3)
    proposal = prison.proposed()
    assert proposal.state == "done" and not proposal.not_placed
    assert {slot.room for slot in proposal.slots} == {"A12"}
    assert proposal.quality is not None
    assert (proposal.quality.placed, proposal.quality.placed_bound, proposal.quality.days) == (3, 3, 2)
    assert sorted((s.person_id, s.half) for s in proposal.seats) == sorted(
        (person, half) for person in prison.people for half in (1, 2)
    )
    bookings = [
        BookSeat(
            **told(),
            person_id=seat.person_id,
            course=COURSE,
            period=seat.period,
            half=seat.half,
            slot_id=seat.slot_id,
        )
        for seat in proposal.seats
    ]
    done(prison.application, *bookings, by=prison.manager)
    told_again = prison.application.proposals.proposal(prison.manager, proposal.proposal_id)
    assert not any(seat.booked for seat in proposal.seats) and all(seat.booked for seat in told_again.seats)
    assert prison.proposed().failure == "nobody"


def test_seats_that_are_taken_are_not_proposed_and_the_missing_one_is_named(prison: Prison) -> None:
    prison.slots(0, 3, 4, seats=2)
    proposal = prison.proposed()
    assert len(proposal.seats) == 6  # six seats, six halves
    first = next(seat for seat in proposal.seats if seat.half == 2)
    taken = BookSeat(**told(), person_id=first.person_id, course=COURSE, half=2, slot_id=first.slot_id)
    done(prison.application, taken, by=prison.manager)
    again = prison.proposed()
    assert [seat.half for seat in again.seats if seat.person_id == first.person_id] == [1]
    prison.people.append(join(prison.application, prison.unit_id))
    done(prison.application, assigning(person_id=prison.people[-1]))
    (left_out,) = prison.proposed().not_placed
    assert left_out.obstacles == ("seats",) and left_out.remedies[0].slots


def test_who_completed_the_course_or_need_not_follow_it_gets_no_seat(prison: Prison) -> None:
    prison.slots(0, 3)
    ann, bob, _ = prison.people
    event = CourseCompleted(
        record_id=record_id_of(ann, COURSE),
        person_id=ann,
        course=COURSE,
        course_version=1,
        validity_months=24,
        occurred_at=datetime.now(UTC),
    )
    with prison.connection.cursor() as tx:
        after = checkpoint(tx, Ground.name, "progress")
    item = FeedItem(
        position=after + 1,
        stream_id=event.record_id,
        stream_version=9,
        recorded_at=datetime.now(UTC),
        actor=ann,
        command_id=uuid4(),
        topic="told",
        digest="0" * 64,
        event=event,
    )
    page = FeedPage[CourseCompleted](feed="progress", items=(item,), position=after + 1, head=after + 1)
    apply_page(prison.connection, [Ground()], "progress", after, page)
    proposal = prison.proposed()
    assert ann not in {seat.person_id for seat in proposal.seats} and bob in {
        seat.person_id for seat in proposal.seats
    }


def test_without_slots_and_without_people_there_is_no_plan_and_it_is_said(prison: Prison) -> None:
    assert prison.proposed().failure == "no_slots"


# --- who may ask, and how often ------------------------------------------------------------------


def test_only_who_is_responsible_asks_and_reads(prison: Prison) -> None:
    proposals, stranger = prison.application.proposals, actor(Role.MANAGER)
    asked = prison.asking()
    assert rule_of(lambda: proposals.propose(stranger, asked)) == Rule.NOT_YOURS
    proposals.propose(prison.manager, asked)
    assert rule_of(lambda: proposals.proposal(stranger, asked.proposal_id)) == Rule.NOT_YOURS
    assert proposals.proposals(stranger, AskProposals()).proposals == ()
    assert [p.proposal_id for p in proposals.proposals(prison.manager, AskProposals()).proposals] == [
        asked.proposal_id
    ]


def test_what_cannot_be_asked_is_refused(prison: Prison) -> None:
    proposals, manager = prison.application.proposals, prison.manager
    past = prison.asking(add_days(TODAY, -1))
    assert rule_of(lambda: proposals.propose(manager, past)) == Rule.DUE_DATE_PAST
    other = prison.asking().model_copy(update={"course": "unheard-of"})
    assert rule_of(lambda: proposals.propose(manager, other)) == Rule.COURSE_UNKNOWN
    assert rule_of(lambda: proposals.proposal(manager, uuid4())) == Rule.PROPOSAL_UNKNOWN


def test_the_same_question_is_one_job_and_a_second_one_waits_its_turn(
    prison: Prison, monkeypatch: pytest.MonkeyPatch
) -> None:
    proposals, asked = prison.application.proposals, prison.asking()
    assert proposals.propose(prison.manager, asked) == proposals.propose(prison.manager, asked)
    later = asked.model_copy(update={"due_on": add_days(FRIDAY_AFTER, 1)})
    assert rule_of(lambda: proposals.propose(prison.manager, later)) == Rule.COMMAND_ID_TAKEN
    assert rule_of(lambda: proposals.propose(prison.manager, prison.asking())) == Rule.PROPOSAL_IN_HAND
    monkeypatch.setattr(line, "WAITING_MAX", 1)
    other = actor(Role.MANAGER, person_id=prison.people[0])
    appointed = AppointManager(**told(), unit_id=prison.unit_id, person_id=other.person_id)
    done(prison.application, appointed)
    assert rule_of(lambda: proposals.propose(other, prison.asking())) == Rule.PROPOSALS_WAITING


def test_too_many_people_are_refused_before_they_are_planned(
    prison: Prison, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "PEOPLE_MAX", 2)
    prison.slots(0)
    assert prison.proposed().failure == "too_many"


def test_old_proposals_go(prison: Prison) -> None:
    old = prison.proposed()
    prison.connection.execute("UPDATE proposal SET asked_at = asked_at - interval '31 days'")
    prison.proposed()
    proposals = prison.application.proposals
    assert rule_of(lambda: proposals.proposal(prison.manager, old.proposal_id)) == Rule.PROPOSAL_UNKNOWN


def test_a_fault_of_ours_ends_the_proposal_and_not_the_planner(prison: Prison) -> None:
    asked = prison.asking()
    prison.application.proposals.propose(prison.manager, asked)

    def faulty(*_: object) -> Any:
        raise KeyError("a fault")

    assert make_one(prison.application.proposals._database_url, faulty)
    found = prison.application.proposals.proposal(prison.manager, asked.proposal_id)
    assert (found.state, found.failure) == ("failed", "fault: KeyError")
    assert not prison.make()


# --- processes -----------------------------------------------------------------------------------


@contextmanager
def working(database: Database, *command: str) -> Iterator[None]:
    over = threading.Event()
    thread = threading.Thread(target=Planner(database.url, command).run, args=(over.is_set,))
    thread.start()
    yield
    over.set()
    thread.join(10)
    assert not thread.is_alive()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planner, "LOOK_SECONDS", 0.02)


def until(prison: Prison, asked: ProposePlan, state: str) -> PlanProposal:
    deadline = time.monotonic() + 30
    while True:
        found = prison.application.proposals.proposal(prison.manager, asked.proposal_id)
        if found.state == state:
            return found
        assert time.monotonic() < deadline, found.state
        time.sleep(0.05)


def asked_of(prison: Prison) -> ProposePlan:
    prison.hear()
    asked = prison.asking()
    prison.application.proposals.propose(prison.manager, asked)
    return asked


@pytest.mark.usefixtures("quick")
def test_the_child_that_work_starts_makes_the_proposal(
    prison: Prison, database: Database, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    prison.slots(0, 3, seats=3)
    for name, value in {
        "SCHEDULING_DATABASE_URL": database.url,
        "SCHEDULING_AMQP_URI": "amqp://nobody",
        "PARCOURS_ACTOR_PUBLIC_KEY": environment["PARCOURS_ACTOR_PUBLIC_KEY"],
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(ROOT)
    asked = asked_of(prison)
    with working(database, *planner.PLAN):
        assert len(until(prison, asked, "done").seats) == 6


TAKES_AND_DIES = """
import psycopg, os, sys
with psycopg.connect(sys.argv[1], autocommit=True) as database:
    database.execute("UPDATE proposal SET state = 'running', begun = begun + 1 WHERE state = 'waiting'")
os.kill(os.getpid(), 9)
"""


@pytest.mark.usefixtures("quick")
def test_a_proposal_whose_planner_is_killed_is_begun_again_and_not_for_ever(
    prison: Prison, database: Database
) -> None:
    asked = asked_of(prison)
    with working(database, sys.executable, "-c", TAKES_AND_DIES, database.url):
        assert until(prison, asked, "failed").failure == "interrupted"
    row = prison.connection.execute("SELECT begun FROM proposal").fetchone()
    assert row == (line.BEGUN_MAX,)


@pytest.mark.usefixtures("quick")
def test_what_ran_when_work_went_away_is_made_by_the_next(prison: Prison, database: Database) -> None:
    prison.slots(0, 3, seats=3)
    asked = asked_of(prison)
    assert line.take(prison.connection) is not None  # and then nothing: everything was killed
    with working(database, sys.executable, "-c", "pass"):
        until(prison, asked, "waiting")
    assert prison.make()
    assert until(prison, asked, "done").seats


PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", sys.argv[1]])
print(child.pid, flush=True)
time.sleep(60)
"""
CHILD = """
import time
from services.scheduling.proposals.planner import end_with_parent
end_with_parent()
time.sleep(60)
"""


def test_the_child_ends_with_the_work_that_began_it() -> None:
    command = [sys.executable, "-c", PARENT, CHILD]
    parent = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    time.sleep(1.0)  # it watches its parent by then, or sees another one at once
    assert _lives(child)
    parent.send_signal(signal.SIGKILL)
    parent.wait(10)
    deadline = time.monotonic() + 10
    while _lives(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _lives(child)
    parent.stdout.close()


LOADED = """
import sys
import services.scheduling.service, services.scheduling.proposals.planner, services.scheduling.importer
print("ortools" in sys.modules)
import services.scheduling.proposals.making
print("ortools" in sys.modules)
"""


def test_only_the_child_loads_the_solver() -> None:
    """It takes as much memory as all else together."""
    told = subprocess.run([sys.executable, "-c", LOADED], cwd=ROOT, capture_output=True, text=True)
    assert told.stdout.split() == ["False", "True"], told.stderr


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
