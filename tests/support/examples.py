"""One canonical example of what tests need most."""

from datetime import UTC, datetime

from services.contracts.content import (
    AnswerKey,
    AnswerKeyDeposited,
    Checkpoint,
    CourseVersionPublished,
    ModuleOutline,
    TestRules,
)

NOON = datetime(2027, 6, 30, 10, 0, tzinfo=UTC)


def _module(name: str, *pages: str, test: bool = False) -> ModuleOutline:
    return ModuleOutline(
        id=name,
        title={"fr": name, "nl": name},
        minutes=20,
        checkpoints=tuple(Checkpoint(id=page, title={"fr": page, "nl": page}) for page in pages),
        test=test,
    )


PUBLISHED = CourseVersionPublished(
    course="recognising",
    course_version=1,
    title={"fr": "Reconnaître", "nl": "Herkennen"},
    languages=("fr", "nl"),
    modules=(
        _module("introduction", "welcome", "why"),
        _module("indicators", "signs", "context", "change"),
        _module("test-of-knowledge", "how", test=True),
    ),
    test=TestRules(draw=5, pass_mark_percent=80, attempts_allowed=3),
    validity_months=24,
    sittings=2,
    manifest="0" * 64,
    occurred_at=NOON,
)

ANSWER_KEYS = AnswerKeyDeposited(
    course="recognising",
    course_version=1,
    questions=tuple(
        AnswerKey(
            id=f"q{n:02}",
            module="indicators",
            options=("a", "b", "c"),
            right=("b",),
            explanation={"fr": f"Parce que {n}.", "nl": f"Omdat {n}."},
        )
        for n in range(8)
    ),
    occurred_at=NOON,
)
"""Of every question, b is right."""
