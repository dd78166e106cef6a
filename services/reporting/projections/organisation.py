"""`organisation@3`: the tree of units and who is responsible for them, with history in both times.

Few rows: every fact is kept as it was told, and folded when a question is asked.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from psycopg.types.json import Jsonb

from services.contracts.message import Localised
from services.contracts.scheduling import (
    DeputyEnded,
    DeputyNamed,
    ManagerAppointed,
    ManagerRelieved,
    UnitClosed,
    UnitCoded,
    UnitCreated,
    UnitMoved,
    UnitRenamed,
)
from services.reporting.moments import Moment
from services.reporting.read_model import Column, Table, Tx

NAME: Final = "organisation@3"

TREES_KEPT: Final = 32
"""Trees of as many moments are kept: a unit is seldom created or moved."""

UNITS = Table(
    NAME,
    "organisation_unit",
    (
        Column("position", "int8"),
        Column("unit_id", "uuid"),
        Column("parent_id", "uuid", null=True),
        Column("kind", "text", null=True),  # said once, when the unit was created
        Column("name", "jsonb", null=True),  # by itself: it was renamed
        Column("code", "text", null=True),  # a row with a code says nothing else
        Column("closed", "bool"),  # nor does one that says that it was closed
        Column("occurred_at", "timestamptz"),
        Column("recorded_at", "timestamptz"),
    ),
    key=("position",),
)

RESPONSIBLE = Table(
    NAME,
    "organisation_responsible",
    (
        Column("position", "int8"),
        Column("unit_id", "uuid"),
        Column("person_id", "uuid"),
        Column("appointed", "bool"),
        Column("until", "timestamptz", null=True),
        Column("occurred_at", "timestamptz"),
        Column("recorded_at", "timestamptz"),
    ),
    key=("position",),
    indexes=("(person_id)",),
)


DEPUTIES = Table(
    NAME,
    "organisation_deputy",
    (
        Column("position", "int8"),
        Column("person_id", "uuid"),
        Column("deputy_id", "uuid"),
        Column("named", "bool"),
        Column("until", "timestamptz", null=True),
        Column("occurred_at", "timestamptz"),
        Column("recorded_at", "timestamptz"),
    ),
    key=("position",),
    indexes=("(deputy_id)", "(person_id)"),
)


class OrganisationModel:
    """Keeps what was said about units, about who is responsible for them, and about who stands in for whom."""

    name = NAME
    feeds = frozenset({"scheduling"})
    tables: tuple[Table, ...] = (UNITS, RESPONSIBLE, DEPUTIES)

    def apply(self, tx: Tx, feed: str, items: Sequence[Any]) -> None:
        """Add one row a fact."""
        units: list[tuple[Any, ...]] = []
        responsible: list[tuple[Any, ...]] = []
        deputies: list[tuple[Any, ...]] = []
        for item in items:
            said: tuple[Any, ...]
            event, when = item.event, (item.event.occurred_at, item.recorded_at)
            match event:
                case UnitCreated():
                    said = (event.parent_id, event.kind, Jsonb(event.name), None, False)
                    units.append((item.position, event.unit_id, *said, *when))
                case UnitMoved():
                    said = (event.parent_id, None, None, None, False)
                    units.append((item.position, event.unit_id, *said, *when))
                case UnitRenamed():
                    said = (None, None, Jsonb(event.name), None, False)
                    units.append((item.position, event.unit_id, *said, *when))
                case UnitCoded():
                    said = (None, None, None, event.code, False)
                    units.append((item.position, event.unit_id, *said, *when))
                case UnitClosed():
                    said = (None, None, None, None, True)
                    units.append((item.position, event.unit_id, *said, *when))
                case ManagerAppointed():
                    who = (event.unit_id, event.person_id, True, event.until)
                    responsible.append((item.position, *who, *when))
                case ManagerRelieved():
                    who = (event.unit_id, event.person_id, False, None)
                    responsible.append((item.position, *who, *when))
                case DeputyNamed():
                    who = (event.person_id, event.deputy_id, True, event.until)
                    deputies.append((item.position, *who, *when))
                case DeputyEnded():
                    who = (event.person_id, event.deputy_id, False, None)
                    deputies.append((item.position, *who, *when))
                case _:
                    pass  # about people and their courses: not the organisation
        if units:
            UNITS.fill(tx, units)
        if responsible:
            RESPONSIBLE.fill(tx, responsible)
        if deputies:
            DEPUTIES.fill(tx, deputies)

    def bulk(self) -> "OrganisationModel":
        """Rows are only ever added."""
        return self

    def finish(self, tx: Tx) -> None:
        """Nothing was put off."""


# --- questions -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Unit:
    """A unit at its place in the tree."""

    unit_id: UUID
    parent_id: UUID | None
    kind: str
    name: Localised
    code: str | None = None
    """What other systems call it."""
    closed: bool = False
    """It is there no more, and empty. It keeps its place, so that what stood below somebody before still does."""


class Tree:
    """The units as they stood at a moment."""

    def __init__(self, units: Iterable[Unit]) -> None:
        """Order the units below their parents."""
        self._units = {unit.unit_id: unit for unit in units}
        self._below: dict[UUID | None, list[Unit]] = {}
        self._all_below: dict[UUID, Sequence[UUID]] = {}
        for unit in self._units.values():
            parent = unit.parent_id if unit.parent_id in self._units else None
            self._below.setdefault(parent, []).append(unit)

    def get(self, unit_id: UUID) -> Unit | None:
        """A unit, if there is one."""
        return self._units.get(unit_id)

    @property
    def ids(self) -> list[UUID]:
        """All units, closed ones too."""
        return list(self._units)

    def upwards(self, unit_id: UUID) -> list[Unit]:
        """A unit and those above it; none of a unit that there is not."""
        found: list[Unit] = []
        unit = self._units.get(unit_id)
        while unit is not None and unit not in found:
            found.append(unit)
            unit = self._units.get(unit.parent_id) if unit.parent_id else None
        return found

    def directly_below(self, unit_id: UUID | None) -> list[Unit]:
        """The units one step below that are not closed, by name."""
        units = (unit for unit in self._below.get(unit_id, ()) if not unit.closed)
        return sorted(units, key=lambda unit: (min(unit.name.values()), unit.unit_id))

    def all_below(self, unit_id: UUID) -> Sequence[UUID]:
        """A unit and all below it, closed ones too."""
        if (kept := self._all_below.get(unit_id)) is None:
            kept = self._all_below[unit_id] = tuple(self._find_below(unit_id))
        return kept

    def _find_below(self, unit_id: UUID) -> list[UUID]:
        found, seen = [unit_id], {unit_id}
        for each in found:
            news = [unit.unit_id for unit in self._below.get(each, ()) if unit.unit_id not in seen]
            seen.update(news)
            found.extend(news)
        return found

    def in_order(self) -> Iterator[Unit]:
        """Every unit that is not closed, parents before children."""
        waiting = self.directly_below(None)
        seen: set[UUID] = set()
        while waiting:
            unit = waiting.pop(0)
            if unit.unit_id not in seen:
                seen.add(unit.unit_id)
                yield unit
                waiting = self.directly_below(unit.unit_id) + waiting


@dataclass(frozen=True)
class Told:
    """What was said of a unit, and when: created (then kind and name are there), moved, renamed, coded or closed."""

    unit_id: UUID
    parent_id: UUID | None
    kind: str | None
    name: Localised | None
    code: str | None
    closed: bool
    occurred_at: datetime
    recorded_at: datetime


def units_told(tx: Tx) -> list[Told]:
    """All that was ever said of units, in the order in which it happened."""
    rows = tx.execute(
        "SELECT unit_id, parent_id, kind, name, code, closed, occurred_at, recorded_at FROM organisation_unit"
        " ORDER BY occurred_at, position"
    ).fetchall()
    return [Told(*row) for row in rows]


def tree_at(told: Iterable[Told], moment: Moment) -> Tree:
    """The tree as it stood at a moment, as known at another."""
    units: dict[UUID, Unit] = {}
    for each in told:
        if each.occurred_at <= moment.as_of and each.recorded_at <= moment.known_at:
            before = units.get(each.unit_id)
            if each.kind and each.name:
                units[each.unit_id] = Unit(each.unit_id, each.parent_id, each.kind, each.name)
            elif before and each.code:
                units[each.unit_id] = replace(before, code=each.code)
            elif before and each.name:
                units[each.unit_id] = replace(before, name=each.name)
            elif before and each.closed:
                units[each.unit_id] = replace(before, closed=True, code=None)
            elif before:
                units[each.unit_id] = replace(before, parent_id=each.parent_id)
    return Tree(units.values())


class Units:
    """What was told of units, and the trees that this makes at any moment; the last ones asked for are kept."""

    def __init__(self, told: Sequence[Told]) -> None:
        """`told` in the order in which it happened."""
        self._told = told
        self._occurred = [each.occurred_at for each in told]
        self._recorded = max((each.recorded_at for each in told), default=None)
        self._trees: dict[int, Tree] = {}

    def tree_at(self, moment: Moment) -> Tree:
        """The tree as it stood at a moment, as known at another."""
        if self._recorded is not None and moment.known_at < self._recorded:
            return tree_at(self._told, moment)
        so_far = bisect_right(self._occurred, moment.as_of)
        tree = self._trees.get(so_far)
        if tree is None:
            while len(self._trees) >= TREES_KEPT:
                self._trees.pop(next(iter(self._trees)))
            tree = self._trees[so_far] = tree_at(self._told[:so_far], moment)
        return tree


class KnownUnits:
    """Units between questions. Rows are only ever added: the table and its last position say which are there."""

    def __init__(self) -> None:
        """Nothing is known before the first question."""
        self._kept: tuple[object, Units] = (None, Units(()))

    def look(self, tx: Tx, person_id: UUID, now: datetime) -> tuple[Units, Sequence[UUID]]:
        """The units, and for which of them a person is responsible, or deputy of who is."""
        row = tx.execute(_LOOK, {"person": person_id, "now": now}).fetchone()
        assert row is not None
        *place, responsible = row
        kept, units = self._kept
        if kept != place:
            units = Units(units_told(tx))
            self._kept = (place, units)
        return units, responsible


_LOOK = (
    "SELECT 'organisation_unit'::regclass::oid, (SELECT max(position) FROM organisation_unit),"
    # As scheduling decides: appointments add up, and a relief ends all that were recorded before it,
    # also those that were to begin later. The same for deputies.
    " ARRAY(SELECT DISTINCT unit_id FROM organisation_responsible AS term"
    "  WHERE appointed AND occurred_at <= %(now)s AND (until IS NULL OR until > %(now)s)"
    "  AND person_id IN (SELECT %(person)s UNION ALL SELECT person_id FROM organisation_deputy AS period"
    "   WHERE deputy_id = %(person)s AND named AND occurred_at <= %(now)s AND until > %(now)s"
    "   AND NOT EXISTS (SELECT FROM organisation_deputy AS ended"
    "    WHERE ended.person_id = period.person_id AND ended.deputy_id = period.deputy_id AND NOT ended.named"
    "    AND ended.position > period.position AND ended.occurred_at <= %(now)s))"
    "  AND NOT EXISTS (SELECT FROM organisation_responsible AS relief"
    "   WHERE relief.person_id = term.person_id AND relief.unit_id = term.unit_id AND NOT relief.appointed"
    "   AND relief.position > term.position AND relief.occurred_at <= %(now)s))"
)


# --- who was, is and will be responsible -----------------------------------------------------------


class Term(NamedTuple):
    """A time for which somebody is responsible for a unit, or stands in for a person (`of`)."""

    of: UUID
    person_id: UUID
    since: datetime
    until: datetime | None

    def covers(self, moment: datetime) -> bool:
        """Whether it runs at a moment."""
        return self.since <= moment and (self.until is None or moment < self.until)


def terms(tx: Tx, units: Sequence[UUID], known_at: datetime) -> list[Term]:
    """Who was, is and will be responsible for these units, as known at a moment; the earliest first."""
    rows = tx.execute(
        "SELECT unit_id, person_id, appointed, occurred_at, until FROM organisation_responsible"
        " WHERE unit_id = ANY(%s) AND recorded_at <= %s ORDER BY position",
        (list(units), known_at),
    ).fetchall()
    return _folded(rows)


def terms_held(tx: Tx, person_id: UUID, known_at: datetime) -> list[Term]:
    """The same for everything that one person was, is or will be responsible for."""
    rows = tx.execute(
        "SELECT unit_id, person_id, appointed, occurred_at, until FROM organisation_responsible"
        " WHERE person_id = %s AND recorded_at <= %s ORDER BY position",
        (person_id, known_at),
    ).fetchall()
    return _folded(rows)


def deputies(tx: Tx, people: Sequence[UUID], known_at: datetime) -> list[Term]:
    """Who stood, stands or will stand in for these people, as known at a moment; the earliest first."""
    rows = tx.execute(
        "SELECT person_id, deputy_id, named, occurred_at, until FROM organisation_deputy"
        " WHERE person_id = ANY(%s) AND recorded_at <= %s ORDER BY position",
        (list(people), known_at),
    ).fetchall()
    return _folded(rows)


def deputising(tx: Tx, person_id: UUID, known_at: datetime) -> list[Term]:
    """For whom somebody stood, stands or will stand in."""
    rows = tx.execute(
        "SELECT person_id, deputy_id, named, occurred_at, until FROM organisation_deputy"
        " WHERE deputy_id = %s AND recorded_at <= %s ORDER BY position",
        (person_id, known_at),
    ).fetchall()
    return _folded(rows)


def _folded(rows: Iterable[tuple[UUID, UUID, bool, datetime, datetime | None]]) -> list[Term]:
    """What beginnings and ends make together, in the order in which they were recorded.

    An end ends all that was said before; what of one pair overlaps or follows at once is one term.
    """
    by_pair: dict[tuple[UUID, UUID], list[Term]] = {}
    for of, person_id, begins, occurred_at, until in rows:
        known = by_pair.setdefault((of, person_id), [])
        if begins:
            known.append(Term(of, person_id, occurred_at, until))
        else:
            known[:] = [
                term
                if term.until is not None and term.until <= occurred_at
                else term._replace(until=occurred_at)
                for term in known
                if term.since < occurred_at
            ]
    found = [term for known in by_pair.values() for term in _joined(known)]
    return sorted(found, key=lambda term: (term.since, term.person_id))


def _joined(known: Iterable[Term]) -> list[Term]:
    found: list[Term] = []
    for term in sorted(known, key=lambda term: term.since):
        last = found[-1] if found else None
        if last is None or (last.until is not None and last.until < term.since):
            found.append(term)
        elif last.until is not None and (term.until is None or term.until > last.until):
            found[-1] = last._replace(until=term.until)
    return found
