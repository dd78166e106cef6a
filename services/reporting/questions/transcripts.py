"""One person's training, course by course and step by step, and why it is so."""

from collections.abc import Sequence
from uuid import UUID

from services.contracts.reporting.transcripts import AskTranscript, AskWhy, Transcript, Why
from services.reporting import answers
from services.reporting.projections import courses, directory, training_status
from services.reporting.projections.directory import Name
from services.reporting.projections.organisation import Unit
from services.reporting.projections.transcript import Line, courses_of, history
from services.reporting.questions.audit import events_of
from services.reporting.questions.duties import with_names
from services.reporting.questions.state import State


def my_training(state: State) -> Transcript:
    """What is due, in progress and done for whoever asks; nothing of their unit."""
    person_id = state.actor.person_id
    return _summed_up(state, person_id, history(state.tx, person_id, state.moment), unit=None)


def transcript(state: State, asked: AskTranscript | AskWhy) -> Transcript:
    """One person's whole training, and where they belong."""
    events = events_of(state, asked.person_id)
    unit_id = training_status.unit_of(state.tx, asked.person_id, state.moment)
    unit = state.care.tree_at(state.moment).get(unit_id) if unit_id else None
    return _summed_up(state, asked.person_id, events, unit=unit)


def why(state: State, asked: AskWhy) -> Why:
    """Why somebody stands so with a course."""
    told = transcript(state, asked)
    lines = tuple(line for line in told.lines if line.course == asked.course)
    ids = {step.cause.order_id for line in lines for step in line.steps if step.cause}
    return Why(
        person_id=asked.person_id,
        course=asked.course,
        lines=lines,
        orders=tuple(order for order in told.orders if order.order_id in ids),
        as_of=told.as_of,
        known_at=told.known_at,
        positions=told.positions,
    )


def _summed_up(state: State, person_id: UUID, events: Sequence[Line], *, unit: Unit | None) -> Transcript:
    tx, moment = state.tx, state.moment
    parts = courses.parts_of(tx)
    name = directory.names_of(tx, [person_id]).get(person_id, Name())
    told = (answers.transcript_line(course, parts, moment) for course in courses_of(events))
    lines, orders = with_names(tx, [line for line in told if line is not None], state.care)
    return Transcript(
        person_id=person_id,
        given_name=name.given_name,
        family_name=name.family_name,
        staff_number=name.staff_number,
        unit_id=unit.unit_id if unit else None,
        unit_name=unit.name if unit else None,
        lines=lines,
        orders=orders,
        as_of=moment.as_of,
        known_at=moment.known_at,
        positions=state.positions,
    )
