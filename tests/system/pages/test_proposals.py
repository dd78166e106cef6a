"""A personnel manager has a plan proposed, sees who found no place and why, and accepts a part, then the rest."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Page, expect

from deploy.api import Person, Refusal
from deploy.demo.organisation import PRISON_1
from deploy.demo.people import DEMO_PASSWORD
from deploy.demo.story import Cast
from deploy.local.stack import Stack
from services.scheduling.domain.due import local_day
from tests.support.browser import accessibility_faults
from tests.system.pages.conftest import NewPc

WAIT_MILLISECONDS = 60_000
TODAY = local_day(datetime.now(UTC))
MONDAY = TODAY + timedelta(days=7 - TODAY.weekday())
LAST_DAY = MONDAY + timedelta(days=18)
LATER = MONDAY + timedelta(days=35)


def told(**what: Any) -> dict[str, Any]:
    return {"command_id": str(uuid4()), "occurred_at": datetime.now(UTC).isoformat(), **what}


@pytest.fixture(scope="module")
def manager(stack: Stack, cast: Cast) -> Person:
    """Everybody must follow the course; there are two slots with two seats soon, and more that come too late."""
    manager = Person(stack.gateway_url, "manager.valclair", DEMO_PASSWORD)
    due_on = (LATER + timedelta(days=20)).isoformat()
    unit = {"unit_id": str(PRISON_1), "course": cast.course}
    manager.post("/assignments", told(type="scheduling.assign_course", **unit, due_on=due_on))
    room = str(uuid4())
    opened = told(
        type="scheduling.open_room", room_id=room, unit_id=str(PRISON_1), name="Salle du plan", seats=12
    )
    manager.post("/rooms", {"commands": [opened]})
    slots = {"type": "scheduling.open_slots", "room_id": room, "starts": "18:30", "minutes": 120}
    days = [(MONDAY, [1, 3], 2), (LATER, [1, 3, 5], 12)]
    opening = [
        told(**slots, from_on=str(day), to_on=str(day + timedelta(days=4)), weekdays=weekdays, seats=seats)
        for day, weekdays, seats in days
    ]
    manager.post("/slots", {"commands": opening})
    return manager


def ask(page: Page) -> None:
    page.goto(f"/units/{PRISON_1}")
    page.get_by_role("link", name="Propose a plan").click()
    page.get_by_label("Both halves before the end of").fill(LAST_DAY.isoformat())
    page.get_by_role("button", name="Propose a plan").click()
    page.wait_for_url("**/proposals/*")


def test_a_plan_is_proposed_and_accepted_in_part_then_whole(
    new_pc: NewPc, cast: Cast, manager: Person
) -> None:
    pc = new_pc()
    page = pc.sign_in("manager.valclair", DEMO_PASSWORD)
    ask(page)
    expect(page.get_by_role("heading", name="How good it is")).to_be_visible(timeout=WAIT_MILLISECONDS)
    assert accessibility_faults(page) == []
    expect(page.get_by_text("2 of ").first).to_be_visible()
    missing = page.locator("section[aria-labelledby=not-placed]")
    expect(missing).to_contain_text("In the way: no seat is free")
    expect(missing).to_contain_text("Salle du plan")
    expect(missing).to_contain_text("a due date of")
    rows = page.locator("table.staff tbody tr")
    expect(rows).to_have_count(2)

    page.get_by_role("button", name="Accept for those ticked").click()
    expect(page.get_by_text("Nobody was ticked in the list.")).to_be_visible()
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Accept for those ticked").click()
    expect(page.get_by_text("The seats are booked.")).to_be_visible()
    expect(rows.nth(0)).to_contain_text("Booked")
    expect(rows.nth(1)).to_contain_text("Proposed")
    assert accessibility_faults(page) == []
    page.get_by_role("button", name="Accept for 1 person").click()
    expect(page.get_by_text("All seats of this plan are booked.")).to_be_visible()
    pc.faults.clear()  # the browser notes the 422


def test_without_scripts_one_looks_again_and_sees_why_there_is_no_plan(
    new_pc: NewPc, cast: Cast, manager: Person
) -> None:
    pc = new_pc("fr", scripts=False)
    page = pc.sign_in("manager.valclair", DEMO_PASSWORD, "/proposals")
    page.locator("#due_on").fill(str(TODAY))
    page.locator("main form button").click()
    deadline = time.monotonic() + 60
    while (again := page.get_by_role("link", name="Regarder à nouveau")).count():
        assert time.monotonic() < deadline
        again.click()
        time.sleep(0.2)
    expect(page.get_by_role("heading", name="Ce que vaut ce plan")).to_be_visible()
    expect(page.locator("section[aria-labelledby=not-placed]")).to_contain_text("une échéance au")
    assert page.locator("table.staff").count() == 0


def asked_by(manager: Person, cast: Cast) -> str:
    """A proposal that a program asked for."""
    proposal_id = str(uuid4())
    wanted = {
        "proposal_id": proposal_id,
        "unit_id": str(PRISON_1),
        "course": cast.course,
        "due_on": (LATER + timedelta(days=10)).isoformat(),
    }
    manager.post("/proposals", wanted)
    return proposal_id


def test_programs_do_the_same_and_what_no_longer_fits_is_said(cast: Cast, manager: Person) -> None:
    proposal_id = asked_by(manager, cast)
    address = f"/proposals/{proposal_id}"
    deadline = time.monotonic() + 60
    while (found := manager.get(address))["state"] in ("waiting", "running"):
        if time.monotonic() > deadline:
            pytest.fail(found["state"])
        time.sleep(0.2)
    assert found["state"] == "done" and found["quality"]["placed"] >= 10
    assert found["quality"]["days_bound"] <= found["quality"]["days"]
    one = found["seats"][0]
    other = next(seat for seat in found["seats"] if seat["person_id"] == one["person_id"] and seat != one)
    mine = {"person_id": one["person_id"], "course": cast.course, "period": one["period"]}
    booked = [
        told(type="scheduling.book_seat", **mine, half=seat["half"], slot_id=seat["slot_id"])
        for seat in (one, other)
    ]
    manager.post("/bookings", {"commands": booked})
    moved_away = told(type="scheduling.release_seat", **mine, half=other["half"])
    manager.post("/bookings", {"commands": [moved_away]})
    later = [slot for slot in found["slots"] if slot["slot_id"] not in (one["slot_id"], other["slot_id"])]
    for slot in later:
        try:
            again = told(
                type="scheduling.book_seat",
                **mine,
                half=other["half"],
                slot_id=slot["slot_id"],
                despite=["gap-between-halves", "after-due-date"],  # anywhere else will do
            )
            manager.post("/bookings", {"commands": [again]})
            break
        except Refusal:
            continue
    else:
        pytest.fail("nowhere else to sit")
    people = [one["person_id"], found["seats"][-1]["person_id"]]
    acceptance = {"acceptance_id": str(uuid4()), "people": people}
    accepted = manager.post(f"{address}/acceptance", acceptance)
    assert accepted["booked"] == 3
    (refused,) = accepted["refused"]
    assert (refused["person_id"], refused["rule"]) == (one["person_id"], "seat-booked") and refused[
        "sentence"
    ]
    assert manager.post(f"{address}/acceptance", acceptance)["booked"] == 3


def test_nobody_reads_a_proposal_about_a_prison_that_is_not_theirs(
    stack: Stack, cast: Cast, manager: Person
) -> None:
    stranger = Person(stack.gateway_url, "manager.westerdreef", DEMO_PASSWORD)
    mine = asked_by(manager, cast)
    with pytest.raises(Refusal) as refused:
        stranger.get(f"/proposals/{mine}")
    assert refused.value.status == 403
    assert stranger.get("/proposals")["proposals"] == []
    with pytest.raises(Refusal) as unknown:
        stranger.get(f"/proposals/{UUID(int=7)}")
    assert unknown.value.status == 404
