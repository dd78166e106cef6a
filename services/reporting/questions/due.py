"""What is late, what will be, and whose training ends."""

from services.contracts.reporting.due import DUE_STATUSES, AskDue, Due
from services.reporting import answers
from services.reporting.projections import directory, training_status
from services.reporting.projections.directory import Name
from services.reporting.projections.unit_counts import counts
from services.reporting.questions.state import State


def due(state: State, asked: AskDue) -> Due:
    """What is late, will be, or ends, in a unit and below."""
    tx, care, moment = state.tx, state.care, state.moment
    after = answers.read_cursor(asked.cursor)
    statuses = [each for each in DUE_STATUSES if asked.status in (None, each)]
    care.admit_to_unit(asked.unit_id)
    tree = care.tree_at(moment)
    unit, *below = care.with_those_below(tree, asked.unit_id)
    wanted = {each.unit_id: care.below(tree, each.unit_id) for each in (unit, *below)}
    people = counts(tx, asked.course, wanted, moment, state.now.as_of)
    found = training_status.staff(
        tx,
        asked.course,
        wanted[unit.unit_id],
        moment,
        statuses=statuses,
        people=None,
        after=after,
        limit=asked.limit + 1,
    )
    names = directory.names_of(tx, (line.person_id for line in found))
    lines = found[: asked.limit]
    return Due(
        unit=answers.due_figures(unit, people),
        below=tuple(answers.due_figures(each, people) for each in below),
        lines=tuple(answers.staff_line(line, names.get(line.person_id, Name()), tree) for line in lines),
        cursor=answers.cursor(lines[-1]) if len(found) > len(lines) else None,
        course=asked.course,
        as_of=moment.as_of,
        known_at=moment.known_at,
        positions=state.positions,
    )
