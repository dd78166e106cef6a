"""The form that publishes a course, on the wire: who may, how large, in which order, and what is kept of it."""

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from http.client import HTTPConnection
from typing import Any
from uuid import uuid4

import httpx
import pytest

from gateway import edge
from gateway.forms import FORM_BYTES_MAX
from services.contracts.access import Role
from tests.integration.gateway.conftest import Gateway, answered, refused
from tests.integration.gateway.test_pages import browser

ZIP = b"PK\x05\x06" + bytes(200_000)
DIGEST = hashlib.sha256(ZIP).hexdigest()
VERSION = {
    "course_version": 1,
    "title": {"fr": "Cours <b>", "nl": "Cursus <b>"},
    "languages": ["fr", "nl"],
    "parts": 2,
    "pages": 4,
    "minutes": 65,
    "questions": 2,
    "test": {"draw": 2, "pass_mark_percent": 80, "attempts_allowed": 3},
    "validity_months": 24,
    "manifest": "0" * 64,
    "published_at": "2026-11-20T10:00:00Z",
}
SMALL = {"course": "small", "title": VERSION["title"], "languages": ["fr", "nl"], "versions": [VERSION]}


@pytest.fixture
def centre(gateway: Gateway) -> Iterator[httpx.Client]:
    gateway.stand_in.serve("content")
    with browser(gateway, Role.TRAINING_CENTRE) as client:
        client.headers["x-csrf"] = client.get("/api/v1/me").json()["csrf"]
        yield client


def kept(gateway: Gateway) -> set[str]:
    """What is in the media store, also what was left half way."""
    return {path.name for path in gateway.media.rglob("*") if path.is_file()}


def published_as(gateway: Gateway, *numbers: int | None) -> None:
    """What content says of an upload, each time it is asked."""
    told = iter(numbers)
    gateway.stand_in.answers["content.upload"] = lambda _: answered(
        {"course": "small", "course_version": next(told)}
    )


def send(
    client: httpx.Client, body: bytes = ZIP, filename: str = "course.zip", **fields: str
) -> httpx.Response:
    fields = {"csrf": client.headers["x-csrf"], "command_id": str(uuid4())} | fields
    return client.post("/courses", data=fields, files={"course": (filename, body)})


CHECKED = f"/courses/uploads/{DIGEST}"


def test_a_folder_without_faults_is_looked_at_before_it_is_published(
    gateway: Gateway, centre: httpx.Client
) -> None:
    published_as(gateway, None)
    told = send(centre)
    assert (told.status_code, told.headers["location"]) == (303, CHECKED)
    assert (gateway.media / DIGEST[:2] / DIGEST).read_bytes() == ZIP
    assert gateway.stand_in.questions("content.execute") == [], "nothing was published"


def test_a_folder_is_published_and_leads_to_its_version(gateway: Gateway, centre: httpx.Client) -> None:
    published_as(gateway, None, 3)
    form = {"csrf": centre.headers["x-csrf"], "command_id": str(uuid4())}
    told = centre.post(CHECKED, data=form)
    assert (told.status_code, told.headers["location"]) == (303, "/courses/small/versions/3?done=published")
    (batch,) = gateway.stand_in.questions("content.execute")
    body = batch["items"][0]["body"]
    assert (body["command_id"], body["upload"]) == (form["command_id"], DIGEST)


def test_a_folder_that_was_published_before_says_so(gateway: Gateway, centre: httpx.Client) -> None:
    published_as(gateway, 2, 2, 2)
    assert send(centre).headers["location"] == "/courses/small/versions/2?done=same"
    told = centre.post(CHECKED, data={"csrf": centre.headers["x-csrf"]})
    assert told.headers["location"] == "/courses/small/versions/2?done=same"


@pytest.mark.parametrize("body", [b"", b"PK", b"no zip", b"<svg xmlns='http://www.w3.org/2000/svg'/>"])
def test_what_is_no_zip_is_not_kept(gateway: Gateway, centre: httpx.Client, body: bytes) -> None:
    before = kept(gateway)
    told = send(centre, body)
    assert told.status_code == 422
    assert 'id="course"' in told.text, "one can send another at once"
    head = {"content-type": "application/zip"}
    refusal = gateway.signed_in(Role.TRAINING_CENTRE).post("/api/v1/courses", content=body, headers=head)
    assert (refusal.status_code, refusal.json()["type"].rpartition("/")[2]) == (422, "not-a-zip")
    assert kept(gateway) == before
    assert gateway.stand_in.questions("content.upload") == []


def test_faults_are_listed_by_place_and_shown_as_text(gateway: Gateway, centre: httpx.Client) -> None:
    faults = [
        {"file": "course.yaml", "line": 7, "sentence": "This is missing: give a title."},
        {"file": "<script>alert(1)</script>", "line": None, "sentence": "Rename <it>."},
    ]
    gateway.stand_in.answers["content.upload"] = lambda _: refused(
        "course-faulty", faults=json.dumps({"faults": faults})
    )
    told = send(centre)
    assert told.status_code == 422
    assert '<td lang="en">This is missing: give a title.</td>' in told.text and ">7<" in told.text
    assert "<script>alert" not in told.text and "Rename &lt;it&gt;." in told.text
    assert gateway.stand_in.questions("content.execute") == [], "nothing was published"


def test_faults_are_told_in_the_readers_language_whatever_fills_them(
    gateway: Gateway, centre: httpx.Client
) -> None:
    fault = {
        "file": "course.yaml",
        "line": 7,
        "sentence": "`<b>` is missing: add it.",
        "text": "`{name}` is missing: add it.",
        "params": {"name": "<b>"},
    }
    gateway.stand_in.answers["content.upload"] = lambda _: refused(
        "course-faulty", faults=json.dumps({"faults": [fault]})
    )
    centre.headers["accept-language"] = "nl"
    assert "<td>`&lt;b&gt;` ontbreekt: voeg het toe.</td>" in send(centre).text


@pytest.mark.parametrize("csrf", ["", "x", None])
def test_without_the_proof_not_a_byte_is_kept(
    gateway: Gateway, centre: httpx.Client, csrf: str | None
) -> None:
    before = kept(gateway)
    body = uuid4().bytes * 50_000
    fields = {} if csrf is None else {"csrf": csrf}
    assert centre.post("/courses", data=fields, files={"course": ("c.zip", body)}).status_code == 403
    assert centre.post("/courses", files={"csrf": ("c.zip", body)}).status_code == 403
    assert kept(gateway) == before
    assert gateway.stand_in.questions("content.upload") == []


def test_a_proof_that_comes_after_the_file_is_none(gateway: Gateway, centre: httpx.Client) -> None:
    before = kept(gateway)
    files = [("course", ("c.zip", uuid4().bytes)), ("csrf", (None, centre.headers["x-csrf"]))]
    assert centre.post("/courses", files=files).status_code == 403
    assert kept(gateway) == before


def test_a_form_from_elsewhere_keeps_nothing(gateway: Gateway, centre: httpx.Client) -> None:
    before = kept(gateway)
    centre.headers["origin"] = "https://evil.example"
    assert send(centre, uuid4().bytes).status_code == 403
    assert kept(gateway) == before


@pytest.mark.parametrize("role", [Role.LEARNER, Role.MANAGER, Role.AUDITOR, Role.OPERATOR])
def test_others_may_not_publish(gateway: Gateway, role: Role) -> None:
    before = kept(gateway)
    with browser(gateway, role) as client:
        client.headers["x-csrf"] = client.get("/api/v1/me").json()["csrf"]
        assert send(client, uuid4().bytes).status_code == 403
    assert kept(gateway) == before


def test_a_form_that_says_that_it_is_too_large_is_refused_in_words(
    gateway: Gateway, centre: httpx.Client
) -> None:
    connection = HTTPConnection(httpx.URL(gateway.url).netloc.decode())
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in centre.cookies.jar)
    connection.putrequest("POST", "/courses")
    for name, value in {
        "accept": "text/html",
        "cookie": cookies,
        "origin": gateway.url,
        "content-type": "multipart/form-data; boundary=x",
        "content-length": str(600 << 20),
    }.items():
        connection.putheader(name, value)
    connection.endheaders()
    told = connection.getresponse()
    assert told.status == 413
    assert told.headers["content-type"] == "text/html; charset=utf-8"
    connection.close()


@pytest.mark.parametrize("announced", [True, False])
def test_a_form_that_grows_too_large_keeps_nothing(
    gateway: Gateway, centre: httpx.Client, monkeypatch: pytest.MonkeyPatch, announced: bool
) -> None:
    monkeypatch.setitem(edge.BODY_LIMITS, "/courses", 100_000)
    before = kept(gateway)
    form = httpx.Request(
        "POST", gateway.url, data={"csrf": centre.headers["x-csrf"]}, files={"course": ("c.zip", ZIP)}
    )
    body = form.read()
    pieces = (body[at : at + 30_000] for at in range(0, len(body), 30_000))
    head = {"content-type": form.headers["content-type"]}
    told = centre.post("/courses", content=body if announced else pieces, headers=head)
    assert told.status_code == 413
    assert kept(gateway) == before


def test_a_form_without_a_file_is_held_to_less(gateway: Gateway, centre: httpx.Client) -> None:
    head = {"content-type": "application/x-www-form-urlencoded"}
    told = centre.post("/courses", content=b"csrf=" + b"x" * FORM_BYTES_MAX, headers=head)
    assert told.status_code == 413
    assert centre.post("/courses", data={"csrf": centre.headers["x-csrf"]}).status_code == 415


@pytest.mark.parametrize("cut", [1, 20, 100_000])
def test_a_form_that_breaks_off_keeps_nothing(gateway: Gateway, centre: httpx.Client, cut: int) -> None:
    before = kept(gateway)
    form = httpx.Request(
        "POST",
        gateway.url,
        data={"csrf": centre.headers["x-csrf"]},
        files={"course": ("c.zip", ZIP + b"cut")},
    )
    head = {"content-type": form.headers["content-type"]}
    told = centre.post("/courses", content=form.read()[: -cut - 4], headers=head)
    assert told.status_code == 422
    assert kept(gateway) == before


def test_the_name_of_the_file_leads_nowhere(gateway: Gateway, centre: httpx.Client) -> None:
    published_as(gateway, None, 1)
    body = ZIP + uuid4().bytes
    before = kept(gateway)
    assert send(centre, body, filename="../../../../tmp/own-name.zip").status_code == 303
    assert kept(gateway) - before == {hashlib.sha256(body).hexdigest()}


# --- withdrawing ---------------------------------------------------------------------------------


def withdrawal(client: httpx.Client, **fields: str) -> httpx.Response:
    fields = {"csrf": client.headers["x-csrf"], "command_id": str(uuid4())} | fields
    return client.post("/courses/small/versions/1/withdraw", data=fields)


def test_a_version_is_withdrawn_with_a_reason_and_not_without(gateway: Gateway, centre: httpx.Client) -> None:
    gateway.stand_in.answers["content.courses"] = lambda _: answered({"courses": [SMALL]})
    for reason in ("", "  ", "x" * 2001, "a\x07b"):
        told = withdrawal(centre, reason=reason)
        assert told.status_code == 422 and "reason-error" in told.text
    assert gateway.stand_in.questions("content.execute") == []
    told = withdrawal(centre, reason=" An error in part 4 ")
    assert (told.status_code, told.headers["location"]) == (303, "/courses/small/versions/1?done=withdrawn")
    (batch,) = gateway.stand_in.questions("content.execute")
    body = batch["items"][0]["body"]
    assert (body["course"], body["course_version"], body["reason"]) == ("small", 1, "An error in part 4")
    assert datetime.fromisoformat(body["occurred_at"]) <= datetime.now(UTC)


def test_titles_and_reasons_are_shown_as_text(gateway: Gateway, centre: httpx.Client) -> None:
    hostile: dict[str, Any] = {
        "withdrawn_at": "2026-11-21T10:00:00Z",
        "withdrawn_because": "<script>alert(1)</script>",
    }
    told_of = {**SMALL, "versions": [{**VERSION, **hostile}]}
    gateway.stand_in.answers["content.courses"] = lambda _: answered({"courses": [told_of]})
    for path in ("/courses", "/courses/small"):
        shown = centre.get(path).text
        assert "<script>alert" not in shown and "<b>" not in shown
        assert re.search("&lt;script&gt;alert", shown)
    assert centre.get("/courses/other").status_code == 404
    assert centre.get("/courses/small/versions/2").status_code == 404
