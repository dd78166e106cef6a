"""A training centre in a browser: send a folder, mend it, publish it, look at it, learn from answers, withdraw it."""

import re
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from deploy.api import Person
from deploy.demo.people import DEMO_PASSWORD
from deploy.demo.story import Cast
from deploy.demo.walk import Walk
from deploy.local.stack import Stack
from services.content.source import zip_folder
from services.contracts.progress import record_id_of
from tests.support.browser import accessibility_faults
from tests.system.pages.conftest import NewPc
from tests.unit.content.folder import change, write_course

FIRST_ATTEMPTS = 6
"""Enough for figures to be shown."""


class Folder:
    """A course folder of the test's own, under a name that nobody else uses."""

    def __init__(self, path: Path) -> None:
        self.name = f"small-{uuid4().hex[:8]}"
        self.path = write_course(path / "folder")
        change(self.path, "course.yaml", "course: small", f"course: {self.name}")
        change(self.path, "course.yaml", "attempts_allowed: 3", "attempts_allowed: 20")

    def zip(self) -> Path:
        packed = self.path.with_suffix(".zip")
        zip_folder(self.path, packed)
        return packed

    def at(self, path: str) -> str:
        return f"/courses/{self.name}/versions/1{path}"


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def send(page: Page, packed: Path) -> None:
    page.locator("#course").set_input_files(packed)
    page.locator("form[data-upload] .actions button").click()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_faults_are_listed_then_the_mended_folder_is_published_once(
    new_pc: NewPc, folder: Folder, scripts: bool
) -> None:
    pc = new_pc("fr", scripts=scripts)
    page = pc.sign_in("centre.sud", DEMO_PASSWORD, "/courses")
    change(folder.path, "course.yaml", "minutes: 20", "minutes: vingt")
    send(page, folder.zip())
    expect(page.get_by_role("heading", level=1)).to_have_text("Il y a quelque chose à corriger")
    row = page.get_by_role("row").filter(has_text="course.yaml").first
    expect(row.get_by_role("cell").nth(1)).to_have_text(re.compile(r"\d+"))
    if scripts:
        assert accessibility_faults(page) == []
    pc.faults.clear()  # the browser notes the 422

    change(folder.path, "course.yaml", "minutes: vingt", "minutes: 20")
    send(page, folder.zip())
    page.wait_for_url("**/courses/uploads/*")
    expect(page.get_by_text("Ce dossier est en ordre.")).to_be_visible()
    if scripts:
        assert accessibility_faults(page) == []
    page.get_by_role("button", name="Publier comme version 1").click()
    page.wait_for_url(f"**{folder.at('?done=published')}")
    expect(page.get_by_text("Publié comme version 1.")).to_be_visible()
    page.goto("/courses")
    send(page, folder.zip())
    page.wait_for_url(f"**{folder.at('?done=same')}")
    expect(page.get_by_text("Ce dossier a déjà été publié : c’est la version 1.")).to_be_visible()

    (packed := folder.path.with_suffix(".txt")).write_text("no zip at all")
    page.goto("/courses")
    send(page, packed)
    expect(page.get_by_text("Ce fichier n’est pas un zip.")).to_be_visible()
    pc.faults.clear()


def test_published_previewed_and_withdrawn_by_keyboard_alone(new_pc: NewPc, folder: Folder) -> None:
    page = new_pc("nl").sign_in("centre.noord", DEMO_PASSWORD, "/courses")
    page.on(
        "filechooser", lambda _: None
    )  # asked for well before it opens: the browser is told in its own time
    to(page, "#course")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(folder.zip())
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/courses/uploads/*")
    checked = page.url
    to(page, "a[href$='/preview/introduction/welcome']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/courses/uploads/*/preview/introduction/welcome")
    page.goto(f"{checked}/questions")
    expect(page.locator("#q2 [lang=nl] li")).to_have_text(["Een", "Twee", "Drie"])
    assert accessibility_faults(page) == []
    assert page.request.get(f"/courses/{folder.name}").status == 404, "nothing is published by looking"
    page.goto(checked)
    to(page, "main form[method=post] button")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{folder.at('?done=published')}")
    to(page, "a[href$='/preview/introduction/welcome']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/versions/1/preview/introduction/welcome")
    for title in ("film", "practice"):
        to(page, "main a[rel=next]")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/preview/introduction/{title}")
    expect(page.locator("#fr-exercise button[name=check]")).to_have_text("Vérifier")
    expect(page.locator("#nl-exercise button[name=check]")).to_have_text("Nakijken")
    to(page, "#nl-exercise input")
    page.keyboard.press("Space")
    to(page, "#nl-exercise button")
    page.keyboard.press("Enter")
    expect(page.locator("#nl-exercise [data-verdict]")).to_contain_text("Dat is juist.")

    page.goto(folder.at(""))
    to(page, f"a[href='{folder.at('/withdraw')}']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/withdraw")
    to(page, "#reason")
    page.keyboard.type("Een fout in deel 1")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{folder.at('?done=withdrawn')}")
    expect(page.locator(".badge.withdrawn")).to_have_text("Ingetrokken")
    page.goto(f"/courses/{folder.name}")
    expect(page.get_by_text("Een fout in deel 1")).to_be_visible()
    page.goto("/courses")
    expect(page.get_by_text("Een fout in deel 1")).to_be_visible()


def to(page: Page, selector: str) -> None:
    """Move there with the Tab key, as far as it takes."""
    wanted = page.locator(selector).first
    for _ in range(80):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {selector}")


def publish(stack: Stack, folder: Folder) -> Person:
    centre = Person(stack.gateway_url, "centre.sud", DEMO_PASSWORD)
    centre.upload("/courses", folder.zip().read_bytes(), "application/zip")
    return centre


def test_a_page_stands_in_both_languages_side_by_side_or_one_below_the_other(
    stack: Stack, new_pc: NewPc, folder: Folder
) -> None:
    publish(stack, folder)
    pc = new_pc("en")
    page = pc.sign_in("centre.sud", DEMO_PASSWORD, "/courses")
    page.goto(folder.at("/preview/introduction/welcome"))
    french, dutch = page.locator("article[lang=fr]"), page.locator("article[lang=nl]")
    expect(french).to_contain_text("Texte.")
    expect(dutch).to_contain_text("Tekst.")
    left, right = french.bounding_box(), dutch.bounding_box()
    assert left and right and left["y"] == right["y"] and left["x"] + left["width"] <= right["x"]
    page.set_viewport_size({"width": 320, "height": 640})
    above, below = french.bounding_box(), dutch.bounding_box()
    assert above and below and above["x"] == below["x"] and above["y"] + above["height"] <= below["y"]

    page.goto(folder.at("/questions"))
    card = page.locator("#q2")
    expect(card.locator("[lang=fr] li")).to_have_text(["Un", "Deux", "Trois"])
    expect(card.locator("[lang=nl] li")).to_have_text(["Een", "Twee", "Drie"])
    assert "Voilà" not in page.content(), "explanations would tell what is right"
    page.goto(folder.at("/preview/introduction/nowhere"), wait_until="commit")
    expect(page.get_by_role("heading", level=1)).to_have_text("This page is not there")
    pc.faults.clear()  # the browser notes the 404


def test_questions_that_are_hard_in_one_language_stand_out_and_nobody_is_named(
    stack: Stack, new_pc: NewPc, folder: Folder, cast: Cast
) -> None:
    centre = publish(stack, folder)
    pc = new_pc("fr")
    page = pc.sign_in("centre.sud", DEMO_PASSWORD, "/courses")
    page.goto(folder.at("/results"))
    expect(page.get_by_text("Il n’y a pas encore de chiffres")).to_be_visible()

    never = cast.learners[2]
    walk = Walk(Person(stack.gateway_url, never.user_name, DEMO_PASSWORD), never.person_id, folder.name, "fr")
    for period in range(1, 2 * FIRST_ATTEMPTS + 1):  # q1: always wrong in French, always right in Dutch
        walk.language, chosen = ("fr", ["b"]) if period <= FIRST_ATTEMPTS else ("nl", ["a"])
        walk.record_id, walk.session_id = record_id_of(never.person_id, folder.name, period), uuid4()
        opening = {"course": folder.name, "period": period, "language": walk.language}
        walk._send({**walk._command("progress.open_record"), **opening})
        walk.sit_down()
        walk.follow(walk.modules[0])
        for answers in ({"q1": chosen, "q2": []}, {"q1": ["b"], "q2": []}):  # the second try counts nowhere
            quiz = walk.begin_test()
            walk._send(walk._step("progress.submit_quiz", attempt=quiz["attempt"], answers=answers))
    told = centre.get(f"{folder.at('/results')}", at_least=f"progress:{walk.position}")["results"]
    assert [(each["question"], each["language"], each["asked"], each["wrong"]) for each in told] == [
        ("q1", "fr", 6, 6),
        ("q1", "nl", 6, 0),
        ("q2", "fr", 6, 6),
        ("q2", "nl", 6, 6),
    ]

    page.reload()
    rows = page.locator("table.difficulty tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.nth(0)).to_contain_text("6 fausses sur 6")
    expect(rows.nth(1)).to_contain_text("Vérifiez la traduction")
    expect(rows.nth(1)).to_contain_text("Français")
    expect(rows.nth(0)).not_to_contain_text("Vérifiez la traduction")
    assert never.family_name not in page.content() and str(never.person_id) not in page.content()
