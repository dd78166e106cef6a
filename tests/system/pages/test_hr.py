"""An operator sends files of HR: looks at what they would change, confirms, and finds the people in their units."""

import time
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Page, expect

from deploy.api import Refusal, signed_in
from deploy.demo import organisation
from deploy.demo.people import DEMO_PASSWORD
from deploy.local.stack import Stack
from tests.support.browser import Keys
from tests.system.pages.conftest import NewPc

HEADER = "matricule;prénom;nom;langue;unité;date de départ"
WORDS = {
    "fr": {
        "send": "Envoyer et examiner",
        "apply": "Tout appliquer",
        "applied": "Appliqué",
        "joins": "Arrivées",
        "faults": "Le fichier contient 2 erreurs",
        "number": "Nombre de départs",
        "wrong": "Ce n’est pas le nombre",
        "give up": "Abandonner",
        "given up": "Abandonné",
    },
    "nl": {
        "send": "Sturen en bekijken",
        "apply": "Alles toepassen",
        "applied": "Toegepast",
        "joins": "In dienst",
        "faults": "Het bestand bevat 2 fouten",
        "number": "Aantal vertrekkers",
        "wrong": "Dit is niet het aantal",
        "give up": "Opgeven",
        "given up": "Opgegeven",
    },
}


def send(page: Page, words: dict[str, str], *rows: str, mode: str = "delta", encoding: str = "utf-8") -> None:
    page.goto("/operations/staff")
    page.check(f"input[name=mode][value={mode}]")
    content = "\r\n".join([HEADER, *rows]).encode(encoding)
    page.set_input_files("#file", {"name": "hr.csv", "mimeType": "text/csv", "buffer": content})
    page.get_by_role("button", name=words["send"]).click()


def state(page: Page, name: str) -> None:
    """Wait for a state; without scripts by looking again."""
    badge = page.locator(f"#summary .import-{name}")
    for _ in range(60):
        if badge.is_visible():
            return
        page.wait_for_timeout(250)
        if page.locator("a.button[href^='/operations/staff/']").count():
            page.reload()
    expect(badge).to_be_visible()


@pytest.mark.parametrize("language", ["fr", "nl"])
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_file_is_shown_then_applied_and_its_people_are_in_their_unit(
    stack: Stack, new_pc: NewPc, cast: object, language: str, scripts: bool
) -> None:
    words, number = WORDS[language], f"H{uuid4().hex[:8]}"
    page = new_pc(language, scripts=scripts).sign_in("operator", DEMO_PASSWORD, "/operations")
    page.locator("main a[href='/operations/staff']").click()
    send(page, words, f"{number};Zoë;Vandenhoute;F;VAL-CLAIR-A;", encoding="cp1252")
    state(page, "checked")
    row = page.get_by_role("row").filter(has_text=number)
    expect(row).to_contain_text("Vandenhoute Zoë")
    expect(page.get_by_role("heading", name=words["joins"])).to_be_visible()
    keys = Keys(page)
    page.locator("body").focus()
    keys.press(page.get_by_role("button", name=words["apply"]))
    state(page, "applied")
    expect(page.locator("body")).not_to_contain_text("Vandenhoute")
    with signed_in(stack.gateway_url, "auditor", DEMO_PASSWORD) as auditor:
        deadline = time.monotonic() + 10
        while not (found := auditor.post("/audit/people", {"text": number})["lines"]):
            assert time.monotonic() < deadline
            time.sleep(0.2)
    assert [(line["given_name"], line["unit_id"]) for line in found] == [
        ("Zoë", str(organisation.unit_id("val-clair-a")))
    ]


@pytest.mark.parametrize("language", ["fr", "nl"])
def test_a_faulty_file_says_where_and_what(new_pc: NewPc, cast: object, language: str) -> None:
    words = WORDS[language]
    page = new_pc(language).sign_in("operator", DEMO_PASSWORD, "/operations/staff")
    send(page, words, "H1;=1+1;B;fr;VAL-CLAIR;", "H1;A;B;fr;VAL-CLAIR;")
    state(page, "faulty")
    expect(page.get_by_role("alert")).to_contain_text(words["faults"])
    cells = [row.locator("td").all_inner_texts()[:2] for row in page.locator("tbody tr").all()]
    assert cells == [["2", "prénom"], ["3", "matricule"]]


@pytest.mark.parametrize("language", ["fr", "nl"])
def test_a_full_list_in_which_many_are_missing_asks_for_their_number_and_can_be_given_up(
    new_pc: NewPc, cast: object, language: str
) -> None:
    words, pc = WORDS[language], new_pc(language)
    page = pc.sign_in("operator", DEMO_PASSWORD, "/operations/staff")
    send(page, words, f"H{uuid4().hex[:8]};Zoë;Other;fr;VAL-CLAIR;", mode="full")
    state(page, "checked")
    page.get_by_label(words["number"]).fill("1")
    page.get_by_role("button", name=words["apply"]).click()
    expect(page.locator("#leaving-error")).to_contain_text(words["wrong"])
    pc.faults.clear()  # the browser notes the 409
    page.get_by_role("button", name=words["give up"]).click()
    expect(page.locator("#summary")).to_contain_text(words["given up"])


def test_an_empty_file_is_asked_for_again(new_pc: NewPc, cast: object) -> None:
    pc = new_pc("fr")
    page = pc.sign_in("operator", DEMO_PASSWORD, "/operations/staff")
    page.set_input_files("#file", {"name": "hr.csv", "mimeType": "text/csv", "buffer": b""})
    page.get_by_role("button", name=WORDS["fr"]["send"]).click()
    expect(page.locator("#file-error")).to_be_visible()
    pc.faults.clear()  # the browser notes the 422


def test_a_program_sends_a_file_and_follows_it(stack: Stack, cast: object) -> None:
    number, key = f"H{uuid4().hex[:8]}", str(uuid4())
    content = f"{HEADER}\n{number};Zoë;Api;fr;VAL-CLAIR-B;\n".encode()
    with signed_in(stack.gateway_url, "operator", DEMO_PASSWORD) as operator:
        sent = [
            operator.upload(
                "/staff/imports?mode=delta&dry_run=false", content, "text/csv", **{"Idempotency-Key": key}
            )["import_id"]
            for _ in range(2)
        ]
        assert sent == [key, key]
        deadline = time.monotonic() + 10
        while (found := operator.get(f"/staff/imports/{key}"))["state"] != "applied":
            assert time.monotonic() < deadline, found["state"]
            time.sleep(0.1)
        assert found["counts"]["joins"] == 1
        at_least = f"scheduling:{found['position']}"
        units = operator.get("/organisation", at_least=at_least)["units"]
        assert {unit["code"] for unit in units} >= {"VAL-CLAIR-A", "VAL-CLAIR-B"}
        again = operator.upload("/staff/imports", HEADER.encode(), "text/csv")
        while (told := operator.get(f"/staff/imports/{again['import_id']}"))["state"] != "faulty":
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert {fault["kind"] for fault in told["faults"]} == {"no-rows"}
        assert told["faults"][0]["sentence"].startswith("There is no row")
        for refused in (
            lambda: operator.get(f"/staff/imports/{uuid4()}"),
            lambda: operator.delete(f"/staff/imports/{key}"),
        ):
            with pytest.raises(Refusal) as refusal:
                refused()
            assert refusal.value.status in (404, 409)
    with (
        signed_in(stack.gateway_url, "manager.valclair", DEMO_PASSWORD) as manager,
        pytest.raises(Refusal) as no,
    ):
        manager.get("/staff/imports")
    assert no.value.status == httpx.codes.FORBIDDEN
