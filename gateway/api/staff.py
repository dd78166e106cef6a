"""Operators: files of HR that say who belongs to the staff. Shown first, then confirmed, then applied as a whole."""

from base64 import b64encode
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import Header, Query
from starlette.requests import Request
from starlette.responses import Response

from gateway.api import json_answer, router_for
from gateway.ask import ask, ask_for
from gateway.body import JsonBody, chunks_of
from gateway.errors import Problem
from gateway.faults import fault_sentence
from gateway.limits import STAFF_FILE_SECONDS, STAFF_FILE_TIMEOUT_SECONDS
from gateway.parts import language_in
from services.contracts.message import Message, Whole
from services.contracts.scheduling.staff_imports import (
    FILE_BYTES_MAX,
    AskStaffImport,
    AskStaffImports,
    ConfirmStaffImport,
    DiscardStaffImport,
    ImportMode,
    SendStaffFile,
    StaffFault,
    StaffImport,
    StaffImports,
)

router = router_for("operator")

CSV_TYPES = (
    "text/csv",
    "text/plain",
    "application/csv",
    "application/octet-stream",
    "application/vnd.ms-excel",
)


class StaffFaultTold(StaffFault):
    """A fault with its sentence."""

    sentence: str


class StaffImportTold(StaffImport):
    """A file, and how far it is; faults as sentences."""

    faults: tuple[StaffFaultTold, ...]


class Confirmation(Message):
    """Apply what was shown. Where many leave, `leaving` repeats how many."""

    leaving: Whole | None = None


_confirmation = JsonBody(Confirmation)
_csv: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"text/csv": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_taken: dict[int | str, dict[str, Any]] = {202: {"model": StaffImportTold}}


@router.post(
    "/staff/imports",
    status_code=202,
    responses=_taken,
    openapi_extra=_csv,
    summary="Send a file of HR",
)
async def send(
    request: Request,
    mode: Annotated[ImportMode, Query(description="`full`: whoever is not in it leaves")] = "delta",
    dry_run: Annotated[
        bool, Query(description="Wait for a confirmation; without, it is applied at once")
    ] = True,
    idempotency_key: Annotated[
        UUID | None, Header(description="The file's id: sending it twice is sending it once")
    ] = None,
) -> Response:
    """A CSV file (UTF-8 or Windows-1252, `;` or `,`), at most 8 MiB. `Location` tells how far it is."""
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type not in CSV_TYPES:
        raise Problem("unsupported-media-type", params={"expected": "text/csv"})
    content = b"".join([chunk async for chunk in chunks_of(request, STAFF_FILE_SECONDS)])
    taken = await send_file(request, idempotency_key or uuid4(), mode, content, dry_run=dry_run)
    return json_answer(
        told(request, taken).model_dump_json(), 202, {"location": f"{request.url.path}/{taken.import_id}"}
    )


@router.get("/staff/imports", response_model=StaffImports, summary="The last files of HR")
async def newest(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=50, description="How many, the newest first")] = 10,
) -> Response:
    """Who sent them when, and what became of them; without names."""
    return json_answer(await ask(request, "scheduling.staff_imports", AskStaffImports(limit=limit)))


@router.get("/staff/imports/{import_id}", response_model=StaffImportTold, summary="How far is a file?")
async def of(request: Request, import_id: UUID) -> Response:
    """What it would change, or what is wrong with it by line and column."""
    found = await ask_for(
        request, "scheduling.staff_import", AskStaffImport(import_id=import_id), StaffImport
    )
    return json_answer(told(request, found).model_dump_json())


@router.post(
    "/staff/imports/{import_id}/confirm",
    status_code=202,
    responses=_taken,
    openapi_extra=_confirmation.openapi,
    summary="Apply a file of HR",
)
async def confirm(request: Request, import_id: UUID) -> Response:
    """All of what was shown is recorded, or nothing. Confirming twice is confirming once."""
    said = await _confirmation.read(request)
    asked = ConfirmStaffImport(import_id=import_id, leaving=said.leaving)
    found = await ask_for(request, "scheduling.confirm_staff_import", asked, StaffImport)
    return json_answer(told(request, found).model_dump_json(), 202)


@router.delete("/staff/imports/{import_id}", response_model=StaffImportTold, summary="Give a file of HR up")
async def discard(request: Request, import_id: UUID) -> Response:
    """What it says of people goes at once."""
    asked = DiscardStaffImport(import_id=import_id)
    found = await ask_for(request, "scheduling.discard_staff_import", asked, StaffImport)
    return json_answer(told(request, found).model_dump_json())


async def send_file(
    request: Request, import_id: UUID, mode: ImportMode, content: bytes, *, dry_run: bool
) -> StaffImport:
    """Hand a file to scheduling. Raises Problem."""
    if len(content) > FILE_BYTES_MAX:
        raise Problem("too-large", params={"bytes": str(FILE_BYTES_MAX)})
    sent = SendStaffFile(import_id=import_id, mode=mode, dry_run=dry_run, content=b64encode(content))
    return await ask_for(request, "scheduling.send_staff_file", sent, StaffImport, STAFF_FILE_TIMEOUT_SECONDS)


def told(request: Request, found: StaffImport) -> StaffImportTold:
    """The same with a sentence for each fault, in the reader's language."""
    language = language_in(request)
    faults = tuple(
        StaffFaultTold(**fault.model_dump(), sentence=fault_sentence(fault, language))
        for fault in found.faults
    )
    return StaffImportTold.model_construct(**{**dict(found), "faults": faults})
