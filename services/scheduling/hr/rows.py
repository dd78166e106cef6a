"""A table to rows that mean something: one member of staff a row."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Final, NamedTuple
from unicodedata import combining, normalize
from uuid import UUID

from services.contracts.message import YEAR_MAX, Language
from services.scheduling.hr.faults import Faults
from services.scheduling.hr.table import Line, Table, table_of

YEAR_MIN: Final = 1940
"""Somebody may have begun long before there was this system."""

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "staff_number": (
        "staffnumber", "personnelnumber", "employeenumber", "matricule", "numeromatricule", "numerodematricule",
        "numerodepersonnel", "personeelsnummer", "stamnummer",
    ),
    "given_name": ("givenname", "firstname", "prenom", "voornaam"),
    "family_name": (
        "familyname", "lastname", "surname", "nom", "nomdefamille", "naam", "familienaam", "achternaam",
    ),
    "email": ("email", "mail", "emailaddress", "courriel", "adresseemail", "adressemail", "emailadres", "mailadres"),
    "language": ("language", "langue", "taal"),
    "function": ("function", "jobtitle", "fonction", "functie"),
    "unit": ("unit", "unitcode", "unite", "codeunite", "codedelunite", "eenheid", "eenheidscode", "codeeenheid"),
    "from_date": (
        "fromdate", "from", "since", "startdate", "depuis", "datededebut", "datedebut", "depuisle", "vanaf", "sinds",
        "begindatum", "startdatum",
    ),
    "leaving_date": (
        "leavingdate", "lastday", "enddate", "datededepart", "datedepart", "datedefin", "datefin", "dernierjour",
        "vertrekdatum", "einddatum", "laatstedag", "datumuitdienst", "uitdienst",
    ),
}  # fmt: skip
"""Our names of columns, and what else they may be called: without capitals, accents, spaces and signs."""

NEEDED: Final = ("staff_number", "given_name", "family_name", "language", "unit")
CHARS_MAX: Final = {
    "staff_number": 40, "given_name": 200, "family_name": 200, "email": 320, "function": 120, "unit": 40,
}  # fmt: skip

_CALLED: Final = {alias: name for name, aliases in COLUMNS.items() for alias in aliases}
_LANGUAGES: Final[Mapping[str, Language]] = {
    **dict.fromkeys(("fr", "f", "fra", "fre", "francais", "french", "frans"), "fr"),
    **dict.fromkeys(("nl", "n", "nld", "dut", "neerlandais", "dutch", "nederlands"), "nl"),
    **dict.fromkeys(("de", "d", "deu", "ger", "allemand", "german", "duits", "deutsch"), "de"),
    **dict.fromkeys(("en", "e", "eng", "anglais", "english", "engels"), "en"),
}
_FORMULA: Final = tuple("=+-@\uff1d\uff0b\uff0d\uff20")
_ERRORS: Final = ("#N/A", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!", "####")
_SHORTENED: Final = re.compile(r"\d([.,]\d+)?E\+\d+", re.I)
_EMAIL: Final = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+")
_DAY: Final = (
    re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})"),
    re.compile(r"(?P<d>\d{1,2})[./-](?P<m>\d{1,2})[./-](?P<y>\d{4})"),
)


class Row(NamedTuple):
    """What HR says of one member of staff."""

    line: int
    staff_number: str
    given_name: str
    family_name: str
    email: str | None
    language: Language
    function: str | None
    unit_id: UUID
    from_date: date | None
    leaving_date: date | None


class Read(NamedTuple):
    """A file that was read: its rows, and how it was understood."""

    rows: list[Row]
    encoding: str
    sign: str
    ignored: tuple[str, ...]
    """Headers of columns that mean nothing to us."""


def read(content: bytes, units: Mapping[str, UUID], faults: Faults) -> Read:
    """The rows of a file; what is wrong goes into `faults`, and then the rows are worth nothing.

    `units` are all units by the words that may name them, in small letters.
    """
    table = table_of(content, faults)
    if table is None:
        return Read([], "", "", ())
    places, ignored = _places(table, faults)
    if faults:
        return Read([], table.encoding, table.sign, ignored)
    reader = _Reader(table, places, units, faults)
    rows = [row for line in table.lines if (row := reader.row(line)) is not None]
    return Read(rows, table.encoding, table.sign, ignored)


def _places(table: Table, faults: Faults) -> tuple[dict[str, int], tuple[str, ...]]:
    places: dict[str, int] = {}
    ignored: list[str] = []
    for place, header in enumerate(table.header):
        name = _CALLED.get(_plain(header))
        if name is None:
            ignored.append(header)
        elif name in places:
            faults.add("column-twice", 1, header, other=table.header[places[name]])
        else:
            places[name] = place
    for name in NEEDED:
        if name not in places:
            faults.add("column-missing", 1, name)
    return places, tuple(header for header in ignored if header)[:20]


class _Reader:
    """Reads rows, one after the other."""

    def __init__(
        self, table: Table, places: Mapping[str, int], units: Mapping[str, UUID], faults: Faults
    ) -> None:
        self._width = len(table.header)
        self._places = places
        self._headers = {name: table.header[place] for name, place in places.items()}
        self._units = units
        self._faults = faults
        self._lines: dict[str, int] = {}

    def row(self, line: Line) -> Row | None:
        """The row of a line; nothing when there is a fault in it."""
        before = self._faults.total
        if len(line.cells) < self._width or any(line.cells[self._width :]):
            self._faults.add("cells", line.number, expected=self._width, found=len(line.cells))
            return None
        said = {name: self._cell(line, name) for name in self._places}
        row = Row(
            line.number,
            self._number(line, said),
            said["given_name"],
            said["family_name"],
            self._email(line, said),
            self._language(line, said),
            said.get("function") or None,
            self._unit(line, said),
            self._day(line, "from_date", said),
            self._day(line, "leaving_date", said),
        )
        if row.from_date and row.leaving_date and row.leaving_date < row.from_date:
            self._tell("dates-crossed", line, "leaving_date")
        return row if self._faults.total == before else None

    def _tell(self, kind: str, line: Line, name: str, **params: object) -> None:
        self._faults.add(kind, line.number, self._headers[name], **params)  # type: ignore[arg-type]

    def _cell(self, line: Line, name: str) -> str:
        """What stands there; nothing when that is a fault."""
        cell = line.cells[self._places[name]]
        if not cell:
            if name in NEEDED:
                self._tell("value-missing", line, name)
        elif cell.startswith(_FORMULA) or cell.startswith(_ERRORS):
            self._tell("formula", line, name)
        elif not cell.isprintable():
            self._tell("control", line, name)
        elif len(cell) > CHARS_MAX.get(name, 40):
            self._tell("too-long", line, name, limit=CHARS_MAX.get(name, 40))
        else:
            return cell
        return ""

    def _number(self, line: Line, said: Mapping[str, str]) -> str:
        number = said["staff_number"]
        if _SHORTENED.fullmatch(number):
            self._tell("shortened", line, "staff_number")
        elif number:
            first = self._lines.setdefault(number.casefold(), line.number)
            if first != line.number:
                self._tell("duplicate", line, "staff_number", first=first)
        return number

    def _email(self, line: Line, said: Mapping[str, str]) -> str | None:
        email = said.get("email") or None
        if email and not _EMAIL.fullmatch(email):
            self._tell("email", line, "email")
        return email

    def _language(self, line: Line, said: Mapping[str, str]) -> Language:
        found = _LANGUAGES.get(_plain(said["language"]))
        if found is None and said["language"]:
            self._tell("language", line, "language")
        return found or "en"

    def _unit(self, line: Line, said: Mapping[str, str]) -> UUID:
        found = self._units.get(said["unit"].casefold())
        if found is None and said["unit"]:
            self._tell("unit-unknown", line, "unit", code=said["unit"])
        return found or UUID(int=0)

    def _day(self, line: Line, name: str, said: Mapping[str, str]) -> date | None:
        text = said.get(name)
        if not text:
            return None
        for pattern in _DAY:
            if found := pattern.fullmatch(text):
                try:
                    day = date(int(found["y"]), int(found["m"]), int(found["d"]))
                except ValueError:
                    break
                if YEAR_MIN <= day.year <= YEAR_MAX:
                    return day
        self._tell("date", line, name)
        return None


def _plain(text: str) -> str:
    """Without capitals, accents, spaces and signs."""
    apart = normalize("NFKD", text.casefold())
    return "".join(each for each in apart if each.isalnum() and not combining(each))
