"""What progress keeps of other services' feeds: course outlines with their keys, and who left."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from psycopg import Cursor
from psycopg.types.json import Jsonb

from services.backbone.follower import Feed
from services.contracts import content, scheduling
from services.progress.domain import Outline

FEEDS: Final = {
    "content": Feed("content", "content", content.ContentPage),
    "scheduling": Feed("scheduling", "scheduling", scheduling.SchedulingPage),
}

Select = Callable[[str, tuple[Any, ...]], Sequence[tuple[Any, ...]]]


class Catalogue:
    """`catalogue@1`: published versions with their answer keys, and which are withdrawn."""

    name = "catalogue@1"
    feeds = frozenset({"content"})

    def apply(self, tx: Cursor[Any], feed: str, items: Sequence[Any]) -> None:
        """One row a version."""
        for item in items:
            event: content.ContentEvent = item.event
            key = (event.course, event.course_version)
            match event:
                case content.CourseVersionPublished():
                    tx.execute(
                        "INSERT INTO catalogue (course, version, outline) VALUES (%s, %s, %s)",
                        (*key, Jsonb(event.model_dump(mode="json"))),
                    )
                case content.AnswerKeyDeposited():
                    keys = [question.model_dump(mode="json") for question in event.questions]
                    tx.execute(
                        "UPDATE catalogue SET keys = %s WHERE course = %s AND version = %s",
                        (Jsonb(keys), *key),
                    )
                case content.CourseVersionWithdrawn():
                    tx.execute(
                        "UPDATE catalogue SET withdrawn = true WHERE course = %s AND version = %s", key
                    )


class Roster:
    """`roster@1`: people who left; nothing is accepted for them."""

    name = "roster@1"
    feeds = frozenset({"scheduling"})

    def apply(self, tx: Cursor[Any], feed: str, items: Sequence[Any]) -> None:
        """One row for each person who left and did not return."""
        away: dict[Any, bool] = {}
        for item in items:
            if isinstance(item.event, scheduling.PersonWithdrawn | scheduling.PersonReturned):
                away[item.event.person_id] = isinstance(item.event, scheduling.PersonWithdrawn)
        if gone := [person_id for person_id, left in away.items() if left]:
            tx.execute("INSERT INTO departed SELECT unnest(%s::uuid[]) ON CONFLICT DO NOTHING", (gone,))
        if back := [person_id for person_id, left in away.items() if not left]:
            tx.execute("DELETE FROM departed WHERE person_id = ANY(%s)", (back,))


def newest_versions(select: Select, courses: Iterable[str]) -> dict[str, int]:
    """The newest version of each course that is complete and not withdrawn."""
    rows = select(
        "SELECT course, max(version) FROM catalogue"
        " WHERE course = ANY(%s) AND keys IS NOT NULL AND NOT withdrawn GROUP BY course",
        (sorted(courses),),
    )
    return dict(rows)


def departed(select: Select, people: Iterable[Any]) -> set[Any]:
    """Those of these people who left."""
    return {
        row[0] for row in select("SELECT person_id FROM departed WHERE person_id = ANY(%s)", (list(people),))
    }


def outline(select: Select, course: str, version: int) -> Outline | None:
    """A published version as a record needs it; it never changes, so callers may keep it for ever."""
    rows = select(
        "SELECT outline, keys FROM catalogue WHERE course = %s AND version = %s AND keys IS NOT NULL",
        (course, version),
    )
    if not rows:
        return None
    published = content.CourseVersionPublished.model_validate(rows[0][0])
    keys = [content.AnswerKey.model_validate(key) for key in rows[0][1]]
    return Outline(
        course=course,
        version=version,
        languages=frozenset(published.languages),
        modules={m.id: tuple(c.id for c in m.checkpoints) for m in published.modules},
        test_module=next(m.id for m in published.modules if m.test),
        draw=published.test.draw,
        pass_mark_percent=published.test.pass_mark_percent,
        attempts_allowed=published.test.attempts_allowed,
        validity_months=published.validity_months,
        keys={key.id: (frozenset(key.options), frozenset(key.right)) for key in keys},
        topics={key.id: (key.module, key.explanation) for key in keys},
    )
