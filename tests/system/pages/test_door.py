"""The door: signing in and out in a browser, the language of the pages, and what a shared PC keeps."""

from itertools import pairwise

import pytest
from playwright.sync_api import expect

from deploy.demo.people import DEMO_PASSWORD
from deploy.local.stack import Stack
from tests.support.browser import accessibility_faults
from tests.system.pages.conftest import NewPc

MINUTE = 60_000
PUBLIC = ("/sign-in", "/accessibility", "/no-such-page")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_in_by_keyboard_and_out_again(new_pc: NewPc, scripts: bool) -> None:
    page = new_pc("nl", scripts=scripts).page
    page.goto("/operations?x=1")
    assert page.url.endswith("/sign-in?next=%2Foperations%3Fx%3D1")
    page.locator("#user").focus()
    for typed in ("operator", "Tab", DEMO_PASSWORD, "Enter"):
        page.keyboard.press(typed) if typed in ("Tab", "Enter") else page.keyboard.type(typed)
    page.wait_for_url("**/operations?x=1")
    page.get_by_role("button", name="Afmelden").click()
    page.wait_for_url("**/sign-in")
    page.go_back()  # a shared PC: what the one before saw is not shown again
    page.wait_for_url("**/sign-in*")


def test_a_wrong_password_is_told_and_keeps_the_name(new_pc: NewPc) -> None:
    pc = new_pc("fr")
    pc.page.goto("/sign-in")
    pc.page.locator("#user").fill("personne")
    pc.page.locator("#password").fill("faux")
    pc.page.get_by_role("button", name="Se connecter").click()
    pc.page.get_by_role("alert").wait_for()
    assert pc.page.locator("#user").input_value() == "personne"
    assert pc.page.locator("#password").input_value() == ""
    pc.faults.clear()  # the browser notes the 401


def test_the_language_changes_in_place_and_stays(new_pc: NewPc) -> None:
    page = new_pc("fr").page
    page.goto("/accessibility?from=here")
    assert page.locator("html").get_attribute("lang") == "fr"
    page.get_by_role("button", name="Nederlands").click()
    page.wait_for_url("**/accessibility?from=here")
    assert page.locator("html").get_attribute("lang") == "nl"
    page.goto("/sign-in")
    assert page.get_by_role("heading", level=1).text_content() == "Aanmelden"


def test_nobody_is_signed_out_unwarned(new_pc: NewPc) -> None:
    pc = new_pc("fr")
    page, tab = pc.page, pc.tab()
    page.clock.install()
    pc.sign_in("operator", DEMO_PASSWORD, "/accessibility")
    page.clock.pause_at(page.evaluate("Date.now() / 1000 + 1"))
    page.clock.run_for(50 * MINUTE)
    warning = page.get_by_role("alert")
    assert warning.count() == 0
    page.clock.run_for(5 * MINUTE)
    assert "dans moins de cinq minutes" in warning.inner_text()
    page.get_by_role("button", name="Prolonger ma session").press("Enter")
    warning.wait_for(state="hidden")
    page.clock.run_for(55 * MINUTE)
    warning.wait_for()
    tab.goto(f"{pc.url}/accessibility")  # what another tab does counts for all
    warning.wait_for(state="hidden")
    page.clock.run_for(60 * MINUTE)
    assert "Votre session est terminée" in warning.inner_text()
    page.clock.resume()
    assert accessibility_faults(page) == []
    page.get_by_role("link", name="Se reconnecter").click()
    page.wait_for_url("**/accessibility")  # still signed in, since this clock ran ahead alone


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("language", ["fr", "nl", "en"])
def test_the_public_pages_are_accessible(new_pc: NewPc, language: str, dark: bool) -> None:
    pc = new_pc(language, dark=dark)
    for path in PUBLIC:
        pc.page.goto(path)
        assert accessibility_faults(pc.page) == [], path
    pc.faults.clear()  # the browser notes the 404


def test_the_check_of_accessibility_notices(new_pc: NewPc) -> None:
    pc = new_pc()
    pc.page.goto("/sign-in")
    pc.page.evaluate("document.querySelector('label[for=user]').remove()")
    assert any("label" in fault for fault in accessibility_faults(pc.page))


def test_the_policy_stops_what_is_not_ours_and_the_pc_notices(stack: Stack, new_pc: NewPc) -> None:
    pc = new_pc()
    pc.page.goto("/sign-in")
    pc.page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color:red\">x</p>')")
    assert pc.faults, "an inline style must be refused"
    pc.faults.clear()


@pytest.mark.parametrize("width", [320, 360])
def test_on_a_phone_the_first_line_of_the_header_is_whole(new_pc: NewPc, width: int) -> None:
    pc = new_pc("nl")
    page = pc.sign_in("manager.valclair", DEMO_PASSWORD, "/training")
    page.set_viewport_size({"width": width, "height": 640})
    boxes = [each.bounding_box() for each in page.locator(".languages button, .who .name, .who button").all()]
    assert len(boxes) == 5
    places = [box for box in boxes if box]
    assert all(before["x"] + before["width"] <= after["x"] + 1 for before, after in pairwise(places))
    assert places[-1]["x"] + places[-1]["width"] <= width
    inside = page.locator("header .languages").first.evaluate("it => it.scrollWidth <= it.clientWidth")
    assert inside, "no language is cut off"
    expect(page.get_by_role("button", name="Afmelden")).to_be_visible()
