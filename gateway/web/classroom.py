"""In-person sessions as pages see them: what reporting tells, and the forms that become commands.

Whatever was just done is on the page: an address says at which position it stands, and the page waits
for it, or says that it does not know it yet.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID, uuid5

from fastapi import Query
from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from gateway.ask import ask_for, ask_for_places
from gateway.errors import Problem, malformed
from gateway.forms import Form
from gateway.parts import parts_of
from gateway.results import raise_refusal
from gateway.web.page import at, go
from services.contracts.message import Command, Done, Localised
from services.contracts.reporting.sessions import AskSessions, SessionLine, SessionPerson, Sessions
from services.contracts.rules import Rule
from services.contracts.scheduling.classes import ClassDay, PlaceState

LANGUAGES: Final = ("fr", "nl", "de", "en")
"""In which a session may be held."""

Position = Annotated[int, Query(ge=0, le=2**63 - 1)]
"""What the page has to know already."""


@dataclass(frozen=True, slots=True)
class Classroom:
    """What whoever asks may see of sessions. `behind`: what was just done is not known yet."""

    told: Sessions
    now: datetime
    behind: bool = False

    @property
    def to_come(self) -> list[SessionLine]:
        """Sessions that have not begun and are held, the next first."""
        found = (each for each in self.told.sessions if begins(each) > self.now and each.cancelled is None)
        return sorted(found, key=begins)

    @property
    def begun(self) -> list[SessionLine]:
        """Sessions that have begun, the last first."""
        found = (each for each in self.told.sessions if begins(each) <= self.now and each.cancelled is None)
        return sorted(found, key=begins, reverse=True)

    @property
    def cancelled(self) -> list[SessionLine]:
        """Sessions that would be to come, had they not been cancelled."""
        return [each for each in self.told.sessions if each.cancelled is not None and ends(each) > self.now]

    def session(self, session_id: UUID) -> SessionLine:
        """One session. Raises Problem(CLASS_UNKNOWN)."""
        for each in self.told.sessions:
            if each.class_id == session_id:
                return each
        raise Problem(Rule.CLASS_UNKNOWN)

    def centre(self, unit_id: UUID | None) -> Localised | None:
        """How a centre is called."""
        return next((each.name for each in self.told.centres if each.unit_id == unit_id), None)

    def course(self, course: str) -> Localised:
        """How an in-person course is called at present."""
        return next((each.title for each in self.told.courses if each.course == course), {"en": course})

    def is_open(self, session: SessionLine) -> bool:
        """Whether places may still change."""
        return session.cancelled is None and begins(session) > self.now


def begins(session: SessionLine) -> datetime:
    """When its first day begins."""
    return session.days[0].starts_at


def ends(session: SessionLine) -> datetime:
    """When its last day ends."""
    return session.days[-1].ends_at


def open_days(session: SessionLine, now: datetime) -> list[tuple[int, ClassDay]]:
    """The days that have begun, by number: attendance is noted from then on."""
    return [(n, day) for n, day in enumerate(session.days, start=1) if day.starts_at <= now]


def in_state(session: SessionLine, *states: PlaceState) -> list[SessionPerson]:
    """Whose place is in one of these states."""
    return [each for each in session.people if each.place.state in states]


async def classroom_of(request: Request, position: int = 0) -> Classroom:
    """What there is to see; not older than `position` where that is possible."""
    now = parts_of(request).clock()
    at_least = {"scheduling": position} if position else {}
    try:
        return Classroom(
            await ask_for(request, "reporting.sessions", AskSessions(at_least=at_least), Sessions), now
        )
    except Problem as problem:
        if not position or problem.kind != Rule.POSITION_NOT_REACHED:
            raise
    told = await ask_for(request, "reporting.sessions", AskSessions(), Sessions)
    return Classroom(told, now, behind=True)


def command_of(request: Request, form: Form, kind: type[Command], /, **body: Any) -> Command:
    """What a form asks for; its id follows from the form and from what is asked. Raises Problem."""
    try:
        about = ":".join(map(str, (kind.__name__, *(body.get(name, "") for name in ("person_id", "day")))))
        command_id = uuid5(UUID(form.one("command_id")), about)
        return kind.model_validate(
            {"command_id": command_id, "occurred_at": parts_of(request).clock(), **body}
        )
    except ValidationError as error:
        raise malformed(error.errors(include_url=False, include_input=False)) from None
    except ValueError:
        raise malformed(()) from None


async def carry_out(request: Request, commands: Sequence[BaseModel]) -> int | None:
    """Send commands; the position at which their effect stands. Raises Problem for the first refusal."""
    if not commands:
        return None
    outcomes = await ask_for_places(request, commands)
    for outcome in outcomes:
        raise_refusal(outcome)
    return max((outcome.position for outcome in outcomes if isinstance(outcome, Done)), default=None)


async def done(request: Request, commands: Sequence[BaseModel], path: str, what: str) -> Response:
    """Carry out, then lead back to a page that shows it."""
    position = await carry_out(request, commands)
    return go(at(path, done=what, position=position))
