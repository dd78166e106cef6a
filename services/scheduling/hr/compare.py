"""What a file would change: rows against who is known, on a day."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from typing import Final, NamedTuple
from uuid import UUID

from services.contracts.scheduling import DirectoryEntry
from services.contracts.scheduling.staff_imports import ImportMode, StaffChangeKind
from services.scheduling.domain.due import LOCAL
from services.scheduling.hr.rows import Row

EARLIEST: Final = date(1990, 1, 1)
"""What began before counts from here: no report looks further back."""

LEAVING_UNASKED_PERCENT: Final = 10
"""Of more people than that, somebody has to say that they leave."""


class Known(NamedTuple):
    """Somebody whom the directory knows, and the unit that they belong to; None for who left."""

    entry: DirectoryEntry
    unit_id: UUID | None


class Change(NamedTuple):
    """What happens to one person. `since` is the moment; None means when it is applied."""

    kind: StaffChangeKind
    line: int | None
    person_id: UUID | None
    staff_number: str
    given_name: str
    family_name: str
    email: str | None
    language: str
    function: str | None
    unit_before: UUID | None
    unit_after: UUID | None
    since: datetime | None
    entry_changes: bool

    def entry(self, person_id: UUID) -> DirectoryEntry:
        """The entry for the directory."""
        return DirectoryEntry(
            person_id=person_id,
            given_name=self.given_name,
            family_name=self.family_name,
            staff_number=self.staff_number,
            email=self.email,
            language=self.language,
            function=self.function,
        )


@dataclass(frozen=True)
class Plan:
    """All changes, in the order of the file; those who leave because the file does not name them last."""

    changes: Sequence[Change]
    present: int
    """People who belong to a unit before it."""
    unchanged: int
    later: int
    """Rows that say something for a day to come: the same file says it again then."""
    mode: ImportMode = "full"

    def count(self, kind: StaffChangeKind) -> int:
        """How many there are of a kind."""
        return sum(change.kind == kind for change in self.changes)

    @property
    def many_leave(self) -> bool:
        """Whether so many would leave that somebody has to say so.

        Asked of full files only: whom a delta lets go, it names one by one.
        """
        return self.mode == "full" and self.count("leaves") * 100 > self.present * LEAVING_UNASKED_PERCENT

    @property
    def digest(self) -> bytes:
        """The same changes have the same digest."""
        return sha256(repr(list(self.changes)).encode()).digest()


def compare(
    rows: Iterable[Row], known: Mapping[str, Known], mode: ImportMode, today: date, present: int
) -> Plan:
    """What changes. `known` by staff number in small letters; of a delta only those that it names are needed.

    `present` is how many belong to a unit in all.
    """
    changes: list[Change] = []
    unchanged = later = 0
    named: set[str] = set()
    for row in rows:
        named.add(row.staff_number.casefold())
        change, ahead = _change(row, known.get(row.staff_number.casefold()), today)
        if change is not None:
            changes.append(change)
        later += ahead
        unchanged += change is None and not ahead
    if mode == "full":
        missing = [each for number, each in known.items() if number not in named and each.unit_id]
        changes += [_leaves(each, None, None) for each in missing]
    return Plan(changes, present, unchanged, later, mode)


def _change(row: Row, known: Known | None, today: date) -> tuple[Change | None, bool]:
    """What a row changes now, and whether it says something for later."""
    gone = row.leaving_date is not None and row.leaving_date < today
    ahead = row.from_date is not None and row.from_date > today
    if known is None or known.unit_id is None:
        if gone or ahead:
            return None, ahead and not gone
        return _of(row, "joins" if known is None else "returns", known, row.from_date), False
    if gone:
        assert row.leaving_date is not None
        return _leaves(known, row.line, _beginning(row.leaving_date + timedelta(days=1))), False
    if known.unit_id != row.unit_id and not ahead:
        return _of(row, "moves", known, row.from_date), False
    moves_later = known.unit_id != row.unit_id
    if _differs(row, known.entry):
        return _of(row, "changes", known, None), moves_later
    return None, moves_later


def _of(row: Row, kind: StaffChangeKind, known: Known | None, since: date | None) -> Change:
    return Change(
        kind,
        row.line,
        known.entry.person_id if known else None,
        known.entry.staff_number if known else row.staff_number,
        row.given_name,
        row.family_name,
        row.email,
        row.language,
        row.function,
        known.unit_id if known else None,
        known.unit_id if known and kind == "changes" else row.unit_id,
        _beginning(since) if since else None,
        known is None or _differs(row, known.entry),
    )


def _leaves(known: Known, line: int | None, since: datetime | None) -> Change:
    entry = known.entry
    return Change(
        "leaves",
        line,
        entry.person_id,
        entry.staff_number,
        entry.given_name,
        entry.family_name,
        entry.email,
        entry.language,
        entry.function,
        known.unit_id,
        None,
        since,
        entry_changes=False,
    )


def _differs(row: Row, entry: DirectoryEntry) -> bool:
    """Whether the directory says something else. The staff number stays as it is written there."""
    said = (row.given_name, row.family_name, row.email, row.language, row.function)
    return said != (entry.given_name, entry.family_name, entry.email, entry.language, entry.function)


def _beginning(day: date) -> datetime:
    return datetime.combine(max(day, EARLIEST), time(), LOCAL)
