"""Personnel managers: an assignment is taken back, once it was shown what that means."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from gateway.api.session import CoursePath
from gateway.ask import ask_for, execute
from gateway.errors import Problem, malformed
from gateway.forms import read_form
from gateway.parts import parts_of
from gateway.results import raise_refusal
from gateway.web.asking import courses_of
from gateway.web.page import at, go, page, page_router
from services.contracts.message import Done
from services.contracts.reporting.transcripts import AskTranscript, Transcript
from services.contracts.rules import Rule
from services.contracts.scheduling import WithdrawAssignment

router = page_router()

PATH = "/people/{person}/courses/{course}/take-back"
Period = Annotated[int, Query(ge=1, le=1000)]


@router.get(PATH)
async def before(request: Request, person: UUID, course: CoursePath, period: Period = 1) -> Response:
    """What it means, and the form that does it; who has nothing to take back is led to the person."""
    told = await ask_for(request, "reporting.transcript", AskTranscript(person_id=person), Transcript)
    line = next((each for each in told.lines if (each.course, each.period) == (course, period)), None)
    if line is None or line.due_on is None or line.completed_at is not None:
        return go(f"/people/{person}")
    titles = {each.course: each.title for each in await courses_of(request)}
    if course not in titles:
        raise Problem(Rule.COURSE_UNKNOWN)
    return await page(request, "manager/take-back.html", person=told, line=line, title=titles[course])


@router.post(PATH)
async def take_back(request: Request, person: UUID, course: CoursePath, period: Period = 1) -> Response:
    """Takes it back, once however often the form is sent; then shows what became of the person."""
    form = await read_form(request)
    try:
        command = WithdrawAssignment.model_validate(
            {
                "command_id": UUID(form.one("command_id")),
                "occurred_at": parts_of(request).clock(),
                "person_id": person,
                "course": course,
                "period": period,
            }
        )
    except ValidationError as error:
        raise malformed(error.errors(include_url=False, include_input=False)) from None
    except ValueError:
        raise malformed(()) from None
    (outcome,) = await execute(request, "scheduling", [command])
    raise_refusal(outcome)
    position = outcome.position if isinstance(outcome, Done) else None
    return go(at(f"/people/{person}", done="taken-back", position=position))
