"""Training centres: publish a course folder, take a version out of use, learn from what was answered wrongly."""

from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import Header
from starlette.requests import Request
from starlette.responses import Response

from gateway.api import router_for
from gateway.api.files import FILES, WrittenAs, told_as
from gateway.api.queries import AtLeast
from gateway.api.session import CoursePath, VersionPath
from gateway.ask import execute
from gateway.body import JsonBody, check_times, chunks_of
from gateway.errors import Problem
from gateway.export.figures import RESULTS
from gateway.limits import PUBLISH_TIMEOUT_SECONDS, UPLOAD_SECONDS
from gateway.parts import parts_of
from gateway.results import CommandDone, done
from gateway.times import positions
from gateway.upload import receive_blob
from services.contracts.content import PublishCourse, WithdrawVersion
from services.contracts.message import Instant, Message, Sentence
from services.contracts.reporting.results import AskQuestionResults, QuestionResults

router = router_for("training centre")

ZIP_TYPES = ("application/zip", "application/x-zip-compressed", "application/octet-stream")


class Withdraw(Message):
    """Why a version goes out of use, and from when."""

    command_id: UUID
    occurred_at: Instant
    reason: Sentence


_withdraw = JsonBody(Withdraw)
_zip: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_made: dict[int | str, dict[str, Any]] = {
    200: {"model": CommandDone, "description": "It stood already"},
    201: {"model": CommandDone},
}


@router.post("/courses", status_code=201, responses=_made, openapi_extra=_zip, summary="Publish a course")
async def publish(
    request: Request,
    idempotency_key: Annotated[
        UUID | None, Header(description="The command's id: sending it twice publishes once")
    ] = None,
) -> Response:
    """The body is a zip of a course folder, at most 512 MiB. It is checked as a whole before anything happens."""
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type not in ZIP_TYPES:
        raise Problem("unsupported-media-type", params={"expected": "application/zip"})
    parts = parts_of(request)
    digest = await receive_blob(chunks_of(request, UPLOAD_SECONDS), parts.blobs, parts.uploads)
    command = PublishCourse(command_id=idempotency_key or uuid4(), occurred_at=parts.clock(), upload=digest)
    (outcome,) = await execute(request, "content", [command], PUBLISH_TIMEOUT_SECONDS)
    return done("content", outcome)


@router.post(
    "/courses/{course}/versions/{version}/withdraw",
    status_code=201,
    responses=_made,
    openapi_extra=_withdraw.openapi,
    summary="Take a version out of use",
)
async def withdraw(request: Request, course: CoursePath, version: VersionPath) -> Response:
    """Nobody opens a record with it any more; open records go on."""
    told = await _withdraw.read(request)
    command = WithdrawVersion(
        command_id=told.command_id,
        occurred_at=told.occurred_at,
        course=course,
        course_version=version,
        reason=told.reason,
    )
    check_times([command], parts_of(request).clock(), steps=False)
    (outcome,) = await execute(request, "content", [command])
    return done("content", outcome)


@router.get(
    "/courses/{course}/versions/{version}/results",
    response_model=QuestionResults,
    responses=FILES,
    summary="What was answered wrongly",
)
async def results(
    request: Request,
    course: CoursePath,
    version: VersionPath,
    at_least: AtLeast = None,
    written_as: WrittenAs = None,
) -> Response:
    """By question and language, never by person; no figures where fewer than 5 answers were given."""
    asked = AskQuestionResults(course=course, course_version=version, at_least=positions(at_least))
    return await told_as(request, written_as, RESULTS, asked)
