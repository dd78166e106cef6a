"""Files of HR."""

from typing import Final

from gateway.access import API
from gateway.examples.example import DAY, JOB, NOON, PERSON, UNIT, Example, Examples

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

EXAMPLES: Final[Examples] = {
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
}
