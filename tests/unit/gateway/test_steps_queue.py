"""The queue in the browser, alone with a server that has bad weather: every step arrives, in order, and counts once."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.support.browser import chromium, let_go
from tests.support.steps_server import ANN, BOB, RECORD, StepsServer, steps_server

PAGES = f"/learn/{RECORD}/pages"
TEST = f"/learn/{RECORD}/test"
REVIEW = f"/learn/{RECORD}/review"
WAIT_MS = 8_000

OPENED = """
  const done = (request) => new Promise((ok, no) => {
    request.onsuccess = () => ok(request.result); request.onerror = () => no(request.error);
    setTimeout(no, 8000, new Error("the disk does not answer")); });
  const db = await done(indexedDB.open("parcours"));
"""

DUMP = (
    f"async () => {{ {OPENED}"
    """
  const all = (name) => done(db.transaction(name).objectStore(name).getAll());
  const text = (bytes) => new TextDecoder("latin1").decode(bytes);
  const told = [...await all("steps"), ...await all("drafts")].map((each) =>
    ({ ...each, content: text(each.content.data) }));
  db.close();
  return told;
}"""
)

CLAIM = (
    f"async (person) => {{ {OPENED}"
    """
  const steps = db.transaction("steps", "readwrite").objectStore("steps");
  const all = await done(steps.getAll());
  await Promise.all(all.map((each) => done(steps.put({ ...each, person }))));
  db.close();
}"""
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def server() -> Iterator[StepsServer]:
    with steps_server() as server:
        yield server


@pytest.fixture
def pc(browser: Browser, server: StepsServer) -> Iterator[BrowserContext]:
    context = browser.new_context(base_url=server.url)
    context.set_default_timeout(WAIT_MS)
    yield context
    let_go(context)


def at(pc: BrowserContext, path: str) -> Page:
    page = pc.new_page()
    page.goto(path)
    shown(page, "saved", "saving", "offline", "away", "signed-out", "left", "refused")
    return page


def shown(page: Page, *states: str) -> None:
    """The line says one of these."""
    line = page.locator("#keeping")
    expect(line).to_have_attribute("data-shown", re.compile("|".join(states)), timeout=WAIT_MS)


def go_on(page: Page) -> None:
    page.get_by_role("button", name="Go on", exact=True).click()


def arrives(page: Page, path: str) -> None:
    page.wait_for_url(f"**{path}", timeout=WAIT_MS)


def test_a_step_is_on_record_and_the_page_goes_on(pc: BrowserContext, server: StepsServer) -> None:
    page = at(pc, f"{PAGES}/1")
    for number in (2, 3):
        go_on(page)
        arrives(page, f"{PAGES}/{number}")
    shown(page, "saved")
    assert server.books.pages == ["p1", "p2"]
    assert server.books.plain == []


@pytest.mark.parametrize("weather", [["cut"], ["lost", "lost"], ["half", 429], [503], ["slow"]], ids=str)
def test_it_is_sent_until_it_is_answered_and_counts_once(
    pc: BrowserContext, server: StepsServer, weather: list[str | int]
) -> None:
    page = at(pc, f"{PAGES}/1")
    server.weather.extend(weather)
    go_on(page)
    arrives(page, f"{PAGES}/2")
    assert server.books.pages == ["p1"]
    assert server.books.sends == len([each for each in weather if each != "slow"]) + 1


def test_without_a_network_it_is_kept_said_and_sent_when_it_is_back(
    pc: BrowserContext, server: StepsServer
) -> None:
    page = at(pc, f"{PAGES}/1")
    pc.set_offline(True)
    go_on(page)
    expect(page.get_by_role("status")).to_contain_text("Offline: 1 step is kept here.", use_inner_text=True)
    expect(page.get_by_role("status")).to_contain_text("You then go on.", use_inner_text=True)
    assert server.books.pages == []
    pc.set_offline(False)  # the browser notices
    arrives(page, f"{PAGES}/2")
    assert server.books.pages == ["p1"]


def test_a_closed_tab_loses_nothing(pc: BrowserContext, server: StepsServer) -> None:
    page = at(pc, f"{PAGES}/1")
    pc.set_offline(True)
    go_on(page)
    shown(page, "offline")
    page.close()
    pc.set_offline(False)
    page = pc.new_page()
    page.goto(f"{PAGES}/1")  # the same page again: it goes on, as it would have
    arrives(page, f"{PAGES}/2")
    assert server.books.pages == ["p1"]


def test_a_tab_that_is_closed_while_it_sends_loses_and_doubles_nothing(
    pc: BrowserContext, server: StepsServer
) -> None:
    page = at(pc, f"{PAGES}/1")
    server.weather.append("slow")
    go_on(page)
    shown(page, "saving")
    page.close()
    page = at(pc, f"{PAGES}/5")
    shown(page, "saved")
    assert server.books.pages == ["p1"]


def test_a_page_that_is_left_before_its_step_is_on_the_disk(pc: BrowserContext, server: StepsServer) -> None:
    kept = "const sealed = await Promise.all(entries.map("
    server.mutations["drawer.js"] = kept, f"await new Promise(() => {{}}); {kept}"  # a disk that hangs
    page = at(pc, f"{PAGES}/1")
    go_on(page)
    page.goto("/elsewhere")
    page.wait_for_timeout(200)
    assert server.books.pages == ["p1"]


def test_two_tabs_send_in_order_and_one_at_a_time(pc: BrowserContext, server: StepsServer) -> None:
    one, two = at(pc, f"{PAGES}/1"), at(pc, f"{PAGES}/2")
    pc.set_offline(True)
    go_on(one)
    shown(one, "offline")
    go_on(two)
    shown(two, "offline")
    server.weather.extend(["slow", "lost"])
    pc.set_offline(False)
    arrives(one, f"{PAGES}/2")
    arrives(two, f"{PAGES}/3")
    assert server.books.pages == ["p1", "p2"]
    assert server.books.at_once == 1


def test_whoever_was_signed_out_is_told_and_goes_on_after_signing_in(
    pc: BrowserContext, server: StepsServer
) -> None:
    page = at(pc, f"{PAGES}/1")
    server.person = None
    go_on(page)
    expect(page.get_by_role("status")).to_contain_text(
        "You were signed out: 1 step is kept here.", use_inner_text=True
    )
    link = page.get_by_role("link", name="Sign in again").get_attribute("href")
    assert link == f"/sign-in?next={PAGES}/1"
    server.person, server.csrf = ANN, "proof-2"
    page.goto(f"{PAGES}/1")
    arrives(page, f"{PAGES}/2")
    assert server.books.pages == ["p1"]


def test_who_signed_in_again_in_another_tab_goes_on_in_this_one(
    pc: BrowserContext, server: StepsServer
) -> None:
    page = at(pc, f"{PAGES}/1")
    server.csrf = "proof-2"
    go_on(page)
    arrives(page, f"{PAGES}/2")
    assert server.books.pages == ["p1"]


def test_another_person_in_the_same_browser_sends_and_sees_nothing(
    pc: BrowserContext, server: StepsServer
) -> None:
    page = at(pc, f"{PAGES}/1")
    server.person, server.csrf = BOB, "proof-2"
    go_on(page)
    page.wait_for_url(f"{server.url}/")  # what was open is not theirs to see
    theirs = at(pc, f"{PAGES}/8")
    shown(theirs, "saved")
    go_on(theirs)
    arrives(theirs, f"{PAGES}/9")
    assert server.books.pages == ["p8"]
    server.person, server.csrf = ANN, "proof-3"
    mine = at(pc, f"{PAGES}/4")
    shown(mine, "saved")
    assert server.books.pages == ["p8", "p1"]


def test_what_waits_is_sealed(pc: BrowserContext, server: StepsServer) -> None:
    page = at(pc, f"{TEST}/1")
    page.get_by_label("B").check()
    page.wait_for_timeout(100)
    page.goto(REVIEW)
    page.get_by_role("link", name="Change").wait_for()
    pc.set_offline(True)
    go_on(page)
    shown(page, "offline")
    kept = page.evaluate(DUMP)
    assert len(kept) == 2
    assert "answer" not in str(kept) and "progress." not in str(kept)
    page.close()
    server.person = BOB
    pc.set_offline(False)
    theirs = at(pc, f"{PAGES}/8")
    theirs.evaluate(CLAIM, str(BOB))  # the other person says that the entries are theirs: they do not open
    theirs.reload()
    theirs.wait_for_load_state()
    assert server.books.done == {}


def test_what_was_done_in_a_sitting_that_was_taken_over_is_saved_when_one_goes_on_here(
    pc: BrowserContext, server: StepsServer
) -> None:
    page = at(pc, f"{PAGES}/1")
    pc.set_offline(True)
    go_on(page)
    shown(page, "offline")
    server.sitting = "s2"  # another PC
    pc.set_offline(False)
    arrives(page, f"{PAGES}/2")
    expect(page.get_by_role("status")).to_contain_text("1 step from before waits here.", use_inner_text=True)
    assert page.get_by_role("link", name="Go on here").get_attribute("href") == f"/learn/{RECORD}"
    page.goto(f"/learn/{RECORD}/sit/3")
    shown(page, "left")
    go_on(page)
    arrives(page, f"{PAGES}/4")
    shown(page, "saved")
    assert server.books.pages == ["p1"]
    (sat, reached) = server.books.done.values()
    assert reached["session_id"] == sat["session_id"] == "s3"
    assert reached["occurred_at"] < sat["occurred_at"]
    assert "parcours_sitting=s3" in page.evaluate("document.cookie")


def test_one_step_that_nobody_takes_holds_up_no_other_and_is_told(
    pc: BrowserContext, server: StepsServer
) -> None:
    server.poison = "p2"
    tabs = [at(pc, f"{PAGES}/{number}") for number in (1, 2, 3)]
    pc.set_offline(True)
    for tab in tabs:
        go_on(tab)
        shown(tab, "offline")
    pc.set_offline(False)
    arrives(tabs[0], f"{PAGES}/2")
    arrives(tabs[2], f"{PAGES}/4")
    expect(tabs[1].get_by_role("status")).to_contain_text("This is no step.", use_inner_text=True)
    assert server.books.pages == ["p1", "p3"]
    later = at(pc, f"{PAGES}/9")  # until it was read, on every page
    expect(later.get_by_role("status")).to_contain_text("This is no step.", use_inner_text=True)
    later.get_by_role("button", name="Understood").click()
    shown(later, "saved")
    assert later.evaluate(DUMP) == []


@pytest.mark.parametrize("hours", [-30, 9])
def test_a_pc_with_a_wrong_clock_dates_its_steps_right(
    pc: BrowserContext, server: StepsServer, hours: int
) -> None:
    pc.add_init_script(f"const real = Date.now; Date.now = () => real() + {hours} * 3600e3;")
    page = at(pc, f"{PAGES}/1")
    go_on(page)
    arrives(page, f"{PAGES}/2")
    (step,) = server.books.done.values()
    assert abs(datetime.now(UTC) - datetime.fromisoformat(step["occurred_at"])) < timedelta(
        seconds=WAIT_MS / 1000
    )


def test_a_clock_that_jumps_ahead_while_a_page_is_open_holds_nothing_up(
    pc: BrowserContext, server: StepsServer
) -> None:
    page = at(pc, f"{PAGES}/1")
    page.evaluate("const real = Date.now; Date.now = () => real() + 9 * 3600e3;")
    go_on(page)
    arrives(page, f"{PAGES}/2")
    (step,) = server.books.done.values()
    assert abs(datetime.now(UTC) - datetime.fromisoformat(step["occurred_at"])) < timedelta(
        seconds=WAIT_MS / 1000
    )


def test_answers_survive_and_are_deleted_once_handed_in(pc: BrowserContext, server: StepsServer) -> None:
    page = at(pc, f"{TEST}/1")
    for name in ("A", "B", "C"):
        page.get_by_label(name).check()
    page.get_by_label("A").uncheck()
    page.wait_for_timeout(100)
    page.close()
    page = at(pc, f"{TEST}/1")
    expect(page.get_by_label("B")).to_be_checked()
    expect(page.get_by_label("C")).to_be_checked()
    expect(page.get_by_label("A")).not_to_be_checked()
    page.get_by_role("button", name="Review").click()
    arrives(page, REVIEW)  # what was chosen stands in no address, and so in no history
    change = page.get_by_role("link", name="Change")
    expect(change).to_have_attribute("href", re.compile(f"{TEST}/1#q1$"))
    go_on(page)
    arrives(page, f"{PAGES}/2")
    (step,) = server.books.done.values()
    assert step["answers"] == {"q1": ["b"], "q2": ["c"]}
    assert page.evaluate(DUMP) == []


def test_answers_are_kept_when_the_page_to_look_at_them_again_cannot_be_had(
    pc: BrowserContext, server: StepsServer
) -> None:
    page = at(pc, f"{TEST}/1")
    pc.set_offline(True)
    page.get_by_label("B").check()
    page.get_by_role("button", name="Review").click()
    expect(page.get_by_role("status")).to_contain_text(
        "Your answers are kept on this PC.", use_inner_text=True
    )
    pc.set_offline(False)
    page.get_by_role("button", name="Review").click()
    arrives(page, REVIEW)


def test_answers_of_somebody_else_are_not_shown(pc: BrowserContext, server: StepsServer) -> None:
    page = at(pc, f"{TEST}/1")
    page.get_by_label("B").check()
    server.person = BOB
    theirs = at(pc, f"{TEST}/1")
    expect(theirs.get_by_label("B")).not_to_be_checked()
    page.wait_for_url(f"{server.url}/")  # and the page of the first one is gone


def test_two_tabs_with_one_test_keep_the_answers_of_both(pc: BrowserContext, server: StepsServer) -> None:
    one, two = at(pc, f"{TEST}/1"), at(pc, f"{TEST}/1")
    one.get_by_label("B").check()
    two.get_by_label("C").check()
    three = at(pc, f"{TEST}/1")
    expect(three.get_by_label("B")).to_be_checked()
    expect(three.get_by_label("C")).to_be_checked()


def test_a_browser_that_keeps_nothing_sends_its_forms_as_without_scripts(
    pc: BrowserContext, server: StepsServer
) -> None:
    pc.add_init_script(
        "IDBFactory.prototype.open = () => { throw new DOMException('full', 'QuotaExceededError'); };"
    )
    page = pc.new_page()
    page.goto(f"{PAGES}/1")
    go_on(page)
    expect(page).to_have_title("plain")
    assert server.books.plain == [f"/learn/{RECORD}/steps"]


# --- whatever a browser or a network does not come back from, nobody waits for without limit ------------------

A_SHORT_WAIT = {
    "drawer.js": ("DISK_MS = 8_000", "DISK_MS = 400"),
    "queue.js": ("ANSWER_MS = 15_000", "ANSWER_MS = 400"),
    "drafts.js": ("ANSWER_MS = 15_000", "ANSWER_MS = 400"),
}
NEVER_OPENS = "IDBFactory.prototype.open = () => ({});"
NEVER_COMMITS = """const real = IDBDatabase.prototype.transaction;
IDBDatabase.prototype.transaction = function (names, mode, how) {
  const work = real.call(this, names, mode, how);
  if (how) Object.defineProperty(work, "oncomplete", { set() {} });
  return work;
};"""


@pytest.mark.parametrize(
    "disk", [NEVER_OPENS, NEVER_COMMITS], ids=["never opens", "never says that it wrote"]
)
def test_a_disk_that_does_not_answer_holds_nobody_up(
    pc: BrowserContext, server: StepsServer, disk: str
) -> None:
    server.mutations.update(A_SHORT_WAIT)
    pc.add_init_script(disk)
    page = pc.new_page()
    page.goto(f"{PAGES}/1")
    go_on(page)
    expect(page).to_have_title("plain")
    assert server.books.plain == [f"/learn/{RECORD}/steps"]


@pytest.mark.parametrize(
    "disk", [NEVER_OPENS, NEVER_COMMITS], ids=["never opens", "never says that it wrote"]
)
def test_whatever_the_disk_does_one_gets_out(pc: BrowserContext, server: StepsServer, disk: str) -> None:
    """Not with its own patience, which is longer than somebody's who leaves a PC that others use."""
    pc.add_init_script(disk)
    page = pc.new_page()
    page.goto(f"{PAGES}/1")
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_title("plain", timeout=WAIT_MS)
    assert server.books.plain == ["/sign-out"]


def test_a_server_that_never_says_who_is_here_holds_up_no_other_tab(
    pc: BrowserContext, server: StepsServer
) -> None:
    server.mutations.update(A_SHORT_WAIT)
    one = at(pc, f"{PAGES}/1")
    server.csrf = "proof-2"  # it was signed in anew: the first tab has to ask
    server.silent.add("/api/v1/me")
    go_on(one)
    shown(one, "offline")
    two = at(pc, f"{PAGES}/5")
    shown(two, "saved")
    assert server.books.pages == ["p1"]


def test_a_page_to_look_at_answers_again_that_does_not_come_is_not_waited_for(
    pc: BrowserContext, server: StepsServer
) -> None:
    server.mutations.update(A_SHORT_WAIT)
    page = at(pc, f"{TEST}/1")
    server.silent.add(REVIEW)
    page.get_by_label("B").check()
    page.get_by_role("button", name="Review").click()
    expect(page.get_by_role("status")).to_contain_text(
        "Your answers are kept on this PC.", use_inner_text=True
    )


def test_signing_out_tries_once_more_and_then_leaves(pc: BrowserContext, server: StepsServer) -> None:
    page = at(pc, f"{PAGES}/1")
    server.weather.extend([503])
    go_on(page)
    shown(page, "away")
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_title("plain")
    assert server.books.pages == ["p1"]


def test_who_signs_out_with_steps_that_wait_is_told_where_they_stay(
    pc: BrowserContext, server: StepsServer
) -> None:
    page = at(pc, f"{PAGES}/1")
    server.weather.extend([503] * 5)
    go_on(page)
    shown(page, "away")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("status")).to_contain_text(
        "If you sign out now, all stays on this PC", use_inner_text=True
    )
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_title("plain")
    assert server.books.pages == []


# --- negative controls: faults planted in the queue, which the same journeys must notice ------------------

Journey = Callable[[BrowserContext, StepsServer], None]

FAULTS = {
    "it forgets before the answer": (
        "queue.js",
        "state = await this.#deliver(batch);",
        "await this.#drawer.settle(batch.map((entry) => ({ entry }))); state = await this.#deliver(batch);",
    ),
    "it sends under new ids": (
        "queue.js",
        "batch.map(({ step }) => step)",
        "batch.map(({ step }) => ({ ...step, command_id: crypto.randomUUID() }))",
    ),
    "it never forgets": ("drawer.js", "steps.delete(entry.id);\n        return;", "return;"),
    "it keeps nothing": ("drawer.js", "steps.add({", "Object({"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_queue_that_drops_or_doubles_is_noticed(browser: Browser, server: StepsServer, fault: str) -> None:
    file, before, after = FAULTS[fault]
    server.mutations[file] = before, after
    pc = browser.new_context(base_url=server.url)
    pc.set_default_timeout(1_500)
    try:
        page = pc.new_page()
        page.goto(f"{PAGES}/1")
        page.wait_for_timeout(200)
        server.weather.append("lost" if "ids" in fault else 503)
        go_on(page)
        page.wait_for_timeout(1_200)
        kept = page.evaluate(DUMP)
    finally:
        let_go(pc)
    assert (server.books.pages, kept) != (["p1"], []), "the control: a sound queue ends like this"
