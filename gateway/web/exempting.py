"""Personnel managers: somebody is exempted from a course, with a reason and a sentence; or no longer."""

import asyncio
from datetime import date
from typing import Annotated, Any, Final, get_args
from uuid import UUID

from fastapi import Query
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from gateway.ask import ask_for, execute
from gateway.errors import malformed
from gateway.forms import Form, read_form
from gateway.parts import parts_of
from gateway.results import raise_refusal
from gateway.web.asking import courses_of
from gateway.web.page import at, go, page, page_router
from gateway.web.rendering import local_day
from services.contracts.message import Command, Done
from services.contracts.reporting.transcripts import AskTranscript, Transcript
from services.contracts.scheduling.exemptions import ExemptionReason, GrantExemption, RevokeExemption

router = page_router()

REASONS: Final = get_args(ExemptionReason)
PATH = "/people/{person}/exempt"
Course = Annotated[str, Query(pattern=r"^([a-z0-9][a-z0-9-]{0,63})?$")]
Period = Annotated[int, Query(ge=1, le=1000)]


@router.get(PATH)
async def before(request: Request, person: UUID, course: Course = "", period: Period = 1) -> Response:
    """From which course, why, since when."""
    said = {"course": course, "period": str(period), "effective_on": _today(request).isoformat()}
    told = {"reason": "", "sentence": "", "attachment": "", **said}
    return await _form(request, person, told, {})


@router.post(PATH)
async def grant(request: Request, person: UUID) -> Response:
    """Exempts, once however often the form is sent; then shows the person."""
    form = await read_form(request)
    told = {
        name: form.one(name).strip()
        for name in ("course", "period", "reason", "sentence", "attachment", "effective_on")
    }
    if wrong := _wrong(told, _today(request)):
        return await _form(request, person, told, wrong, 422)
    body = {**told, "person_id": person, "attachment": told["attachment"].lower() or None}
    return await _done(request, person, GrantExemption, form, body, "exempted")


@router.get(f"{PATH}/end")
async def before_end(request: Request, person: UUID, course: Course = "", period: Period = 1) -> Response:
    """What it means, and the form that does it; who is not exempt is led to the person."""
    return await _end_form(request, person, course, period)


@router.post(f"{PATH}/end")
async def revoke(request: Request, person: UUID) -> Response:
    """Revokes, once however often the form is sent."""
    form = await read_form(request)
    told = {name: form.one(name).strip() for name in ("course", "period", "sentence")}
    if not told["sentence"]:
        period = int(told["period"]) if told["period"].isdigit() else 1
        return await _end_form(request, person, told["course"], period, "missing", 422)
    return await _done(request, person, RevokeExemption, form, {**told, "person_id": person}, "bound")


async def _form(
    request: Request, person: UUID, told: dict[str, str], wrong: dict[str, str], status: int = 200
) -> Response:
    who, courses = await asyncio.gather(
        ask_for(request, "reporting.transcript", AskTranscript(person_id=person), Transcript),
        courses_of(request),
    )
    return await page(
        request,
        "duties/exempt.html",
        status,
        person=who,
        courses=courses,
        told=told,
        wrong=wrong,
        reasons=REASONS,
    )


async def _end_form(
    request: Request, person: UUID, course: str, period: int, wrong: str = "", status: int = 200
) -> Response:
    who, courses = await asyncio.gather(
        ask_for(request, "reporting.transcript", AskTranscript(person_id=person), Transcript),
        courses_of(request),
    )
    line = next((each for each in who.lines if (each.course, each.period) == (course, period)), None)
    if line is None or line.status != "exempt":
        return go(f"/people/{person}")
    titles = {each.course: each.title for each in courses}
    return await page(
        request,
        "duties/exempt-end.html",
        status,
        person=who,
        line=line,
        title=titles.get(course),
        wrong=wrong,
    )


async def _done(
    request: Request, person: UUID, kind: type[Command], form: Form, body: dict[str, Any], what: str
) -> Response:
    try:
        told = {"command_id": UUID(form.one("command_id")), "occurred_at": parts_of(request).clock()}
        command = kind.model_validate({**body, **told, "period": int(body["period"] or 1)})
    except ValidationError as error:
        raise malformed(error.errors(include_url=False, include_input=False)) from None
    except ValueError:
        raise malformed(()) from None
    (outcome,) = await execute(request, "scheduling", [command])
    raise_refusal(outcome)
    position = outcome.position if isinstance(outcome, Done) else None
    return go(at(f"/people/{person}", done=what, position=position))


def _wrong(told: dict[str, str], today: date) -> dict[str, str]:
    """What is wrong, by field."""
    found: dict[str, str] = {}
    if told["reason"] not in REASONS:
        found["reason"] = "missing"
    if not told["sentence"]:
        found["sentence"] = "missing"
    digest = told["attachment"].lower()
    if digest and not (len(digest) == 64 and set(digest) <= set("0123456789abcdef")):
        found["attachment"] = "digest"
    try:
        if date.fromisoformat(told["effective_on"]) > today:
            found["effective_on"] = "future"
    except ValueError:
        found["effective_on"] = "missing"
    return found


def _today(request: Request) -> date:
    return local_day(parts_of(request).clock())
