"""The other routes: reads with two times, courses, media, readiness, and what every answer carries."""

import contextlib
import hashlib
import json
import socket
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from deploy.local.management import Management
from deploy.local.rabbitmq import RabbitMQ
from gateway.examples import EXAMPLES
from services.contracts.access import Role
from tests.integration.gateway.conftest import Gateway, answered, refused, until

UNIT = str(uuid4())
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


@pytest.fixture(scope="module")
def manager(gateway: Gateway) -> httpx.Client:
    return gateway.signed_in(Role.MANAGER)


@pytest.fixture(scope="module")
def centre(gateway: Gateway) -> httpx.Client:
    return gateway.signed_in(Role.TRAINING_CENTRE)


def kept(gateway: Gateway, content: bytes) -> str:
    digest = hashlib.sha256(content).hexdigest()
    place = gateway.media / digest[:2] / digest
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(content)
    return digest


def test_a_read_carries_both_times_and_positions(gateway: Gateway, manager: httpx.Client) -> None:
    told = EXAMPLES["GET", "/api/v1/reports/overview"].answer
    gateway.stand_in.answers["reporting.overview"] = lambda _: answered(told)
    answer = manager.get(
        "/api/v1/reports/overview",
        params={"unit": UNIT, "course": "a", "as_of": "2027-06-30", "at_least": "progress:7,scheduling:8"},
    )
    assert (answer.status_code, answer.json()) == (200, told)
    (asked,) = gateway.stand_in.questions("reporting.overview")
    assert asked["body"]["as_of"].startswith("2027-06-30T23:59:59.999999+02:00")
    assert asked["body"]["known_at"] is None
    assert asked["body"]["at_least"] == {"progress": 7, "scheduling": 8}


@pytest.mark.parametrize(
    ("params", "place"),
    [
        ({"unit": "x", "course": "a"}, "query.unit"),
        ({"unit": UNIT}, "query.course"),
        ({"unit": UNIT, "course": "A B"}, "query.course"),
        ({"unit": UNIT, "course": "a", "as_of": "2027-06-30T09:00:00"}, "query.as_of"),
        ({"unit": UNIT, "course": "a", "known_at": "1800000000"}, "query.known_at"),
        ({"unit": UNIT, "course": "a", "at_least": "x"}, "query.at_least"),
    ],
)
def test_a_question_that_cannot_be_read_is_malformed(
    gateway: Gateway, manager: httpx.Client, params: dict[str, str], place: str
) -> None:
    answer = manager.get("/api/v1/reports/overview", params=params)
    assert (answer.status_code, answer.json()["errors"][0]["place"]) == (422, place)
    assert gateway.stand_in.asked == []


@pytest.mark.parametrize(
    ("rule", "status"), [("not-yours", 403), ("course-unknown", 404), ("position-not-reached", 503)]
)
def test_a_refused_question_is_a_problem(
    gateway: Gateway, manager: httpx.Client, rule: str, status: int
) -> None:
    gateway.stand_in.answers["reporting.overview"] = lambda _: refused(rule)
    answer = manager.get("/api/v1/reports/overview", params={"unit": UNIT, "course": "a"})
    assert (answer.status_code, answer.json()["rule"]) == (status, rule)


def test_a_course_is_streamed_to_the_store_and_published(gateway: Gateway, centre: httpx.Client) -> None:
    content = b"PK\x03\x04" + bytes(range(256)) * 12_000
    key = str(uuid4())
    answer = centre.post(
        "/api/v1/courses",
        content=(content[i : i + 50_000] for i in range(0, len(content), 50_000)),
        headers={"content-type": "application/zip", "idempotency-key": key},
    )
    assert answer.status_code == 201
    assert answer.json() == {"outcome": "accepted", "command_id": key, "position": 1}
    (batch,) = gateway.stand_in.questions("content.execute")
    digest = batch["items"][0]["body"]["upload"]
    assert (gateway.media / digest[:2] / digest).read_bytes() == content


def test_a_course_too_large_is_refused_before_it_comes(gateway: Gateway, centre: httpx.Client) -> None:
    before = sorted(gateway.media.rglob("*"))
    address = httpx.URL(gateway.url)
    head = (
        "POST /api/v1/courses HTTP/1.1\r\nHost: x\r\nContent-Type: application/zip\r\n"
        f"Authorization: {centre.headers['authorization']}\r\nContent-Length: {513 * 1024 * 1024}\r\n\r\nPK"
    )
    with socket.create_connection((address.host, address.port or 0), timeout=5) as line:
        line.sendall(head.encode())
        assert line.makefile("rb").readline().startswith(b"HTTP/1.1 413")
    assert sorted(gateway.media.rglob("*")) == before


def test_a_faulty_course_is_told_line_by_line(gateway: Gateway, centre: httpx.Client) -> None:
    fault = {"file": "course.yaml", "line": 3, "sentence": "The title is missing in Dutch."}

    def faulty(batch: dict[str, Any]) -> dict[str, Any]:
        id_ = batch["items"][0]["body"]["command_id"]
        params = {"faults": json.dumps({"faults": [fault]})}
        return answered(
            {
                "outcomes": [
                    {"outcome": "refused", "command_id": id_, "rule": "course-faulty", "params": params}
                ]
            }
        )

    gateway.stand_in.answers["content.execute"] = faulty
    answer = centre.post(
        "/api/v1/courses", content=b"PK\x05\x06", headers={"content-type": "application/zip"}
    )
    assert (answer.status_code, answer.json()["faults"]) == (422, [fault])


def test_media_by_digest_with_ranges_and_a_long_cache(gateway: Gateway, manager: httpx.Client) -> None:
    content = b"\x1aE\xdf\xa3" + bytes(1000)
    address = f"/media/{kept(gateway, content)}"
    whole = manager.get(address)
    assert (whole.status_code, whole.content) == (200, content)
    assert whole.headers["content-type"] == "video/webm"
    assert whole.headers["etag"] == f'"{address.removeprefix("/media/")}"'
    assert whole.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert whole.headers["x-content-type-options"] == "nosniff"

    def part(wanted: str) -> httpx.Response:
        return manager.get(address, headers={"range": wanted})

    first = part("bytes=0-3")
    assert (first.status_code, first.content) == (206, content[:4])
    assert first.headers["content-range"] == "bytes 0-3/1004"
    assert part("bytes=-4").content == content[-4:]
    assert part("bytes=1000-").content == content[1000:]
    assert part("bytes=0-1,3-4").status_code == 200
    assert part("lines=1-2").status_code == 200
    beyond = part("bytes=1004-")
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, "bytes */1004")
    assert manager.get(address, headers={"if-none-match": whole.headers["etag"]}).status_code == 304


def test_a_picture_runs_no_script(gateway: Gateway, manager: httpx.Client) -> None:
    answer = manager.get(f"/media/{kept(gateway, SVG)}")
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")


@pytest.mark.parametrize("content", [b"PK\x03\x04 a course with its keys", b'{"course":"a"}', b"<html>"])
def test_what_is_no_media_is_not_there(gateway: Gateway, manager: httpx.Client, content: bytes) -> None:
    assert manager.get(f"/media/{kept(gateway, content)}").status_code == 404


def test_media_are_for_people_who_are_signed_in(gateway: Gateway) -> None:
    with gateway.client() as client:
        assert client.get(f"/media/{kept(gateway, SVG)}").status_code == 401
        assert client.get("/media/..%2f..%2fetc%2fpasswd").status_code in (401, 404)


def test_the_drawn_questions_come_without_keys(gateway: Gateway) -> None:
    record = EXAMPLES["GET", "/api/v1/me/records/{record}"].answer
    quiz = EXAMPLES["GET", "/api/v1/me/records/{record}/quiz"].answer
    learner = gateway.signed_in(Role.LEARNER)
    address = f"/api/v1/me/records/{record['record_id']}/quiz?lang=fr"
    gateway.stand_in.answers["progress.record"] = lambda _: answered(record)
    assert learner.get(address).json()["rule"] == "quiz-not-open"
    opened = {**record, "quiz_open": True, "quiz": {"attempt": 1, "questions": ["who-to-tell"]}}
    gateway.stand_in.answers["progress.record"] = lambda _: answered(opened)
    gateway.stand_in.answers["content.questions"] = lambda _: answered({"questions": quiz["questions"]})
    assert learner.get(address).json() == quiz


def test_a_rebuild_says_where_to_look(gateway: Gateway) -> None:
    job = str(uuid4())
    gateway.stand_in.answers["reporting.rebuild"] = lambda _: answered({"job_id": job})
    answer = gateway.signed_in(Role.AUDITOR).post("/api/v1/audit/rebuild", json={})
    assert (answer.status_code, answer.headers["location"]) == (202, f"/api/v1/audit/rebuild/{job}")


def test_only_feeds_that_exist_can_be_read(gateway: Gateway) -> None:
    auditor = gateway.signed_in(Role.AUDITOR)
    page = EXAMPLES["GET", "/api/v1/audit/feeds/{service}"].answer
    gateway.stand_in.answers["progress.audit_feed"] = lambda _: answered(page)
    assert auditor.get("/api/v1/audit/feeds/progress?after=3&limit=10").json() == page
    assert gateway.stand_in.questions("progress.audit_feed")[0]["body"] == {"after": 3, "limit": 10}
    assert auditor.get("/api/v1/audit/feeds/reporting").status_code == 404
    assert auditor.get("/api/v1/audit/feeds/progress?limit=100000").status_code == 422


def test_an_assignment_is_for_one_person_or_one_unit(gateway: Gateway, manager: httpx.Client) -> None:
    body = {**EXAMPLES["POST", "/api/v1/assignments"].request, "occurred_at": "2026-01-30T12:00:00+01:00"}
    assert manager.post("/api/v1/assignments", json=body).status_code == 201
    both = manager.post("/api/v1/assignments", json={**body, "person_id": UNIT})
    assert both.status_code == 422
    assert "person_id" in both.json()["errors"][0]["sentence"]


def test_health_is_about_the_process_and_readiness_about_everything(gateway: Gateway) -> None:
    answers = gateway.stand_in.answers
    page = EXAMPLES["GET", "/api/v1/audit/feeds/{service}"].answer
    for service in ("content", "progress", "scheduling"):
        answers[f"{service}.audit_feed"] = lambda _: answered(page)
    answers["reporting.health"] = lambda _: refused("service-away", service="reporting")
    with gateway.client() as client:
        assert client.get("/healthz").json() == {"status": "ok"}
        until(lambda: client.get("/readyz").json()["parts"].get("progress") == "ready")
        told = client.get("/readyz")
        assert (told.status_code, told.json()["parts"]["reporting"]) == (503, "away")
        answers["reporting.health"] = lambda _: answered({"followers": []})
        until(lambda: client.get("/readyz").status_code == 200)


def test_figures_name_routes_and_nobody(gateway: Gateway, manager: httpx.Client) -> None:
    manager.get(f"/api/v1/reports/people/{manager.headers['x-person']}/transcript?as_of=x")
    with gateway.client() as client:
        told = client.get("/metrics").text
    assert 'route="/api/v1/reports/people/{person}/transcript"' in told
    assert manager.headers["x-person"] not in told


@pytest.mark.parametrize("path", ["/docs", "/docs/docs.js", "/docs/docs.css", "/openapi.json"])
def test_the_interface_describes_itself_without_others(gateway: Gateway, path: str) -> None:
    with gateway.client() as client:
        answer = client.get(path)
    assert answer.status_code == 200
    assert "http://" not in answer.text.replace("http://www.w3.org", "")
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_the_document_has_an_example_for_every_route(gateway: Gateway) -> None:
    with gateway.client() as client:
        document = client.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            bodies = operation.get("requestBody", {}).get("content", {}).values()
            answers = [c for r in operation["responses"].values() for c in r.get("content", {}).values()]
            assert any("example" in content for content in [*bodies, *answers]) or path in (
                "/media/{sha256}", "/api/v1/session"
            ), f"{method} {path}"  # fmt: skip
    names = set(document["components"]["schemas"])
    used = {part.split('"')[0] for part in json.dumps(document).split("#/components/schemas/")[1:]}
    assert used <= names


def test_every_answer_carries_what_protects_it(gateway: Gateway, manager: httpx.Client) -> None:
    for path in ("/api/v1/me", "/nowhere", "/healthz"):
        headers = manager.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"
        assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert "server" not in headers


def test_methods_and_addresses_that_do_not_exist(gateway: Gateway, manager: httpx.Client) -> None:
    assert manager.get("/api/v1/nowhere").json()["type"] == "/problems/not-found"
    wrong = manager.put("/api/v1/me")
    assert (wrong.status_code, wrong.json()["type"]) == (405, "/problems/method-not-allowed")
    assert wrong.headers["allow"] == "GET"
    assert manager.get("/api/v1/me/").status_code == 404


def test_a_connection_that_the_broker_closes_is_made_again(
    gateway: Gateway, manager: httpx.Client, rabbitmq: RabbitMQ
) -> None:
    gateway.stand_in.answers["reporting.overview"] = lambda _: refused("not-yours")
    api = Management(rabbitmq.management_url, rabbitmq.admin_uri)
    user = gateway.settings.amqp_uri.split("//")[1].split(":")[0]

    def ask() -> int:
        return manager.get("/api/v1/reports/overview", params={"unit": UNIT, "course": "a"}).status_code

    assert ask() == 403
    mine: list[str] = []

    def found() -> bool:  # the management API learns of connections with a delay
        mine[:] = [c["name"] for c in api.get("connections") if c["user"] == user]
        return bool(mine)

    until(found)
    for name in mine:
        api.delete("connections", name)
    assert ask() in (403, 503)
    until(lambda: ask() == 403)
    assert Path(gateway.media).exists()


@pytest.mark.parametrize(
    "sent", [b"", b"GET / HTTP/1.1\r\nHost: x\r\n", b"POST /api/v1/session HTTP/1.1\r\nX: " + b"x" * 90_000]
)
def test_a_head_that_does_not_come_or_does_not_end_is_hung_up_on(
    gateway: Gateway, sent: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.protocol.HEAD_SECONDS", 0.2)
    address = httpx.URL(gateway.url)
    with socket.create_connection((address.host, address.port or 0), timeout=5) as line:
        line.sendall(sent)
        with contextlib.suppress(ConnectionResetError):
            assert line.recv(1000) == b""


@pytest.mark.parametrize("idle", [b"x: " + b"y" * 2_000 + b"\r\n", b"z" * 2_000], ids=["many", "one"])
def test_what_follows_a_body_does_not_fill_the_memory(gateway: Gateway, idle: bytes) -> None:
    """Trailers without end, from somebody who is not signed in."""
    address = httpx.URL(gateway.url)
    head = (
        b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n"
    )
    with socket.create_connection((address.host, address.port or 0), timeout=5) as line:
        line.sendall(head)
        with pytest.raises(OSError):
            for _ in range(20_000):  # 40 MB, were nobody to hang up
                line.sendall(idle)


@pytest.mark.parametrize("origin", ["http://[", "null", "", "http://evil.example"])
def test_an_origin_that_is_no_origin_is_a_foreign_page(gateway: Gateway, origin: str) -> None:
    answer = httpx.post(
        f"{gateway.url}/api/v1/session",
        json={"user": "somebody", "password": "something"},
        headers={"origin": origin},
    )
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/foreign-page")


def test_a_path_names_all_its_methods(gateway: Gateway, manager: httpx.Client) -> None:
    assert manager.put("/api/v1/courses").headers["allow"] == "GET, POST"
