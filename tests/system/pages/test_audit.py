"""An auditor finds somebody, replays their history in both times, and compares what was known when."""

import re
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from deploy.demo import organisation
from deploy.demo.people import DEMO_PASSWORD
from deploy.demo.story import BRUSSELS, Cast
from tests.system.pages.conftest import NewPc

WORDS = {
    "fr": {
        "search": "Nom, matricule ou identifiant",
        "passed": "Réussi",
        "overdue": "En retard",
        "todo": "À suivre",
        "nobody": "Personne n’a été trouvé",
        "completed": "Termine la formation",
        "compare": "Comparer juste avant et juste après",
        "added": "1 événement s’est ajouté",
        "late": "13 jours plus tard",
        "show": "Afficher",
        "self": "La personne elle-même",
        "next": "Suivants",
        "rebuild": "Reconstruire avec preuve",
        "begin": "Reconstruire et comparer",
        "proved": "sont identiques à ceux en service",
    },
    "nl": {
        "search": "Naam, personeelsnummer of identificatie",
        "passed": "Geslaagd",
        "overdue": "Te laat",
        "todo": "Te volgen",
        "nobody": "Niemand gevonden",
        "completed": "Voltooit de opleiding",
        "compare": "Vergelijken net voor en net na",
        "added": "1 gebeurtenis kwam erbij",
        "late": "13 dagen later",
        "show": "Tonen",
        "self": "De persoon zelf",
        "next": "Volgende",
        "rebuild": "Heropbouwen met bewijs",
        "begin": "Heropbouwen en vergelijken",
        "proved": "zijn gelijk aan de gebruikte",
    },
}
DUE_CHANGED = "due_date_changed"


def cast_day(days: int) -> str:
    """So many days from today, as an address says it."""
    return (datetime.now(BRUSSELS).date() + timedelta(days=days)).isoformat()


def plain(name: str) -> str:
    """As somebody types it who has no accents at hand."""
    return name.lower().translate(str.maketrans("éëèçïöô", "eeecioo"))


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until something that fits has the focus."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("(it) => document.activeElement.matches(it)", selector):
            return
    raise AssertionError(f"no way by keyboard to {selector}")


@pytest.mark.parametrize("language", ["fr", "nl"])
def test_amelie_is_found_by_name_and_her_history_told_by_keyboard_alone(
    new_pc: NewPc, cast: Cast, language: str
) -> None:
    words, amelie = WORDS[language], cast.learners[0]
    page = new_pc(language).sign_in("auditor", DEMO_PASSWORD, "/audit")
    tab_to(page, "#text")
    page.keyboard.type("zzzz")
    page.keyboard.press("Enter")
    expect(page.get_by_text(words["nobody"])).to_be_visible()
    tab_to(page, "#text")
    page.keyboard.press("Control+A")
    page.keyboard.type(f"{plain(amelie.family_name)[:5]} {plain(amelie.given_name)[:4]}")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/audit/people/{amelie.person_id}")
    expect(page.get_by_role("heading", level=1)).to_have_text(amelie.name)
    assert plain(amelie.family_name)[:5] not in page.url, "no name in an address"
    expect(page.locator(".badge.status-passed")).to_have_text(words["passed"])
    told = int(re.sub(r"\D", "", page.locator("h2#events").text_content() or ""))
    assert told > 50
    leaning = page.locator("svg[role=img] .link.late").get_attribute("d") or ""
    assert len(re.findall(r"M(\d+) \d+L(?!\1 )", leaning)) >= 3, "what was recorded later leans"
    assert page.locator(".events tr[id]").count() == 50
    tab_to(page, ".events summary")
    page.keyboard.press("Enter")
    opened = page.locator(".events details[open]")
    expect(opened.locator("pre")).to_contain_text("scheduling.person_registered")
    expect(opened.get_by_text(re.compile("^[0-9a-f]{64}$"))).to_be_visible()
    page.get_by_role("link", name=words["next"]).press("Enter")
    done = page.locator(".events tr", has_text=words["completed"])
    expect(done).to_contain_text(words["self"])
    assert page.locator(".events tr[id]").count() == told - 50


@pytest.mark.parametrize("language", ["fr", "nl"])
def test_before_the_late_fact_was_recorded_nobody_knew_it_and_the_page_shows_the_difference(
    new_pc: NewPc, cast: Cast, language: str
) -> None:
    words, never = WORDS[language], cast.learners[2]
    page = new_pc(language, scripts=False).sign_in(
        "auditor", DEMO_PASSWORD, f"/audit/people/{never.person_id}"
    )
    expect(page.locator(".badge.status-overdue")).to_have_text(words["overdue"])
    late = page.locator(".events tr", has_text=DUE_CHANGED)
    expect(late.locator(".badge.late")).to_contain_text(words["late"])
    late.locator("summary").click()
    late.get_by_role("link", name=words["compare"]).click()

    expect(page.get_by_role("heading", name=words["added"])).to_be_visible()
    before, after = page.locator(".sides td").all()
    expect(before.locator(".badge")).to_have_text(words["todo"])
    expect(after.locator(".badge")).to_have_text(words["overdue"])
    assert page.locator(".events tr[id]").count() == 1
    first = page.url.partition("first=")[2].partition("&")[0]

    page.goto(f"/audit/people/{never.person_id}/compare")
    page.locator(".found a").first.click()  # what was recorded late is offered at once
    expect(page.get_by_role("heading", name=words["added"])).to_be_visible()
    page.goto(f"/audit/people/{never.person_id}?known_at={first}")
    expect(page.locator(".badge.status-assigned")).to_have_text(words["todo"])
    assert page.locator(".events tr", has_text=DUE_CHANGED).count() == 0
    page.locator("#known_at").fill("")
    page.locator("#known_at_time").fill("")
    page.get_by_role("button", name=words["show"]).click()
    expect(page.locator(".badge.status-overdue")).to_be_visible()


def test_what_cannot_be_read_or_found_is_told_in_a_sentence(new_pc: NewPc, cast: Cast) -> None:
    pc = new_pc("nl")
    page = pc.sign_in("auditor", DEMO_PASSWORD, "/audit")
    for address, status in (
        (f"/audit/people/{cast.prison}", 404),
        (f"/audit/people/{cast.learners[0].person_id}?as_of=2026-13-45", 422),
        ("/audit/people/somebody", 422),
    ):
        answer = page.goto(address)
        assert answer is not None and answer.status == status, address
        expect(page.get_by_role("alert")).to_be_visible()
    pc.faults.clear()  # the browser notes each refusal


@pytest.mark.parametrize("language", ["fr", "nl"])
def test_a_prison_is_read_as_of_a_day_without_a_way_to_change_it(
    new_pc: NewPc, cast: Cast, language: str
) -> None:
    words, never = WORDS[language], cast.learners[2]
    page = new_pc(language).sign_in("auditor", DEMO_PASSWORD, "/audit")
    for unit in (organisation.unit_id("sud"), cast.prison):
        summary = page.locator(f"summary:has(+ ul > li > a[href='/units/{unit}'])")
        summary.focus()
        page.keyboard.press("Enter")
    page.locator(f"a[href='/units/{cast.prison}']").press("Enter")
    expect(page.locator(".trail a").first).to_have_attribute("href", "/audit")
    assert page.locator("a[href*='/assign'], form[method=post][action^='/units']").count() == 0
    page.goto(f"/units/{cast.prison}/staff?as_of={cast_day(-1)}")
    assert page.locator("input[name=person], main form button:not(.second)").count() == 0
    page.get_by_role("link", name=never.name).press("Enter")
    page.wait_for_url(f"**/audit/people/{never.person_id}?as_of={cast_day(-1)}")
    expect(page.locator(".badge.status-due_soon")).to_be_visible()
    expect(page.get_by_role("button", name=words["show"])).to_be_visible()


@pytest.mark.parametrize(("language", "scripts"), [("fr", True), ("nl", False)], ids=["fr", "nl, no scripts"])
def test_everything_is_rebuilt_before_ones_eyes_and_proved_equal(
    new_pc: NewPc, cast: Cast, language: str, scripts: bool
) -> None:
    words = WORDS[language]
    page = new_pc(language, scripts=scripts).sign_in("auditor", DEMO_PASSWORD, "/audit")
    page.get_by_role("link", name=words["rebuild"]).press("Enter")
    button = page.get_by_role("button", name=words["begin"])
    for _ in range(40):  # another test's rebuild may still be under way
        if button.is_visible():
            break
        page.wait_for_timeout(500)
        page.reload()
    expect(page.locator("select option", has_text="witness")).to_have_count(0)
    button.press("Enter")
    page.wait_for_url("**/audit/rebuild/*-*")
    proved = page.locator("#summary .message.good")
    for _ in range(120):
        if proved.is_visible():
            break
        page.wait_for_timeout(500)
        if not scripts:
            page.reload()
    expect(proved).to_contain_text(words["proved"])
    rows = page.locator(".proofs tbody tr").all()
    assert len(rows) >= 5
    for row in rows:
        live, rebuilt = (each.text_content() for each in row.locator("td code").all())
        assert live == rebuilt and re.fullmatch("[0-9a-f]{64}", live or "")
        meant, name = row.locator("th").inner_text().strip(), row.locator("th code").inner_text()
        assert meant != name, f"nobody is told what {name} is"
        expect(row.locator(".badge.there")).to_be_visible()
    page.get_by_role("link", name=words["rebuild"]).click()
    expect(page.locator("table .badge.there").first).to_be_visible()


def test_a_feed_is_read_to_its_end_and_keeps_what_is_confidential(new_pc: NewPc, cast: Cast) -> None:
    page = new_pc("fr").sign_in("auditor", DEMO_PASSWORD, "/audit/feeds/content")
    key = page.locator("tr", has_text="content.answer_key_deposited").first
    key.locator("summary").press("Enter")
    told = key.locator("pre").text_content() or ""
    assert '"questions": []' in told
    expect(key.get_by_text("restent cachées")).to_be_visible()
    page.goto("/audit/feeds/scheduling")
    seen: list[str] = []
    while True:
        seen += page.locator("tbody td:first-child").all_text_contents()
        later = page.get_by_role("link", name="Suivants")
        if not later.count():
            break
        later.click()
        page.wait_for_url(f"**/audit/feeds/scheduling?after={seen[-1]}")
    assert seen == sorted(seen, key=int) and len(seen) == len(set(seen)) > 100
    page.goto(f"/audit/feeds/scheduling?after={seen[-1]}")
    expect(page.get_by_text("Il n’y a rien après cette position")).to_be_visible()


def test_who_was_looked_for_is_still_there_in_another_language(new_pc: NewPc) -> None:
    page = new_pc("fr").sign_in("auditor", DEMO_PASSWORD, "/audit")
    page.get_by_label(WORDS["fr"]["search"]).fill("be")
    page.get_by_role("button", name="Chercher").click()
    found = page.locator(".found li a").all_inner_texts()
    assert len(found) > 1
    for language in ("nl", "en", "fr"):
        page.locator(f".languages button[value={language}]").click()
        expect(page.locator("html")).to_have_attribute("lang", language)
        assert page.locator(".found li a").all_inner_texts() == found
        assert page.url.endswith("/audit")  # no name in an address
