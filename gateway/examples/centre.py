"""Publishing courses, withdrawing them, and what was answered wrongly."""

from typing import Final

from gateway.access import API
from gateway.examples.example import COMMAND, COURSE, DONE, NOON, POSITIONS, Example, Examples

EXAMPLES: Final[Examples] = {
    ("POST", f"{API}/courses"): Example(answer=DONE, status=201),
    ("POST", f"{API}/courses/{{course}}/versions/{{version}}/withdraw"): Example(
        request={"command_id": COMMAND, "occurred_at": NOON, "reason": "The law changed on 1 July."},
        answer=DONE,
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
}
