"""Answers about standing orders, due dates and what stands in their way."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from services.contracts.message import Localised
from services.contracts.reporting.duties import (
    AskHindrances,
    AskOrders,
    HindranceLine,
    Hindrances,
    OrderLine,
    Orders,
)
from services.contracts.reporting.transcripts import InPerson, Step, TranscriptLine
from services.contracts.scheduling.duties import Recurrence
from services.reporting import answers
from services.reporting.care import Care
from services.reporting.projections import directory, duties, sessions, training_status
from services.reporting.projections.directory import Name
from services.reporting.projections.organisation import Tree
from services.reporting.questions.state import State
from services.reporting.read_model import Tx


def orders(state: State, asked: AskOrders) -> Orders:
    """The orders for a unit, for those above it and below it, and for everybody."""
    care = state.care
    care.admit_to_unit(asked.unit_id)
    below = set(care.tree.all_below(asked.unit_id))
    above = {each.unit_id for each in care.tree.upwards(asked.unit_id)}
    found = [
        order
        for order in duties.orders(state.tx)
        if order.unit_id is None or order.unit_id in above or (order.unit_id in below)
    ]
    return Orders(orders=tuple(order_line(order, care) for order in found), positions=state.positions)


def order_line(order: duties.Order, care: Care) -> OrderLine:
    """An order under the name of its unit."""
    unit = care.tree.get(order.unit_id) if order.unit_id is not None else None
    again = (
        Recurrence.model_construct(
            months=order.months, window_days=order.window_days, grace_days=order.grace_days
        )
        if order.renews
        else None
    )
    return OrderLine(
        order_id=order.order_id,
        course=order.course,
        unit_id=order.unit_id,
        unit_name=unit.name if unit else None,
        function=order.function,
        due_on=order.due_on,
        after_days=order.after_days,
        recurrence=again,
        from_on=order.from_on,
        to_on=order.to_on,
        given_at=order.given_at,
        ended_at=order.ended_at,
        in_care=order.unit_id is not None and care.holds(order.unit_id),
    )


def hindrances(state: State, asked: AskHindrances) -> Hindrances:
    """What stands in the way of due dates, for the people of a unit and below."""
    tx, care, now = state.tx, state.care, state.now
    care.admit_to_unit(asked.unit_id)
    units = care.below(care.tree, asked.unit_id)
    people = dict(training_status.placed(tx, units, now))
    found = duties.hindrances(tx, people, asked.limit + 1)
    lines = found[: asked.limit]
    names = directory.names_of(tx, (line.person_id for line in lines))
    mentioned = duties.orders_called(
        tx, (id_ for line in lines for id_ in (line.order_id, line.held_by) if id_)
    )
    return Hindrances(
        lines=tuple(
            _hindrance_line(line, names.get(line.person_id, Name()), people[line.person_id], care.tree)
            for line in lines
        ),
        more=len(found) > len(lines),
        orders=tuple(order_line(order, care) for order in mentioned),
        positions=state.positions,
    )


def _hindrance_line(line: duties.Hindrance, name: Name, unit_id: UUID, tree: Tree) -> HindranceLine:
    unit = tree.get(unit_id)
    return HindranceLine(
        **line._asdict(),
        given_name=name.given_name,
        family_name=name.family_name,
        staff_number=name.staff_number,
        unit_id=unit_id,
        unit_name=unit.name if unit else answers.NAMELESS,
    )


def with_names(
    tx: Tx, lines: Sequence[TranscriptLine], care: Care
) -> tuple[tuple[TranscriptLine, ...], tuple[OrderLine, ...]]:
    """The lines with the names of those who decided by hand, and the orders that their dates follow from.

    Lines of in-person sessions get the titles of these.
    """
    steps = [step for line in lines for step in line.steps]
    people = directory.names_of(tx, (step.by for step in steps if step.by is not None))
    ids = {step.cause.order_id for step in steps if step.cause and step.cause.order_id}
    found = duties.orders_called(tx, ids)
    titles = sessions.titles_of(tx, (line.in_person.class_id for line in lines if line.in_person))
    named = (
        line.model_copy(
            update={
                "steps": tuple(_named(step, people) for step in line.steps),
                "in_person": _titled(line.in_person, titles),
            }
        )
        for line in lines
    )
    return tuple(named), tuple(order_line(order, care) for order in found)


def _titled(session: InPerson | None, titles: Mapping[UUID, Localised]) -> InPerson | None:
    return session and session.model_copy(update={"title": titles.get(session.class_id, {})})


def _named(step: Step, people: dict[UUID, Name]) -> Step:
    if step.by is None or step.by not in people:
        return step
    name = people[step.by]
    return step.model_copy(update={"by_name": " ".join(filter(None, (name.given_name, name.family_name)))})
