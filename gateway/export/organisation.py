"""Tables of the organisation: its units, its staff by name, and sessions where they meet."""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from gateway.export.table import Cell, Column, Table, Words, in_language, words
from gateway.export.words import (
    BEGINS,
    COURSE,
    ENDS,
    FIRST_NAME,
    IDENTIFIER,
    LANGUAGE,
    LAST_NAME,
    PLACE_STATES,
    ROOM,
    SEATS,
    STAFF_NUMBER,
    STATUS,
    UNIT,
    UNIT_KINDS,
)
from services.contracts.reporting.organisation import Organisation, UnitLine
from services.contracts.reporting.people import Directory, DirectoryLine
from services.contracts.reporting.sessions import SessionLine, SessionPerson, Sessions

_PART_OF: Final = words("Fait partie de", "Maakt deel uit van", "Part of")


class UnitIn(NamedTuple):
    """A unit, and the one that it is a part of."""

    unit: UnitLine
    parent: UnitLine | None


def _units(told: Organisation) -> Iterator[UnitIn]:
    by_id = {unit.unit_id: unit for unit in told.units}
    for unit in told.units:
        yield UnitIn(unit, by_id.get(unit.parent_id) if unit.parent_id else None)


UNITS: Final = Table(
    "units",
    words("Unités", "Eenheden", "Units"),
    "reporting.organisation",
    Organisation,
    _units,
    (
        Column[UnitIn](UNIT, lambda line, language: in_language(line.unit.name, language), 32),
        Column[UnitIn](
            words("Genre", "Soort", "Kind"),
            lambda line, language: UNIT_KINDS[line.unit.kind][language],
            20,
        ),
        Column[UnitIn](words("Code RH", "HR-code", "HR code"), lambda line, _: line.unit.code, 16),
        Column[UnitIn](
            _PART_OF,
            lambda line, language: in_language(line.parent.name if line.parent else None, language),
            32,
        ),
        Column[UnitIn](IDENTIFIER, lambda line, _: str(line.unit.unit_id), 38),
    ),
)

DIRECTORY: Final = Table(
    "directory",
    words("Personnel", "Personeel", "Staff"),
    "reporting.directory",
    Directory,
    lambda told: told.lines,
    (
        Column[DirectoryLine](LAST_NAME, lambda line, _: line.family_name, 20),
        Column[DirectoryLine](FIRST_NAME, lambda line, _: line.given_name, 16),
        Column[DirectoryLine](STAFF_NUMBER, lambda line, _: line.staff_number, 16),
        Column[DirectoryLine](UNIT, lambda line, language: in_language(line.unit_name, language), 28),
        Column[DirectoryLine](words("Fonction", "Functie", "Function"), lambda line, _: line.function, 20),
        Column[DirectoryLine](LANGUAGE, lambda line, _: line.language),
        Column[DirectoryLine](words("E-mail", "E-mail", "E-mail"), lambda line, _: line.email, 32),
        Column[DirectoryLine](IDENTIFIER, lambda line, _: str(line.person_id), 38),
    ),
)


class Place(NamedTuple):
    """Somebody's place in a session; nobody, in one where there is nobody whom one may see."""

    session: SessionLine
    person: SessionPerson | None


def _places(told: Sessions) -> Iterator[Place]:
    for session in told.sessions:
        for person in session.people or (None,):
            yield Place(session, person)


def _of_person(heading: Words, cell: Callable[[SessionPerson, str], Cell], width: int) -> Column[Place]:
    def told(line: Place, language: str) -> Cell:
        return cell(line.person, language) if line.person else None

    return Column(heading, told, width)


SESSIONS: Final = Table(
    "sessions",
    words("Sessions en présentiel", "Klassikale sessies", "In-person sessions"),
    "reporting.sessions",
    Sessions,
    _places,
    (
        Column[Place](COURSE, lambda line, language: in_language(line.session.title, language), 32),
        Column[Place](LANGUAGE, lambda line, _: line.session.language),
        Column[Place](ROOM, lambda line, _: line.session.room, 24),
        Column[Place](BEGINS, lambda line, _: line.session.days[0].starts_at, 18),
        Column[Place](ENDS, lambda line, _: line.session.days[-1].ends_at, 18),
        Column[Place](
            words("Annulée", "Geannuleerd", "Cancelled"), lambda line, _: line.session.cancelled, 24
        ),
        Column[Place](SEATS, lambda line, _: line.session.seats),
        Column[Place](words("Prises", "Bezet", "Taken"), lambda line, _: line.session.taken),
        Column[Place](words("En attente", "Wachtend", "Waiting"), lambda line, _: line.session.waiting),
        _of_person(LAST_NAME, lambda person, _: person.family_name, 20),
        _of_person(FIRST_NAME, lambda person, _: person.given_name, 16),
        _of_person(STAFF_NUMBER, lambda person, _: person.staff_number, 16),
        _of_person(UNIT, lambda person, language: in_language(person.unit_name, language), 28),
        _of_person(STATUS, lambda person, language: PLACE_STATES[person.place.state][language], 18),
        _of_person(words("Rang", "Rang", "Rank"), lambda person, _: person.place.rank, 10),
        Column[Place](IDENTIFIER, lambda line, _: str(line.session.class_id), 38),
    ),
)
