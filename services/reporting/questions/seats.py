"""What is asked about seats: a week of rooms, one person's plan, and how seats are used."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import timedelta
from typing import Final
from uuid import UUID

from services.contracts.message import Localised
from services.contracts.reporting.seats import (
    AskPersonPlan,
    AskPlan,
    AskSeats,
    ClosureLine,
    ExpectedLine,
    HalfLine,
    OpenLine,
    PersonPlan,
    Plan,
    RoomLine,
    RoomUse,
    SeatFigures,
    SeatLine,
    SeatUse,
    SlotLine,
    ToPlanLine,
)
from services.reporting.answers import NAMELESS
from services.reporting.care import Care
from services.reporting.moments import end_of_day
from services.reporting.projections import directory, plan, training_status
from services.reporting.projections.directory import Name
from services.reporting.projections.organisation import Tree
from services.reporting.questions.state import State
from services.reporting.read_model import Tx

TO_PLAN_MAX: Final = 400
"""People to be planned that one answer names, the earliest due date first."""

ONE_DAY: Final = timedelta(days=1)


def plan_of_unit(state: State, asked: AskPlan) -> Plan:
    """Rooms of a unit, of all below it, and of those above it, where its people may sit."""
    tx, care, now = state.tx, state.care, state.now
    care.admit_to_unit(asked.unit_id)
    tree = care.tree
    below = care.below(tree, asked.unit_id)
    rooms = plan.rooms_of(tx, {*below, *(each.unit_id for each in tree.upwards(asked.unit_id))})
    ids = [room.room_id for room in rooms]
    since = end_of_day(asked.from_on - ONE_DAY)
    until = end_of_day(asked.from_on + timedelta(days=asked.days - 1))
    slots = plan.slots_of(tx, ids, since, until)
    seats = defaultdict(list)
    for seat in plan.seats_in(tx, [slot.slot_id for slot in slots]):
        seats[seat.slot_id].append(seat)
    waiting = training_status.to_follow(tx, asked.course, below, now, TO_PLAN_MAX) if asked.course else []
    seated = {seat.person_id for each in seats.values() for seat in each}
    theirs = training_status.units_of(tx, seated, now)
    shown = {person for person, unit in theirs.items() if care.holds(unit)}
    names = directory.names_of(tx, shown | {each.person_id for each in waiting})
    closures = plan.closures_of(tx, ids, min(asked.from_on, now.day))
    return Plan(
        rooms=tuple(_room_line(room, closures, care, tree) for room in rooms),
        slots=tuple(_slot_line(slot, seats[slot.slot_id], shown, names) for slot in slots),
        to_plan=tuple(_to_plan(tx, asked.course or "", waiting, names, tree)),
        positions=state.positions,
    )


def person_plan(state: State, asked: AskPersonPlan) -> PersonPlan:
    """When and where somebody is expected, and was."""
    state.care.admit_to_person(asked.person_id)
    return _plan_of(state, asked.person_id)


def my_plan(state: State) -> PersonPlan:
    """When and where whoever asks is expected, and was."""
    return _plan_of(state, state.actor.person_id)


def _plan_of(state: State, person_id: UUID) -> PersonPlan:
    tx, tree = state.tx, state.care.tree
    seats = plan.seats_of(tx, [person_id])
    rooms = plan.rooms_called(tx, {seat.room_id for seat in seats})
    return PersonPlan(
        person_id=person_id,
        lines=tuple(
            ExpectedLine(
                booking_id=seat.booking_id,
                slot_id=seat.slot_id,
                course=seat.course,
                period=seat.period,
                half=seat.half,
                state=seat.state,
                room_name=rooms[seat.room_id].name,
                unit_name=_unit_name(tree, rooms[seat.room_id].unit_id),
                starts_at=seat.starts_at,
                ends_at=seat.ends_at,
            )
            for seat in _standing(seats)
        ),
        positions=state.positions,
    )


def seat_use(state: State, asked: AskSeats) -> SeatUse:
    """Planned, used, missed and empty seats of the rooms of a unit and of all below it."""
    tx, care, now = state.tx, state.care, state.now
    care.admit_to_unit(asked.unit_id)
    rooms = plan.rooms_of(tx, care.below(care.tree, asked.unit_id))
    span = end_of_day(asked.from_on - ONE_DAY), end_of_day(asked.to_on)
    figures: dict[UUID, dict[str, int]] = {room.room_id: {} for room in rooms}
    for room_id, over, seats, given, used, missed in plan.use_of(tx, list(figures), *span, now.as_of):
        if over:
            empty = seats - given
            said = {"seats": seats, "planned": given, "used": used, "missed": missed, "empty": empty}
        else:
            said = {"seats_to_come": seats, "planned_to_come": given}
        figures[room_id].update(said)
    total: dict[str, int] = defaultdict(int)
    for each in figures.values():
        for name, count in each.items():
            total[name] += count
    return SeatUse(
        total=SeatFigures(**total),
        rooms=tuple(
            RoomUse(
                room_id=room.room_id,
                unit_id=room.unit_id,
                unit_name=_unit_name(care.tree, room.unit_id),
                name=room.name,
                figures=SeatFigures(**figures[room.room_id]),
            )
            for room in rooms
        ),
        from_on=asked.from_on,
        to_on=asked.to_on,
        positions=state.positions,
    )


def _room_line(room: plan.Room, closures: Iterable[plan.Closure], care: Care, tree: Tree) -> RoomLine:
    return RoomLine(
        room_id=room.room_id,
        unit_id=room.unit_id,
        unit_name=_unit_name(tree, room.unit_id),
        name=room.name,
        seats=room.seats,
        hours=tuple(OpenLine(**hours) for hours in room.hours),
        closures=tuple(
            ClosureLine(closure_id=c.closure_id, from_on=c.from_on, to_on=c.to_on, reason=c.reason)
            for c in closures
            if c.room_id == room.room_id
        ),
        yours=care.holds(room.unit_id),
    )


def _slot_line(
    slot: plan.Slot, seats: Collection[plan.Seat], shown: Collection[UUID], names: dict[UUID, Name]
) -> SlotLine:
    people = [
        SeatLine(
            booking_id=seat.booking_id,
            person_id=seat.person_id,
            given_name=names.get(seat.person_id, Name()).given_name,
            family_name=names.get(seat.person_id, Name()).family_name,
            course=seat.course,
            period=seat.period,
            half=seat.half,
            state=seat.state,
        )
        for seat in seats
        if seat.person_id in shown
    ]
    return SlotLine(
        slot_id=slot.slot_id,
        room_id=slot.room_id,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        seats=slot.seats,
        taken=len(seats),
        people=tuple(sorted(people, key=lambda p: ((p.family_name or "").lower(), p.booking_id))),
    )


def _to_plan(
    tx: Tx,
    course: str,
    waiting: Collection[training_status.ToFollow],
    names: dict[UUID, Name],
    tree: Tree,
) -> Iterator[ToPlanLine]:
    halves = defaultdict(list)
    for seat in _standing(plan.seats_of(tx, [each.person_id for each in waiting])):
        halves[seat.person_id, seat.course, seat.period].append(seat)
    for each in waiting:
        name = names.get(each.person_id, Name())
        theirs = halves[each.person_id, course, each.period]
        yield ToPlanLine(
            person_id=each.person_id,
            given_name=name.given_name,
            family_name=name.family_name,
            unit_id=each.unit_id,
            unit_name=_unit_name(tree, each.unit_id),
            state=each.state,
            due_on=each.due_on,
            period=each.period,
            halves=tuple(
                HalfLine(
                    half=seat.half,
                    state=seat.state,
                    slot_id=seat.slot_id,
                    room_id=seat.room_id,
                    starts_at=seat.starts_at,
                    ends_at=seat.ends_at,
                )
                for seat in sorted(theirs, key=lambda seat: seat.half)
            ),
        )


def _standing(seats: Iterable[plan.Seat]) -> Iterator[plan.Seat]:
    """Of each booking what stands: a seat that somebody has, or else the latest that was lost."""
    by_booking = defaultdict(list)
    for seat in seats:
        by_booking[seat.booking_id].append(seat)
    for each in by_booking.values():
        had = [seat for seat in each if seat.state in plan.HAD]
        yield max(had or each, key=lambda seat: seat.starts_at)


def _unit_name(tree: Tree, unit_id: UUID) -> Localised:
    unit = tree.get(unit_id)
    return unit.name if unit else NAMELESS
