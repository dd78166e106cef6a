"""A message becomes a letter at the moment it is sent: whom to, in which language, what it says then."""

from collections.abc import Sequence
from datetime import date, datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from psycopg import Cursor

from services.scheduling.domain.due import local_day
from services.scheduling.mail import appointments
from services.scheduling.mail.appointments import title_of
from services.scheduling.mail.calendar import invitation
from services.scheduling.mail.care import Care
from services.scheduling.mail.outbox import Pointless, Waiting
from services.scheduling.mail.texts import language_of, localised, write

LINES_MAX: Final = 100
"""People that a digest lists; the rest are counted."""

ABOUT_A_WAY: Final = ("assigned", "due_changed", "due_30", "due_7", "due_1", "overdue")
ABOUT_A_SEAT: Final = ("booked", "moved", "cancelled")

Tx = Cursor[Any]


class Sender(NamedTuple):
    """Who writes, and where Parcours is found."""

    address: str
    site: str | None = None


class Letter(NamedTuple):
    """What goes to the mail server."""

    to: str
    content: bytes
    invites: bool | None = None
    """Puts an appointment into a calendar, or takes it out; neither."""


class Recipient(NamedTuple):
    """Who somebody is, at present."""

    name: str
    address: str
    language: str


def compose(tx: Tx, message: Waiting, sender: Sender, now: datetime) -> Letter:
    """The letter, as things are now. Raises Pointless."""
    to = _recipient(tx, message.person_id)
    appointment = None
    if message.kind == "digest":
        values = _digest(tx, message, to.language, now)
    elif message.kind in ABOUT_A_WAY:
        values = _way(tx, message, to.language, now)
    elif message.kind in ABOUT_A_SEAT:
        values, appointment = appointments.seat(tx, message, to.language, now)
    elif message.kind.startswith("class_"):
        values, appointment = appointments.place(tx, message, to.language, now)
    else:
        values = {"course": title_of(tx, message.facts["course"], to.language)}
    text = write(message.kind, to.language, {"name": to.name, **values}, sender.site)
    mail = EmailMessage(policy=SMTP)
    mail["Message-ID"] = f"<{message.message_id}@{sender.address.rpartition('@')[2]}>"
    mail["From"] = Address("Parcours", addr_spec=sender.address)
    mail["To"] = to.address
    mail["Subject"] = text.subject
    mail["Date"] = format_datetime(now)
    mail["Auto-Submitted"] = "auto-generated"
    mail["Content-Language"] = to.language
    mail.set_content(text.plain)
    mail.add_alternative(text.html, subtype="html")
    if appointment is not None:
        content, method = invitation(appointment, sender.address, to.address)
        mail.add_alternative(
            content.decode(), subtype="calendar", params={"method": method}, filename="parcours.ics"
        )
    invites = None if appointment is None else not appointment.cancelled
    return Letter(to.address, mail.as_bytes(), invites)


def _recipient(tx: Tx, person_id: UUID) -> Recipient:
    rows = tx.execute(
        "SELECT given_name, email, language, erased FROM directory WHERE person_id = %s", (person_id,)
    ).fetchall()
    if not rows or rows[0][3]:
        raise Pointless("left")
    name, address, language, _ = rows[0]
    if not address or not _is_usable(address):
        raise Pointless("no_address")
    return Recipient(name, address, language_of(language))


def _is_usable(address: str) -> bool:
    """One plain address: nothing in it that would make it two, or a header."""
    if not address.isascii() or address.count("@") != 1:
        return False
    try:
        parsed = Address(addr_spec=address)
    except (MessageError, ValueError, IndexError):
        return False
    return parsed.addr_spec == address and bool(parsed.username and parsed.domain)


def _way(tx: Tx, message: Waiting, language: str, now: datetime) -> dict[str, Any]:
    rows = tx.execute(
        "SELECT state, due_on FROM mail_way WHERE assignment_id = %s", (message.about,)
    ).fetchall()
    state, due_on = rows[0] if rows else ("withdrawn", None)
    if state != "open":
        raise Pointless("finished" if state == "finished" else "withdrawn")
    said = date.fromisoformat(message.facts["due_on"])
    if due_on != said:
        raise Pointless("overtaken")
    days = (due_on - local_day(now)).days
    if message.kind.startswith("due_") and message.kind != "due_changed" and days < 0:
        raise Pointless("too_late")
    return {
        "course": title_of(tx, message.facts["course"], language),
        "due_on": message.facts["due_on"],
        "days": days,
        "passed": days < 0,
    }


def _digest(tx: Tx, message: Waiting, language: str, now: datetime) -> dict[str, Any]:
    day = date.fromisoformat(message.facts["day"])
    care = Care(tx, now)
    units = [
        unit_id for unit_id in care.units if any(message.person_id in each for each in care.levels(unit_id))
    ]
    lines = [
        {"person": f"{given} {family}", "unit": localised(unit, language), **rest}
        for unit_id, unit, given, family, above_on, rest in _late(tx, units, day)
        for nearest, next_up in [care.levels(unit_id)]
        if message.person_id in nearest or (above_on is not None and message.person_id in next_up)
    ]
    if not lines:
        raise Pointless("finished")
    lines.sort(key=lambda line: (not line["is_new"], line["unit"], line["due_on"], line["person"]))
    shown = lines[:LINES_MAX]
    titles = {line["course"]: title_of(tx, line["course"], language) for line in shown}
    shown = [{**line, "course": titles[line["course"]]} for line in shown]
    return {"lines": shown, "total": len(lines), "more": len(lines) - len(shown)}


def _late(tx: Tx, units: Sequence[UUID], day: date) -> Sequence[tuple[Any, ...]]:
    rows = tx.execute(LATE, (units,)).fetchall()
    return [
        (
            *(unit_id, unit, given, family, above_on),
            {
                "course": course,
                "due_on": due_on.isoformat(),
                "is_new": manager_on >= day or (above_on is not None and above_on >= day),
            },
        )
        for unit_id, unit, given, family, course, due_on, manager_on, above_on in rows
    ]


LATE = (
    "SELECT p.unit_id, u.name, d.given_name, d.family_name, w.course, w.due_on, w.manager_on, w.above_on"
    " FROM mail_way w JOIN mail_person p USING (person_id) LEFT JOIN mail_unit u USING (unit_id)"
    " JOIN directory d USING (person_id)"
    " WHERE p.unit_id = ANY(%s) AND w.state = 'open' AND w.manager_on IS NOT NULL AND NOT d.erased"
    " AND (p.left_at IS NULL OR p.placed_at > p.left_at)"
)
