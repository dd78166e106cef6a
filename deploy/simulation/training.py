"""Makes years of training in minutes: a seeded generator that goes through the domain code.

People follow the course in sittings that overlap, as a prison's staff does, so that a page of the
feed holds steps of some hundred people and not one person's whole way.
"""

import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Final
from uuid import UUID, uuid5

import psycopg

from deploy.simulation.log_writer import LogWriter
from services.backbone.aggregate import Act, Fact
from services.contracts.message import Language
from services.contracts.progress import record_id_of
from services.progress import catalogue
from services.progress.domain import Outline, TrainingRecord

PEOPLE: Final = UUID("7d0c2f5a-3d0e-5b3f-8f5c-5a1e0c9b6d42")
"""Namespace of made-up people."""

SITTING_TOGETHER: Final = 400
"""People who are at a PC at the same time."""

COMMIT_EVENTS: Final = 5_000
NEVER_START: Final = 0.15
"""Share of people who have not begun at the end."""

OFFLINE: Final = 0.03
"""Share of people whose PC sends what they did only hours later."""

OFFLINE_FOR: Final = timedelta(hours=3)
TAKE_OVER: Final = 0.15
"""How often somebody goes on at another PC after a part."""

RIGHT: Final = 0.9
"""How often a question is answered rightly."""

OUTLINE_SECONDS_MAX: Final = 30
"""How long progress may take to hear of a course."""

LANGUAGES: Final[Sequence[Language]] = ("fr", "nl")


@dataclass(frozen=True, slots=True)
class Scale:
    """How much history: so many events of so many people between two moments, from a seed."""

    people: int
    events: int
    since: datetime
    until: datetime
    seed: int = 1


def outline_of(database_url: str, course: str, version: int) -> Outline:
    """The course as progress knows it, as soon as it does. Raises TimeoutError."""
    deadline = time.monotonic() + OUTLINE_SECONDS_MAX
    with psycopg.connect(database_url, autocommit=True) as connection:
        while time.monotonic() < deadline:
            outline = catalogue.outline(
                lambda query, params: connection.execute(query, params).fetchall(), course, version
            )
            if outline is not None:
                return outline
            time.sleep(0.1)
    raise TimeoutError("progress did not hear of the course")


def person(seed: int, name: int | str) -> UUID:
    """The id of a made-up person: the same for the same seed and name."""
    return uuid5(PEOPLE, f"{seed}/{name}")


def fill(writer: LogWriter, outline: Outline, scale: Scale) -> Iterator[int]:
    """Append the history; yields how many events stand after each commit."""
    batch: list[Fact] = []
    for events in Training(outline, scale).commands():
        batch += events
        if len(batch) >= COMMIT_EVENTS:
            writer.append(batch)
            yield writer.events
            batch = []
    writer.append(batch)
    yield writer.events


class Training:
    """Exactly as many events as are wanted. Some people finish, most stop on the way, some never start."""

    def __init__(self, outline: Outline, scale: Scale) -> None:
        self._outline = outline
        self._scale = scale
        self._chance = random.Random(scale.seed)  # noqa: S311
        self._whole = sum(len(checkpoints) + 2 for checkpoints in outline.modules.values()) + 5
        self._now = scale.since
        self._made = 0
        self._planned = 0
        self._begun = 0
        self._period = 0

    def commands(self) -> Iterator[list[Fact]]:
        """The events of one command after the other, of many people by turns, in the order of time."""
        while self._made < self._scale.events:
            self._period += 1
            yield from self._everybody()

    def _everybody(self) -> Iterator[list[Fact]]:
        """One period of all who begin in it, some hundred at a time."""
        scale, chance = self._scale, self._chance
        tick = (scale.until - scale.since) / max(scale.events, 1)
        coming = self._people()
        ways = [self._way(person_id) for person_id in islice(coming, SITTING_TOGETHER)]
        while ways and self._made < scale.events:
            place = chance.randrange(len(ways))
            events = next(ways[place], None)
            if events is None or self._made + len(events) > scale.events:  # over, or would be too many
                if (another := next(coming, None)) is not None:
                    ways[place] = self._way(another)
                else:
                    ways[place] = ways[-1]
                    ways.pop()
                continue
            self._made += len(events)
            self._now += tick * len(events)
            yield events

    def _people(self) -> Iterator[UUID]:
        for number in range(self._scale.people):
            self._begun += 1
            if self._scale.people == 1 or self._chance.random() >= NEVER_START:
                yield person(self._scale.seed, number)

    def _steps(self) -> int:
        """How far the next one goes: so that all together make about as many events as are wanted."""
        still = max(self._scale.people - self._begun + 1, 1) * (1 - NEVER_START)
        mean = (self._scale.events - self._planned) / still
        finish = 0.6 * min(mean / self._whole, 1.0)
        if self._chance.random() < finish:
            steps = self._whole
        else:
            others = max(mean - finish * self._whole, 1.0) / (1 - finish)
            steps = max(int(others * self._chance.uniform(0.2, 1.8)), 2)
        self._planned += min(steps, self._whole)
        return steps

    def _way(self, person_id: UUID) -> Iterator[list[Fact]]:
        """One person's way through the course, command by command, as far as is planned for it now."""
        steps, way = self._steps(), Way(self, self._outline, person_id, self._period)
        return way.commands() if steps >= self._whole else islice(way.commands(), steps)

    @property
    def now(self) -> datetime:
        """The time that it is in this history."""
        return self._now

    @property
    def chance(self) -> random.Random:
        """What happens by chance in this history."""
        return self._chance


class Way:
    """What one learner does, through the rules of `TrainingRecord`."""

    def __init__(self, history: Training, outline: Outline, person_id: UUID, period: int) -> None:
        self._history = history
        self._chance = history.chance
        self._outline = outline
        self._person_id = person_id
        self._period = period
        self._late = OFFLINE_FOR if self._chance.random() < OFFLINE else timedelta()

    def commands(self) -> Iterator[list[Fact]]:
        """The events of one command after the other, to the end of the course."""
        outline, chance = self._outline, self._chance
        record = TrainingRecord.open(
            record_id_of(self._person_id, outline.course, self._period),
            self._person_id,
            outline,
            self._period,
            chance.choice(LANGUAGES),
            self._act(),
        )
        yield _of(record)
        here = self._id()
        record.start_session(here, record.language, outline, self._act())
        yield _of(record)
        for module, checkpoints in outline.modules.items():
            record.start_module(here, module, outline, self._act())
            yield _of(record)
            for checkpoint in checkpoints:
                record.reach_checkpoint(here, module, checkpoint, outline, self._act())
                yield _of(record)
            if module != outline.test_module:
                record.complete_module(here, module, outline, self._act())
                yield _of(record)
            if chance.random() < TAKE_OVER:
                here = self._id()
                record.start_session(here, chance.choice(LANGUAGES), outline, self._act())
                yield _of(record)
        while record.completed_at is None and record.attempts_used < outline.attempts_allowed:
            yield from self._sit_test(record, here)

    def _sit_test(self, record: TrainingRecord, here: UUID) -> Iterator[list[Fact]]:
        chance, keys = self._chance, self._outline.keys
        record.start_quiz(here, self._outline, lambda pool, n: chance.sample(list(pool), n), self._act())
        yield _of(record)
        assert record.attempt is not None
        answers = {
            q: tuple(sorted(keys[q][1] if chance.random() < RIGHT else keys[q][0] - keys[q][1]))
            for q in record.attempt.questions
        }
        record.submit_quiz(here, record.attempt.number, answers, self._outline, self._act())
        yield _of(record)

    def _act(self) -> Act:
        now = self._history.now
        return Act(self._person_id, self._id(), now - self._late, now)

    def _id(self) -> UUID:
        return UUID(int=self._chance.getrandbits(128), version=4)


def _of(record: TrainingRecord) -> list[Fact]:
    return list(record.collect_events())  # type: ignore[arg-type]
