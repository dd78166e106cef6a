"""A learner's pages on the wire: what a course says is shown as text, whoever wrote it; and what stands in the way."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from gateway.web.course import SITTING_COOKIE
from services.contracts.access import Role
from tests.integration.gateway.conftest import Gateway, answered, refused
from tests.integration.gateway.test_pages import browser

RECORD, SITTING = UUID(int=7), UUID(int=8)
ROOT = f"/learn/{RECORD}"
LESSON = f"{ROOT}/first/page"

HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'
TEXT = f"""\
{HOSTILE}

<iframe src="https://evil.example"></iframe>

[click](javascript:alert(3)) ![picture](javascript:alert(4)) [data](data:text/html,x)
"""


def record(**changes: Any) -> dict[str, Any]:
    return {
        "record_id": str(RECORD),
        "course": "small",
        "course_version": 1,
        "period": 1,
        "language": "fr",
        "session_id": str(SITTING),
        "modules_started": [],
        "modules_completed": [],
        "completed_in": {},
        "checkpoints_reached": {},
        "resume_at": None,
        "quiz_open": False,
        "quiz": None,
        "attempts_left": 3,
        "last_attempt": None,
        "completed_at": None,
        "position": 1,
    } | changes


def course(text: str = "Titre", **changes: Any) -> dict[str, Any]:
    return {
        "course": "small",
        "course_version": 1,
        "language": "fr",
        "languages": ["fr", "nl"],
        "title": text,
        "summary": text,
        "validity_months": 24,
        "sittings": 2,
        "test": {"draw": 1, "pass_mark_percent": 80, "attempts_allowed": 3},
        "withdrawn": False,
        "modules": [
            {
                "id": "first",
                "title": text,
                "minutes": 5,
                "test": False,
                "pages": [["page", "exercise", text]],
            },
            {"id": "final", "title": text, "minutes": 5, "test": True, "pages": [["how", "text", text]]},
        ],
    } | changes


def option(id_: str, text: str) -> dict[str, Any]:
    return {"id": id_, "text": text, "right": id_ == "a", "feedback": text}


def module(text: str, exercise: dict[str, Any]) -> dict[str, Any]:
    clip = {"media": "0" * 64, "captions": "1" * 64, "transcript": TEXT}
    exercise = {"prompt": text, "story": text, "feedback": text, **exercise}
    page = {"id": "page", "kind": "exercise", "title": text, "text": TEXT, "clip": clip, "exercise": exercise}
    return {
        "course": "small",
        "course_version": 1,
        "module": "first",
        "language": "fr",
        "title": text,
        "minutes": 5,
        "test": False,
        "pages": [page],
    }


EXERCISES: dict[str, dict[str, Any]] = {
    "single": {"options": [option("a", HOSTILE), option("b", HOSTILE)]},
    "multiple": {"options": [option("a", HOSTILE), option("b", HOSTILE)]},
    "case": {"options": [option("a", HOSTILE), option("b", HOSTILE)]},
    "place": {
        "picture": "2" * 64,
        "shows": HOSTILE,
        "options": [option(id_, HOSTILE) | {"x": 10, "y": 20} for id_ in "ab"],
    },
    "ordering": {"items": [{"id": id_, "text": HOSTILE} for id_ in "ab"]},
    "matching": {"pairs": [{"id": id_, "left": HOSTILE, "right": HOSTILE} for id_ in "ab"]},
}


@pytest.fixture
def learner(gateway: Gateway) -> Iterator[httpx.Client]:
    """Somebody who sits at a course that is full of markup."""
    gateway.stand_in.serve("content", "progress")
    gateway.stand_in.answers |= {
        "progress.record": lambda _: answered(record()),
        "content.course": lambda _: answered(course(HOSTILE)),
        "content.module": lambda _: answered(module(HOSTILE, {"kind": "single", **EXERCISES["single"]})),
        "content.questions": lambda _: answered({"questions": []}),
    }
    with browser(gateway, Role.LEARNER) as client:
        client.cookies.set(SITTING_COOKIE, str(SITTING))
        yield client


def harmless(page: str) -> bool:
    """Nothing of what the course brought along is markup, or leads to a script."""
    written = "<script>alert" in page or "<img src=x" in page or "<iframe" in page
    return not written and not re.search(r"""(?:href|src|action)=["']?\s*(?:javascript|data):""", page, re.I)


def test_the_check_notices() -> None:
    assert harmless("&lt;script&gt;alert(1)")
    assert not harmless(HOSTILE)
    assert not harmless("<a href='JavaScript:x'>")


@pytest.mark.parametrize("kind", EXERCISES)
def test_what_a_course_says_is_text(gateway: Gateway, learner: httpx.Client, kind: str) -> None:
    told = module(HOSTILE, {"kind": kind, **EXERCISES[kind]})
    gateway.stand_in.answers["content.module"] = lambda _: answered(told)
    for answer in ("", "?check=1&answer=b&order=b&order=a&pair-a=b", f"?answer={HOSTILE}&order={HOSTILE}"):
        page = learner.get(LESSON + answer)
        assert page.status_code == 200
        assert "&lt;script&gt;alert(1)" in page.text and harmless(page.text)


def test_titles_questions_and_explanations_are_text(gateway: Gateway, learner: httpx.Client) -> None:
    question = {
        "id": "q1",
        "kind": "single",
        "text": HOSTILE,
        "options": [{"id": "a", "text": HOSTILE}],
    }
    missed = {"question": "q1", "module": "first", "explanation": {"fr": HOSTILE}}
    graded = {"attempt": 1, "right": 0, "asked": 1, "passed": False, "missed": [missed]}
    sitting_test = record(
        modules_completed=["first"],
        completed_in={"first": "fr"},
        modules_started=["first", "final"],
        quiz={"attempt": 2, "questions": ["q1"]},
        last_attempt=graded,
    )
    gateway.stand_in.answers["progress.record"] = lambda _: answered(sitting_test)
    gateway.stand_in.answers["content.questions"] = lambda _: answered({"questions": [question]})
    for path in (ROOT, f"{ROOT}/test", f"{ROOT}/review?answer-q1=a&answer-{HOSTILE}=x", f"{ROOT}/result"):
        page = learner.get(path)
        assert page.status_code == 200, path
        assert "&lt;script&gt;alert(1)" in page.text and harmless(page.text), path


def test_a_version_that_was_withdrawn_is_finished_all_the_same(
    gateway: Gateway, learner: httpx.Client
) -> None:
    gateway.stand_in.answers["content.course"] = lambda _: answered(course(withdrawn=True))
    page = learner.get(ROOT, headers={"accept-language": "en"})
    assert "You finish the version that you began with" in page.text
    assert f"{LESSON}" in page.text


def test_nobody_begins_a_course_that_is_not_offered_any_more(gateway: Gateway, learner: httpx.Client) -> None:
    now = datetime.now(UTC).isoformat()
    version = {
        "course_version": 1,
        "title": {"fr": HOSTILE},
        "languages": ["fr"],
        "parts": 2,
        "pages": 2,
        "minutes": 10,
        "questions": 1,
        "test": {"draw": 1, "pass_mark_percent": 80, "attempts_allowed": 3},
        "validity_months": 24,
        "manifest": "0" * 64,
        "published_at": now,
    }
    gone = {**version, "withdrawn_at": now, "withdrawn_because": "x"}
    summary = {"course": "small", "title": {"fr": HOSTILE}, "languages": ["fr"], "versions": [gone]}
    gateway.stand_in.answers |= {
        "content.courses": lambda _: answered({"courses": [summary]}),
        "progress.record": lambda _: refused("not-yours"),
    }
    page = learner.get("/training/small", headers={"accept-language": "en"})
    assert page.status_code == 404 and "is not offered at the moment" in page.text and harmless(page.text)
    summary["versions"] = [gone, version]
    assert learner.get("/training/small").status_code == 200
    assert learner.get("/training/other").status_code == 404


def test_the_first_page_is_there_while_reports_are_behind(gateway: Gateway, learner: httpx.Client) -> None:
    """It is where a result leads to: with the position of what was just handed in."""
    now = datetime.now(UTC).isoformat()
    training = {"person_id": str(RECORD), "given_name": None, "family_name": None, "lines": []}
    training |= {"as_of": now, "known_at": now, "positions": {}}

    def behind(asked: dict[str, Any]) -> dict[str, Any]:
        return refused("position-not-reached") if asked["body"]["at_least"] else answered(training)

    gateway.stand_in.answers |= {
        "reporting.my_training": behind,
        "content.courses": lambda _: answered({"courses": []}),
    }
    page = learner.get("/training?position=9", headers={"accept-language": "en"})
    assert page.status_code == 200 and "is not visible here yet" in page.text
    assert "is not visible here yet" not in learner.get("/training").text


def test_a_record_of_somebody_else_is_refused_everywhere(gateway: Gateway, learner: httpx.Client) -> None:
    gateway.stand_in.answers["progress.record"] = lambda _: refused("not-yours")
    for path in (ROOT, LESSON, f"{ROOT}/test", f"{ROOT}/review", f"{ROOT}/result"):
        page = learner.get(path)
        assert page.status_code == 403 and "text/html" in page.headers["content-type"], path


def test_whoever_goes_on_here_keeps_the_answers(gateway: Gateway, learner: httpx.Client) -> None:
    sitting_test = record(modules_completed=["first"], quiz={"attempt": 1, "questions": ["q1"]})
    gateway.stand_in.answers["progress.record"] = lambda _: answered(sitting_test)
    learner.cookies.delete(SITTING_COOKIE)  # another PC
    told = learner.get(f"{ROOT}/review?answer-q1=a")
    assert told.headers["location"] == f"{ROOT}/test?answer-q1=a"
    page = learner.get(told.headers["location"]).text
    assert f'name="next" value="{ROOT}/test?answer-q1=a"' in page


def form_of(learner: httpx.Client, steps: Any, **fields: str) -> httpx.Response:
    csrf = learner.get("/api/v1/me").json()["csrf"]
    told = {"csrf": csrf, "steps": json.dumps(steps), "next": LESSON, **fields}
    return learner.post(f"{ROOT}/steps", data=told)


def step(kind: str, **body: Any) -> dict[str, Any]:
    return {
        "type": f"progress.{kind}",
        "command_id": str(uuid4()),
        "record_id": str(RECORD),
        "session_id": str(SITTING),
        **body,
    }


def test_a_form_of_steps_is_carried_out_and_leads_on(gateway: Gateway, learner: httpx.Client) -> None:
    told = form_of(learner, [step("start_session", language="fr")], language="nl")
    assert (told.status_code, told.headers["location"]) == (303, LESSON)
    assert f"{SITTING_COOKIE}={SITTING}; Path={ROOT}" in told.headers["set-cookie"]
    (batch,) = gateway.stand_in.questions("progress.execute")
    assert batch["items"][0]["body"]["language"] == "nl"


def test_answers_belong_to_the_handing_in(gateway: Gateway, learner: httpx.Client) -> None:
    handing_in = step("submit_quiz", course_version=1, attempt=1, answers={})
    form_of(learner, [handing_in], **{"answer-q1": "a", "answer-q2": "b"})
    (batch,) = gateway.stand_in.questions("progress.execute")
    assert batch["items"][0]["body"]["answers"] == {"q1": ["a"], "q2": ["b"]}


@pytest.mark.parametrize(
    "steps",
    [
        "no list",
        [],
        ["no step"],
        [{"type": "progress.dance"}],
        [step("end_session", record_id=str(UUID(int=9)))],
        [step("end_session", more="x")],
    ],
)
def test_steps_that_are_none_are_refused_as_a_whole(
    gateway: Gateway, learner: httpx.Client, steps: Any
) -> None:
    assert form_of(learner, steps).status_code == 422
    assert gateway.stand_in.questions("progress.execute") == []


@pytest.mark.parametrize(
    ("rule", "leads_to"),
    [
        ("session-abandoned", LESSON),  # which offers to go on here
        ("session-missing", LESSON),
        ("quiz-not-open", f"{ROOT}/result"),
        ("record-completed", f"{ROOT}/result"),
        ("attempts-exhausted", f"{ROOT}/result"),
    ],
)
def test_a_step_that_comes_too_late_leads_to_what_is_the_case(
    gateway: Gateway, learner: httpx.Client, rule: str, leads_to: str
) -> None:
    def refuse(batch: dict[str, Any]) -> dict[str, Any]:
        ids = [item["body"]["command_id"] for item in batch["items"]]
        return answered({"outcomes": [{"outcome": "refused", "command_id": i, "rule": rule} for i in ids]})

    gateway.stand_in.answers["progress.execute"] = refuse
    told = form_of(learner, [step("end_session")])
    assert (told.status_code, told.headers["location"]) == (303, leads_to)


def test_only_the_course_has_the_language_of_the_course(gateway: Gateway, learner: httpx.Client) -> None:
    """The frame follows the browser; nothing is asked of progress but where the record stands."""
    pages = [learner.get(LESSON, headers={"accept-language": lang}).text for lang in ("fr", "nl", "en")]
    for page, words in zip(pages, ("Exercice", "Oefening", "Exercise"), strict=True):
        assert words in page
        assert '<article class="prose" lang="fr">' in page
    assert gateway.stand_in.questions("progress.execute") == []
