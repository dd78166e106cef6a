"""What commands of scheduling may not even say."""

from datetime import timedelta
from uuid import UUID

import pytest
from pydantic import ValidationError

from services.contracts.scheduling import AppointManager, AssignCourse, DirectoryEntry
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
