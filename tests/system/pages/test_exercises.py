"""What a page of a course holds, by keys alone and by mouse: each kind of exercise, and clips."""

from typing import Any

import pytest
import yaml
from playwright.sync_api import Page, expect

from deploy.demo.people import DEMO_PASSWORD
from deploy.demo.story import Cast
from deploy.demo.walk import COURSE_FOLDER
from services.contracts.progress import record_id_of
from tests.support.browser import Keys, accessibility_faults
from tests.system.pages.conftest import NewPc

COURSE = "recognising-radicalisation"
EXERCISES = {
    "single": "legal-framework/exercise-law",
    "multiple": "radicalisation-process/exercise-protection",
    "case": "indicators/exercise-case",
    "place": "legal-framework/exercise-where",
    "ordering": "reporting/exercise-steps",
    "matching": "definitions-and-symbols/exercise-words",
}


def try_by_keys(page: Page, kind: str, shape: dict[str, Any]) -> None:
    """The right answer, as the course's file has it."""
    keys, form = Keys(page), page.locator("#exercise form")
    match kind:
        case "single" | "case" | "place":
            (right,) = (option["id"] for option in shape["options"] if option.get("right"))
            keys.choose(form, right)
        case "multiple":
            for option in shape["options"]:
                if option.get("right"):
                    keys.to(form.locator(f"input[value={option['id']}]"))
                    page.keyboard.press("Space")
        case "matching":
            for pair in shape["pairs"]:
                keys.to(form.locator(f"#pair-{pair['id']}"))
                options = form.locator(f"#pair-{pair['id']} option").evaluate_all(
                    "all => all.map(o => o.value)"
                )
                for _ in range(options.index(pair["id"])):
                    page.keyboard.press("ArrowDown")
        case "ordering":
            wanted = [item["id"] for item in shape["items"]]
            for place, item in enumerate(wanted):
                while (now := order(page)).index(item) > place:
                    keys.press(form.locator(f"button[value='{item}:up']"))
                    moved = [*now]
                    at = moved.index(item)
                    moved.insert(at - 1, moved.pop(at))
                    for at, id_ in enumerate(moved):
                        expect(page.locator("#exercise [name=order]").nth(at)).to_have_value(id_)
        case _:
            raise AssertionError(kind)
    keys.press(page.locator("#exercise button[name=check]"))


def order(page: Page) -> list[str]:
    return page.locator("#exercise [name=order]").evaluate_all("all => all.map(one => one.value)")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_each_kind_of_exercise_by_keys_alone(new_pc: NewPc, cast: Cast, scripts: bool) -> None:
    passed = cast.learners[0]
    root = f"/learn/{record_id_of(passed.person_id, COURSE)}"
    pc = new_pc("fr", scripts=scripts)
    page = pc.sign_in(passed.user_name, DEMO_PASSWORD, root)
    for kind, path in EXERCISES.items():
        shape = yaml.safe_load((COURSE_FOLDER / "modules" / f"{path}.exercise.yaml").read_text("utf-8"))
        assert shape["kind"] == kind
        page.goto(f"{root}/{path}?lang=fr")
        try_by_keys(page, kind, shape)
        verdict = page.locator("[data-verdict]")
        verdict.wait_for()
        assert "C’est juste." in verdict.inner_text(), kind
        assert shape["feedback"]["fr"] in verdict.inner_text()
        if scripts:
            assert verdict.evaluate("it => it === document.activeElement"), "what is said is read out"
            assert accessibility_faults(page) == [], kind


def test_a_place_in_the_picture_by_mouse(new_pc: NewPc, cast: Cast) -> None:
    passed = cast.learners[0]
    path = f"/learn/{record_id_of(passed.person_id, COURSE)}/{EXERCISES['place']}?lang=nl"
    page = new_pc("nl").sign_in(passed.user_name, DEMO_PASSWORD, path)
    page.locator("[data-spot=lockers]").click()
    assert page.locator("input[value=lockers]").is_checked()
    page.get_by_role("button", name="Nakijken").click()
    assert "Niet helemaal." in page.locator("[data-verdict]").inner_text()
    assert page.locator("[data-spot=lockers].chosen").count() == 1


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_an_answer_survives_another_language_while_reading_again(
    new_pc: NewPc, cast: Cast, scripts: bool
) -> None:
    passed = cast.learners[0]
    path = f"/learn/{record_id_of(passed.person_id, COURSE)}/{EXERCISES['multiple']}?lang=fr"
    page = new_pc("fr", scripts=scripts).sign_in(passed.user_name, DEMO_PASSWORD, path)
    boxes = page.locator("#exercise input[type=checkbox]")
    for box in (boxes.nth(0), boxes.nth(2)):
        box.check()
    if not scripts:  # what was not sent cannot be known
        page.locator("#exercise button[name=check]").click()
    page.get_by_role("link", name="Nederlands", exact=True).click()
    expect(page.locator("h1")).to_have_attribute("lang", "nl")
    assert [box.is_checked() for box in boxes.all()][:3] == [True, False, True]


def test_a_clip_has_captions_a_transcript_and_a_speed(new_pc: NewPc, cast: Cast) -> None:
    passed = cast.learners[0]
    path = f"/learn/{record_id_of(passed.person_id, COURSE)}/reporting/interview-wing-officer?lang=nl"
    page = new_pc("fr").sign_in(passed.user_name, DEMO_PASSWORD, path)
    track = page.locator("video[controls] track[default]")
    assert (track.get_attribute("kind"), track.get_attribute("srclang")) == ("captions", "nl")
    assert page.request.get(track.get_attribute("src") or "").text().startswith("WEBVTT")
    page.get_by_text("Lire ce qui est dit").click()
    assert "Vraag:" in page.locator(".transcript").inner_text()
    faster = page.get_by_role("button", name="1,25×")
    Keys(page).press(faster)
    expect(faster).to_have_attribute("aria-pressed", "true")
    assert page.locator("video").evaluate("it => it.playbackRate") == 1.25
    assert accessibility_faults(page) == []
