"""Every event of a person has words in the auditor's history, in every language, whatever it says."""

from types import SimpleNamespace
from typing import Any, get_args

import pytest

from gateway.web.rendering import environment
from services.contracts.message import Event
from services.contracts.progress import ProgressEvent
from services.contracts.scheduling import SchedulingEvent
from services.contracts.scheduling.classes import ClassPlaceEnded, ClassSeatGiven
from services.contracts.scheduling.seats import SeatReleased
from tests.contracts import specimens

EVENTS: list[type[Event]] = [
    kind
    for union in (ProgressEvent, SchedulingEvent)
    for kind in get_args(get_args(union)[0])
    if "person_id" in kind.model_fields
]
CAUSES = [
    (kind, cause)
    for kind in (SeatReleased, ClassSeatGiven, ClassPlaceEnded)
    for cause in get_args(kind.model_fields["cause"].annotation)
]
BOOK = SimpleNamespace(
    course=lambda slug: f"titre de {slug}",
    part=lambda event, slug="": slug or event["module"],
    page=lambda event, part, slug: slug,
    unit=lambda unit_id: unit_id,
)
WORDS = '{% from "audit/pieces.html" import event_words with context %}{{ event_words(line, book) }}'


def words(event: dict[str, Any], language: str) -> str:
    line = SimpleNamespace(type=event["type"], event=event)
    told = environment(language).from_string(WORDS).render(line=line, book=BOOK, session=None)
    return " ".join(told.split())


@pytest.mark.parametrize("language", ["fr", "nl", "en"])
@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.model_fields["type"].default)
def test_an_event_is_told_in_words(kind: type[Event], language: str) -> None:
    for event in (specimens.minimal(kind), specimens.full(kind)):
        told = words(event.model_dump(mode="json"), language)
        assert told and event.type not in told


@pytest.mark.parametrize("language", ["fr", "nl", "en"])
def test_each_cause_has_its_words(language: str) -> None:
    told = {
        (kind, cause): words(
            specimens.full(kind).model_copy(update={"cause": cause}).model_dump(mode="json"), language
        )
        for kind, cause in CAUSES
    }
    alike = {(ClassSeatGiven, "named")}  # a manager gave it: as when a request was approved
    assert len(set(told.values())) == len(told) - len(alike)


def test_an_event_without_words_would_show_by_its_type() -> None:
    assert words({"type": "scheduling.something_new", "person_id": "x"}, "fr") == "scheduling.something_new"
