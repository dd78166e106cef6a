"""A server for the queue in the browser alone: our scripts and words, pages with one step, books, and bad weather."""

import json
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID, uuid4

from gateway.auth import sealing_key
from gateway.web.page import POLICY
from gateway.web.rendering import STATIC, environment

ANN, BOB = UUID(int=0xA), UUID(int=0xB)
RECORD = UUID(int=0xC)
SILENCE_SECONDS = 30
PAGE = """{% from "components/base.html" import keeping with context %}<!doctype html>
<html lang="en" data-person="{{ person }}" data-csrf="{{ csrf }}"><head><title>{{ here }}</title>
<script type="module" src="/static/steps.js"></script></head><body><main><h1>{{ here }}</h1>
{% if kind == "test" %}
<form method="post" action="/learn/{{ record }}/answers" data-answers="{{ number }}">
<input type="hidden" name="steps" value="[]">
<label><input type="checkbox" name="answer-q1" value="a">A</label>
<label><input type="checkbox" name="answer-q1" value="b">B</label>
<label><input type="radio" name="answer-q2" value="c">C</label>
<button name="to" value="review">Review</button></form>
{% else %}
<form method="post" action="/learn/{{ record }}/steps" data-steps>
<input type="hidden" name="csrf" value="{{ csrf }}"><input type="hidden" name="steps" value="{{ steps }}">
<input type="hidden" name="next" value="{{ next }}">
{% for name, value in given %}<input type="hidden" name="{{ name }}" value="{{ value }}">{% endfor %}
<button>Go on</button></form>
{% if given %}<a href="/learn/{{ record }}/test/1?answer-q1=x#q1">Change</a>{% endif %}
{% endif %}
<form method="post" action="/sign-out"><button>Sign out</button></form>
{{ keeping(now, key, here) }}</main></body></html>"""


@dataclass
class Books:
    """What a server knows: each command once, in the order in which it was first done."""

    done: dict[str, dict[str, Any]] = field(default_factory=dict)
    plain: list[str] = field(default_factory=list)
    sends: int = 0
    at_once: int = 0
    """Requests with commands that were open at the same time, at most"""

    @property
    def pages(self) -> list[str]:
        """The checkpoints on record, as often as they were done."""
        return [command["checkpoint"] for command in self.done.values() if "checkpoint" in command]


@dataclass
class StepsServer:
    """`weather` is what happens to the next sends; then all is well.

    "cut": it is not read, "lost": it is done and not answered, "half": done and half answered, "slow", or a status.
    """

    url: str = ""
    books: Books = field(default_factory=Books)
    weather: deque[str | int] = field(default_factory=deque)
    person: UUID | None = ANN
    csrf: str = "proof-1"
    sitting: str = "s1"
    poison: str = ""
    """A checkpoint that no body may name"""
    mutations: dict[str, tuple[str, str]] = field(default_factory=dict)
    """file -> (what stands there, what stands there instead): a fault, planted in our scripts"""
    silent: set[str] = field(default_factory=set)
    """Paths whose requests are taken and never answered"""
    lock: threading.Lock = field(default_factory=threading.Lock)
    _open: int = 0

    def page(self, path: str) -> str:
        """A page with one step that leads to the next one; `/learn/R/pages/7`."""
        place, _, query = path.partition("?")
        kind, number = ("review", "1") if place.endswith("/review") else place.rsplit("/", 2)[-2:]
        step = {"command_id": str(uuid4()), "record_id": str(RECORD), "session_id": self.sitting}
        if kind == "sit":
            steps = [{"type": "progress.start_session", "language": "en", **step, "session_id": f"s{number}"}]
        elif kind == "review":
            body = {"course_version": 1, "attempt": int(number), "answers": {}}
            steps = [{"type": "progress.submit_quiz", **step, **body}]
        else:
            body = {"course_version": 1, "module": "m", "checkpoint": f"p{number}"}
            steps = [{"type": "progress.reach_checkpoint", **step, **body}]
        return (
            environment("en")
            .from_string(PAGE)
            .render(
                person=self.person,
                csrf=self.csrf,
                record=RECORD,
                here=path,
                steps=json.dumps(steps),
                kind=kind,
                number=number,
                given=parse_qsl(query),
                next=f"/learn/{RECORD}/pages/{int(number) + 1}",
                now=datetime.now(UTC),
                key=sealing_key(b"k" * 32, self.person or ANN),
            )
        )

    def script(self, name: str) -> str:
        """One of our scripts, with the fault that was planted in it."""
        text = (STATIC / name).read_text(encoding="utf-8")
        if name in self.mutations:
            before, after = self.mutations[name]
            assert before in text, f"{name} does not say {before!r}: plant another fault"
            text = text.replace(before, after)
        return text

    def send(self, csrf: str, body: Mapping[str, Any]) -> tuple[int, Any]:
        """Status and answer of a body of commands. Raises ConnectionError: it is cut off."""
        with self.lock:
            self._open += 1
            self.books.sends += 1
            self.books.at_once = max(self.books.at_once, self._open)
            how = self.weather.popleft() if self.weather else "fine"
        try:
            if how == "slow":
                time.sleep(0.7)
            if how == "cut":
                raise ConnectionError
            with self.lock:
                answer = self._answer(csrf, body, how)
            if how == "lost":
                raise ConnectionError
            return (0 if how == "half" else answer[0]), answer[1]
        finally:
            with self.lock:
                self._open -= 1

    def _answer(self, csrf: str, body: Mapping[str, Any], how: str | int) -> tuple[int, Any]:
        if self.person is None or how == 401:
            return 401, {"type": "/problems/not-signed-in"}
        if csrf != self.csrf:
            return 403, {"type": "/problems/foreign-page"}
        if isinstance(how, int):
            return how, {"type": "/problems/service-away"}
        latest = (datetime.now(UTC) + timedelta(minutes=5)).isoformat()
        for place, command in enumerate(body["commands"]):
            kind = "malformed" if command.get("checkpoint") == self.poison else ""
            kind = "time-in-future" if command["occurred_at"] > latest else kind
            if kind:
                errors = [{"place": f"commands.{place}.x", "sentence": kind}]
                return 422, {"type": f"/problems/{kind}", "detail": "This is no step.", "errors": errors}
        results = [self._done(command) for command in body["commands"]]
        if len(results) == 1 and results[0]["outcome"] == "refused":
            return 409, {**results[0], "detail": results[0]["sentence"]}
        return 200, {"results": results}

    def _done(self, command: dict[str, Any]) -> dict[str, Any]:
        id_ = command["command_id"]
        if id_ in self.books.done:
            return {"command_id": id_, "outcome": "duplicate", "position": 1}
        if command["type"] == "progress.start_session":
            self.sitting = command["session_id"]
        elif command["session_id"] != self.sitting:
            words = {"rule": "session-abandoned", "sentence": "It was taken over."}
            return {"command_id": id_, "outcome": "refused", **words}
        self.books.done[id_] = command
        return {"command_id": id_, "outcome": "accepted", "position": 1}


@contextmanager
def steps_server() -> Iterator[StepsServer]:
    """It listens on a free port of the loopback address."""
    server = StepsServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if self.path.partition("?")[0] in server.silent:
                threading.Event().wait(SILENCE_SECONDS)
                self.close_connection = True
            elif self.path.startswith("/static/"):
                self.tell(200, server.script(self.path.rsplit("/", 1)[1]), "text/javascript")
            elif self.path == "/api/v1/me":
                known = {"person_id": str(server.person), "csrf": server.csrf}
                self.tell(200 if server.person else 401, json.dumps(known), "application/json")
            elif self.path.startswith("/learn/"):
                self.tell(200, server.page(self.path), "text/html")
            else:
                self.tell(200, "<!doctype html><title>x</title>", "text/html")

        def do_POST(self) -> None:
            told = self.rfile.read(int(self.headers["content-length"])).decode()
            if self.path != "/api/v1/me/commands":
                server.books.plain.append(self.path)
                self.tell(200, "<!doctype html><title>plain</title>", "text/html")
                return
            try:
                status, answer = server.send(self.headers["x-csrf-token"], json.loads(told))
            except ConnectionError:
                self.close_connection = True
                return
            if status == 0:
                self.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n{")
                self.close_connection = True
                return
            self.tell(status, json.dumps(answer), "application/json")

        def tell(self, status: int, text: str, kind: str) -> None:
            body = text.encode()
            try:
                self.send_response(status)
                self.send_header("content-type", f"{kind}; charset=utf-8")
                self.send_header("content-length", str(len(body)))
                self.send_header("cache-control", "no-store")
                self.send_header("content-security-policy", POLICY)
                self.end_headers()
                self.wfile.write(body)
            except OSError:  # its tab was closed
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            return

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listening.daemon_threads = True
    server.url = f"http://127.0.0.1:{listening.server_address[1]}"
    threading.Thread(target=listening.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield server
    finally:
        listening.shutdown()
        listening.server_close()
