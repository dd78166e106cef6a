"""Seats on a real log: rules between rooms, slots, people and due dates; and the race for the last seat."""

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import TypeAdapter

from services.contracts.access import Actor, Role
from services.contracts.message import Done, Refused
from services.contracts.scheduling import AppointManager, WithdrawAssignment
from services.contracts.scheduling.seats import (
    BookSeat,
    CancelSlot,
    ChangeRoom,
    CloseRoom,
    LiftClosure,
    MoveSeat,
    NoteAttendance,
    OpenRoom,
    OpenSlots,
    ReleaseSeat,
    booking_id_of,
    slot_id_of,
)
from services.scheduling.application import Application
from services.scheduling.decisions.matter import SERVICE
from services.scheduling.domain.due import LOCAL
from tests.integration.conftest import Database
from tests.integration.scheduling.words import (
    COURSE,
    NEXT_YEAR,
    OPERATOR,
    actor,
    assigning,
    at_once,
    done,
    events_of,
    interfering,
    join,
    refused,
    told,
    unit,
)

MONDAY = NEXT_YEAR - timedelta(days=NEXT_YEAR.weekday() + 100)
"""A Monday to come, long before the course is due."""

ITSELF = Actor(person_id=SERVICE, roles=frozenset({Role.OPERATOR}), expires_at=OPERATOR.expires_at)


def room(application: Application, prison: UUID, seats: int = 4) -> UUID:
    opening = OpenRoom(**told(), room_id=uuid4(), unit_id=prison, name="Local 1", seats=seats)
    done(application, opening)
    return opening.room_id


def pattern(room_id: UUID, **said: Any) -> OpenSlots:
    day = said.pop("on", MONDAY)
    plain = {"room_id": room_id, "from_on": day, "to_on": day, "starts": "09:00", "minutes": 120}
    return OpenSlots(**{**told(), **plain, **said})


def at(room_id: UUID, days: int = 0, hour: int = 9) -> UUID:
    """The slot of a room so many days after the Monday."""
    day = MONDAY + timedelta(days=days)
    return slot_id_of(room_id, datetime(day.year, day.month, day.day, hour, tzinfo=LOCAL))


def fortnight(application: Application, prison: UUID, seats: int = 4) -> UUID:
    """A room with a slot at nine on each day of three weeks."""
    room_id = room(application, prison, seats)
    done(application, pattern(room_id, to_on=MONDAY + timedelta(days=20)))
    return room_id


def learner(application: Application, prison: UUID, due_on: date = NEXT_YEAR) -> UUID:
    person_id = join(application, prison)
    done(application, assigning(person_id=person_id, due_on=due_on))
    return person_id


def seat(kind: type[Any], person_id: UUID, slot_id: UUID, half: int = 1, **said: Any) -> Any:
    about = {"person_id": person_id, "course": COURSE, "half": half, "slot_id": slot_id}
    return kind(**told(), **about, **said)


def release(person_id: UUID, half: int = 1, **said: Any) -> ReleaseSeat:
    return ReleaseSeat(**told(), person_id=person_id, course=COURSE, half=half, **said)


def why(application: Application, command: Any, by: Actor = OPERATOR) -> Refused:
    (outcome,) = application.desk.execute([(by, command)])
    assert isinstance(outcome, Refused), outcome
    return outcome


@pytest.fixture(scope="module")
def manager(application: Application, prison: UUID) -> Actor:
    person_id = join(application, prison)
    done(application, AppointManager(**told(), unit_id=prison, person_id=person_id))
    return actor(Role.MANAGER, person_id=person_id)


# --- rooms and slots -----------------------------------------------------------------------------


def test_a_pattern_is_opened_once_and_slots_of_a_room_do_not_overlap(
    application: Application, prison: UUID
) -> None:
    here = fortnight(application, prison)
    done(application, pattern(here, to_on=MONDAY + timedelta(days=20)))
    assert events_of(application, at(here, 5)) == ["Opened"]
    overlapping = why(application, pattern(here, starts="10:59"))
    assert overlapping.rule == "slot-overlaps"
    assert overlapping.params["other"] == f"{MONDAY} 09:00"
    done(application, pattern(here, starts="11:00"))
    done(application, pattern(room(application, prison), starts="10:00"))


def test_two_desks_that_open_overlapping_slots_at_once_open_one_of_them(
    make: Callable[[], Application], application: Application, prison: UUID
) -> None:
    here = room(application, prison)
    answers = at_once(make, [(OPERATOR, pattern(here, starts=f"09:0{n}")) for n in range(4)])
    assert sorted(type(answer).__name__ for answer in answers) == ["Done", "Refused", "Refused", "Refused"]


def test_a_room_that_closes_frees_its_seats_and_opens_no_slots_meanwhile(
    application: Application, prison: UUID, manager: Actor
) -> None:
    here = fortnight(application, prison)
    ann, ben = learner(application, prison), learner(application, prison)
    done(application, seat(BookSeat, ann, at(here, 1)), seat(BookSeat, ben, at(here, 8)), by=manager)
    about = {"room_id": here, "closure_id": uuid4()}
    closing = CloseRoom(**told(), **about, from_on=MONDAY, to_on=MONDAY + timedelta(days=3), reason="Travaux")
    done(application, closing, by=manager)
    assert events_of(application, at(here, 1)) == ["Opened", "SeatBooked", "SeatReleased", "Cancelled"]
    assert events_of(application, at(here, 8)) == ["Opened", "SeatBooked"]
    assert refused(application, pattern(here, on=MONDAY + timedelta(days=1))) == "room-closed"
    assert refused(application, seat(BookSeat, ann, at(here, 1))) == "slot-cancelled"
    done(application, seat(BookSeat, ann, at(here, 8)))  # free to be booked again
    done(application, LiftClosure(**told(), **about), by=manager)
    done(application, pattern(here, on=MONDAY + timedelta(days=1)), by=manager)
    assert events_of(application, at(here, 1))[-1] == "OpenedAgain"


def test_a_booking_that_comes_while_the_room_closes_is_freed_too(
    application: Application, make: Callable[[], Application], prison: UUID
) -> None:
    here = fortnight(application, prison)
    ann, rival = learner(application, prison), make()
    came = interfering(application, lambda: done(rival, seat(BookSeat, ann, at(here, 2))) and None)
    days = {"from_on": MONDAY, "to_on": MONDAY + timedelta(days=20)}
    done(application, CloseRoom(**told(), room_id=here, closure_id=uuid4(), **days, reason="Panne"))
    assert came
    assert events_of(application, at(here, 2)) == ["Opened", "SeatBooked", "SeatReleased", "Cancelled"]


def test_a_room_is_not_made_smaller_than_those_who_are_booked(application: Application, prison: UUID) -> None:
    here = fortnight(application, prison, seats=3)
    for _ in range(2):
        done(application, seat(BookSeat, learner(application, prison), at(here)))
    about = {"room_id": here, "name": "Local 1"}
    assert refused(application, ChangeRoom(**told(), **about, seats=1)) == "seats-taken"
    assert events_of(application, here) == ["Opened"]
    done(application, ChangeRoom(**told(), **about, seats=2))
    assert refused(application, seat(BookSeat, learner(application, prison), at(here))) == "slot-full"


def test_a_cancelled_slot_frees_its_seats(application: Application, prison: UUID, manager: Actor) -> None:
    here = fortnight(application, prison)
    ann = learner(application, prison)
    done(application, seat(BookSeat, ann, at(here)))
    done(application, CancelSlot(**told(), slot_id=at(here), reason="Panne"), by=manager)
    done(application, pattern(here, starts="10:00"))  # its time is free for another
    done(application, seat(BookSeat, ann, at(here, hour=10)))


# --- who may, and who can ------------------------------------------------------------------------


def test_managers_plan_their_own_people_in_rooms_of_their_prison(
    application: Application, prison: UUID, manager: Actor
) -> None:
    other_prison, team = unit(), unit(prison)
    done(application, other_prison, team)
    here, elsewhere = fortnight(application, prison), fortnight(application, other_prison.unit_id)
    theirs, stranger = learner(application, prison), learner(application, other_prison.unit_id)
    done(application, seat(BookSeat, theirs, at(here)), by=manager)
    for foreign in (
        seat(BookSeat, stranger, at(here, 1)),
        seat(BookSeat, theirs, at(elsewhere, 1), half=2),
        seat(BookSeat, theirs, uuid4(), half=2),
        pattern(elsewhere, starts="14:00"),
        CancelSlot(**told(), slot_id=at(elsewhere), reason="?"),
        release(stranger),
        OpenRoom(**told(), room_id=uuid4(), unit_id=other_prison.unit_id, name="X", seats=1),
    ):
        assert refused(application, foreign, by=manager) == "not-yours"
    chief = join(application, team.unit_id)
    done(application, AppointManager(**told(), unit_id=team.unit_id, person_id=chief))
    of_team = actor(Role.MANAGER, person_id=chief)
    member = learner(application, team.unit_id)
    done(application, seat(BookSeat, member, at(here)), by=of_team)  # in the room of their prison
    assert refused(application, seat(BookSeat, theirs, at(here, 1), half=2), by=of_team) == "not-yours"


def test_nobody_but_scheduling_says_who_came_or_that_a_course_is_finished(
    application: Application, prison: UUID, manager: Actor
) -> None:
    here = fortnight(application, prison)
    ann = learner(application, prison)
    done(application, seat(BookSeat, ann, at(here)))
    for by in (manager, OPERATOR):
        assert refused(application, seat(NoteAttendance, ann, at(here), came=True), by=by) == "not-yours"
        assert refused(application, release(ann, cause="finished"), by=by) == "not-yours"
    done(application, release(ann, cause="finished"), by=ITSELF)


def test_nobody_is_in_two_places_at_once_and_the_refusal_names_where(
    application: Application, prison: UUID, manager: Actor
) -> None:
    here, there = fortnight(application, prison), room(application, prison)
    done(application, pattern(there, starts="10:00"))
    ann = learner(application, prison)
    done(application, seat(BookSeat, ann, at(here)))
    conflict = why(application, seat(BookSeat, ann, at(there, hour=10), half=2), by=manager)
    assert conflict.rule == "person-engaged"
    assert conflict.params == {
        "kind": "slot",
        "place_id": str(at(here)),
        "at": f"{MONDAY} 09:00",
        "until": f"{MONDAY} 11:00",
    }
    done(application, seat(MoveSeat, ann, at(there, hour=10)))  # what one leaves is not in the way


def test_a_half_is_booked_once_moves_and_is_given_up(application: Application, prison: UUID) -> None:
    here = fortnight(application, prison, seats=1)
    ann, ben = learner(application, prison), learner(application, prison)
    done(application, seat(BookSeat, ann, at(here)))
    done(application, seat(BookSeat, ann, at(here)))  # the same once more
    assert refused(application, seat(BookSeat, ann, at(here, 1))) == "seat-booked"
    assert refused(application, seat(BookSeat, ben, at(here))) == "slot-full"
    done(application, seat(BookSeat, ben, at(here, 1)))
    assert refused(application, seat(MoveSeat, ann, at(here, 1))) == "slot-full"
    done(application, seat(MoveSeat, ann, at(here, 2)))
    assert events_of(application, at(here)) == ["Opened", "SeatBooked", "SeatMovedAway"]
    done(application, release(ann))
    assert refused(application, release(ann)) == "booking-unknown"
    assert refused(application, seat(MoveSeat, ann, at(here))) == "booking-unknown"
    done(application, seat(BookSeat, ann, at(here)))


def test_gap_and_due_date_are_kept_unless_they_are_set_aside(
    application: Application, prison: UUID, manager: Actor
) -> None:
    here = fortnight(application, prison)
    ann = learner(application, prison, due_on=MONDAY + timedelta(days=16))
    done(application, seat(BookSeat, ann, at(here, 1)), by=manager)
    assert refused(application, seat(BookSeat, ann, at(here, 0), half=2), by=manager) == "halves-out-of-order"
    too_far = why(application, seat(BookSeat, ann, at(here, 16), half=2), by=manager)
    assert (too_far.rule, too_far.params["days"]) == ("gap-between-halves", "15")
    late = seat(BookSeat, ann, at(here, 18), half=2, despite=["gap-between-halves"])
    assert refused(application, late, by=manager) == "after-due-date"
    both = ["gap-between-halves", "after-due-date"]
    done(application, seat(BookSeat, ann, at(here, 18), half=2, despite=both), by=manager)
    (event,) = application.log.select(
        "SELECT convert_from(state, 'UTF8')::json -> 'despite' FROM stored_events"
        " WHERE originator_id = %s AND topic LIKE '%%SeatBooked'",
        (at(here, 18),),
    )
    assert event[0] == both
    done(application, seat(MoveSeat, ann, at(here, 10), half=2))
    order = seat(MoveSeat, ann, at(here, 12), despite=both)
    assert refused(application, order) == "halves-out-of-order"  # never set aside


def test_a_seat_is_for_a_course_that_is_assigned(application: Application, prison: UUID) -> None:
    here = fortnight(application, prison)
    ann = join(application, prison)
    assert refused(application, seat(BookSeat, ann, at(here))) == "assignment-unknown"
    done(application, assigning(person_id=ann))
    done(application, seat(BookSeat, ann, at(here)))
    ben = learner(application, prison)
    done(application, WithdrawAssignment(**told(), person_id=ben, course=COURSE))
    assert refused(application, seat(BookSeat, ben, at(here))) == "assignment-unknown"


def test_managers_book_nothing_that_has_begun(application: Application, prison: UUID, manager: Actor) -> None:
    here = room(application, prison)
    past = date.today() - timedelta(days=3)  # noqa: DTZ011 - whichever day it is here
    assert refused(application, pattern(here, on=past), by=manager) == "slot-past"
    done(application, pattern(here, on=past))  # an operator brings in what was
    begun = slot_id_of(here, datetime(past.year, past.month, past.day, 9, tzinfo=LOCAL))
    ann = learner(application, prison)
    assert refused(application, seat(BookSeat, ann, begun), by=manager) == "slot-past"
    done(application, seat(BookSeat, ann, begun))
    assert refused(application, release(ann), by=manager) == "slot-past"
    done(application, seat(NoteAttendance, ann, begun, came=False), by=ITSELF)
    next_time = fortnight(application, prison)
    done(application, seat(BookSeat, ann, at(next_time)), by=manager)  # who was missed is booked again


# --- at once -------------------------------------------------------------------------------------


def test_one_booking_made_at_once_for_two_slots_is_one(
    make: Callable[[], Application], application: Application, prison: UUID
) -> None:
    here = fortnight(application, prison)
    ann = learner(application, prison)
    answers = at_once(make, [(OPERATOR, seat(BookSeat, ann, at(here, n))) for n in range(4)])
    assert sorted(type(answer).__name__ for answer in answers) == ["Done", "Refused", "Refused", "Refused"]
    booked = [n for n in range(4) if "SeatBooked" in events_of(application, at(here, n))]
    rows = application.log.select(
        "SELECT place_id FROM engagement WHERE engagement_id = %s", (booking_id_of(ann, COURSE, 1, 1),)
    )
    assert [at(here, n) for n in booked] == [row[0] for row in rows]


RACER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4
from services.backbone.log import StoreAway
from services.scheduling.application import Application
from services.contracts.scheduling.seats import BookSeat
from tests.integration.scheduling.words import OPERATOR

url, key, slot, *people = sys.argv[1:]
application = Application(url, Path(key), on_commit=lambda _: None)
said = {"course": "recognising", "half": 1, "slot_id": UUID(slot)}
commands = [
    BookSeat(command_id=uuid4(), occurred_at=datetime.now(UTC), person_id=UUID(person), **said)
    for person in people
]
print("ready", flush=True)
sys.stdin.readline()
for command in commands:
    while True:
        try:
            print(application.desk.execute([(OPERATOR, command)])[0].outcome, flush=True)
            break
        except StoreAway:
            continue
"""


def test_the_race_for_the_last_seats_between_processes_gives_as_many_as_there_are(
    application: Application, database: Database, environment: dict[str, str], prison: UUID
) -> None:
    seats, copies, each = 7, 4, 5
    here = fortnight(application, prison, seats=seats)
    people = [learner(application, prison) for _ in range(copies * each)]
    racers = [
        subprocess.Popen(
            [
                sys.executable,
                *("-c", RACER, database.url, environment["PARCOURS_ACTOR_PUBLIC_KEY"], str(at(here))),
                *(str(person) for person in people[n::copies]),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": "."},
        )
        for n in range(copies)
    ]
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:  # to all of them first: who waits for one to end has them run one after another
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    told_all = [racer.communicate(timeout=60)[0].split() for racer in racers]
    answers = sorted(answer for told_one in told_all for answer in told_one)
    assert answers == ["accepted"] * seats + ["refused"] * (len(people) - seats)
    assert events_of(application, at(here)).count("SeatBooked") == seats
    rows = application.log.select("SELECT count(*) FROM engagement WHERE place_id = %s", (at(here),))
    assert rows == [(seats,)]


def test_many_bookings_in_one_batch_fill_a_slot_and_no_more(application: Application, prison: UUID) -> None:
    here = fortnight(application, prison, seats=3)
    people = [learner(application, prison) for _ in range(5)]
    batch = [(OPERATOR, seat(BookSeat, person, at(here))) for person in people]
    outcomes = application.desk.execute(batch)
    assert [type(outcome) for outcome in outcomes] == [Done] * 3 + [Refused] * 2
    assert TypeAdapter(list[str]).validate_python([o.rule for o in outcomes[3:]]) == ["slot-full"] * 2  # type: ignore[union-attr]
