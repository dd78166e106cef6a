"""Learners: what is due, where to go on, and the steps they take."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from gateway.api import json_answer, router_for
from gateway.api.commands import Several
from gateway.api.queries import AtLeast, Lang
from gateway.ask import ask, signed
from gateway.body import JsonBody, check_times
from gateway.errors import Problem
from gateway.parts import RawRoute, correlation_of, parts_of, session_in
from gateway.results import CommandResults, results
from gateway.times import positions
from services.contracts.content import AskQuestions, Questions, QuestionView
from services.contracts.message import Message
from services.contracts.progress import AskRecord, ProgressCommand, RecordView
from services.contracts.reporting.transcripts import AskMyTraining, Transcript
from services.contracts.rules import Rule

router = router_for("learner")


class LearnerCommands(Message):
    """Steps of one learner, carried out in this order."""

    commands: Several[ProgressCommand]


class OpenQuiz(Message):
    """The attempt that is open, with its questions in one language and without their keys."""

    record_id: UUID
    attempt: int
    questions: tuple[QuestionView, ...]


_commands = JsonBody(LearnerCommands)


async def commands(request: Request) -> Response:
    """Carries out 1 to 500 commands; one result each, in order.

    Sending a command again (same `command_id`) gives the first answer again. One command alone that
    is refused is answered as a problem document. Nothing of a malformed body is carried out.
    """
    told = await _commands.read(request)
    parts = parts_of(request)
    check_times(told.commands, parts.clock(), steps=True)
    token = parts.sessions.actor_token(session_in(request), "progress")
    correlation_id = correlation_of(request)
    items = [signed(token, correlation_id, command.model_dump_json()) for command in told.commands]
    return results("progress", await parts.gather.execute(items), request)


router.add_api_route(
    "/me/commands",
    commands,
    methods=["POST"],
    route_class_override=RawRoute,  # the busiest route: no parameters to solve, the body is parsed once
    response_model=CommandResults,
    openapi_extra=_commands.openapi,
    summary="Take steps",
)


@router.get("/me/training", response_model=Transcript, summary="What is due, in progress and done")
async def training(request: Request, at_least: AtLeast = None) -> Response:
    """One's own."""
    asked = AskMyTraining(at_least=positions(at_least))
    return json_answer(await ask(request, "reporting.my_training", asked))


@router.get("/me/records/{record}", response_model=RecordView, summary="Where to go on")
async def record(request: Request, record: UUID) -> Response:
    """One's own training record: what was reached, and where to resume on any PC, in any language."""
    return json_answer(await ask(request, "progress.record", AskRecord(record_id=record)))


@router.get("/me/records/{record}/quiz", response_model=OpenQuiz, summary="The questions of the open attempt")
async def quiz(request: Request, record: UUID, lang: Lang) -> Response:
    """The drawn questions in one language, without their keys."""
    told = await ask(request, "progress.record", AskRecord(record_id=record))
    view = RecordView.model_validate_json(told)
    if view.quiz is None:
        raise Problem(Rule.QUIZ_NOT_OPEN)
    asked = AskQuestions(
        course=view.course, course_version=view.course_version, questions=view.quiz.questions, language=lang
    )
    drawn = Questions.model_validate_json(await ask(request, "content.questions", asked))
    quiz = OpenQuiz(record_id=record, attempt=view.quiz.attempt, questions=drawn.questions)
    return json_answer(quiz.model_dump_json())
