"""A member of staff, without a name: where they belong, and until when. No I/O, no clock, no chance."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from services.backbone.aggregate import Act, Aggregate, Beginning, Fact
from services.contracts.rules import Rule, RuleBroken
from services.scheduling.domain.timeline import Timeline, on_time


class Person(Aggregate):
    """A member of staff: belongs to one unit at a time; may leave, and return. Who it is, the directory knows."""

    TOPIC: ClassVar[str] = "scheduling.Person"

    class Registered(Beginning):
        """Somebody joined."""

        TOPIC: ClassVar[str] = "scheduling.Person.Registered"

        def apply(self, aggregate: Any) -> None:
            """Here from then on."""
            aggregate.presence.say(self.occurred_at, True)

    class Placed(Fact):
        """They belong to a unit, and to no other."""

        TOPIC: ClassVar[str] = "scheduling.Person.Placed"
        unit_id: UUID

        def apply(self, aggregate: Any) -> None:
            """Until the next placing."""
            aggregate.placings.say(self.occurred_at, self.unit_id)

    class Withdrawn(Fact):
        """They left."""

        TOPIC: ClassVar[str] = "scheduling.Person.Withdrawn"

        def apply(self, aggregate: Any) -> None:
            """Nothing more is asked of them; their history stays."""
            aggregate.withdrawn_at = self.occurred_at
            aggregate.presence.say(self.occurred_at, False)

    class Returned(Fact):
        """They are back; where, the placing that follows says."""

        TOPIC: ClassVar[str] = "scheduling.Person.Returned"

        def apply(self, aggregate: Any) -> None:
            """The same person, with all that they did before."""
            aggregate.withdrawn_at = None
            aggregate.presence.say(self.occurred_at, True)

    def __init__(self, occurred_at: datetime) -> None:
        self.registered_at = occurred_at
        self.withdrawn_at: datetime | None = None
        self.placings = Timeline[UUID]()
        self.presence = Timeline[bool]()

    @property
    def unit_id(self) -> UUID | None:
        """Where they belong at present; of somebody who left, where they did last."""
        return self.placings.present

    def present(self) -> None:
        """Raises RuleBroken(PERSON_WITHDRAWN) for somebody who left."""
        if self.withdrawn_at is not None:
            raise RuleBroken(Rule.PERSON_WITHDRAWN, person_id=self.id)

    @classmethod
    def register(cls, person_id: UUID, unit_id: UUID, act: Act) -> "Person":
        """Take somebody on, in a unit."""
        person: Person = cls.begin(cls.Registered, person_id, act)
        person.record(cls.Placed, act, unit_id=unit_id)
        return person

    def place(self, unit_id: UUID, act: Act) -> None:
        """Move somebody to a unit; placing may be dated back, even to before we knew of them.

        Not into a time for which they were away.
        """
        self.present()
        act = on_time(act, self.placings.moments[-1])
        if self.presence.at(act.occurred_at) is False:
            since = next(moment for moment in self.presence.moments if moment > act.occurred_at)
            raise RuleBroken(Rule.TIME_TOO_OLD, since=since.isoformat())
        if self.placings.at(act.occurred_at) != unit_id:
            self.record(self.Placed, act, unit_id=unit_id)

    def withdraw(self, act: Act) -> None:
        """Let somebody go; once is enough."""
        if self.withdrawn_at is not None:
            return
        self.record(self.Withdrawn, self._after_the_last_coming_or_going(act))

    def take_back(self, unit_id: UUID, act: Act) -> None:
        """Somebody who left is here again, in a unit; for somebody who is here it is a placing."""
        if self.withdrawn_at is None:
            self.place(unit_id, act)
            return
        act = self._after_the_last_coming_or_going(act)
        self.record(self.Returned, act)
        self.record(self.Placed, act, unit_id=unit_id)

    def _after_the_last_coming_or_going(self, act: Act) -> Act:
        latest = self.presence.moments[-1]
        act = on_time(act, latest)
        if act.occurred_at < latest:
            raise RuleBroken(Rule.TIME_TOO_OLD, since=latest.isoformat())
        return act
