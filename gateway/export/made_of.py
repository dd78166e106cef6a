"""What a file was made of, in words and exactly enough to ask for the same again."""

import asyncio
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from starlette.requests import Request

from gateway.ask import perhaps
from gateway.export.table import Cell, Words, in_language, words
from gateway.export.words import COURSE, FROM_ON, STATUS, STATUSES, TO_ON, UNIT, YES_NO
from gateway.limits import EXPORT_NAME_SECONDS
from gateway.times import BRUSSELS
from services.contracts.content import AskCourses, Courses
from services.contracts.message import Message
from services.contracts.reporting.organisation import AskOrganisation, Organisation

FILTERS: Final[dict[str, Words]] = {
    "unit_id": UNIT,
    "person_id": words("Personne", "Persoon", "Person"),
    "course": COURSE,
    "course_version": words("Version", "Versie", "Version"),
    "status": STATUS,
    "everybody": words("Aussi sans attribution", "Ook zonder toewijzing", "Also without assignment"),
    "called": words("Recherche", "Zoekopdracht", "Searched for"),
    "from_on": FROM_ON,
    "to_on": TO_ON,
    "days": words("Nombre de jours", "Aantal dagen", "Days"),
    "points": words("Nombre de moments", "Aantal momenten", "Points in time"),
}
"""What a question may be narrowed by, and how that is called."""

NO_FILTERS: Final = frozenset({"as_of", "known_at", "at_least", "cursor", "limit", "people"})
"""Its other fields: moments stand below, the rest says how the answer travels (`people`: no route takes it)."""

AS_OF: Final = words("Situation au", "Toestand op", "As of")
KNOWN_AT: Final = words(
    "Selon ce qui était enregistré au", "Volgens wat geregistreerd was op", "As recorded by"
)
POSITIONS: Final = words("Positions des flux", "Posities van de feeds", "Feed positions")
LEFT_OUT: Final = words(
    "Incomplet : la suite n’y est pas", "Onvolledig: de rest staat er niet in", "Incomplete"
)


async def made_of(
    request: Request, asked: Message, told: Any, now: datetime, language: str
) -> list[tuple[str, Cell]]:
    """The filter, the moment and the positions of the feeds. `told`: the answer; without a moment it is of `now`."""
    names = [name for name in type(asked).model_fields if name in FILTERS]
    said = await asyncio.gather(*(_said(request, name, getattr(asked, name), language) for name in names))
    lines: list[tuple[str, Cell]] = [
        *zip((FILTERS[name][language] for name in names), said, strict=True),
        (AS_OF[language], _exactly(getattr(told, "as_of", now))),
        (KNOWN_AT[language], _exactly(getattr(told, "known_at", now))),
        (POSITIONS[language], ",".join(f"{feed}:{at}" for feed, at in sorted(told.positions.items()))),
    ]
    if getattr(told, "more", False):
        lines.append((LEFT_OUT[language], YES_NO[True][language]))
    return lines


async def _said(request: Request, name: str, value: object, language: str) -> Cell:
    match value:
        case UUID() if name == "unit_id":
            return await _unit(request, value, language)
        case str() if name == "course":
            return await _course(request, value, language)
        case str() if name == "status":
            return STATUSES[value][language]
        case bool():
            return YES_NO[value][language]
        case None | str() | int() | date():
            return value
        case _:
            return str(value)


async def _unit(request: Request, unit_id: UUID, language: str) -> str:
    """Its name; without an answer in time, what it is known by."""
    told = await perhaps(
        request, "reporting.organisation", AskOrganisation(), Organisation, EXPORT_NAME_SECONDS
    )
    names = {unit.unit_id: unit.name for unit in told.units} if told else {}
    return in_language(names.get(unit_id), language) or str(unit_id)


async def _course(request: Request, course: str, language: str) -> str:
    told = await perhaps(request, "content.courses", AskCourses(), Courses, EXPORT_NAME_SECONDS)
    titles = {each.course: each.title for each in told.courses} if told else {}
    title = in_language(titles.get(course), language)
    return f"{title} ({course})" if title else course


def _exactly(moment: datetime) -> str:
    """In local time, and to the microsecond: what may be asked again as `as_of`."""
    return moment.astimezone(BRUSSELS).isoformat()
