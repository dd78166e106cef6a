"""Histories, feeds as they are, rebuilds with their proof."""

from typing import Final

from gateway.access import API
from gateway.examples.example import (
    COMMAND,
    DIGEST,
    JOB,
    MOMENTS,
    NOON,
    PERSON,
    POSITIONS,
    RECORD,
    UNIT,
    UNIT_NAME,
    Example,
    Examples,
)

EXAMPLES: Final[Examples] = {
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
            **MOMENTS,
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
                    "unit_name": UNIT_NAME,
                }
            ],
            "more": False,
            "positions": POSITIONS,
        },
    ),
    ("GET", f"{API}/audit/seals"): Example(
        answer={
            "seals": [
                {
                    "origin": "parcours/progress",
                    "events": 424,
                    "size": 424,
                    "note": "parcours/progress\n424\n6Z6Gqlpv4yqGRuEEMr31RzAhYb+THdKVoT1vC9d8ZPo=\n\n…",
                    "cosigned_at": NOON,
                    "false_note": None,
                }
            ]
        }
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
}
