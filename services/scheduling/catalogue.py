"""What scheduling keeps of content's feed: which courses there are, and whether they are in use."""

from collections.abc import Sequence
from typing import Any, Final, assert_never

from psycopg import Cursor

from services.backbone.follower import Feed
from services.contracts import content, progress, scheduling

FEEDS: Final = {
    "content": Feed("content", "content", content.ContentPage),
    "progress": Feed("progress", "progress", progress.ProgressPage),
    "scheduling": Feed("scheduling", "scheduling", scheduling.SchedulingPage),
}
"""Its own feed too: what policies need to know of our log comes to them as it comes to everybody."""


class Catalogue:
    """`catalogue@1`: one row a published version."""

    name = "catalogue@1"
    feeds = frozenset({"content"})

    def apply(self, tx: Cursor[Any], feed: str, items: Sequence[Any]) -> None:
        """Versions come and are withdrawn; answer keys are none of our business."""
        for item in items:
            event: content.ContentEvent = item.event
            match event:
                case content.CourseVersionPublished():
                    tx.execute(
                        "INSERT INTO catalogue (course, course_version) VALUES (%s, %s)"
                        " ON CONFLICT DO NOTHING",
                        (event.course, event.course_version),
                    )
                case content.CourseVersionWithdrawn():
                    tx.execute(
                        "UPDATE catalogue SET withdrawn = true WHERE course = %s AND course_version = %s",
                        (event.course, event.course_version),
                    )
                case content.AnswerKeyDeposited():
                    pass
                case _:
                    assert_never(event)
