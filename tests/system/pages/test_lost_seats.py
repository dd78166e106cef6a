"""A seat that nobody came to is noted by itself, and its person stands among those who need one again."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from deploy.api import Person
from deploy.demo.organisation import PRISON_1
from deploy.demo.people import DEMO_PASSWORD
from deploy.demo.story import Cast
from deploy.local.stack import Stack
from services.contracts.scheduling.seats import slot_id_of
from services.scheduling.domain.due import local_day, start_of_day
from tests.support.browser import accessibility_faults
from tests.system.pages.conftest import NewPc

YESTERDAY = local_day(datetime.now(UTC)) - timedelta(days=1)
WAIT_SECONDS = 30


def told(**what: Any) -> dict[str, Any]:
    return {"command_id": str(uuid4()), "occurred_at": datetime.now(UTC).isoformat(), **what}


def test_who_did_not_come_needs_a_seat_again_and_the_manager_sees_it(
    new_pc: NewPc, stack: Stack, cast: Cast
) -> None:
    operator = Person(stack.gateway_url, "operator", DEMO_PASSWORD)
    room = {"room_id": str(uuid4())}
    day = {"from_on": str(YESTERDAY), "to_on": str(YESTERDAY), "starts": "03:00", "minutes": 60}
    opening = told(type="scheduling.open_room", **room, unit_id=str(PRISON_1), name="Salle vide", seats=2)
    operator.post("/rooms", {"commands": [opening]})
    operator.post("/slots", {"commands": [told(type="scheduling.open_slots", **room, **day)]})
    absent = cast.learners[2].person_id
    slot = slot_id_of(room["room_id"], start_of_day(YESTERDAY) + timedelta(hours=3))
    seat = {"person_id": str(absent), "course": cast.course, "half": 1, "slot_id": str(slot)}
    operator.post("/bookings", {"commands": [told(type="scheduling.book_seat", **seat)]})
    manager = Person(stack.gateway_url, "manager.valclair", DEMO_PASSWORD)
    deadline = time.monotonic() + WAIT_SECONDS
    while not (lost := manager.get("/reports/lost-seats", unit=str(PRISON_1))["lines"]):
        if time.monotonic() > deadline:
            pytest.fail("nobody noted that the seat was missed")
        time.sleep(0.2)
    assert [(line["person_id"], line["state"], line["missed"]) for line in lost] == [
        (str(absent), "missed", 1)
    ]

    page = new_pc().sign_in("manager.valclair", DEMO_PASSWORD, "/proposals")
    rows = page.get_by_role("table", name="Who needs a seat again").get_by_role("row")
    expect(rows).to_have_count(2)
    expect(rows.nth(1)).to_contain_text("Did not use the seat on")
    assert accessibility_faults(page) == []
