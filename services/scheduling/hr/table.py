"""Bytes to a table: which encoding, which sign between cells, which columns. Broken ones are told, not guessed at."""

import csv
import io
import re
from collections.abc import Iterator
from typing import Final, NamedTuple
from unicodedata import normalize

from services.contracts.scheduling.staff_imports import FILE_BYTES_MAX, ROWS_MAX
from services.scheduling.hr.faults import Faults

COLUMNS_MAX: Final = 100
SIGNS: Final = (";", ",", "\t")
"""What may stand between cells."""

CELL_CHARS_MAX: Final = 1_000
HEADER_CHARS_MAX: Final = 60
"""Of a header that is told again."""

_NO_TEXT: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"\xff\xfe", b"\xfe\xff")
"""Spreadsheets, PDFs, and text in UTF-16, by their first bytes."""

_TWICE_ENCODED: Final = re.compile(
    r"[\u00c2\u00c3][\u0080-\u00bf\u0152\u0153\u0160\u0161\u017d\u017e\u2018-\u203a\u20ac\u2122]|\ufffd"
)
"""What UTF-8 looks like when something read it as Windows-1252, and the sign for what nobody could read."""

_SPACES: Final = " \t\r\n\u00a0\u202f\ufeff"


class Line(NamedTuple):
    """A row of cells, and the line of the file on which it begins."""

    number: int
    cells: list[str]


class Table:
    """A header and rows of cells."""

    def __init__(self, encoding: str, sign: str, header: list[str], lines: list[Line]) -> None:
        self.encoding = encoding
        self.sign = sign
        self.header = header
        self.lines = lines


def table_of(content: bytes, faults: Faults) -> Table | None:
    """The cells of a file; nothing when it cannot be read as a table."""
    text, encoding = _text(content, faults)
    if faults:
        return None
    first = text[: text.find("\n")] if "\n" in text else text
    skipped = 0
    if re.fullmatch(r"sep=.\r?", first):  # a spreadsheet's own hint
        skipped, text = 1, text[len(first) + 1 :]
        first = text.partition("\n")[0]
    sign = max(SIGNS, key=first.count)
    if first.count(sign) >= COLUMNS_MAX:
        faults.add("too-many-columns", 1 + skipped, limit=COLUMNS_MAX)
        return None
    lines = list(_lines(text, sign, skipped, faults))
    if faults:
        return None
    if not lines:
        faults.add("empty-file")
        return None
    header = [_tidy(name)[:HEADER_CHARS_MAX] for name in lines[0].cells]
    if len(lines) == 1:
        faults.add("no-rows")
    return Table(encoding, sign, header, lines[1:])


def _text(content: bytes, faults: Faults) -> tuple[str, str]:
    if not content.strip():
        faults.add("empty-file")
    elif len(content) > FILE_BYTES_MAX:
        faults.add("too-large", limit=FILE_BYTES_MAX // 2**20)
    elif content.startswith(_NO_TEXT) or b"\x00" in content:
        faults.add("not-a-table")
    if faults:
        return "", ""
    try:
        text, encoding = content.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError:
        try:
            text, encoding = content.decode("cp1252"), "Windows-1252"
        except UnicodeDecodeError as error:
            faults.add("encoding", content.count(b"\n", 0, error.start) + 1)
            return "", ""
    for found in _TWICE_ENCODED.finditer(text):
        faults.add("encoding", text.count("\n", 0, found.start()) + 1)
        if faults.total >= 10:
            break
    return text, encoding


def _lines(text: str, sign: str, skipped: int, faults: Faults) -> Iterator[Line]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=sign, strict=True)
    rows, begins = 0, 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            # After a quote that is not closed nothing can be told apart any more.
            faults.add("quotes", begins + skipped)
            return
        number, begins = begins + skipped, reader.line_num + 1
        if not any(cell.strip(_SPACES) for cell in cells):
            continue
        rows += 1
        if rows > ROWS_MAX + 1:
            faults.add("too-many-rows", number, limit=ROWS_MAX)
            return
        if len(cells) > COLUMNS_MAX:
            faults.add("too-many-columns", number, limit=COLUMNS_MAX)
            return
        if rows > 1:
            yield Line(number, [_tidy(cell) if len(cell) <= CELL_CHARS_MAX else cell for cell in cells])
        else:
            yield Line(number, cells)


def _tidy(cell: str) -> str:
    """Without spaces around it; letters with their marks as one sign."""
    cell = cell.strip(_SPACES)
    return cell if cell.isascii() else normalize("NFC", cell.replace("\u00a0", " ").replace("\u202f", " "))
