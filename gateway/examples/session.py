"""Signing in, who one is, and the courses that everybody may look at."""

from typing import Final

from gateway.access import API
from gateway.examples.example import COURSE, DIGEST, NOON, PERSON, Example, Examples

_SESSION: Final = {
    "person_id": PERSON,
    "roles": ["learner"],
    "csrf": "kT0m1sXGq5s2wJ8bq3m4",
    "expires_at": "2027-06-30T23:00:00Z",
}

EXAMPLES: Final[Examples] = {
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
}
