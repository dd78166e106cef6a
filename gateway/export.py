"""The staff report as CSV that spreadsheets open without harm: all pages, one at a time."""

import csv
import io
import re
from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import StreamingResponse

from gateway.ask import ask
from gateway.limits import CSV_PAGE_LINES, CSV_PAGES_MAX
from gateway.parts import parts_of
from gateway.times import BRUSSELS
from services.contracts.reporting.due import AskDue, Due
from services.contracts.reporting.people import AskStaff, Staff, StaffLine

BOM: Final = "\ufeff"
SEPARATOR: Final = ";"
FORMULA: Final = re.compile(r"(^|[;,|\t\r\n\"])(\s*[=+\-@\uff1d\uff0b\uff0d\uff20])")
"""Where a cell becomes a formula (OWASP, CSV injection): at its beginning, and behind what another spreadsheet,
of another country, takes for the end of a cell."""

HEADERS: Final[dict[str, str]] = {
    "fr": "Nom;Prénom;Matricule;Unité;Statut;Date limite;Statut depuis;Expire le;Identifiant",
    "nl": "Naam;Voornaam;Personeelsnummer;Eenheid;Status;Uiterste datum;Status sinds;Verloopt op;Identificatie",
    "en": "Family name;Given name;Staff number;Unit;Status;Due on;Status since;Expires on;Identifier",
}

STATUSES: Final[dict[str, dict[str, str]]] = {
    "assigned": {"fr": "à suivre", "nl": "te volgen", "en": "to do"},
    "in_progress": {"fr": "en cours", "nl": "bezig", "en": "in progress"},
    "passed": {"fr": "réussi", "nl": "geslaagd", "en": "passed"},
    "failed": {"fr": "échoué", "nl": "niet geslaagd", "en": "failed"},
    "overdue": {"fr": "en retard", "nl": "te laat", "en": "overdue"},
    "due_soon": {"fr": "échéance proche", "nl": "binnenkort te volgen", "en": "due soon"},
    "expiring": {"fr": "expire bientôt", "nl": "verloopt binnenkort", "en": "expires soon"},
    "expired": {"fr": "expiré", "nl": "verlopen", "en": "expired"},
    "exempt": {"fr": "dispensé", "nl": "vrijgesteld", "en": "exempt"},
    "unassigned": {"fr": "pas attribué", "nl": "niet toegewezen", "en": "not assigned"},
}
"""The words of the pages (a test compares them)."""


def wants_csv(request: Request, written_as: str | None) -> bool:
    """What is asked for in the query decides; without it the Accept header does."""
    if written_as is not None:
        return written_as == "csv"
    return request.headers.get("accept", "").partition(",")[0].partition(";")[0].strip() == "text/csv"


def as_file(
    request: Request, lines: AsyncIterator[str], about: str, as_of: datetime | None, language: str
) -> StreamingResponse:
    """An answer that is saved as a file, named by what it is about and the day asked about."""
    day = (as_of or parts_of(request).clock()).astimezone(BRUSSELS).date()
    return StreamingResponse(
        lines,
        media_type="text/csv; charset=utf-8",
        headers={
            "content-disposition": f'attachment; filename="parcours-{about}-{day}.csv"',
            "content-language": language,
            "vary": "Accept, Accept-Language",
        },
    )


FILTER: Final[dict[str, str]] = {
    "fr": "Unité;Formation;Statut;Situation au;Selon ce qui était enregistré au;Positions des flux",
    "nl": "Eenheid;Opleiding;Status;Toestand op;Volgens wat geregistreerd was op;Posities van de feeds",
    "en": "Unit;Course;Status;As of;As recorded by;Feed positions",
}
"""What a file was made of, in two lines below its people."""


async def due_csv_of(request: Request, asked: AskDue, language: str) -> AsyncIterator[str]:
    """The due list as a file, with its filter and the positions of the feeds at its end."""
    first = await _due_page(request, asked.model_copy(update={"limit": CSV_PAGE_LINES}))
    return _due_pages(request, asked, first, language)


async def _due_pages(request: Request, asked: AskDue, page: Due, language: str) -> AsyncIterator[str]:
    yield f"{BOM}{HEADERS[language]}\r\n"
    moments = {"as_of": page.as_of, "known_at": page.known_at, "limit": CSV_PAGE_LINES}
    positions = page.positions
    for _ in range(CSV_PAGES_MAX):
        yield _text(_cells(line, language) for line in page.lines)
        if page.cursor is None:
            unit = page.unit.name
            made_of = (
                unit.get(language) or next(iter(unit.values())),  # type: ignore[call-overload]
                asked.course,
                STATUSES[asked.status][language] if asked.status else "",
                page.as_of.isoformat(),
                page.known_at.isoformat(),
                ", ".join(f"{feed}:{position}" for feed, position in sorted(positions.items())),
            )
            yield f"\r\n{FILTER[language]}\r\n{_text([made_of])}"
            return
        page = await _due_page(request, asked.model_copy(update={**moments, "cursor": page.cursor}))
    raise RuntimeError("more pages than an export may have")


async def _due_page(request: Request, asked: AskDue) -> Due:
    return Due.model_validate_json(await ask(request, "reporting.due", asked))


async def csv_of(request: Request, asked: AskStaff, language: str) -> AsyncIterator[str]:
    """The file, page by page. The first page is asked for before anything is sent: refusals are problems."""
    first = await _page(request, asked.model_copy(update={"limit": CSV_PAGE_LINES}))
    return _pages(request, asked, first, language)


async def _pages(request: Request, asked: AskStaff, page: Staff, language: str) -> AsyncIterator[str]:
    yield f"{BOM}{HEADERS[language]}\r\n"
    for _ in range(CSV_PAGES_MAX):
        yield _text(_cells(line, language) for line in page.lines)
        if page.cursor is None:
            return
        # The moments of the first page hold for all: people do not move between pages.
        following = {
            "cursor": page.cursor,
            "limit": CSV_PAGE_LINES,
            "as_of": page.as_of,
            "known_at": page.known_at,
        }
        page = await _page(request, asked.model_copy(update=following))
    raise RuntimeError("more pages than an export may have")


async def _page(request: Request, asked: AskStaff) -> Staff:
    return Staff.model_validate_json(await ask(request, "reporting.staff", asked))


def _cells(line: StaffLine, language: str) -> tuple[str, ...]:
    unit = line.unit_name
    return (
        line.family_name or "",
        line.given_name or "",
        line.staff_number or "",
        unit.get(language) or next(iter(unit.values()), ""),  # type: ignore[call-overload]
        STATUSES[line.status][language],
        line.due_on.isoformat() if line.due_on else "",
        line.since.astimezone(BRUSSELS).strftime("%Y-%m-%d %H:%M:%S"),
        line.expires_on.isoformat() if line.expires_on else "",
        str(line.person_id),
    )


def _text(rows: Iterable[tuple[str, ...]]) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=SEPARATOR, lineterminator="\r\n").writerows(
        [harmless(c) for c in row] for row in rows
    )
    return out.getvalue()


def harmless(cell: str) -> str:
    """The cell, never a formula."""
    return FORMULA.sub(r"\1'\2", cell)
