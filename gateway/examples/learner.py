"""One's own training: where to go on, the test, and steps."""

from typing import Final

from gateway.access import API
from gateway.examples.example import (
    COMMAND,
    COURSE,
    DONE,
    NOON,
    RECORD,
    SESSION,
    TRANSCRIPT,
    Example,
    Examples,
)

_RESULTS: Final = {
    "results": [
        DONE,
        {
            "command_id": "2d3e4f5a-6b7c-4d8e-9f0a-1b2c3d4e5f60",
            "outcome": "refused",
            "rule": "checkpoints-missing",
            "status": 409,
            "sentence": "Some pages remain before this part can be completed: symbols.",
        },
    ]
}

EXAMPLES: Final[Examples] = {
    ("GET", f"{API}/me/training"): Example(answer=TRANSCRIPT),
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
}
