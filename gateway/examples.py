"""One example for each route, shown in the OpenAPI document; tests hold them against the models."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from gateway.access import API

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


@dataclass(frozen=True, slots=True)
class Example:
    """What one may send, and what one may get for it."""

    request: Any = None
    answer: Any = None
    status: int = 200
    media_type: str = "application/json"


def dated(example: Any, today: date) -> Any:
    """The example with `today` in the place of its day: a step from long ago would be refused."""
    return json.loads(
        json.dumps(example).replace(DAY, today.isoformat()).replace(DUE, f"{today.year + 1}-06-30")
    )


_SESSION: Final = {
    "person_id": PERSON,
    "roles": ["learner"],
    "csrf": "kT0m1sXGq5s2wJ8bq3m4",
    "expires_at": "2027-06-30T23:00:00Z",
}
_DONE: Final = {"command_id": COMMAND, "outcome": "accepted", "position": 346}
_UNIT: Final = {
    "unit_id": UNIT,
    "name": {"fr": "Prison de Nivelles", "nl": "Gevangenis van Nijvel"},
    "kind": "prison",
    "people": 120,
    "counts": {"passed": 80, "in_progress": 25, "overdue": 15},
}
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
_MOMENTS: Final = {"as_of": NOON, "known_at": NOON, "positions": POSITIONS}
_TRANSCRIPT: Final[dict[str, Any]] = {
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
    **_MOMENTS,
}
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
            "unit_name": _UNIT["name"],
            "starts_at": "2027-09-30T07:00:00Z",
            "ends_at": "2027-09-30T09:00:00Z",
        }
    ],
    "positions": POSITIONS,
}
_RESULTS: Final = {
    "results": [
        _DONE,
        {
            "command_id": "2d3e4f5a-6b7c-4d8e-9f0a-1b2c3d4e5f60",
            "outcome": "refused",
            "rule": "checkpoints-missing",
            "status": 409,
            "sentence": "Some pages remain before this part can be completed: symbols.",
        },
    ]
}

_STAFF_IMPORT: Final = {
    "import_id": JOB,
    "mode": "full",
    "state": "checked",
    "asked_at": NOON,
    "asked_by": PERSON,
    "ended_at": None,
    "counts": {
        "rows": 120,
        "people": 121,
        "joins": 1,
        "moves": 0,
        "changes": 0,
        "returns": 0,
        "leaves": 2,
        "unchanged": 119,
        "later": 0,
    },
    "many_leave": False,
    "outdated": False,
    "faults": [],
    "faults_total": 0,
    "lines": [
        {
            "kind": "joins",
            "line": 2,
            "staff_number": "B-1024",
            "given_name": "Ann",
            "family_name": "Example",
            "unit_before": None,
            "unit_after": UNIT,
            "since": DAY,
        }
    ],
    "ignored": [],
    "encoding": "UTF-8",
    "position": None,
}
_ORDER: Final = {
    "order_id": JOB,
    "course": COURSE,
    "unit_id": UNIT,
    "unit_name": _UNIT["name"],
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
_DUTIES: Final[dict[tuple[str, str], Example]] = {
    ("GET", f"{API}/reports/due"): Example(
        answer={
            "unit": {**_UNIT, "counts": {"overdue": 15, "due_soon": 4}},
            "below": [],
            "lines": [
                {
                    "person_id": PERSON,
                    "given_name": "Ann",
                    "family_name": "Example",
                    "staff_number": "P-1234",
                    "unit_id": UNIT,
                    "unit_name": _UNIT["name"],
                    "status": "overdue",
                    "due_on": DAY,
                    "since": NOON,
                    "expires_on": None,
                    "record_id": None,
                }
            ],
            "cursor": None,
            "course": COURSE,
            **_MOMENTS,
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
        answer=_DONE,
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
        answer=_DONE,
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
        answer=_DONE,
        status=201,
    ),
    ("POST", f"{API}/orders/{{order}}/end"): Example(
        request={"command_id": COMMAND, "occurred_at": NOON}, answer=_DONE, status=201
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
                    "unit_name": _UNIT["name"],
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
                    **_TRANSCRIPT["lines"][0],
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
            **_MOMENTS,
        }
    ),
}

EXAMPLES: Final[dict[tuple[str, str], Example]] = {
    **_DUTIES,
    ("POST", f"{API}/session"): Example(
        request={"user": "ann", "password": "a long sentence that only Ann knows"},
        answer={**_SESSION, "token": "q3m4kT0m1sXGq5s2wJ8b"},
        status=201,
    ),
    ("DELETE", f"{API}/session"): Example(status=204),
    ("GET", f"{API}/me"): Example(answer=_SESSION),
    ("GET", f"{API}/courses"): Example(
        answer={
            "courses": [
                {
                    "course": COURSE,
                    "title": {"fr": "Reconnaître la radicalisation", "nl": "Radicalisering herkennen"},
                    "languages": ["fr", "nl"],
                    "versions": [
                        {
                            "course_version": 1,
                            "title": {
                                "fr": "Reconnaître la radicalisation",
                                "nl": "Radicalisering herkennen",
                            },
                            "languages": ["fr", "nl"],
                            "parts": 8,
                            "pages": 41,
                            "minutes": 210,
                            "questions": 40,
                            "test": {"draw": 10, "pass_mark_percent": 70, "attempts_allowed": 3},
                            "validity_months": 36,
                            "manifest": DIGEST,
                            "published_at": NOON,
                        }
                    ],
                }
            ]
        }
    ),
    ("GET", f"{API}/courses/{{course}}"): Example(
        answer={
            "course": COURSE,
            "course_version": 1,
            "language": "fr",
            "languages": ["fr", "nl"],
            "title": "Reconnaître la radicalisation",
            "summary": "Reconnaître des indicateurs et les transmettre.",
            "validity_months": 36,
            "sittings": 2,
            "test": {"draw": 10, "pass_mark_percent": 70, "attempts_allowed": 3},
            "withdrawn": False,
            "modules": [
                {
                    "id": "introduction",
                    "title": "Introduction",
                    "minutes": 20,
                    "test": False,
                    "pages": [["welcome", "text", "Bienvenue"]],
                }
            ],
        }
    ),
    ("GET", f"{API}/courses/{{course}}/versions/{{version}}/modules/{{module}}"): Example(
        answer={
            "course": COURSE,
            "course_version": 1,
            "module": "introduction",
            "language": "fr",
            "title": "Introduction",
            "minutes": 20,
            "test": False,
            "pages": [
                {
                    "id": "welcome",
                    "kind": "text",
                    "title": "Bienvenue",
                    "text": f"![](/media/{DIGEST})\n\nBonjour.",
                }
            ],
        }
    ),
    ("GET", "/media/{sha256}"): Example(),
    ("GET", f"{API}/me/training"): Example(answer=_TRANSCRIPT),
    ("GET", f"{API}/me/records/{{record}}"): Example(
        answer={
            "record_id": RECORD,
            "course": COURSE,
            "course_version": 1,
            "period": 1,
            "language": "fr",
            "session_id": SESSION,
            "modules_started": ["introduction"],
            "modules_completed": [],
            "completed_in": {},
            "checkpoints_reached": {"introduction": ["welcome"]},
            "resume_at": ["introduction", "welcome"],
            "quiz_open": False,
            "quiz": None,
            "attempts_left": 3,
            "last_attempt": None,
            "completed_at": None,
            "position": 345,
        }
    ),
    ("GET", f"{API}/me/records/{{record}}/quiz"): Example(
        answer={
            "record_id": RECORD,
            "attempt": 1,
            "questions": [
                {
                    "id": "who-to-tell",
                    "kind": "single",
                    "text": "À qui transmettre une observation ?",
                    "options": [
                        {"id": "line", "text": "À son responsable"},
                        {"id": "nobody", "text": "À personne"},
                    ],
                }
            ],
        }
    ),
    ("POST", f"{API}/me/commands"): Example(
        request={
            "commands": [
                {
                    "command_id": COMMAND,
                    "type": "progress.reach_checkpoint",
                    "occurred_at": NOON,
                    "record_id": RECORD,
                    "session_id": SESSION,
                    "course_version": 1,
                    "module": "introduction",
                    "checkpoint": "welcome",
                }
            ]
        },
        answer=_RESULTS,
    ),
    ("GET", f"{API}/reports/overview"): Example(
        answer={"unit": _UNIT, "below": [], "course": COURSE, **_MOMENTS}
    ),
    ("GET", f"{API}/reports/trend"): Example(
        answer={
            "unit": {
                "unit_id": UNIT,
                "name": _UNIT["name"],
                "kind": "prison",
                "points": [{"as_of": NOON, "people": 412, "trained": 301}],
            },
            "below": [],
            "course": COURSE,
            **_MOMENTS,
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
                    "unit_name": _UNIT["name"],
                    "status": "overdue",
                    "due_on": "2027-05-31",
                    "since": NOON,
                    "expires_on": None,
                    "record_id": None,
                }
            ],
            "cursor": None,
            **_MOMENTS,
        }
    ),
    ("GET", f"{API}/reports/people/{{person}}/transcript"): Example(answer=_TRANSCRIPT),
    ("GET", f"{API}/organisation"): Example(
        answer={
            "units": [
                {"unit_id": UNIT, "parent_id": None, "kind": "prison", "name": _UNIT["name"], "in_care": True}
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
        answer=_DONE,
        status=201,
    ),
    ("POST", f"{API}/courses"): Example(answer=_DONE, status=201),
    ("POST", f"{API}/courses/{{course}}/versions/{{version}}/withdraw"): Example(
        request={"command_id": COMMAND, "occurred_at": NOON, "reason": "The law changed on 1 July."},
        answer=_DONE,
        status=201,
    ),
    ("GET", f"{API}/courses/{{course}}/versions/{{version}}/results"): Example(
        answer={
            "course": COURSE,
            "course_version": 1,
            "results": [
                {"question": "q-definition", "language": "fr", "asked": 412, "wrong": 37},
                {"question": "q-definition", "language": "nl", "asked": None, "wrong": None},
            ],
            "positions": POSITIONS,
        }
    ),
    ("GET", f"{API}/audit/people/{{person}}/history"): Example(
        answer={
            "person_id": PERSON,
            "lines": [
                {
                    "feed": "progress",
                    "position": 345,
                    "stream_id": RECORD,
                    "stream_version": 4,
                    "occurred_at": NOON,
                    "recorded_at": NOON,
                    "actor": PERSON,
                    "command_id": COMMAND,
                    "digest": DIGEST,
                    "type": "progress.checkpoint_reached",
                    "event": {"type": "progress.checkpoint_reached", "version": 1, "module": "introduction"},
                }
            ],
            **_MOMENTS,
        }
    ),
    ("GET", f"{API}/audit/feeds/{{service}}"): Example(
        answer={"feed": "progress", "items": [], "position": 345, "head": 345}
    ),
    ("POST", f"{API}/audit/people"): Example(
        request={"text": "ann exa", "limit": 20},
        answer={
            "lines": [
                {
                    "person_id": PERSON,
                    "given_name": "Ann",
                    "family_name": "Example",
                    "staff_number": "B-1024",
                    "unit_id": UNIT,
                    "unit_name": _UNIT["name"],
                }
            ],
            "more": False,
            "positions": POSITIONS,
        },
    ),
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
    ("GET", f"{API}/audit/rebuild"): Example(
        answer={
            "jobs": [
                {
                    "job_id": JOB,
                    "read_model": None,
                    "swap": True,
                    "requested_at": NOON,
                    "requested_by": PERSON,
                    "state": "done",
                    "events": 424,
                    "equal": True,
                }
            ]
        }
    ),
    ("POST", f"{API}/audit/rebuild"): Example(
        request={"read_model": None, "swap": True}, answer={"job_id": JOB}, status=202
    ),
    ("GET", f"{API}/audit/rebuild/{{job}}"): Example(
        answer={
            "job_id": JOB,
            "state": "done",
            "events": 424,
            "events_total": 424,
            "events_per_second": 40000.0,
            "proofs": [
                {
                    "read_model": "training_status@5",
                    "rows": 120,
                    "live": DIGEST,
                    "rebuilt": DIGEST,
                    "equal": True,
                }
            ],
            "failure": None,
        }
    ),
    ("POST", f"{API}/organisation/commands"): Example(
        request={
            "commands": [
                {
                    "command_id": COMMAND,
                    "type": "scheduling.place_person",
                    "occurred_at": NOON,
                    "person_id": PERSON,
                    "unit_id": UNIT,
                }
            ]
        },
        answer={"results": [_DONE]},
    ),
    # in-person sessions
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
        answer={"results": [_DONE]},
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
        answer={"results": [_DONE]},
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
        answer={"results": [_DONE]},
    ),
    # seats
    ("GET", f"{API}/reports/plan"): Example(
        answer={
            "rooms": [
                {
                    "room_id": ROOM,
                    "unit_id": UNIT,
                    "unit_name": _UNIT["name"],
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
    ("GET", f"{API}/reports/people/{{person}}/plan"): Example(answer=_PERSON_PLAN),
    ("GET", f"{API}/me/plan"): Example(answer=_PERSON_PLAN),
    ("GET", f"{API}/reports/seats"): Example(
        answer={
            "total": _FIGURES,
            "rooms": [
                {
                    "room_id": ROOM,
                    "unit_id": UNIT,
                    "unit_name": _UNIT["name"],
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
        answer={"results": [_DONE]},
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
        answer={"results": [_DONE]},
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
        answer={"results": [_DONE]},
    ),
    # files of HR
    ("POST", f"{API}/staff/imports"): Example(answer={**_STAFF_IMPORT, "state": "received"}, status=202),
    ("GET", f"{API}/staff/imports"): Example(answer={"imports": [{**_STAFF_IMPORT, "lines": []}]}),
    ("GET", f"{API}/staff/imports/{{import_id}}"): Example(
        answer={
            **_STAFF_IMPORT,
            "state": "faulty",
            "lines": [],
            "faults": [
                {
                    "kind": "unit-unknown",
                    "line": 3,
                    "column": "unit",
                    "params": {"code": "NIV-9"},
                    "sentence": "There is no unit with the code NIV-9. Give the unit this code, or correct the code.",
                }
            ],
            "faults_total": 1,
        }
    ),
    ("POST", f"{API}/staff/imports/{{import_id}}/confirm"): Example(
        request={"leaving": None}, answer={**_STAFF_IMPORT, "state": "confirmed"}, status=202
    ),
    ("DELETE", f"{API}/staff/imports/{{import_id}}"): Example(
        answer={**_STAFF_IMPORT, "state": "discarded", "lines": []}
    ),
    ("GET", f"{API}/followers"): Example(
        answer={
            "followers": [
                {
                    "read_model": "training_status@5",
                    "feed": "progress",
                    "position": 345,
                    "head": 345,
                    "lag_seconds": 0.02,
                }
            ]
        }
    ),
    ("GET", "/healthz"): Example(answer={"status": "ok"}),
    ("GET", "/readyz"): Example(
        answer={
            "status": "ready",
            "parts": {
                "broker": "ready",
                "database": "ready",
                "content": "ready",
                "progress": "ready",
                "scheduling": "ready",
                "reporting": "ready",
            },
        }
    ),
    ("GET", "/metrics"): Example(answer="parcours_gateway_broker_connected 1.0\n", media_type="text/plain"),
    ("GET", "/openapi.json"): Example(answer={"openapi": "3.1.0"}),
    ("GET", "/docs"): Example(answer="<!doctype html>", media_type="text/html"),
    ("GET", "/docs/{file}"): Example(answer="// a script", media_type="text/javascript"),
}
