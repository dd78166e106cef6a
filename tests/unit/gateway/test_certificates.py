"""Certificates: numbers that nobody can make or change, and a paper that everybody can read."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from gateway.web import paper
from gateway.web.attest import NUMBER_CHARS, Stated, in_groups, key_of, number_of, read_number
from gateway.web.certificates import Certificate
from tests.support.pdf import Pdf

KEY = key_of(b"a secret of the gateway, long enough")
ANN = UUID("0b9f7a52-5f60-4a55-8b0c-3a43c26a1f6d")
STATED = Stated(
    record_id=UUID(int=7),
    name="Amélie Verstraete",
    course="recognising-radicalisation",
    course_version=3,
    completed_on=date(2026, 11, 25),
    valid_until=date(2028, 11, 25),
)
NUMBER = number_of(KEY, ANN, STATED)
ADDRESS = f"https://parcours.example/confirm/{NUMBER}"


# --- numbers -------------------------------------------------------------------------------------


def test_a_number_leads_to_the_person_and_what_was_stated() -> None:
    assert len(NUMBER) == NUMBER_CHARS
    assert read_number(KEY, NUMBER) == (ANN, STATED.mark())
    assert number_of(KEY, ANN, STATED) == NUMBER


@pytest.mark.parametrize(
    "typed",
    [
        in_groups(NUMBER),
        NUMBER.upper(),
        in_groups(NUMBER).replace("-", " "),
        f" {NUMBER}\n",
        NUMBER.replace("o", "0").replace("b", "8").replace("i", "1"),
    ],
)
def test_a_number_may_be_typed_as_people_type(typed: str) -> None:
    assert read_number(KEY, typed) == (ANN, STATED.mark())


def test_no_letter_of_a_number_can_be_changed() -> None:
    for at, letter in enumerate(NUMBER):
        other = "a" if letter != "a" else "c"
        assert read_number(KEY, NUMBER[:at] + other + NUMBER[at + 1 :]) is None, at


@pytest.mark.parametrize(
    "typed", ["", "a", NUMBER[:-1], NUMBER + "a", "é" * NUMBER_CHARS, "9" * NUMBER_CHARS]
)
def test_what_is_no_number_is_none(typed: str) -> None:
    assert read_number(KEY, typed) is None


def test_a_number_of_another_installation_is_none() -> None:
    assert read_number(key_of(b"the secret of somebody else's gateway"), NUMBER) is None


@pytest.mark.parametrize(
    "change",
    [
        {"record_id": UUID(int=8)},
        {"name": "Amélie Verstraeten"},
        {"course": "another"},
        {"course_version": 4},
        {"completed_on": date(2026, 11, 24)},
        {"valid_until": date(2028, 11, 26)},
        {"valid_until": None},
    ],
)
def test_whatever_is_stated_otherwise_has_another_mark(change: dict[str, Any]) -> None:
    assert replace(STATED, **change).mark() != STATED.mark()


def test_a_name_written_in_two_ways_is_one_name() -> None:
    assert replace(STATED, name="Ame\u0301lie Verstraete").mark() == STATED.mark()


# --- paper ---------------------------------------------------------------------------------------


def made(language: str = "fr", *, title: str = "Reconnaître la radicalisation", **change: Any) -> bytes:
    return paper.pdf(
        language,
        STATED.completed_on,
        {
            "certificate": Certificate(replace(STATED, **change), title, "fr"),
            "organisation": "Service pénitentiaire",
            "number": in_groups(NUMBER),
            "confirm_at": "parcours.example/confirm",
            "address": ADDRESS,
        },
    )


def dark(address: str) -> set[tuple[int, int]]:
    """The dark modules of an address's code."""
    rows = enumerate(paper.qr_code(address).matrix)
    return {(column, row) for row, modules in rows for column, module in enumerate(modules) if module}


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("fr", ("Certificat", "Délivré à Amélie Verstraete", "25 novembre 2026", "25 novembre 2028")),
        ("nl", ("Certificaat", "Uitgereikt aan Amélie Verstraete", "25 november 2026", "25 november 2028")),
        ("en", ("Certificate", "Awarded to Amélie Verstraete", "25 November 2026", "25 November 2028")),
    ],
)
def test_the_paper_says_it_in_its_language(language: str, words: tuple[str, ...]) -> None:
    pdf = Pdf(made(language))
    for each in (*words, "Reconnaître la radicalisation", in_groups(NUMBER), "parcours.example/confirm"):
        assert each in pdf.text
    assert f"<rdf:li>{language}-BE</rdf:li>" in pdf.metadata
    assert pdf.links() == [ADDRESS]


def test_the_paper_is_tagged_as_pdf_ua_asks() -> None:
    pdf = Pdf(made())
    assert "<pdfuaid:part>1</pdfuaid:part>" in pdf.metadata
    assert "Certificat – Reconnaître la radicalisation</rdf:li></rdf:Alt></dc:title>" in pdf.metadata
    assert "/Marked true" in pdf.plain
    assert "/DisplayDocTitle true" in pdf.plain
    assert {"Document", "H1", "H2", "P", "Table", "TH", "TD", "Figure", "Link"} <= pdf.tags()
    assert "/Alt" in pdf.plain, "the code says what it is"


def test_its_code_is_the_address_that_confirms_it() -> None:
    squares = Pdf(made()).squares()
    assert squares == dark(ADDRESS)
    assert squares != dark(f"{ADDRESS[:-1]}_"), "the control: another address, another code"


def test_the_same_facts_make_the_same_bytes() -> None:
    assert made() == made()
    assert made() != made(name="Bram Lejeune")


def test_it_says_when_it_ends_only_if_it_does() -> None:
    assert "Valable" not in Pdf(made(valid_until=None)).text


@pytest.mark.parametrize(
    "name", ['#panic("x")', "*Ann* _B_ $x$ @ref <label>", 'O\'Neill & "Sons" \\ {{ x }}']
)
def test_a_name_is_never_source(name: str) -> None:
    assert name in Pdf(made(name=name)).text


@pytest.mark.parametrize("name", ["\u674e Ann", "Ann \U0001f600", "\ufeffAnn", "\u0e44\u0e17\u0e22 Ann"])
def test_a_name_in_letters_that_the_fonts_lack_still_has_its_paper(name: str) -> None:
    pdf = Pdf(made(name=name))
    assert "Ann" in pdf.text and in_groups(NUMBER) in pdf.text
    assert "/Marked true" in pdf.plain, "read aloud as any other"


def test_long_names_and_titles_stay_on_one_page() -> None:
    pdf = Pdf(made(name="Anne-Françoise " * 6 + "de la Motte", title="Une formation au titre sans fin " * 8))
    assert pdf.pages == 1
