"""Appointments as calendars understand them (RFC 5545, RFC 5546): invite, change, cancel, and a feed.

An appointment keeps its UID for ever and counts its changes, so that a calendar has one entry, which
moves, and is gone. Nothing in it names anybody but the person whose calendar it is.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from icalendar import Calendar, Event, vCalAddress, vText

PRODUCT: Final = "-//Parcours//Planning//EN"
REFRESH: Final = timedelta(hours=1)
"""How often a calendar that follows a feed should look."""

Method = Literal["REQUEST", "CANCEL"]


@dataclass(frozen=True)
class Appointment:
    """When somebody is expected, and where."""

    id: UUID
    sequence: int
    starts_at: datetime
    ends_at: datetime
    summary: str
    place: str
    changed_at: datetime
    cancelled: bool = False
    description: str = ""


def invitation(appointment: Appointment, organizer: str, attendee: str) -> tuple[bytes, Method]:
    """The appointment for an e-mail, and the method that its content type must say too."""
    method: Method = "CANCEL" if appointment.cancelled else "REQUEST"
    calendar = _calendar()
    calendar.add("method", method)
    event = _event(appointment)
    by = vCalAddress(f"mailto:{organizer}")
    by.params["cn"] = vText("Parcours")
    event["organizer"] = by
    whom = vCalAddress(f"mailto:{attendee}")
    whom.params["role"] = vText("REQ-PARTICIPANT")
    whom.params["partstat"] = vText("ACCEPTED")
    whom.params["rsvp"] = vText("FALSE")
    event.add("attendee", whom, encode=False)
    calendar.add_component(event)
    return bytes(calendar.to_ical()), method


def feed(appointments: Iterable[Appointment], name: str) -> bytes:
    """All appointments of one person, for a calendar that follows an address."""
    calendar = _calendar()
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    for appointment in appointments:
        calendar.add_component(_event(appointment))
    return bytes(calendar.to_ical())


def _calendar() -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    return calendar


def _event(appointment: Appointment) -> Event:
    event = Event()
    event.add("uid", f"{appointment.id}@parcours")
    event.add("sequence", appointment.sequence)
    event.add("dtstamp", appointment.changed_at.astimezone(UTC))
    event.add("last-modified", appointment.changed_at.astimezone(UTC))
    event.add("dtstart", appointment.starts_at.astimezone(UTC))
    event.add("dtend", appointment.ends_at.astimezone(UTC))
    event.add("summary", appointment.summary)
    event.add("location", appointment.place)
    if appointment.description:
        event.add("description", appointment.description)
    event.add("status", "CANCELLED" if appointment.cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if appointment.cancelled else "OPAQUE")
    event.add("class", "PRIVATE")
    return event
