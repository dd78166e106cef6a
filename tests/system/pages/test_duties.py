"""Standing orders in a browser: given after a look, at work within seconds, explained, and ended.

All orders here are for a function of their own, since other tests look at the same people.
"""

import io
import time
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import pytest
from openpyxl import load_workbook

from deploy.api import Person, Refusal, signed_in
from deploy.demo.organisation import PRISON_1
from deploy.demo.people import DEMO_PASSWORD
from deploy.demo.story import Cast
from deploy.local.stack import Stack
from gateway.times import BRUSSELS
from services.backbone.clock import utc_now
from tests.support.browser import accessibility_faults
from tests.system.pages.conftest import NewPc

UNIT = f"/units/{PRISON_1}"
WORDS = {
    "fr": {
        "orders": "Règles d’attribution",
        "give": "Créer une règle d’attribution",
        "function": "Seulement pour une fonction",
        "days": "Jours",
        "look": "Vérifier d’abord",
        "number": "Indiquez un nombre de jours de 1 à 3650.",
        "confirm": "Créer la règle",
        "given": "La règle d’attribution est créée.",
        "end": "Mettre fin",
        "ended": "La règle d’attribution est terminée.",
        "why": "+ 45 jours : ce jour-là",
        "why?": "Pourquoi cette date ?",
    },
    "nl": {
        "orders": "Toewijzingsregels",
        "give": "Een toewijzingsregel maken",
        "function": "Alleen voor één functie",
        "days": "Dagen",
        "look": "Eerst nakijken",
        "number": "Geef een aantal dagen van 1 tot 3650.",
        "confirm": "De regel maken",
        "given": "De toewijzingsregel is gemaakt.",
        "end": "Beëindigen",
        "ended": "De toewijzingsregel is beëindigd.",
        "why": "+ 45 dagen: vanaf die dag",
        "why?": "Waarom deze datum?",
    },
}


def told(**fields: object) -> dict[str, Any]:
    return {"command_id": str(uuid4()), "occurred_at": utc_now().isoformat(), **fields}


def give_order(stack: Stack, course: str, unit: UUID | str, **fields: object) -> str:
    """An order of the manager of Val-Clair, by the API; its id."""
    order_id = str(uuid4())
    today = utc_now().astimezone(BRUSSELS).date().isoformat()
    usual = {
        "order_id": order_id,
        "course": course,
        "unit_id": str(unit),
        "after_days": 45,
    }
    with signed_in(stack.gateway_url, "manager.valclair", DEMO_PASSWORD) as manager:
        manager.post("/orders", told(**{**usual, "from_on": today, **fields}))
    return order_id


def join(stack: Stack, function: str) -> str:
    """Somebody new at Val-Clair; their id."""
    person_id = str(uuid4())
    entry = {
        "person_id": person_id,
        "given_name": "Nour",
        "family_name": f"Nieuw {person_id[:4]}",
        "staff_number": person_id[:8],
        "language": "nl",
        "function": function,
    }
    joining = told(type="scheduling.register_person", entry=entry, unit_id=str(PRISON_1))
    with signed_in(stack.gateway_url, "operator", DEMO_PASSWORD) as operator:
        operator.post("/organisation/commands", {"commands": [joining]})
    return person_id


def exempt(stack: Stack, course: str, person_id: str) -> str:
    """Exempt somebody, by the API; their id. Waits until reports show it."""
    body = told(
        person_id=person_id,
        course=course,
        reason="administrative",
        sentence="Works abroad this year.",
        effective_on="2026-01-15",
    )
    with signed_in(stack.gateway_url, "manager.valclair", DEMO_PASSWORD) as manager:
        manager.post("/exemptions", body)
    assert why(stack, course, person_id)[0]["status"] == "exempt"
    return person_id


def why(stack: Stack, course: str, person_id: str, until: int = 1) -> list[dict[str, Any]]:
    """How somebody stands, with reasons; waits until so many dates were set, which is a matter of seconds."""
    deadline = time.monotonic() + 30
    with signed_in(stack.gateway_url, "manager.valclair", DEMO_PASSWORD) as manager:
        while True:
            lines = _lines(manager, f"/reports/people/{person_id}/status/{course}/why")
            if sum(len(line["steps"]) for line in lines) >= until or time.monotonic() > deadline:
                return lines
            time.sleep(0.2)


def _lines(manager: Person, path: str) -> list[dict[str, Any]]:
    try:
        lines: list[dict[str, Any]] = manager.get(path)["lines"]
    except Refusal:  # reports have not heard of the person yet
        return []
    return lines


@pytest.mark.parametrize("language", ["fr", "nl"])
def test_an_order_is_looked_at_given_at_work_explained_and_ended(
    stack: Stack, cast: Cast, new_pc: NewPc, language: str
) -> None:
    words, function = WORDS[language], f"test {language}"
    person = join(stack, function)
    pc = new_pc(language)
    pc.sign_in("manager.valclair", DEMO_PASSWORD, UNIT)
    page = pc.page
    page.get_by_role("link", name=words["orders"]).click()
    page.get_by_role("link", name=words["give"]).click()
    page.locator("#course").select_option(cast.course)
    page.get_by_label(words["function"]).fill(function)
    page.get_by_label(words["days"], exact=True).fill("0")
    page.get_by_role("button", name=words["look"]).click()
    page.get_by_text(words["number"]).wait_for()
    pc.faults.clear()  # the browser notes the 422
    assert accessibility_faults(page) == []
    page.get_by_label(words["days"], exact=True).fill("45")
    page.get_by_role("button", name=words["look"]).click()
    page.get_by_role("button", name=words["confirm"]).click()
    page.get_by_text(words["given"]).wait_for()

    (line,) = why(stack, cast.course, person)
    today = utc_now().astimezone(BRUSSELS).date()
    assert line["due_on"] == (today + timedelta(days=45)).isoformat()
    (step,) = line["steps"]
    assert (step["cause"]["rule"], step["cause"]["days"]) == ("after_joining", 45)
    page.goto(f"/people/{person}")
    page.get_by_text(words["why"]).wait_for()

    page.goto(f"{UNIT}/orders")
    page.get_by_role("row").filter(has_text=function).get_by_role("link").click()
    page.get_by_role("button", name=words["end"]).click()
    page.get_by_text(words["ended"]).wait_for()
    late = join(stack, function)
    time.sleep(1)
    assert why(stack, cast.course, late, until=0) == []
    assert [each["due_on"] for each in why(stack, cast.course, person)] == [line["due_on"]]


def test_two_orders_that_contradict_each_other_are_to_be_decided(
    stack: Stack, cast: Cast, new_pc: NewPc
) -> None:
    person = join(stack, "contradicted")
    first = give_order(stack, cast.course, PRISON_1, function="contradicted")
    give_order(stack, cast.course, PRISON_1, function="contradicted", after_days=None, due_on="2190-01-01")
    why(stack, cast.course, person)
    pc = new_pc("en")
    pc.sign_in("manager.valclair", DEMO_PASSWORD, f"{UNIT}/exceptions")
    row = pc.page.locator(f"tr:has(a[href='/people/{person}'])")
    for _ in range(50):
        if row.count():
            break
        time.sleep(0.2)
        pc.page.reload()
    cause = pc.page.locator("section.cause", has=row)
    assert "The earlier day holds" in cause.inner_text()
    with signed_in(stack.gateway_url, "manager.valclair", DEMO_PASSWORD) as manager:
        manager.post(f"/orders/{first}/end", told())
    for _ in range(50):
        pc.page.reload()
        if not row.count():
            return
        time.sleep(0.2)
    raise AssertionError("it is still to be decided")


def test_a_learner_is_told_why(stack: Stack, cast: Cast, new_pc: NewPc) -> None:
    pc = new_pc("nl", scripts=False)
    pc.sign_in(cast.learners[2].user_name, DEMO_PASSWORD, "/training")
    pc.page.get_by_text(WORDS["nl"]["why?"]).first.click()
    assert pc.page.locator("details.why p").first.is_visible()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "none"])
def test_somebody_is_exempted_with_a_reason_and_a_sentence_and_it_is_revoked(
    stack: Stack, cast: Cast, new_pc: NewPc, scripts: bool
) -> None:
    person = join(stack, "to be exempted")
    pc = new_pc("en", scripts=scripts)
    pc.sign_in("manager.valclair", DEMO_PASSWORD, f"/people/{person}/exempt?course={cast.course}")
    page = pc.page
    page.get_by_label("In a sentence").fill("Followed the course of the federal police.")
    page.get_by_role("button", name="Record the exemption").click()
    page.get_by_text("Choose a reason.").wait_for()
    pc.faults.clear()  # the browser notes the 422
    page.get_by_text("Followed an equivalent training elsewhere").click()
    page.get_by_label("Since").fill("2025-03-01")
    if scripts:
        proof = {"name": "proof.txt", "mimeType": "text/plain", "buffer": b"proof"}
        page.get_by_label("Proof", exact=True).set_input_files(proof)
        page.wait_for_function("document.getElementById('attachment').value.length === 64")
    page.get_by_role("button", name="Record the exemption").click()
    page.get_by_text("Exempt since 1 March 2025.").wait_for()
    (line,) = why(stack, cast.course, person)
    (step,) = line["steps"]
    assert line["status"] == "exempt" and step["occurred_at"] < "2025-03-01T00:00:01"
    assert (step["attachment"] == sha256(b"proof").hexdigest()) is scripts
    page.get_by_role("link", name="Revoke the exemption").click()
    page.get_by_label("Why, in a sentence").fill("The proof was of another course.")
    page.get_by_role("button", name="Revoke it").click()
    page.get_by_text("The exemption was revoked.").wait_for()


def test_the_due_list_leads_to_who_is_late_and_goes_to_a_spreadsheet_with_what_it_was_made_of(
    stack: Stack, cast: Cast, new_pc: NewPc
) -> None:
    pc = new_pc("en")
    pc.sign_in("manager.valclair", DEMO_PASSWORD, f"{UNIT}?course={cast.course}")
    page = pc.page
    page.get_by_role("link", name="Due list").click()
    late = page.locator("table").first.locator("tbody tr").first.get_by_role("link", name="Overdue")
    count = int(late.inner_text().split()[0])
    late.click()
    page.get_by_role("caption").filter(has_text="Overdue").wait_for()
    assert page.locator("table").last.locator("tbody tr").count() == min(count, 50)
    with page.expect_download() as begun:
        page.get_by_role("link", name="Export (CSV)").click()
    lines = begun.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 1 + count + 3
    with page.expect_download() as begun:
        page.get_by_role("link", name="Export (Excel)").click()
    sheet, about = load_workbook(io.BytesIO(begun.value.path().read_bytes())).worksheets
    assert sheet.max_row == 1 + count
    assert {"Status": "overdue"}.items() <= dict(about.values).items()
    assert lines[-2].startswith("Unit;Course;Status;As of")
    assert ";overdue;" in lines[-1] and "scheduling:" in lines[-1]
