"""Every table as a file: all pages, words of the language, no formula, and what the file was made of."""

import csv
import io
import json
from typing import Any
from uuid import uuid4

import httpx
import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from gateway.access import API
from gateway.app import ROUTERS
from gateway.examples import EXAMPLES
from gateway.examples.example import COURSE, PERSON, POSITIONS, UNIT
from gateway.export.file import TYPES
from gateway.parts import GuardedRoute
from services.contracts.access import Role
from tests.integration.gateway.conftest import Gateway, answered, refused

OF_UNIT = {"unit": UNIT, "course": COURSE}
TABLES: dict[str, tuple[str, str, dict[str, str]]] = {
    f"{API}/reports/staff": ("reporting.staff", f"staff-{COURSE}", OF_UNIT),
    f"{API}/reports/due": ("reporting.due", f"due-{COURSE}", OF_UNIT),
    f"{API}/reports/overview": ("reporting.overview", f"overview-{COURSE}", OF_UNIT),
    f"{API}/reports/trend": ("reporting.trend", f"trend-{COURSE}", OF_UNIT),
    f"{API}/reports/exceptions": ("reporting.hindrances", "exceptions", {"unit": UNIT}),
    f"{API}/orders": ("reporting.orders", "orders", {"unit": UNIT}),
    f"{API}/reports/plan": ("reporting.plan", "plan", {"unit": UNIT, "from": "2027-06-28"}),
    f"{API}/reports/lost-seats": ("reporting.lost_seats", "lost-seats", {"unit": UNIT}),
    f"{API}/audit/people/{{person}}/history": ("reporting.history", "history", {}),
    f"{API}/units": ("reporting.organisation", "units", {}),
    f"{API}/staff": ("reporting.directory", "directory", {"unit": UNIT}),
    f"{API}/sessions": ("reporting.sessions", "sessions", {}),
    f"{API}/reports/people/{{person}}/plan": ("reporting.person_plan", "person-plan", {}),
    f"{API}/reports/seats": (
        "reporting.seats",
        "seats",
        {"unit": UNIT, "from": "2027-06-28", "to": "2027-07-04"},
    ),
    f"{API}/courses/{{course}}/versions/{{version}}/results": (
        "reporting.question_results",
        f"results-{COURSE}",
        {},
    ),
}
"""By route: whom it asks, what its file is called, and its query."""

EVERYTHING = ",".join(f"{feed}:{position}" for feed, position in sorted(POSITIONS.items()))


@pytest.fixture(scope="module")
def reader(gateway: Gateway) -> httpx.Client:
    """Somebody who may ask for every table."""
    return gateway.signed_in(Role.MANAGER, Role.TRAINING_CENTRE, Role.AUDITOR)


@pytest.fixture(autouse=True)
def named(gateway: Gateway, quiet: None) -> None:
    gateway.stand_in.answers["reporting.organisation"] = lambda _: answered(
        EXAMPLES["GET", f"{API}/organisation"].answer
    )
    gateway.stand_in.answers["content.courses"] = lambda _: answered(EXAMPLES["GET", f"{API}/courses"].answer)


def address(path: str) -> str:
    return path.format(person=PERSON, course=COURSE, version=1)


def two_pages(asked: dict[str, Any]) -> dict[str, Any]:
    page = json.loads(json.dumps(EXAMPLES["GET", f"{API}/reports/staff"].answer))
    first = asked["body"]["cursor"] is None
    page["lines"][0]["family_name"] = "=HYPERLINK(1)" if first else "Zoë; de l'Été"
    page["cursor"] = "second" if first else None
    return answered(page)


def sheets_of(answer: httpx.Response) -> tuple[Worksheet, dict[str, Any]]:
    """The table, and what it was made of."""
    assert (answer.status_code, answer.headers["content-type"]) == (200, TYPES["xlsx"])
    assert int(answer.headers["content-length"]) == len(answer.content)
    table, about = load_workbook(io.BytesIO(answer.content)).worksheets
    return table, {str(name.value): value.value for name, value in about.iter_rows()}


def test_every_table_that_the_interface_offers_is_looked_at() -> None:
    offered = {
        route.path
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, GuardedRoute)
        and TYPES["xlsx"] in route.responses.get(200, {}).get("content", {})
    }
    assert offered == set(TABLES)


@pytest.mark.parametrize("path", TABLES)
def test_a_table_is_the_same_in_both_kinds_of_file(gateway: Gateway, reader: httpx.Client, path: str) -> None:
    method, name, query = TABLES[path]
    gateway.stand_in.answers[method] = lambda _: answered(EXAMPLES["GET", path].answer)
    files = {
        kind: reader.get(address(path), params={**query, "format": kind}, headers={"accept-language": "fr"})
        for kind in TYPES
    }
    for kind, answer in files.items():
        assert f'filename="parcours-{name}-' in answer.headers["content-disposition"]
        assert answer.headers["content-disposition"].endswith(f'.{kind}"')
        assert (answer.headers["content-language"], answer.headers["vary"]) == (
            "fr",
            "Accept, Accept-Language",
        )
    lines = list(csv.reader(io.StringIO(files["csv"].content.decode("utf-8-sig")), delimiter=";"))
    *told, nothing, said, values = lines
    table, about = sheets_of(files["xlsx"])
    assert [cell.value for cell in table[1]] == told[0]
    assert table.max_row == len(told) > 1
    assert nothing == []
    assert list(about) == said
    assert about["Positions des flux"] == values[said.index("Positions des flux")] == EVERYTHING
    assert "Situation au" in said
    if "unit" in query:
        assert about["Unité"] == "Prison de Nivelles"
    if "course" in query:
        assert about["Formation"] == f"Reconnaître la radicalisation ({COURSE})"
    texts = [cell for row in table.iter_rows(min_row=2) for cell in row if isinstance(cell.value, str)]
    assert {cell.data_type for cell in texts} == {"s"}


def test_a_staff_list_has_all_pages_and_no_formula(gateway: Gateway, reader: httpx.Client) -> None:
    gateway.stand_in.answers["reporting.staff"] = two_pages
    answer = reader.get(
        f"{API}/reports/staff",
        params={**OF_UNIT, "called": "=1+1"},
        headers={"accept": "text/csv", "accept-language": "nl"},
    )
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith("\ufeffNaam;Voornaam;".encode())
    _, first, second, nothing, said, made_of, end = answer.content.decode("utf-8-sig").split("\r\n")
    assert first.startswith("'=HYPERLINK(1);Ann;B-1024;Gevangenis van Nijvel;te laat;2027-05-31;")
    assert second.startswith('"Zoë; de l\'Été";')
    assert said == (
        "Eenheid;Opleiding;Status;Ook zonder toewijzing;Zoekopdracht;"
        "Toestand op;Volgens wat geregistreerd was op;Posities van de feeds"
    )
    moment = "2027-06-30T02:00:00+02:00"
    unit, course = "Gevangenis van Nijvel", f"Radicalisering herkennen ({COURSE})"
    assert made_of == f"{unit};{course};;nee;'=1+1;{moment};{moment};{EVERYTHING}"
    assert (nothing, end) == ("", "")
    asked = gateway.stand_in.questions("reporting.staff")
    assert [question["body"]["cursor"] for question in asked] == [None, "second"]
    assert asked[1]["body"]["as_of"] is not None


def test_a_sheet_has_all_pages_and_no_formula(gateway: Gateway, reader: httpx.Client) -> None:
    gateway.stand_in.answers["reporting.staff"] = two_pages
    answer = reader.get(f"{API}/reports/staff", params=OF_UNIT, headers={"accept": TYPES["xlsx"]})
    table, about = sheets_of(answer)
    assert [table["A2"].value, table["A3"].value] == ["=HYPERLINK(1)", "Zoë; de l'Été"]
    assert (table["A2"].data_type, table["A2"].quotePrefix) == ("s", True)
    assert (table["F2"].is_date, table["F2"].value.date().isoformat()) == (True, "2027-05-31")
    assert table.title == "Staff"
    assert about["As of"] == "2027-06-30T02:00:00+02:00"
    asked = gateway.stand_in.questions("reporting.staff")
    assert [question["body"]["limit"] for question in asked] == [500, 500]


@pytest.mark.parametrize("kind", TYPES)
def test_a_file_that_is_refused_is_a_problem(gateway: Gateway, reader: httpx.Client, kind: str) -> None:
    gateway.stand_in.answers["reporting.staff"] = lambda _: refused("not-yours")
    answer = reader.get(f"{API}/reports/staff", params={**OF_UNIT, "format": kind})
    assert (answer.status_code, answer.headers["content-type"]) == (403, "application/problem+json")


def test_a_sheet_whose_second_page_is_refused_is_a_problem_and_not_half_a_file(
    gateway: Gateway, reader: httpx.Client
) -> None:
    gateway.stand_in.answers["reporting.staff"] = lambda asked: (
        two_pages(asked) if asked["body"]["cursor"] is None else refused("not-yours")
    )
    answer = reader.get(f"{API}/reports/staff", params={**OF_UNIT, "format": "xlsx"})
    assert answer.status_code == 403


def test_a_file_whose_names_nobody_can_say_is_made_all_the_same(
    gateway: Gateway, reader: httpx.Client
) -> None:
    for method in ("reporting.organisation", "content.courses"):
        gateway.stand_in.answers[method] = lambda _: refused("not-yours")
    gateway.stand_in.answers["reporting.due"] = lambda _: answered(
        EXAMPLES["GET", f"{API}/reports/due"].answer
    )
    _, about = sheets_of(reader.get(f"{API}/reports/due", params={**OF_UNIT, "format": "xlsx"}))
    assert (about["Unit"], about["Course"]) == (UNIT, COURSE)


def test_a_file_that_lacks_lines_says_so(gateway: Gateway, reader: httpx.Client) -> None:
    cut = {**EXAMPLES["GET", f"{API}/reports/exceptions"].answer, "more": True}
    gateway.stand_in.answers["reporting.hindrances"] = lambda _: answered(cut)
    _, about = sheets_of(reader.get(f"{API}/reports/exceptions", params={"unit": UNIT, "format": "xlsx"}))
    assert about["Incomplete"] == "yes"


def test_no_other_kind_of_file_is_made(reader: httpx.Client) -> None:
    answer = reader.get(f"{API}/reports/staff", params={"unit": str(uuid4()), "course": "a", "format": "pdf"})
    assert answer.status_code == 422


def test_a_list_that_knows_the_present_alone_has_all_pages_too(
    gateway: Gateway, reader: httpx.Client
) -> None:
    page = EXAMPLES["GET", f"{API}/staff"].answer
    gateway.stand_in.answers["reporting.directory"] = lambda asked: answered(
        {**page, "cursor": "second" if asked["body"]["cursor"] is None else None}
    )
    table, about = sheets_of(reader.get(f"{API}/staff", params={"unit": UNIT, "format": "xlsx"}))
    assert table.max_row == 1 + 2 * len(page["lines"])
    assert about["Unit"] == "Prison de Nivelles"
