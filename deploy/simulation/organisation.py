"""Makes an organisation of any size: its tree, its managers, and its people with names, places and due dates.

Through the domain code, straight into scheduling's log and the tables beside it; names are invented.
"""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

from deploy.simulation.log_writer import LogWriter
from deploy.simulation.training import person
from services.backbone.aggregate import Act, Fact
from services.contracts.message import Language, Localised
from services.contracts.scheduling import UnitKind
from services.scheduling.domain import Assignment, Organisation, Person

UNITS: Final = UUID("0c4c3f6e-5f0d-5d8a-9b57-0f2c7a1d9e63")
"""Namespace of made-up units."""

PRISONS: Final = (12, 12, 11)
"""In each region."""

TEAMS_EACH: Final = 4
COMMIT_PEOPLE: Final = 1_000
MOVED: Final = 0.05
"""Share of people who moved to another team on the way."""

POSTPONED: Final = 0.1
"""Share of people whose due date was changed."""

DIRECTORY = (
    "COPY directory (person_id, given_name, family_name, staff_number, email, language, function, revision)"
    " FROM STDIN (FORMAT BINARY)",
    ("uuid", "text", "text", "text", "text", "text", "text", "int8"),
)
MEMBERSHIP = ("COPY membership (person_id, unit_id) FROM STDIN (FORMAT BINARY)", ("uuid", "uuid"))
GIVEN = ["Anouk", "Bart", "Camille", "Dries", "Elise", "Farid", "Greet", "Hugo", "Ines", "Joris", "Karim"]
FAMILY = ["Aerts", "Bodart", "Claes", "Denis", "Evrard", "Fontaine", "Goossens", "Hermans", "Jacobs"]

Change = Callable[[datetime], list[Fact]]
"""Something that happens later, at a moment."""

NameMaker = Callable[[random.Random], tuple[str, str, Language]]
"""Given name, family name and language of somebody."""


def name_by_chance(chance: random.Random) -> tuple[str, str, Language]:
    """One of a few names."""
    return chance.choice(GIVEN), chance.choice(FAMILY), chance.choice(("fr", "nl"))


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of the tree."""

    id: UUID
    kind: UnitKind
    name: Localised
    parent_id: UUID | None
    code: str
    """What HR calls it in its files."""


@dataclass(frozen=True, slots=True)
class Joiner:
    """Somebody who joins the staff; who is `lasting` may move, and have their due date changed."""

    person_id: UUID
    number: str
    at: datetime
    lasting: bool = False


def tree(seed: int) -> list[Unit]:
    """The service, its regions, their prisons, and the teams of these; parents first."""
    units: list[Unit] = []

    def add(kind: UnitKind, name: str, parent: UUID | None) -> UUID:
        code = name.replace(" ", "-")
        units.append(Unit(uuid5(UNITS, f"{seed}/{name}"), kind, {"fr": name, "nl": name}, parent, code))
        return units[-1].id

    root = add("service", "National service", None)
    for r, prisons in enumerate(PRISONS, start=1):
        region = add("region", f"Region {r}", root)
        for p in range(1, prisons + 1):
            prison = add("prison", f"Prison {r}.{p}", region)
            for t in range(1, TEAMS_EACH + 1):
                add("team", f"Team {r}.{p}.{t}", prison)
    return units


class OrganisationMaker:
    """Fills scheduling's log with one organisation. The same seed makes the same one."""

    def __init__(
        self,
        writer: LogWriter,
        since: datetime,
        until: datetime,
        seed: int = 1,
        units: Sequence[Unit] = (),
        names: NameMaker = name_by_chance,
    ) -> None:
        """Everything is recorded between two moments. `units`, parents first, instead of the usual tree."""
        self.units = list(units) or tree(seed)
        self.root = self.units[0]
        self.prisons = [unit for unit in self.units if unit.kind == "prison"]
        self.teams = [unit for unit in self.units if unit.kind == "team"]
        self._writer = writer
        self._chance = random.Random(f"organisation/{seed}")  # noqa: S311
        self._since, self._until = since, until
        self._seed = seed
        self._founder = person(seed, "founder")
        self._names = names

    def found(self, managers: Iterable[tuple[UUID, UUID]], organisation: Organisation | None = None) -> None:
        """Make the tree, in an organisation that is there or a new one, and make people responsible for units."""
        act = self._act(self._since)
        organisation = organisation or Organisation.found(act)
        for unit in self.units:
            organisation.create_unit(unit.id, unit.kind, unit.name, unit.parent_id, act)
            organisation.code_unit(unit.id, unit.code, act)
        for unit_id, person_id in managers:
            organisation.appoint(unit_id, person_id, None, act)
        self._writer.append(list(organisation.collect_events()))  # type: ignore[arg-type]

    def people(self, count: int, course: str) -> Iterator[int]:
        """People 0 to `count` (`training.person`), assigned to a course; yields how many are there.

        They join in the first half of the time; who moves and whose due date changes, in the second.
        """
        tick = (self._until - self._since) / max(count, 1) / 2
        changes: list[tuple[datetime, Change]] = []
        for start in range(0, count, COMMIT_PEOPLE):
            numbers = range(start, min(start + COMMIT_PEOPLE, count))
            joiners = [
                Joiner(person(self._seed, n), f"B{n:07}", self._since + tick * n, lasting=True)
                for n in numbers
            ]
            changes += self.join(joiners, course)
            yield numbers.stop
        changes.sort(key=lambda change: change[0])
        for start in range(0, len(changes), COMMIT_PEOPLE):
            self._writer.append(
                [e for at, change in changes[start : start + COMMIT_PEOPLE] for e in change(at)]
            )

    def join(self, joiners: Sequence[Joiner], course: str) -> list[tuple[datetime, Change]]:
        """Take people on, place them in teams and assign a course to each, all in one commit.

        Returns what will happen to them later: to be appended in the order of time.
        """
        events: list[Fact] = []
        later: list[tuple[datetime, Change]] = []
        membership: list[tuple[UUID, UUID]] = []
        for joiner in joiners:
            act = self._act(joiner.at)
            team = self._chance.choice(self.teams).id
            human = Person.register(joiner.person_id, team, act)
            due = (joiner.at + timedelta(days=self._chance.randint(90, 700))).date()
            assignment = Assignment.assign(joiner.person_id, course, 1, due, act)
            events += [*human.collect_events(), *assignment.collect_events()]  # type: ignore[list-item]
            if joiner.lasting and self._chance.random() < MOVED:
                team = self._chance.choice(self.teams).id
                later.append((self._some_time(), self._moving(human, team)))
            if joiner.lasting and self._chance.random() < POSTPONED:
                later.append((self._some_time(), self._postponing(assignment, due + timedelta(days=60))))
            membership.append((joiner.person_id, team))
        revisions = self._writer.next_revisions("directory_revision", len(joiners))
        directory = [self._entry(j, revision) for j, revision in zip(joiners, revisions, strict=True)]
        self._writer.append(events, (*DIRECTORY, directory), (*MEMBERSHIP, membership))
        return later

    def _some_time(self) -> datetime:
        """In the second half."""
        return self._since + (self._until - self._since) * self._chance.uniform(0.5, 1)

    def _moving(self, human: Person, team: UUID) -> Change:
        def change(at: datetime) -> list[Fact]:
            human.place(team, self._act(at))
            return list(human.collect_events())  # type: ignore[arg-type]

        return change

    def _postponing(self, assignment: Assignment, due: date) -> Change:
        def change(at: datetime) -> list[Fact]:
            assignment.assign_again(due, self._act(at))
            return list(assignment.collect_events())  # type: ignore[arg-type]

        return change

    def _entry(self, joiner: Joiner, revision: int) -> tuple[Any, ...]:
        given, family, language = self._names(self._chance)
        return (joiner.person_id, given, family, joiner.number, None, language, None, revision)

    def _act(self, at: datetime) -> Act:
        return Act(self._founder, UUID(int=self._chance.getrandbits(128), version=4), at, at)
