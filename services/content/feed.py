"""The one place where content's private events meet its public contracts."""

from typing import Any

from services.backbone.aggregate import Fact
from services.content.domain import Course
from services.contracts import content as contracts
from services.contracts.message import FeedPage


def to_contract(event: Fact) -> contracts.ContentEvent | None:
    """The public face of a stored event; None keeps it private."""
    match event:
        case Course.Drafted():
            return None
        case Course.VersionPublished():
            return contracts.CourseVersionPublished(
                course=event.course,
                course_version=event.course_version,
                title=event.title,
                languages=event.languages,
                modules=tuple(
                    contracts.ModuleOutline(
                        id=part.id,
                        title=part.title,
                        minutes=part.minutes,
                        checkpoints=tuple(contracts.Checkpoint(id=p.id, title=p.title) for p in part.pages),
                        test=part.test,
                    )
                    for part in event.modules
                ),
                test=contracts.TestRules(
                    draw=event.test.draw,
                    pass_mark_percent=event.test.pass_mark_percent,
                    attempts_allowed=event.test.attempts_allowed,
                ),
                validity_months=event.validity_months,
                sittings=event.sittings,
                manifest=event.manifest,
                occurred_at=event.occurred_at,
            )
        case Course.AnswerKeyDeposited():
            return contracts.AnswerKeyDeposited(
                course=event.course,
                course_version=event.course_version,
                questions=tuple(
                    contracts.AnswerKey(
                        id=key.id,
                        module=key.module,
                        options=key.options,
                        right=key.right,
                        explanation=key.explanation,
                    )
                    for key in event.questions
                ),
                occurred_at=event.occurred_at,
            )
        case Course.VersionWithdrawn():
            return contracts.CourseVersionWithdrawn(
                course=event.course,
                course_version=event.course_version,
                reason=event.reason,
                occurred_at=event.occurred_at,
            )
        case _:
            raise ValueError(f"{type(event).__qualname__} has no public face yet")


def redacted(page: FeedPage[Any]) -> FeedPage[Any]:
    """The page as people may see it: everything stays in its place, the answer keys are taken out."""
    items = tuple(
        item.model_copy(update={"event": item.event.model_copy(update={"questions": ()})})
        if item.event.type in contracts.CONFIDENTIAL
        else item
        for item in page.items
    )
    return page.model_copy(update={"items": items})
