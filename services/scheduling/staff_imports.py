"""Files of HR and how far they are, one row each. What a file says of people goes when it has served, or after a day.

A file waits (`received`), is read, and waits again (`checked`) until somebody confirms it; then all
that it says is recorded in one transaction, or nothing. `work` does both, one file at a time.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final
from uuid import UUID, uuid4

from psycopg import Cursor
from psycopg.rows import TupleRow
from psycopg.types.json import Jsonb

from services.contracts.rules import Rule, RuleBroken
from services.contracts.scheduling import DirectoryEntry
from services.contracts.scheduling.staff_imports import (
    LINES_SHOWN_MAX,
    ConfirmStaffImport,
    SendStaffFile,
    StaffChange,
    StaffCounts,
    StaffImport,
)
from services.scheduling.domain.due import LOCAL
from services.scheduling.hr import Change, Faults, Known, Plan
from services.scheduling.hr.rows import Read

Select = Callable[[str, tuple[Any, ...]], list[TupleRow]]

NAMES_KEPT: Final = timedelta(days=1)
"""What a file says of people is kept no longer, whatever became of it."""

OPEN: Final = ("received", "reading", "checked")
"""States in which a file can be given up."""

_FORGOTTEN: Final = "content = NULL, lines = '[]'"

_VIEW: Final = (
    "import_id, mode, state, asked_at, asked_by, ended_at, counts, many_leave, outdated, faults, faults_total,"
    " lines, ignored, encoding,"
    " (SELECT e.notification_id FROM command_receipts r JOIN stored_events e"
    "  ON e.originator_id = r.stream_id AND e.originator_version = r.stream_version"
    "  WHERE staff_import.state = 'applied' AND r.command_id = staff_import.command_id) AS position"
)

_KNOWN: Final = (
    "SELECT d.person_id, d.given_name, d.family_name, d.staff_number, d.email, d.language, d.function, m.unit_id"
    " FROM directory d LEFT JOIN membership m USING (person_id) WHERE NOT d.erased"
)


# --- what people ask -----------------------------------------------------------------------------


def receive(tx: Cursor[Any], sent: SendStaffFile, actor: UUID, now: datetime) -> None:
    """Put a file in line; sending it again changes nothing. Raises RuleBroken(COMMAND_ID_TAKEN)."""
    digest = sha256(sent.content).digest()
    tx.execute(
        "INSERT INTO staff_import (import_id, mode, dry_run, state, asked_at, asked_by, sha256, content)"
        " VALUES (%s, %s, %s, 'received', %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (sent.import_id, sent.mode, sent.dry_run, now, actor, digest, sent.content),
    )
    row = tx.execute(
        "SELECT sha256, mode FROM staff_import WHERE import_id = %s", (sent.import_id,)
    ).fetchone()
    if row != (digest, sent.mode):
        raise RuleBroken(Rule.COMMAND_ID_TAKEN)


def of(tx: Cursor[Any], import_id: UUID) -> StaffImport:
    """A file and what it would change. Raises RuleBroken(IMPORT_UNKNOWN)."""
    row = tx.execute(
        f"SELECT {_VIEW} FROM staff_import WHERE import_id = %s",  # noqa: S608
        (import_id,),
    ).fetchone()
    if row is None:
        raise RuleBroken(Rule.IMPORT_UNKNOWN)
    return _view(row)


def newest(tx: Cursor[Any], limit: int) -> list[StaffImport]:
    """The last files, without what they would change."""
    rows = tx.execute(
        f"SELECT {_VIEW} FROM staff_import ORDER BY asked_at DESC, import_id LIMIT %s",  # noqa: S608
        (limit,),
    ).fetchall()
    return [_view(row).model_copy(update={"lines": (), "faults": ()}) for row in rows]


def confirm(tx: Cursor[Any], asked: ConfirmStaffImport, actor: UUID) -> None:
    """Have a file applied; once is enough. Raises RuleBroken."""
    found = of(_locked(tx, asked.import_id), asked.import_id)
    if found.state in ("confirmed", "applying", "applied"):
        return
    if found.state != "checked":
        raise RuleBroken(Rule.IMPORT_NOT_READY, state=found.state)
    leaving = found.counts.leaves
    if found.many_leave and asked.leaving != leaving:
        raise RuleBroken(Rule.IMPORT_MANY_LEAVE, leaving=leaving, people=found.counts.people)
    _confirmed(tx, asked.import_id, actor)


def discard(tx: Cursor[Any], import_id: UUID, now: datetime) -> None:
    """Give a file up. Raises RuleBroken when it is being applied, or was."""
    found = of(_locked(tx, import_id), import_id)
    if found.state in OPEN:
        tx.execute(
            f"UPDATE staff_import SET state = 'discarded', ended_at = %s, {_FORGOTTEN} WHERE import_id = %s",  # noqa: S608
            (now, import_id),
        )
    elif found.state in ("confirmed", "applying", "applied"):
        raise RuleBroken(Rule.IMPORT_NOT_READY, state=found.state)


def _locked(tx: Cursor[Any], import_id: UUID) -> Cursor[Any]:
    tx.execute("SELECT FROM staff_import WHERE import_id = %s FOR UPDATE", (import_id,))
    return tx


def _confirmed(tx: Cursor[Any], import_id: UUID, actor: UUID) -> None:
    """A new command id: one that was refused, since things had changed meanwhile, would be refused for ever."""
    tx.execute(
        "UPDATE staff_import SET state = 'confirmed', confirmed_by = %s, command_id = %s, outdated = false"
        " WHERE import_id = %s",
        (actor, uuid4(), import_id),
    )


def _view(row: Sequence[Any]) -> StaffImport:
    said = dict(zip(StaffImport.model_fields, row, strict=True))
    return StaffImport.model_validate(said)


# --- what `work` does ----------------------------------------------------------------------------


def take_up_again(tx: Cursor[Any]) -> None:
    """What was in hand when a worker went away is in hand no more: nothing of it was recorded, or all."""
    tx.execute("UPDATE staff_import SET state = 'received' WHERE state = 'reading'")
    tx.execute("UPDATE staff_import SET state = 'confirmed' WHERE state = 'applying'")


def forget(tx: Cursor[Any], now: datetime) -> None:
    """Names that were kept for a day go; a file that nobody confirmed by then is over."""
    tx.execute(
        "UPDATE staff_import SET state = 'expired', ended_at = %s WHERE state = ANY(%s) AND asked_at < %s",
        (now, list(OPEN), now - NAMES_KEPT),
    )
    tx.execute(
        f"UPDATE staff_import SET {_FORGOTTEN} WHERE asked_at < %s"  # noqa: S608
        " AND state NOT IN ('confirmed', 'applying') AND (content IS NOT NULL OR lines <> '[]')",
        (now - NAMES_KEPT,),
    )


def take(tx: Cursor[Any], state: str, next_state: str) -> tuple[UUID, Any, Any, Any] | None:
    """The oldest file in a state goes on to the next: its id, mode, who confirmed it, and its command's id."""
    return tx.execute(
        "UPDATE staff_import SET state = %s WHERE import_id = (SELECT import_id FROM staff_import"
        " WHERE state = %s ORDER BY asked_at LIMIT 1) RETURNING import_id, mode, confirmed_by, command_id",
        (next_state, state),
    ).fetchone()


def tell_faults(tx: Cursor[Any], import_id: UUID, faults: Faults, now: datetime) -> None:
    """A file cannot be used: its faults stay, the file goes."""
    tx.execute(
        f"UPDATE staff_import SET state = 'faulty', ended_at = %s, faults = %s, faults_total = %s, {_FORGOTTEN}"  # noqa: S608
        " WHERE import_id = %s AND state = 'reading'",
        (now, Jsonb([fault.model_dump() for fault in faults.listed]), faults.total, import_id),
    )


def tell_plan(
    tx: Cursor[Any], import_id: UUID, read: Read, plan: Plan, day: datetime, *, outdated: bool
) -> None:
    """What a file would change waits to be confirmed; it is confirmed already where nobody asked to see it."""
    counts = StaffCounts(
        rows=len(read.rows),
        people=plan.present,
        unchanged=plan.unchanged,
        later=plan.later,
        **{kind: plan.count(kind) for kind in ("joins", "moves", "changes", "returns", "leaves")},
    )
    row = tx.execute(
        "UPDATE staff_import SET state = 'checked', day = %s, counts = %s, many_leave = %s, outdated = %s,"
        " lines = %s, ignored = %s, encoding = %s, plan = %s"
        " WHERE import_id = %s AND state IN ('reading', 'applying') RETURNING dry_run, asked_by",
        (
            day.astimezone(LOCAL).date(),
            Jsonb(counts.model_dump()),
            plan.many_leave,
            outdated,
            Jsonb([line.model_dump(mode="json") for line in shown(plan.changes)]),
            Jsonb(list(read.ignored)),
            read.encoding,
            plan.digest,
            import_id,
        ),
    ).fetchone()
    if row is not None and not row[0] and not plan.many_leave and not outdated:
        _confirmed(tx, import_id, row[1])


def fail(tx: Cursor[Any], import_id: UUID, now: datetime) -> None:
    """A fault of ours ends it; nothing was changed."""
    tx.execute(
        f"UPDATE staff_import SET state = 'failed', ended_at = %s, {_FORGOTTEN}"  # noqa: S608
        " WHERE import_id = %s AND state IN ('reading', 'applying')",
        (now, import_id),
    )


def shown(changes: Sequence[Change]) -> list[StaffChange]:
    """The first changes of each kind, for people to look at."""
    left = dict.fromkeys(("joins", "moves", "changes", "returns", "leaves"), LINES_SHOWN_MAX)
    lines = []
    for change in changes:
        left[change.kind] -= 1
        if left[change.kind] >= 0:
            lines.append(
                StaffChange(
                    kind=change.kind,
                    line=change.line,
                    staff_number=change.staff_number,
                    given_name=change.given_name,
                    family_name=change.family_name,
                    unit_before=change.unit_before,
                    unit_after=change.unit_after,
                    since=change.since.astimezone(LOCAL).date() if change.since else None,
                )
            )
    return lines


# --- what a decision needs -----------------------------------------------------------------------


def known(select: Select, numbers: Sequence[str] | None) -> tuple[dict[str, Known], int]:
    """Whom the directory knows, by staff number in small letters, these or everybody; how many are here in all."""
    rows = (
        select(_KNOWN, ())
        if numbers is None
        else select(f"{_KNOWN} AND lower(d.staff_number) = ANY(%s)", ([n.lower() for n in numbers],))
    )
    ((present,),) = select("SELECT count(*) FROM membership", ())
    return {
        row[3].casefold(): Known(
            DirectoryEntry.model_construct(**dict(zip(DirectoryEntry.model_fields, row[:-1], strict=True))),
            row[-1],
        )
        for row in rows
    }, present


def applied(import_id: UUID, now: datetime) -> Callable[[Cursor[Any]], None]:
    """A write beside the events of a file: it is applied, and what it said of people goes. Raises nothing."""

    def write(cursor: Cursor[Any]) -> None:
        cursor.execute(
            f"UPDATE staff_import SET state = 'applied', ended_at = %s, {_FORGOTTEN} WHERE import_id = %s",  # noqa: S608
            (now, import_id),
        )

    return write
