"""Files of HR: sent, read, shown as what would change, confirmed, and applied as a whole or not at all."""

from datetime import date, datetime
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import Base64Bytes, Field

from services.contracts.message import Command, Message, Truth, Whole

FILE_BYTES_MAX: Final = 8 * 2**20
ROWS_MAX: Final = 50_000
"""Rows of one file."""

CHANGES_MAX: Final = 20_000
"""People whom one file changes: that is one transaction, while other writers wait."""

LINES_SHOWN_MAX: Final = 200
"""Changes that an answer lists of each kind; the others are counted."""

ImportMode = Literal["full", "delta"]
"""Whether whoever is not in the file leaves (`full`), or nothing is said of them (`delta`)."""

ImportState = Literal[
    "received",
    "reading",
    "faulty",
    "checked",
    "confirmed",
    "applying",
    "applied",
    "discarded",
    "expired",
    "failed",
]

StaffFaultKind = Literal[
    "empty-file",
    "too-large",
    "not-a-table",
    "encoding",
    "too-many-columns",
    "too-many-rows",
    "too-many-changes",
    "no-rows",
    "quotes",
    "column-missing",
    "column-twice",
    "cells",
    "value-missing",
    "too-long",
    "control",
    "formula",
    "shortened",
    "duplicate",
    "language",
    "email",
    "unit-unknown",
    "date",
    "dates-crossed",
]
StaffChangeKind = Literal["joins", "moves", "changes", "returns", "leaves"]


class StaffFault(Message):
    """What is wrong with a file: on which line, in which column as it is called there."""

    kind: StaffFaultKind
    line: int | None = None
    column: str | None = None
    params: dict[str, str] = {}


class StaffChange(Message):
    """What a file changes about one person. Without a date it holds from when it is applied."""

    kind: StaffChangeKind
    line: int | None
    staff_number: str
    given_name: str
    family_name: str
    unit_before: UUID | None
    unit_after: UUID | None
    since: date | None


class StaffCounts(Message):
    """What a file changes, in figures. `people` belong to a unit before it; `later` is for a day to come."""

    rows: int = 0
    people: int = 0
    joins: int = 0
    moves: int = 0
    changes: int = 0
    returns: int = 0
    leaves: int = 0
    unchanged: int = 0
    later: int = 0


class StaffImport(Message):
    """A file, and how far it is. Names go when it was applied or given up, and after a day in any case."""

    import_id: UUID
    mode: ImportMode
    state: ImportState
    asked_at: datetime
    asked_by: UUID
    ended_at: datetime | None
    counts: StaffCounts
    many_leave: bool
    """So many would leave that whoever confirms has to say how many."""
    outdated: bool
    """What it would change is no longer what was confirmed: it waits to be looked at again."""
    faults: tuple[StaffFault, ...]
    faults_total: int
    lines: tuple[StaffChange, ...]
    ignored: tuple[str, ...]
    """Headers of columns that mean nothing to us."""
    encoding: str
    position: int | None
    """Of its last event, once it was applied."""


class StaffImports(Message):
    """The last files, the newest first; without what they would change."""

    imports: tuple[StaffImport, ...]


# --- questions -----------------------------------------------------------------------------------


class SendStaffFile(Message):
    """Take a file in. Without `dry_run` it is applied when nothing is wrong with it and not too many leave."""

    import_id: UUID
    mode: ImportMode
    dry_run: Truth = True
    content: Base64Bytes


class AskStaffImport(Message):
    """How far is a file, and what would it change?"""

    import_id: UUID


class AskStaffImports(Message):
    """Which files came last?"""

    limit: Annotated[Whole, Field(ge=1, le=50)] = 10


class ConfirmStaffImport(Message):
    """Apply what was shown. Where many leave, `leaving` says how many."""

    import_id: UUID
    leaving: Annotated[Whole, Field(ge=0)] | None = None


class DiscardStaffImport(Message):
    """Give a file up that was not applied; its names go at once."""

    import_id: UUID


# --- commands ------------------------------------------------------------------------------------


class ApplyStaffImport(Command):
    """Do what a confirmed file says, as a whole. Scheduling gives itself this command, in the name of who confirmed."""

    type: Literal["scheduling.apply_staff_import"] = "scheduling.apply_staff_import"
    import_id: UUID
