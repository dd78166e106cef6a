"""Who is in a unit and how each stands, who is called so, and how whoever asks is called."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from services.contracts.reporting.people import AskPeople, AskStaff, Me, People, PersonLine, Staff
from services.contracts.reporting.standing import StaffStatus
from services.reporting import answers
from services.reporting.projections import directory, training_status, transcript
from services.reporting.projections.directory import Name
from services.reporting.projections.training_status import DISPLAY_ORDER, Standing
from services.reporting.questions.state import State
from services.reporting.read_model import Tx


def staff(state: State, asked: AskStaff) -> Staff:
    """A page of the people of a unit and below, those who need attention first."""
    tx, care, moment = state.tx, state.care, state.moment
    after = answers.read_cursor(asked.cursor)
    care.admit_to_unit(asked.unit_id)
    tree = care.tree_at(moment)
    units = care.below(tree, asked.unit_id)
    people = set(asked.people) or None
    if asked.called is not None:
        called = directory.those_called(tx, asked.called)
        called.intersection_update(training_status.members(tx, units, moment))
        people = called if people is None else people & called
    found = training_status.staff(
        tx,
        asked.course,
        units,
        moment,
        statuses=_statuses(asked),
        people=people,
        after=after,
        limit=asked.limit + 1,
    )
    names = directory.names_of(tx, (line.person_id for line in found))
    lines = found[: asked.limit]
    return Staff(
        lines=tuple(
            answers.staff_line(line, names.get(line.person_id, Name()), tree)
            for line in _by_name(lines, names)
        ),
        cursor=answers.cursor(lines[-1]) if len(found) > len(lines) else None,
        as_of=moment.as_of,
        known_at=moment.known_at,
        positions=state.positions,
    )


def _by_name(lines: Sequence[Standing], names: Mapping[UUID, Name]) -> list[Standing]:
    """Of one page, people of one status and date by their names.

    Pages themselves follow the index, which knows ids only: with names in it, every change of a name would
    move rows of a read model that has no business with names, and a page would cost a sort of the whole unit.
    """

    def place(line: Standing) -> tuple[int, int, str, str, UUID]:
        name = names.get(line.person_id, Name())
        family, given = (directory.folded(each or "") for each in (name.family_name, name.given_name))
        return DISPLAY_ORDER.index(line.status), line.turns, family, given, line.person_id

    return sorted(lines, key=place)


def _statuses(asked: AskStaff) -> Sequence[StaffStatus]:
    """One, or those of all whom the course concerns, or of everybody."""
    if asked.status is not None:
        return (asked.status,)
    return [each for each in DISPLAY_ORDER if asked.everybody or each != "unassigned"]


def find(state: State, asked: AskPeople) -> People:
    """Whoever is called so at present; by person id also those whom the directory does not know."""
    found = _by_id(state.tx, asked.text) or directory.find(state.tx, asked.text, asked.limit + 1)
    lines = []
    for person_id, name in found[: asked.limit]:
        unit_id = training_status.unit_of(state.tx, person_id, state.now)
        unit = state.care.tree.get(unit_id) if unit_id else None
        lines.append(
            PersonLine(
                person_id=person_id,
                given_name=name.given_name,
                family_name=name.family_name,
                staff_number=name.staff_number,
                unit_id=unit_id,
                unit_name=unit.name if unit else None,
            )
        )
    return People(lines=tuple(lines), more=len(found) > len(lines), positions=state.positions)


def _by_id(tx: Tx, text: str) -> list[tuple[UUID, Name]]:
    """The person whose id this is, named or not; nobody when it is none."""
    try:
        person_id = UUID(text.strip())
    except ValueError:
        return []
    if not transcript.is_known(tx, person_id):
        return []
    return [(person_id, directory.names_of(tx, [person_id]).get(person_id, Name()))]


def name_of(tx: Tx, person_id: UUID) -> Me:
    """How somebody is called, where the directory knows it."""
    name = directory.names_of(tx, [person_id]).get(person_id, Name())
    return Me(given_name=name.given_name, family_name=name.family_name)
