"""Plan proposals and what becomes of them."""

from typing import Final

from gateway.access import API
from gateway.examples.example import (
    COMMAND,
    COURSE,
    DUE,
    JOB,
    NOON,
    PERSON,
    RECORD,
    SESSION,
    UNIT,
    Example,
    Examples,
)

_PROPOSAL: Final = {
    "proposal_id": JOB,
    "unit_id": UNIT,
    "course": COURSE,
    "due_on": DUE,
    "asked_by": PERSON,
    "asked_at": NOON,
    "state": "waiting",
    "quality": None,
    "failure": None,
}

EXAMPLES: Final[Examples] = {
    ("POST", f"{API}/proposals"): Example(
        request={"proposal_id": JOB, "unit_id": UNIT, "course": COURSE, "due_on": DUE},
        answer={**_PROPOSAL, "seats": [], "not_placed": [], "slots": []},
        status=202,
    ),
    ("GET", f"{API}/proposals"): Example(answer={"proposals": [_PROPOSAL]}),
    ("GET", f"{API}/proposals/{{proposal}}"): Example(
        answer={
            **_PROPOSAL,
            "state": "done",
            "quality": {
                "people": 120,
                "placed": 119,
                "placed_bound": 119,
                "days": 31,
                "days_bound": 30,
                "worst": 1,
                "gap": 0.0323,
                "seconds": 12.4,
            },
            "seats": [
                {
                    "person_id": PERSON,
                    "period": 1,
                    "half": 1,
                    "slot_id": SESSION,
                    "despite": [],
                    "booked": False,
                }
            ],
            "not_placed": [
                {
                    "person_id": RECORD,
                    "obstacles": ["seats"],
                    "remedies": [{"obstacles": ["seats"], "slots": [SESSION], "due_on": None}],
                }
            ],
            "slots": [
                {
                    "slot_id": SESSION,
                    "room_id": UNIT,
                    "room": "A 12",
                    "starts_at": "2027-06-30T07:00:00Z",
                    "ends_at": "2027-06-30T09:00:00Z",
                }
            ],
        }
    ),
    ("POST", f"{API}/proposals/{{proposal}}/acceptance"): Example(
        request={"acceptance_id": COMMAND, "people": [PERSON]},
        answer={
            "booked": 1,
            "refused": [
                {
                    "person_id": PERSON,
                    "half": 2,
                    "slot_id": SESSION,
                    "rule": "slot-full",
                    "sentence": "All 8 seats of this slot are taken.",
                }
            ],
            "position": 346,
        },
    ),
}
