"""Names of people show as they are written, and turn nothing that stands beside them."""

from uuid import UUID

import pytest
from pydantic import ValidationError

from services.contracts.scheduling.people import DirectoryEntry

NOBODY = {
    "person_id": UUID(int=1),
    "given_name": "Amélie",
    "family_name": "Verstraete",
    "staff_number": "1",
    "language": "fr",
}
TURNING = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@pytest.mark.parametrize("sign", TURNING, ids=lambda sign: f"U+{ord(sign):04X}")
@pytest.mark.parametrize("field", ["given_name", "family_name", "staff_number", "email", "function"])
def test_a_sign_that_turns_the_direction_of_a_text_is_refused(field: str, sign: str) -> None:
    with pytest.raises(ValidationError):
        DirectoryEntry.model_validate({**NOBODY, field: f"a{sign}b"})


@pytest.mark.parametrize("name", ["D’Hondt", "van der Straeten", "Ελένη", "محمد", "Nguyễn", "Jean‑Luc"])
def test_names_of_all_writings_are_names(name: str) -> None:
    assert DirectoryEntry.model_validate({**NOBODY, "given_name": name}).given_name == name
