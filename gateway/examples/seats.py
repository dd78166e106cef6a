"""Rooms, slots, bookings, and how seats are used."""

from typing import Final

from gateway.access import API
from gateway.examples.example import (
    BOOKING,
    COMMAND,
    COURSE,
    DAY,
    DONE,
    DUE,
    NOON,
    PERSON,
    POSITIONS,
    ROOM,
    SLOT,
    UNIT,
    UNIT_NAME,
    Example,
    Examples,
)

_FIGURES: Final = {
    "seats": 80,
    "planned": 60,
    "used": 55,
    "missed": 5,
    "empty": 20,
    "seats_to_come": 40,
    "planned_to_come": 12,
}
_PERSON_PLAN: Final = {
    "person_id": PERSON,
    "lines": [
        {
            "booking_id": BOOKING,
            "slot_id": SLOT,
            "course": COURSE,
            "period": 1,
            "half": 1,
            "state": "booked",
            "room_name": "Local informatique",
            "unit_name": UNIT_NAME,
            "starts_at": "2027-09-30T07:00:00Z",
            "ends_at": "2027-09-30T09:00:00Z",
        }
    ],
    "positions": POSITIONS,
}

EXAMPLES: Final[Examples] = {
    ("GET", f"{API}/reports/plan"): Example(
        answer={
            "rooms": [
                {
                    "room_id": ROOM,
                    "unit_id": UNIT,
                    "unit_name": UNIT_NAME,
                    "name": "Local informatique",
                    "seats": 8,
                    "hours": [{"weekday": 1, "opens": "08:00:00", "closes": "18:00:00"}],
                    "closures": [],
                    "yours": True,
                }
            ],
            "slots": [
                {
                    "slot_id": SLOT,
                    "room_id": ROOM,
                    "starts_at": "2027-09-30T07:00:00Z",
                    "ends_at": "2027-09-30T09:00:00Z",
                    "seats": 8,
                    "taken": 1,
                    "people": [
                        {
                            "booking_id": BOOKING,
                            "person_id": PERSON,
                            "given_name": "Ann",
                            "family_name": "Example",
                            "course": COURSE,
                            "period": 1,
                            "half": 1,
                            "state": "booked",
                        }
                    ],
                }
            ],
            "to_plan": [],
            "positions": POSITIONS,
        }
    ),
    ("GET", f"{API}/reports/lost-seats"): Example(
        answer={
            "lines": [
                {
                    "person_id": PERSON,
                    "given_name": "Ann",
                    "family_name": "Example",
                    "unit_id": UNIT,
                    "unit_name": UNIT_NAME,
                    "course": COURSE,
                    "period": 1,
                    "half": 1,
                    "state": "missed",
                    "room_name": "Local informatique",
                    "starts_at": "2027-09-30T07:00:00Z",
                    "ends_at": "2027-09-30T09:00:00Z",
                    "missed": 1,
                    "due_on": DUE,
                }
            ],
            "more": False,
            "positions": POSITIONS,
        }
    ),
    ("GET", f"{API}/reports/people/{{person}}/plan"): Example(answer=_PERSON_PLAN),
    ("GET", f"{API}/me/plan"): Example(answer=_PERSON_PLAN),
    ("GET", f"{API}/reports/seats"): Example(
        answer={
            "total": _FIGURES,
            "rooms": [
                {
                    "room_id": ROOM,
                    "unit_id": UNIT,
                    "unit_name": UNIT_NAME,
                    "name": "Local informatique",
                    "figures": _FIGURES,
                }
            ],
            "from_on": DAY,
            "to_on": DUE,
            "positions": POSITIONS,
        }
    ),
    ("POST", f"{API}/rooms"): Example(
        request={
            "commands": [
                {
                    "command_id": COMMAND,
                    "type": "scheduling.open_room",
                    "occurred_at": NOON,
                    "room_id": ROOM,
                    "unit_id": UNIT,
                    "name": "Local informatique",
                    "seats": 8,
                    "hours": [{"weekday": 1, "opens": "08:00", "closes": "18:00"}],
                }
            ]
        },
        answer={"results": [DONE]},
    ),
    ("POST", f"{API}/slots"): Example(
        request={
            "commands": [
                {
                    "command_id": COMMAND,
                    "type": "scheduling.open_slots",
                    "occurred_at": NOON,
                    "room_id": ROOM,
                    "from_on": DUE,
                    "to_on": DUE,
                    "starts": "09:00",
                    "minutes": 120,
                }
            ]
        },
        answer={"results": [DONE]},
    ),
    ("POST", f"{API}/bookings"): Example(
        request={
            "commands": [
                {
                    "command_id": COMMAND,
                    "type": "scheduling.book_seat",
                    "occurred_at": NOON,
                    "person_id": PERSON,
                    "course": COURSE,
                    "half": 1,
                    "slot_id": SLOT,
                }
            ]
        },
        answer={"results": [DONE]},
    ),
}
