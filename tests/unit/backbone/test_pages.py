"""A page as it comes from the wire: old shapes die at the door, and unknown ones do not come in."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import uuid4

import pytest
from pydantic import Field, TypeAdapter, ValidationError

from services.backbone.follower import Feed
from services.backbone.log import Stored
from services.backbone.wire import Unanswered
from services.contracts import message
from services.contracts.message import Event, FeedItem, FeedPage, Reply, upcast, upcaster
from services.contracts.scheduling import DirectoryPage
from tests.support.jars import ThingPutIn, to_contract


class ThingWeighed(Event):
    """Was `weight` in pounds, then `grams`, and is now an `amount` in a `unit`."""

    type: Literal["jars.thing_weighed"] = "jars.thing_weighed"
    version: Literal[3] = 3
    amount: int
    unit: str


JarEvent = Annotated[ThingPutIn | ThingWeighed, Field(discriminator="type")]
FEED = Feed("jars", "jars", FeedPage[JarEvent])
NOW = datetime(2027, 6, 30, tzinfo=UTC)
NEWEST = {
    "type": "jars.thing_weighed",
    "version": 3,
    "amount": 908,
    "unit": "g",
    "occurred_at": NOW.isoformat(),
}


@pytest.fixture(autouse=True)
def upcasters(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(message, "UPCASTERS", dict(message.UPCASTERS))

    @upcaster("jars.thing_weighed", 1)
    def _grams(body: dict[str, Any]) -> dict[str, Any]:
        return {k: v for k, v in body.items() if k != "weight"} | {"grams": body["weight"] * 454}

    @upcaster("jars.thing_weighed", 2)
    def _units(body: dict[str, Any]) -> dict[str, Any]:
        return {k: v for k, v in body.items() if k != "grams"} | {"amount": body["grams"], "unit": "g"}

    yield


def old(version: int, **body: Any) -> dict[str, Any]:
    return {"type": "jars.thing_weighed", "version": version, "occurred_at": NOW.isoformat(), **body}


@pytest.mark.parametrize("body", [old(1, weight=2), old(2, grams=908), NEWEST], ids=["v1", "v2", "v3"])
def test_every_version_ever_published_becomes_the_newest(body: dict[str, Any]) -> None:
    assert upcast(body) == NEWEST
    assert TypeAdapter(JarEvent).validate_python(upcast(body)) == ThingWeighed(
        amount=908, unit="g", occurred_at=NOW
    )


def test_an_upcaster_does_not_change_what_it_was_given() -> None:
    body = old(1, weight=2)
    upcast(body)
    assert body == old(1, weight=2)


@pytest.mark.parametrize("body", [{}, {"type": "jars.unheard"}, {"version": 1}, old(4), old(0)], ids=str)
def test_what_has_no_upcaster_stays_as_it_is(body: dict[str, Any]) -> None:
    assert upcast(body) == body


def item(event: dict[str, Any], position: int = 7) -> dict[str, Any]:
    return {
        "position": position,
        "stream_id": str(uuid4()),
        "stream_version": 1,
        "recorded_at": NOW.isoformat(),
        "actor": str(uuid4()),
        "command_id": str(uuid4()),
        "topic": "jars.Jar.PutIn",
        "digest": "0" * 64,
        "event": event,
    }


def reply(*items: dict[str, Any], problem: dict[str, Any] | None = None, **page: Any) -> str:
    answer = {"feed": "jars", "items": list(items), "position": 9, "head": 12} | page
    return json.dumps({"answer": None if problem else answer, "problem": problem})


def test_a_page_is_read_with_its_events_in_their_newest_version() -> None:
    put = ThingPutIn(jar_id=uuid4(), thing="a", occurred_at=NOW)
    page = FEED.parse(reply(item(old(1, weight=2)), item(json.loads(put.model_dump_json()), 8)))
    assert [type(i) for i in page.items] == [FeedItem[JarEvent]] * 2
    assert [i.event for i in page.items] == [ThingWeighed(amount=908, unit="g", occurred_at=NOW), put]
    assert (page.position, page.head) == (9, 12)


def test_a_problem_instead_of_a_page_is_no_answer() -> None:
    with pytest.raises(Unanswered, match="service-away"):
        FEED.parse(reply(problem={"rule": "service-away", "params": {}}))


@pytest.mark.parametrize(
    "faulty",
    [
        reply(item({**NEWEST, "type": "jars.unheard"})),
        reply(item({**NEWEST, "version": 4})),
        reply(item({**NEWEST, "extra": 1})),
        reply(item({**NEWEST, "amount": "much"})),
        reply({**item(NEWEST), "digest": "short"}),
        reply(position="far"),
        reply(extra=1),
    ],
    ids=["type", "version", "extra field", "wrong type", "digest", "position", "extra on page"],
)
def test_a_page_of_another_shape_is_not_taken(faulty: str) -> None:
    with pytest.raises(ValidationError):
        FEED.parse(faulty)


def test_a_page_that_cannot_be_read_is_no_answer_and_nobody_is_told_what_was_in_it() -> None:
    class Garbled:
        def answer(self, ticket: str) -> str:
            return reply(item({**NEWEST, "amount": "Ann"}))

    wire: Any = Garbled()
    with pytest.raises(Unanswered, match=r"unreadable: .*amount") as error:
        FEED.take(wire, "ticket")
    assert "Ann" not in str(error.value)


def test_a_feed_shows_the_fields_that_a_contract_names_and_no_other() -> None:
    jar, put = uuid4(), {"thing": "a", "occurred_at": NOW.isoformat()}
    kept = put | {
        "timestamp": NOW.isoformat(),
        "actor": str(jar),
        "command_id": str(jar),
        "remark": "private",
    }
    shown = to_contract.item(Stored(7, jar, 2, "jars.Jar.PutIn", json.dumps(kept).encode()))
    assert shown is not None
    assert shown["event"] == put | {"type": "jars.thing_put_in", "version": 1, "jar_id": jar}
    assert "private" not in str(shown)
    with pytest.raises(ValueError, match=r"jars\.Jar\.Broken has no public face"):
        to_contract.item(Stored(8, jar, 3, "jars.Jar.Broken", b"{}"))


def test_a_feed_asks_for_the_page_after_a_position() -> None:
    asked: list[tuple[str, str, str]] = []

    class Listener:
        def ask(self, service: str, method: str, request: str) -> str:
            asked.append((service, method, request))
            return "ticket"

        def answer(self, ticket: str) -> str:
            assert ticket == "ticket"
            return reply(head=9)

    wire: Any = Listener()
    page, coming = FEED.take(wire, FEED.ask(wire, 41, limit=5))
    assert (page.position, coming) == (9, None), "there is no page after the head"
    assert asked == [("jars", "read_feed", '{"after":41,"limit":5}')]


@pytest.mark.parametrize("fault", [None, "not a number"])
def test_the_next_page_is_asked_for_before_this_one_is_parsed(
    monkeypatch: pytest.MonkeyPatch, fault: str | None
) -> None:
    steps: list[str] = []
    parse = FEED.parse
    amount = {"amount": fault} if fault else {}
    page = FeedPage[Any](feed="jars", position=9, head=12, items=(item({**NEWEST, **amount}),))

    class Listener:
        def ask(self, service: str, method: str, request: str) -> str:
            steps.append(request)
            return "next"

        def answer(self, ticket: str) -> str:
            return Reply[Any](answer=page).model_dump_json()

        def forget(self, ticket: str) -> None:
            steps.append(f"forget {ticket}")

    def parsed(raw: str) -> Any:
        steps.append("parse")
        return parse(raw)

    wire: Any = Listener()
    monkeypatch.setattr(FEED, "parse", parsed)
    if fault is None:
        assert FEED.take(wire, "this")[1] == "next"
        assert steps == ['{"after":9,"limit":5000}', "parse"]
    else:
        with pytest.raises(Unanswered):
            FEED.take(wire, "this")
        assert steps[1:] == ["parse", "forget next"]


def test_a_page_of_the_directory_has_no_events_and_is_checked_too() -> None:
    directory = Feed("directory", "scheduling", DirectoryPage, method="read_directory")
    person = {"position": 3, "person_id": str(uuid4()), "entry": None}
    page = {"items": [person], "position": 3, "head": 3}
    assert directory.parse(json.dumps({"answer": page, "problem": None})).position == 3
    with pytest.raises(ValidationError):
        directory.parse(json.dumps({"answer": page | {"items": [person | {"name": "Ann"}]}, "problem": None}))
