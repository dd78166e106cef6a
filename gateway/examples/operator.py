"""The organisation, and how the machines are."""

from typing import Final

from gateway.access import API
from gateway.examples.example import COMMAND, DONE, NOON, PERSON, UNIT, Example, Examples

EXAMPLES: Final[Examples] = {
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
        answer={"results": [DONE]},
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
}
