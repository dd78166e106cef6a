"""What managers' pages ask of the services, and what they make of answers that the demo never gives."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

import httpx
import pytest

from services.contracts.access import Role
from tests.integration.gateway.conftest import Gateway, answered, refused
from tests.integration.gateway.test_pages import browser

NOON = datetime(2026, 6, 30, 10, tzinfo=UTC).isoformat()
PRISON, OTHER, ANN, BOB = (str(UUID(int=n)) for n in (1, 2, 3, 4))
COMMAND = UUID(int=9)
TIMES = {"as_of": NOON, "known_at": NOON, "positions": {}}
TREND = {
    "unit": {
        "unit_id": PRISON,
        "name": {"fr": "Prison"},
        "kind": "prison",
        "points": [{"as_of": NOON, "people": 4, "trained": trained} for trained in (0, 1)],
    },
    "below": [],
    "course": "recognising",
    **TIMES,
}


def unit(unit_id: str, name: str) -> dict[str, Any]:
    return {"unit_id": unit_id, "parent_id": None, "kind": "prison", "name": {"fr": name}, "in_care": True}


def line(person_id: str, **changes: Any) -> dict[str, Any]:
    return {
        "person_id": person_id,
        "given_name": "Ann",
        "family_name": "Baert",
        "staff_number": "P1",
        "unit_id": PRISON,
        "unit_name": {"fr": "Prison"},
        "status": "assigned",
        "due_on": "2027-01-01",
        "since": NOON,
        "expires_on": None,
        "record_id": None,
    } | changes


def overview(asked: dict[str, Any]) -> dict[str, Any]:
    unit_id = asked["body"]["unit_id"]
    counts = {"overdue": 2} if unit_id == OTHER else {"passed": 12_000}
    figures = {"unit_id": unit_id, "name": {"fr": "Prison"}, "kind": "prison", "people": 12_500}
    return answered({"unit": {**figures, "counts": counts}, "below": [], "course": "recognising", **TIMES})


@pytest.fixture
def manager(gateway: Gateway) -> Iterator[httpx.Client]:
    """A manager of one prison with one course."""
    summary = {"course": "recognising", "title": {"fr": "Reconnaître"}, "languages": ["fr"]}
    version = {
        "course_version": 1,
        "title": summary["title"],
        "languages": ["fr"],
        "parts": 8,
        "pages": 24,
        "minutes": 200,
        "questions": 20,
        "manifest": "0" * 64,
        "published_at": NOON,
        "test": {"draw": 10, "pass_mark_percent": 80, "attempts_allowed": 3},
        "validity_months": 24,
    }
    gateway.stand_in.serve("content")
    with browser(gateway, Role.MANAGER) as client:
        gateway.stand_in.answers |= {
            "reporting.organisation": lambda _: answered(
                {"units": [unit(PRISON, "Prison")], "positions": {}}
            ),
            "content.courses": lambda _: answered({"courses": [{**summary, "versions": [version]}]}),
            "reporting.overview": overview,
            "reporting.staff": lambda _: answered({"lines": [line(ANN)], "cursor": "next~1", **TIMES}),
        }
        yield client


def transcript(**changes: Any) -> dict[str, Any]:
    about = {
        "course": "recognising",
        "period": 1,
        "course_version": 1,
        "status": "overdue",
        "due_on": "2026-01-01",
        "opened_at": None,
        "modules_completed": 0,
        "modules": 8,
        "attempts": [],
        "completed_at": None,
        "expires_on": None,
        "record_id": None,
    }
    return answered(
        {
            "person_id": ANN,
            "given_name": "Ann",
            "family_name": "Baert",
            "unit_id": PRISON,
            "unit_name": {"fr": "Prison"},
            "lines": [about | changes],
            **TIMES,
        }
    )


def csrf(client: httpx.Client) -> str:
    told: str = client.get("/api/v1/me").json()["csrf"]
    return told


def assign(client: httpx.Client, *people: str) -> httpx.Response:
    form = {"csrf": csrf(client), "command_id": str(COMMAND), "course": "recognising", "due_on": "2190-01-01"}
    return client.post(f"/units/{PRISON}/assign", data={**form, "person": list(people)})


def test_one_unit_is_gone_to_and_of_several_those_that_need_attention_come_first(
    gateway: Gateway, manager: httpx.Client
) -> None:
    assert manager.get("/units?as_of=2026-01-01").headers["location"] == f"/units/{PRISON}?as_of=2026-01-01"
    two = {"units": [unit(PRISON, "Prison"), unit(OTHER, "Other")], "positions": {}}
    gateway.stand_in.answers["reporting.organisation"] = lambda _: answered(two)
    rows = re.findall(r'<th scope="row"><a href="/units/([^"?]*)', manager.get("/units").text)
    assert rows == [OTHER, PRISON]


def test_without_units_or_courses_a_manager_is_told_so(gateway: Gateway, manager: httpx.Client) -> None:
    gateway.stand_in.answers["content.courses"] = lambda _: answered({"courses": []})
    for path in (f"/units/{PRISON}", f"/units/{PRISON}/staff"):
        assert "No course was published yet" in manager.get(path).text
    assert "There is no course" in manager.get(f"/units/{PRISON}/assign?everybody=true").text
    gateway.stand_in.answers["reporting.organisation"] = lambda _: answered({"units": [], "positions": {}})
    assert "No unit is in your care" in manager.get("/units").text
    assert manager.get(f"/units/{PRISON}").status_code == 403


@pytest.mark.parametrize(
    "path", ["board?from=2300-01-01", f"rooms/{OTHER}?from=1066-10-14", "board?from=soon"]
)
def test_a_day_that_no_request_may_name_is_refused_with_a_sentence(manager: httpx.Client, path: str) -> None:
    answer = manager.get(f"/units/{PRISON}/{path}")
    assert answer.status_code == 422
    assert "<h1>" in answer.text


def test_a_list_is_asked_for_page_by_page_and_keeps_what_was_asked(
    gateway: Gateway, manager: httpx.Client
) -> None:
    same = "as_of=2026-01-01&known_at=2026-02-01&status=overdue&called=ann"
    shown = manager.get(f"/units/{PRISON}/staff?course=recognising&{same}&position=7").text
    asked = gateway.stand_in.questions("reporting.staff")[-1]["body"]
    assert asked["limit"] == 50 and asked["everybody"] and asked["called"] == "ann"
    assert asked["as_of"].startswith("2026-01-01T23:59:59")
    assert asked["at_least"] == {"scheduling": 7}
    following = re.search(r'href="(/units/[^"]*cursor=[^"]*)"', shown)
    assert following is not None
    address = httpx.URL(following[1].replace("&amp;", "&"))
    assert dict(address.params) == {
        "course": "recognising",
        "as_of": "2026-01-01",
        "known_at": "2026-02-01",
        "status": "overdue",
        "called": "ann",
        "cursor": "next~1",
    }


def test_who_has_no_name_in_the_directory_is_listed_all_the_same(
    gateway: Gateway, manager: httpx.Client
) -> None:
    erased = line(ANN, given_name=None, family_name=None, staff_number=None)
    gateway.stand_in.answers["reporting.staff"] = lambda _: answered(
        {"lines": [erased], "cursor": None, **TIMES}
    )
    assert "Name unknown" in manager.get(f"/units/{PRISON}/staff").text


def test_a_form_that_is_sent_twice_says_the_same_command_twice(
    gateway: Gateway, manager: httpx.Client
) -> None:
    first, again = assign(manager, ANN, BOB), assign(manager, ANN, BOB)
    assert first.headers["location"] == again.headers["location"]
    assert first.headers["location"] == f"/units/{PRISON}/staff?course=recognising&done=assigned&position=2"
    one, other = (
        [item["body"]["command_id"] for item in batch["items"]]
        for batch in gateway.stand_in.questions("scheduling.execute")
    )
    assert one == other == [str(uuid5(COMMAND, ANN)), str(uuid5(COMMAND, BOB))]


def test_a_list_in_which_nobody_was_ticked_is_not_everybody(gateway: Gateway, manager: httpx.Client) -> None:
    assert "Nobody was ticked" in manager.get(f"/units/{PRISON}/assign?course=recognising").text
    assert manager.get(f"/units/{PRISON}/assign/check?due_on=2190-01-01").status_code == 422
    assert assign(manager).status_code == 422
    assert gateway.stand_in.questions("scheduling.execute") == []


def test_who_could_not_be_assigned_is_named_with_the_reason(gateway: Gateway, manager: httpx.Client) -> None:
    def one_of_two(batch: dict[str, Any]) -> dict[str, Any]:
        first, second = (item["body"]["command_id"] for item in batch["items"])
        gone = {"outcome": "refused", "command_id": first, "rule": "person-withdrawn", "params": {}}
        return answered({"outcomes": [gone, {"outcome": "accepted", "command_id": second, "position": 5}]})

    gateway.stand_in.answers["scheduling.execute"] = one_of_two
    told = assign(manager, ANN, BOB)
    assert told.status_code == 409
    assert "Assigned to 1 of 2 people" in told.text and "Ann Baert" in told.text


def test_no_more_people_are_assigned_at_once_than_a_list_lets_tick(
    gateway: Gateway, manager: httpx.Client
) -> None:
    told = assign(manager, *(str(UUID(int=number)) for number in range(1, 102)))
    assert told.status_code == 422
    assert gateway.stand_in.questions("scheduling.execute") == []


def test_what_a_service_refuses_is_a_page_that_says_so(gateway: Gateway, manager: httpx.Client) -> None:
    gateway.stand_in.answers["reporting.transcript"] = lambda _: refused("not-yours")
    told = manager.get(f"/people/{ANN}")
    assert told.status_code == 403 and "This is not open to you" in told.text
    assert manager.get(f"/units/{PRISON}?as_of=yesterday").status_code == 422
    assert manager.get(f"/units/{PRISON}?course=unknown").status_code == 404


@pytest.mark.parametrize("path", [f"/units/{PRISON}", f"/units/{PRISON}/staff"])
def test_a_page_that_does_not_know_yet_what_was_done_says_so(
    gateway: Gateway, manager: httpx.Client, path: str
) -> None:
    def behind(asked: dict[str, Any]) -> dict[str, Any]:
        return refused("position-not-reached") if asked["body"]["at_least"] else overview(asked)

    gateway.stand_in.answers["reporting.trend"] = lambda _: answered(TREND)
    told = manager.get(f"{path}?position=9&done=assigned").text
    assert "What you see here shows it already" in told
    gateway.stand_in.answers["reporting.overview"] = behind
    told = manager.get(f"{path}?position=9&done=assigned").text
    assert "does not show it yet" in told


TAKE_BACK = f"/people/{ANN}/courses/recognising/take-back"


def test_an_assignment_is_taken_back_once_however_often_the_form_is_sent(
    gateway: Gateway, manager: httpx.Client
) -> None:
    gateway.stand_in.answers["reporting.transcript"] = lambda _: transcript(period=2)
    assert f'action="{TAKE_BACK}?period=2"' in manager.get(f"{TAKE_BACK}?period=2").text
    form = {"csrf": csrf(manager), "command_id": str(COMMAND)}
    first, again = (manager.post(f"{TAKE_BACK}?period=2", data=form) for _ in range(2))
    assert first.headers["location"] == again.headers["location"]
    assert first.headers["location"].startswith(f"/people/{ANN}?done=taken-back&position=")
    one, other = (batch["items"] for batch in gateway.stand_in.questions("scheduling.execute"))
    body = one[0]["body"]
    assert body["command_id"] == other[0]["body"]["command_id"] == str(COMMAND)
    assert (body["type"], body["person_id"], body["period"]) == ("scheduling.withdraw_assignment", ANN, 2)
    assert manager.post(TAKE_BACK, data=form | {"command_id": "x"}).status_code == 422


@pytest.mark.parametrize("changes", [{"due_on": None}, {"completed_at": NOON}, {"course": "other"}])
def test_what_is_not_due_cannot_be_taken_back(
    gateway: Gateway, manager: httpx.Client, changes: dict[str, Any]
) -> None:
    gateway.stand_in.answers["reporting.transcript"] = lambda _: transcript(**changes)
    assert manager.get(TAKE_BACK).headers["location"] == f"/people/{ANN}"
    assert "take-back" not in manager.get(f"/people/{ANN}").text or changes.get("course")


def test_who_used_up_all_attempts_is_assigned_the_course_anew(
    gateway: Gateway, manager: httpx.Client
) -> None:
    gateway.stand_in.answers["content.course"] = lambda _: refused("course-unknown")
    gateway.stand_in.answers["reporting.transcript"] = lambda _: transcript(
        status="failed", course_version=None
    )
    told = manager.get(f"/people/{ANN}").text
    anew = re.search(r'href="(/units/[^"]*period=2)"', told)
    assert anew is not None and "Assign it anew" in told
    address = anew[1].replace("&amp;", "&")
    assert 'name="period" value="2"' in manager.get(address).text
    check = address.replace("/assign?", "/assign/check?") + "&due_on=2190-01-01"
    assert "new attempts at the test" in manager.get(check).text
    form = {"course": "recognising", "due_on": "2190-01-01", "person": ANN, "period": "2"}
    manager.post(f"/units/{PRISON}/assign", data={"csrf": csrf(manager), "command_id": str(COMMAND), **form})
    (batch,) = gateway.stand_in.questions("scheduling.execute")
    assert batch["items"][0]["body"]["period"] == 2
    gateway.stand_in.answers["reporting.transcript"] = lambda _: transcript(course_version=None)
    assert "Assign it anew" not in manager.get(f"/people/{ANN}").text
