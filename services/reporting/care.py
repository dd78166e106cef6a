"""Who may see whom: a manager the units in their care, auditor and operator all, anybody themselves.

In somebody's care are the units for which they, or somebody whose deputy they are, are responsible,
and all below, as the tree stands now, whatever moment is asked about. To everybody else it is the
same whether a unit or a person exists or not.
"""

from collections.abc import Sequence
from uuid import UUID

from services.contracts.access import Actor, Role
from services.contracts.rules import Rule, RuleBroken
from services.reporting.moments import Moment
from services.reporting.projections import training_status
from services.reporting.projections.organisation import KnownUnits, Tree, Unit
from services.reporting.read_model import Tx

_ALL = frozenset({Role.AUDITOR, Role.OPERATOR})


class Care:
    """What one actor may see, now."""

    def __init__(self, tx: Tx, known: KnownUnits, actor: Actor, now: Moment) -> None:
        """Look up what is in the actor's care."""
        self._tx = tx
        self._actor = actor
        self._now = now
        self.everything = bool(actor.roles & _ALL)
        self._units, responsible = known.look(tx, actor.person_id, now.as_of)
        self.tree: Tree = self._units.tree_at(now)
        self.units: set[UUID] = set()
        if not self.everything and Role.MANAGER in actor.roles:
            for unit_id in responsible:
                self.units.update(self.tree.all_below(unit_id))

    def tree_at(self, moment: Moment) -> Tree:
        """The tree at another moment."""
        return self.tree if moment == self._now else self._units.tree_at(moment)

    def all_units(self) -> Sequence[UUID]:
        """Every unit in the actor's care, closed ones too."""
        return self.tree.ids if self.everything else list(self.units)

    def holds(self, unit_id: UUID) -> bool:
        """Whether a unit is in the actor's care."""
        return self.everything or unit_id in self.units

    def admit_to_unit(self, unit_id: UUID) -> None:
        """Raises RuleBroken: NOT_YOURS, or UNIT_UNKNOWN for those who may see all."""
        if not self.holds(unit_id):
            raise RuleBroken(Rule.NOT_YOURS)
        if self.tree.get(unit_id) is None:
            raise RuleBroken(Rule.UNIT_UNKNOWN)

    def admit_to_person(self, person_id: UUID) -> None:
        """Raises RuleBroken(NOT_YOURS) unless it is the actor, or belongs to a unit in their care."""
        if self.everything or (person_id == self._actor.person_id and Role.LEARNER in self._actor.roles):
            return
        unit_id = training_status.unit_of(self._tx, person_id, self._now)
        if unit_id is None or unit_id not in self.units:
            raise RuleBroken(Rule.NOT_YOURS)

    def below(self, tree: Tree, unit_id: UUID) -> Sequence[UUID]:
        """A unit and all below it in this tree (of another moment, perhaps), of those in the actor's care."""
        below = tree.all_below(unit_id)
        return below if self.everything else [each for each in below if each in self.units]

    def with_those_below(self, tree: Tree, unit_id: UUID) -> list[Unit]:
        """A unit that there is now, and those directly below it in this tree, of those in the actor's care."""
        unit = tree.get(unit_id) or self.tree.get(unit_id)
        assert unit is not None
        return [unit, *(each for each in tree.directly_below(unit_id) if self.holds(each.unit_id))]
