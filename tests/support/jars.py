"""A small service to try the machinery with: jars that things are put into. It has one of everything."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Literal
from uuid import UUID, uuid4

from services.backbone.aggregate import Act, Aggregate, Beginning, Fact
from services.backbone.commands import Streams, check_time
from services.backbone.feed import Face, Faces
from services.contracts.access import Actor, Role
from services.contracts.message import Command, Event
from services.contracts.rules import Rule, RuleBroken

ROOM = 3
"""Things that a jar holds."""


class Jar(Aggregate):
    """Holds a few things, each once."""

    TOPIC: ClassVar[str] = "jars.Jar"

    class Opened(Beginning):
        TOPIC: ClassVar[str] = "jars.Jar.Opened"

        def apply(self, aggregate: Any) -> None:
            """Nothing but that it exists."""

    class PutIn(Fact):
        TOPIC: ClassVar[str] = "jars.Jar.PutIn"
        thing: str

        def apply(self, aggregate: "Jar") -> None:
            """It is in there now."""
            aggregate.things.append(self.thing)

    class LookedInto(Fact):
        """Private: nobody outside needs to know."""

        TOPIC: ClassVar[str] = "jars.Jar.LookedInto"

    def __init__(self, occurred_at: datetime) -> None:
        self.things: list[str] = []

    def put_in(self, thing: str, act: Act) -> None:
        if thing in self.things:
            return
        if len(self.things) >= ROOM:
            raise RuleBroken(Rule.ATTEMPTS_EXHAUSTED, room=ROOM)
        self.record(self.PutIn, act, thing=thing)


class ThingPutIn(Event):
    """The public face of `Jar.PutIn`."""

    type: Literal["jars.thing_put_in"] = "jars.thing_put_in"
    version: Literal[1] = 1
    jar_id: UUID
    thing: str


to_contract = Faces({Jar.Opened: None, Jar.PutIn: Face(ThingPutIn, stream="jar_id"), Jar.LookedInto: None})
"""Opening and looking stay private."""


class PutIn(Command):
    """Put a thing into a jar, which is opened when it is not there yet."""

    type: Literal["jars.put_in"] = "jars.put_in"
    jar_id: UUID
    thing: str
    note: str | None = None


class Jars:
    """Decisions: `broken` cannot be put into anything, `nobody` may not touch a jar, `nothing` changes nothing."""

    def __init__(self) -> None:
        self.prepared: list[int] = []
        self.notes: list[str] = []

    def prepare(self, requests: Sequence[tuple[Actor, PutIn]]) -> "Jars":
        self.prepared.append(len(requests))
        return self

    def streams(self, actor: Actor, command: PutIn) -> Collection[UUID]:
        if command.thing == "nobody":
            raise RuleBroken(Rule.NOT_YOURS)
        return [command.jar_id]

    def decide(self, command: PutIn, actor: Actor, act: Act, streams: Streams) -> None:
        check_time(command, act.recorded_at, 300)
        if command.thing == "broken":
            raise RuleBroken(Rule.COURSE_FAULTY, thing=command.thing)
        jar = streams.get(command.jar_id)
        if command.thing == "nothing":
            return
        if jar is None:
            jar = Jar.begin(Jar.Opened, command.jar_id, act)
            streams.begin(jar)
        assert isinstance(jar, Jar)
        jar.put_in(command.thing, act)
        if command.note is not None:
            note = command.note
            streams.together_with(lambda tx: tx.execute("INSERT INTO notes VALUES (%s)", (note,)))


def somebody() -> Actor:
    return Actor(
        person_id=uuid4(), roles=frozenset({Role.LEARNER}), expires_at=datetime.now(UTC) + timedelta(hours=1)
    )


def put_in(jar_id: UUID, thing: str, **more: Any) -> PutIn:
    return PutIn(
        command_id=uuid4(),
        occurred_at=datetime.now(UTC) - timedelta(seconds=1),
        jar_id=jar_id,
        thing=thing,
        **more,
    )


def act(minutes: float = 0.0) -> Act:
    moment = datetime(2027, 6, 30, 10, 0, tzinfo=UTC) + timedelta(minutes=minutes)
    return Act(uuid4(), uuid4(), moment, moment)


def filled(jar_id: UUID, *things: str) -> list[Fact]:
    """The events of a jar with these things in it."""
    jar = Jar.begin(Jar.Opened, jar_id, act())
    assert isinstance(jar, Jar)
    for thing in things:
        jar.put_in(thing, act(1))
    return list(jar.collect_events())  # type: ignore[arg-type]
