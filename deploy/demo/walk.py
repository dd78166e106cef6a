"""A learner at a PC: the steps that a browser would send, through the public API."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import yaml

from deploy.api import Person
from services.contracts.progress import record_id_of

STEP = timedelta(seconds=40)
COURSE_FOLDER = Path(__file__).parent / "course"


@dataclass(frozen=True)
class Part:
    """A part of the course: its id and its pages in order."""

    id: str
    pages: tuple[str, ...]
    test: bool


class Walk:
    """One person on one PC. Time passes between steps; never into the future."""

    def __init__(self, person: Person, person_id: UUID, course: str, language: str) -> None:
        """Look the course up; nothing is recorded yet."""
        self.person = person
        self.person_id = person_id
        self.course = course
        self.language = language
        self.record_id = record_id_of(person_id, course)
        self.session_id = uuid4()
        self.position = 0
        view = person.get(f"/courses/{course}", lang=language)
        self.version = view["course_version"]
        self._parts = [
            Part(m["id"], tuple(page[0] for page in m["pages"]), m["test"]) for m in view["modules"]
        ]
        self._clock: datetime | None = None

    @property
    def modules(self) -> list[Part]:
        """The parts before the test."""
        return [part for part in self._parts if not part.test]

    def open(self, at: datetime) -> None:
        """Open the record and sit down, at a time in the past; the steps follow from there."""
        self._clock = at
        self._send(
            {**self._command("progress.open_record"), "course": self.course, "language": self.language},
            self._session("progress.start_session", language=self.language),
        )

    def sit_down(self) -> None:
        """Go on at this PC, now."""
        self._clock = None
        self._send(self._session("progress.start_session", language=self.language))

    def stand_up(self) -> None:
        """Stop for now."""
        self._send(self._session("progress.end_session"))

    def session_command(self) -> dict[str, Any]:
        """The command that sits down at this PC."""
        return self._session("progress.start_session", language=self.language)

    def follow(self, part: Part) -> None:
        """Follow a part from its first page to its last."""
        self._send(*self._steps(part))

    def _steps(self, part: Part) -> Iterator[dict[str, Any]]:
        yield self._step("progress.start_module", module=part.id)
        for page in part.pages:
            yield self._step("progress.reach_checkpoint", module=part.id, checkpoint=page)
        if not part.test:
            yield self._step("progress.complete_module", module=part.id)

    def begin_test(self) -> dict[str, Any]:
        """Read what stands before the test of knowledge, and begin it; the attempt."""
        test = next(part for part in self._parts if part.test)
        if not self.view()["checkpoints_reached"].get(test.id):
            self.follow(test)
        self._send(self._step("progress.start_quiz"))
        quiz: dict[str, Any] = self.view()["quiz"]
        return quiz

    def sit_test(self, *, right: bool) -> dict[str, Any]:
        """Sit the test of knowledge; the record afterwards. The demo knows the answers from the course's folder."""
        quiz = self.begin_test()
        keys = _answer_keys()
        answers = {
            question: keys[question] if right or n % 2 else [] for n, question in enumerate(quiz["questions"])
        }
        self._send(self._step("progress.submit_quiz", attempt=quiz["attempt"], answers=answers))
        return self.view()

    def view(self) -> dict[str, Any]:
        """Where the record stands."""
        view: dict[str, Any] = self.person.get(f"/me/records/{self.record_id}")
        return view

    def try_step(self, type_: str, **body: Any) -> dict[str, Any]:
        """The outcome of a step that may be refused (sent with another, so that the answer is a list)."""
        self._clock = None
        return self.person.commands([self._step(type_, **body), self._step(type_, **body)])[0]

    def _send(self, *commands: dict[str, Any]) -> None:
        for result in self.person.commands(commands):
            if result["outcome"] == "refused":
                raise RuntimeError(f"{self.course}: {result['sentence']}")
            self.position = max(self.position, result["position"])

    def _command(self, type_: str) -> dict[str, Any]:
        now = datetime.now(UTC)
        at = now if self._clock is None else min(self._clock, now)
        if self._clock is not None:
            self._clock += STEP
        return {"command_id": str(uuid4()), "type": type_, "occurred_at": at.isoformat()}

    def _session(self, type_: str, **body: Any) -> dict[str, Any]:
        return {
            **self._command(type_),
            "record_id": str(self.record_id),
            "session_id": str(self.session_id),
            **body,
        }

    def _step(self, type_: str, **body: Any) -> dict[str, Any]:
        return self._session(type_, course_version=self.version, **body)


def _answer_keys() -> dict[str, list[str]]:
    pool = yaml.safe_load((COURSE_FOLDER / "questions.yaml").read_text(encoding="utf-8"))["questions"]
    return {
        question["id"]: [option["id"] for option in question["options"] if option.get("right")]
        for question in pool
    }
