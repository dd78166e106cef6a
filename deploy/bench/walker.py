"""One learner's endless way through a course: valid commands, one after the other, period after period.

Knows nothing of HTTP. The same seed makes the same commands; time comes in as an argument.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.contracts.progress import record_id_of

EVENTS_EACH: Final = 1
"""How many events each command of a walker makes."""

PERIODS_MAX: Final = 1_000
"""How often a course can be followed (`OpenRecord.period`)."""

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the course: its id and its pages in order."""

    id: str
    pages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Way:
    """What a walker needs of a course; the test of knowledge is left out."""

    course: str
    version: int
    parts: tuple[Part, ...]

    @property
    def commands_each_period(self) -> int:
        """Commands from opening a record to completing its last part."""
        return 2 + sum(len(part.pages) + 2 for part in self.parts)


def way_of(course: Mapping[str, Any]) -> Way:
    """The way through a course, from the answer of GET /api/v1/courses/{course}."""
    parts = [
        Part(module["id"], tuple(page[0] for page in module["pages"]))
        for module in course["modules"]
        if not module["test"]
    ]
    return Way(course["course"], course["course_version"], tuple(parts))


@dataclass(frozen=True, slots=True)
class Command:
    """A command as it is sent."""

    id: UUID
    type: str
    body: dict[str, Any]


class Walker:
    """The commands of one learner. Each is valid when all before it were accepted, and makes one event."""

    def __init__(
        self, person_id: UUID, way: Way, seed: object, clock: Clock, *, first_period: int = 1
    ) -> None:
        """Begin with this period; nothing may be recorded yet of this person and course from it on."""
        self.person_id = person_id
        self._way = way
        self._chance = random.Random(f"{seed}/{person_id}/{first_period}")  # noqa: S311
        self._clock = clock
        self._language = self._chance.choice(["fr", "nl"])
        self._steps = self._periods(first_period)

    def next(self) -> Command:
        """The next command. Send it until it is answered before asking for another."""
        type_, body = next(self._steps)
        id_ = self._random_id()
        told = {"command_id": str(id_), "type": type_, "occurred_at": self._clock().isoformat()}
        return Command(id_, type_, told | body)

    def _random_id(self) -> UUID:
        return UUID(int=self._chance.getrandbits(128), version=4)

    def _periods(self, first: int) -> Iterator[tuple[str, dict[str, Any]]]:
        for period in range(first, PERIODS_MAX + 1):
            opening = {"course": self._way.course, "period": period, "language": self._language}
            yield "progress.open_record", opening
            session = {
                "record_id": str(record_id_of(self.person_id, self._way.course, period)),
                "session_id": str(self._random_id()),
            }
            yield "progress.start_session", session | {"language": self._language}
            step = session | {"course_version": self._way.version}
            for part in self._way.parts:
                here = step | {"module": part.id}
                yield "progress.start_module", here
                for page in part.pages:
                    yield "progress.reach_checkpoint", here | {"checkpoint": page}
                yield "progress.complete_module", here
        raise RuntimeError(f"there are {PERIODS_MAX} periods and no more")
