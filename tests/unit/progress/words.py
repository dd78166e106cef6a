"""The words in which tests of a training record are told: one person, two PCs, one short course."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from services.backbone.aggregate import Act
from services.progress import catalogue
from services.progress.domain import Outline, TrainingRecord
from tests.support.examples import ANSWER_KEYS, NOON, PUBLISHED
from tests.support.given import Given

NAMES = UUID("11111111-2222-4333-8444-555555555555")
Decision = Callable[[TrainingRecord], None]


def named(name: str) -> UUID:
    """The id that stands for a name in these tests."""
    return uuid5(NAMES, name)


ANN, BEN = named("Ann"), named("Ben")
PC_A, PC_B, PC_C = named("PC A"), named("PC B"), named("PC C")
RECORD = named("record of Ann")


def _shelf(query: str, params: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    body = PUBLISHED.model_dump(mode="json")
    return [(body, [key.model_dump(mode="json") for key in ANSWER_KEYS.questions])]


def _outline() -> Outline:
    found = catalogue.outline(_shelf, PUBLISHED.course, PUBLISHED.course_version)
    assert found is not None
    return found


COURSE = _outline()
"""introduction (welcome, why) · indicators (signs, context, change) · test-of-knowledge (how); 5 of 8 questions."""

ONE_ATTEMPT = replace(COURSE, attempts_allowed=1)


def at(minutes: float = 0.0, actor: UUID = ANN) -> Act:
    """An act of Ann's so many minutes after noon, written down a second later."""
    moment = NOON + timedelta(minutes=minutes)
    return Act(actor, named(f"command at {minutes}"), moment, moment + timedelta(seconds=1))


def first(pool: Any, count: int) -> list[str]:
    """Chance, without chance: the first of the pool. Like chance it cannot draw more than there are."""
    assert count <= len(pool)
    return list(pool)[:count]


def record(outline: Outline = COURSE) -> TrainingRecord:
    return TrainingRecord.open(RECORD, ANN, outline, 1, "fr", at())


def given(*past: Decision, outline: Outline = COURSE) -> Given:
    """Ann's record, opened in French at noon, after its past."""
    return Given(*past, aggregate=record(outline))


def session(pc: UUID, language: Any = "fr") -> Decision:
    return lambda r: r.start_session(pc, language, COURSE, at(1))


def ended(pc: UUID) -> Decision:
    return lambda r: r.end_session(pc, at(2))


def language(pc: UUID, code: Any) -> Decision:
    return lambda r: r.change_language(pc, code, at(3))


def started(module: str, pc: UUID = PC_A) -> Decision:
    return lambda r: r.start_module(pc, module, COURSE, at(4))


def reached(module: str, checkpoint: str, pc: UUID = PC_A) -> Decision:
    return lambda r: r.reach_checkpoint(pc, module, checkpoint, COURSE, at(5))


def completed(module: str, pc: UUID = PC_A) -> Decision:
    return lambda r: r.complete_module(pc, module, COURSE, at(6))


def quiz(pc: UUID = PC_A, outline: Outline = COURSE) -> Decision:
    return lambda r: r.start_quiz(pc, outline, first, at(7))


def handed_in(
    attempt: int, answers: dict[str, tuple[str, ...]], pc: UUID = PC_A, outline: Outline = COURSE
) -> Decision:
    return lambda r: r.submit_quiz(pc, attempt, answers, outline, at(8))


def right(count: int) -> dict[str, tuple[str, ...]]:
    """Answers to the five drawn questions, so many of them right, the others wrong."""
    return {f"q{n:02}": ("b",) if n < count else ("a",) for n in range(5)}


def whole(module: str) -> Decision:
    """Begin a part, reach all its pages, finish it."""

    def follow(r: TrainingRecord) -> None:
        started(module)(r)
        for checkpoint in COURSE.modules[module]:
            reached(module, checkpoint)(r)
        completed(module)(r)

    return follow


READY: tuple[Decision, ...] = (
    session(PC_A),
    whole("introduction"),
    whole("indicators"),
    started("test-of-knowledge"),
)
"""Everything before the test was followed, and its own part begun."""

PASSED: tuple[Decision, ...] = (*READY, quiz(), handed_in(1, right(5)))
"""The course is completed."""

FAILED_THREE_TIMES: tuple[Decision, ...] = (
    *READY,
    *(step for n in (1, 2, 3) for step in (quiz(), handed_in(n, right(0)))),
)


def moment(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)
