"""`courses@1`: of every published version its title, and how many parts it has."""

from collections.abc import Sequence
from typing import Any, Final

from psycopg.types.json import Jsonb

from services.contracts.content import CourseVersionPublished
from services.reporting.read_model import Column, Table, Tx

NAME: Final = "courses@1"

VERSIONS = Table(
    NAME,
    "course_version",
    (
        Column("course", "text"),
        Column("course_version", "int4"),
        Column("title", "jsonb"),
        Column("modules", "int4"),
        Column("validity_months", "int4"),
    ),
    key=("course", "course_version"),
)


class CoursesModel:
    """Keeps the outline of each version. Answer keys are passed over: they are none of our business."""

    name = NAME
    feeds = frozenset({"content"})
    tables: tuple[Table, ...] = (VERSIONS,)

    def apply(self, tx: Tx, feed: str, items: Sequence[Any]) -> None:
        """Add one row a version."""
        published = [item.event for item in items if isinstance(item.event, CourseVersionPublished)]
        if published:
            VERSIONS.fill(
                tx,
                (
                    (e.course, e.course_version, Jsonb(e.title), len(e.modules), e.validity_months)
                    for e in published
                ),
            )

    def bulk(self) -> "CoursesModel":
        """Rows are only ever added."""
        return self

    def finish(self, tx: Tx) -> None:
        """Nothing was put off."""


def parts_of(tx: Tx) -> dict[tuple[str, int], int]:
    """How many parts each version of each course has."""
    rows = tx.execute("SELECT course, course_version, modules FROM course_version").fetchall()
    return {(course, version): parts for course, version, parts in rows}


def is_published(tx: Tx, course: str, version: int) -> bool:
    """Whether there is such a version."""
    return (
        tx.execute(
            "SELECT 1 FROM course_version WHERE course = %s AND course_version = %s", (course, version)
        ).fetchone()
        is not None
    )
