"""Who had a seat, has none, and still needs one: they missed it, or its room closed."""

from datetime import date
from typing import Final

from services.contracts.reporting.seats import AskLostSeats, LostSeatLine, LostSeats
from services.reporting.answers import NAMELESS
from services.reporting.projections import directory, plan, training_status
from services.reporting.projections.directory import Name
from services.reporting.questions.state import State

LINES_MAX: Final = 400
"""Lost seats that one answer names."""


def lost_seats(state: State, asked: AskLostSeats) -> LostSeats:
    """Of the people who belong to a unit now, or to one below; the earliest due date first."""
    tx, care, now = state.tx, state.care, state.now
    care.admit_to_unit(asked.unit_id)
    people = training_status.members(tx, care.below(care.tree, asked.unit_id), now)
    lost = [(seat, n) for seat, n in plan.lost_by(tx, people) if asked.course in (None, seat.course)]
    needed = training_status.still_to_follow(tx, {seat.person_id for seat, _ in lost}, now)
    found = [
        (needed[key], seat, missed)
        for seat, missed in lost
        if (key := (seat.person_id, seat.course, seat.period)) in needed
    ]
    found.sort(key=lambda each: (each[0].due_on or date.max, each[1].person_id, each[1].course, each[1].half))
    shown = found[:LINES_MAX]
    names = directory.names_of(tx, {seat.person_id for _, seat, _ in shown})
    rooms = plan.rooms_called(tx, {seat.room_id for _, seat, _ in shown})
    lines = []
    for need, seat, missed in shown:
        name, unit = names.get(seat.person_id, Name()), care.tree.get(need.unit_id)
        line = LostSeatLine(
            person_id=seat.person_id,
            given_name=name.given_name,
            family_name=name.family_name,
            unit_id=need.unit_id,
            unit_name=unit.name if unit else NAMELESS,
            course=seat.course,
            period=seat.period,
            half=seat.half,
            state=seat.state,
            room_name=rooms[seat.room_id].name,
            starts_at=seat.starts_at,
            ends_at=seat.ends_at,
            missed=missed,
            due_on=need.due_on,
        )
        lines.append(line)
    return LostSeats(lines=tuple(lines), more=len(found) > len(shown), positions=state.positions)
