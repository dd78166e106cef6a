"""Learners: what is due, the course page by page, the test, the result.

A page counts as reached when its reader goes on from it, and an exercise too: whatever was answered.
Every step is a form of one shape (`steps.html`): without scripts the server carries it out and leads
on; with scripts the same form goes through a queue in the browser, which sends its steps to the API as
often as it takes.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Any, Final
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Query
from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json
from starlette.requests import Request
from starlette.responses import Response

from gateway.ask import ask_for, perhaps, signed
from gateway.errors import Problem, malformed, problem_of_rule
from gateway.forms import Form, read_form
from gateway.limits import COMMANDS_MAX
from gateway.parts import correlation_of, language_in, parts_of, session_in
from gateway.rpc import Away, Failed
from gateway.sentences import sentence
from gateway.web.course import (
    SITTING_COOKIE,
    Way,
    beginning,
    record_of,
    training_of,
    way_of,
    way_with,
    written,
)
from gateway.web.exercise import attempt_at
from gateway.web.page import at, go, own_path, page, page_router
from services.contracts.content import (
    AskCourse,
    AskCourses,
    AskQuestions,
    Courses,
    CourseSummary,
    CourseView,
    Questions,
    QuestionView,
)
from services.contracts.message import Language, Outcome, Refused, Slug
from services.contracts.progress import OpenRecord, ProgressCommand, StartSession, record_id_of
from services.contracts.reporting.seats import AskMyPlan, PersonPlan
from services.contracts.reporting.sessions import AskSessions, SessionLine, Sessions
from services.contracts.reporting.transcripts import TranscriptLine
from services.contracts.rules import Rule

router = page_router()

_STEPS: Final[TypeAdapter[list[ProgressCommand]]] = TypeAdapter(list[ProgressCommand])

URGENCY: Final = ("overdue", "expired", "due_soon", "in_progress", "assigned", "failed")
"""In which order what is open wants attention: last what one can do nothing about."""

SESSIONS_SECONDS: Final = 1.0
"""How long the home page waits to learn where one is expected, and whether a seat of a session is offered."""

SESSION_RULES: Final = frozenset({Rule.SESSION_ABANDONED, Rule.SESSION_ENDED, Rule.SESSION_MISSING})
OVER_RULES: Final = frozenset({Rule.RECORD_COMPLETED, Rule.QUIZ_NOT_OPEN, Rule.ATTEMPTS_EXHAUSTED})
"""A step that comes too late, from a page that stayed open: what is the case now says enough."""

ANSWER: Final = "answer-"
"""How the fields of a test begin; the question follows."""

Lang = Annotated[Language | None, Query()]


@router.get("/training")
async def home(request: Request, position: Annotated[int, Query(ge=0, le=2**63 - 1)] = 0) -> Response:
    """What is due, in progress and done; the next step first."""
    (training, behind), courses, plan, sessions = await asyncio.gather(
        training_of(request, position),
        ask_for(request, "content.courses", AskCourses(), Courses),
        perhaps(request, "reporting.my_plan", AskMyPlan(), PersonPlan, SESSIONS_SECONDS),
        perhaps(request, "reporting.sessions", AskSessions(), Sessions, SESSIONS_SECONDS),
    )
    followed = [line for line in training.lines if line.in_person is not None and line.completed_at]
    lines = sorted((line for line in training.lines if line.in_person is None), key=_urgency)
    newest = {line.course: line.period for line in sorted(lines, key=lambda line: line.period)}
    now = parts_of(request).clock()
    seats = [each for each in (plan.lines if plan else ()) if each.state == "booked" and each.ends_at > now]
    todo = [
        line
        for line in lines
        if not (line.completed_at or line.status == "exempt") and not _begun_anew(line, newest)
    ]

    def again_of(line: TranscriptLine) -> str | None:
        """Where a course is followed once more, when it is no longer valid and nobody planned it anew."""
        if line.status != "expired" or line.period < newest[line.course]:
            return None
        return at(f"/training/{line.course}", period=line.period + 1)

    return await page(
        request,
        "learner/home.html",
        behind=sentence(Rule.POSITION_NOT_REACHED, language_in(request)) if behind else "",
        todo=todo,
        plan=sorted(seats, key=lambda seat: seat.starts_at) if plan else None,
        orders=training.orders,
        way=await _way_on(request, todo[0]) if todo else None,
        written=written,
        done=[line for line in lines if line.completed_at is not None],
        offered=[each for each in (sessions.sessions if sessions else ()) if _is_offered_in(each)],
        followed=sorted(followed, key=lambda line: str(line.completed_at), reverse=True),
        exempt=[line for line in lines if line.status == "exempt"],
        others=[each for each in courses.courses if each.course not in newest and _is_offered(each)],
        titles={each.course: each.title for each in courses.courses},
        path_of=_path_of,
        again_of=again_of,
    )


async def _way_on(request: Request, line: TranscriptLine) -> Way | None:
    """Where a course that was begun goes on; nothing when nobody can say it at the moment."""
    if line.opened_at is None or line.record_id is None or line.status == "failed":
        return None
    try:
        way = await way_of(request, line.record_id)
    except (Away, Failed, Problem):
        return None
    return None if way.completed else way


@router.get("/training/{course}")
async def offer(request: Request, course: Slug, period: Annotated[int, Query(ge=1, le=1000)] = 1) -> Response:
    """A course that was not begun yet: what it is, and the button that begins it."""
    person_id = session_in(request).person_id
    try:
        begun = await record_of(request, record_id_of(person_id, course, period))
        return go(f"/learn/{begun.record_id}")
    except Problem as problem:
        if problem.kind != Rule.NOT_YOURS:
            raise
    courses = await ask_for(request, "content.courses", AskCourses(), Courses)
    found = next((each for each in courses.courses if each.course == course), None)
    if found is None:
        raise Problem(Rule.COURSE_UNKNOWN)
    if not _is_offered(found):
        return await page(request, "learner/not-offered.html", 404, title=found.title)
    view = await _course(request, found)
    record_id, steps = beginning(person_id, view, period)
    first = view.modules[0]
    return await page(
        request,
        "learner/offer.html",
        course=view,
        steps=written(steps),
        record_id=record_id,
        length=timedelta(minutes=sum(module.minutes for module in view.modules)),
        first=f"/learn/{record_id}/{first.id}/{first.pages[0][0]}",
    )


@router.get("/learn/{record}")
async def outline(
    request: Request, record: UUID, lang: Lang = None, done: Slug = "", on: bool = False
) -> Response:
    """The parts of a course and how far one is; `done` is the part that was finished just now.

    `on` leads to the place where one stopped, when this browser is the one that records.
    """
    way = await way_of(request, record, lang)
    if on and way.recording:
        return go(way.next_path)
    finished = done if done in way.record.modules_completed else ""
    return await page(
        request,
        "learner/outline.html",
        way=way,
        finished=way.part(finished) if finished else None,
        written=written,
        sit=written(way.sit()),
    )


@router.get("/learn/{record}/test")
async def test(request: Request, record: UUID) -> Response:
    """Before the test of knowledge, and its questions once it was begun; what was chosen stands in the address."""
    way = await way_of(request, record)
    if way.completed or (way.record.quiz is None and way.record.attempts_left == 0):
        return go(f"{way.root}/result")
    if not way.recording:
        return await _elsewhere(request, way)
    test_part = way.course.modules[-1].id
    if not way.open_to(test_part):
        return go(way.root)
    if way.record.quiz is not None:
        questions = await _drawn(request, way)
        return await page(
            request,
            "learner/questions.html",
            way=way,
            questions=questions,
            chosen=_chosen(request),
            written=written,
        )
    steps = [way.step("start_quiz")]
    if test_part not in way.record.modules_started:
        steps.insert(0, way.step("start_module", module=test_part))
    return await page(request, "learner/test.html", way=way, steps=written(steps), written=written)


@router.post("/learn/{record}/answers")
async def answers(request: Request, record: UUID) -> Response:
    """What was chosen so far, on to where it is looked at again; maybe in another language. Nothing is handed in."""
    form = await read_form(request)
    if form.one("language"):  # a refusal shows on the page that comes next
        await _carry_out(request, _commands(form, record, _now(request)))
    chosen = [
        (ANSWER + question, option)
        for question, options in form.starting(ANSWER).items()
        for option in options
    ]
    place = "review" if form.one("to") == "review" else "test"
    return go(f"/learn/{record}/{place}?{urlencode(chosen)}")


@router.get("/learn/{record}/review")
async def review(request: Request, record: UUID) -> Response:
    """What was chosen, before it is handed in, and which questions have no answer."""
    way = await way_of(request, record)
    if way.record.quiz is None or not way.recording:
        return go(_with_query(request, f"{way.root}/test"))
    questions = await _drawn(request, way)
    chosen = _chosen(request)
    handing_in = [way.step("submit_quiz", attempt=way.record.quiz.attempt, answers={})]
    return await page(
        request,
        "learner/review.html",
        way=way,
        questions=questions,
        chosen=chosen,
        missing=[each for each in questions if not chosen.get(each.id)],
        back=_with_query(request, f"{way.root}/test"),
        again=_with_query(request, f"{way.root}/review"),
        steps=written(handing_in),
        switch=written(way.switch()),
    )


@router.get("/learn/{record}/result")
async def result(request: Request, record: UUID, lang: Lang = None) -> Response:
    """How the last attempt ended, and what there is to know about what was missed."""
    way = await way_of(request, record, lang)
    attempt = way.record.last_attempt
    if attempt is None:
        return go(f"{way.root}/test")
    texts = {
        each.id: each.text for each in await _questions(request, way, [m.question for m in attempt.missed])
    }
    missed = [
        (module, [(texts[m.question], m.explanation) for m in attempt.missed if m.module == module.id])
        for module in way.course.modules
    ]
    return await page(
        request,
        "learner/result.html",
        way=way,
        attempt=attempt,
        missed=[(module, each) for module, each in missed if each],
        written=written,
    )


@router.get("/learn/{record}/{module}/{page_id}")
async def lesson(request: Request, record: UUID, module: Slug, page_id: Slug, lang: Lang = None) -> Response:
    """One page to read, see, hear and try."""
    way, content = await way_with(request, record, module, lang)
    here = way.page(module, page_id)
    if not way.readable:
        return await _elsewhere(request, way)
    if not way.open_to(module):
        return go(way.root)
    shown = next(each for each in content.pages if each.id == page_id)
    exercise = shown.exercise
    return await page(
        request,
        "learner/lesson.html",
        way=way,
        module=content,
        lesson=shown,
        path=f"{way.root}/{module}/{page_id}",
        place=list(content.pages).index(shown) + 1,
        before=way.before(here),
        after=way.after(here),
        last=shown is content.pages[-1],
        steps=way.steps_on(here),
        written=written,
        attempt=exercise and attempt_at(exercise, request.query_params.multi_items(), f"{record}/{page_id}"),
        answered=[each for each in request.query_params.multi_items() if each[0] != "lang"],
    )


@router.post("/learn/{record}/steps")
async def steps(request: Request, record: UUID) -> Response:
    """Carries out the steps of a form, all for this record, and leads on. Refusals are told in words."""
    form = await read_form(request)
    commands = _commands(form, record, _now(request))
    for outcome in await _carry_out(request, commands):
        if isinstance(outcome, Refused):
            return await _instead(request, record, outcome)
    answer = go(own_path(form.one("next"), f"/learn/{record}"))
    for command in commands:
        if isinstance(command, StartSession):
            answer.set_cookie(
                SITTING_COOKIE,
                str(command.session_id),
                path=f"/learn/{record}",
                samesite="lax",
                secure=parts_of(request).settings.secure_cookies,
            )
    return answer


async def _instead(request: Request, record: UUID, refused: Refused) -> Response:
    """Where a refused step leads. Raises Problem when there is nothing to do but to read why."""
    if refused.rule in OVER_RULES:
        return go(f"/learn/{record}/result")
    if refused.rule in SESSION_RULES:
        return go((await way_of(request, record)).next_path)
    raise problem_of_rule(refused.rule, refused.params)


async def _elsewhere(request: Request, way: Way) -> Response:
    """The course is open on another PC, or was closed: one button goes on here, at the same place."""
    return await page(
        request,
        "learner/elsewhere.html",
        way=way,
        sit=written(way.sit()),
        back=_with_query(request, request.url.path),
    )


def _with_query(request: Request, path: str) -> str:
    """A path with what this request's address says besides: answers that were chosen are carried along."""
    return f"{path}?{request.url.query}" if request.url.query else path


async def _carry_out(request: Request, commands: Sequence[ProgressCommand]) -> Sequence[Outcome]:
    """The outcomes of steps, in their order."""
    parts = parts_of(request)
    token = parts.sessions.actor_token(session_in(request), "progress")
    items = [signed(token, correlation_of(request), command.model_dump_json()) for command in commands]
    return await parts.gather.execute(items)


def _now(request: Request) -> str:
    return parts_of(request).clock().isoformat()


def _commands(form: Form, record: UUID, now: str) -> list[ProgressCommand]:
    """The steps of a form, with what was chosen in it: a language, answers. Raises Problem."""
    try:
        told = from_json(form.one("steps"))
    except ValueError:
        raise Problem("malformed") from None
    if not isinstance(told, list) or not 0 < len(told) <= COMMANDS_MAX:
        raise Problem("malformed")
    chosen = dict(form.starting(ANSWER))
    try:
        commands = _STEPS.validate_python(
            [_completed(step, form.one("language"), chosen, now) for step in told], strict=False
        )
    except ValidationError as error:
        raise malformed(error.errors(include_url=False, include_input=False)) from error
    if any(not isinstance(each, OpenRecord) and each.record_id != record for each in commands):
        raise Problem("malformed")
    return commands


def _completed(step: Any, language: str, chosen: dict[str, list[str]], now: str) -> Any:
    """A step with its time and with what the form adds; what is no step is left for the check to refuse."""
    if not isinstance(step, dict):
        return step
    step = {**step, "occurred_at": now}
    if language and "language" in step:
        step["language"] = language
    if step.get("type") == "progress.submit_quiz":
        step["answers"] = chosen
    return step


async def _drawn(request: Request, way: Way) -> Sequence[QuestionView]:
    """The questions of the attempt that is open."""
    return await _questions(request, way, way.record.quiz.questions if way.record.quiz else ())


async def _questions(request: Request, way: Way, ids: Sequence[str]) -> Sequence[QuestionView]:
    """The texts of questions of the pinned version."""
    asked = AskQuestions(
        course=way.record.course,
        course_version=way.record.course_version,
        questions=tuple(ids),
        language=way.course.language,
    )
    return (await ask_for(request, "content.questions", asked, Questions)).questions


def _chosen(request: Request) -> dict[str, list[str]]:
    """By question, what the address says was chosen."""
    found: dict[str, list[str]] = {}
    for key, option in request.query_params.multi_items():
        if key.startswith(ANSWER):
            found.setdefault(key.removeprefix(ANSWER), []).append(option)
    return found


async def _course(request: Request, found: CourseSummary) -> CourseView:
    """A course in the language of the pages, or in the first that it has."""
    language = language_in(request)
    chosen = language if language in found.languages else found.languages[0]
    asked = AskCourse.model_validate({"course": found.course, "language": chosen})
    return await ask_for(request, "content.course", asked, CourseView)


def _is_offered(course: CourseSummary) -> bool:
    """Whether somebody may begin it: a version is not withdrawn."""
    return any(version.withdrawn_at is None for version in course.versions)


def _urgency(line: TranscriptLine) -> tuple[int, str]:
    place = URGENCY.index(line.status) if line.status in URGENCY else len(URGENCY)
    return place, str(line.due_on or "9999")


def _is_offered_in(session: SessionLine) -> bool:
    """Whether a seat of an in-person session is kept for whoever asks."""
    return session.mine is not None and session.mine.state == "offered"


def _begun_anew(line: TranscriptLine, newest: Mapping[str, int]) -> bool:
    """Whether a course that was failed is to be followed once more: then only that is left to do."""
    return line.status == "failed" and line.period < newest[line.course]


def _path_of(line: TranscriptLine) -> str:
    """Where a course of one's own goes on."""
    if line.opened_at is not None and line.record_id is not None:
        return f"/learn/{line.record_id}"
    return at(f"/training/{line.course}", period=line.period if line.period > 1 else None)
