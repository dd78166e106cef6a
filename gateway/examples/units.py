"""Units, who answers for them, and the staff."""

from typing import Final

from gateway.access import API
from gateway.examples.example import (
    COMMAND,
    DAY,
    DONE,
    DUE,
    MOMENTS,
    NOON,
    PERSON,
    POSITIONS,
    ROOM,
    UNIT,
    UNIT_NAME,
    Example,
    Examples,
)

_UNIT: Final = {
    "unit_id": UNIT,
    "parent_id": None,
    "kind": "prison",
    "name": UNIT_NAME,
    "in_care": True,
    "code": "NIV",
}
_ANN: Final = {
    "person_id": PERSON,
    "given_name": "Ann",
    "family_name": "Example",
    "staff_number": "B-1024",
}
_BEN: Final = {**_ANN, "person_id": ROOM, "given_name": "Ben", "staff_number": "B-1025"}
_MANAGES: Final = {**_ANN, "unit_id": UNIT, "unit_name": UNIT_NAME, "since": NOON, "until": None}
_DEPUTY: Final = {**_BEN, "deputy_of": _ANN, "since": NOON, "until": f"{DUE}T22:00:00Z"}
_LINE: Final = {
    **_ANN,
    "unit_id": UNIT,
    "unit_name": UNIT_NAME,
    "language": "fr",
    "email": "ann@example.invalid",
    "function": "Officer",
}

EXAMPLES: Final[Examples] = {
    ("GET", f"{API}/units"): Example(answer={"units": [_UNIT], "positions": POSITIONS}),
    ("POST", f"{API}/units"): Example(
        request={
            "commands": [
                {
                    "type": "scheduling.name_deputy",
                    "command_id": COMMAND,
                    "occurred_at": NOON,
                    "person_id": PERSON,
                    "deputy_id": ROOM,
                    "until": f"{DUE}T22:00:00Z",
                }
            ]
        },
        answer={"results": [DONE]},
    ),
    ("GET", f"{API}/units/{{unit}}"): Example(
        answer={
            "unit": _UNIT,
            "closed": False,
            "above": [],
            "below": [],
            "people": 12,
            "people_below": 120,
            "answering": [
                {**_ANN, "unit_id": UNIT, "unit_name": UNIT_NAME, "deputy_of": None, "until": None}
            ],
            "managers": [_MANAGES],
            "deputies": [_DEPUTY],
            "history": [
                {
                    "kind": "created",
                    "name": UNIT_NAME,
                    "code": None,
                    "parent_id": None,
                    "parent_name": None,
                    "occurred_at": f"{DAY}T08:00:00Z",
                    "recorded_at": NOON,
                }
            ],
            **MOMENTS,
        }
    ),
    ("GET", f"{API}/staff"): Example(answer={"lines": [_LINE], "cursor": None, "positions": POSITIONS}),
    ("GET", f"{API}/staff/{{person}}"): Example(
        answer={
            "person": _LINE,
            "manages": [_MANAGES],
            "deputies": [_DEPUTY],
            "deputises": [],
            "positions": POSITIONS,
        }
    ),
}
