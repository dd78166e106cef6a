"""Operators: forms that change a unit, and who answers for it. What a refusal says stands above the form."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Final, Literal
from uuid import UUID, uuid5

from fastapi import Query
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from gateway.ask import ask_for, execute
from gateway.errors import Problem, malformed
from gateway.forms import Form, read_form
from gateway.parts import language_in, parts_of
from gateway.sentences import sentence
from gateway.times import BRUSSELS
from gateway.web.asking import Asked, Asking, units_of
from gateway.web.page import at, go, page, page_router
from gateway.web.rendering import local_day
from gateway.web.units import UNIT, rows, unit_of
from services.contracts.message import YEAR_MAX, YEAR_MIN, Command, Done, Localised, Refused
from services.contracts.reporting.organisation import UnitView
from services.contracts.reporting.people import AskDirectory, AskPerson, Directory, PersonView
from services.contracts.rules import Rule
from services.contracts.scheduling import (
    AppointManager,
    CloseUnit,
    CodeUnit,
    CreateUnit,
    EndDeputy,
    MoveUnit,
    NameDeputy,
    RelieveManager,
    RenameUnit,
)

router = page_router()

PATH: Final = UNIT + "/{change}"

Change = Literal["appoint", "relieve", "deputy", "end-deputy", "add", "rename", "move", "code", "close"]

FOUND_MAX: Final = 20
"""People whom a search shows; more letters narrow it down."""

KINDS: Final = ("service", "region", "prison", "team", "centre")
_FIELDS: Final = (
    *("find", "person", "manager", "from_on", "until_on", "ends", "kind", "name_fr", "name_nl", "code"),
    "parent",
)


class Draft:
    """What a form said so far, and what is wrong with it by field."""

    def __init__(self, told: Mapping[str, str], now: datetime) -> None:
        """Nothing is wrong before it is looked at."""
        self.told = {name: told.get(name, "").strip() for name in _FIELDS}
        self.wrong: dict[str, str] = {}
        self._now = now

    def __getitem__(self, name: str) -> str:
        """A field; empty when it was not said."""
        return self.told[name]

    def needed(self, name: str) -> str:
        """A field that must be said."""
        if not self.told[name]:
            self.wrong[name] = "missing"
        return self.told[name]

    def id(self, name: str) -> UUID:
        """An id that must be said."""
        try:
            return UUID(self.needed(name))
        except ValueError:
            self.wrong.setdefault(name, "missing")
            return UUID(int=0)

    def since(self, *, ahead: bool = False) -> datetime:
        """From when on: now for today, else the beginning of the day; only some things begin on a day to come."""
        day = self._day("from_on")
        today = local_day(self._now)
        if day is None or day == today:
            return self._now
        if day > today and not ahead:
            self.wrong["from_on"] = "ahead"
        return _begin(day)

    def until(self) -> datetime | None:
        """The end of the last day."""
        day = self._day("until_on")
        if day is None:
            return None
        since = self._day("from_on") or local_day(self._now)
        if day < since:
            self.wrong["until_on"] = "order"
        return _begin(day + timedelta(days=1))

    def end(self) -> datetime:
        """When something ends: at once, or with a last day. Both said together are neither."""
        if self.told["ends"] != "day":
            if self.told["until_on"]:
                self.wrong["until_on"] = "unclear"
            return self._now
        self.needed("until_on")
        day = self._day("until_on")
        return _begin(day + timedelta(days=1)) if day else self._now

    def _day(self, name: str) -> date | None:
        if not self.told[name]:
            return None
        try:
            day = date.fromisoformat(self.told[name])
        except ValueError:
            self.wrong[name] = "day"
            return None
        if not YEAR_MIN <= day.year < YEAR_MAX:
            self.wrong[name] = "day"
            return None
        return day


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), BRUSSELS)


@router.get(PATH)
async def form(
    request: Request,
    unit: UUID,
    change: Change,
    asked: Asking,
    person: Annotated[UUID | None, Query()] = None,
    manager: Annotated[UUID | None, Query()] = None,
) -> Response:
    """The form, as it begins."""
    told = await unit_of(request, unit, asked)
    now = parts_of(request).clock()
    said = {"from_on": local_day(now).isoformat(), "kind": "team", "ends": "now"}
    said |= {"person": str(person or ""), "manager": str(manager or "")}
    if change == "rename":
        said |= {f"name_{language}": text for language, text in told.unit.name.items()}
    if change == "code":
        said["code"] = told.unit.code or ""
    return await _form(request, told, change, Draft(said, now), asked)


@router.post(PATH)
async def carry_out(request: Request, unit: UUID, change: Change, asked: Asking) -> Response:
    """Does it, once however often the form is sent; or looks for people, and shows the form again."""
    form = await read_form(request)
    told = await unit_of(request, unit, asked)
    now = parts_of(request).clock()
    draft = Draft({name: form.one(name) for name in _FIELDS}, now)
    if form.one("step") == "find":
        draft.told["person"] = ""
        return await _form(request, told, change, draft, asked, looked=True)
    try:
        commands = _commands(change, told, draft, _id(form), now)
    except ValidationError as error:
        if draft.wrong:
            commands = ()
        elif change in ("code", "add", "rename"):
            draft.wrong["code" if change == "code" else "name_fr"] = "form"
            commands = ()
        else:
            raise malformed(error.errors(include_url=False, include_input=False)) from None
    if draft.wrong:
        return await _form(request, told, change, draft, asked, status=422)
    outcomes = await execute(request, "scheduling", commands)
    refused = next((each for each in outcomes if isinstance(each, Refused)), None)
    if refused is not None:
        if refused.rule == Rule.NOT_YOURS:
            raise Problem(Rule.NOT_YOURS)
        said = sentence(refused.rule, language_in(request), refused.params)
        return await _form(request, told, change, draft, asked, status=409, refusal=said)
    position = max((each.position for each in outcomes if isinstance(each, Done)), default=None)
    here = UNIT.format(unit=unit)
    return go(at(here, done=change, position=position or None))


def _commands(
    change: Change, told: UnitView, draft: Draft, command_id: UUID, now: datetime
) -> Sequence[Command]:
    """What the form asks for; what is wrong with it stands in the draft."""
    unit_id = told.unit.unit_id
    same: dict[str, Any] = {"command_id": command_id, "occurred_at": now}
    match change:
        case "appoint":
            said = {"person_id": draft.id("person"), "until": draft.until()}
            since = draft.since(ahead=True)
            if draft.wrong:
                return ()
            return [AppointManager(**{**same, "occurred_at": since}, unit_id=unit_id, **said)]
        case "deputy":
            said = {"person_id": draft.id("manager"), "deputy_id": draft.id("person")}
            draft.needed("until_on")
            since, until = draft.since(ahead=True), draft.until()
            if draft.wrong or until is None:
                return ()
            return [NameDeputy(**{**same, "occurred_at": since}, **said, until=until)]
        case "relieve":
            said = {"unit_id": unit_id, "person_id": draft.id("person")}
            return [RelieveManager(**{**same, "occurred_at": draft.end()}, **said)]
        case "end-deputy":
            said = {"person_id": draft.id("manager"), "deputy_id": draft.id("person")}
            return [EndDeputy(**{**same, "occurred_at": draft.end()}, **said)]
        case "add":
            called = {"fr": draft.needed("name_fr"), "nl": draft.needed("name_nl")}
            new_id = uuid5(command_id, "unit")
            since = draft.since()
            made: list[Command] = [
                CreateUnit.model_validate(
                    {
                        **same,
                        "occurred_at": since,
                        "unit_id": new_id,
                        "kind": draft["kind"],
                        "name": called,
                        "parent_id": unit_id,
                    }
                )
            ]
            return made
        case "rename":
            name: Localised = {
                **told.unit.name,
                "fr": draft.needed("name_fr"),
                "nl": draft.needed("name_nl"),
            }
            return [RenameUnit(**{**same, "occurred_at": draft.since()}, unit_id=unit_id, name=name)]
        case "move":
            parent_id = draft.id("parent")
            return [MoveUnit(**{**same, "occurred_at": draft.since()}, unit_id=unit_id, parent_id=parent_id)]
        case "code":
            return [CodeUnit(**same, unit_id=unit_id, code=draft.needed("code"))]
        case "close":
            return [CloseUnit(**same, unit_id=unit_id)]


async def _form(
    request: Request,
    told: UnitView,
    change: Change,
    draft: Draft,
    asked: Asked,
    *,
    status: int = 200,
    refusal: str = "",
    looked: bool = False,
) -> Response:
    found: Directory | None = None
    if change in ("appoint", "deputy") and draft["find"]:
        question = AskDirectory(called=draft["find"][:100], limit=FOUND_MAX)
        found = await ask_for(request, "reporting.directory", question, Directory)
    places = await units_of(request) if change == "move" else ()
    return await page(
        request,
        "organisation/change.html",
        status,
        asked=asked,
        told=told,
        change=change,
        draft=draft,
        wrong=draft.wrong,
        refusal=refusal,
        found=found,
        looked=looked,
        kinds=KINDS,
        places=[each for each in places if each.unit_id != told.unit.unit_id],
        managers=[row.term for row in rows(told.managers, parts_of(request).clock()) if row.when != "over"],
        person=await _called(request, draft["person"]),
        manager=await _called(request, draft["manager"]) if change == "end-deputy" else None,
    )


async def _called(request: Request, person_id: str) -> PersonView | None:
    """Somebody who was chosen already, by name."""
    try:
        asked = AskPerson(person_id=UUID(person_id))
    except ValueError:
        return None
    return await ask_for(request, "reporting.person", asked, PersonView)


def _id(form: Form) -> UUID:
    try:
        return UUID(form.one("command_id"))
    except ValueError:
        raise malformed(()) from None
