"""Operators: files of HR, from sending over what they would change to what became of them."""

from collections.abc import Sequence
from typing import Any, Final, get_args
from uuid import UUID, uuid4

from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from gateway.api.staff import send_file
from gateway.ask import ask_for, perhaps
from gateway.errors import Problem
from gateway.faults import fault_sentence
from gateway.forms import Form, file_of, read_form
from gateway.parts import language_in
from gateway.web.page import go, page, page_router
from services.contracts.message import Localised
from services.contracts.reporting.organisation import AskOrganisation, Organisation
from services.contracts.rules import Rule
from services.contracts.scheduling.staff_imports import (
    FILE_BYTES_MAX,
    AskStaffImport,
    AskStaffImports,
    ConfirmStaffImport,
    DiscardStaffImport,
    ImportMode,
    StaffChangeKind,
    StaffImport,
    StaffImports,
)

router = page_router()

STAFF: Final = "/operations/staff"
FILE: Final = STAFF + "/{import_id}"
WAITING: Final = frozenset({"received", "reading", "confirmed", "applying"})
KINDS: Final[Sequence[StaffChangeKind]] = get_args(StaffChangeKind)
UNITS_SECONDS: Final = 2.0
"""How long a page waits for the names of units; it does without them."""

_mode: Final[TypeAdapter[ImportMode]] = TypeAdapter(ImportMode)
_number: Final[TypeAdapter[int]] = TypeAdapter(int)


@router.get(STAFF)
async def staff(request: Request) -> Response:
    """The form that sends a file, and the last files."""
    return await _start(request)


@router.post(STAFF)
async def send(request: Request) -> Response:
    """A file comes: it is read by itself, and its page says how far it is."""
    form = await read_form(request)
    content = b"".join([piece async for piece in file_of(request)])
    try:
        mode = _mode.validate_python(form.one("mode"))
    except ValidationError:
        raise Problem("malformed") from None
    if not content:
        return await _start(request, 422, wrong="missing", mode=mode)
    if len(content) > FILE_BYTES_MAX:
        return await _start(request, 413, wrong="too-large", mode=mode)
    sent = await send_file(request, _id_in(form), mode, content, dry_run=True)
    return go(FILE.format(import_id=sent.import_id))


@router.get(FILE)
async def file(request: Request, import_id: UUID) -> Response:
    """How far a file is: what is wrong with it, what it would change, what became of it."""
    return await _file(request, await _of(request, import_id))


@router.post(FILE + "/confirm")
async def confirm(request: Request, import_id: UUID) -> Response:
    """Apply what was shown."""
    form = await read_form(request)
    try:
        leaving = _number.validate_python(form.one("leaving"))
    except ValidationError:
        leaving = None
    asked = ConfirmStaffImport(import_id=import_id, leaving=leaving if leaving and leaving > 0 else None)
    try:
        await ask_for(request, "scheduling.confirm_staff_import", asked, StaffImport)
    except Problem as problem:
        if problem.kind != Rule.IMPORT_MANY_LEAVE:
            raise
        return await _file(request, await _of(request, import_id), 409, wrong=True)
    return go(FILE.format(import_id=import_id))


@router.post(FILE + "/discard")
async def discard(request: Request, import_id: UUID) -> Response:
    """Give a file up."""
    await read_form(request)
    asked = DiscardStaffImport(import_id=import_id)
    await ask_for(request, "scheduling.discard_staff_import", asked, StaffImport)
    return go(FILE.format(import_id=import_id))


async def _start(request: Request, status: int = 200, **told: Any) -> Response:
    found = await ask_for(request, "scheduling.staff_imports", AskStaffImports(limit=10), StaffImports)
    values = {"wrong": "", "mode": "full", **told}
    return await page(
        request,
        "hr/start.html",
        status,
        imports=found.imports,
        import_id=str(uuid4()),
        bytes_max=FILE_BYTES_MAX,
        kinds=KINDS,
        **values,
    )


async def _of(request: Request, import_id: UUID) -> StaffImport:
    asked = AskStaffImport(import_id=import_id)
    return await ask_for(request, "scheduling.staff_import", asked, StaffImport)


async def _file(request: Request, found: StaffImport, status: int = 200, *, wrong: bool = False) -> Response:
    language = language_in(request)
    units = await _units(request) if found.lines else {}
    return await page(
        request,
        "hr/file.html",
        status,
        file=found,
        waiting=found.state in WAITING,
        faults=[(fault, fault_sentence(fault, language)) for fault in found.faults],
        changes=[(kind, [line for line in found.lines if line.kind == kind]) for kind in KINDS],
        changed=sum(getattr(found.counts, kind) for kind in KINDS),
        units=units,
        wrong=wrong,
    )


async def _units(request: Request) -> dict[UUID, Localised]:
    found = await perhaps(request, "reporting.organisation", AskOrganisation(), Organisation, UNITS_SECONDS)
    return {unit.unit_id: unit.name for unit in found.units} if found else {}


def _id_in(form: Form) -> UUID:
    """The id that the form was made with: sending it twice is sending it once."""
    try:
        return UUID(form.one("import_id"))
    except ValueError:
        return uuid4()
