"""A standing order: a course that must be followed, by whom, and how its due dates come about. No I/O, no clock."""

from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from services.backbone.aggregate import Act, Aggregate, Beginning, Fact
from services.contracts.message import Slug
from services.contracts.scheduling.duties import GiveOrder, Recurrence


class StandingOrder(Aggregate):
    """Given once, and ended once. To change it, end it and give another: what it said then stays readable."""

    TOPIC: ClassVar[str] = "scheduling.StandingOrder"

    class Given(Beginning):
        """From a day on, until a day or until further notice."""

        TOPIC: ClassVar[str] = "scheduling.StandingOrder.Given"
        course: Slug
        unit_id: UUID | None
        function: str | None
        due_on: date | None
        after_days: int | None
        recurrence: Recurrence | None
        from_on: date
        to_on: date | None

    class Ended(Fact):
        """It opens nothing any more."""

        TOPIC: ClassVar[str] = "scheduling.StandingOrder.Ended"

        def apply(self, aggregate: Any) -> None:
            """For good."""
            aggregate.ended = True

    def __init__(
        self,
        course: str,
        unit_id: UUID | None,
        function: str | None,
        due_on: date | None,
        after_days: int | None,
        recurrence: Recurrence | None,
        from_on: date,
        to_on: date | None,
    ) -> None:
        self.told = (course, unit_id, function, due_on, after_days, recurrence, from_on, to_on)
        self.unit_id = unit_id
        self.ended = False

    @classmethod
    def give(cls, asked: GiveOrder, act: Act) -> "StandingOrder":
        """A new order."""
        said = {name: getattr(asked, name) for name in SAID}
        return cls.begin(cls.Given, asked.order_id, act, **said)

    def says(self, asked: GiveOrder) -> bool:
        """Whether it is the same order once more."""
        return self.told == tuple(getattr(asked, name) for name in SAID)

    def end(self, act: Act) -> None:
        """End it; once is enough."""
        if not self.ended:
            self.record(self.Ended, act)


SAID = ("course", "unit_id", "function", "due_on", "after_days", "recurrence", "from_on", "to_on")
