"""What stands in the way of a due date, until somebody or something has solved it. No I/O, no clock."""

from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from services.backbone.aggregate import Act, Aggregate, Beginning, Fact
from services.contracts.message import Slug
from services.contracts.scheduling.duties import HindranceKind, NoteHindrance, hindrance_id_of

SAID = ("kind", "order_id", "person_id", "course", "period", "due_on", "held_on", "held_by")


class HindranceFact(Fact):
    """Every fact says all of it, so that it can be read alone."""

    kind: HindranceKind
    order_id: UUID
    person_id: UUID
    course: Slug
    period: int
    due_on: date | None
    held_on: date | None
    held_by: UUID | None

    def apply(self, aggregate: Any) -> None:
        """Somebody must decide."""
        aggregate.stands = True


class Hindrance(Aggregate):
    """One order cannot set one person's date for one period, for one reason."""

    TOPIC: ClassVar[str] = "scheduling.Hindrance"

    class Found(HindranceFact, Beginning):
        """For the first time."""

        TOPIC: ClassVar[str] = "scheduling.Hindrance.Found"

    class FoundAgain(HindranceFact):
        """After it had gone."""

        TOPIC: ClassVar[str] = "scheduling.Hindrance.FoundAgain"

    class Gone(Fact):
        """Nobody need decide any more."""

        TOPIC: ClassVar[str] = "scheduling.Hindrance.Gone"
        person_id: UUID

        def apply(self, aggregate: Any) -> None:
            """Solved."""
            aggregate.stands = False

    def __init__(self, person_id: UUID) -> None:
        self.person_id = person_id
        self.stands = True

    @classmethod
    def find(cls, asked: NoteHindrance, act: Act) -> "Hindrance":
        """A new one; its identity follows from what it is about."""
        id_ = hindrance_id_of(asked.kind, asked.order_id, asked.person_id, asked.period)
        return cls.begin(cls.Found, id_, act, **_said(asked))

    def find_again(self, asked: NoteHindrance, act: Act) -> None:
        """It is there once more."""
        if not self.stands:
            self.record(self.FoundAgain, act, **_said(asked))

    def go(self, act: Act) -> None:
        """Solved; once is enough."""
        if self.stands:
            self.record(self.Gone, act, person_id=self.person_id)


def _said(asked: NoteHindrance) -> dict[str, Any]:
    return {name: getattr(asked, name) for name in SAID}
