"""The units that are in the care of whoever asks."""

from services.contracts.reporting.organisation import Organisation, UnitLine
from services.reporting.questions.state import State


def organisation(state: State) -> Organisation:
    """As the tree stood at the moment asked about; a unit whose parent is another's is a root."""
    care = state.care
    return Organisation(
        units=tuple(
            UnitLine(
                unit_id=unit.unit_id,
                parent_id=unit.parent_id if unit.parent_id and care.holds(unit.parent_id) else None,
                kind=unit.kind,
                name=unit.name,
                in_care=True,
                code=unit.code,
            )
            for unit in care.tree_at(state.moment).in_order()
            if care.holds(unit.unit_id)
        ),
        positions=state.positions,
    )
