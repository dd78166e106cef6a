"""What is written about a room is read as it was meant, and nothing of it is lost or breaks the page."""

from datetime import time
from typing import Any
from uuid import uuid4

import pytest

from gateway.forms import Form
from gateway.web.room_forms import Draft, RoomDraft
from services.contracts.reporting.seats import OpenLine, RoomLine


def room(spans: int) -> RoomLine:
    """A room that is open so often on Mondays, half an hour each time."""
    hours = tuple(
        OpenLine(
            weekday=1, opens=time(8 + n // 2, 30 * (n % 2)), closes=time(8 + (n + 1) // 2, 30 * ((n + 1) % 2))
        )
        for n in range(spans)
    )
    said: dict[str, Any] = {"unit_id": uuid4(), "unit_name": {"fr": "A"}, "name": "Salle", "seats": 6}
    return RoomLine(room_id=uuid4(), hours=hours, closures=(), yours=True, **said)


@pytest.mark.parametrize("spans", [1, 2, 5, 12])
def test_a_room_that_is_saved_without_a_change_keeps_all_its_hours(spans: int) -> None:
    shown = RoomDraft.as_it_is(room(spans))
    again = RoomDraft.of(Form(list(shown.told.items())))
    assert again.told == shown.told
    assert sum(bool(hours.opens) for _, day in again.week for hours in day) == spans
    assert again.wrong == {}


@pytest.mark.parametrize("text", ["0900Z", "9:00", "24:00", "09.00", "٠٩:٠٠", "", "09:00:00"])
def test_what_is_no_time_of_day_is_none(text: str) -> None:
    assert Draft({"at": text}).clock("at") is None


def test_a_time_of_day_is_one() -> None:
    assert Draft({"at": " 09:05 "}).clock("at") == time(9, 5)


@pytest.mark.parametrize("text", ["2300-01-01", "1066-10-14", "2026-02-30", "soon", ""])
def test_a_day_that_no_request_may_name_is_wrong(text: str) -> None:
    found: dict[str, str] = {}
    assert Draft({"on": text}).day(found, "on") is None
    assert found == {"on": "missing"}
