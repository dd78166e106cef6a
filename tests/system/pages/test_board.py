"""The planning board: by mouse, by keyboard and without scripts; what stands in the way is seen before it is tried."""

import time
from datetime import timedelta
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect

from deploy.api import Person
from deploy.demo.organisation import PRISON_1
from deploy.demo.people import DEMO_PASSWORD
from deploy.demo.story import Cast
from deploy.local.stack import Stack
from tests.support.browser import Keys, accessibility_faults
from tests.system.pages.conftest import NewPc
from tests.system.pages.test_rooms import MONDAY, room_with_slots, told

WEEK = MONDAY + timedelta(weeks=4)
"""Nobody else plans on it."""


class Plan:
    """A room of its own with slots on Monday, Tuesday and Thursday of a week, and people to put on them."""

    def __init__(self, stack: Stack, course: str, seats: int = 1, people: int = 1) -> None:
        self.stack, self.course = stack, course
        name = f"Salle {uuid4().hex[:6]}"
        days = {"from_on": str(WEEK), "to_on": str(WEEK + timedelta(days=3)), "weekdays": [1, 2, 4]}
        self.room, self.monday = room_with_slots(stack, seats, name, **days)
        self.people = [self._person(name, number) for number in range(people)]
        self.path = f"/units/{PRISON_1}/board?course={course}&from={WEEK}&room={self.room}"

    def _person(self, room: str, number: int) -> tuple[str, str]:
        """Somebody who must follow the course by the Wednesday of that week; id and family name."""
        person, name = str(uuid4()), f"{room.removeprefix('Salle ')}-{number}"
        entry = {"person_id": person, "given_name": "Noa", "family_name": name, "language": "fr"}
        joining = {
            "entry": {**entry, "staff_number": person[:12], "function": "agent"},
            "unit_id": str(PRISON_1),
        }
        operator = Person(self.stack.gateway_url, "operator", DEMO_PASSWORD)
        operator.post(
            "/organisation/commands", {"commands": [told(type="scheduling.register_person", **joining)]}
        )
        due = {"due_on": str(WEEK + timedelta(days=2)), "course": self.course, "person_id": person}
        manager = Person(self.stack.gateway_url, "manager.valclair", DEMO_PASSWORD)
        manager.post("/assignments", told(type="scheduling.assign_course", **due))
        self._seen(manager, person)
        return person, name

    def _seen(self, manager: Person, person: str) -> None:
        """Reports know that somebody is to be planned."""
        limit = time.monotonic() + 30
        while time.monotonic() < limit:
            plan = manager.get(
                "/reports/plan", **{"unit": str(PRISON_1), "from": str(WEEK), "course": self.course}
            )
            if any(line["person_id"] == person for line in plan["to_plan"]):
                return
            time.sleep(0.1)
        pytest.fail("reports do not know whom to plan")


def pick(page: Page, name: str, half: str) -> Locator:
    return page.locator(".need-list li", has_text=name).get_by_role("link", name=half)


def slot(page: Page, day: int) -> Locator:
    """The one slot of a day of that week."""
    number = (0, 1, 3).index(day)
    return page.locator("[data-slot]").nth(number)


@pytest.fixture
def plan(stack: Stack, cast: Cast) -> Plan:
    return Plan(stack, cast.course)


def test_by_mouse_one_drags_a_person_to_a_slot_and_on_to_another_and_undoes_it(
    new_pc: NewPc, plan: Plan
) -> None:
    (_, name) = plan.people[0]
    page = new_pc().sign_in("manager.valclair", DEMO_PASSWORD, "/accessibility")
    page.goto(plan.path)
    pick(page, name, "first half").drag_to(slot(page, 0))
    expect(page.locator("#news")).to_contain_text(f"{name}, first half: Monday")
    expect(slot(page, 0)).to_contain_text(name)
    expect(pick(page, name, "first half")).to_have_count(0)
    slot(page, 0).get_by_role("link", name=name).drag_to(slot(page, 1))
    expect(slot(page, 1)).to_contain_text(name)
    expect(slot(page, 0)).not_to_contain_text(name)
    page.get_by_role("button", name="Undo").click()
    expect(slot(page, 0)).to_contain_text(name)
    # After the due date: the board asks first, and does nothing by itself.
    slot(page, 0).get_by_role("link", name=name).drag_to(slot(page, 3))
    expect(page.locator("#hand")).to_contain_text(name)
    expect(slot(page, 3)).to_contain_text("After the due date")
    expect(page.locator("#news")).to_contain_text("After the due date")
    expect(slot(page, 0)).to_contain_text(name)
    assert accessibility_faults(page) == []


def test_a_slot_that_cannot_take_somebody_does_not(new_pc: NewPc, plan: Plan) -> None:
    """The second half before the first: the drop is refused where it is let go."""
    (_, name) = plan.people[0]
    page = new_pc().sign_in("manager.valclair", DEMO_PASSWORD, "/accessibility")
    page.goto(plan.path)
    pick(page, name, "first half").drag_to(slot(page, 1))
    expect(slot(page, 1)).to_contain_text(name)
    expect(pick(page, name, "first half")).to_have_count(0)  # at rest: nothing moves under the mouse
    expect(page.locator("#news")).to_contain_text(f"{name}, first half")
    source, target = pick(page, name, "second half"), slot(page, 0)
    source.hover()
    page.mouse.down()
    target.hover()
    target.hover()
    expect(target).to_contain_text("The second half would come before the first")
    page.mouse.up()
    expect(pick(page, name, "second half")).to_have_count(1)
    expect(target).not_to_contain_text(name)


def test_by_keyboard_alone_one_picks_up_puts_down_moves_and_gives_up(new_pc: NewPc, plan: Plan) -> None:
    (_, name) = plan.people[0]
    page = new_pc("fr").sign_in("manager.valclair", DEMO_PASSWORD, "/accessibility")
    page.goto(plan.path)
    keys, news = Keys(page), page.locator("#news")
    pick(page, name, "première moitié").focus()
    page.keyboard.press("Enter")
    expect(news).to_contain_text(
        "2 plages de cette semaine conviennent. 1 autre irait, en dépit d'une règle."
    )
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(slot(page, 1).get_by_role("button")).to_be_focused()
    page.keyboard.press("Enter")
    expect(news).to_contain_text(f"{name}, première moitié : mardi")
    expect(page.get_by_role("button", name="Défaire")).to_be_focused()
    expect(slot(page, 1)).to_contain_text(name)

    keys.press(slot(page, 1).get_by_role("link", name=name))
    expect(page.locator("#hand")).to_be_focused()
    assert accessibility_faults(page) == []
    page.keyboard.press("Escape")
    expect(page.locator("#hand")).to_have_count(0)
    expect(slot(page, 1).get_by_role("link", name=name)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#hand")).to_be_focused()
    keys.press(page.get_by_role("button", name="Annuler la place"))
    expect(news).to_contain_text("la place est annulée.")
    expect(slot(page, 1)).not_to_contain_text(name)
    expect(page.get_by_role("button", name="Défaire")).to_be_focused()
    page.keyboard.press("Enter")
    expect(slot(page, 1)).to_contain_text(name)


def test_without_scripts_one_sees_what_stands_in_the_way_and_sets_it_aside(new_pc: NewPc, plan: Plan) -> None:
    (_, name) = plan.people[0]
    page = new_pc("nl", scripts=False).sign_in("manager.valclair", DEMO_PASSWORD, "/accessibility")
    page.goto(plan.path)
    pick(page, name, "eerste helft").click()
    expect(page.locator("#hand")).to_contain_text("2 tijdsloten van deze week passen.")
    slot(page, 1).get_by_role("button", name="Hier plaatsen").click()
    expect(slot(page, 1)).to_contain_text(name)
    pick(page, name, "tweede helft").click()
    expect(slot(page, 0)).to_contain_text("De tweede helft zou vóór de eerste komen")
    assert slot(page, 0).get_by_role("button").count() == 0
    expect(slot(page, 1)).to_contain_text("Volzet")
    expect(slot(page, 3)).to_contain_text("Na de uiterste datum")
    slot(page, 3).get_by_role("button", name="Toch hier plaatsen").click()
    expect(slot(page, 3)).to_contain_text(name)
    expect(pick(page, name, "helft")).to_have_count(0)
    page.get_by_role("button", name="Ongedaan maken").click()
    expect(pick(page, name, "tweede helft")).to_have_count(1)
    # Undone, it can be done again: to take back what was set aside is no trap.
    page.get_by_role("button", name="Ongedaan maken").click()
    expect(slot(page, 3)).to_contain_text(name)


def test_two_managers_book_the_last_seat_and_the_second_is_told(
    new_pc: NewPc, stack: Stack, cast: Cast
) -> None:
    plan = Plan(stack, cast.course, seats=1, people=2)
    (first, first_name), (second, second_name) = plan.people
    pcs = [new_pc(), new_pc()]
    for pc, person in zip(pcs, (first, second), strict=True):
        pc.sign_in("manager.valclair", DEMO_PASSWORD, "/accessibility")
        pc.page.goto(f"{plan.path}&hand={person}.{cast.course}.1.1")
    one, other = (pc.page for pc in pcs)
    slot(one, 0).get_by_role("button", name="Put here").click()
    expect(slot(one, 0)).to_contain_text(first_name)
    slot(other, 0).get_by_role("button", name="Put here").click()
    expect(other.get_by_text("Nothing was changed.")).to_be_visible()
    expect(other.get_by_text("All 1 seats of the slot")).to_be_visible()
    expect(other.locator("#hand")).to_contain_text(second_name)
    expect(slot(other, 0)).to_contain_text("Full")
    expect(slot(other, 1).get_by_role("button", name="Put here")).to_be_visible()
    pcs[1].faults.clear()  # the browser notes the 409


def test_another_prison_is_no_business_of_ours(new_pc: NewPc, plan: Plan) -> None:
    pc = new_pc()
    page = pc.sign_in("manager.westerdreef", DEMO_PASSWORD, "/accessibility")
    answer = page.goto(plan.path)
    assert answer is not None and answer.status == 403
    pc.faults.clear()
