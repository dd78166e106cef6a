"""Figures, staff, one person's training, the tree of units, assignments."""

from typing import Final

from gateway.access import API
from gateway.examples.example import (
    COMMAND,
    COURSE,
    DONE,
    DUE,
    MOMENTS,
    NOON,
    PERSON,
    POSITIONS,
    TRANSCRIPT,
    UNIT,
    UNIT_FIGURES,
    UNIT_NAME,
    Example,
    Examples,
)

EXAMPLES: Final[Examples] = {
    ("GET", f"{API}/reports/overview"): Example(
        answer={"unit": UNIT_FIGURES, "below": [], "course": COURSE, **MOMENTS}
    ),
    ("GET", f"{API}/reports/trend"): Example(
        answer={
            "unit": {
                "unit_id": UNIT,
                "name": UNIT_NAME,
                "kind": "prison",
                "points": [{"as_of": NOON, "people": 412, "trained": 301}],
            },
            "below": [],
            "course": COURSE,
            **MOMENTS,
        }
    ),
    ("GET", f"{API}/reports/staff"): Example(
        answer={
            "lines": [
                {
                    "person_id": PERSON,
                    "given_name": "Ann",
                    "family_name": "Example",
                    "staff_number": "B-1024",
                    "unit_id": UNIT,
                    "unit_name": UNIT_NAME,
                    "status": "overdue",
                    "due_on": "2027-05-31",
                    "since": NOON,
                    "expires_on": None,
                    "record_id": None,
                }
            ],
            "cursor": None,
            **MOMENTS,
        }
    ),
    ("GET", f"{API}/reports/people/{{person}}/transcript"): Example(answer=TRANSCRIPT),
    ("GET", f"{API}/organisation"): Example(
        answer={
            "units": [
                {"unit_id": UNIT, "parent_id": None, "kind": "prison", "name": UNIT_NAME, "in_care": True}
            ],
            "positions": POSITIONS,
        }
    ),
    ("POST", f"{API}/assignments"): Example(
        request={
            "command_id": COMMAND,
            "occurred_at": NOON,
            "course": COURSE,
            "due_on": DUE,
            "unit_id": UNIT,
        },
        answer=DONE,
        status=201,
    ),
}
