"""In-person sessions as different people may see them: their own place, those in their care, or all."""

from collections import defaultdict
from collections.abc import Collection
from datetime import timedelta
from typing import Final
from uuid import UUID

from services.contracts.access import Role
from services.contracts.message import Language
from services.contracts.reporting.sessions import (
    Centre,
    Demand,
    InPersonCourse,
    InPersonCourses,
    SessionLine,
    SessionOver,
    SessionPerson,
    SessionPlace,
    SessionReservation,
    Sessions,
    SessionTrainer,
    Wishing,
)
from services.reporting.care import Care
from services.reporting.moments import Moment
from services.reporting.projections import directory, sessions, training_status
from services.reporting.projections.directory import Name
from services.reporting.projections.organisation import Unit
from services.reporting.questions.state import State
from services.reporting.read_model import Tx

PAST_DAYS: Final = 60
"""How long a session that is over is still told: attendance is noted and corrected in these weeks."""


def sessions_for(state: State) -> Sessions:
    """What whoever asks may see of all sessions that are not long over."""
    tx, care, actor, now = state.tx, state.care, state.actor, state.now
    found = sessions.since(tx, now.as_of - timedelta(days=PAST_DAYS))
    ids = [session.class_id for session in found]
    places: dict[UUID, dict[UUID, SessionPlace]] = defaultdict(dict)
    waiting: dict[UUID, int] = defaultdict(int)
    for class_id, person_id, standing, until, since, attended in sessions.places_in(tx, ids):
        waiting[class_id] += standing == "waiting"
        rank = waiting[class_id] if standing == "waiting" else None
        places[class_id][person_id] = SessionPlace(
            state=standing, until=until, rank=rank, attended=tuple(attended), since=since
        )
    reserved: dict[UUID, list[SessionReservation]] = defaultdict(list)
    for class_id, *said in sessions.reservations_in(tx, ids):
        fields = dict(zip(SessionReservation.model_fields, said, strict=True))
        reserved[class_id].append(SessionReservation(**fields))
    over = {
        class_id: SessionOver(cause=cause, reason=reason, since=since)
        for class_id, cause, reason, since in sessions.over_in(tx, ids, actor.person_id)
    }
    centre = Role.TRAINING_CENTRE in actor.roles
    wishing = sessions.wishing(tx) if care.units else []
    everybody = {person_id for here in places.values() for person_id in here}
    units = _units(tx, care, everybody | {row[0] for row in wishing}, now, centre=centre)
    seen = {
        (class_id, person_id)
        for class_id, here in places.items()
        for person_id, place in here.items()
        if (centre and place.state != "asked") or units.get(person_id) in care.units
    }
    trainers = _trainers(tx, care, now) if centre else []
    teaching = {person_id for session in found for person_id in session.trainers}
    called = _Called(
        tx,
        {person_id for _, person_id in seen}
        | {row[0] for row in wishing if units.get(row[0]) in care.units}
        | teaching.union(trainers),
    )
    lines = []
    for class_id, course, title, language, centre_id, room, days, teachers, seats, cancelled in found:
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
                over=over.get(class_id),
                trainers=tuple(map(called.trainer, teachers)),
                people=tuple(
                    called.person(person_id, place, care.tree.get(unit) if unit else None)
                    for person_id, place in here.items()
                    if (class_id, person_id) in seen
                    for unit in [units.get(person_id)]
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
        courses=in_person_courses(tx).courses,
        centres=tuple(
            Centre(unit_id=unit.unit_id, name=unit.name) for unit in care.tree.in_order() if _is_centre(unit)
        ),
        trainers=tuple(map(called.trainer, trainers)),
        wishing=tuple(called.wishing(*row) for row in wishing if units.get(row[0]) in care.units),
        positions=state.positions,
    )


def in_person_courses(tx: Tx) -> InPersonCourses:
    """The courses that training centres named."""
    return InPersonCourses(
        courses=tuple(
            InPersonCourse(course=course, title=title, validity_months=months)
            for course, title, months in sessions.courses(tx)
        )
    )


def _units(tx: Tx, care: Care, people: Collection[UUID], now: Moment, *, centre: bool) -> dict[UUID, UUID]:
    """Where these people belong; nowhere for whoever need not know."""
    return training_status.units_of(tx, people, now) if centre or care.units else {}


def _is_centre(unit: Unit) -> bool:
    return unit.kind == "centre"


def _trainers(tx: Tx, care: Care, now: Moment) -> list[UUID]:
    """Whoever belongs to a centre, or to what is below one."""
    units = {
        each
        for unit in care.tree.in_order()
        if _is_centre(unit)
        for each in care.tree.all_below(unit.unit_id)
    }
    return training_status.members(tx, list(units), now)


class _Called:
    """People by their names, looked up together."""

    def __init__(self, tx: Tx, people: Collection[UUID]) -> None:
        self._names = directory.names_of(tx, people)

    def person(self, person_id: UUID, place: SessionPlace, unit: Unit | None) -> SessionPerson:
        name = self._names.get(person_id, Name())
        return SessionPerson(
            person_id=person_id,
            given_name=name.given_name,
            family_name=name.family_name,
            staff_number=name.staff_number,
            place=place,
            unit_id=unit.unit_id if unit else None,
            unit_name=unit.name if unit else None,
        )

    def trainer(self, person_id: UUID) -> SessionTrainer:
        name = self._names.get(person_id, Name())
        return SessionTrainer(person_id=person_id, given_name=name.given_name, family_name=name.family_name)

    def wishing(self, person_id: UUID, course: str, language: Language, centre_id: UUID | None) -> Wishing:
        name = self._names.get(person_id, Name())
        return Wishing(
            person_id=person_id,
            given_name=name.given_name,
            family_name=name.family_name,
            course=course,
            language=language,
            centre_id=centre_id,
        )
