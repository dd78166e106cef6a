"""Standing orders, due lists, why a date, exemptions."""

from typing import Final

from gateway.access import API
from gateway.examples.example import (
    COMMAND,
    COURSE,
    DAY,
    DIGEST,
    DONE,
    DUE,
    JOB,
    MOMENTS,
    NOON,
    PERSON,
    POSITIONS,
    RECORD,
    TRANSCRIPT,
    UNIT,
    UNIT_FIGURES,
    UNIT_NAME,
    Example,
    Examples,
)

_ORDER: Final = {
    "order_id": JOB,
    "course": COURSE,
    "unit_id": UNIT,
    "unit_name": UNIT_NAME,
    "function": None,
    "due_on": None,
    "after_days": 90,
    "recurrence": {"months": None, "window_days": 60, "grace_days": 0},
    "from_on": DAY,
    "to_on": None,
    "given_at": NOON,
    "ended_at": None,
    "in_care": True,
}

EXAMPLES: Final[Examples] = {
    ("GET", f"{API}/reports/due"): Example(
        answer={
            "unit": {**UNIT_FIGURES, "counts": {"overdue": 15, "due_soon": 4}},
            "below": [],
            "lines": [
                {
                    "person_id": PERSON,
                    "given_name": "Ann",
                    "family_name": "Example",
                    "staff_number": "P-1234",
                    "unit_id": UNIT,
                    "unit_name": UNIT_NAME,
                    "status": "overdue",
                    "due_on": DAY,
                    "since": NOON,
                    "expires_on": None,
                    "record_id": None,
                }
            ],
            "cursor": None,
            "course": COURSE,
            **MOMENTS,
        }
    ),
    ("POST", f"{API}/exemptions"): Example(
        request={
            "command_id": COMMAND,
            "occurred_at": NOON,
            "person_id": PERSON,
            "course": COURSE,
            "period": 1,
            "reason": "equivalent_outside_activity",
            "sentence": "Followed the two-day course of the federal police.",
            "attachment": DIGEST,
            "effective_on": "2024-03-01",
        },
        answer=DONE,
        status=201,
    ),
    ("POST", f"{API}/exemptions/revoke"): Example(
        request={
            "command_id": COMMAND,
            "occurred_at": NOON,
            "person_id": PERSON,
            "course": COURSE,
            "sentence": "The proof was of another course.",
        },
        answer=DONE,
        status=201,
    ),
    ("GET", f"{API}/orders"): Example(answer={"orders": [_ORDER], "positions": POSITIONS}),
    ("POST", f"{API}/orders"): Example(
        request={
            "command_id": COMMAND,
            "occurred_at": NOON,
            "order_id": JOB,
            "course": COURSE,
            "unit_id": UNIT,
            "after_days": 90,
            "recurrence": {"window_days": 60, "grace_days": 0},
            "from_on": DAY,
        },
        answer=DONE,
        status=201,
    ),
    ("POST", f"{API}/orders/{{order}}/end"): Example(
        request={"command_id": COMMAND, "occurred_at": NOON}, answer=DONE, status=201
    ),
    ("GET", f"{API}/reports/exceptions"): Example(
        answer={
            "lines": [
                {
                    "hindrance_id": RECORD,
                    "kind": "past",
                    "person_id": PERSON,
                    "given_name": "Ann",
                    "family_name": "Example",
                    "staff_number": "P-1234",
                    "unit_id": UNIT,
                    "unit_name": UNIT_NAME,
                    "course": COURSE,
                    "period": 1,
                    "order_id": JOB,
                    "due_on": DAY,
                    "held_on": None,
                    "held_by": None,
                    "found_at": NOON,
                }
            ],
            "more": False,
            "orders": [_ORDER],
            "positions": POSITIONS,
        }
    ),
    ("GET", f"{API}/reports/people/{{person}}/status/{{course}}/why"): Example(
        answer={
            "person_id": PERSON,
            "course": COURSE,
            "lines": [
                {
                    **TRANSCRIPT["lines"][0],
                    "steps": [
                        {
                            "kind": "assigned",
                            "occurred_at": NOON,
                            "recorded_at": NOON,
                            "due_on": DUE,
                            "cause": {
                                "rule": "after_joining",
                                "order_id": JOB,
                                "counted_from": DAY,
                                "days": 90,
                            },
                        }
                    ],
                }
            ],
            "orders": [_ORDER],
            **MOMENTS,
        }
    ),
}
