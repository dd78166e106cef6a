"""In-person sessions as different people may see them: their own place, those in their care, or all."""

from collections import defaultdict
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from services.contracts.access import Role
from services.contracts.reporting.sessions import (
    Demand,
    SessionLine,
    SessionPerson,
    SessionPlace,
    SessionReservation,
    Sessions,
)
from services.reporting.care import Care
from services.reporting.moments import Moment
from services.reporting.projections import directory, sessions, training_status
from services.reporting.projections.directory import Name
from services.reporting.questions.state import State
from services.reporting.read_model import Tx

PAST_DAYS: Final = 60
"""How long a session that is over is still told: attendance is noted and corrected in these weeks."""


def sessions_for(state: State) -> Sessions:
    """What whoever asks may see of all sessions that are not long over."""
    tx, care, actor, now = state.tx, state.care, state.actor, state.now
    found = sessions.since(tx, now.as_of - timedelta(days=PAST_DAYS))
    ids = [row[0] for row in found]
    places: dict[UUID, dict[UUID, SessionPlace]] = defaultdict(dict)
    waiting: dict[UUID, int] = defaultdict(int)
    for class_id, person_id, standing, until, attended in sessions.places_in(tx, ids):
        waiting[class_id] += standing == "waiting"
        rank = waiting[class_id] if standing == "waiting" else None
        told = SessionPlace(state=standing, until=until, rank=rank, attended=tuple(attended))
        places[class_id][person_id] = told
    reserved: dict[UUID, list[SessionReservation]] = defaultdict(list)
    for class_id, *said in sessions.reservations_in(tx, ids):
        fields = dict(zip(SessionReservation.model_fields, said, strict=True))
        reserved[class_id].append(SessionReservation(**fields))
    centre = Role.TRAINING_CENTRE in actor.roles
    seen = _seen(tx, care, places, now, centre=centre)
    names = directory.names_of(tx, {person_id for _, person_id in seen})
    lines = []
    for class_id, course, title, language, centre_id, room, days, seats, cancelled in found:
        here = places[class_id]
        held = sum(place.state in ("seated", "offered") for place in here.values())
        lines.append(
            SessionLine(
                class_id=class_id,
                course=course,
                title=title,
                language=language,
                centre_id=centre_id,
                room=room,
                days=days,
                seats=seats,
                taken=held + sum(each.seats for each in reserved[class_id]),
                waiting=waiting[class_id],
                cancelled=cancelled,
                mine=here.get(actor.person_id),
                people=tuple(
                    _person(person_id, place, names)
                    for person_id, place in here.items()
                    if (class_id, person_id) in seen
                ),
                reservations=tuple(
                    each for each in reserved[class_id] if centre or each.unit_id in care.units
                ),
            )
        )
    return Sessions(
        sessions=tuple(lines),
        demand=tuple(
            Demand(course=course, language=language, centre_id=centre_id, people=people)
            for course, language, centre_id, people in (sessions.demand(tx) if centre else ())
        ),
        wishes=tuple(sessions.wishes_of(tx, actor.person_id)),
        positions=state.positions,
    )


def _seen(
    tx: Tx, care: Care, places: dict[UUID, dict[UUID, SessionPlace]], now: Moment, *, centre: bool
) -> set[tuple[UUID, UUID]]:
    """Whose place in which session may be seen. A request that is not decided is the manager's affair."""
    everybody = {(class_id, person_id) for class_id, here in places.items() for person_id in here}
    units: dict[UUID, Any] = {}
    if care.units:
        units = {
            person_id: training_status.unit_of(tx, person_id, now)
            for person_id in {person_id for _, person_id in everybody}
        }
    return {
        (class_id, person_id)
        for class_id, person_id in everybody
        if (centre and places[class_id][person_id].state != "asked") or units.get(person_id) in care.units
    }


def _person(person_id: UUID, place: SessionPlace, names: dict[UUID, Name]) -> SessionPerson:
    name = names.get(person_id, Name())
    return SessionPerson(
        person_id=person_id,
        given_name=name.given_name,
        family_name=name.family_name,
        staff_number=name.staff_number,
        place=place,
    )
