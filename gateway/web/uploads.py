"""Training centres: a course folder that was sent, looked at as a learner would see it, and then published or not.

What was sent stays on its own address for some days (content sweeps it away then); nothing of it can be
seen by anybody but training centres, and publishing is a step of its own.
"""

import asyncio
from typing import Annotated
from uuid import uuid4

from fastapi import Path
from starlette.requests import Request
from starlette.responses import Response

from gateway.ask import ask_for, execute
from gateway.forms import read_form
from gateway.limits import PUBLISH_TIMEOUT_SECONDS
from gateway.parts import language_in, parts_of
from gateway.results import raise_refusal
from gateway.web.page import at, go, page, page_router
from gateway.web.preview import UPLOAD, VERSION, beside, command_id_of, questions_by_part, upload_of
from services.contracts.content import (
    AskUploadedCourse,
    AskUploadedModule,
    AskUploadedPool,
    CourseView,
    ModuleView,
    Pool,
    PublishCourse,
)
from services.contracts.message import Language, Slug

router = page_router()

Upload = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]


@router.get(UPLOAD)
async def checked(request: Request, upload: Upload) -> Response:
    """A folder without faults: what is in it, how it looks, and the button that publishes it."""
    found, view, pool = await asyncio.gather(
        upload_of(request, upload), _view(request, upload), _pool(request, upload)
    )
    if found.course_version:
        return go(VERSION.format(course=found.course, version=found.course_version))
    root = UPLOAD.format(upload=upload)
    return await page(request, "centre/upload.html", root=root, view=view, pool=pool, command_id=str(uuid4()))


@router.post(UPLOAD)
async def publish(request: Request, upload: Upload) -> Response:
    """It becomes a version that never changes; whoever publishes it twice publishes it once."""
    form = await read_form(request)
    now = parts_of(request).clock()
    command = PublishCourse(command_id=command_id_of(form), occurred_at=now, upload=upload)
    before = await upload_of(request, upload)
    (outcome,) = await execute(request, "content", [command], PUBLISH_TIMEOUT_SECONDS)
    raise_refusal(outcome)
    after = await upload_of(request, upload)
    path = VERSION.format(course=after.course, version=after.course_version)
    return go(at(path, done="same" if before.course_version else "published"))


@router.get(UPLOAD + "/questions")
async def questions(request: Request, upload: Upload) -> Response:
    """All questions that a test would be drawn from, in all languages; never which options are right."""
    view, pool = await asyncio.gather(_view(request, upload), _pool(request, upload))
    return await page(
        request,
        "centre/questions.html",
        title={view.language: view.title},
        number=view.course_version,
        root=UPLOAD.format(upload=upload),
        upload=upload,
        view=view,
        pool=pool,
        parts=questions_by_part(view, pool),
    )


@router.get(UPLOAD + "/preview/{module}/{page_id}")
async def preview(request: Request, upload: Upload, module: Slug, page_id: Slug) -> Response:
    """A page as learners would see it, in all languages side by side."""
    view = await _view(request, upload)
    modules = await asyncio.gather(
        *(_module(request, upload, module, language) for language in view.languages)
    )
    return await beside(
        request,
        UPLOAD.format(upload=upload),
        view,
        modules,
        page_id,
        title={view.language: view.title},
        number=None,
    )


async def _view(request: Request, upload: str) -> CourseView:
    asked = AskUploadedCourse.model_validate({"upload": upload, "language": language_in(request)})
    return await ask_for(request, "content.uploaded_course", asked, CourseView, PUBLISH_TIMEOUT_SECONDS)


async def _pool(request: Request, upload: str) -> Pool:
    asked = AskUploadedPool(upload=upload)
    return await ask_for(request, "content.uploaded_pool", asked, Pool, PUBLISH_TIMEOUT_SECONDS)


async def _module(request: Request, upload: str, module: str, language: Language) -> ModuleView:
    asked = AskUploadedModule(upload=upload, module=module, language=language)
    return await ask_for(request, "content.uploaded_module", asked, ModuleView, PUBLISH_TIMEOUT_SECONDS)
