"""Who is responsible for a unit at a moment, as far as messages go: the nearest managers, and those one level up.

Whoever stands in for a manager is told as they are.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Cursor

ACTIVE = "SELECT unit_id, person_id FROM mail_care WHERE since <= %s AND (until IS NULL OR until > %s)"


STANDING_IN = "SELECT person_id, deputy_id FROM mail_deputy WHERE since <= %s AND until > %s"


class Care:
    """The tree of units with the managers of a moment."""

    def __init__(self, tx: Cursor[Any], at: datetime) -> None:
        """Read both as they are known."""
        self._parents: dict[UUID, UUID | None] = dict(
            tx.execute("SELECT unit_id, parent_id FROM mail_unit").fetchall()
        )
        self._managers: dict[UUID, set[UUID]] = {}
        for unit_id, person_id in tx.execute(ACTIVE, (at, at)).fetchall():
            self._managers.setdefault(unit_id, set()).add(person_id)
        deputies: dict[UUID, set[UUID]] = {}
        for person_id, deputy_id in tx.execute(STANDING_IN, (at, at)).fetchall():
            deputies.setdefault(person_id, set()).add(deputy_id)
        for managers in self._managers.values():
            managers.update(*(deputies[person_id] for person_id in managers & deputies.keys()))
        self._levels: dict[UUID, tuple[frozenset[UUID], frozenset[UUID]]] = {}

    @property
    def units(self) -> Iterable[UUID]:
        """All units."""
        return self._parents.keys()

    def levels(self, unit_id: UUID) -> tuple[frozenset[UUID], frozenset[UUID]]:
        """The managers of the unit, or of the nearest above that has any; and those of the next that has."""
        found = self._levels.get(unit_id)
        if found is None:
            above = self._walk(unit_id)
            nearest = next(above, frozenset[UUID]())
            found = self._levels[unit_id] = (nearest, next(above, frozenset()) - nearest)
        return found

    def _walk(self, unit_id: UUID) -> Iterator[frozenset[UUID]]:
        seen: set[UUID] = set()
        at: UUID | None = unit_id
        while at is not None and at not in seen:
            seen.add(at)
            if managers := self._managers.get(at):
                yield frozenset(managers)
            at = self._parents.get(at)
