"""Nothing lost, nothing counted twice: learners' bad moments in a real browser, compared with the auditor's history."""

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, Route, expect

from deploy.api import Person
from deploy.demo.load import open_account
from deploy.demo.people import DEMO_PASSWORD
from deploy.demo.walk import Walk
from deploy.local.stack import Stack
from gateway.web.rendering import STATIC
from services.backbone.limits import RPC_EXPIRY_SECONDS
from services.contracts.access import Role
from tests.support.browser import Pc, accessibility_faults
from tests.system.pages.conftest import NewPc

COURSE = "recognising-radicalisation"
COMMANDS = "**/api/v1/me/commands"
WAIT_MS = 15_000
FIRST = ("introduction/welcome", "introduction/why-this-course", "introduction/your-role")


@dataclass
class Learner:
    """Somebody new with an account; `walk` takes steps as a program would."""

    user: str
    walk: Walk

    @property
    def root(self) -> str:
        """Where their course is."""
        return f"/learn/{self.walk.record_id}"

    def begin(self) -> None:
        """Open the course and sit down."""
        self.walk.open(datetime.now(UTC) - timedelta(minutes=5))

    def begin_test(self) -> None:
        """Follow everything before the test, and begin that."""
        self.walk.open(datetime.now(UTC) - timedelta(hours=5))
        for part in self.walk.modules:
            self.walk.follow(part)
        self.walk.begin_test()


@pytest.fixture
def newcomer(stack: Stack) -> Iterator[Callable[[], Learner]]:
    people: list[Person] = []

    def new() -> Learner:
        user, person_id = f"reader-{uuid4().hex[:8]}", uuid4()
        open_account(stack, user, person_id, [Role.LEARNER])
        people.append(Person(stack.gateway_url, user, DEMO_PASSWORD))
        return Learner(user, Walk(people[-1], person_id, COURSE, "fr"))

    yield new
    for person in people:
        person.close()


@pytest.fixture
def ann(newcomer: Callable[[], Learner]) -> Learner:
    return newcomer()


@pytest.fixture
def record(stack: Stack) -> Iterator[Callable[[Learner], list[dict[str, Any]]]]:
    """What the auditor sees of somebody's record: its events, in order; none may stand there twice."""
    auditor = Person(stack.gateway_url, "auditor", DEMO_PASSWORD)

    def read(learner: Learner) -> list[dict[str, Any]]:
        position = learner.walk.view()["position"]
        lines = auditor.get(
            f"/audit/people/{learner.walk.person_id}/history", at_least=f"progress:{position}"
        )
        events = [line["event"] for line in lines["lines"]]
        told = Counter(
            tuple(
                event.get(key)
                for key in ("type", "session_id", "language", "module", "checkpoint", "attempt")
            )
            for event in events
        )
        doubled = [
            what for what, times in told.items() if times > 1 and what[0] != "progress.language_changed"
        ]
        assert doubled == []
        return events

    yield read
    auditor.close()


Record = Callable[[Learner], list[dict[str, Any]]]


def reached(events: list[dict[str, Any]]) -> list[str]:
    """The pages on record, in order."""
    return [
        f"{event['module']}/{event['checkpoint']}"
        for event in events
        if event["type"] == "progress.checkpoint_reached"
    ]


def sit(pc: Pc, learner: Learner, path: str) -> Page:
    """Signed in on this PC, which runs the sitting of their walk."""
    pc.context.add_cookies(
        [
            {
                "name": "parcours_sitting",
                "value": str(learner.walk.session_id),
                "url": f"{pc.url}{learner.root}/x",
            }
        ]
    )
    page = pc.sign_in(learner.user, DEMO_PASSWORD, path)
    shown(page, "saved")
    return page


def shown(page: Page, *states: str) -> None:
    """The line says one of these."""
    line = page.locator("#keeping")
    expect(line).to_have_attribute("data-shown", re.compile("|".join(states)), timeout=WAIT_MS)


def go_on(page: Page) -> None:
    page.locator(".onward form[data-steps] button").click()


def arrives(page: Page, path: str) -> None:
    page.wait_for_url(f"**{path}", timeout=WAIT_MS)
    shown(page, "saved")


def at(learner: Learner, place: int) -> str:
    return f"{learner.root}/{FIRST[place]}"


# --- the ordinary day -------------------------------------------------------------------------------------


def test_a_course_is_begun_read_and_stopped_through_the_queue(
    new_pc: NewPc, ann: Learner, record: Record
) -> None:
    pc = new_pc("fr")
    page = pc.sign_in(ann.user, DEMO_PASSWORD, f"/training/{COURSE}")
    forms: list[str] = []
    page.on("request", lambda request: forms.append(request.url) if request.url.endswith("/steps") else None)
    page.get_by_role("button", name="Commencer la formation").click()
    arrives(page, at(ann, 0))
    go_on(page)
    arrives(page, at(ann, 1))
    page.get_by_role("button", name="Nederlands", exact=True).last.click()
    expect(page.locator("h1")).to_have_attribute("lang", "nl")
    go_on(page)
    arrives(page, at(ann, 2))
    page.get_by_role("button", name="S’arrêter ici").click()
    page.wait_for_url("**/training?done=stopped")
    events = record(ann)
    assert [event["type"].removeprefix("progress.") for event in events] == [
        "record_opened",
        "session_started",
        "module_started",
        "checkpoint_reached",
        "language_changed",
        "checkpoint_reached",
        "session_ended",
    ]
    assert reached(events) == [*FIRST[:2]]
    page.get_by_role("button", name="Reprendre où vous étiez").click()  # one press, and one is there again
    arrives(page, at(ann, 2))
    page.goto("/training")  # and while this browser runs the course, a link does
    page.get_by_role("link", name="Reprendre où vous étiez").click()
    arrives(page, at(ann, 2))
    assert forms == [], "all went through the queue"


# --- tabs and networks ------------------------------------------------------------------------------------


def test_a_tab_that_is_closed_while_it_sends(new_pc: NewPc, ann: Learner, record: Record) -> None:
    ann.begin()
    pc = new_pc()
    page = sit(pc, ann, at(ann, 0))
    page.route(COMMANDS, lambda _: None)  # under way for ever
    go_on(page)
    shown(page, "saving")
    page.close()
    page = pc.tab()
    page.goto(at(ann, 0))
    arrives(page, at(ann, 1))  # where it would have led
    assert reached(record(ann)) == [FIRST[0]]


def test_an_answer_that_is_lost_on_its_way(new_pc: NewPc, ann: Learner, record: Record) -> None:
    ann.begin()
    pc = new_pc()
    page = sit(pc, ann, at(ann, 0))

    def lose(route: Route) -> None:
        assert route.fetch().status == 200
        route.abort()

    page.route(COMMANDS, lose, times=1)
    go_on(page)
    arrives(page, at(ann, 1))
    assert reached(record(ann)) == [FIRST[0]]
    pc.faults.clear()  # the browser notes what failed


def test_a_network_that_is_cut_and_comes_back(new_pc: NewPc, ann: Learner, record: Record) -> None:
    ann.begin()
    pc = new_pc("nl")
    page = sit(pc, ann, at(ann, 0))
    pc.context.set_offline(True)
    go_on(page)
    status = page.get_by_role("status")
    expect(status).to_contain_text("Offline: 1 stap wordt hier bewaard.", use_inner_text=True)
    expect(status).to_contain_text("Daarna gaat u verder.", use_inner_text=True)
    assert accessibility_faults(page) == []
    assert reached(record(ann)) == []
    pc.context.set_offline(False)
    arrives(page, at(ann, 1))
    assert reached(record(ann)) == [FIRST[0]]
    pc.faults.clear()


def test_two_tabs_of_one_browser(new_pc: NewPc, ann: Learner, record: Record) -> None:
    ann.begin()
    pc = new_pc()
    one = sit(pc, ann, at(ann, 0))
    two = pc.tab()
    two.goto(at(ann, 0))
    shown(two, "saved")
    pc.context.set_offline(True)
    for tab in (one, two):
        go_on(tab)
        shown(tab, "offline")
    pc.context.set_offline(False)
    for tab in (one, two):
        tab.wait_for_url(f"**{at(ann, 1)}", timeout=WAIT_MS)
    go_on(two)
    arrives(two, at(ann, 2))
    assert reached(record(ann)) == [*FIRST[:2]]
    pc.faults.clear()


# --- sessions and PCs -------------------------------------------------------------------------------------


def test_a_session_that_ended_meanwhile(new_pc: NewPc, ann: Learner, record: Record) -> None:
    ann.begin()
    pc = new_pc("fr")
    page = sit(pc, ann, at(ann, 0))
    other = pc.tab()
    other.goto("/training")
    other.get_by_role("button", name="Se déconnecter").click()
    other.wait_for_url("**/sign-in")
    go_on(page)
    expect(page.get_by_role("status")).to_contain_text(
        "Votre session a pris fin : 1 étape est gardée ici.", use_inner_text=True
    )
    assert accessibility_faults(page) == []
    page.get_by_role("link", name="Se reconnecter").click()
    page.locator("#user").fill(ann.user)
    page.locator("#password").fill(DEMO_PASSWORD)
    page.locator("main form button").click()
    arrives(page, at(ann, 1))  # on from the page that was left
    assert reached(record(ann)) == [FIRST[0]]
    pc.faults.clear()


def test_two_pcs_at_once(new_pc: NewPc, ann: Learner, record: Record) -> None:
    ann.begin()
    here, there = new_pc(dark=True), new_pc()
    page = sit(here, ann, at(ann, 0))
    here.context.set_offline(True)
    go_on(page)
    shown(page, "offline")
    elsewhere = there.sign_in(ann.user, DEMO_PASSWORD, at(ann, 0))
    elsewhere.get_by_role("button", name="Go on here").click()
    elsewhere.locator(".onward").wait_for()  # the lesson: this PC has taken over
    here.context.set_offline(False)
    page.get_by_role("heading", name="This course is open somewhere else").wait_for()
    expect(page.get_by_role("status")).to_contain_text("1 step from before waits here.", use_inner_text=True)
    assert accessibility_faults(page) == []
    assert reached(record(ann)) == []
    page.locator("main form[data-steps] button").first.click()
    arrives(page, at(ann, 1))
    go_on(page)
    arrives(page, at(ann, 2))
    go_on(elsewhere)  # too late, and not lost either: the page was reached by then
    elsewhere.get_by_role("heading", name="This course is open somewhere else").wait_for()
    elsewhere.locator("main form[data-steps] button").first.click()
    shown(elsewhere, "saved")
    events = record(ann)
    assert reached(events) == [*FIRST[:2]]
    assert sum(event["type"] == "progress.session_abandoned" for event in events) == 3
    here.faults.clear()


def test_a_shared_pc(stack: Stack, new_pc: NewPc, newcomer: Callable[[], Learner], record: Record) -> None:
    ann, bob = newcomer(), newcomer()
    ann.begin()
    bob.begin()
    pc = new_pc("fr")
    page = sit(pc, ann, at(ann, 0))
    stack.stop("progress-serve")
    try:
        go_on(page)
        shown(page, "away")
        expect(page.get_by_role("status")).to_contain_text("Le service ne répond pas", use_inner_text=True)
        key = page.locator("#keeping").get_attribute("data-key")
        page.get_by_role("button", name="Se déconnecter").click()
        expect(page.get_by_role("status")).to_contain_text(
            "Si vous vous déconnectez maintenant", use_inner_text=True
        )
        page.get_by_role("button", name="Se déconnecter").click()
        page.wait_for_url("**/sign-in")
        page.go_back()  # nothing of the lesson is shown again
        page.wait_for_url("**/sign-in*")
        time.sleep(RPC_EXPIRY_SECONDS)  # what the gateway gave up waiting for is not carried out later
    finally:
        stack.start("progress-serve")
    assert "Bienvenue" not in page.content()
    ready(stack)
    sent: list[str] = []
    page.on(
        "request", lambda request: sent.append(request.post_data or "") if "commands" in request.url else None
    )
    page = sit(pc, bob, at(bob, 0))
    assert page.locator("#keeping").get_attribute("data-key") != key
    go_on(page)
    arrives(page, at(bob, 1))
    assert str(ann.walk.record_id) not in "".join(sent) + page.content()
    assert reached(record(ann)) == []
    page.get_by_role("button", name="Se déconnecter").click()
    page.wait_for_url("**/sign-in")
    page = sit(pc, ann, "/training")
    assert reached(record(ann)) == [FIRST[0]]
    assert reached(record(bob)) == [FIRST[0]]
    pc.faults.clear()


def test_a_pc_whose_clock_is_wrong_by_hours(new_pc: NewPc, ann: Learner, record: Record) -> None:
    ann.begin()
    pc = new_pc()
    pc.context.add_init_script("const real = Date.now; Date.now = () => real() + 7 * 3600e3;")
    page = sit(pc, ann, at(ann, 0))
    began = datetime.now(UTC)
    go_on(page)
    arrives(page, at(ann, 1))
    (event,) = (event for event in record(ann) if event["type"] == "progress.checkpoint_reached")
    assert abs(datetime.fromisoformat(event["occurred_at"]) - began) < timedelta(milliseconds=WAIT_MS)


# --- the test of knowledge, and a server that dies --------------------------------------------------------


def choose(page: Page) -> dict[str, list[str]]:
    """The first option of every question; what was chosen."""
    chosen = {}
    for question in page.locator(".questions > li").all():
        option = question.locator("input").first
        option.check()
        chosen[question.get_attribute("id") or ""] = [option.get_attribute("value") or ""]
    return chosen


def checked(page: Page) -> dict[str, list[str]]:
    return page.evaluate(  # type: ignore[no-any-return]
        "Object.fromEntries([...document.querySelectorAll('.questions input:checked')]"
        ".map((each) => [each.name.slice(7), [each.value]]))"
    )


def ready(stack: Stack) -> None:
    """Everything answers again."""
    page_ready = datetime.now(UTC) + timedelta(milliseconds=2 * WAIT_MS)
    while not stack.is_ready():
        assert datetime.now(UTC) < page_ready


@pytest.mark.parametrize("victim", ["gateway", "progress-serve"])
def test_a_server_that_is_killed_in_the_middle_of_the_test(
    stack: Stack, new_pc: NewPc, ann: Learner, record: Record, victim: str
) -> None:
    ann.begin_test()
    pc = new_pc()
    page = sit(pc, ann, f"{ann.root}/test")
    chosen = choose(page)
    page.wait_for_timeout(100)
    stack.kill(victim)
    page.close()
    ready(stack)
    page = pc.tab()
    page.goto(f"{ann.root}/test")
    shown(page, "saved")
    assert checked(page) == chosen
    page.get_by_role("button", name="Look at my answers again").click()
    page.wait_for_url(f"**{ann.root}/review")
    expect(page.locator("main")).to_contain_text("Every question has an answer.")
    stack.kill(victim)
    page.get_by_role("button", name="Hand in").click()
    page.wait_for_url(f"**{ann.root}/result", timeout=3 * WAIT_MS)
    ready(stack)
    graded = [
        event for event in record(ann) if event["type"] in ("progress.quiz_failed", "progress.quiz_passed")
    ]
    assert [event["answers"] for event in graded] == [chosen]
    pc.faults.clear()


def test_a_queue_that_forgets_is_noticed(new_pc: NewPc, ann: Learner, record: Record) -> None:
    """Negative control: with this fault in our script, the record lacks the step that the page took for saved."""
    ann.begin()
    pc = new_pc()
    sound = (STATIC / "queue.js").read_text(encoding="utf-8")
    before = "state = await this.#deliver(batch);"
    assert before in sound
    after = f"await this.forget(batch); {before}"
    pc.context.route(
        "**/queue.js",
        lambda route: route.fulfill(body=sound.replace(before, after), content_type="text/javascript"),
    )
    page = sit(pc, ann, at(ann, 0))
    pc.context.set_offline(True)
    go_on(page)
    page.wait_for_timeout(300)
    pc.context.set_offline(False)
    page.goto(at(ann, 1))
    shown(page, "saved")
    assert reached(record(ann)) == []
    pc.faults.clear()
