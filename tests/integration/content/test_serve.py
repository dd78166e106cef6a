"""`serve` as it runs: eventlet, RabbitMQ, RPC. Reading a zip must not hold up those who only ask."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pydantic import TypeAdapter

from services.backbone.actor import TokenSigner
from services.backbone.blobs import BlobFolder
from services.backbone.wire import Unanswered, Wire
from services.content.source import zip_folder
from services.contracts.access import Actor, Role
from services.contracts.content import (
    AskCourse,
    AskCourses,
    ContentCommand,
    Courses,
    CourseView,
    PublishCourse,
)
from services.contracts.message import Batch, FeedPage, Message, Outcomes, ReadFeed, Reply, Signed
from services.contracts.rules import Rule
from tests.integration.conftest import ROOT, Broker, Database
from tests.unit.content.folder import WEBM, change, write_course

START_SECONDS = 20


@pytest.fixture(scope="module")
def blobs(folder: Path, names: str) -> BlobFolder:
    return BlobFolder(folder / names / "media")


@pytest.fixture(scope="module")
def wire_uri(broker: Broker) -> str:
    """The gateway's own user may ask every service."""
    return broker.uri("gateway")


@pytest.fixture(scope="module")
def serving(
    databases: dict[str, Database], broker: Broker, blobs: BlobFolder, wire_uri: str
) -> Iterator[None]:
    database = databases["content"].migrated("services/content/migrations")
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith(("CONTENT_", "PARCOURS_"))},
        "CONTENT_DATABASE_URL": database.url,
        "CONTENT_AMQP_URI": broker.uri("content"),
        "CONTENT_MEDIA_FOLDER": str(blobs.folder),
        "PARCOURS_ACTOR_PUBLIC_KEY": broker.environment["PARCOURS_ACTOR_PUBLIC_KEY"],
    }
    process = subprocess.Popen([sys.executable, "-m", "services.content", "serve"], cwd=ROOT, env=environment)
    try:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                ask(wire_uri, "courses", signed(broker, Role.LEARNER, AskCourses()))
                break
            except Unanswered:
                assert process.poll() is None and time.monotonic() < deadline
                time.sleep(0.2)
        yield
    finally:
        process.terminate()
        assert process.wait(10) == 0


def ask(uri: str, method: str, request: Message) -> Reply[Any]:
    with Wire(uri, "gateway") as wire:
        return Reply[Any].model_validate_json(
            wire.answer(wire.ask("content", method, request.model_dump_json()), timeout_seconds=60)
        )


def signed(broker: Broker, role: Role, body: Any) -> Signed[Any]:
    signer = TokenSigner(Path(broker.environment["GATEWAY_ACTOR_PRIVATE_KEY"]))
    actor = Actor(
        person_id=uuid4(), roles=frozenset({role}), expires_at=datetime.now(UTC) + timedelta(hours=1)
    )
    return Signed[Any](token=signer.sign(actor, "content"), correlation_id=uuid4(), body=body)


def publish(uri: str, broker: Broker, upload: str, role: Role = Role.TRAINING_CENTRE) -> Outcomes:
    command = PublishCourse(command_id=uuid4(), occurred_at=datetime.now(UTC), upload=upload)
    item = signed(broker, role, command)
    batch = Batch[ContentCommand](items=(Signed[ContentCommand](**dict(item)),))
    return TypeAdapter(Outcomes).validate_python(ask(uri, "execute", batch).answer)


def uploaded(folder: Path, blobs: BlobFolder) -> str:
    packed = folder.with_suffix(".zip")
    zip_folder(folder, packed)
    with packed.open("rb") as file:
        return blobs.put(iter(lambda: file.read(1 << 20), b""))


def test_a_training_centre_publishes_and_a_learner_reads(
    serving: None, broker: Broker, wire_uri: str, blobs: BlobFolder, tmp_path: Path
) -> None:
    upload = uploaded(write_course(tmp_path / "course"), blobs)

    (refused,) = publish(wire_uri, broker, upload, Role.LEARNER).outcomes
    assert refused.rule == Rule.NOT_YOURS  # type: ignore[union-attr]
    (done,) = publish(wire_uri, broker, upload).outcomes
    assert done.outcome == "accepted"

    courses = Courses.model_validate(
        ask(wire_uri, "courses", signed(broker, Role.LEARNER, AskCourses())).answer
    )
    assert [course.course for course in courses.courses] == ["small"]
    asked = signed(broker, Role.LEARNER, AskCourse(course="small", language="fr"))
    assert CourseView.model_validate(ask(wire_uri, "course", asked).answer).title == "Petit cours"
    unknown = signed(broker, Role.LEARNER, AskCourse(course="other", language="fr"))
    assert ask(wire_uri, "course", unknown).problem.rule == Rule.COURSE_UNKNOWN  # type: ignore[union-attr]


def test_auditors_see_the_feed_without_answer_keys(serving: None, broker: Broker, wire_uri: str) -> None:
    asked = ReadFeed(after=0, limit=100)
    reply = ask(wire_uri, "audit_feed", signed(broker, Role.AUDITOR, asked))
    page = FeedPage[Any].model_validate(reply.answer)
    assert [item.event["type"] for item in page.items] == [
        "content.course_version_published",
        "content.answer_key_deposited",
    ]
    assert page.items[1].event["questions"] == []
    refused = ask(wire_uri, "audit_feed", signed(broker, Role.LEARNER, asked))
    assert refused.problem and refused.problem.rule == Rule.NOT_YOURS


def test_reading_a_large_zip_does_not_hold_up_questions(
    serving: None, broker: Broker, wire_uri: str, blobs: BlobFolder, tmp_path: Path
) -> None:
    folder = write_course(tmp_path / "course")
    change(folder, "course.yaml", "course: small", "course: large")
    for language in ("fr", "nl"):
        with (folder / f"modules/introduction/film.{language}.webm").open("wb") as clip:
            clip.write(WEBM)
            for n in range(40):
                clip.write(bytes([n]) * (1 << 20))
            clip.write(language.encode())
    upload = uploaded(folder, blobs)

    with ThreadPoolExecutor(1) as pool:
        publishing = pool.submit(publish, wire_uri, broker, upload)
        waits: list[float] = []
        while not publishing.done():
            started = time.perf_counter()
            ask(wire_uri, "courses", signed(broker, Role.LEARNER, AskCourses()))
            waits.append(time.perf_counter() - started)
        (done,) = publishing.result().outcomes
    assert done.outcome == "accepted"
    assert len(waits) >= 3, "the zip was read too quickly to tell"
    assert max(waits) < 1.0
