"""Certificates on the wire: whose they are, in whose name one is confirmed, and how little is said."""

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from gateway.limits import CONFIRM_BURST, CONFIRM_TOKEN_SECONDS
from services.contracts.access import Role
from services.contracts.rules import Rule
from tests.integration.gateway.conftest import Gateway, answered, refused
from tests.integration.gateway.test_pages import browser
from tests.support.pdf import Pdf

RECORD, UNFINISHED, OF_OTHERS, IN_PERSON = uuid4(), uuid4(), uuid4(), uuid4()
COMPLETED = datetime(2026, 6, 30, 22, 30, tzinfo=UTC)  # in Brussels it is July
SECRETS = ("Amélie", "Verstraete", "radicalis", "2026", "2028")


def line(record: UUID, completed_at: datetime | None) -> dict[str, Any]:
    done = completed_at is not None
    return {
        "course": "recognising-radicalisation",
        "period": 1,
        "course_version": 3,
        "status": "passed" if done else "in_progress",
        "due_on": None,
        "opened_at": "2026-06-01T08:00:00Z",
        "modules_completed": 8 if done else 2,
        "modules": 8,
        "attempts": [["2026-06-30T22:30:00Z", 13, 15]] if done else [],
        "completed_at": completed_at.isoformat() if completed_at else None,
        "expires_on": "2028-07-01" if done else None,
        "record_id": str(record),
    }


def followed_in_person(record: UUID, completed_at: datetime) -> dict[str, Any]:
    nothing = {
        "course": "in-depth",
        "course_version": None,
        "modules": None,
        "modules_completed": 0,
        "attempts": [],
    }
    title = {"fr": "Formation approfondie", "nl": "Verdieping"}
    session = {"class_id": str(uuid4()), "title": title, "outcome": "completed", "attended": [True, True]}
    return {**line(record, completed_at), **nothing, "in_person": {**session, "language": "nl"}}


@dataclass
class Register:
    """What reporting and content say."""

    given_name: str | None = "Amélie"
    family_name: str | None = "Verstraete"
    completed_at: datetime = COMPLETED
    titles: dict[str, str] = field(
        default_factory=lambda: {"fr": "Reconnaître la radicalisation", "nl": "Radicalisering herkennen"}
    )

    def training(self, _: dict[str, Any]) -> dict[str, Any]:
        return answered(
            {
                "person_id": str(UUID(int=1)),
                "given_name": self.given_name,
                "family_name": self.family_name,
                "lines": [
                    line(UNFINISHED, None),
                    line(RECORD, self.completed_at),
                    followed_in_person(IN_PERSON, self.completed_at),
                ],
                "as_of": "2026-07-01T08:00:00Z",
                "known_at": "2026-07-01T08:00:00Z",
                "positions": {},
            }
        )

    def course(self, asked: dict[str, Any]) -> dict[str, Any]:
        language = asked["body"]["language"]
        if language not in self.titles:
            return refused("language-unknown", language=language)
        return answered(
            {
                "course": "recognising-radicalisation",
                "course_version": 3,
                "language": language,
                "languages": [*self.titles],
                "title": self.titles[language],
                "summary": "-",
                "validity_months": 24,
                "sittings": 2,
                "test": {"draw": 15, "pass_mark_percent": 80, "attempts_allowed": 3},
                "withdrawn": False,
                "modules": [],
            }
        )


@pytest.fixture
def register(gateway: Gateway) -> Register:
    register = Register()
    gateway.stand_in.serve("reporting", "content")
    gateway.stand_in.answers |= {
        "reporting.my_training": register.training,
        "content.course": register.course,
    }
    return register


@pytest.fixture
def learner(gateway: Gateway, register: Register) -> Iterator[httpx.Client]:
    with browser(gateway, Role.LEARNER) as client:
        yield client


@pytest.fixture
def manager(gateway: Gateway, register: Register) -> Iterator[httpx.Client]:
    gateway.stand_in.answers["reporting.transcript"] = register.training
    with browser(gateway, Role.MANAGER) as client:
        yield client


@pytest.fixture
def anybody(gateway: Gateway) -> Iterator[httpx.Client]:
    with gateway.client(accept="text/html") as client:
        yield client


def paper(learner: httpx.Client, language: str, record: UUID = RECORD) -> httpx.Response:
    return learner.get(f"/certificates/{record}/certificate.pdf", params={"lang": language})


def number_in(learner: httpx.Client, record: UUID = RECORD) -> str:
    found = re.search(r'href="/confirm/([a-z2-7]+)"', learner.get(f"/certificates/{record}").text)
    assert found
    return found[1]


def claims(asked: dict[str, Any]) -> dict[str, Any]:
    """Who acts, as the token says."""
    body = asked["token"].split(".")[1]
    told: dict[str, Any] = json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return told


def test_the_paper_is_made_in_the_language_that_was_asked_for(learner: httpx.Client) -> None:
    french, dutch = paper(learner, "fr"), paper(learner, "nl")
    assert french.headers["content-type"] == "application/pdf"
    assert french.headers["cache-control"] == "no-store"
    assert (
        'filename="parcours-recognising-radicalisation-2026-07-01-fr.pdf"'
        in french.headers["content-disposition"]
    )
    assert "Amélie Verstraete" in Pdf(french.content).text
    assert "Reconnaître la radicalisation" in Pdf(french.content).text
    assert "Radicalisering herkennen" in Pdf(dutch.content).text
    assert "1 juillet 2026" in Pdf(french.content).text, "the day in Brussels"
    assert french.content == paper(learner, "fr").content


def test_a_title_is_in_a_language_of_the_course(learner: httpx.Client) -> None:
    english = Pdf(paper(learner, "en").content)
    assert "Awarded to Amélie Verstraete" in english.text
    assert "Reconnaître la radicalisation" in english.text


def test_who_followed_a_course_in_person_has_a_certificate_of_it(
    learner: httpx.Client, anybody: httpx.Client
) -> None:
    shown = learner.get(f"/certificates/{IN_PERSON}", headers={"accept-language": "nl"}).text
    assert "Verdieping" in shown and "Versie" not in shown
    made = paper(learner, "fr", IN_PERSON)
    assert made.headers["content-disposition"].endswith('"parcours-in-depth-2026-07-01-fr.pdf"')
    assert "Formation approfondie" in Pdf(made.content).text
    confirmed = anybody.get(f"/confirm/{number_in(learner, IN_PERSON)}")
    assert "Formation approfondie" in confirmed.text or "Verdieping" in confirmed.text


def test_the_result_is_not_shown(learner: httpx.Client) -> None:
    page = re.sub(r"<[^>]*>", " ", learner.get(f"/certificates/{RECORD}").text)
    shown = Pdf(paper(learner, "fr").content).text + page
    assert not re.search(r"\b13\b", re.sub(r"[\w-]{20,}", "", shown))


@pytest.mark.parametrize("record", [OF_OTHERS, UNFINISHED])
def test_there_is_no_paper_for_what_is_not_ones_own_or_not_finished(
    learner: httpx.Client, record: UUID
) -> None:
    assert learner.get(f"/certificates/{record}").status_code == 404
    assert paper(learner, "fr", record).status_code == 404


def test_there_is_no_paper_without_a_name(learner: httpx.Client, register: Register) -> None:
    register.given_name = register.family_name = None
    assert learner.get(f"/certificates/{RECORD}").status_code == 404
    assert paper(learner, "fr").status_code == 404


def test_who_is_no_learner_gets_no_paper(gateway: Gateway, register: Register) -> None:
    with browser(gateway, Role.MANAGER) as client:
        assert client.get(f"/certificates/{RECORD}").status_code == 403
        assert paper(client, "fr").status_code == 403


def test_a_manager_opens_the_same_certificate_and_paper_of_somebody_in_their_care(
    gateway: Gateway, learner: httpx.Client, manager: httpx.Client
) -> None:
    number = number_in(learner)
    holder = claims(gateway.stand_in.questions("reporting.my_training")[-1])["sub"]
    root = f"/people/{holder}/certificates/{RECORD}"
    told = manager.get(root)
    assert "Amélie Verstraete" in told.text
    assert f"/confirm/{number}" in told.text, "whoever prints it, it is the same paper"
    assert gateway.stand_in.questions("reporting.transcript")[-1]["body"]["person_id"] == holder
    assert "roles" in (by := claims(gateway.stand_in.questions("reporting.transcript")[-1]))
    assert (by["roles"], by["sub"] != holder) == (["manager"], True)
    theirs = manager.get(f"{root}/certificate.pdf?lang=fr")
    assert theirs.content == paper(learner, "fr").content
    assert manager.get(f"/people/{holder}/certificates/{UNFINISHED}").status_code == 404
    assert manager.get(f"/people/{holder}/certificates/{OF_OTHERS}").status_code == 404


def test_a_manager_opens_no_certificate_of_others(gateway: Gateway, manager: httpx.Client) -> None:
    gateway.stand_in.answers["reporting.transcript"] = lambda _: refused(Rule.NOT_YOURS.value)
    told = manager.get(f"/people/{uuid4()}/certificates/{RECORD}")
    assert told.status_code == 403
    assert [each for each in SECRETS if each in told.text] == []


def test_anybody_with_the_number_sees_what_the_paper_says(
    learner: httpx.Client, anybody: httpx.Client
) -> None:
    told = anybody.get(f"/confirm/{number_in(learner)}", headers={"accept-language": "fr"})
    assert told.status_code == 200
    assert told.headers["x-robots-tag"].startswith("noindex")
    assert told.headers["cache-control"] == "no-store"
    for each in ("Amélie Verstraete", "Reconnaître la radicalisation", "1 juillet 2026", "1 juillet 2028"):
        assert each in told.text


def test_it_is_asked_as_a_learner_in_the_name_of_whose_it_is_and_for_a_moment(
    gateway: Gateway, learner: httpx.Client, anybody: httpx.Client
) -> None:
    number = number_in(learner)
    owner = claims(gateway.stand_in.questions("reporting.my_training")[-1])["sub"]
    gateway.stand_in.asked.clear()
    anybody.get(f"/confirm/{number}")
    assert {name for name, _ in gateway.stand_in.asked} == {"reporting.my_training", "content.course"}
    for name, asked in gateway.stand_in.asked:
        told = claims(asked)
        assert (told["sub"], told["roles"], told["aud"]) == (owner, ["learner"], name.partition(".")[0])
        left = told["exp"] - datetime.now(UTC).timestamp()
        assert left <= CONFIRM_TOKEN_SECONDS


@pytest.mark.parametrize("change", ["a letter", "too short", "made up"])
def test_a_number_that_we_did_not_give_asks_nobody(
    gateway: Gateway, learner: httpx.Client, anybody: httpx.Client, change: str
) -> None:
    number = number_in(learner)
    changed = {
        "a letter": ("b" if number[0] != "b" else "c") + number[1:],
        "too short": number[:-4],
        "made up": "a" * len(number),
    }[change]
    gateway.stand_in.asked.clear()
    told = anybody.get(f"/confirm/{changed}")
    assert told.status_code == 404
    assert told.headers["x-robots-tag"].startswith("noindex")
    assert gateway.stand_in.asked == []
    assert [each for each in SECRETS if each in told.text] == []


def test_a_paper_that_is_out_of_date_is_genuine_and_not_valid(
    gateway: Gateway, learner: httpx.Client, anybody: httpx.Client
) -> None:
    number = number_in(learner)
    english = {"accept-language": "en"}
    gateway.clock.later = datetime(2028, 7, 1, 21, tzinfo=UTC) - datetime.now(UTC)
    assert "genuine and valid" in anybody.get(f"/confirm/{number}", headers=english).text
    gateway.clock.later += timedelta(hours=2)
    assert "not valid any more" in anybody.get(f"/confirm/{number}", headers=english).text


@pytest.mark.parametrize("what", ["another name", "no name any more", "another day"])
def test_a_paper_that_says_what_is_not_so_any_more_is_not_confirmed_and_nothing_new_is_told(
    learner: httpx.Client, anybody: httpx.Client, register: Register, what: str
) -> None:
    number = number_in(learner)
    if what == "another name":
        register.given_name = "Emile"
    elif what == "no name any more":
        register.given_name = register.family_name = None
    else:
        register.completed_at += timedelta(days=1)
    told = anybody.get(f"/confirm/{number}", headers={"accept-language": "en"})
    assert "not confirmed any more" in told.text
    assert [each for each in ("Emile", *SECRETS) if each in told.text] == []


def test_a_number_may_be_typed(learner: httpx.Client, anybody: httpx.Client) -> None:
    number = number_in(learner)
    typed = "-".join(re.findall("....", number)).upper()
    told = anybody.get("/confirm", params={"number": f" {typed} "})
    assert (told.status_code, told.headers["location"]) == (303, f"/confirm/{number}")
    assert anybody.get("/confirm", params={"number": "//evil.example"}).status_code == 404
    assert anybody.get("/confirm").status_code == 200


def test_nobody_tries_numbers_for_long(anybody: httpx.Client) -> None:
    for _ in range(2 * CONFIRM_BURST):
        if anybody.get("/confirm/x").status_code == 429:
            return
    raise AssertionError("nobody stopped it")
