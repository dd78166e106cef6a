"""What a command is about, and who may give it: what all rooms of this service share."""

from collections.abc import Callable, Collection, Sequence
from typing import Any, Final, Protocol
from uuid import UUID

from psycopg.rows import TupleRow

from services.backbone.aggregate import Act
from services.backbone.commands import Streams
from services.backbone.log import EventLog
from services.contracts.access import SCHEDULING, Actor, Role
from services.contracts.message import Command
from services.contracts.rules import Rule, RuleBroken
from services.scheduling import store
from services.scheduling.domain import ORGANISATION, Organisation, Person

SERVICE: Final = SCHEDULING
"""Who acts when nobody did: scheduling itself."""

Select = Callable[[str, tuple[Any, ...]], list[TupleRow]]


class Room(Protocol):
    """Decides some kinds of command, for one batch: made with all of its commands of the batch.

    What it needs from tables it looks up once for all of them, when it is made.
    """

    def streams(self, actor: Actor, command: Any) -> Collection[UUID]:
        """What a command may change, first, and what it depends on. Raises RuleBroken."""
        ...

    def decide(self, command: Any, actor: Actor, matter: "Matter") -> None:
        """Carry out one command, or raise RuleBroken before anything is recorded."""
        ...


RoomMaker = Callable[[EventLog, Sequence[Command]], Room]


class Matter:
    """What a command is about, as it stands within its batch."""

    def __init__(self, streams: Streams, act: Act) -> None:
        self.streams = streams
        self.act = act

    @property
    def organisation(self) -> Organisation:
        """The organisation; one without units when there is none yet."""
        organisation = self.streams.get(ORGANISATION)
        return organisation if isinstance(organisation, Organisation) else Organisation.found(self.act)

    def person(self, person_id: UUID) -> Person:
        """A member of staff. Raises RuleBroken(PERSON_UNKNOWN)."""
        person = self.streams.get(person_id)
        if not isinstance(person, Person):
            raise RuleBroken(Rule.PERSON_UNKNOWN, person_id=person_id)
        return person

    @property
    def alongside(self) -> store.Alongside:
        """What this batch writes beside its events: one for all of its commands."""
        for write in self.streams.also:
            if isinstance(write, store.Alongside):
                return write
        alongside = store.Alongside()
        self.streams.together_with(alongside)
        return alongside

    def belonging(self, units: Collection[UUID], seen: Collection[UUID]) -> set[UUID]:
        """Who belongs to these units: `seen` as it is committed, and as this batch has changed it so far."""
        touched = [a for a in self.streams.loaded.values() if isinstance(a, Person)]
        people = set(seen).difference(person.id for person in touched)
        return people | {p.id for p in touched if p.unit_id in units and p.withdrawn_at is None}

    def in_care(self, unit_id: UUID | None, actor: Actor) -> None:
        """Refuse a manager what is not theirs now, without a word on whether it exists."""
        if Role.OPERATOR in actor.roles:
            return
        if not self.organisation.in_care(unit_id, actor.person_id, self.act.recorded_at):
            raise RuleBroken(Rule.NOT_YOURS)

    def person_in_care(self, person_id: UUID, actor: Actor) -> None:
        """The same for a person: theirs whose unit it is."""
        person = self.streams.get(person_id)
        self.in_care(person.unit_id if isinstance(person, Person) else None, actor)


def admit(actor: Actor, *roles: Role) -> None:
    """Refuse whoever has none of these roles."""
    if not actor.roles & set(roles):
        raise RuleBroken(Rule.NOT_YOURS)


def admit_itself(actor: Actor) -> None:
    """Refuse everybody but scheduling itself, whose policies ask for what follows by itself."""
    if actor.person_id != SERVICE:
        raise RuleBroken(Rule.NOT_YOURS)
