"""The queue of messages and the reminders of a unit, as pages: what they say, and what they never do."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from services.contracts.access import Role
from services.contracts.rules import Rule
from tests.integration.gateway.conftest import Gateway, answered, refused
from tests.integration.gateway.test_pages import browser

NOON = "2026-06-30T10:00:00Z"
PRISON, ANN, BEN = (str(uuid4()) for _ in range(3))
COURSE = "recognising-radicalisation"
QUEUE: dict[str, Any] = {
    "at": NOON,
    "days": 7,
    "waiting": 3,
    "later": 12,
    "oldest_at": "2026-06-30T09:59:30Z",
    "failing": 0,
    "last_sent_at": NOON,
    "kinds": [{"kind": kind, "waiting": 1, "sent": 2, "dropped": 3} for kind in ("due_7", "class_offered")],
    "drops": [{"reason": "no_address", "messages": 6}],
    "failures": [],
}
FAILURE = {"message_id": str(UUID(int=7)), "kind": "due_7", "noted_at": NOON, "attempts": 4, "next_at": NOON}
SENT = {
    "person_id": ANN,
    "kind": "due_7",
    "course": COURSE,
    "due_on": "2026-07-07",
    "at": NOON,
    "state": "dropped",
    "reason": "no_address",
}
COMES = {"person_id": BEN, "kind": "due_1", "course": COURSE, "due_on": "2026-07-07", "on": "2026-07-06"}


def page_of_queue(gateway: Gateway, **said: Any) -> str:
    gateway.stand_in.serve("scheduling")
    gateway.stand_in.answers["scheduling.mail_queue"] = lambda _: answered({**QUEUE, **said})
    with browser(gateway, Role.OPERATOR) as operator:
        return operator.get("/operations/mail", headers={"accept-language": "en"}).text


def test_all_is_well_when_messages_leave(gateway: Gateway) -> None:
    told = page_of_queue(gateway)
    assert "Messages leave as they come." in told
    assert "Reminder, 7 days before" in told
    assert "Place offered" in told
    assert "No usable e-mail address" in told


def test_what_does_not_leave_is_told_with_what_to_do(gateway: Gateway) -> None:
    told = page_of_queue(gateway, oldest_at="2026-06-30T09:00:00Z")
    assert "Messages do not leave." in told
    assert "./parcours logs scheduling-work" in told


def test_what_fails_is_told_without_whom_it_is_for(gateway: Gateway) -> None:
    told = page_of_queue(gateway, failing=1, failures=[FAILURE])
    assert "1 message was not taken yet." in told
    assert "<code>00000000</code>" in told


def stands(gateway: Gateway, staff: dict[str, Any], reminders: dict[str, Any] | None = None) -> str:
    gateway.stand_in.serve("scheduling", "reporting", "content")
    unit = {
        "unit_id": PRISON,
        "parent_id": None,
        "name": {"en": "Nivelles"},
        "kind": "prison",
        "in_care": True,
    }
    course = {"course": COURSE, "title": {"en": "Recognising"}, "languages": ["fr"], "versions": []}
    told = reminders or {
        "days": 30, "sent": [SENT], "more_sent": False, "to_come": [COMES], "more_to_come": True
    }  # fmt: skip
    gateway.stand_in.answers |= {
        "reporting.organisation": lambda _: answered({"units": [unit], "positions": {}}),
        "content.courses": lambda _: answered({"courses": [course]}),
        "scheduling.reminders": lambda _: answered(told),
        "reporting.staff": lambda _: staff,
    }
    with browser(gateway, Role.MANAGER) as manager:
        return manager.get(f"/units/{PRISON}/reminders", headers={"accept-language": "en"}).text


def line(person_id: str, name: str) -> dict[str, Any]:
    return {
        "person_id": person_id,
        "given_name": name,
        "family_name": "Peeters",
        "staff_number": "1",
        "unit_id": PRISON,
        "unit_name": {"en": "Section A"},
        "status": "assigned",
        "due_on": None,
        "since": NOON,
        "expires_on": None,
        "record_id": None,
    }


def test_reminders_are_of_people_by_name_with_what_became_of_them(gateway: Gateway) -> None:
    lines = [line(ANN, "Ann"), line(BEN, "Ben")]
    staff = answered({"lines": lines, "cursor": None, "as_of": NOON, "known_at": NOON, "positions": {}})
    told = stands(gateway, staff)
    assert "Ann Peeters" in told
    assert "Ben Peeters" in told
    assert "No usable e-mail address" in told
    assert "Reminder, the day before" in told
    assert "there are more" in told
    (asked,) = gateway.stand_in.questions("reporting.staff")[-1:]
    assert set(asked["body"]["people"]) == {ANN, BEN}


def test_without_reporting_s_names_the_page_still_says_what_was_sent(gateway: Gateway) -> None:
    told = stands(gateway, refused(Rule.NOT_YOURS))
    assert "Name unknown" in told
    assert "Reminder, the day before" in told


@pytest.mark.parametrize("path", ["/operations/mail", f"/units/{PRISON}/reminders"])
def test_learners_see_neither(gateway: Gateway, path: str) -> None:
    with browser(gateway, Role.LEARNER) as learner:
        assert learner.get(path).status_code == 403
