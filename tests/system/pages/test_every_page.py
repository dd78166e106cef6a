"""Every page, for everybody who may open it, in three languages, light and dark: accessible, and whole on a phone.

`EXAMPLES` says at which address each page of the access table is looked at; a page without one fails.
"""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, StorageState

from deploy.demo import organisation
from deploy.demo.organisation import PRISON_1
from deploy.demo.people import DEMO_PASSWORD
from deploy.demo.story import Cast
from deploy.local.stack import Stack
from gateway.access import ROUTES
from services.contracts.access import Role
from services.contracts.progress import record_id_of
from tests.support.browser import Pc, accessibility_faults
from tests.system.pages.test_duties import exempt, give_order, join
from tests.system.pages.test_rooms import MONDAY, room_with_slots
from tests.system.pages.test_sessions import Ground, begun

NARROW = {"width": 320, "height": 640}
PAGES = {
    path: access
    for (method, path), access in ROUTES.items()
    if access.page and method == "GET" and not path.startswith("/static/")
}
EXAMPLES: dict[str, str | None] = {
    "/": None,  # leads on
    "/sign-in": "/sign-in",
    "/accessibility": "/accessibility",
    # pages of learners; before and during the test of knowledge: in test_learner
    "/training": "/training",
    "/training/{course}": "/training/{course}?period=2",
    "/learn/{record}": "/learn/{passed_record}",
    "/learn/{record}/test": None,
    "/learn/{record}/review": None,
    "/learn/{record}/result": "/learn/{passed_record}/result",
    "/learn/{record}/{module}/{page_id}": "/learn/{passed_record}/indicators/exercise-case?check=1&answer=a",
    "/calendar": "/calendar",
    "/operations/mail": "/operations/mail",
    "/units/{unit}/reminders": "/units/{unit}/reminders",
    # pages of personnel managers
    "/units": None,  # leads on to the one unit
    "/units/{unit}": "/units/{unit}",
    "/units/{unit}/staff": "/units/{unit}/staff?status=overdue",
    "/units/{unit}/assign": "/units/{unit}/assign?everybody=true",
    "/units/{unit}/assign/check": "/units/{unit}/assign/check?person={never}&due_on=2190-01-01",
    "/people/{person}": "/people/{never}",
    "/people/{person}/courses/{course}/take-back": "/people/{never}/courses/{course}/take-back",
    # duties
    "/units/{unit}/orders": "/units/{unit}/orders",
    "/units/{unit}/orders/new": "/units/{unit}/orders/new",
    "/units/{unit}/orders/check": (
        "/units/{unit}/orders/check?due=joining&after_days=90&again=yes&window_days=60&grace_days=7"
        "&from_on=2027-01-01&function=agent"
    ),
    "/units/{unit}/orders/{order}/end": "/units/{unit}/orders/{order}/end",
    "/people/{person}/exempt": "/people/{never}/exempt?course={course}",
    "/people/{person}/exempt/end": "/people/{exempt}/exempt/end?course={course}",
    "/units/{unit}/due": "/units/{unit}/due",
    "/units/{unit}/exceptions": "/units/{unit}/exceptions",
    # pages of plan proposals; one with people who could not be placed: in test_proposals
    "/proposals": "/proposals?unit={unit}",
    "/proposals/{proposal}": None,
    # rooms, the planning board and its figures
    "/units/{unit}/board": "/units/{unit}/board?from={slot_day}&hand={never}.{course}.1.1",
    "/units/{unit}/rooms": "/units/{unit}/rooms",
    "/units/{unit}/rooms/new": "/units/{unit}/rooms/new",
    "/units/{unit}/rooms/{room}": "/units/{unit}/rooms/{room}?from={slot_day}",
    "/units/{unit}/rooms/{room}/close": (
        "/units/{unit}/rooms/{room}/close?from_on={slot_day}&to_on={slot_day}&reason=Painting"
    ),
    "/units/{unit}/rooms/{room}/slots/{slot}": "/units/{unit}/rooms/{room}/slots/{slot}?on={slot_day}",
    # pages of in-person sessions
    "/in-person": "/in-person",
    "/requests": "/requests",
    "/requests/sessions/{session}": "/requests/sessions/{in_person}",
    "/requests/people/{person}": "/requests/people/{never}",
    "/sessions": "/sessions",
    "/sessions/new": "/sessions/new",
    "/sessions/courses": "/sessions/courses?course=in-depth",
    "/sessions/{session}": "/sessions/{in_person}",
    "/sessions/{session}/change": "/sessions/{in_person}/change",
    "/sessions/{session}/cancel": "/sessions/{in_person}/cancel",
    "/sessions/{session}/attendance": "/sessions/{in_person_now}/attendance",
    # pages of training centres
    "/courses": "/courses",
    "/courses/{course}": "/courses/{course}",
    # a folder before it is published: in test_centre
    "/courses/uploads/{upload}": None,
    "/courses/uploads/{upload}/questions": None,
    "/courses/uploads/{upload}/preview/{module}/{page_id}": None,
    "/courses/{course}/versions/{version}": "/courses/{course}/versions/1?done=published",
    "/courses/{course}/versions/{version}/withdraw": "/courses/{course}/versions/1/withdraw",
    "/courses/{course}/versions/{version}/questions": "/courses/{course}/versions/1/questions",
    "/courses/{course}/versions/{version}/results": "/courses/{course}/versions/1/results",
    "/courses/{course}/versions/{version}/preview/{module}/{page_id}": (
        "/courses/{course}/versions/1/preview/definitions-and-symbols/exercise-words"
    ),
    # pages of auditors
    "/audit": "/audit",
    "/audit/people/{person}": "/audit/people/{passed}",
    "/audit/people/{person}/compare": "/audit/people/{never}/compare?first=2020-01-01",
    "/audit/feeds/{service}": "/audit/feeds/content",
    "/audit/rebuild": "/audit/rebuild",
    "/audit/rebuild/{job}": "{rebuild}",
    # pages of operators
    "/operations": "/operations",
    # pages of operators: units
    "/operations/units": "/operations/units",
    "/operations/units/{unit}": "/operations/units/{unit}",
    "/operations/units/{unit}/{change}": "/operations/units/{unit}/deputy",
    # pages of operators: files of HR
    "/operations/staff": "/operations/staff",
    "/operations/staff/{import_id}": "{staff_file}",
    # certificates
    "/certificates/{record}": "/certificates/{passed_record}",
    "/certificates/{record}/certificate.pdf": None,  # a file
    "/people/{person}/certificates/{record}": "/people/{passed}/certificates/{passed_record}",
    "/people/{person}/certificates/{record}/certificate.pdf": None,  # a file
    "/confirm": "/confirm",
    "/confirm/{number}": "/confirm/{number}",
}
"""Template in the access table -> address; `{names}` are filled from `places`. None: it shows nothing of its own."""

WHO = {
    Role.MANAGER: "manager.valclair",
    Role.TRAINING_CENTRE: "centre.noord",
    Role.AUDITOR: "auditor",
    Role.OPERATOR: "operator",
}


@pytest.fixture(scope="module")
def places(
    stack: Stack, browser: Browser, cast: Cast, cookies: dict[Role | None, StorageState]
) -> dict[str, str]:
    passed, midway, never = cast.learners
    passed_record = str(record_id_of(passed.person_id, cast.course))
    pc = Pc(browser, stack.gateway_url, state=cookies[Role.LEARNER])
    pc.page.goto(f"/certificates/{passed_record}")
    confirmed_at = pc.page.locator("a[href^='/confirm/']").get_attribute("href") or ""
    pc.close()
    pc = Pc(browser, stack.gateway_url, state=cookies[Role.AUDITOR])
    pc.page.goto("/audit/rebuild")
    rebuild = pc.page.locator("td a, th a").first.get_attribute("href") or ""
    pc.close()
    pc = Pc(browser, stack.gateway_url, state=cookies[Role.OPERATOR])
    pc.page.goto("/operations/staff")
    row = "staff_number,given_name,family_name,language,unit\nX9,Zoë,Of-a-very-long-name,nl,VAL-CLAIR-A\n"
    pc.page.set_input_files("#file", {"name": "staff.csv", "mimeType": "text/csv", "buffer": row.encode()})
    pc.page.locator("main form .actions button").click()
    pc.page.locator("#summary .import-checked").wait_for()
    staff_file = pc.page.url.removeprefix(stack.gateway_url)
    pc.close()
    room, slot = room_with_slots(stack)
    ground = Ground(stack)
    in_person = ground.held(seats=1)
    ground.seat(in_person, str(passed.person_id), str(midway.person_id), str(never.person_id))
    in_person_now = begun(ground, str(passed.person_id), str(midway.person_id))
    ground.note(in_person_now, str(passed.person_id), 1, present=True)
    ground.seen()
    ground.close()
    return {
        "in_person": in_person,
        "in_person_now": in_person_now,
        "room": room,
        "slot": slot,
        "slot_day": str(MONDAY),
        "rebuild": rebuild,
        "exempt": exempt(stack, cast.course, join(stack, "exempt")),
        "order": give_order(stack, cast.course, PRISON_1, function="nobody at all"),
        "staff_file": staff_file,
        "course": cast.course,
        "unit": cast.prison,
        "root": str(organisation.unit_id("service")),
        "passed": str(passed.person_id),
        "midway": str(midway.person_id),
        "never": str(never.person_id),
        "passed_record": passed_record,
        "number": confirmed_at.rpartition("/")[2],
        "midway_record": str(record_id_of(midway.person_id, cast.course)),
    }


@pytest.fixture(scope="module")
def cookies(stack: Stack, browser: Browser, cast: Cast) -> dict[Role | None, StorageState]:
    """Signed in once for each role: what the browser keeps of it."""
    who = {**WHO, Role.LEARNER: cast.learners[0].user_name}
    kept: dict[Role | None, StorageState] = {}
    for role, user in who.items():
        pc = Pc(browser, stack.gateway_url)
        pc.sign_in(user, DEMO_PASSWORD, "/accessibility")
        kept[role] = pc.context.storage_state()
        pc.close()
    return kept


def test_every_page_has_an_example() -> None:
    assert set(EXAMPLES) == set(PAGES)


def addresses(role: Role | None, places: dict[str, str]) -> Iterator[str]:
    """What somebody in a role may open; nobody in particular: what is open to all."""
    for template, access in PAGES.items():
        example = EXAMPLES.get(template)
        if example is not None and (access.public if role is None else role in access.roles):
            yield re.sub(r"\{(\w+)\}", lambda place: places[place[1]], example)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("language", ["fr", "nl", "en"])
@pytest.mark.parametrize("role", [None, *Role])
def test_pages_are_accessible_and_fit_a_phone(
    stack: Stack,
    browser: Browser,
    cookies: dict[Role | None, StorageState],
    places: dict[str, str],
    role: Role | None,
    language: str,
    dark: bool,
) -> None:
    pc = Pc(browser, stack.gateway_url, language, dark=dark, state=cookies.get(role))
    found: list[str] = []
    try:
        for address in addresses(role, places):
            answer = pc.page.goto(address)
            if answer is None or answer.status != 200:
                found.append(f"{address}: {answer and answer.status}")
                continue
            found += [f"{address}: {fault}" for fault in accessibility_faults(pc.page)]
            if pc.page.locator("h1").count() != 1:
                found.append(f"{address}: not one heading of the first level")
            if not dark:
                pc.page.set_viewport_size(NARROW)
                wide = pc.page.evaluate("document.documentElement.scrollWidth")
                if wide > NARROW["width"]:
                    found.append(f"{address}: {wide} px wide on a screen of {NARROW['width']}")
                pc.page.set_viewport_size({"width": 1280, "height": 720})
    finally:
        pc.close()
    assert found + pc.faults == []
