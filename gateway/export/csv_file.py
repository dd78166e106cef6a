"""CSV, as spreadsheets of the country open it: a mark of UTF-8, semicolons, and no cell that becomes a formula."""

import csv
import io
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from gateway.export.table import Cell
from gateway.times import BRUSSELS

BOM: Final = "\ufeff"
SEPARATOR: Final = ";"
FORMULA: Final = re.compile(r"(^|[;,|\t\r\n\"])(\s*[=+\-@\uff1d\uff0b\uff0d\uff20])")
"""Where a cell becomes a formula (OWASP, CSV injection): at its beginning, and behind what another spreadsheet,
of another country, takes for the end of a cell."""


def rows(lines: Iterable[Iterable[Cell]]) -> str:
    """Lines of the file."""
    out = io.StringIO()
    csv.writer(out, delimiter=SEPARATOR, lineterminator="\r\n").writerows(
        map(_written, line) for line in lines
    )
    return out.getvalue()


def _written(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case str():
            return harmless(cell)
        case datetime():
            return cell.astimezone(BRUSSELS).strftime("%Y-%m-%d %H:%M:%S")
        case _:
            return str(cell)


def harmless(cell: str) -> str:
    """The cell, never a formula."""
    return FORMULA.sub(r"\1'\2", cell)
