"""The menu: everybody finds their own pages in it, nobody another's, and it always says where one is."""

import pytest

from gateway.access import ROUTES
from gateway.web.menu import ROOMS, Line, menu
from gateway.web.rendering import TEMPLATES
from services.contracts.access import Role

EVERYBODY = [(role,) for role in Role] + [
    (Role.LEARNER, Role.MANAGER),
    (Role.MANAGER, Role.AUDITOR),
    (Role.AUDITOR, Role.OPERATOR),
]
UNIT = "/units/7a1c0b9e-0000-4000-8000-000000000001"


def current(lines: tuple[Line, ...]) -> list[str]:
    return [line.key for line in lines if line.current]


@pytest.mark.parametrize("roles", EVERYBODY)
def test_whoever_sees_an_entry_may_open_it(roles: tuple[Role, ...]) -> None:
    for room in menu(roles, "/").rooms:
        told = menu(roles, room.path)
        for line in (*told.rooms, *told.entries):
            assert ROUTES["GET", line.path].roles & frozenset(roles), line


def test_a_room_opens_for_its_role_with_all_its_entries() -> None:
    for room in ROOMS:
        assert all(room.role in entry.roles for entry in room.entries)
        assert len({entry.key for entry in room.entries}) == len(room.entries)


@pytest.mark.parametrize(
    ("roles", "here", "room", "entry"),
    [
        ((Role.MANAGER,), f"{UNIT}/staff?status=overdue", "units", "units"),
        ((Role.MANAGER,), "/proposals/1", "units", "proposals"),
        ((Role.AUDITOR,), f"{UNIT}/staff", "audit", "audit"),
        ((Role.AUDITOR,), "/audit/people/1/compare?a=b", "audit", "audit"),
        ((Role.AUDITOR,), "/audit/rebuild/1", "audit", "rebuilds"),
        ((Role.OPERATOR,), "/audit/rebuild", "operations", "rebuilds"),
        ((Role.OPERATOR,), "/operations/staff/1", "operations", "staff-files"),
        ((Role.MANAGER, Role.AUDITOR), UNIT, "units", "units"),
        ((Role.AUDITOR, Role.OPERATOR), "/audit/rebuild", "audit", "rebuilds"),
    ],
)
def test_the_menu_says_where_one_is(roles: tuple[Role, ...], here: str, room: str, entry: str) -> None:
    told = menu(roles, here)
    assert current(told.rooms) == [room]
    assert current(told.entries) == [entry]


def test_learners_at_a_lesson_are_in_their_training() -> None:
    told = menu((Role.LEARNER,), "/learn/1/indicators/first")
    assert current(told.rooms) == ["training"]
    assert len(told.entries) != 1


def test_a_page_of_nobody_is_in_no_room() -> None:
    told = menu((Role.LEARNER, Role.MANAGER), "/accessibility")
    assert current(told.rooms) == []
    assert told.entries == ()
    # An address that only begins like one: /unitsandmore is no unit.
    assert current(menu((Role.MANAGER,), "/unitsandmore").rooms) == []
    assert menu((), "/units").rooms == ()


def test_every_room_and_entry_has_its_words() -> None:
    layout = (TEMPLATES / "layout.html").read_text()
    rooms, entries = layout.split("macro entry_name", 1)
    assert [room.key for room in ROOMS if f'"{room.key}"' not in rooms] == []
    assert [entry.key for room in ROOMS for entry in room.entries if f'"{entry.key}"' not in entries] == []
