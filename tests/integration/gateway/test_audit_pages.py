"""An auditor's pages with services that are slow, away or hostile; and long histories."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from gateway.examples import EXAMPLES
from services.contracts.access import Role
from services.contracts.rules import Rule
from tests.integration.gateway.conftest import Gateway, answered, refused
from tests.integration.gateway.test_pages import browser

PERSON = UUID(int=3)
BYTES_MAX = 150_000
HOSTILE = "<script>alert(1)</script>"


def history_of(count: int) -> dict[str, Any]:
    """So many events of the longest usual kind."""
    begin = datetime(2027, 6, 30, 8, 0, tzinfo=UTC)
    template = EXAMPLES["GET", "/api/v1/audit/people/{person}/history"].answer
    lines = [
        template["lines"][0]
        | {
            "position": number,
            "occurred_at": (begin + timedelta(minutes=number)).isoformat(),
            "recorded_at": (begin + timedelta(days=2, minutes=number)).isoformat(),
            "actor": str(uuid4()) if number % 7 == 0 else str(PERSON),
            "event": {
                "type": "progress.checkpoint_reached",
                "version": 1,
                "occurred_at": begin.isoformat(),
                "record_id": str(uuid4()),
                "person_id": str(PERSON),
                "course": "recognising-radicalisation",
                "course_version": 1,
                "module": "radicalisation-process",
                "checkpoint": "exercise-protection",
                "language": "nl",
            },
        }
        for number in range(1, count + 1)
    ]
    return {**template, "person_id": str(PERSON), "lines": lines}


@pytest.fixture
def auditor(gateway: Gateway) -> Iterator[httpx.Client]:
    with browser(gateway, Role.AUDITOR) as client:
        answers = gateway.stand_in.answers
        answers["reporting.transcript"] = lambda _: answered(
            EXAMPLES["GET", "/api/v1/reports/people/{person}/transcript"].answer
        )
        answers["reporting.organisation"] = lambda _: answered(EXAMPLES["GET", "/api/v1/organisation"].answer)
        answers["reporting.find"] = lambda _: answered({"lines": [], "more": False, "positions": {}})
        yield client


@pytest.mark.parametrize("query", ["", "?paper=true", "?start=251"])
def test_a_history_of_300_events_makes_no_heavy_page(
    gateway: Gateway, auditor: httpx.Client, query: str
) -> None:
    gateway.stand_in.answers["reporting.history"] = lambda _: answered(history_of(300))
    gateway.stand_in.answers["content.courses"] = lambda _: answered({"courses": []})
    gateway.stand_in.answers["content.course"] = lambda _: refused(Rule.COURSE_UNKNOWN)
    told = auditor.get(f"/audit/people/{PERSON}{query}")
    assert told.status_code == 200
    size = len(told.content)
    assert 40_000 < size <= BYTES_MAX, size


def test_a_history_is_told_without_titles_while_courses_are_away_and_without_what_names_would_do(
    gateway: Gateway, auditor: httpx.Client
) -> None:
    answers = gateway.stand_in.answers
    answers["reporting.history"] = lambda _: answered(history_of(8))
    someone = {
        "person_id": history_of(8)["lines"][6]["actor"],
        "given_name": HOSTILE,
        "family_name": None,
        "staff_number": None,
        "unit_id": None,
        "unit_name": None,
    }
    answers["reporting.find"] = lambda asked: answered(
        {"lines": [someone | {"person_id": asked["body"]["text"]}], "more": False, "positions": {}}
    )
    gateway.stand_in.leave("content")
    try:
        told = auditor.get(f"/audit/people/{PERSON}", headers={"accept-language": "en"})
    finally:
        gateway.stand_in.serve("content")
    assert told.status_code == 200
    assert "Reached the page “exercise-protection” of “radicalisation-process”" in told.text
    assert HOSTILE not in told.text and "&lt;script&gt;" in told.text


def test_what_somebody_looked_for_stands_in_no_address(gateway: Gateway, auditor: httpx.Client) -> None:
    found = EXAMPLES["POST", "/api/v1/audit/people"].answer
    gateway.stand_in.answers["reporting.find"] = lambda _: answered(found)
    csrf = auditor.get("/api/v1/me").json()["csrf"]
    told = auditor.post("/audit", data={"csrf": csrf, "text": "Example Ann"})
    assert (told.status_code, told.headers["location"]) == (
        303,
        f"/audit/people/{found['lines'][0]['person_id']}",
    )
    gateway.stand_in.answers["reporting.find"] = lambda _: answered(found | {"lines": found["lines"] * 2})
    told = auditor.post("/audit", data={"csrf": csrf, "text": "Example Ann"})
    assert told.status_code == 200 and told.text.count("Ann Example") == 2
    assert "Example" not in str(told.url)


def test_a_second_rebuild_leads_to_the_one_that_runs(gateway: Gateway, auditor: httpx.Client) -> None:
    listed = EXAMPLES["GET", "/api/v1/audit/rebuild"].answer
    running = listed["jobs"][0] | {"state": "running", "equal": None}
    gateway.stand_in.answers["reporting.rebuild"] = lambda _: refused(Rule.REBUILD_RUNNING)
    gateway.stand_in.answers["reporting.rebuilds"] = lambda _: answered({"jobs": [running]})
    csrf = auditor.get("/api/v1/me").json()["csrf"]
    told = auditor.post("/audit/rebuild", data={"csrf": csrf})
    assert (told.status_code, told.headers["location"]) == (303, f"/audit/rebuild/{running['job_id']}")
    assert auditor.post("/audit/rebuild", data={"csrf": csrf, "read_model": "NO!"}).status_code == 404


@pytest.mark.parametrize("state", ["failed", "unequal", "running"])
def test_a_rebuild_that_proves_nothing_says_so(gateway: Gateway, auditor: httpx.Client, state: str) -> None:
    job = EXAMPLES["GET", "/api/v1/audit/rebuild/{job}"].answer
    told_as = {
        "failed": job | {"state": "failed", "proofs": [], "failure": "interrupted"},
        "unequal": job
        | {"state": "failed", "proofs": [job["proofs"][0] | {"equal": False, "rebuilt": "0" * 64}]},
        "running": job | {"state": "running", "proofs": [], "events": 1},
    }[state]
    gateway.stand_in.answers["reporting.rebuild_status"] = lambda _: answered(told_as)
    shown = auditor.get(f"/audit/rebuild/{job['job_id']}", headers={"accept-language": "en"}).text
    sentence = {
        "failed": "The rebuild ended without proof.",
        "unequal": "The two copies are not equal.",
        "running": "The rebuild is under way.",
    }
    assert [key for key, words in sentence.items() if words in shown] == [state]
    assert ("look-again.js" in shown) == (state == "running")
