"""A learner's calendar on the real product: letters with invitations, and a private address that follows the seat."""

import os
import signal
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import icalendar
import pytest
from playwright.sync_api import expect

from deploy.api import Person
from deploy.demo.people import DEMO_PASSWORD
from deploy.demo.story import Cast
from deploy.local.mailbox import Letter, Mailbox
from deploy.local.stack import Stack, mail_file
from gateway.times import BRUSSELS
from services.contracts.scheduling.seats import booking_id_of
from tests.system.pages.conftest import NewPc
from tests.system.pages.test_rooms import MONDAY, room_with_slots, told

WAIT_SECONDS = 30.0


def eventually(found: Callable[[], Any], what: str) -> Any:
    """What is found as soon as there is something; followers and the postman need a moment."""
    limit = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < limit:
        if value := found():
            return value
        time.sleep(0.2)
    raise AssertionError(f"not within {WAIT_SECONDS} s: {what}")


def letters_to(stack: Stack, address: str) -> list[Letter]:
    return [letter for letter in Mailbox(mail_file(stack.state)).letters() if letter.recipient == address]


def invitations(stack: Stack, address: str, uid: str) -> list[tuple[str, Any]]:
    """What was sent to an address about one thing: the method, and what it says."""
    return [
        (str(part.get_param("method")), entries[uid])
        for letter in letters_to(stack, address)
        for part in letter.message.walk()
        if part.get_content_type() == "text/calendar"
        and uid in (entries := entries_of(part.get_payload(decode=True)))
    ]


def entries_of(calendar: Any) -> dict[str, Any]:
    """The entries of a calendar by their ids."""
    return {str(entry["uid"]): entry for entry in icalendar.Calendar.from_ical(calendar).walk("VEVENT")}


def booked(manager: Person, kind: str, person_id: UUID, course: str, **said: Any) -> None:
    command = told(type=f"scheduling.{kind}", person_id=str(person_id), course=course, half=1, **said)
    (result,) = manager.post("/bookings", {"commands": [command]})["results"]
    assert result["outcome"] == "accepted", result


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_an_address_is_made_shown_once_and_ended(new_pc: NewPc, cast: Cast, scripts: bool) -> None:
    pc = new_pc(scripts=scripts)
    page = pc.sign_in(cast.learners[0].user_name, DEMO_PASSWORD)
    page.get_by_role("link", name="My calendar").click()
    page.get_by_role("button", name="Make a private address").click()
    address = page.get_by_label("Address for your calendar program").input_value()
    feed = httpx.get(address)
    assert feed.headers["content-type"].startswith("text/calendar")
    page.goto("/calendar")
    expect(page.get_by_label("Address for your calendar program")).to_have_count(0)
    page.get_by_role("button", name="Switch it off").click()
    expect(page.get_by_text("The address is switched off.")).to_be_visible()
    assert httpx.get(address).status_code == 404


def test_a_seat_is_invited_by_mail_followed_by_the_address_and_shown_at_home(
    stack: Stack, cast: Cast, new_pc: NewPc
) -> None:
    ben = cast.learners[1]
    page = new_pc().sign_in(ben.user_name, DEMO_PASSWORD)
    planned = page.get_by_role("region", name="Planned for you")
    expect(planned.get_by_text("No seat is booked for you at the moment.")).to_be_visible()
    to_ben = f"{ben.staff_number.lower()}@parcours.example"
    learner = Person(stack.gateway_url, ben.user_name, DEMO_PASSWORD)
    manager = Person(stack.gateway_url, "manager.valclair", DEMO_PASSWORD)
    address = learner.post("/me/calendar/address", {})["address"]
    week = {"from_on": str(MONDAY + timedelta(weeks=3)), "to_on": str(MONDAY + timedelta(weeks=3))}
    _, slot = room_with_slots(stack, name="Salle verte", **week)
    late = {"despite": ["after-due-date"]}
    booked(manager, "book_seat", ben.person_id, cast.course, slot_id=slot, **late)
    uid = f"{booking_id_of(ben.person_id, cast.course, 1, 1)}@parcours"
    ((method, event),) = eventually(lambda: invitations(stack, to_ben, uid), "an invitation")
    assert method == "REQUEST"
    page.goto("/training")
    day = event["dtstart"].dt.astimezone(BRUSSELS)
    expect(
        planned.get_by_role("heading", name=f"{day:%A} {day.day} {day:%B %Y}, {day:%H:%M}")
    ).to_be_visible()
    expect(planned.get_by_text("Salle verte")).to_be_visible()
    followed = httpx.get(address)
    assert entries_of(followed.content)[uid]["dtstart"].dt == event["dtstart"].dt
    assert httpx.get(address, headers={"if-none-match": followed.headers["etag"]}).status_code == 304
    booked(manager, "release_seat", ben.person_id, cast.course)
    (_, (method, gone)) = eventually(
        lambda: (found := invitations(stack, to_ben, uid)) and len(found) == 2 and found, "its end"
    )
    assert (method, str(gone["status"])) == ("CANCEL", "CANCELLED")
    assert uid not in entries_of(httpx.get(address).content)
    page.goto("/training")
    expect(planned.get_by_role("listitem")).to_have_count(0)
    subjects = [str(letter.message["Subject"]) for letter in letters_to(stack, to_ben)]
    assert subjects[-2].startswith("Uw plaats op")  # in the language of the directory
    assert all(letter.times == 1 for letter in letters_to(stack, to_ben))
    learner.close()
    manager.close()


def test_a_worker_that_is_killed_while_letters_leave_sends_each_once(stack: Stack, cast: Cast) -> None:
    operator = Person(stack.gateway_url, "operator", DEMO_PASSWORD)
    people = [uuid4() for _ in range(60)]
    joins = [
        told(
            type="scheduling.register_person",
            unit_id=cast.prison,
            entry={
                "person_id": str(person),
                "given_name": "Zoé",
                "family_name": "Martin",
                "staff_number": f"M{person.hex[:12]}",
                "email": f"{person.hex}@parcours.example",
                "language": "fr",
            },
        )
        for person in people
    ]
    ways = [
        told(
            type="scheduling.assign_course",
            person_id=str(person),
            course=cast.course,
            due_on=str(MONDAY + timedelta(weeks=30)),
        )
        for person in people
    ]
    for commands in (joins, ways):
        results = operator.post("/organisation/commands", {"commands": commands})["results"]
        assert {result["outcome"] for result in results} == {"accepted"}
    operator.close()
    for number in (5, 25):

        def so_many(number: int = number) -> bool:
            return (
                sum(bool(letters_to(stack, f"{person.hex}@parcours.example")) for person in people) >= number
            )

        eventually(so_many, f"{number} letters")
        worker = next(each for each in stack.status() if each.name == "scheduling-work")
        assert worker.pid is not None
        os.kill(worker.pid, signal.SIGKILL)
    eventually(
        lambda: all(letters_to(stack, f"{person.hex}@parcours.example") for person in people), "all letters"
    )
    time.sleep(2)  # whatever would come twice comes now
    kept = [letters_to(stack, f"{person.hex}@parcours.example") for person in people]
    assert [len(letters) for letters in kept] == [1] * len(people)
    assert sum(letter.times - 1 for letters in kept for letter in letters) <= 2  # one under way at each death
