"""The one place where content's private events meet its public contracts."""

from typing import Final

from services.backbone.feed import Body, Face, Faces, Page
from services.content.domain import Course
from services.contracts import content as contracts


def _with_checkpoints(published: Body) -> Body:
    """A course's pages are a learner's checkpoints."""
    modules = [
        {"checkpoints" if name == "pages" else name: value for name, value in part.items()}
        for part in published["modules"]
    ]
    return published | {"modules": modules}


to_contract: Final = Faces(
    {
        Course.Drafted: None,
        Course.VersionPublished: Face(contracts.CourseVersionPublished, retold=_with_checkpoints),
        Course.AnswerKeyDeposited: Face(contracts.AnswerKeyDeposited),
        Course.VersionWithdrawn: Face(contracts.CourseVersionWithdrawn),
    }
)
"""Stored event → contract; None keeps it private."""


def redacted(page: Page) -> Page:
    """The page as people may see it: everything stays in its place, the answer keys are taken out."""
    items = tuple(
        item | {"event": item["event"] | {"questions": []}}
        if item["event"]["type"] in contracts.CONFIDENTIAL
        else item
        for item in page.items
    )
    return page.model_copy(update={"items": items})
