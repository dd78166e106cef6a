"""Files of HR, whole and broken: which rows they hold, or where what is wrong."""

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.contracts.scheduling.staff_imports import FILE_BYTES_MAX, ROWS_MAX
from services.scheduling.hr import Faults, Row, read
from services.scheduling.hr.faults import LISTED_MAX

NORTH, SOUTH = UUID(int=1), UUID(int=2)
UNITS = {"vc-01": NORTH, "wd-02": SOUTH, str(NORTH): NORTH, str(SOUTH): SOUTH}
HEADER = "staff_number;given_name;family_name;email;language;function;unit;from_date;leaving_date"
ANN = "P1;Ann;Peeters;ann@example.invalid;nl;Officer;VC-01;2026-01-05;"


def rows_of(text: str | bytes) -> list[Row]:
    faults = Faults()
    found = read(text if isinstance(text, bytes) else text.encode(), UNITS, faults)
    assert not faults, faults.listed
    return found.rows


def faults_of(text: str | bytes) -> list[tuple[str, int | None, str | None]]:
    faults = Faults()
    read(text if isinstance(text, bytes) else text.encode(), UNITS, faults)
    return [(fault.kind, fault.line, fault.column) for fault in faults.listed]


def test_a_row_says_who_somebody_is_and_where_they_belong() -> None:
    assert rows_of(f"{HEADER}\n{ANN}\n") == [
        Row(2, "P1", "Ann", "Peeters", "ann@example.invalid", "nl", "Officer", NORTH, date(2026, 1, 5), None)
    ]


@pytest.mark.parametrize(
    "header",
    [
        "Matricule;Prénom;Nom;Langue;Unité",
        "personeelsnummer,voornaam,familienaam,taal,eenheid",
        '"Staff number","First name","Last name","Language","Unit"',
        "STAMNUMMER\tVOORNAAM\tNAAM\tTAAL\tEENHEIDSCODE",
    ],
)
def test_columns_are_found_by_their_names_in_three_languages_in_any_order(header: str) -> None:
    sign = next(sign for sign in ";,\t" if sign in header)
    (row,) = rows_of(f"{header}\r\n{sign.join(('P1', 'Zoë', 'Dübel', 'F', 'wd-02'))}\r\n")
    assert (row.given_name, row.family_name, row.language, row.unit_id) == ("Zoë", "Dübel", "fr", SOUTH)
    assert (row.email, row.function, row.from_date, row.leaving_date) == (None, None, None, None)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_both_encodings_and_a_mark_before_the_first_byte(encoding: str) -> None:
    (row,) = rows_of(f"{HEADER}\nP1;Zoë;D’Haène–Œuvre;;fr;;VC-01;;\n".encode(encoding))
    assert (row.given_name, row.family_name) == ("Zoë", "D’Haène–Œuvre")


def test_quotes_hold_signs_and_a_line_is_counted_where_it_begins() -> None:
    text = f'sep=;\n{HEADER}\n\nP1;"Ann; Maria";"O""Neil";;nl;;VC-01;;\nP2;;x;;nl;;VC-01;;\n'
    assert faults_of(text) == [("value-missing", 5, "given_name")]
    (row,) = rows_of(text.rsplit("P2", 1)[0])
    assert (row.line, row.given_name, row.family_name) == (4, "Ann; Maria", 'O"Neil')


@pytest.mark.parametrize(
    ("text", "day"), [("2026-02-03", 3), ("03/02/2026", 3), ("3.2.2026", 3), ("03-02-2026", 3)]
)
def test_a_day_is_written_in_our_ways(text: str, day: int) -> None:
    (row,) = rows_of(f"{HEADER}\nP1;A;B;;nl;;VC-01;{text};\n")
    assert row.from_date == date(2026, 2, day)


def test_columns_that_mean_nothing_are_passed_over_and_named() -> None:
    found = read(b"Shoe size;matricule;prenom;nom;langue;unite\n44;P1;A;B;fr;VC-01\n", UNITS, Faults())
    assert (found.ignored, len(found.rows)) == (("Shoe size",), 1)


@pytest.mark.parametrize(
    ("cells", "kind", "column"),
    [
        (";A;B;;nl;;VC-01;;", "value-missing", "staff_number"),
        ("P1;A;B;;;;VC-01;;", "value-missing", "language"),
        ("P1;A;B;;xx;;VC-01;;", "language", "language"),
        ("P1;A;B;not-an-address;nl;;VC-01;;", "email", "email"),
        ("P1;A;B;;nl;;NOWHERE;;", "unit-unknown", "unit"),
        ("P1;A;B;;nl;;VC-01;31/02/2026;", "date", "from_date"),
        ("P1;A;B;;nl;;VC-01;1900-01-01;", "date", "from_date"),
        ("P1;A;B;;nl;;VC-01;2026-03-02;2026-03-01", "dates-crossed", "leaving_date"),
        ("1,23E+05;A;B;;nl;;VC-01;;", "shortened", "staff_number"),
        ('=HYPERLINK("x");A;B;;nl;;VC-01;;', "formula", "staff_number"),
        ("P1;+A;B;;nl;;VC-01;;", "formula", "given_name"),
        ("P1;@SUM(A1);B;;nl;;VC-01;;", "formula", "given_name"),
        ("P1;A;#N/A;;nl;;VC-01;;", "formula", "family_name"),
        ("P1;A\u200bnn;B;;nl;;VC-01;;", "control", "given_name"),
        (f"P1;{'A' * 201};B;;nl;;VC-01;;", "too-long", "given_name"),
        (f"P1;{'A' * 5000};B;;nl;;VC-01;;", "too-long", "given_name"),
        ("P1;A;B;;nl;;VC-01;", "cells", None),
        ("P1;A;B;;nl;;VC-01;;;more", "cells", None),
    ],
)
def test_what_is_wrong_is_told_by_line_and_column(cells: str, kind: str, column: str | None) -> None:
    assert faults_of(f"{HEADER}\n{ANN.replace('P1', 'P0')}\n{cells}\n") == [(kind, 3, column)]


@pytest.mark.parametrize(
    ("content", "kind", "line"),
    [
        (b"", "empty-file", None),
        (b" \r\n\r\n", "empty-file", None),
        (HEADER.encode(), "no-rows", None),
        (f"{HEADER}\n{ANN}".encode("utf-16"), "not-a-table", None),
        (b"PK\x03\x04 a spreadsheet", "not-a-table", None),
        (b"x" * (FILE_BYTES_MAX + 1), "too-large", None),
        (f"{HEADER}\n".encode() + b"P1;\x81\xe9;B;;nl;;VC-01;;", "encoding", 2),
        (f"{HEADER}\nP1;Ren\u00c3\u00a9;B;;nl;;VC-01;;".encode(), "encoding", 2),
        (f"{HEADER}\nP1;Ren\ufffd;B;;nl;;VC-01;;".encode(), "encoding", 2),
        (f'{HEADER}\n{ANN}\nP2;"open;B;;nl;;VC-01;;\nP3;A;B;;nl;;VC-01;;\n'.encode(), "quotes", 3),
        (f'{HEADER}\nP2;"a"b;B;;nl;;VC-01;;\n'.encode(), "quotes", 2),
        (b";" * 1_000_000, "too-many-columns", 1),
        (f"{HEADER}\n".encode() + b"x;" * 1_000_000, "too-many-columns", 2),
    ],
)
def test_a_file_that_is_no_table_says_so_once(content: bytes, kind: str, line: int | None) -> None:
    assert faults_of(content) == [(kind, line, None)]


def test_a_missing_column_and_one_that_comes_twice_are_named() -> None:
    assert faults_of("matricule;prenom;nom;langue;taal\nP1;A;B;fr;fr\n") == [
        ("column-twice", 1, "taal"),
        ("column-missing", 1, "unit"),
    ]


def test_a_staff_number_stands_for_one_person() -> None:
    faults = Faults()
    again = ANN.replace("P1", "p1")
    read(f"{HEADER}\n{ANN}\n{again}\n".encode(), UNITS, faults)
    assert [(f.kind, f.line, f.column, f.params) for f in faults.listed] == [
        ("duplicate", 3, "staff_number", {"first": "2"})
    ]


def test_of_very_many_faults_the_first_are_listed_and_all_are_counted() -> None:
    faults = Faults()
    read("\n".join([HEADER, *(f"P{n};A;B;;xx;;VC-01;;" for n in range(5_000))]).encode(), UNITS, faults)
    assert (len(faults.listed), faults.total) == (LISTED_MAX, 5_000)


def test_there_are_at_most_so_many_rows() -> None:
    text = "\n".join([HEADER, *(f"P{n};A;B;;nl;;VC-01;;" for n in range(ROWS_MAX + 1))])
    assert faults_of(text) == [("too-many-rows", ROWS_MAX + 2, None)]


@for_all(st.binary(max_size=300))
def test_no_bytes_whatever_fail_without_a_fault_or_rows(content: bytes) -> None:
    faults = Faults()
    found = read(content, UNITS, faults)
    assert bool(faults) != bool(found.rows)


@for_all(st.text(max_size=200))
def test_no_text_below_a_good_header_fails_without_a_fault_or_rows(text: str) -> None:
    faults = Faults()
    found = read(f"{HEADER}\n{text}".encode("utf-8", "surrogatepass"), UNITS, faults)
    assert bool(faults) or bool(found.rows)
