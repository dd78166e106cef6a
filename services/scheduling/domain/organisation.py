"""The organisation: its tree of units, and who is responsible for what. No I/O, no clock, no chance."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar, Final, NamedTuple
from uuid import UUID

from services.backbone.aggregate import Act, Aggregate, Beginning, Fact
from services.contracts.message import Localised
from services.contracts.rules import Rule, RuleBroken
from services.contracts.scheduling import UnitCode, UnitKind
from services.scheduling.domain.timeline import Timeline, on_time

ORGANISATION: Final = UUID("3f1d7a52-2b8e-5d6c-9a4f-0c6d1e8b7a35")
"""The one stream of the organisation: one log serves one organisation."""


class Term(NamedTuple):
    """A time for which somebody is responsible; without an end, until further notice."""

    since: datetime
    until: datetime | None

    def ends_by(self, moment: datetime) -> bool:
        """Whether it is over at a moment."""
        return self.until is not None and self.until <= moment

    def covers(self, moment: datetime) -> bool:
        """Whether it runs at a moment."""
        return self.since <= moment and not self.ends_by(moment)

    def meets(self, since: datetime, until: datetime) -> bool:
        """Whether some of it lies between two moments."""
        return self.since < until and not self.ends_by(since)


def _ended(terms: Sequence[Term], moment: datetime) -> list[Term]:
    """Every term ends, or never begins."""
    return [
        term if term.ends_by(moment) else Term(term.since, moment) for term in terms if term.since < moment
    ]


def _covered(terms: Sequence[Term], since: datetime, until: datetime | None) -> bool:
    """Whether one of the terms holds all the time that is asked for."""
    return any(
        term.covers(since) and (term.until is None or (until is not None and until <= term.until))
        for term in terms
    )


class Organisation(Aggregate):
    """Units in a tree, and people responsible for them.

    One aggregate, so that two moves that would make a circle together cannot both be recorded.
    """

    TOPIC: ClassVar[str] = "scheduling.Organisation"

    class Founded(Beginning):
        """The stream begins; this says nothing by itself."""

        TOPIC: ClassVar[str] = "scheduling.Organisation.Founded"

    class UnitCreated(Fact):
        """A unit exists, below its parent."""

        TOPIC: ClassVar[str] = "scheduling.Organisation.UnitCreated"
        unit_id: UUID
        kind: UnitKind
        name: Localised
        parent_id: UUID | None

        def apply(self, aggregate: Any) -> None:
            """It can be moved, and hold people, from now on."""
            parents = aggregate.parents[self.unit_id] = Timeline[UUID | None]()
            parents.say(self.occurred_at, self.parent_id)
            names = aggregate.names[self.unit_id] = Timeline[Localised]()
            names.say(self.occurred_at, self.name)

    class UnitMoved(Fact):
        """A unit, with all below it, has another parent."""

        TOPIC: ClassVar[str] = "scheduling.Organisation.UnitMoved"
        unit_id: UUID
        parent_id: UUID

        def apply(self, aggregate: Any) -> None:
            """Everything below it moves along."""
            aggregate.parents[self.unit_id].say(self.occurred_at, self.parent_id)

    class UnitCoded(Fact):
        """Other systems call a unit so."""

        TOPIC: ClassVar[str] = "scheduling.Organisation.UnitCoded"
        unit_id: UUID
        code: UnitCode

        def apply(self, aggregate: Any) -> None:
            """A unit has one code; an earlier one is free again."""
            aggregate.codes = {code: unit for code, unit in aggregate.codes.items() if unit != self.unit_id}
            aggregate.codes[self.code.casefold()] = self.unit_id

    class UnitRenamed(Fact):
        """A unit is called otherwise."""

        TOPIC: ClassVar[str] = "scheduling.Organisation.UnitRenamed"
        unit_id: UUID
        name: Localised

        def apply(self, aggregate: Any) -> None:
            """It is the same unit."""
            aggregate.names[self.unit_id].say(self.occurred_at, self.name)

    class UnitClosed(Fact):
        """A unit is there no more."""

        TOPIC: ClassVar[str] = "scheduling.Organisation.UnitClosed"
        unit_id: UUID

        def apply(self, aggregate: Any) -> None:
            """It stays where it stood, for whoever asks about the past; its code is free."""
            aggregate.closed.add(self.unit_id)
            aggregate.codes = {code: unit for code, unit in aggregate.codes.items() if unit != self.unit_id}

    class ManagerAppointed(Fact):
        """A person is responsible for a unit and all below it."""

        TOPIC: ClassVar[str] = "scheduling.Organisation.ManagerAppointed"
        unit_id: UUID
        person_id: UUID
        until: datetime | None

        def apply(self, aggregate: Any) -> None:
            """Terms add up."""
            terms = aggregate.terms.setdefault((self.unit_id, self.person_id), [])
            terms.append(Term(self.occurred_at, self.until))

    class ManagerRelieved(Fact):
        """A person is no longer responsible for a unit."""

        TOPIC: ClassVar[str] = "scheduling.Organisation.ManagerRelieved"
        unit_id: UUID
        person_id: UUID

        def apply(self, aggregate: Any) -> None:
            """Every term ends, or never begins."""
            key = (self.unit_id, self.person_id)
            aggregate.terms[key] = _ended(aggregate.terms[key], self.occurred_at)

    class DeputyNamed(Fact):
        """Somebody stands in for a person."""

        TOPIC: ClassVar[str] = "scheduling.Organisation.DeputyNamed"
        person_id: UUID
        deputy_id: UUID
        until: datetime

        def apply(self, aggregate: Any) -> None:
            """Periods add up."""
            terms = aggregate.deputies.setdefault((self.person_id, self.deputy_id), [])
            terms.append(Term(self.occurred_at, self.until))

    class DeputyEnded(Fact):
        """Somebody stands in for a person no more."""

        TOPIC: ClassVar[str] = "scheduling.Organisation.DeputyEnded"
        person_id: UUID
        deputy_id: UUID

        def apply(self, aggregate: Any) -> None:
            """Every period ends, or never begins."""
            key = (self.person_id, self.deputy_id)
            aggregate.deputies[key] = _ended(aggregate.deputies[key], self.occurred_at)

    # --- what it remembers -----------------------------------------------------------------------

    def __init__(self) -> None:
        self.parents: dict[UUID, Timeline[UUID | None]] = {}
        self.names: dict[UUID, Timeline[Localised]] = {}
        self.closed: set[UUID] = set()
        self.codes: dict[str, UUID] = {}
        self.terms: dict[tuple[UUID, UUID], list[Term]] = {}
        """By unit and person."""
        self.deputies: dict[tuple[UUID, UUID], list[Term]] = {}
        """By person and who stands in for them."""

    def at_or_below(self, unit_id: UUID) -> set[UUID]:
        """The unit and all below it, as the tree stands."""
        children: dict[UUID | None, list[UUID]] = {}
        for unit, parents in self.parents.items():
            children.setdefault(parents.present, []).append(unit)
        found, due = {unit_id}, [unit_id]
        while due:
            below = children.get(due.pop(), [])
            found.update(below)
            due += below
        return found

    def names_of_units(self) -> dict[str, UUID]:
        """By which words other systems may name a unit: its code in small letters, or its id."""
        return {**{str(unit): unit for unit in self.parents if unit not in self.closed}, **self.codes}

    def in_care(self, unit_id: UUID | None, person_id: UUID, now: datetime) -> bool:
        """Whether a person is responsible now for the unit, or for one above it as the tree stands.

        Or deputy of somebody who is.
        """
        people = [person_id, *self._stood_in_for(person_id, now)]
        return any(
            term.covers(now)
            for unit in self._upwards(unit_id, now)
            for person in people
            for term in self.terms.get((unit, person), ())
        )

    def above(self, unit_id: UUID, moment: datetime) -> list[UUID]:
        """The unit and those above it at a moment, upwards."""
        return list(self._upwards(unit_id, moment))

    def known(self, unit_id: UUID) -> Timeline[UUID | None]:
        """The parents that a unit had. Raises RuleBroken(UNIT_UNKNOWN)."""
        parents = self.parents.get(unit_id)
        if parents is None:
            raise RuleBroken(Rule.UNIT_UNKNOWN, unit_id=unit_id)
        return parents

    def standing(self, unit_id: UUID) -> Timeline[UUID | None]:
        """The same of a unit that is not closed. Raises RuleBroken(UNIT_UNKNOWN or UNIT_CLOSED)."""
        parents = self.known(unit_id)
        if unit_id in self.closed:
            raise RuleBroken(Rule.UNIT_CLOSED, unit_id=unit_id)
        return parents

    # --- what it allows --------------------------------------------------------------------------

    @classmethod
    def found(cls, act: Act) -> "Organisation":
        """An organisation without units."""
        return cls.begin(cls.Founded, ORGANISATION, act)

    def create_unit(
        self, unit_id: UUID, kind: UnitKind, name: Localised, parent_id: UUID | None, act: Act
    ) -> None:
        """Add a unit; its id is used once."""
        if unit_id in self.parents:
            raise RuleBroken(Rule.UNIT_EXISTS, unit_id=unit_id)
        if parent_id is not None:
            self.standing(parent_id)
        self.record(self.UnitCreated, act, unit_id=unit_id, kind=kind, name=name, parent_id=parent_id)

    def move_unit(self, unit_id: UUID, parent_id: UUID, act: Act) -> None:
        """Put a unit below another parent; never below itself, at no moment that anybody may ask about."""
        parents = self.standing(unit_id)
        self.standing(parent_id)
        act = on_time(act, parents.moments[-1])
        if act.occurred_at < parents.moments[0]:
            raise RuleBroken(Rule.TIME_TOO_OLD, since=parents.moments[0].isoformat())
        if parents.at(act.occurred_at) == parent_id:
            return
        if self._would_circle(unit_id, parent_id, act.occurred_at):
            raise RuleBroken(Rule.UNIT_CIRCULAR, unit_id=unit_id, parent_id=parent_id)
        self.record(self.UnitMoved, act, unit_id=unit_id, parent_id=parent_id)

    def code_unit(self, unit_id: UUID, code: str, act: Act) -> None:
        """Give a unit a code of its own; the one that it has changes nothing."""
        self.standing(unit_id)
        holder = self.codes.get(code.casefold())
        if holder is not None and holder != unit_id:
            raise RuleBroken(Rule.UNIT_CODE_TAKEN, code=code)
        if holder is None:
            self.record(self.UnitCoded, act, unit_id=unit_id, code=code)

    def appoint(self, unit_id: UUID, person_id: UUID, until: datetime | None, act: Act) -> None:
        """Make somebody responsible from `act.occurred_at`, which may lie ahead."""
        self.standing(unit_id)
        if _covered(self.terms.get((unit_id, person_id), ()), act.occurred_at, until):
            return
        self.record(self.ManagerAppointed, act, unit_id=unit_id, person_id=person_id, until=until)

    def relieve(self, unit_id: UUID, person_id: UUID, act: Act) -> None:
        """End all terms of somebody for a unit; once is enough."""
        self.known(unit_id)
        terms = self.terms.get((unit_id, person_id))
        if terms is None:
            raise RuleBroken(Rule.APPOINTMENT_UNKNOWN, unit_id=unit_id, person_id=person_id)
        if any(not term.ends_by(act.occurred_at) for term in terms):
            self.record(self.ManagerRelieved, act, unit_id=unit_id, person_id=person_id)

    def relieve_of_all(self, person_id: UUID, act: Act) -> None:
        """Somebody left: what they were responsible for waits for another, and nobody stands in for them."""
        for unit_id, person in list(self.terms):
            if person == person_id:
                self.relieve(unit_id, person_id, act)
        for pair in list(self.deputies):
            if person_id in pair:
                self.end_deputy(*pair, act)

    def name_deputy(self, person_id: UUID, deputy_id: UUID, until: datetime, act: Act) -> None:
        """Let somebody stand in for whoever is responsible for a unit at some time of the period."""
        if deputy_id == person_id:
            raise RuleBroken(Rule.DEPUTY_ITSELF)
        if _covered(self.deputies.get((person_id, deputy_id), ()), act.occurred_at, until):
            return
        if not any(
            term.meets(act.occurred_at, until)
            for (_, person), terms in self.terms.items()
            if person == person_id
            for term in terms
        ):
            raise RuleBroken(Rule.DEPUTY_OF_NOBODY)
        self.record(self.DeputyNamed, act, person_id=person_id, deputy_id=deputy_id, until=until)

    def end_deputy(self, person_id: UUID, deputy_id: UUID, act: Act) -> None:
        """End all periods of a deputy; once is enough."""
        terms = self.deputies.get((person_id, deputy_id))
        if terms is None:
            raise RuleBroken(Rule.DEPUTY_UNKNOWN)
        if any(not term.ends_by(act.occurred_at) for term in terms):
            self.record(self.DeputyEnded, act, person_id=person_id, deputy_id=deputy_id)

    def rename_unit(self, unit_id: UUID, name: Localised, act: Act) -> None:
        """Call a unit otherwise; a name may be dated back, but not to before the unit was there."""
        self.standing(unit_id)
        names = self.names[unit_id]
        act = on_time(act, names.moments[-1])
        if act.occurred_at < names.moments[0]:
            raise RuleBroken(Rule.TIME_TOO_OLD, since=names.moments[0].isoformat())
        if names.at(act.occurred_at) != name:
            self.record(self.UnitRenamed, act, unit_id=unit_id, name=name)

    def close_unit(self, unit_id: UUID, act: Act) -> None:
        """Close a unit that has none below it, now; whoever was responsible for it is relieved. Once is enough."""
        self.known(unit_id)
        if unit_id in self.closed:
            return
        if self.at_or_below(unit_id) - self.closed != {unit_id}:
            raise RuleBroken(Rule.UNIT_NOT_EMPTY)
        act = replace(act, occurred_at=act.recorded_at)
        for unit, person_id in list(self.terms):
            if unit == unit_id:
                self.relieve(unit_id, person_id, act)
        self.record(self.UnitClosed, act, unit_id=unit_id)

    def _stood_in_for(self, deputy_id: UUID, now: datetime) -> list[UUID]:
        return [
            person
            for (person, deputy), terms in self.deputies.items()
            if deputy == deputy_id and any(term.covers(now) for term in terms)
        ]

    def _upwards(self, unit_id: UUID | None, moment: datetime) -> Iterator[UUID]:
        while unit_id is not None and unit_id in self.parents:
            yield unit_id
            unit_id = self.parents[unit_id].at(moment)

    def _would_circle(self, unit_id: UUID, parent_id: UUID, since: datetime) -> bool:
        """Whether the unit would stand below itself at any moment for which the move holds.

        A move that is dated back holds until the unit's next one; in between others may have
        moved, so every moment at which anything changed is looked at.
        """
        until = next((moment for moment in self.parents[unit_id].moments if moment > since), None)
        changes = {
            moment for parents in self.parents.values() for moment in parents.moments if moment > since
        }
        moments = [since, *(moment for moment in changes if until is None or moment < until)]
        return any(unit_id in self._upwards(parent_id, moment) for moment in moments)
