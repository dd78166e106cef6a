"""XLSX: texts as texts, numbers as numbers, days as days; a second sheet says what the first was made of.

Rows go to the disk as they come, so that a file of any length takes the same memory. Not for the
event loop: writing takes the processor.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Final

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from gateway.export.csv_file import FORMULA
from gateway.export.table import Cell
from gateway.times import BRUSSELS

CELL_LETTERS_MAX: Final = 32_767
"""What a cell may hold (Excel's specifications and limits)."""

A4: Final = 9
"""Its number in the file format (ECMA-376, pageSetup)."""

MADE_OF_WIDTHS: Final = (36, 60)


class XlsxFile:
    """A file that is written from top to bottom, once."""

    def __init__(
        self, path: Path, title: str, headings: Sequence[str], widths: Sequence[int], made_at: datetime
    ) -> None:
        """Begin it: the headings stand still and are printed on every page."""
        self._book = Workbook(str(path), {"constant_memory": True, "tmpdir": str(path.parent)})
        self._book.set_properties({"title": title, "created": made_at})
        bold = self._book.add_format({"bold": True, "bottom": 1})
        self._bold = bold
        # A text that would be a formula when somebody edits its cell keeps the mark that says that it is none.
        self._text = self._book.add_format({"quote_prefix": True})
        self._day = self._book.add_format({"num_format": "dd/mm/yyyy", "align": "left"})
        self._moment = self._book.add_format({"num_format": "dd/mm/yyyy hh:mm", "align": "left"})
        self._sheet = self._book.add_worksheet(title)
        self._columns = len(headings)
        self._row = 1
        for column, (heading, width) in enumerate(zip(headings, widths, strict=True)):
            self._sheet.set_column(column, column, max(width, len(heading) + 4))
            self._sheet.write_string(0, column, heading, bold)
        self._sheet.freeze_panes(1, 0)
        self._sheet.repeat_rows(0)
        _for_paper(self._sheet)

    def write(self, lines: Iterable[Iterable[Cell]]) -> None:
        """Lines below those that are there."""
        for line in lines:
            for column, cell in enumerate(line):
                self._put(self._sheet, self._row, column, cell)
            self._row += 1

    def end(self, title: str, made_of: Iterable[tuple[str, Cell]]) -> None:
        """The second sheet, and the end of the file."""
        self._sheet.autofilter(0, 0, self._row - 1, self._columns - 1)
        sheet = self._book.add_worksheet(title)
        for column, width in enumerate(MADE_OF_WIDTHS):
            sheet.set_column(column, column, width)
        for row, (name, cell) in enumerate(made_of):
            sheet.write_string(row, 0, name, self._bold)
            self._put(sheet, row, 1, cell)
        _for_paper(sheet)
        self._book.close()

    def _put(self, sheet: Worksheet, row: int, column: int, cell: Cell) -> None:
        match cell:
            case None | "":
                return
            case str():
                style: Format | None = self._text if FORMULA.match(cell) else None
                sheet.write_string(row, column, cell[:CELL_LETTERS_MAX], style)
            case datetime():
                sheet.write_datetime(row, column, _without_zone(cell), self._moment)
            case date():
                sheet.write_datetime(row, column, cell, self._day)
            case _:
                sheet.write_number(row, column, cell)


def _without_zone(moment: datetime) -> datetime:
    """The local time: a spreadsheet knows no zones. Seconds are left out, as it shows none."""
    return moment.astimezone(BRUSSELS).replace(tzinfo=None, second=0, microsecond=0)


def _for_paper(sheet: Worksheet) -> None:
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
