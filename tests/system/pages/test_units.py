"""An operator builds a unit, appoints for it, names a deputy, and closes it again; the deputy sees it meanwhile.

The unit is one of its own below Elzenhove, since other tests look at the others.
"""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Page

from deploy.api import signed_in
from deploy.demo import organisation
from deploy.demo.load import open_account
from deploy.demo.people import DEMO_PASSWORD
from deploy.local.stack import Stack
from gateway.times import BRUSSELS
from services.backbone.clock import utc_now
from services.contracts.access import Role
from tests.support.browser import accessibility_faults
from tests.system.pages.conftest import NewPc
from tests.system.pages.test_duties import told

ELZENHOVE = organisation.unit_id("elzenhove")
WORDS = {
    "fr": {
        "add": "Ajouter une unité en dessous",
        "added": "L’unité a été ajoutée.",
        "appoint": "Nommer une personne responsable",
        "who": "Cherchez une personne, puis choisissez-la.",
        "appointed": "La personne responsable est nommée.",
        "deputy": "Désigner un remplacement",
        "order": "Le dernier jour précède le premier.",
        "named": "Le remplacement est désigné.",
        "for": "remplace",
        "end": "Terminer",
        "ended": "Le remplacement prend fin.",
        "rename": "Renommer",
        "renamed": "L’unité porte son nouveau nom.",
        "close": "Fermer l’unité",
        "closed": "L’unité est fermée.",
        "taken": "Une autre unité porte déjà le code",
    },
    "nl": {
        "add": "Een eenheid eronder toevoegen",
        "added": "De eenheid werd toegevoegd.",
        "appoint": "Een verantwoordelijke aanstellen",
        "who": "Zoek iemand en kies.",
        "appointed": "De verantwoordelijke is aangesteld.",
        "deputy": "Een vervanging aanduiden",
        "order": "De laatste dag valt voor de eerste.",
        "named": "De vervanging is aangeduid.",
        "for": "vervangt",
        "end": "Beëindigen",
        "ended": "De vervanging eindigt.",
        "rename": "Hernoemen",
        "renamed": "De eenheid heeft haar nieuwe naam.",
        "close": "De eenheid sluiten",
        "closed": "De eenheid is gesloten.",
        "taken": "Een andere eenheid heeft de code",
    },
}


def joined(stack: Stack, name: str) -> UUID:
    """Somebody new at Elzenhove, with a manager's account called by their id."""
    person_id = uuid4()
    entry = {
        "person_id": str(person_id),
        "given_name": "Noa",
        "family_name": name,
        "staff_number": person_id.hex[:8],
        "language": "nl",
    }
    joining = told(type="scheduling.register_person", entry=entry, unit_id=str(ELZENHOVE))
    with signed_in(stack.gateway_url, "operator", DEMO_PASSWORD) as operator:
        operator.post("/organisation/commands", {"commands": [joining]})
    open_account(stack, str(person_id), person_id, [Role.MANAGER])
    return person_id


def choose(page: Page, name: str, person_id: UUID) -> None:
    """Search for somebody by name, which stands in no address, and choose them."""
    for _ in range(50):  # reports may not have heard of them yet
        page.fill("#find", name)
        page.locator("button[name=step]").click()
        if page.locator(f"input[name=person][value='{person_id}']").count():
            break
        page.wait_for_timeout(200)
    assert name not in page.url
    page.check(f"input[name=person][value='{person_id}']")


def units_of(stack: Stack, person_id: UUID) -> set[str]:
    with signed_in(stack.gateway_url, str(person_id), DEMO_PASSWORD) as manager:
        return {unit["name"]["fr"] for unit in manager.get("/units")["units"]}


@pytest.mark.parametrize(("language", "scripts"), [("fr", True), ("nl", False)])
def test_a_unit_is_built_answered_for_by_a_manager_and_a_deputy_and_closed(
    stack: Stack, new_pc: NewPc, language: str, scripts: bool
) -> None:
    words, mark = WORDS[language], uuid4().hex[:6]
    manager, deputy = joined(stack, f"Baas{mark}"), joined(stack, f"Plaats{mark}")
    pc = new_pc(language, scripts=scripts)
    pc.sign_in("operator", DEMO_PASSWORD, f"/operations/units/{ELZENHOVE}")
    page = pc.page
    page.get_by_role("link", name=words["add"]).click()
    page.fill("#name_fr", f"Cuisine {mark}")
    page.fill("#name_nl", f"Keuken {mark}")
    page.locator("main .actions button").last.click()
    page.get_by_text(words["added"]).wait_for()
    page.locator(".below").get_by_text(mark).click()
    here = page.url.partition("?")[0]
    page.goto(f"{here}/code")
    page.fill("#code", "val-clair")
    page.locator("main .actions button").last.click()
    page.get_by_text(words["taken"]).wait_for()
    page.fill("#code", f"K-{mark}")
    page.locator("main .actions button").last.click()
    page.get_by_text(f"K-{mark}").first.wait_for()

    page.get_by_role("link", name=words["appoint"]).click()
    page.locator("main .actions button").last.click()
    page.get_by_text(words["who"]).wait_for()
    choose(page, f"Baas{mark}", manager)
    page.locator("main .actions button").last.click()
    page.get_by_text(words["appointed"]).wait_for()
    assert f"Cuisine {mark}" in units_of(stack, manager)
    assert units_of(stack, deputy) == set()

    page.get_by_role("link", name=words["deputy"]).click()
    choose(page, f"Plaats{mark}", deputy)
    today = utc_now().astimezone(BRUSSELS).date()
    page.fill("#until_on", str(today - timedelta(days=1)))
    page.locator("main .actions button").last.click()
    page.get_by_text(words["order"]).wait_for()
    if scripts:
        assert accessibility_faults(page) == []
    page.fill("#until_on", str(today + timedelta(days=14)))
    page.locator("main .actions button").last.click()
    page.get_by_text(words["named"]).wait_for()
    page.get_by_text(words["for"]).first.wait_for()
    assert units_of(stack, deputy) == {f"Cuisine {mark}"}
    if scripts:
        assert accessibility_faults(page) == []

    page.locator("table a[href*='end-deputy']").click()
    page.locator("main .actions button").last.click()
    page.get_by_text(words["ended"]).wait_for()
    assert units_of(stack, deputy) == set()

    page.get_by_role("link", name=words["rename"]).click()
    page.fill("#name_fr", f"Cantine {mark}")
    page.locator("main .actions button").last.click()
    page.get_by_text(words["renamed"]).wait_for()
    assert units_of(stack, manager) == {f"Cantine {mark}"}

    page.get_by_role("link", name=words["close"]).click()
    page.locator("main .actions button").last.click()
    page.get_by_text(words["closed"]).first.wait_for()
    assert page.locator("a[href$='/appoint']").count() == 0
    assert units_of(stack, manager) == set()
    page.goto("/operations/units")
    assert f"{mark}" not in page.locator("main").inner_text()
    page.goto(f"{here}?as_of={today - timedelta(days=1)}")
    pc.faults.clear()  # the browser notes the refusals


def test_a_unit_with_people_is_not_closed_and_says_what_to_do(new_pc: NewPc) -> None:
    pc = new_pc("en")
    pc.sign_in("operator", DEMO_PASSWORD, f"/operations/units/{ELZENHOVE}/close")
    assert "This unit is not empty." in pc.page.locator("main").inner_text()
    assert pc.page.locator("main form").count() == 0


@pytest.mark.parametrize("language", ["fr", "nl", "en"])
def test_every_form_about_a_unit_is_accessible_and_fits_a_narrow_screen(new_pc: NewPc, language: str) -> None:
    pc = new_pc(language)
    page = pc.page
    pc.sign_in("operator", DEMO_PASSWORD, f"/operations/units/{ELZENHOVE}")
    relieve = page.locator("table a[href*='/relieve']").first.get_attribute("href")
    found = []
    for change in ("appoint", "deputy", "add", "rename", "move", "code", "close", relieve):
        page.goto(change if change == relieve else f"/operations/units/{ELZENHOVE}/{change}")
        found += [f"{change}: {fault}" for fault in accessibility_faults(page)]
        page.set_viewport_size({"width": 320, "height": 640})
        if page.evaluate("document.documentElement.scrollWidth") > 320:
            found.append(f"{change}: wider than the screen")
        page.set_viewport_size({"width": 1280, "height": 720})
    assert found == []
