"""One's own calendar."""

from typing import Final

from gateway.access import API
from gateway.examples.example import NOON, Example, Examples

_ICS: Final = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Parcours//Planning//EN\r\nMETHOD:PUBLISH\r\n"
    "X-WR-CALNAME:Parcours\r\nEND:VCALENDAR\r\n"
)

EXAMPLES: Final[Examples] = {
    ("GET", f"{API}/me/calendar"): Example(answer=_ICS, media_type="text/calendar"),
    ("GET", f"{API}/me/calendar/address"): Example(answer={"made_at": NOON, "address": None}),
    ("POST", f"{API}/me/calendar/address"): Example(
        answer={"made_at": NOON, "address": "https://parcours.example/calendar/kept-by-its-person.ics"},
        status=201,
    ),
    ("DELETE", f"{API}/me/calendar/address"): Example(answer={"made_at": None, "address": None}),
    ("GET", "/calendar/{secret}.ics"): Example(answer=_ICS, media_type="text/calendar"),
}
