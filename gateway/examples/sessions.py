"""In-person sessions: who teaches, who wishes, who was there."""

from typing import Final

from gateway.access import API
from gateway.examples.example import COMMAND, DONE, NOON, PERSON, POSITIONS, SESSION, UNIT, Example, Examples

EXAMPLES: Final[Examples] = {
    ("GET", f"{API}/sessions"): Example(
        answer={
            "sessions": [
                {
                    "class_id": SESSION,
                    "course": "radicalisation-in-depth",
                    "title": {"fr": "Radicalisation, approfondir"},
                    "language": "fr",
                    "centre_id": UNIT,
                    "room": "Bâtiment B",
                    "days": [{"starts_at": "2027-09-14T07:00:00Z", "ends_at": "2027-09-14T14:30:00Z"}],
                    "seats": 12,
                    "taken": 12,
                    "waiting": 3,
                    "cancelled": None,
                    "mine": {"state": "waiting", "until": None, "rank": 2, "attended": []},
                    "people": [],
                    "reservations": [],
                }
            ],
            "demand": [],
            "wishes": [],
            "positions": POSITIONS,
        }
    ),
    ("POST", f"{API}/sessions"): Example(
        request={
            "commands": [
                {
                    "command_id": COMMAND,
                    "type": "scheduling.publish_class",
                    "occurred_at": NOON,
                    "class_id": SESSION,
                    "course": "radicalisation-in-depth",
                    "language": "fr",
                    "centre_id": UNIT,
                    "room": "Bâtiment B",
                    "days": [
                        {"starts_at": "2027-09-14T07:00:00Z", "ends_at": "2027-09-14T14:30:00Z"},
                        {"starts_at": "2027-09-15T07:00:00Z", "ends_at": "2027-09-15T14:30:00Z"},
                    ],
                    "trainers": [],
                    "seats": 12,
                }
            ]
        },
        answer={"results": [DONE]},
    ),
    ("POST", f"{API}/requests"): Example(
        request={
            "commands": [
                {
                    "command_id": COMMAND,
                    "type": "scheduling.request_class",
                    "occurred_at": NOON,
                    "class_id": SESSION,
                    "person_id": PERSON,
                }
            ]
        },
        answer={"results": [DONE]},
    ),
    ("POST", f"{API}/attendance"): Example(
        request={
            "commands": [
                {
                    "command_id": COMMAND,
                    "type": "scheduling.note_class_attendance",
                    "occurred_at": NOON,
                    "class_id": SESSION,
                    "person_id": PERSON,
                    "day": 1,
                    "present": True,
                }
            ]
        },
        answer={"results": [DONE]},
    ),
}
