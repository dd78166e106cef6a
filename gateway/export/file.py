"""An answer that is saved as a file: all pages of a table, in the reader's language."""

from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, Final, Literal

from starlette.requests import Request
from starlette.responses import StreamingResponse

from gateway.ask import ask_for
from gateway.export import csv_file
from gateway.export.made_of import made_of
from gateway.export.table import Cell, Line, Table, Told, words
from gateway.export.xlsx_file import XlsxFile
from gateway.limits import EXPORT_CHUNK_BYTES, EXPORT_PAGE_LINES, EXPORT_PAGES_MAX
from gateway.parts import language_in, parts_of
from gateway.times import BRUSSELS
from services.contracts.message import Message

Kind = Literal["csv", "xlsx"]
TYPES: Final[dict[Kind, str]] = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
ABOUT: Final = words("À propos", "Over dit bestand", "About")


def wanted_as(request: Request, written_as: str | None) -> Kind | None:
    """What is asked for in the query decides; without it the Accept header does. None: JSON."""
    accepted = request.headers.get("accept", "").partition(",")[0].partition(";")[0].strip()
    for kind, media_type in TYPES.items():
        if written_as == kind or (written_as is None and accepted == media_type):
            return kind
    return None


async def as_file(
    request: Request, kind: Kind, table: Table[Told, Line], asked: Message
) -> StreamingResponse:
    """The table, named by what it is about and the day asked about. A refusal is a problem: nothing was sent yet."""
    now, language = parts_of(request).clock(), language_in(request)
    pages = _pages(request, table, asked)
    first = await anext(pages)
    about = await made_of(request, asked, first, now, language)
    day = getattr(first, "as_of", now).astimezone(BRUSSELS).date()
    name = "-".join(filter(None, ("parcours", table.name, getattr(asked, "course", None), str(day))))
    headers = {
        "content-disposition": f'attachment; filename="{name}.{kind}"',
        "content-language": language,
        "vary": "Accept, Accept-Language",
    }
    if kind == "csv":
        content: AsyncIterator[str] = _csv(table, first, pages, about, language)
        return StreamingResponse(content, media_type="text/csv; charset=utf-8", headers=headers)
    with TemporaryDirectory(prefix="parcours-export-") as folder:
        path = Path(folder) / "table.xlsx"
        await _write_xlsx(request, path, table, first, pages, about, now, language)
        headers["content-length"] = str(path.stat().st_size)
        made = path.open("rb")  # it stays readable when the folder is gone
    return StreamingResponse(_pieces(made), media_type=TYPES["xlsx"], headers=headers)


async def _pages(request: Request, table: Table[Told, Line], asked: Message) -> AsyncIterator[Told]:
    """All answers. The moments of the first page hold for all: people do not move between pages."""
    fields = type(asked).model_fields
    if "limit" in fields:
        asked = asked.model_copy(update={"limit": EXPORT_PAGE_LINES})
    for _ in range(EXPORT_PAGES_MAX):
        told = await ask_for(request, table.method, asked, table.answer)
        yield told
        if "cursor" not in fields or told.cursor is None:  # type: ignore[attr-defined]
            return
        following: dict[str, object] = {
            name: getattr(told, name) for name in ("cursor", "as_of", "known_at") if name in fields
        }
        asked = asked.model_copy(update=following)
    raise RuntimeError("more pages than an export may have")


def _lines(table: Table[Told, Line], told: Told, language: str) -> Iterator[list[Cell]]:
    for line in table.lines(told):
        yield [column.cell(line, language) for column in table.columns]


async def _csv(
    table: Table[Told, Line],
    first: Told,
    following: AsyncIterator[Told],
    about: Iterable[tuple[str, Cell]],
    language: str,
) -> AsyncIterator[str]:
    """Page by page; below the lines, in two more, what they were made of."""
    headings = [column.heading[language] for column in table.columns]
    yield csv_file.BOM + csv_file.rows([headings, *_lines(table, first, language)])
    async for told in following:
        yield csv_file.rows(_lines(table, told, language))
    yield csv_file.rows([[], *zip(*about, strict=True)])


async def _write_xlsx(
    request: Request,
    path: Path,
    table: Table[Told, Line],
    first: Told,
    following: AsyncIterator[Told],
    about: Iterable[tuple[str, Cell]],
    now: datetime,
    language: str,
) -> None:
    """Page by page, in a thread."""
    run = parts_of(request).sheets.run
    headings = [column.heading[language] for column in table.columns]
    widths = [column.width for column in table.columns]
    file = XlsxFile(path, table.title[language], headings, widths, now)
    await run(file.write, _lines(table, first, language))
    async for told in following:
        await run(file.write, _lines(table, told, language))
    await run(file.end, ABOUT[language], about)


async def _pieces(file: BinaryIO) -> AsyncIterator[bytes]:
    with file:
        while piece := file.read(EXPORT_CHUNK_BYTES):
            yield piece
