"""`organisation@2`: the tree of units and who is responsible for them, with history in both times.

Few rows: every fact is kept as it was told, and folded when a question is asked.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg.types.json import Jsonb

from services.contracts.message import Localised
from services.contracts.scheduling import ManagerAppointed, ManagerRelieved, UnitCoded, UnitCreated, UnitMoved
from services.reporting.moments import Moment
from services.reporting.read_model import Column, Table, Tx

NAME: Final = "organisation@2"

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
        Column("name", "jsonb", null=True),
        Column("code", "text", null=True),  # a row with a code says nothing else
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


class OrganisationModel:
    """Keeps what was said about units and about who is responsible for them."""

    name = NAME
    feeds = frozenset({"scheduling"})
    tables: tuple[Table, ...] = (UNITS, RESPONSIBLE)

    def apply(self, tx: Tx, feed: str, items: Sequence[Any]) -> None:
        """Add one row a fact."""
        units: list[tuple[Any, ...]] = []
        responsible: list[tuple[Any, ...]] = []
        for item in items:
            event, when = item.event, (item.event.occurred_at, item.recorded_at)
            match event:
                case UnitCreated():
                    said = (event.parent_id, event.kind, Jsonb(event.name), None)
                    units.append((item.position, event.unit_id, *said, *when))
                case UnitMoved():
                    units.append((item.position, event.unit_id, event.parent_id, None, None, None, *when))
                case UnitCoded():
                    units.append((item.position, event.unit_id, None, None, None, event.code, *when))
                case ManagerAppointed():
                    who = (event.unit_id, event.person_id, True, event.until)
                    responsible.append((item.position, *who, *when))
                case ManagerRelieved():
                    who = (event.unit_id, event.person_id, False, None)
                    responsible.append((item.position, *who, *when))
                case _:
                    pass  # about people and their courses: not the organisation
        if units:
            UNITS.fill(tx, units)
        if responsible:
            RESPONSIBLE.fill(tx, responsible)

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

    def directly_below(self, unit_id: UUID | None) -> list[Unit]:
        """The units one step below, by name."""
        return sorted(self._below.get(unit_id, ()), key=lambda unit: (min(unit.name.values()), unit.unit_id))

    def all_below(self, unit_id: UUID) -> Sequence[UUID]:
        """A unit and all below it."""
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
        """Every unit, parents before children."""
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
    """What was said of a unit, and when: created (then kind and name are there), moved, or given a code."""

    unit_id: UUID
    parent_id: UUID | None
    kind: str | None
    name: Localised | None
    code: str | None
    occurred_at: datetime
    recorded_at: datetime


def units_told(tx: Tx) -> list[Told]:
    """All that was ever said of units, in the order in which it happened."""
    rows = tx.execute(
        "SELECT unit_id, parent_id, kind, name, code, occurred_at, recorded_at FROM organisation_unit"
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
        """The units, and for which of them a person was made responsible and still is."""
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
    # also those that were to begin later.
    " ARRAY(SELECT DISTINCT unit_id FROM organisation_responsible AS term"
    "  WHERE person_id = %(person)s AND appointed AND occurred_at <= %(now)s"
    "  AND (until IS NULL OR until > %(now)s)"
    "  AND NOT EXISTS (SELECT FROM organisation_responsible AS relief"
    "   WHERE relief.person_id = term.person_id AND relief.unit_id = term.unit_id AND NOT relief.appointed"
    "   AND relief.position > term.position AND relief.occurred_at <= %(now)s))"
)
