"""When somebody is expected where: what letters about seats and sessions say, and all of it for a calendar."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg import Cursor

from services.scheduling.mail.calendar import Appointment
from services.scheduling.mail.outbox import Pointless, Waiting
from services.scheduling.mail.texts import localised, span

Tx = Cursor[Any]


def seat(tx: Tx, message: Waiting, language: str, now: datetime) -> tuple[dict[str, Any], Appointment | None]:
    """A seat in a slot. Raises Pointless: it has begun, or something newer says what became of it."""
    facts = message.facts
    starts_at, ends_at = (datetime.fromisoformat(facts[name]) for name in ("starts_at", "ends_at"))
    if starts_at <= now:
        raise Pointless("too_late")
    rows = tx.execute("SELECT sequence FROM mail_booking WHERE booking_id = %s", (message.about,)).fetchall()
    if not rows or rows[0][0] != facts["sequence"]:
        raise Pointless("overtaken")
    course = title_of(tx, facts["course"], language)
    place = room_of(tx, UUID(facts["room_id"]), language)
    cancelled = message.kind == "cancelled"
    values = {**facts, "course": course, "place": place}
    summary = _of_half(course, facts["half"])
    return values, Appointment(
        message.about, facts["sequence"], starts_at, ends_at, summary, place, message.noted_at, cancelled
    )


def place(
    tx: Tx, message: Waiting, language: str, now: datetime
) -> tuple[dict[str, Any], Appointment | None]:
    """A place in an in-person session. Raises Pointless.

    There is an appointment where there is a seat; and a cancelled one as long as a calendar may have one
    from before, whatever became of the place meanwhile.
    """
    facts = message.facts
    rows = tx.execute(PLACE, (message.about,)).fetchall()
    if not rows or rows[0][2] != facts["sequence"]:
        raise Pointless("overtaken")
    state, until, _, changed_at, invited, *said = rows[0]
    values = _class(tx, said, language)
    if values["dates"][0]["starts_at"] <= now or (message.kind == "class_offered" and until <= now):
        raise Pointless("too_late")
    appointment = None
    if state == "seated" or invited:
        cancelled = state != "seated"
        appointment = _days(message.about, facts["sequence"], values, changed_at, language, cancelled)
    told = {"until": until, "state": state, "had": facts.get("had"), "cause": facts.get("cause")}
    told["attached"] = appointment is not None
    # Of a session that is not held the reason was said to all at once; of a refusal, to this person.
    reason = facts.get("reason") or values["cancelled"] or ""
    return {**values, **told, "reason": reason}, appointment


def calendar_of(tx: Tx, person_id: UUID, language: str, since: datetime) -> list[Appointment]:
    """Where one person is expected since a moment: seats and sessions, in order; cancelled ones are not there."""
    found: list[Appointment] = []
    for id_, course, half, room_id, starts_at, ends_at, sequence, changed_at in tx.execute(
        SEATS, (person_id, since, APPOINTMENTS_MAX)
    ).fetchall():
        summary = _of_half(title_of(tx, course, language), half)
        where = room_of(tx, room_id, language)
        found.append(Appointment(id_, sequence, starts_at, ends_at, summary, where, changed_at))
    for place_id, sequence, changed_at, *said in tx.execute(
        SESSIONS, (person_id, since, APPOINTMENTS_MAX)
    ).fetchall():
        found.append(_days(place_id, sequence, _class(tx, said, language), changed_at, language))
    return sorted(found, key=lambda each: (each.starts_at, each.id))


def _of_half(course: str, half: int) -> str:
    """What a seat is called, in a letter and in a calendar that is followed alike."""
    return f"{course} ({half}/2)"


def note_invited(tx: Tx, place_id: UUID, *, invited: bool) -> None:
    """Whether somebody's calendar may have an appointment of this place."""
    tx.execute("UPDATE mail_place SET invited = %s WHERE place_id = %s", (invited, place_id))


def room_of(tx: Tx, room_id: UUID, language: str) -> str:
    """A room as people find it: its name and its prison."""
    rows = tx.execute(
        "SELECT r.name, u.name FROM mail_room r LEFT JOIN mail_unit u USING (unit_id) WHERE room_id = %s",
        (room_id,),
    ).fetchall()
    return ", ".join(part for part in (rows[0][0], localised(rows[0][1], language)) if part) if rows else ""


def title_of(tx: Tx, course: str, language: str) -> str:
    """What a course is called."""
    rows = tx.execute("SELECT title FROM mail_course WHERE course = %s", (course,)).fetchall()
    return localised(rows[0][0], language) if rows else course


def _class(tx: Tx, said: list[Any], language: str) -> dict[str, Any]:
    title, spoken, room, centre, days, cancelled = said
    where = ", ".join(part for part in (room, localised(centre, language)) if part)
    moments = [tuple(datetime.fromisoformat(at) for at in day) for day in days]
    return {
        "course": localised(title, language),
        "spoken": spoken,
        "place": where,
        "dates": [{"starts_at": starts_at, "ends_at": ends_at} for starts_at, ends_at in moments],
        "cancelled": cancelled,
    }


def _days(
    id_: UUID,
    sequence: int,
    values: dict[str, Any],
    changed_at: datetime,
    language: str,
    cancelled: bool = False,
) -> Appointment:
    """One entry from the first day to the last: calendars cannot be trusted to move a series."""
    first, last = values["dates"][0], values["dates"][-1]
    each = [span(day["starts_at"], day["ends_at"], language) for day in values["dates"]]
    return Appointment(
        id_,
        sequence,
        first["starts_at"],
        last["ends_at"],
        values["course"],
        values["place"],
        changed_at,
        cancelled,
        "\n".join(each) if len(each) > 1 else "",
    )


APPOINTMENTS_MAX: Final = 200
"""Appointments of one person in a calendar, of each kind."""

OF_CLASS = (
    "c.title, c.language, c.room, (SELECT name FROM mail_unit u WHERE u.unit_id = c.centre_id), c.days,"
    " c.cancelled"
)
PLACE = (
    f"SELECT p.state, p.until, p.sequence, p.changed_at, p.invited, {OF_CLASS}"  # noqa: S608 - our own words
    " FROM mail_place p JOIN mail_class c USING (class_id) WHERE p.place_id = %s"
)
SEATS = (
    "SELECT booking_id, course, half, room_id, starts_at, ends_at, sequence, changed_at FROM mail_booking"
    " WHERE person_id = %s AND stands AND ends_at >= %s ORDER BY starts_at LIMIT %s"
)
SESSIONS = (
    f"SELECT p.place_id, p.sequence, p.changed_at, {OF_CLASS}"  # noqa: S608 - our own words
    " FROM mail_place p JOIN mail_class c USING (class_id)"
    " WHERE p.person_id = %s AND p.state = 'seated' AND (c.days->-1->>1)::timestamptz >= %s"
    " ORDER BY p.place_id LIMIT %s"
)
