"""The menu of every page: rooms in the first line, and in the second the pages of the room one is in.

A room is what somebody comes here to do, in one of their roles; a page has its entry in one room, and
whoever may not open it (the access table says so) does not see the entry. What belongs to one unit is no
entry: it stands in the unit's own line (`manager/rooms.html`). The words of all are in the layout.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from gateway.access import ROUTES
from services.contracts.access import Role


@dataclass(frozen=True, slots=True)
class Entry:
    """A page that one finds by the menu, and what else hangs on it: `also` are beginnings of addresses."""

    key: str
    path: str
    also: tuple[str, ...] = ()

    @property
    def roles(self) -> frozenset[Role]:
        """Who may open it."""
        return ROUTES["GET", self.path].roles

    def nearness(self, path: str) -> int:
        """How much of an address is the entry's; 0 when it hangs on another."""
        below = (each for each in (f"{self.path}/", *self.also) if path.startswith(each))
        return len(path) + 1 if path == self.path else max(map(len, below), default=0)


@dataclass(frozen=True, slots=True)
class Room:
    """A part of the site, for people in one role. Its first entry is its front page."""

    key: str
    role: Role
    entries: tuple[Entry, ...]

    @property
    def path(self) -> str:
        """Its front page."""
        return self.entries[0].path


@dataclass(frozen=True, slots=True)
class Line:
    """What is shown of a room or of an entry. `current`: here, or above the page that is open."""

    key: str
    path: str
    current: bool


@dataclass(frozen=True, slots=True)
class Menu:
    """Both lines. `entries` is empty when the room has one page only."""

    rooms: tuple[Line, ...] = ()
    room: str = ""
    entries: tuple[Line, ...] = ()


ROOMS: Final = (
    Room(
        "training",
        Role.LEARNER,
        (
            Entry("training", "/training", also=("/learn/", "/certificates/")),
            Entry("calendar", "/calendar"),
            Entry("in-person", "/in-person"),
        ),
    ),
    Room(
        "units",
        Role.MANAGER,
        (
            Entry("units", "/units", also=("/people/",)),
            Entry("proposals", "/proposals"),
            Entry("in-person", "/requests"),
        ),
    ),
    Room(
        "courses",
        Role.TRAINING_CENTRE,
        (Entry("courses", "/courses"), Entry("in-person-sessions", "/sessions")),
    ),
    Room(
        "audit",
        Role.AUDITOR,
        (
            Entry("audit", "/audit", also=("/units/",)),
            Entry("rebuilds", "/audit/rebuild"),
        ),
    ),
    Room(
        "operations",
        Role.OPERATOR,
        (
            Entry("operations", "/operations"),
            Entry("organisation", "/operations/units"),
            Entry("staff-files", "/operations/staff"),
            Entry("mail", "/operations/mail"),
            Entry("rebuilds", "/audit/rebuild"),
        ),
    ),
)
"""In the order in which they stand in the first line."""


def rooms_of(roles: Iterable[Role]) -> tuple[Room, ...]:
    """The rooms of somebody in these roles."""
    mine = frozenset(roles)
    return tuple(room for room in ROOMS if room.role in mine)


def menu(roles: Iterable[Role], here: str) -> Menu:
    """What somebody in these roles sees on the page at this address."""
    mine = frozenset(roles)
    path = here.partition("?")[0]
    rooms = rooms_of(mine)
    shown = {room.key: [each for each in room.entries if each.roles & mine] for room in rooms}
    current = next((room for room in rooms if any(each.nearness(path) for each in shown[room.key])), None)
    entries = shown[current.key] if current else []
    nearest = max(entries, key=lambda each: each.nearness(path), default=None)
    return Menu(
        rooms=tuple(Line(room.key, room.path, room is current) for room in rooms),
        room=current.key if current else "",
        entries=tuple(Line(each.key, each.path, each is nearest) for each in entries)
        if len(entries) > 1
        else (),
    )
