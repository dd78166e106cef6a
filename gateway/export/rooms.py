"""Tables of rooms: who sits where and when, one person's seats, and how seats are used."""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from gateway.export.table import Cell, Column, Table, Words, in_language, words
from gateway.export.words import (
    BEGINS,
    COURSE,
    DUE_ON,
    ENDS,
    FIRST_NAME,
    HALF,
    HALVES,
    IDENTIFIER,
    LAST_NAME,
    ROOM,
    SEAT_STATES,
    SEATS,
    STATUS,
    UNIT,
)
from services.contracts.reporting.seats import (
    ExpectedLine,
    LostSeatLine,
    LostSeats,
    PersonPlan,
    Plan,
    RoomLine,
    RoomUse,
    SeatFigures,
    SeatLine,
    SeatUse,
    SlotLine,
)


class Seat(NamedTuple):
    """Somebody on a seat of a slot; nobody, in a slot where nobody in one's care sits."""

    room: RoomLine
    slot: SlotLine
    person: SeatLine | None


def _seats(told: Plan) -> Iterator[Seat]:
    rooms = {room.room_id: room for room in told.rooms}
    for slot in told.slots:
        for person in slot.people or (None,):
            yield Seat(rooms[slot.room_id], slot, person)


def _of_person(heading: Words, cell: Callable[[SeatLine, str], Cell], width: int) -> Column[Seat]:
    def told(line: Seat, language: str) -> Cell:
        return cell(line.person, language) if line.person else None

    return Column(heading, told, width)


PLAN: Final = Table(
    "plan",
    words("Plan", "Planning", "Plan"),
    "reporting.plan",
    Plan,
    _seats,
    (
        Column[Seat](UNIT, lambda line, language: in_language(line.room.unit_name, language), 28),
        Column[Seat](ROOM, lambda line, _: line.room.name, 24),
        Column[Seat](BEGINS, lambda line, _: line.slot.starts_at, 18),
        Column[Seat](ENDS, lambda line, _: line.slot.ends_at, 18),
        Column[Seat](SEATS, lambda line, _: line.slot.seats),
        Column[Seat](words("Prises", "Bezet", "Taken"), lambda line, _: line.slot.taken),
        _of_person(LAST_NAME, lambda person, _: person.family_name, 20),
        _of_person(FIRST_NAME, lambda person, _: person.given_name, 16),
        _of_person(COURSE, lambda person, _: person.course, 28),
        _of_person(HALF, lambda person, language: HALVES[person.half][language], 16),
        _of_person(STATUS, lambda person, language: SEAT_STATES[person.state][language], 12),
        _of_person(IDENTIFIER, lambda person, _: str(person.person_id), 38),
    ),
)

LOST_SEATS: Final = Table(
    "lost-seats",
    words("Place à retrouver", "Nieuwe plaats nodig", "Need a seat again"),
    "reporting.lost_seats",
    LostSeats,
    lambda told: told.lines,
    (
        Column[LostSeatLine](LAST_NAME, lambda line, _: line.family_name, 20),
        Column[LostSeatLine](FIRST_NAME, lambda line, _: line.given_name, 16),
        Column[LostSeatLine](UNIT, lambda line, language: in_language(line.unit_name, language), 28),
        Column[LostSeatLine](COURSE, lambda line, _: line.course, 28),
        Column[LostSeatLine](HALF, lambda line, language: HALVES[line.half][language], 16),
        Column[LostSeatLine](STATUS, lambda line, language: SEAT_STATES[line.state][language]),
        Column[LostSeatLine](ROOM, lambda line, _: line.room_name, 24),
        Column[LostSeatLine](BEGINS, lambda line, _: line.starts_at, 18),
        Column[LostSeatLine](ENDS, lambda line, _: line.ends_at, 18),
        Column[LostSeatLine](
            words("Fois manquée", "Keren gemist", "Times missed"), lambda line, _: line.missed
        ),
        Column[LostSeatLine](DUE_ON, lambda line, _: line.due_on),
        Column[LostSeatLine](IDENTIFIER, lambda line, _: str(line.person_id), 38),
    ),
)

PERSON_PLAN: Final = Table(
    "person-plan",
    words("Plan", "Planning", "Plan"),
    "reporting.person_plan",
    PersonPlan,
    lambda told: told.lines,
    (
        Column[ExpectedLine](COURSE, lambda line, _: line.course, 28),
        Column[ExpectedLine](HALF, lambda line, language: HALVES[line.half][language], 16),
        Column[ExpectedLine](STATUS, lambda line, language: SEAT_STATES[line.state][language]),
        Column[ExpectedLine](BEGINS, lambda line, _: line.starts_at, 18),
        Column[ExpectedLine](ENDS, lambda line, _: line.ends_at, 18),
        Column[ExpectedLine](UNIT, lambda line, language: in_language(line.unit_name, language), 28),
        Column[ExpectedLine](ROOM, lambda line, _: line.room_name, 24),
    ),
)


def _figure(name: str, fr: str, nl: str, en: str) -> Column[RoomUse]:
    def cell(line: RoomUse, _: str) -> Cell:
        count: int = getattr(line.figures, name)
        return count

    assert name in SeatFigures.model_fields
    return Column(words(fr, nl, en), cell, 16)


SEAT_USE: Final = Table(
    "seats",
    words("Occupation des places", "Gebruik van plaatsen", "Use of seats"),
    "reporting.seats",
    SeatUse,
    lambda told: told.rooms,
    (
        Column[RoomUse](UNIT, lambda line, language: in_language(line.unit_name, language), 28),
        Column[RoomUse](ROOM, lambda line, _: line.name, 24),
        _figure("seats", "Places passées", "Voorbije plaatsen", "Seats so far"),
        _figure("planned", "Attribuées", "Toegewezen", "Planned"),
        _figure("used", "Utilisées", "Gebruikt", "Used"),
        _figure("missed", "Manquées", "Gemist", "Missed"),
        _figure("empty", "Restées vides", "Leeg gebleven", "Empty"),
        _figure("seats_to_come", "Places à venir", "Komende plaatsen", "Seats to come"),
        _figure("planned_to_come", "Déjà attribuées", "Al toegewezen", "Planned to come"),
        Column[RoomUse](IDENTIFIER, lambda line, _: str(line.room_id), 38),
    ),
)
