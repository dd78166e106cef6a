"""Learners in front of a PC: the course from its first page to its result, by mouse, by keys alone, without scripts."""

from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import yaml
from playwright.sync_api import Locator, Page, expect

from deploy.api import Person
from deploy.demo.load import open_account
from deploy.demo.people import DEMO_PASSWORD
from deploy.demo.story import Cast
from deploy.demo.walk import COURSE_FOLDER, Walk
from deploy.local.stack import Stack
from services.contracts.access import Role
from services.contracts.progress import record_id_of
from tests.support.browser import Keys, Pc, accessibility_faults
from tests.system.pages.conftest import NewPc

COURSE = "recognising-radicalisation"
POOL = yaml.safe_load((COURSE_FOLDER / "questions.yaml").read_text(encoding="utf-8"))["questions"]
RIGHT = {q["id"]: [o["id"] for o in q["options"] if o.get("right")] for q in POOL}


class Learner:
    """Somebody new, with an account; what the API says of their record."""

    def __init__(self, stack: Stack, language: str = "fr") -> None:
        self.person_id = uuid4()
        self.user = f"learner-{self.person_id.hex[:8]}"
        open_account(stack, self.user, self.person_id, [Role.LEARNER])
        self.api = Person(stack.gateway_url, self.user, DEMO_PASSWORD)
        self.record_id = record_id_of(self.person_id, COURSE)
        self.root = f"/learn/{self.record_id}"
        self.walk = Walk(self.api, self.person_id, COURSE, language)

    @property
    def record(self) -> dict[str, Any]:
        found: dict[str, Any] = self.walk.view()
        return found

    def begin(self) -> "Learner":
        """Open the record; the first sitting is on a PC that nobody looks at."""
        self.walk.open(datetime.now(UTC) - timedelta(minutes=1))
        return self

    def ready_for_the_test(self) -> "Learner":
        self.begin()
        for part in self.walk.modules:
            self.walk.follow(part)
        return self

    def sit(self, pc: Pc, path: str = "") -> Page:
        """Sign in at a PC, and go on there."""
        page = pc.sign_in(self.user, DEMO_PASSWORD, self.root + path)
        with turned(page):
            page.locator("main form[data-steps] button.big").click()
        self.walk.session_id = self.record["session_id"]
        return page


@pytest.fixture
def learner(stack: Stack) -> Learner:
    return Learner(stack)


def turned(page: Page) -> AbstractContextManager[object]:
    """What is done inside leads to another page, and that one is there."""
    return page.expect_navigation()


def onward(page: Page) -> Locator:
    """The button that leads on: in a page of the course, or between two parts."""
    return page.locator(".onward form button, .onward a[rel=next], .next-step .button.big").first


def answer(page: Page, *, right: bool) -> None:
    """Every question, or every second one."""
    for n, question in enumerate(page.locator(".questions > li").all()):
        name = question.get_attribute("id") or ""
        for option in RIGHT[name] if right or n % 2 else ():
            question.locator(f"input[value={option}]").check()


def heading(page: Page) -> str:
    return page.locator("h1").inner_text()


# --- the whole course ---------------------------------------------------------------------------


def test_the_whole_course_by_mouse(new_pc: NewPc, learner: Learner) -> None:
    page = new_pc("fr").page
    page.goto("/sign-in")
    page.locator("#user").fill(learner.user)
    page.locator("#password").fill(DEMO_PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    page.get_by_role("link", name="Reconnaître la radicalisation des détenus").click()
    assert "80 % doivent être justes" in page.locator("main").inner_text()
    with turned(page):
        page.get_by_role("button", name="Commencer la formation").click()
    finished = []
    while not page.url.endswith("/test"):
        if "?done=" in page.url:
            finished.append(page.url.split("=")[1])
            assert f"partie {len(finished)} sur 8" in page.locator(".message").inner_text()
            pause = page.get_by_role("button", name="M’arrêter pour aujourd’hui")
            assert pause.count() == (1 if len(finished) == 4 else 0)
        with turned(page):
            onward(page).click()
    assert finished == [part.id for part in learner.walk.modules]

    for right in (False, True):
        with turned(page):
            page.get_by_role("button", name="Commencer le test").click()
        answer(page, right=right)
        with turned(page):
            page.get_by_role("button", name="Revoir mes réponses").click()
        said = "Chaque question a une réponse." if right else "5 questions n’ont pas de réponse."
        page.get_by_text(said).wait_for()
        with turned(page):
            handing_in = "Remettre mes réponses" if right else "Remettre sans 5 réponses"
            page.get_by_role("button", name=handing_in).click()
        page.wait_for_url(f"**{learner.root}/result")
        if not right:
            assert heading(page) == "Pas encore réussi"
            assert page.locator(".missed").count() == 5
            with turned(page):
                page.get_by_role("link", name="Réessayer").click()
    assert heading(page) == "C’est réussi. Félicitations !"
    assert page.locator(".missed").count() == 0
    record = learner.record
    assert record["completed_at"] and record["last_attempt"]["attempt"] == 2
    read = record["checkpoints_reached"]
    assert {part: len(pages) for part, pages in read.items()} == {
        part.id: len(part.pages) for part in learner.walk._parts
    }
    with turned(page):
        page.get_by_role("link", name="Vers ma formation").click()
    assert "terminée le" in page.locator("main").inner_text()


def test_without_scripts_one_reads_tries_and_is_tested(new_pc: NewPc, learner: Learner) -> None:
    page = learner.begin().sit(new_pc("nl", scripts=False))
    part = learner.walk.modules[0]
    for _ in part.pages:
        onward(page).click()
    page.wait_for_url(f"**{learner.root}?done={part.id}")
    assert learner.record["modules_completed"] == [part.id]
    for module in learner.walk.modules[1:]:
        learner.walk.follow(module)
    page.goto(f"{learner.root}/indicators/exercise-case")
    page.get_by_label("Feiten en woorden noteren").or_(page.get_by_label("Noter les faits")).check()
    page.get_by_role("button", name="Nakijken").click()
    assert "Dat is juist" in page.get_by_role("status").inner_text()
    page.goto(f"{learner.root}/test")
    page.get_by_role("button", name="De test beginnen").click()
    answer(page, right=True)
    page.get_by_role("button", name="Mijn antwoorden nakijken").click()
    page.get_by_role("button", name="Indienen").click()
    page.wait_for_url(f"**{learner.root}/result")
    assert heading(page) == "Geslaagd. Proficiat!"
    page.get_by_role("link", name="Naar mijn opleiding").click()
    assert page.get_by_role("link", name="Certificaat").count() == 1


# --- by keys alone ------------------------------------------------------------------------------


def test_the_course_by_keys_alone(new_pc: NewPc, learner: Learner) -> None:
    page = new_pc("nl").sign_in(learner.user, DEMO_PASSWORD, f"/training/{COURSE}")
    keys = Keys(page)
    with turned(page):
        keys.press(page.get_by_role("button", name="De opleiding beginnen"))
    part = learner.walk.modules[0]
    for _ in part.pages:
        with turned(page):
            keys.press(page.locator(".onward form button"))
    assert learner.record["modules_completed"] == [part.id]
    assert learner.record["completed_in"] == {part.id: "nl"}
    with turned(page):
        keys.press(page.get_by_role("link", name="Verder", exact=True))
    assert f"/{learner.walk.modules[1].id}/" in page.url


def test_the_test_by_keys_alone(new_pc: NewPc, learner: Learner) -> None:
    page = learner.ready_for_the_test().sit(new_pc("nl"))
    page.goto(f"{learner.root}/test")
    keys = Keys(page)
    with turned(page):
        keys.press(page.get_by_role("button", name="De test beginnen"))
    for question in page.locator(".questions > li").all():
        right = RIGHT[question.get_attribute("id") or ""]
        if question.locator("input[type=radio]").count():
            keys.choose(question, right[0])
            continue
        for option in right:
            keys.to(question.locator(f"input[value={option}]"))
            page.keyboard.press("Space")
    with turned(page):
        page.keyboard.press("Enter")  # from within a choice: to look at them again, and nowhere else
    assert learner.record["quiz"] and learner.record["language"] == "fr"
    page.get_by_text("Elke vraag heeft een antwoord.").wait_for()
    with turned(page):
        keys.press(page.get_by_role("link", name="Terug naar de vragen"))
    with turned(page):
        keys.press(page.get_by_role("button", name="Mijn antwoorden nakijken"))
    page.get_by_text("Elke vraag heeft een antwoord.").wait_for()
    with turned(page):
        keys.press(page.get_by_role("button", name="Indienen"))
    page.wait_for_url(f"**{learner.root}/result")
    assert learner.record["completed_at"]


# --- languages, PCs, ends ------------------------------------------------------------------------


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_the_language_of_the_course_changes_in_place(new_pc: NewPc, learner: Learner, scripts: bool) -> None:
    page = learner.begin().sit(new_pc("fr", scripts=scripts))
    page.wait_for_url("**/introduction/welcome")
    assert heading(page) == "Bienvenue"
    page.get_by_role("button", name="Nederlands", exact=True).click()
    page.locator("h1", has_text="Welkom").wait_for()
    assert page.url.endswith("/introduction/welcome")
    assert page.locator("html").get_attribute("lang") == "fr", "the pages around it stay"
    assert learner.record["language"] == "nl"
    page.get_by_role("button", name="English (en)").click()
    page.locator("html[lang=en]").wait_for()
    assert heading(page) == "Welkom" and learner.record["language"] == "nl"


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_answers_survive_another_language_and_a_reload(
    new_pc: NewPc, learner: Learner, scripts: bool
) -> None:
    page = learner.ready_for_the_test().sit(new_pc("fr", scripts=scripts))
    page.goto(f"{learner.root}/test")
    page.get_by_role("button", name="Commencer le test").click()
    question = page.locator(".questions > li").first
    text = question.locator("legend").inner_text()
    question.locator("input").nth(1).check()
    page.get_by_role("button", name="Nederlands", exact=True).click()
    page.locator(".questions legend").first.filter(has_not_text=text).wait_for()
    assert learner.record["language"] == "nl"
    expect(question.locator("input").nth(1)).to_be_checked()
    page.reload()
    expect(question.locator("input:checked")).to_have_count(1)
    page.get_by_role("button", name="Revoir mes réponses").click()
    page.get_by_role("button", name="Français", exact=True).click()
    expect(page.locator(".answers h2").first).to_have_attribute("lang", "fr")
    assert learner.record["language"] == "fr"
    expect(page.locator(".answers .given")).to_have_count(1)
    page.get_by_role("button", name="English (en)").click()
    page.locator("html[lang=en]").wait_for()
    expect(page.locator(".answers .given")).to_have_count(1)
    if scripts:
        assert "answer-" not in page.url, "the history of a shared PC shows no answers"
    page.get_by_role("link", name="Back to the questions").click()
    question.locator("input:checked").wait_for()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_an_answer_survives_another_language_in_the_middle_of_an_exercise(
    new_pc: NewPc, learner: Learner, scripts: bool
) -> None:
    learner.begin().walk.follow(learner.walk.modules[0])
    page = learner.sit(new_pc("fr", scripts=scripts))
    page.goto(f"{learner.root}/definitions-and-symbols/exercise-words")
    first = page.locator("#exercise select").first
    first.select_option(index=2)
    chosen = first.input_value()
    if not scripts:  # what was not sent cannot be known
        page.locator("#exercise button[name=check]").click()
    page.get_by_role("button", name="Nederlands", exact=True).click()
    expect(page.locator("h1")).to_have_attribute("lang", "nl")
    assert learner.record["language"] == "nl"
    expect(first).to_have_value(chosen)
    page.get_by_role("button", name="English (en)").click()
    page.locator("html[lang=en]").wait_for()
    expect(first).to_have_value(chosen)


def test_on_another_pc_one_goes_on_here(new_pc: NewPc, learner: Learner) -> None:
    first = learner.begin().sit(new_pc("fr"))
    with turned(first):
        onward(first).click()
    place = first.url
    second = new_pc("fr").sign_in(
        learner.user, DEMO_PASSWORD, place.removeprefix(first.url.split("/learn")[0])
    )
    assert heading(second) == "Cette formation est ouverte ailleurs"
    assert accessibility_faults(second) == []
    with turned(second):
        second.get_by_role("button", name="Continuer ici").click()
    assert second.url == place
    first.reload()
    assert heading(first) == "Cette formation est ouverte ailleurs", "and now it is this one"
    assert learner.record["checkpoints_reached"] == {"introduction": ["welcome"]}


def test_when_no_attempt_is_left_one_is_told_whom_to_see(new_pc: NewPc, learner: Learner) -> None:
    learner.ready_for_the_test()
    for _ in range(3):
        learner.walk.sit_test(right=False)
    page = new_pc("nl").sign_in(learner.user, DEMO_PASSWORD, f"{learner.root}/test")
    assert page.url.endswith("/result")
    assert "Bespreek met uw personeelsverantwoordelijke" in page.get_by_role("alert").inner_text()
    assert page.get_by_role("link", name="Opnieuw proberen").count() == 0
    assert accessibility_faults(page) == []
    page.goto(learner.root)
    assert "Alle pogingen voor de test zijn opgebruikt" in page.get_by_role("alert").inner_text()


def test_what_is_somebody_elses_is_not_shown(new_pc: NewPc, cast: Cast, learner: Learner) -> None:
    pc = new_pc("fr")
    foreign = f"/learn/{record_id_of(cast.learners[1].person_id, COURSE)}"
    page = pc.sign_in(learner.user, DEMO_PASSWORD, foreign)
    assert heading(page) == "Ceci ne vous est pas accessible"
    page.goto("/training/no-such-course")
    assert "Ce cours n'existe pas" in page.get_by_role("alert").inner_text()
    pc.faults.clear()  # the browser notes 403 and 404


@pytest.mark.parametrize("language", ["fr", "nl", "en"])
def test_the_pages_of_the_test_are_accessible(new_pc: NewPc, stack: Stack, language: str) -> None:
    learner = Learner(stack).ready_for_the_test()
    page = learner.sit(new_pc(language))
    page.goto(f"{learner.root}/test")
    assert accessibility_faults(page) == []
    with turned(page):
        page.locator("main form[data-steps] button.big").click()
    question = learner.record["quiz"]["questions"][0]
    for path in ("/test", f"/review?answer-{question}=a", "/review"):
        page.goto(learner.root + path)
        for dark in ("light", "dark"):
            page.emulate_media(color_scheme=dark)  # type: ignore[arg-type]
            assert accessibility_faults(page) == [], (path, dark)
        page.set_viewport_size({"width": 320, "height": 640})
        assert page.evaluate("document.documentElement.scrollWidth") == 320, path
        page.set_viewport_size({"width": 1280, "height": 720})
