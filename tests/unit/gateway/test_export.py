"""Files for spreadsheets: no cell is a formula, values keep their kind, and a file says what it was made of."""

import tracemalloc
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, get_args

import pytest
import xlsxwriter
from openpyxl import load_workbook
from openpyxl.workbook import Workbook
from starlette.requests import Request

from gateway.export import csv_file
from gateway.export.audit import HISTORY
from gateway.export.csv_file import harmless
from gateway.export.figures import OVERVIEW, RESULTS, TREND
from gateway.export.file import ABOUT, wanted_as
from gateway.export.made_of import FILTERS, NO_FILTERS
from gateway.export.organisation import DIRECTORY, SESSIONS, UNITS
from gateway.export.people import DUE, EXCEPTIONS, ORDERS, STAFF
from gateway.export.rooms import LOST_SEATS, PERSON_PLAN, PLAN, SEAT_USE
from gateway.export.table import Cell, Table
from gateway.export.words import HALVES, HINDRANCES, PLACE_STATES, SEAT_STATES, STATUSES, UNIT_KINDS, YES_NO
from gateway.export.xlsx_file import XlsxFile
from gateway.sentences import LANGUAGES
from services.contracts.message import Message
from services.contracts.reporting.audit import AskHistory
from services.contracts.reporting.due import AskDue
from services.contracts.reporting.duties import AskHindrances, AskOrders
from services.contracts.reporting.organisation import AskOrganisation
from services.contracts.reporting.overview import AskOverview, AskTrend
from services.contracts.reporting.people import AskDirectory, AskStaff
from services.contracts.reporting.results import AskQuestionResults
from services.contracts.reporting.seats import AskLostSeats, AskPersonPlan, AskPlan, AskSeats, Half, SeatState
from services.contracts.reporting.sessions import AskSessions
from services.contracts.reporting.standing import StaffStatus
from services.contracts.scheduling.classes import PlaceState
from services.contracts.scheduling.duties import HindranceKind
from services.contracts.scheduling.organisation import UnitKind

TABLES: dict[type[Message], Table[Any, Any]] = {
    AskStaff: STAFF,
    AskDue: DUE,
    AskHindrances: EXCEPTIONS,
    AskOrders: ORDERS,
    AskOverview: OVERVIEW,
    AskTrend: TREND,
    AskQuestionResults: RESULTS,
    AskPlan: PLAN,
    AskPersonPlan: PERSON_PLAN,
    AskSeats: SEAT_USE,
    AskLostSeats: LOST_SEATS,
    AskHistory: HISTORY,
    AskOrganisation: UNITS,
    AskDirectory: DIRECTORY,
    AskSessions: SESSIONS,
}
NOON = datetime(2027, 6, 30, 10, tzinfo=UTC)
FORMULAS = [
    "=1+1",
    "+32 2 123",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    "\u00a0=1",
    "\uff1d1",
    "\uff0b1",
]


# --- CSV -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("cell", FORMULAS)
def test_no_cell_is_a_formula(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("Peeters,=1+1", "Peeters,'=1+1"),
        ("Peeters; @SUM(A1)", "Peeters;' @SUM(A1)"),
        ('"A","=1"', '"A","\'=1"'),
        ("A\t-1|+1", "A\t'-1|'+1"),
    ],
)
def test_a_spreadsheet_that_separates_otherwise_finds_no_formula_either(cell: str, shown: str) -> None:
    assert harmless(cell) == shown


def test_other_cells_stay_as_they_are() -> None:
    assert harmless('Van \'t Hof; "Ann"') == 'Van \'t Hof; "Ann"'


def test_a_line_has_local_times_and_days() -> None:
    late = datetime(2027, 6, 30, 22, 30, tzinfo=UTC)
    assert (
        csv_file.rows([["a;b", 12, date(2027, 6, 30), late, None]])
        == '"a;b";12;2027-06-30;2027-07-01 00:30:00;\r\n'
    )


# --- XLSX ----------------------------------------------------------------------------------------


def written(
    folder: Path, lines: Iterable[Iterable[Cell]], about: Iterable[tuple[str, Cell]] = ()
) -> Workbook:
    path = folder / "table.xlsx"
    file = XlsxFile(path, "Staff", ["A", "B", "C", "D"], [10, 10, 10, 10], NOON)
    file.write(lines)
    file.end("About", about)
    return load_workbook(path)


def formulas_in(book: Workbook) -> list[str]:
    """The cells that a spreadsheet would reckon."""
    return [
        cell.coordinate
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    ]


@pytest.mark.parametrize(
    "cell", [*FORMULAS, "{=1}", '=HYPERLINK("http://x")', "http://example.org", "007", "1e3"]
)
def test_a_text_stays_a_text_to_the_letter(tmp_path: Path, cell: str) -> None:
    book = written(tmp_path, [[cell]], [("Searched for", cell)])
    assert formulas_in(book) == []
    for place in (book["Staff"]["A2"], book["About"]["B1"]):
        assert (place.data_type, place.value, place.hyperlink) == ("s", cell.replace("\r", "_x000D_"), None)
        assert place.quotePrefix == (harmless(cell) != cell)


def test_the_check_finds_formulas_that_another_hand_wrote(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "careless.xlsx")) as book:
        book.add_worksheet().write("A1", "=1+1")
    assert formulas_in(load_workbook(tmp_path / "careless.xlsx")) == ["A1"]


def test_numbers_are_numbers_and_days_are_local_days(tmp_path: Path) -> None:
    late = datetime(2027, 6, 30, 22, 30, 40, tzinfo=UTC)
    book = written(tmp_path, [[12, date(2027, 6, 30), late, None], ["", 0]], [("As of", late)])
    number, day, moment, nothing = book["Staff"][2]
    assert (number.value, number.data_type) == (12, "n")
    assert (day.value, day.is_date, day.number_format) == (datetime(2027, 6, 30), True, "dd/mm/yyyy")  # noqa: DTZ001
    assert (moment.value, moment.is_date) == (datetime(2027, 7, 1, 0, 30), True)  # noqa: DTZ001
    assert nothing.value is None
    assert [cell.value for cell in book["Staff"][3]][:2] == [None, 0]
    assert book["About"]["B1"].value == datetime(2027, 7, 1, 0, 30)  # noqa: DTZ001


def test_the_hour_that_comes_twice_is_told_as_clocks_show_it(tmp_path: Path) -> None:
    hours = [datetime(2027, 10, 31, hour, 30, tzinfo=UTC) for hour in (0, 1)]
    book = written(tmp_path, [hours])
    assert [cell.value.hour for cell in book["Staff"][2][:2]] == [2, 2]


def test_what_no_file_can_hold_spoils_none(tmp_path: Path) -> None:
    book = written(tmp_path, [["a\x00b\x1b\ufffe", "x" * 40_000]])
    first, long = book["Staff"][2][:2]
    assert first.value.startswith("a_x0000_b")
    assert len(long.value) == 32_767


def test_headings_stay_in_sight_on_screen_and_on_paper(tmp_path: Path) -> None:
    sheet = written(tmp_path, [["a"], ["b"]])["Staff"]
    assert [cell.value for cell in sheet[1]] == ["A", "B", "C", "D"]
    assert (sheet.freeze_panes, sheet.auto_filter.ref, sheet.print_title_rows) == ("A2", "A1:D3", "$1:$1")
    assert (sheet.page_setup.orientation, sheet.page_setup.fitToHeight) == ("landscape", 0)


def test_a_long_file_takes_no_more_memory_than_a_short_one(tmp_path: Path) -> None:
    def peak(lines: int, *, kept: bool = False) -> int:
        made = ([f"Peeters {n}", n, date(2027, 6, 30), NOON] for n in range(lines))
        tracemalloc.start()
        try:
            written_file = XlsxFile(tmp_path / f"{lines}.xlsx", "Staff", ["A"] * 4, [10] * 4, NOON)
            written_file.write(list(made) if kept else made)
            written_file.end("About", [])
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    short = peak(200)
    allowed = short + 200_000
    assert peak(4_000) < allowed
    assert peak(4_000, kept=True) > allowed  # what the check would say of a file that is held in memory


# --- every table ---------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", TABLES, ids=lambda kind: kind.__name__)
def test_every_table_has_its_words(asked: type[Message]) -> None:
    table = TABLES[asked]
    for words in (table.title, ABOUT, *(column.heading for column in table.columns)):
        assert set(words) == set(LANGUAGES)
        assert all(words.values())
    for language in LANGUAGES:
        assert len({column.heading[language] for column in table.columns}) == len(table.columns)
        for title in (table.title[language], ABOUT[language]):  # what a sheet may be called
            assert len(title) <= 31
            assert not set(title) & set("[]:*?/\\'")


@pytest.mark.parametrize("asked", TABLES, ids=lambda kind: kind.__name__)
def test_a_file_says_all_that_it_was_narrowed_by(asked: type[Message]) -> None:
    assert set(asked.model_fields) <= set(FILTERS) | NO_FILTERS


def test_every_value_has_its_words() -> None:
    assert set(STATUSES) == set(get_args(StaffStatus))
    assert set(SEAT_STATES) == set(get_args(SeatState))
    assert set(PLACE_STATES) == set(get_args(PlaceState))
    assert set(UNIT_KINDS) == set(get_args(UnitKind))
    assert set(HALVES) == set(get_args(Half))
    assert set(HINDRANCES) == set(get_args(HindranceKind))
    for told in (STATUSES, SEAT_STATES, PLACE_STATES, UNIT_KINDS, HALVES, HINDRANCES, YES_NO, FILTERS):
        assert all(set(words) == set(LANGUAGES) for words in told.values())  # type: ignore[attr-defined]


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.mark.parametrize(
    ("accept", "asked", "kind"),
    [("text/csv", None, "csv"), ("application/json", None, None), ("application/json", "csv", "csv"),
     ("text/csv", "json", None), ("*/*", None, None), (XLSX, None, "xlsx"), (f"{XLSX};q=0.9, text/csv", None, "xlsx"),
     (XLSX, "csv", "csv"), ("text/csv", "xlsx", "xlsx"), (XLSX, "json", None)],
)  # fmt: skip
def test_a_file_when_it_is_wanted(accept: str, asked: str | None, kind: str | None) -> None:
    request = Request({"type": "http", "headers": [(b"accept", accept.encode())]})
    assert wanted_as(request, asked) == kind
