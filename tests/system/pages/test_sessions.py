"""In-person sessions on pages: a centre holds one, learners ask, a manager decides, who was there is noted."""

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from deploy.api import Person
from deploy.demo.organisation import PEOPLE, PRISON_1, person_id, unit_id
from deploy.demo.people import DEMO_PASSWORD
from deploy.demo.story import Cast
from deploy.local.stack import Stack
from services.scheduling.domain.due import local_day
from tests.support.browser import accessibility_faults
from tests.system.pages.conftest import NewPc

COURSE = "in-depth"
TITLE = "Radicalisation in depth"
TODAY = local_day(datetime.now(UTC))
LATER = datetime.now(UTC).replace(hour=8, minute=0, second=0, microsecond=0) + timedelta(days=400)
COLLEAGUES = [str(person_id(p[0])) for p in PEOPLE if p[5].startswith("val-clair-")][3:]
"""People of Val-Clair who play no part in the story."""


def told(kind: str, **what: Any) -> dict[str, Any]:
    now = datetime.now(UTC).isoformat()
    return {"command_id": str(uuid4()), "occurred_at": now, "type": f"scheduling.{kind}", **what}


class Ground:
    """What others did before, by the API."""

    def __init__(self, stack: Stack) -> None:
        self.centre = Person(stack.gateway_url, "centre.sud", DEMO_PASSWORD)
        self.manager = Person(stack.gateway_url, "manager.valclair", DEMO_PASSWORD)
        titles = {"fr": "Radicalisation : approfondir", "nl": "Radicalisering verdiept", "en": TITLE}
        self._send("/sessions", told("name_class_course", course=COURSE, title=titles, validity_months=60))

    def held(self, begins: datetime = LATER, seats: int = 2, room: str = "Bâtiment B") -> str:
        session = str(uuid4())
        days = [
            {
                "starts_at": (begins + timedelta(days=n)).isoformat(),
                "ends_at": (begins + timedelta(days=n, hours=7)).isoformat(),
            }
            for n in (0, 1)
        ]
        where = {"centre_id": str(unit_id("centre-sud")), "room": room, "language": "fr"}
        said = {**where, "days": days, "trainers": [str(person_id("P0058"))], "seats": seats}
        self._send("/sessions", told("publish_class", class_id=session, course=COURSE, **said))
        return session

    def seat(self, session: str, *people: str) -> None:
        for person in people:
            self._send("/requests", told("request_class", class_id=session, person_id=person))

    def give_up(self, session: str, person: str) -> None:
        self._send("/requests", told("give_up_class_place", class_id=session, person_id=person))

    def note(self, session: str, person: str, day: int, *, present: bool) -> None:
        about = {"class_id": session, "person_id": person, "day": day, "present": present}
        self._send("/attendance", told("note_class_attendance", **about))

    def _send(self, path: str, command: dict[str, Any]) -> None:
        who = self.manager if path == "/requests" else self.centre
        self.position = who.post(path, {"commands": [command]})["results"][0]["position"]

    def seen(self) -> None:
        """Reports know all of it."""
        self.manager.get("/sessions", at_least=f"scheduling:{self.position}")

    def close(self) -> None:
        self.centre.close()
        self.manager.close()


@pytest.fixture(scope="module")
def ground(stack: Stack, cast: Cast) -> Iterator[Ground]:
    ground = Ground(stack)
    yield ground
    ground.close()


def begun(ground: Ground, *people: str) -> str:
    """A session whose first day has just begun, with these people in it."""
    begins = datetime.now(UTC) + timedelta(seconds=3)
    session = ground.held(begins, seats=12)
    ground.seat(session, *people)
    ground.seen()
    time.sleep(max((begins - datetime.now(UTC)).total_seconds(), 0))
    return session


def test_a_centre_plans_a_session_changes_it_and_cancels_it_with_a_reason(
    new_pc: NewPc, ground: Ground
) -> None:
    pc = new_pc()
    page = pc.sign_in("centre.sud", DEMO_PASSWORD)
    page.get_by_role("link", name="In-person sessions").click()
    page.get_by_role("link", name="Plan a session").click()
    page.get_by_label("Course", exact=True).select_option(label=TITLE)
    page.get_by_label("Where in the centre").fill(" ")
    page.get_by_role("button", name="Plan the session").click()
    expect(page.get_by_text("Say where in the centre.")).to_be_visible()
    expect(page.get_by_text("Give the date, the beginning and the end.").first).to_be_visible()
    assert accessibility_faults(page) == []
    page.get_by_label("Where in the centre").fill("Building C")
    page.locator("#day-1").fill((TODAY + timedelta(days=90)).isoformat())
    page.locator("#day-2").fill((TODAY + timedelta(days=91)).isoformat())
    page.locator("#seats").fill("5")
    page.get_by_label("Valérie Henrotte").check()
    page.get_by_role("button", name="Plan the session").click()
    expect(page.get_by_text("The session is planned.")).to_be_visible()
    expect(page.locator(".class-facts").first).to_contain_text("Building C")
    expect(page.locator(".class-facts").first).to_contain_text("Valérie Henrotte")

    page.get_by_role("link", name="Change", exact=True).click()
    page.locator("#seats").fill("6")
    page.locator("#day-2").fill((TODAY + timedelta(days=90)).isoformat())
    page.get_by_role("button", name="Save the change").click()
    expect(page.get_by_text("This day comes before the one above it ends.")).to_be_visible()
    page.locator("#day-2").fill("")
    page.get_by_role("button", name="Save the change").click()
    expect(page.get_by_text("The session is changed.")).to_be_visible()
    expect(page.locator(".class-days li")).to_have_count(1)

    page.get_by_role("link", name="Cancel the session").click()
    page.get_by_label("Reason").fill("The building is closed.")
    page.get_by_role("button", name="Cancel the session").click()
    expect(page.get_by_text("The session is cancelled.")).to_be_visible()
    expect(page.get_by_text("The building is closed.")).to_be_visible()
    pc.faults.clear()  # the browser notes each 422


def test_a_learner_asks_the_manager_refuses_with_a_reason_then_approves(
    new_pc: NewPc, ground: Ground, cast: Cast
) -> None:
    ground.held(room="Hall of the refusal")
    ground.seen()
    pc, desk = new_pc(scripts=False), new_pc(scripts=False)
    page = pc.sign_in(cast.learners[1].user_name, DEMO_PASSWORD)
    page.get_by_role("link", name="In-person courses").first.click()
    card = page.locator(".courses > li").filter(has_text="Hall of the refusal")
    card.get_by_role("button", name="Ask for a seat").click()
    expect(page.get_by_text("You asked for a seat.")).to_be_visible()
    expect(card.locator(".place-asked")).to_have_count(1)

    boss = desk.sign_in("manager.valclair", DEMO_PASSWORD, "/requests")
    deciding = boss.locator(".decisions > li").filter(has_text="Hall of the refusal")
    deciding.locator("summary").click()
    deciding.get_by_label("Reason").fill(" ")
    deciding.get_by_role("button", name="Refuse").click()
    expect(boss.get_by_text("Say why.")).to_be_visible()
    deciding.get_by_label("Reason").fill("Too few of us that week.")
    deciding.get_by_role("button", name="Refuse").click()
    expect(boss.get_by_text("Refused. The person sees your reason.")).to_be_visible()

    page.goto("/in-person")
    expect(page.get_by_text("Too few of us that week.")).to_be_visible()
    card.get_by_role("button", name="Ask for a seat").click()
    boss.goto("/requests")
    deciding.get_by_role("button", name="Approve").click()
    expect(boss.get_by_text("Approved:")).to_be_visible()
    page.goto("/in-person")
    expect(card.locator(".place-seated")).to_have_count(1)
    card.locator("summary", has_text="Give the seat back").click()
    card.get_by_role("button", name="Give the seat back").click()
    expect(page.get_by_text("your place is free for somebody else")).to_be_visible()
    pc.faults.clear()
    desk.faults.clear()


def test_a_seat_that_came_free_is_offered_and_taken_by_keyboard(
    new_pc: NewPc, ground: Ground, cast: Cast
) -> None:
    session = ground.held(LATER + timedelta(days=7), seats=1, room="Hall of the offer")
    learner = cast.learners[2]
    ground.seat(session, COLLEAGUES[0], str(learner.person_id))
    ground.seen()
    pc = new_pc()
    page = pc.sign_in(learner.user_name, DEMO_PASSWORD, "/in-person")
    card = page.locator(".courses > li").filter(has_text="Hall of the offer")
    expect(card.get_by_text("Waiting: number 1")).to_be_visible()
    ground.give_up(session, COLLEAGUES[0])
    _until(page, "Take the seat")
    assert accessibility_faults(page) == []
    page.goto("/training")
    expect(page.get_by_text(f"A seat is free for you: {TITLE}")).to_be_visible()
    page.goto("/in-person")
    button = page.get_by_role("button", name="Take the seat")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("The seat is yours.")).to_be_visible()
    expect(card.locator(".place-seated")).to_have_count(1)
    page.get_by_role("button", name="Put on the list").first.click()
    expect(page.get_by_text("You are on the list.").first).to_be_visible()
    page.get_by_role("button", name="Take me off the list").click()
    expect(page.get_by_text("You are no longer on the list.")).to_be_visible()


def test_a_manager_reserves_seats_and_names_them_later(new_pc: NewPc, ground: Ground) -> None:
    session = ground.held(LATER + timedelta(days=14), seats=4, room="Hall of the names")
    ground.seen()
    pc = new_pc()
    page = pc.sign_in("manager.valclair", DEMO_PASSWORD, f"/requests/sessions/{session}")
    page.get_by_label("How many").fill("2")
    page.locator("#release_on").evaluate("field => { field.required = false }")  # as an old browser
    page.get_by_role("button", name="Reserve").click()
    expect(page.get_by_text("Choose a date.")).to_be_visible()
    page.get_by_label("Free again from").fill((TODAY + timedelta(days=30)).isoformat())
    page.get_by_role("button", name="Reserve").click()
    expect(page.get_by_text("The seats are reserved.")).to_be_visible()
    expect(page.get_by_text("2 seats", exact=True)).to_be_visible()
    page.get_by_role("link", name="Give a name").click()
    page.get_by_label("Name or staff number").fill("Hautier")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Thomas Hautier").click()
    card = page.locator(".courses > li").filter(has_text="Hall of the names")
    card.get_by_role("button", name="Use a reserved seat").click()
    expect(page.get_by_text("The reserved seat has a name now.")).to_be_visible()
    expect(card.locator(".place-seated")).to_have_count(1)
    page.goto(f"/requests/sessions/{session}")
    expect(page.get_by_text("1 seat", exact=True)).to_be_visible()
    page.get_by_role("button", name="Give them back now").click()
    expect(page.get_by_text("What had no name is free again.")).to_be_visible()
    pc.faults.clear()


def test_attendance_is_noted_by_touch_corrected_and_completes_nothing_before_the_last_day(
    new_pc: NewPc, ground: Ground, cast: Cast
) -> None:
    session = begun(ground, *COLLEAGUES[1:5])
    pc = new_pc(scripts=False)
    page = pc.sign_in("centre.sud", DEMO_PASSWORD, f"/sessions/{session}/attendance")
    rows = page.locator(".sheet-people > li")
    expect(rows).to_have_count(4)
    target = rows.nth(0).get_by_text("There").bounding_box()
    assert target is not None and target["height"] >= 20
    box = rows.nth(0).locator(".sheet-choice label").first.bounding_box()
    assert box is not None and box["height"] >= 44 and box["width"] >= 44
    rows.nth(0).get_by_label("Absent").check(force=True)
    page.get_by_role("button", name="Save; all others are there").click()
    expect(page.get_by_text("3 there, 1 absent, 0 not noted")).to_be_visible()
    rows.nth(0).get_by_label("There").check(force=True)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("4 there, 0 absent, 0 not noted")).to_be_visible()
    page.goto(f"/sessions/{session}/attendance?day=2")
    expect(page.get_by_text("You can print the sheet already.")).to_be_visible()
    assert page.get_by_role("radio").count() == 0
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))) == 1

    boss = new_pc().sign_in("manager.valclair", DEMO_PASSWORD)
    deadline = time.monotonic() + 30
    while True:  # progress hears of it, then reports do
        boss.goto(f"/people/{COLLEAGUES[1]}")
        if boss.get_by_role("heading", name=TITLE).count():
            break
        assert time.monotonic() < deadline
        time.sleep(0.3)
    section = boss.locator("section.card").filter(has_text=TITLE)
    expect(section).to_contain_text("In progress")
    boss.goto(f"/units/{PRISON_1}?course={COURSE}")
    expect(boss.locator("main")).to_contain_text(TITLE)


def _until(page: Page, button: str) -> None:
    """Load again until something that follows by itself is on the page."""
    deadline = time.monotonic() + 30
    while not page.get_by_role("button", name=button).count():
        assert time.monotonic() < deadline, f"there is no {button}"
        time.sleep(0.3)
        page.reload()
