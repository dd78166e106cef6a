"""Calendars on the wire: whose, by which address, how often; and that an address is worth nothing once it is ended."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest

from gateway.limits import CALENDAR_BURST
from services.contracts.access import Role
from tests.integration.gateway.conftest import Gateway, answered
from tests.integration.gateway.test_certificates import claims
from tests.integration.gateway.test_pages import browser

ADDRESS = "/api/v1/me/calendar/address"


@pytest.fixture
def calendar(gateway: Gateway) -> Iterator[dict[str, Any]]:
    """What scheduling says is in a calendar; `of` is the person whom it was asked about last."""
    told: dict[str, Any] = {"content": "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "appointments": 0}

    def answer(body: dict[str, Any]) -> dict[str, Any]:
        return answered({name: told[name] for name in ("content", "appointments")})

    gateway.stand_in.serve("scheduling", "reporting")
    gateway.stand_in.answers["scheduling.my_calendar"] = answer
    gateway.stand_in.answers["reporting.me"] = lambda _: answered({"given_name": "Ann", "family_name": "A"})
    yield told


def path_of(address: str) -> str:
    return httpx.URL(address).path


def test_one_s_own_calendar_is_the_same_signed_in_and_by_its_address(
    gateway: Gateway, calendar: dict[str, Any]
) -> None:
    ann, stranger = gateway.signed_in(Role.LEARNER), gateway.client()
    who = UUID(ann.get("/api/v1/me").json()["person_id"])
    assert ann.get(ADDRESS).json() == {"made_at": None, "address": None}
    mine = ann.get("/api/v1/me/calendar")
    assert mine.headers["content-type"] == "text/calendar; charset=utf-8"
    made = ann.post(ADDRESS)
    assert made.status_code == 201
    assert ann.get(ADDRESS).json() == {"made_at": made.json()["made_at"], "address": None}
    read = stranger.get(path_of(made.json()["address"]))
    assert (read.text, read.headers["etag"]) == (mine.text, mine.headers["etag"])
    for body in gateway.stand_in.questions("scheduling.my_calendar")[-2:]:
        told = claims(body)
        assert (told["sub"], told["roles"]) == (str(who), ["learner"])


def test_the_database_knows_no_secret(gateway: Gateway, calendar: dict[str, Any]) -> None:
    secret = path_of(gateway.signed_in(Role.LEARNER).post(ADDRESS).json()["address"]).split("/")[-1][:-4]
    assert len(secret) >= 43
    with psycopg.connect(gateway.database.owner_url) as connection:
        rows = connection.execute("SELECT * FROM calendar_address").fetchall()
    assert secret not in str(rows)
    assert secret.encode() not in [bytes(row[1]) for row in rows]


def test_an_address_ends_when_another_is_made_or_it_is_switched_off(
    gateway: Gateway, calendar: dict[str, Any]
) -> None:
    ann, stranger = gateway.signed_in(Role.LEARNER), gateway.client()
    first, second = (path_of(ann.post(ADDRESS).json()["address"]) for _ in range(2))
    assert [stranger.get(path).status_code for path in (first, second)] == [404, 200]
    assert ann.delete(ADDRESS).status_code == ann.delete(ADDRESS).status_code == 200
    gone, never = stranger.get(second), stranger.get("/calendar/" + "A" * 43 + ".ics")
    assert gone.status_code == never.status_code == 404
    told = [{key: value for key, value in each.json().items() if "corr" not in key} for each in (gone, never)]
    assert told[0] == told[1]  # an address that was ended looks like one that never was


def test_an_address_ends_with_the_account(gateway: Gateway, calendar: dict[str, Any]) -> None:
    ann = gateway.signed_in(Role.LEARNER)
    path = path_of(ann.post(ADDRESS).json()["address"])
    person_id = ann.get("/api/v1/me").json()["person_id"]
    with psycopg.connect(gateway.database.owner_url) as connection:
        connection.execute("DELETE FROM account WHERE person_id = %s", (person_id,))
    assert gateway.client().get(path).status_code == 404


@pytest.mark.parametrize(
    "path", ["/calendar/.ics", "/calendar/x.ics", "/calendar/%00.ics", "/calendar/a/b.ics"]
)
def test_what_is_no_address_is_not_found(gateway: Gateway, path: str) -> None:
    assert gateway.client().get(path).status_code == 404


def test_nothing_is_sent_twice_when_nothing_changed(gateway: Gateway, calendar: dict[str, Any]) -> None:
    path = path_of(gateway.signed_in(Role.LEARNER).post(ADDRESS).json()["address"])
    client = gateway.client()
    tag = client.get(path).headers["etag"]
    for told in (tag, f"W/{tag}", f'"other", {tag}'):
        again = client.get(path, headers={"if-none-match": told})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    calendar["content"] = calendar["content"].replace("END", "X-CHANGED:1\r\nEND")
    changed = client.get(path, headers={"if-none-match": tag})
    assert (changed.status_code, changed.headers["etag"] != tag) == (200, True)
    assert changed.headers["cache-control"] == "private, no-cache"


def test_a_program_that_looks_without_end_is_slowed_down(gateway: Gateway, calendar: dict[str, Any]) -> None:
    path = path_of(gateway.signed_in(Role.LEARNER).post(ADDRESS).json()["address"])
    client = gateway.client()
    answers = [client.get(path).status_code for _ in range(CALENDAR_BURST + 1)]
    assert answers == [200] * CALENDAR_BURST + [429]
    assert int(client.get(path).headers["retry-after"]) > 0


def test_only_learners_have_a_calendar(gateway: Gateway, calendar: dict[str, Any]) -> None:
    operator = gateway.signed_in(Role.OPERATOR)
    assert [operator.get(path).status_code for path in ("/api/v1/me/calendar", ADDRESS)] == [403, 403]
    assert operator.post(ADDRESS).status_code == 403


def test_the_page_shows_a_new_address_once(gateway: Gateway, calendar: dict[str, Any]) -> None:
    with browser(gateway, Role.LEARNER) as ann:
        before = ann.get("/calendar").text
        assert 'id="address"' not in before
        csrf = re.search(r'name="csrf" value="([^"]+)"', before)
        assert csrf is not None
        made = ann.post("/calendar", data={"csrf": csrf[1]})
        found = re.search(r'id="address"[^>]*value="([^"]+)"', made.text)
        assert found is not None
        assert gateway.client().get(path_of(found[1])).status_code == 200
        assert found[1] not in ann.get("/calendar").text
        assert ann.post("/calendar/end", data={"csrf": csrf[1]}).status_code == 303
        assert gateway.client().get(path_of(found[1])).status_code == 404
