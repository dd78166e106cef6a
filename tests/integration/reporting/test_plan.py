"""The plan as the manager sees it: rooms, slots, who sits there, who is to be planned; and who may ask."""

from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest

from services.contracts.access import Actor, Role
from services.contracts.reporting.seats import AskLostSeats, AskMyPlan, AskPersonPlan, AskPlan, AskSeats, Plan
from services.contracts.rules import Rule, RuleBroken
from services.contracts.scheduling import AssignmentWithdrawn, assignment_id_of, seats
from services.contracts.scheduling.seats import booking_id_of, slot_id_of
from services.reporting.application import Application
from tests.integration.reporting.asking import COURSE, actor
from tests.integration.reporting.conftest import Live
from tests.integration.reporting.world import START, World

NOW = START + timedelta(days=10)
MONDAY = (START + timedelta(days=14)).replace(hour=8)
HOURS = ({"weekday": 1, "opens": "08:00", "closes": "18:00"},)


@pytest.fixture
def now() -> datetime:
    return NOW


class Told:
    """A prison with a room, its people, and what happens with their seats."""

    def __init__(self, seed: int = 3) -> None:
        self.world = World(Random(seed), people_count=0)
        self.prison, self.other = self.world.prisons[:2]
        self.team = self.world.teams[0]
        self.manager, self.chief, self.ann, self.ben, self.zoe = (self.world.uuid() for _ in range(5))
        for number, (person, unit) in enumerate(
            [
                (self.manager, self.prison),
                (self.chief, self.team),
                (self.ann, self.team),
                (self.ben, self.prison),
                (self.zoe, self.other),
            ]
        ):
            self.world.place(person, unit)
            self.world.name(person, number)
        self.world.appoint(self.manager, self.prison)
        self.world.appoint(self.chief, self.team)
        self.room = self.world.uuid()
        self.say(
            seats.RoomOpened,
            room_id=self.room,
            unit_id=self.prison,
            name="Local 1",
            seats=4,
            hours=HOURS,
        )

    def say(self, kind: Any, **fields: Any) -> None:
        self.world.say("scheduling", kind(occurred_at=START, **fields))

    def at(self, days: int) -> dict[str, Any]:
        starts_at = MONDAY + timedelta(days=days)
        about = {"slot_id": slot_id_of(self.room, starts_at), "room_id": self.room}
        return {**about, "starts_at": starts_at, "ends_at": starts_at + timedelta(hours=2)}

    def open(self, *days: int, seats_: int = 4) -> None:
        for day in days:
            self.say(seats.SlotOpened, **self.at(day), unit_id=self.prison, seats=seats_)

    def seat(self, kind: Any, person: UUID, day: int, half: int = 1, **more: Any) -> None:
        if kind in (seats.SeatBooked, seats.SeatMoved):
            more.setdefault("despite", ())
        what = {"person_id": person, "course": COURSE, "period": 1, "half": half}
        self.say(kind, **self.at(day), **what, booking_id=booking_id_of(person, COURSE, 1, half), **more)

    def slot(self, day: int) -> UUID:
        return self.at(day)["slot_id"]  # type: ignore[no-any-return]

    def assign(self, person: UUID, days: int) -> None:
        self.world.assign(person, COURSE, (MONDAY + timedelta(days=days)).date())


def everything() -> Told:
    """Each thing that can happen to a seat, at least once."""
    told = Told()
    told.open(-10, 0, 1, 2, 3)
    told.assign(told.ann, 20)
    told.assign(told.ben, 5)
    told.seat(seats.SeatBooked, told.ann, -10)
    told.seat(seats.SeatMissed, told.ann, -10)
    told.seat(seats.SeatBooked, told.ben, 0)
    told.seat(seats.SeatMoved, told.ben, 1, from_slot_id=told.slot(0))
    told.seat(seats.SeatBooked, told.ben, 2, half=2)
    told.seat(seats.SeatReleased, told.ben, 2, half=2, cause="cancelled")
    told.seat(seats.SeatBooked, told.zoe, 1)
    told.seat(seats.SeatBooked, told.ann, 3, half=2)
    told.seat(seats.SeatReleased, told.ann, 3, half=2, cause="closed")
    told.say(seats.SlotCancelled, slot_id=told.slot(3), reason="Panne")
    told.say(seats.SlotResized, slot_id=told.slot(1), seats=3)
    told.say(
        seats.RoomClosed,
        room_id=told.room,
        closure_id=UUID(int=4),
        from_on=(MONDAY + timedelta(days=3)).date(),
        to_on=(MONDAY + timedelta(days=3)).date(),
        reason="Panne",
    )
    return told


def week(application: Application, by: Actor, unit: UUID, course: str | None = COURSE) -> Plan:
    return application.plan(by, AskPlan(unit_id=unit, from_on=MONDAY.date(), course=course))


def test_a_week_shows_rooms_slots_seats_and_who_is_to_be_planned(
    live: Live, application: Application
) -> None:
    told = everything()
    live.catch_up(told.world)
    plan = week(application, actor(told.manager, Role.MANAGER), told.prison)
    (room,) = plan.rooms
    assert (room.name, room.seats, room.yours, len(room.closures)) == ("Local 1", 4, True, 1)
    assert [(slot.slot_id, slot.seats, slot.taken) for slot in plan.slots] == [
        (told.slot(0), 4, 0),
        (told.slot(1), 3, 2),
        (told.slot(2), 4, 0),
    ]
    # Zoë is of another prison: her seat is counted, and she is not named.
    assert [(p.person_id, p.family_name) for p in plan.slots[1].people] == [(told.ben, "Family 3")]
    ben, ann = plan.to_plan  # by due date
    assert (ben.person_id, [(h.half, h.state) for h in ben.halves]) == (told.ben, [(1, "booked")])
    assert (ann.person_id, [(h.half, h.state) for h in ann.halves]) == (
        told.ann,
        [(1, "missed"), (2, "closed")],
    )


def test_what_was_lost_and_booked_again_is_planned(live: Live, application: Application) -> None:
    told = everything()
    told.seat(seats.SeatBooked, told.ann, 2)
    live.catch_up(told.world)
    plan = week(application, actor(told.manager, Role.MANAGER), told.prison)
    assert [(h.half, h.state) for h in plan.to_plan[1].halves] == [(1, "booked"), (2, "closed")]
    assert plan.to_plan[1].halves[0].slot_id == told.slot(2)


def test_who_is_responsible_for_a_team_sees_the_rooms_of_its_prison_and_their_own_people(
    live: Live, application: Application
) -> None:
    told = everything()
    live.catch_up(told.world)
    chief = actor(told.chief, Role.MANAGER)
    plan = week(application, chief, told.team)
    assert [room.yours for room in plan.rooms] == [False]
    assert [slot.taken for slot in plan.slots] == [0, 2, 0]
    assert [slot.people for slot in plan.slots] == [(), (), ()]
    assert [each.person_id for each in plan.to_plan] == [told.ann]
    for refused in (
        lambda: week(application, chief, told.prison),
        lambda: application.person_plan(chief, AskPersonPlan(person_id=told.ben)),
        lambda: application.seats(
            chief, AskSeats(unit_id=told.prison, from_on=MONDAY.date(), to_on=MONDAY.date())
        ),
    ):
        with pytest.raises(RuleBroken) as broken:
            refused()
        assert broken.value.rule is Rule.NOT_YOURS


def test_a_person_sees_when_and_where_they_are_expected(live: Live, application: Application) -> None:
    told = everything()
    live.catch_up(told.world)
    mine = application.my_plan(actor(told.ben, Role.LEARNER), AskMyPlan())
    assert [(line.half, line.state, line.room_name) for line in mine.lines] == [(1, "booked", "Local 1")]
    assert mine.lines[0].starts_at == MONDAY + timedelta(days=1)
    theirs = application.person_plan(actor(told.manager, Role.MANAGER), AskPersonPlan(person_id=told.ben))
    assert theirs.lines == mine.lines


def test_seats_are_counted_by_what_became_of_them(live: Live, application: Application) -> None:
    told = everything()
    told.seat(seats.SeatBooked, told.ben, -10, half=2)
    told.seat(seats.SeatMissed, told.ben, -10, half=2)
    told.seat(seats.SeatUsed, told.ben, -10, half=2)  # who came late came
    live.catch_up(told.world)
    asked = AskSeats(
        unit_id=told.prison,
        from_on=(MONDAY - timedelta(days=30)).date(),
        to_on=(MONDAY + timedelta(days=30)).date(),
    )
    use = application.seats(actor(told.manager, Role.MANAGER), asked)
    assert use.total.model_dump() == {
        "seats": 4,
        "planned": 2,
        "used": 1,
        "missed": 1,
        "empty": 2,
        "seats_to_come": 11,
        "planned_to_come": 2,
    }
    assert [line.figures for line in use.rooms] == [use.total]


def test_who_lost_a_seat_and_still_needs_one_is_told_until_there_is_another(
    live: Live, application: Application
) -> None:
    told = everything()
    live.catch_up(told.world)
    by = actor(told.manager, Role.MANAGER)
    asked = AskLostSeats(unit_id=told.prison)
    lines = application.lost_seats(by, asked).lines
    assert [(line.person_id, line.half, line.state, line.missed) for line in lines] == [
        (told.ann, 1, "missed", 1),
        (told.ann, 2, "closed", 0),
    ]
    assert (lines[0].room_name, lines[0].due_on) == ("Local 1", (MONDAY + timedelta(days=20)).date())
    assert application.lost_seats(by, asked.model_copy(update={"course": "another"})).lines == ()
    told.seat(seats.SeatBooked, told.ann, 1)
    live.catch_up(told.world)
    assert [line.half for line in application.lost_seats(by, asked).lines] == [2]
    told.seat(seats.SeatMissed, told.ann, 1)
    live.catch_up(told.world)
    again = application.lost_seats(by, asked).lines[0]
    assert (again.starts_at, again.missed) == (MONDAY + timedelta(days=1), 2)
    told.seat(seats.SeatUsed, told.ann, -10)  # the first was no miss after all
    live.catch_up(told.world)
    assert [line.half for line in application.lost_seats(by, asked).lines] == [2]
    about = {"assignment_id": assignment_id_of(told.ann, COURSE), "person_id": told.ann, "course": COURSE}
    told.say(AssignmentWithdrawn, **about, period=1)
    live.catch_up(told.world)
    assert application.lost_seats(by, asked).lines == ()
    with pytest.raises(RuleBroken) as broken:
        application.lost_seats(actor(told.chief, Role.MANAGER), asked)
    assert broken.value.rule is Rule.NOT_YOURS


def test_the_plan_does_not_depend_on_where_pages_end(live: Live) -> None:
    told = everything()
    told.seat(seats.SeatBooked, told.ann, 0)
    told.seat(seats.SeatMoved, told.ann, 1, from_slot_id=told.slot(0))
    told.seat(seats.SeatMoved, told.ann, 0, from_slot_id=told.slot(1))
    told.open(3, seats_=2)
    told.say(seats.RoomChanged, room_id=told.room, name="Local 2", seats=3, hours=())
    told.say(seats.ClosureLifted, room_id=told.room, closure_id=UUID(int=4))
    found = []
    for size in (1, 3, 500):
        fresh = Live(live.url)
        while fresh.follow(told.world, "scheduling", size):
            pass
        found.append(
            [
                fresh.database.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()
                for table in ("plan_room", "plan_closure", "plan_slot", "plan_seat")
            ]
        )
    assert found[0] == found[1] == found[2]
    assert [len(rows) for rows in found[0]] == [1, 0, 5, 5]


def test_a_day_is_a_day_in_belgium(live: Live, application: Application) -> None:
    told = Told()
    late = datetime(2026, 1, 18, 23, 30, tzinfo=MONDAY.tzinfo)  # Monday already, here
    told.say(
        seats.SlotOpened,
        slot_id=UUID(int=1),
        room_id=told.room,
        unit_id=told.prison,
        starts_at=late,
        ends_at=late + timedelta(hours=2),
        seats=1,
    )
    live.catch_up(told.world)
    assert len(week(application, actor(told.manager, Role.MANAGER), told.prison, None).slots) == 1
