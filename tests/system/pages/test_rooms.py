"""A manager sets up a room with its slots, and sees who is touched before it closes."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from deploy.api import Person
from deploy.demo.organisation import PRISON_1
from deploy.demo.people import DEMO_PASSWORD
from deploy.demo.story import Cast
from deploy.local.stack import Stack
from services.scheduling.domain.due import local_day
from tests.support.browser import accessibility_faults
from tests.system.pages.conftest import NewPc

TODAY = local_day(datetime.now(UTC))
MONDAY = TODAY + timedelta(days=7 - TODAY.weekday(), weeks=20)
"""Far from the days that other tests of this stack plan on."""


def told(**what: Any) -> dict[str, Any]:
    return {"command_id": str(uuid4()), "occurred_at": datetime.now(UTC).isoformat(), **what}


def room_with_slots(
    stack: Stack, seats: int = 3, name: str = "Salle bleue", **pattern: Any
) -> tuple[str, str]:
    """A room of Val-Clair with slots at half past seven in the evening of a Monday and the day after, by
    the API; its id and the id of the first slot."""
    manager = Person(stack.gateway_url, "manager.valclair", DEMO_PASSWORD)
    room = str(uuid4())
    manager.post(
        "/rooms",
        {
            "commands": [
                told(type="scheduling.open_room", room_id=room, unit_id=str(PRISON_1), name=name, seats=seats)
            ]
        },
    )
    days = {
        "from_on": str(MONDAY),
        "to_on": str(MONDAY + timedelta(days=1)),
        "starts": "19:30",
        "minutes": 90,
    }
    opened = manager.post(
        "/slots", {"commands": [told(type="scheduling.open_slots", room_id=room, **{**days, **pattern})]}
    )
    position = opened["results"][0]["position"]
    first = {**days, **pattern}["from_on"]
    plan = manager.get(
        "/reports/plan", **{"unit": str(PRISON_1), "from": first}, at_least=f"scheduling:{position}"
    )
    manager.close()
    return room, next(slot["slot_id"] for slot in plan["slots"] if slot["room_id"] == room)


def add_room(page: Page, name: str) -> None:
    page.goto(f"/units/{PRISON_1}")
    page.get_by_role("link", name="Rooms", exact=True).click()
    page.get_by_role("link", name="Add a room").click()
    page.get_by_label("Name of the room").fill(name)
    page.get_by_label("Seats").fill("2")
    for day in ("Monday", "Tuesday"):
        page.get_by_label(f"{day}, from", exact=True).fill("08:00")
        page.get_by_label(f"{day}, until", exact=True).fill("17:00")
    page.get_by_role("button", name="Add the room").click()
    expect(page.get_by_text("The room is added.")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_a_room_gets_hours_and_slots_within_them(new_pc: NewPc, cast: Cast, scripts: bool) -> None:
    pc = new_pc(scripts=scripts)
    page = pc.sign_in("manager.valclair", DEMO_PASSWORD)
    add_room(page, f"Salle {scripts}")
    page.locator("#from_on").fill(str(MONDAY))
    page.locator("#to_on").fill(str(MONDAY + timedelta(days=6)))
    page.get_by_label("Time 2").fill("16:00")
    page.get_by_role("button", name="Open the slots").click()
    expect(page.get_by_text("No slot was opened.")).to_be_visible()
    expect(page.get_by_text("The room is not open during all of this slot").first).to_be_visible()
    for day in ("Wednesday", "Thursday", "Friday"):
        page.get_by_role("checkbox", name=day).uncheck()
    page.get_by_role("button", name="Open the slots").click()
    expect(page.get_by_text("Not all slots were opened.")).to_be_visible()
    page.get_by_label("Time 2").fill("14:00")
    page.get_by_role("button", name="Open the slots").click()
    expect(page.get_by_text("The slots are open.")).to_be_visible()
    expect(page.locator(".slot-times a")).to_have_count(4)
    expect(page.locator(".slot-times a").first).to_contain_text("0 of 2 taken")
    pc.faults.clear()  # the browser notes what was refused


def test_one_sees_who_is_touched_before_a_room_closes(new_pc: NewPc, cast: Cast, stack: Stack) -> None:
    room, slot = room_with_slots(stack, name="Salle à fermer")
    never = cast.learners[2]
    manager = Person(stack.gateway_url, "manager.valclair", DEMO_PASSWORD)
    booking = {"person_id": str(never.person_id), "course": cast.course, "period": 1, "half": 1}
    booked = told(type="scheduling.book_seat", **booking, slot_id=slot, despite=["after-due-date"])
    manager.post("/bookings", {"commands": [booked]})
    pc = new_pc()
    page = pc.sign_in("manager.valclair", DEMO_PASSWORD, f"/units/{PRISON_1}/rooms/{room}")
    page.get_by_role("link", name="Close the room for some days").click()
    page.get_by_role("button", name="Show whom it touches").click()
    expect(page.get_by_text("Choose a date.").first).to_be_visible()
    page.get_by_label("From").fill(str(MONDAY))
    page.get_by_label("Until the end of").fill(str(MONDAY))
    page.get_by_label("Why").fill("Painting")
    page.get_by_role("button", name="Show whom it touches").click()
    expect(page.get_by_role("heading", name="1 seat is lost")).to_be_visible()
    expect(page.locator("section[aria-labelledby=touches]")).to_contain_text(never.family_name)
    assert accessibility_faults(page) == []
    page.get_by_role("button", name="Close the room", exact=True).click()
    expect(page.get_by_text("The room is closed on those days.")).to_be_visible()
    plan = manager.get(f"/reports/people/{never.person_id}/plan")
    assert [line["state"] for line in plan["lines"] if line["slot_id"] == slot] == ["closed"]
    page.get_by_role("button", name="Lift").click()
    expect(page.get_by_text("No closure to come.")).to_be_visible()
    expect(page.get_by_text("What was cancelled stays cancelled")).to_be_visible()
    pc.faults.clear()  # the browser notes the 422


def test_a_slot_is_cancelled_with_a_reason(new_pc: NewPc, cast: Cast, stack: Stack) -> None:
    room, _ = room_with_slots(stack, name="Salle au hasard")
    pc = new_pc("nl", scripts=False)
    page = pc.sign_in("manager.valclair", DEMO_PASSWORD, f"/units/{PRISON_1}/rooms/{room}")
    page.goto(f"/units/{PRISON_1}/rooms/{room}?from={MONDAY}")
    expect(page.locator(".slot-times a")).to_have_count(2)
    page.locator(".slot-times a").first.click()
    page.get_by_label("Waarom").fill(" ")
    page.get_by_role("button", name="Het tijdslot annuleren").click()
    expect(page.get_by_text("Zeg in één zin waarom.")).to_be_visible()
    page.get_by_label("Waarom").fill("Werken")
    page.get_by_role("button", name="Het tijdslot annuleren").click()
    expect(page.get_by_text("Het tijdslot is geannuleerd.")).to_be_visible()
    expect(page.locator(".slot-times a")).to_have_count(1)
    pc.faults.clear()  # the browser notes the 422


def test_rooms_of_another_prison_are_not_set_up_here(new_pc: NewPc, cast: Cast, stack: Stack) -> None:
    room, slot = room_with_slots(stack, name="Salle d'autrui")
    pc = new_pc()
    page = pc.sign_in("manager.westerdreef", DEMO_PASSWORD, "/accessibility")
    for path in ("", f"/{room}", f"/{room}/close", f"/{room}/slots/{slot}?on={MONDAY}"):
        answer = page.goto(f"/units/{PRISON_1}/rooms{path}")
        assert answer is not None and answer.status == 403
    pc.faults.clear()
