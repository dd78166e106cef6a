"""Messages to people."""

from typing import Final

from gateway.access import API
from gateway.examples.example import COMMAND, COURSE, DAY, DUE, NOON, PERSON, Example, Examples

EXAMPLES: Final[Examples] = {
    ("GET", f"{API}/messages/queue"): Example(
        answer={
            "at": NOON,
            "days": 7,
            "waiting": 3,
            "later": 12,
            "oldest_at": NOON,
            "failing": 1,
            "last_sent_at": NOON,
            "kinds": [{"kind": "due_7", "waiting": 3, "sent": 40, "dropped": 1}],
            "drops": [{"reason": "no_address", "messages": 1}],
            "failures": [
                {"message_id": COMMAND, "kind": "due_7", "noted_at": NOON, "attempts": 2, "next_at": NOON}
            ],
        }
    ),
    ("GET", f"{API}/reports/reminders"): Example(
        answer={
            "days": 30,
            "sent": [
                {
                    "person_id": PERSON,
                    "kind": "due_30",
                    "course": COURSE,
                    "due_on": DUE,
                    "at": NOON,
                    "state": "sent",
                    "reason": None,
                }
            ],
            "more_sent": False,
            "to_come": [{"person_id": PERSON, "kind": "due_7", "course": COURSE, "due_on": DUE, "on": DAY}],
            "more_to_come": False,
        }
    ),
}
