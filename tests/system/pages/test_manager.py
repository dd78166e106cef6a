"""A personnel manager's day in a browser: who needs attention, why, as of which day, and a course that is assigned."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Locator, Page, expect

from deploy.api import signed_in
from deploy.demo.organisation import PRISON_1, unit_id
from deploy.demo.people import DEMO_PASSWORD
from deploy.demo.story import Cast
from deploy.local.stack import Stack
from gateway.times import BRUSSELS
from tests.support.browser import accessibility_faults
from tests.system.pages.conftest import NewPc

HOSTILE = "<img src=x onerror=alert(1)>"
TABS_MAX = 150
UNIT = f"/units/{PRISON_1}"
WORDS = {
    "fr": {
        "overdue": "En retard",
        "due_soon": "Échéance proche",
        "show": "Afficher",
        "as of": "Situation au",
        "unassigned": "Pas attribué",
        "assign ticked": "Attribuer une formation aux personnes cochées",
        "look": "Vérifier d’abord",
        "no date": "Choisissez une date.",
        "assign": "Attribuer à 1 personne",
        "done": "La formation est attribuée.",
        "to do": "À suivre",
        "closed": "Ceci ne vous est pas accessible",
        "take back": "Retirer l’attribution",
        "leave it": "Laisser l’attribution",
        "taken back": "L’attribution est retirée.",
    },
    "nl": {
        "overdue": "Te laat",
        "due_soon": "Binnenkort te volgen",
        "show": "Tonen",
        "as of": "Toestand op",
        "unassigned": "Niet toegewezen",
        "assign ticked": "Een opleiding toewijzen aan wie is aangevinkt",
        "look": "Eerst nakijken",
        "no date": "Kies een datum.",
        "assign": "Toewijzen aan 1 persoon",
        "done": "De opleiding is toegewezen.",
        "to do": "Te volgen",
        "closed": "Dit is niet voor u toegankelijk",
        "take back": "De toewijzing intrekken",
        "leave it": "De toewijzing laten staan",
        "taken back": "De toewijzing is ingetrokken.",
    },
}
Use = Callable[[Locator], None]


def by_mouse(wanted: Locator) -> None:
    wanted.click()


def by_keyboard(wanted: Locator) -> None:
    tab_to(wanted)
    is_box = wanted.get_attribute("type") == "checkbox"
    wanted.page.keyboard.press("Space" if is_box else "Enter")


def tab_to(wanted: Locator) -> None:
    for _ in range(TABS_MAX):
        wanted.page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"the keyboard never came to {wanted}")


def write_day(page: Page, field: Locator, day: date, use: Use) -> None:
    if use is by_mouse:
        field.fill(day.isoformat())
        return
    tab_to(field)
    page.keyboard.type(f"{day:%m%d%Y}")  # as this browser's own language writes days
    assert field.input_value() == day.isoformat()


def ways(french: Use, dutch: Use) -> pytest.MarkDecorator:
    """In both languages, one of them by keyboard alone."""
    return pytest.mark.parametrize(("language", "use"), [("fr", french), ("nl", dutch)])


languages = pytest.mark.parametrize("language", ["fr", "nl"])


@pytest.fixture(scope="module")
def team(stack: Stack, cast: Cast) -> UUID:
    """A team of its own in the first prison, with people who are called as nobody is."""
    team = uuid4()
    people = {"hostile": (HOSTILE, "Overdue"), "long": ("W" * 200, "W" * 200), "formula": ("=1+1", "=cmd|x")}
    hired = (datetime.now(UTC) - timedelta(days=40)).isoformat()
    commands: list[dict[str, Any]] = [
        {
            "type": "scheduling.create_unit",
            "unit_id": str(team),
            "kind": "team",
            "name": {"fr": f"Équipe {HOSTILE}", "nl": f"Ploeg {HOSTILE}"},
            "parent_id": str(PRISON_1),
        }
    ]
    for key, (given, family) in people.items():
        entry = {
            "person_id": str(uuid4()),
            "given_name": given,
            "family_name": family,
            "staff_number": f"{key}-{team.hex[:6]}",
            "language": "fr",
        }
        commands.append({"type": "scheduling.register_person", "entry": entry, "unit_id": str(team)})
    yesterday = datetime.now(BRUSSELS).date() - timedelta(days=1)
    commands.append(
        {
            "type": "scheduling.assign_course",
            "course": cast.course,
            "due_on": yesterday.isoformat(),
            "person_id": commands[1]["entry"]["person_id"],
        }
    )
    with signed_in(stack.gateway_url, "operator", DEMO_PASSWORD) as operator:
        told = [{"command_id": str(uuid4()), "occurred_at": hired, **command} for command in commands]
        results = operator.post("/organisation/commands", {"commands": told})["results"]
        assert [each["outcome"] for each in results] == ["accepted"] * len(told), results
    with signed_in(stack.gateway_url, "manager.valclair", DEMO_PASSWORD) as manager:
        seen = f"scheduling:{results[-1]['position']}"
        manager.get("/reports/overview", unit=str(team), course=cast.course, at_least=seen)
    return team


@ways(by_mouse, by_keyboard)
def test_the_overdue_are_seen_found_and_explained_and_yesterday_was_another_day(
    new_pc: NewPc, cast: Cast, language: str, use: Use
) -> None:
    words, late = WORDS[language], cast.learners[2]
    page = new_pc(language).sign_in("manager.valclair", DEMO_PASSWORD, "/units")
    page.wait_for_url(f"**{UNIT}")  # one unit only: straight there
    use(page.locator(".legend a[href*='status=overdue']"))
    page.wait_for_url("**/staff?*status=overdue")
    row = page.locator("tr", has=page.locator(f"a[href^='/people/{late.person_id}']"))
    assert words["overdue"] in row.inner_text()
    use(row.locator("a"))
    page.wait_for_url(f"**/people/{late.person_id}*")
    assert page.locator("h1").inner_text() == late.name
    assert late.name in page.title() and late.family_name not in page.url
    card = page.locator("main section").first
    assert words["overdue"] in card.inner_text()
    assert card.locator("ol li").count() == 2  # the due date was given, and changed

    yesterday = datetime.now(BRUSSELS).date() - timedelta(days=1)
    write_day(page, page.get_by_label(words["as of"]), yesterday, use)
    use(page.get_by_role("button", name=words["show"]))
    page.wait_for_url(f"**as_of={yesterday}*")
    assert words["due_soon"] in page.locator("main section").first.inner_text()
    use(page.locator("nav.trail a").first)  # the day goes along
    page.wait_for_url(f"**{UNIT}?*as_of={yesterday}*")
    assert page.locator(".legend a[href*='status=overdue']").count() == 0


@ways(by_keyboard, by_mouse)
def test_a_course_is_assigned_to_somebody_and_shows_at_once(
    stack: Stack, new_pc: NewPc, cast: Cast, language: str, use: Use
) -> None:
    words, newcomer = WORDS[language], uuid4()
    number = f"N{newcomer.hex[:8]}"
    with signed_in(stack.gateway_url, "operator", DEMO_PASSWORD) as operator:
        entry = {
            "person_id": str(newcomer),
            "given_name": "Zoé",
            "family_name": f"Nieuwkomer {number}",
            "staff_number": number,
            "language": "fr",
        }
        hired = {
            "command_id": str(uuid4()),
            "occurred_at": datetime.now(UTC).isoformat(),
            "type": "scheduling.register_person",
            "entry": entry,
            "unit_id": str(unit_id("val-clair-a")),
        }
        told = operator.post("/organisation/commands", {"commands": [hired]})["results"][0]
    pc = new_pc(language)
    page = pc.sign_in(
        "manager.valclair", DEMO_PASSWORD, f"{UNIT}/staff?position={told['position']}%26called=zoe {number}"
    )
    row = page.locator("tbody tr")
    assert row.count() == 1 and words["unassigned"] in row.inner_text()
    use(row.locator("input"))
    use(page.get_by_role("button", name=words["assign ticked"]))
    use(page.get_by_role("button", name=words["look"]))
    error = page.locator("#due_on-error")
    assert words["no date"] in error.inner_text()
    assert "due_on-error" in (page.locator("#due_on").get_attribute("aria-describedby") or "")
    due = datetime.now(BRUSSELS).date() + timedelta(days=90)
    write_day(page, page.locator("#due_on"), due, use)
    use(page.get_by_role("button", name=words["look"]))
    assert f"Nieuwkomer {number}" in page.locator("dl.facts").inner_text()
    use(page.get_by_role("button", name=words["assign"]))
    page.wait_for_url(f"**/people/{newcomer}*done=assigned*")
    assert words["done"] in page.get_by_role("status").inner_text()
    assert words["to do"] in page.locator(".badge").inner_text()
    page.go_back()
    page.get_by_role("button", name=words["assign"]).click()  # sent again: done once
    page.wait_for_url(f"**/people/{newcomer}*done=assigned*")
    assert page.locator("details tbody tr").count() == 1
    pc.faults.clear()  # the browser notes the 422

    use(page.get_by_role("link", name=words["take back"]))
    assert f"Nieuwkomer {number}" in page.locator("dl.facts").inner_text()
    use(page.get_by_role("link", name=words["leave it"]))
    assert words["to do"] in page.locator(".badge").inner_text()
    use(page.get_by_role("link", name=words["take back"]))
    use(page.get_by_role("button", name=words["take back"]))
    page.wait_for_url(f"**/people/{newcomer}*done=taken-back*")
    assert words["taken back"] in page.get_by_role("status").inner_text()
    assert page.locator(".badge").count() == 0  # nothing is due, and nothing was begun


def test_a_course_is_assigned_to_a_unit(new_pc: NewPc, team: UUID) -> None:
    page = new_pc("nl").sign_in("manager.valclair", DEMO_PASSWORD, f"/units/{team}")
    page.get_by_role("link", name="Een opleiding toewijzen").click()
    due = datetime.now(BRUSSELS).date() + timedelta(days=200)
    page.locator("#due_on").fill(due.isoformat())
    page.get_by_role("button", name="Eerst nakijken").click()
    assert f"3 personen – Ploeg {HOSTILE}" in page.locator("dl.facts").inner_text()
    page.get_by_role("button", name="Toewijzen aan 3 personen").click()
    page.get_by_role("status").wait_for()
    assert page.locator(".legend a[href*='status=assigned']").inner_text().startswith("3")


def test_names_are_shown_as_text_on_every_page(new_pc: NewPc, team: UUID) -> None:
    pc = new_pc("fr")
    page = pc.sign_in("manager.valclair", DEMO_PASSWORD, f"/units/{team}/staff")
    page.set_viewport_size({"width": 320, "height": 640})
    people = [str(box.get_attribute("value")) for box in page.locator("tbody input").all()]
    ticked = "&".join(f"person={person}" for person in people)
    everybody = "everybody=true&due_on=2190-01-01"
    for path in (
        f"/units/{team}",
        f"/units/{PRISON_1}",
        f"/units/{team}/staff",
        *(f"/people/{person}" for person in people),
        f"/units/{team}/assign?{ticked}",
        f"/units/{team}/assign?{everybody}",
        f"/units/{team}/assign/check?{ticked}&due_on=2190-01-01",
        f"/units/{team}/assign/check?{everybody}",
    ):
        page.goto(path)
        assert page.locator("main img").count() == 0
        assert HOSTILE in page.locator("body").inner_text(), path
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
    assert accessibility_faults(page) == []  # names as long as these fit, too


def test_the_export_holds_what_the_page_shows_and_no_formula(new_pc: NewPc, team: UUID) -> None:
    page = new_pc("nl").sign_in("manager.valclair", DEMO_PASSWORD, f"/units/{team}/staff")
    shown = [
        [cell.strip() for cell in row.locator("th, td").all_inner_texts()]
        for row in page.locator("tbody tr").all()
    ]
    with page.expect_download() as download:
        page.get_by_role("link", name="Exporteren (CSV)").click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    _, *told, _, _, made_of = csv.reader(io.StringIO(text), delimiter=";")
    assert [f"{given} {family}" for family, given, *_ in told] == [
        name.replace("=1+1 =cmd|x", "'=1+1 '=cmd|x") for _, name, *_ in shown
    ]
    assert [number for _, _, number, *_ in told] == [row[-1] for row in shown]
    assert [status for _, _, _, _, status, *_ in told] == [row[2].casefold() for row in shown]
    with page.expect_download() as download:
        page.get_by_role("link", name="Exporteren (Excel)").click()
    assert download.value.suggested_filename.endswith(".xlsx")
    sheet, about = load_workbook(io.BytesIO(download.value.path().read_bytes())).worksheets
    lines = [["" if cell is None else str(cell) for cell in line] for line in sheet.values][1:]
    # A sheet has no need of the mark that keeps a text from being a formula in CSV.
    assert [line[:5] for line in lines] == [[cell.replace("'=", "=") for cell in line[:5]] for line in told]
    assert "f" not in {cell.data_type for row in sheet.iter_rows() for cell in row}
    # Each file was made at its own moment.
    assert [value or "" for _, value in about.values][:5] == made_of[:5]
    page.locator(".filters a").last.click()
    address = page.get_by_role("link", name="Exporteren (CSV)").get_attribute("href") or ""
    assert "status=" in address and str(team) in address


@languages
def test_the_manager_of_another_prison_is_shown_nothing(new_pc: NewPc, cast: Cast, language: str) -> None:
    pc = new_pc(language)
    page = pc.sign_in("manager.westerdreef", DEMO_PASSWORD, "/units")
    assert page.url.endswith(str(unit_id("westerdreef")))
    person = cast.learners[2].person_id
    take_back = f"/people/{person}/courses/{cast.course}/take-back"
    for path in (UNIT, f"{UNIT}/staff", f"{UNIT}/assign?everybody=true", f"/people/{person}", take_back):
        answer = page.goto(path)
        assert answer and answer.status == 403, path
        assert page.locator("h1").inner_text() == WORDS[language]["closed"]
        assert cast.learners[2].family_name not in page.content()
    pc.faults.clear()  # the browser notes each 403


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_everybody_of_a_page_is_ticked_at_once_and_nobody_again(
    new_pc: NewPc, cast: Cast, scripts: bool
) -> None:
    page = new_pc("nl", scripts=scripts).sign_in("manager.valclair", DEMO_PASSWORD, f"{UNIT}/staff")
    people = page.locator(".staff input[type=checkbox]").count()
    assert people > 1
    page.get_by_role("link", name="Iedereen op deze pagina aanvinken").click()
    ticked = page.locator(".staff input:checked")
    expect(ticked).to_have_count(people)
    assert ("ticked=all" in page.url) is not scripts
    page.get_by_role("link", name="Niemand aanvinken").click()
    expect(ticked).to_have_count(0)
    page.get_by_role("link", name="Iedereen op deze pagina aanvinken").click()
    page.get_by_role("button", name="aan wie is aangevinkt").click()
    page.wait_for_url("**/assign?*")
    assert page.url.count("person=") == people
