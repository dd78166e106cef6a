"""Units in the care of whoever asks, those who answer for them, and the staff as the directory knows it.

Names of managers are told to whoever may see the unit: who answers for it is no secret there.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from services.contracts.reporting.organisation import (
    Answering,
    AskUnit,
    Called,
    DeputyTerm,
    ManagerTerm,
    Organisation,
    UnitFact,
    UnitFactKind,
    UnitLine,
    UnitView,
)
from services.contracts.reporting.people import (
    AskDirectory,
    AskPerson,
    Directory,
    DirectoryLine,
    PersonView,
)
from services.contracts.rules import Rule, RuleBroken
from services.reporting.answers import NAMELESS
from services.reporting.care import Care
from services.reporting.projections import directory, organisation, training_status, transcript
from services.reporting.projections.directory import Entry, Name
from services.reporting.projections.organisation import Term, Told, Tree, Unit
from services.reporting.questions.state import State

Names = dict[UUID, Name]


def organisation_of(state: State) -> Organisation:
    """As the tree stood at the moment asked about; a unit whose parent is another's is a root."""
    care = state.care
    tree = care.tree_at(state.moment)
    return Organisation(
        units=tuple(unit_line(each, care) for each in tree.in_order() if care.holds(each.unit_id)),
        positions=state.positions,
    )


def unit_line(unit: Unit, care: Care) -> UnitLine:
    """A unit, below its parent where that may be seen."""
    return UnitLine(
        unit_id=unit.unit_id,
        parent_id=unit.parent_id if unit.parent_id and care.holds(unit.parent_id) else None,
        kind=unit.kind,
        name=unit.name,
        in_care=True,
        code=unit.code,
    )


def unit(state: State, asked: AskUnit) -> UnitView:
    """One unit and who answers for it. Raises RuleBroken."""
    tx, care, moment = state.tx, state.care, state.moment
    care.admit_to_unit(asked.unit_id)
    tree = care.tree_at(moment)
    here = tree.get(asked.unit_id) or care.tree.get(asked.unit_id)
    assert here is not None
    upwards = tree.upwards(here.unit_id)
    terms = organisation.terms(tx, [each.unit_id for each in upwards] or [here.unit_id], moment.known_at)
    deputies = organisation.deputies(tx, sorted({term.person_id for term in terms}), moment.known_at)
    own = [term for term in terms if term.of == here.unit_id]
    theirs = {term.person_id for term in own}
    told = [each for each in organisation.units_told(tx) if each.recorded_at <= moment.known_at]
    names = directory.names_of(tx, {each.person_id for each in (*terms, *deputies)})
    below = care.below(tree, here.unit_id)
    people = training_status.people_in(tx, [here.unit_id, *below], moment)
    return UnitView(
        unit=unit_line(here, care),
        closed=here.closed,
        above=tuple(unit_line(each, care) for each in reversed(upwards[1:]) if care.holds(each.unit_id)),
        below=tuple(unit_line(each, care) for each in tree.directly_below(here.unit_id)),
        people=people.get(here.unit_id, 0),
        people_below=sum(people.get(unit_id, 0) for unit_id in below),
        answering=tuple(_answering(upwards, terms, deputies, moment.as_of, names)),
        managers=tuple(_manager_term(term, tree, names) for term in own),
        deputies=tuple(_deputy_term(term, names) for term in deputies if term.of in theirs),
        history=tuple(_fact(each, tree, care) for each in told if each.unit_id == here.unit_id),
        as_of=moment.as_of,
        known_at=moment.known_at,
        positions=state.positions,
    )


def staff(state: State, asked: AskDirectory) -> Directory:
    """A page of those who belong to units in care. Raises RuleBroken."""
    tx, care, now = state.tx, state.care, state.now
    if asked.unit_id is not None:
        care.admit_to_unit(asked.unit_id)
        units: Sequence[UUID] = care.below(care.tree, asked.unit_id)
    else:
        units = care.all_units()
    placed = dict(training_status.placed(tx, units, now))
    people = set(placed)
    if asked.called is not None:
        people &= directory.those_called(tx, asked.called)
    found = directory.page(tx, people, _after(asked.cursor), asked.limit + 1)
    lines = found[: asked.limit]
    return Directory(
        lines=tuple(_line(entry, placed[entry.person_id], care.tree) for entry in lines),
        cursor=str(lines[-1].person_id) if len(found) > len(lines) else None,
        positions=state.positions,
    )


def person(state: State, asked: AskPerson) -> PersonView:
    """One member of staff, also one who left, for those who may see all. Raises RuleBroken."""
    tx, care, now = state.tx, state.care, state.now
    care.admit_to_person(asked.person_id)
    entry = directory.entry_of(tx, asked.person_id)
    if entry is None:
        if not transcript.is_known(tx, asked.person_id):
            raise RuleBroken(Rule.PERSON_UNKNOWN)
        entry = Entry(asked.person_id)
    manages = organisation.terms_held(tx, asked.person_id, now.known_at)
    deputies = organisation.deputies(tx, [asked.person_id], now.known_at)
    deputises = organisation.deputising(tx, asked.person_id, now.known_at)
    ids = {asked.person_id, *(term.person_id for term in deputies), *(term.of for term in deputises)}
    names = directory.names_of(tx, ids)
    return PersonView(
        person=_line(entry, training_status.unit_of(tx, asked.person_id, now), care.tree),
        manages=tuple(_manager_term(term, care.tree, names) for term in manages),
        deputies=tuple(_deputy_term(term, names) for term in deputies),
        deputises=tuple(_deputy_term(term, names) for term in deputises),
        positions=state.positions,
    )


def _answering(
    upwards: Iterable[Unit], terms: Sequence[Term], deputies: Sequence[Term], at: datetime, names: Names
) -> list[Answering]:
    """All who are responsible for the lowest of these units that has somebody, and their deputies."""
    for unit in upwards:
        managers = [term for term in terms if term.of == unit.unit_id and term.covers(at)]
        if managers:
            here = {"unit_id": unit.unit_id, "unit_name": unit.name}
            told = [
                Answering(**_called(term.person_id, names), **here, deputy_of=None, until=term.until)
                for term in managers
            ]
            people = {term.person_id for term in managers}
            told += [
                Answering(
                    **_called(term.person_id, names),
                    **here,
                    deputy_of=Called(**_called(term.of, names)),
                    until=term.until,
                )
                for term in deputies
                if term.of in people and term.covers(at)
            ]
            return told
    return []


def _manager_term(term: Term, tree: Tree, names: Names) -> ManagerTerm:
    unit = tree.get(term.of)
    return ManagerTerm(
        **_called(term.person_id, names),
        unit_id=term.of,
        unit_name=unit.name if unit else NAMELESS,
        since=term.since,
        until=term.until,
    )


def _deputy_term(term: Term, names: Names) -> DeputyTerm:
    return DeputyTerm(
        **_called(term.person_id, names),
        deputy_of=Called(**_called(term.of, names)),
        since=term.since,
        until=term.until,
    )


def _called(person_id: UUID, names: Names) -> dict[str, Any]:
    return {"person_id": person_id, **names.get(person_id, Name())._asdict()}


def _fact(told: Told, tree: Tree, care: Care) -> UnitFact:
    kind: UnitFactKind = "moved"
    if told.kind:
        kind = "created"
    elif told.closed:
        kind = "closed"
    elif told.code:
        kind = "coded"
    elif told.name:
        kind = "renamed"
    parent = tree.get(told.parent_id) if told.parent_id and care.holds(told.parent_id) else None
    return UnitFact(
        kind=kind,
        name=told.name,
        code=told.code,
        parent_id=parent.unit_id if parent else None,
        parent_name=parent.name if parent else None,
        occurred_at=told.occurred_at,
        recorded_at=told.recorded_at,
    )


def _line(entry: Entry, unit_id: UUID | None, tree: Tree) -> DirectoryLine:
    unit = tree.get(unit_id) if unit_id else None
    return DirectoryLine(
        **entry._asdict(),
        unit_id=unit.unit_id if unit else None,
        unit_name=unit.name if unit else None,
    )


def _after(cursor: str | None) -> UUID | None:
    try:
        return UUID(cursor) if cursor is not None else None
    except ValueError as error:
        raise RuleBroken(Rule.CURSOR_UNREADABLE) from error
