"""Small things at the edge: rates, lock-outs, media types, times of commands, examples."""

import itertools
import json
import time
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from pydantic import BaseModel

from gateway import VERSION
from gateway.access import API, ROUTES
from gateway.accounts import NOBODY, _is_right, lock_seconds, login_key_of
from gateway.api import seats, sessions
from gateway.api.centre import Withdraw
from gateway.api.duties import End
from gateway.api.learner import LearnerCommands, OpenQuiz
from gateway.api.media import SVG, type_of
from gateway.api.operator import OrganisationCommands, Readiness
from gateway.api.session import Credentials, SessionView, SignedIn
from gateway.ask import answer_in
from gateway.body import check_times
from gateway.edge import _correlation_id
from gateway.errors import Problem
from gateway.examples import EXAMPLES
from gateway.limits import ATTEMPTS_FREE, LOCK_SECONDS_MAX
from gateway.rates import Buckets
from gateway.results import CommandDone, CommandResults
from services.contracts.content import Courses, CourseView, ModuleView
from services.contracts.message import Command
from services.contracts.progress import RecordView
from services.contracts.reporting.audit import History
from services.contracts.reporting.due import Due
from services.contracts.reporting.duties import Hindrances, Orders
from services.contracts.reporting.operation import Health, Rebuild, Rebuilds, RebuildStarted, RebuildStatus
from services.contracts.reporting.organisation import Organisation
from services.contracts.reporting.overview import Overview, Trend
from services.contracts.reporting.people import AskPeople, People, Staff
from services.contracts.reporting.seats import LostSeats, PersonPlan, Plan, SeatUse
from services.contracts.reporting.sessions import Sessions as SessionsHeld
from services.contracts.reporting.transcripts import Transcript, Why
from services.contracts.scheduling import AssignCourse
from services.contracts.scheduling.duties import GiveOrder
from services.contracts.scheduling.exemptions import GrantExemption, RevokeExemption

NOON = datetime(2027, 6, 30, 12, tzinfo=UTC)


def test_a_bucket_empties_and_fills_again() -> None:
    now = [0.0]
    buckets = Buckets(rate_per_second=1, burst=2, clock=lambda: now[0])
    buckets.take("ann")
    buckets.take("ann")
    with pytest.raises(Problem) as refused:
        buckets.take("ann")
    assert (refused.value.status, refused.value.retry_after) == (429, 1)
    buckets.take("ben")
    now[0] = 1.0
    buckets.take("ann")


def test_an_account_is_locked_longer_and_longer_and_not_for_ever() -> None:
    seconds = [lock_seconds(n) for n in range(1, 60)]
    assert seconds[: ATTEMPTS_FREE - 1] == [0] * (ATTEMPTS_FREE - 1)
    assert seconds[ATTEMPTS_FREE - 1] > 0
    assert all(a <= b for a, b in itertools.pairwise(seconds))
    assert seconds[-1] == LOCK_SECONDS_MAX


def test_a_user_name_is_found_however_it_is_written() -> None:
    key = b"k" * 32
    assert login_key_of(key, " Ann.Peeters ") == login_key_of(key, "ann.PEETERS")
    assert login_key_of(key, "ann") != login_key_of(b"l" * 32, "ann")


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\x1aE\xdf\xa3\x01", "video/webm"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"WEBVTT\n\n", "text/vtt; charset=utf-8"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'>", SVG),
        (b"<?xml version='1.0'?>\n<!-- no picture as content keeps it --><svg>", None),
        (b"\xef\xbb\xbf<svg>", None),
        (b"PK\x03\x04", None),
        (b'{"course":', None),
        (b"<html><svg>", None),
        (b"<script>", None),
        (b"", None),
    ],
)
def test_only_media_have_a_type(head: bytes, kind: str | None) -> None:
    assert type_of(head) == kind


def test_an_upload_that_is_made_for_it_keeps_nobody_waiting() -> None:
    """Any bytes may be uploaded, and their digest be asked for: what they are is seen at once."""
    began = time.perf_counter()
    for head in (b"<!---->" * 24 + b"<p>", b" " * 1000 + b"<", b"<?xml " * 170):
        assert type_of(head) is None
    assert time.perf_counter() - began < 0.5


@pytest.mark.parametrize(
    ("at", "steps", "kind"),
    [
        (NOON + timedelta(minutes=6), False, "time-in-future"),
        (NOON - timedelta(days=15), True, "time-too-old"),
        (NOON + timedelta(minutes=4), True, None),
        (NOON - timedelta(days=13), True, None),
        (NOON - timedelta(days=4000), False, None),
    ],
)
def test_times_of_commands(at: datetime, steps: bool, kind: str | None) -> None:
    commands = [Command(command_id=uuid4(), type="x", occurred_at=when) for when in (NOON, at)]
    if kind is None:
        check_times(commands, NOON, steps=steps)
        return
    with pytest.raises(Problem) as refused:
        check_times(commands, NOON, steps=steps)
    assert (refused.value.kind, refused.value.status) == (kind, 422)
    assert refused.value.faults[0].place == "commands.1.occurred_at"


REQUESTS: dict[tuple[str, str], type[BaseModel]] = {
    ("POST", f"{API}/session"): Credentials,
    ("POST", f"{API}/me/commands"): LearnerCommands,
    ("POST", f"{API}/assignments"): AssignCourse,
    ("POST", f"{API}/courses/{{course}}/versions/{{version}}/withdraw"): Withdraw,
    ("POST", f"{API}/audit/people"): AskPeople,
    ("POST", f"{API}/audit/rebuild"): Rebuild,
    ("POST", f"{API}/organisation/commands"): OrganisationCommands,
    ("POST", f"{API}/rooms"): seats.RoomCommands,
    ("POST", f"{API}/slots"): seats.SlotCommands,
    ("POST", f"{API}/bookings"): seats.BookingCommands,
    ("POST", f"{API}/orders"): GiveOrder,
    ("POST", f"{API}/exemptions"): GrantExemption,
    ("POST", f"{API}/exemptions/revoke"): RevokeExemption,
    ("POST", f"{API}/orders/{{order}}/end"): End,
    ("POST", f"{API}/sessions"): sessions.SessionCommands,
    ("POST", f"{API}/requests"): sessions.RequestCommands,
    ("POST", f"{API}/attendance"): sessions.AttendanceCommands,
}
ANSWERS: dict[tuple[str, str], type[BaseModel]] = {
    ("POST", f"{API}/session"): SignedIn,
    ("GET", f"{API}/me"): SessionView,
    ("GET", f"{API}/courses"): Courses,
    ("GET", f"{API}/courses/{{course}}"): CourseView,
    ("GET", f"{API}/courses/{{course}}/versions/{{version}}/modules/{{module}}"): ModuleView,
    ("GET", f"{API}/me/training"): Transcript,
    ("GET", f"{API}/me/records/{{record}}"): RecordView,
    ("GET", f"{API}/me/records/{{record}}/quiz"): OpenQuiz,
    ("POST", f"{API}/me/commands"): CommandResults,
    ("GET", f"{API}/reports/overview"): Overview,
    ("GET", f"{API}/reports/trend"): Trend,
    ("GET", f"{API}/reports/staff"): Staff,
    ("GET", f"{API}/reports/people/{{person}}/transcript"): Transcript,
    ("GET", f"{API}/organisation"): Organisation,
    ("POST", f"{API}/assignments"): CommandDone,
    ("POST", f"{API}/courses"): CommandDone,
    ("GET", f"{API}/audit/people/{{person}}/history"): History,
    ("POST", f"{API}/audit/people"): People,
    ("GET", f"{API}/audit/rebuild"): Rebuilds,
    ("POST", f"{API}/audit/rebuild"): RebuildStarted,
    ("GET", f"{API}/audit/rebuild/{{job}}"): RebuildStatus,
    ("POST", f"{API}/organisation/commands"): CommandResults,
    ("GET", f"{API}/reports/plan"): Plan,
    ("GET", f"{API}/reports/lost-seats"): LostSeats,
    ("GET", f"{API}/reports/seats"): SeatUse,
    ("GET", f"{API}/reports/people/{{person}}/plan"): PersonPlan,
    ("GET", f"{API}/me/plan"): PersonPlan,
    ("POST", f"{API}/rooms"): CommandResults,
    ("POST", f"{API}/slots"): CommandResults,
    ("POST", f"{API}/bookings"): CommandResults,
    ("GET", f"{API}/followers"): Health,
    ("GET", "/readyz"): Readiness,
    ("GET", f"{API}/orders"): Orders,
    ("GET", f"{API}/reports/due"): Due,
    ("GET", f"{API}/sessions"): SessionsHeld,
    ("POST", f"{API}/orders"): CommandDone,
    ("POST", f"{API}/exemptions"): CommandDone,
    ("POST", f"{API}/exemptions/revoke"): CommandDone,
    ("POST", f"{API}/orders/{{order}}/end"): CommandDone,
    ("GET", f"{API}/reports/exceptions"): Hindrances,
    ("GET", f"{API}/reports/people/{{person}}/status/{{course}}/why"): Why,
}


def test_every_route_has_an_example() -> None:
    assert set(EXAMPLES) == {route for route, access in ROUTES.items() if not access.page}


@pytest.mark.parametrize("route", list(REQUESTS), ids=" ".join)
def test_examples_of_requests_can_be_sent(route: tuple[str, str]) -> None:
    REQUESTS[route].model_validate_json(json.dumps(EXAMPLES[route].request))


@pytest.mark.parametrize("route", list(ANSWERS), ids=" ".join)
def test_examples_of_answers_are_answers(route: tuple[str, str]) -> None:
    ANSWERS[route].model_validate_json(json.dumps(EXAMPLES[route].answer))


def test_a_correlation_id_is_a_uuid_or_made() -> None:
    told = str(uuid4())
    assert _correlation_id([(b"x-correlation-id", told.encode())]) == told
    for odd in (b"", b"x\r\ny", b"1" * 10_000, b"\xff"):
        assert UUID(_correlation_id([(b"x-correlation-id", odd)]))


def test_the_answer_of_a_reply_is_passed_on_as_it_stands() -> None:
    assert answer_in('{"answer":{"a": [1]},"problem":null}') == '{"a": [1]}'
    assert answer_in('{"problem": null, "answer": {"a": [1]}}') == '{"a":[1]}'
    with pytest.raises(Problem) as refused:
        answer_in('{"answer":null,"problem":{"rule":"course-unknown","params":{"course":"x"}}}')
    assert refused.value.status == 404


def test_no_password_fits_nobody() -> None:
    assert not _is_right(NOBODY, "x")
    assert not _is_right("not a hash", "x")


def test_the_version_that_pages_tell_is_that_of_the_product() -> None:
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == VERSION
