"""`organisation@1`: the tree of units and who is responsible for them, with history in both times.

Few rows: every fact is kept as it was told, and folded when a question is asked.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg.types.json import Jsonb

from services.contracts.message import Localised
from services.contracts.scheduling import ManagerAppointed, ManagerRelieved, UnitCreated, UnitMoved
from services.reporting.moments import Moment
from services.reporting.read_model import Column, Table, Tx

NAME: Final = "organisation@1"

UNITS = Table(
    NAME,
    "organisation_unit",
    (
        Column("position", "int8"),
        Column("unit_id", "uuid"),
        Column("parent_id", "uuid", null=True),
        Column("kind", "text", null=True),  # said once, when the unit was created
        Column("name", "jsonb", null=True),
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
                    said = (event.parent_id, event.kind, Jsonb(event.name))
                    units.append((item.position, event.unit_id, *said, *when))
                case UnitMoved():
                    units.append((item.position, event.unit_id, event.parent_id, None, None, *when))
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


class Tree:
    """The units as they stood at a moment."""

    def __init__(self, units: Iterable[Unit]) -> None:
        """Order the units below their parents."""
        self._units = {unit.unit_id: unit for unit in units}
        self._below: dict[UUID | None, list[Unit]] = {}
        for unit in self._units.values():
            parent = unit.parent_id if unit.parent_id in self._units else None
            self._below.setdefault(parent, []).append(unit)

    def get(self, unit_id: UUID) -> Unit | None:
        """A unit, if there is one."""
        return self._units.get(unit_id)

    def directly_below(self, unit_id: UUID | None) -> list[Unit]:
        """The units one step below, by name."""
        return sorted(self._below.get(unit_id, ()), key=lambda unit: (min(unit.name.values()), unit.unit_id))

    def all_below(self, unit_id: UUID) -> list[UUID]:
        """A unit and all below it."""
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
    """What was said of a unit, and when: it was created (then kind and name are there), or moved."""

    unit_id: UUID
    parent_id: UUID | None
    kind: str | None
    name: Localised | None
    occurred_at: datetime
    recorded_at: datetime


def units_told(tx: Tx) -> list[Told]:
    """All that was ever said of units, in the order in which it happened."""
    rows = tx.execute(
        "SELECT unit_id, parent_id, kind, name, occurred_at, recorded_at FROM organisation_unit"
        " ORDER BY occurred_at, position"
    ).fetchall()
    return [Told(*row) for row in rows]


def tree_at(told: Iterable[Told], moment: Moment) -> Tree:
    """The tree as it stood at a moment, as known at another."""
    units: dict[UUID, Unit] = {}
    for each in told:
        if each.occurred_at <= moment.as_of and each.recorded_at <= moment.known_at:
            before = units.get(each.unit_id)
            kind, name = each.kind or (before and before.kind), each.name or (before and before.name)
            if kind and name:
                units[each.unit_id] = Unit(each.unit_id, each.parent_id, kind, name)
    return Tree(units.values())


def responsible_for(tx: Tx, person_id: UUID, now: datetime) -> list[UUID]:
    """The units that a person was made responsible for and still is."""
    rows = tx.execute(
        "SELECT DISTINCT ON (unit_id) unit_id, appointed AND (until IS NULL OR until > %s)"
        " FROM organisation_responsible WHERE person_id = %s AND occurred_at <= %s"
        " ORDER BY unit_id, occurred_at DESC, position DESC",
        (now, person_id, now),
    ).fetchall()
    return [unit_id for unit_id, holds in rows if holds]
