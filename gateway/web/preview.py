"""A course as training centres look at it, published or not: a page in all its languages, the questions of its test."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID, uuid4

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from gateway.ask import ask_for
from gateway.errors import Problem
from gateway.forms import Form
from gateway.limits import PUBLISH_TIMEOUT_SECONDS
from gateway.sentences import LANGUAGES
from gateway.web.exercise import Attempt, attempt_at
from gateway.web.page import page
from gateway.web.rendering import render
from services.contracts.content import (
    AskUpload,
    CourseView,
    ModuleInBrief,
    ModuleView,
    PageView,
    Pool,
    Question,
    UploadView,
)

VERSION: Final = "/courses/{course}/versions/{version}"
UPLOAD: Final = "/courses/uploads/{upload}"
"""A folder that was sent, by the digest of its zip."""

SIDE: Final = "centre/side.html"


async def beside(
    request: Request,
    root: str,
    view: CourseView,
    modules: Sequence[ModuleView],
    page_id: str,
    **values: Any,
) -> Response:
    """A page as learners see it, in all languages side by side, each with the words around it in its own."""
    part = next((each for each in view.modules if each.id == modules[0].module), None)
    way = [(each.id, stop[0]) for each in view.modules for stop in each.pages]
    if part is None or (part.id, page_id) not in way:
        raise Problem("not-found")
    here = way.index((part.id, page_id))
    path = f"{root}/preview/{part.id}/{page_id}"
    return await page(
        request,
        "centre/preview.html",
        root=root,
        view=view,
        module=part,
        sides=[_side(request, each, page_id, path) for each in modules],
        number_of=here + 1,
        pages=len(way),
        before="/".join((f"{root}/preview", *way[here - 1])) if here else None,
        after="/".join((f"{root}/preview", *way[here + 1])) if here + 1 < len(way) else None,
        **values,
    )


def _side(
    request: Request, module: ModuleView, page_id: str, path: str
) -> tuple[str, PageView, Attempt | None, Markup]:
    """One language: its buttons speak it too, where the interface has it; otherwise that of the page."""
    lesson = next(each for each in module.pages if each.id == page_id)
    told = request.query_params.multi_items()
    seed = f"{module.course}/{page_id}"
    attempt = attempt_at(lesson.exercise, told, seed) if lesson.exercise else None
    words = module.language if module.language in LANGUAGES else LANGUAGES[0]
    values: Mapping[str, Any] = {
        "lesson": lesson,
        "attempt": attempt,
        "path": path,
        "language": module.language,
    }
    # Rendered by a template, which escapes what it is given.
    return module.language, lesson, attempt, Markup(render(SIDE, words, values))  # noqa: S704


async def upload_of(request: Request, upload: str) -> UploadView:
    """Which course it is, once it was read and checked as a whole. Raises Problem(COURSE_FAULTY)."""
    asked = AskUpload(upload=upload)
    return await ask_for(request, "content.upload", asked, UploadView, PUBLISH_TIMEOUT_SECONDS)


def questions_by_part(view: CourseView, pool: Pool) -> list[tuple[ModuleInBrief, list[Question]]]:
    """The questions of a test by the part that they ask about; parts without any are left out."""
    parts = ((part, [each for each in pool.questions if each.module == part.id]) for part in view.modules)
    return [(part, questions) for part, questions in parts if questions]


def command_id_of(form: Form) -> UUID:
    """The id that the form was made with: sending it twice does it once."""
    try:
        return UUID(form.one("command_id"))
    except ValueError:
        return uuid4()
