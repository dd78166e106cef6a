"""What an example is, and what the examples of several rooms speak of."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

PERSON: Final = "5f0c9d0b-6f6e-4d1f-8a10-0d0e5b6c8f57"
UNIT: Final = "0b8a3c70-d0e5-4b6c-8f57-2f8f6c1f4b21"
RECORD: Final = "a3f1f0f0-6a53-5f0c-9d0b-6f6e4d1f7a10"
SESSION: Final = "9d0b6f6e-4d1f-4a10-8f0c-0d0e5b6c8f57"
COMMAND: Final = "1c2d3e4f-5a6b-4c7d-8e9f-0a1b2c3d4e5f"
ROOM: Final = "2b8e5d6c-9a4f-4c6d-9e8b-7a353f1d7a52"
BOOKING: Final = "4f2d9e11-c5a0-46de-bd43-5f0b8b0a0a6f"
SLOT: Final = "8b7a353f-1d7a-4252-ab8e-5d6c9a4f0c6d"
JOB: Final = "7a10a0b8-a3c7-4d0e-9b6c-8f572f8f6c1f"
COURSE: Final = "radicalisation-awareness"
DIGEST: Final = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
DAY: Final = "2027-06-30"
NOON: Final = f"{DAY}T00:00:00Z"
DUE: Final = "2027-09-30"
POSITIONS: Final = {"content": 12, "progress": 345, "scheduling": 67}
UNIT_NAME: Final = {"fr": "Prison de Nivelles", "nl": "Gevangenis van Nijvel"}

DONE: Final = {"command_id": COMMAND, "outcome": "accepted", "position": 346}
UNIT_FIGURES: Final = {
    "unit_id": UNIT,
    "name": UNIT_NAME,
    "kind": "prison",
    "people": 120,
    "counts": {"passed": 80, "in_progress": 25, "overdue": 15},
}
MOMENTS: Final = {"as_of": NOON, "known_at": NOON, "positions": POSITIONS}
TRANSCRIPT: Final[dict[str, Any]] = {
    "person_id": PERSON,
    "given_name": "Ann",
    "family_name": "Example",
    "lines": [
        {
            "course": COURSE,
            "period": 1,
            "course_version": 1,
            "status": "in_progress",
            "due_on": DUE,
            "opened_at": NOON,
            "modules_completed": 3,
            "modules": 8,
            "attempts": [],
            "completed_at": None,
            "expires_on": None,
            "record_id": RECORD,
        }
    ],
    **MOMENTS,
}


@dataclass(frozen=True, slots=True)
class Example:
    """What one may send, and what one may get for it."""

    request: Any = None
    answer: Any = None
    status: int = 200
    media_type: str = "application/json"


Examples = dict[tuple[str, str], Example]
"""An example by method and path of its route."""


def dated(example: Any, today: date) -> Any:
    """The example with `today` in the place of its day: a step from long ago would be refused."""
    return json.loads(
        json.dumps(example).replace(DAY, today.isoformat()).replace(DUE, f"{today.year + 1}-06-30")
    )
