"""What commands of scheduling may not even say."""

from datetime import timedelta
from uuid import UUID

import pytest
from pydantic import ValidationError

from services.contracts.scheduling import (
    AppointManager,
    AssignCourse,
    CreateUnit,
    DirectoryEntry,
    RegisterPerson,
)
from tests.support.examples import NOON

ID = UUID(int=1)
TOLD = {"command_id": ID, "occurred_at": NOON}
ENTRY = {
    "person_id": ID,
    "given_name": "Ann",
    "family_name": "Peeters",
    "staff_number": "1",
    "language": "nl",
}


def test_a_course_is_assigned_to_one_person_or_one_unit() -> None:
    what = {**TOLD, "course": "recognising", "due_on": NOON.date()}
    AssignCourse(**what, person_id=ID)
    AssignCourse(**what, unit_id=ID)
    for nobody_or_both in ({}, {"person_id": ID, "unit_id": ID}):
        with pytest.raises(ValidationError, match="name exactly one"):
            AssignCourse(**what, **nobody_or_both)


def test_an_appointment_ends_after_it_begins_and_in_a_zone() -> None:
    AppointManager(**TOLD, unit_id=ID, person_id=ID, until=NOON + timedelta(seconds=1))
    for until in (NOON, NOON - timedelta(days=1), NOON.replace(tzinfo=None)):
        with pytest.raises(ValidationError):
            AppointManager(**TOLD, unit_id=ID, person_id=ID, until=until)


@pytest.mark.parametrize("field", ["given_name", "family_name", "staff_number", "email", "function"])
@pytest.mark.parametrize("text", ["a\x00b", "a\nb", "a\x7fb"])
def test_the_directory_takes_no_control_characters(field: str, text: str) -> None:
    DirectoryEntry(**ENTRY)
    with pytest.raises(ValidationError):
        DirectoryEntry(**{**ENTRY, field: text})


@pytest.mark.parametrize("text", ["a\x00b", "\x1b[2J", "a\x7fb"])
def test_no_text_of_an_event_has_control_characters(text: str) -> None:
    """PostgreSQL keeps no NUL in jsonb: one in the log would stop every read model for good."""
    unit = {**TOLD, "unit_id": ID, "kind": "team", "parent_id": None}
    CreateUnit(**unit, name={"fr": "deux\nlignes", "nl": "b"})
    with pytest.raises(ValidationError):
        CreateUnit(**unit, name={"fr": text, "nl": "b"})


@pytest.mark.parametrize("year", ["0001", "1989", "2200", "9999"])
@pytest.mark.parametrize("zone", ["+14:00", "Z", "-12:00"])
def test_times_and_dates_lie_in_years_that_everybody_can_hold(year: str, zone: str) -> None:
    """`0001-01-01T00:00:00+14:00` is a time in Python, and none in UTC: reporting could not read it."""
    what = {"command_id": ID, "course": "recognising", "person_id": ID}
    AssignCourse(**what, occurred_at="1990-01-01T00:00:00+14:00", due_on="2199-12-31")
    with pytest.raises(ValidationError, match="a time is written with a year"):
        AssignCourse(**what, occurred_at=f"{year}-01-01T00:00:00{zone}", due_on="2027-06-30")
    with pytest.raises(ValidationError, match="a date is written with a year"):
        AssignCourse(**what, occurred_at=NOON, due_on=f"{year}-12-31")
    with pytest.raises(ValidationError, match="a time is written with a year"):
        AppointManager(**TOLD, unit_id=ID, person_id=ID, until=NOON.replace(year=int(year), month=12, day=31))


def test_what_is_remembered_of_a_registration_names_nobody() -> None:
    """A receipt is kept for ever, and a digest of a name can be guessed."""
    entry = DirectoryEntry(**ENTRY, email="ann.peeters@parcours.example", function="Officer")
    command = RegisterPerson(**TOLD, entry=entry, unit_id=ID)
    for personal in ("Ann", "Peeters", "parcours.example", "Officer", "nl", "staff_number"):
        assert personal not in command.told()
    other = command.model_copy(update={"entry": entry.model_copy(update={"person_id": UUID(int=2)})})
    assert other.told() != command.told()
