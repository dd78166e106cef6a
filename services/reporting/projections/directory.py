"""`directory@1`: the copy of names. It knows only the present; whoever is erased there is gone here."""

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from services.reporting.read_model import Column, Table, Tx

NAME: Final = "directory@1"

NAMES = Table(
    NAME,
    "directory",
    (
        Column("person_id", "uuid"),
        Column("given_name", "text"),
        Column("family_name", "text"),
        Column("staff_number", "text"),
    ),
    key=("person_id",),
    key_first=True,  # entries may come again
)


class DirectoryModel:
    """Keeps who people are, at present."""

    name = NAME
    feeds = frozenset({"directory"})
    tables: tuple[Table, ...] = (NAMES,)

    def apply(self, tx: Tx, feed: str, items: Sequence[Any]) -> None:
        """Replace the entries that changed; the last one said of a person holds."""
        entries = {item.person_id: item.entry for item in items}
        if entries:
            tx.execute("DELETE FROM directory WHERE person_id = ANY(%s)", (list(entries),))
            NAMES.fill(
                tx,
                (
                    (person_id, entry.given_name, entry.family_name, entry.staff_number)
                    for person_id, entry in entries.items()
                    if entry is not None
                ),
            )

    def bulk(self) -> "DirectoryModel":
        """Rows are replaced by key, which is there from the beginning."""
        return self

    def finish(self, tx: Tx) -> None:
        """Nothing was put off."""


class Name(NamedTuple):
    """How a person is called, and known in the payroll; nothing when the directory has no entry."""

    given_name: str | None = None
    family_name: str | None = None
    staff_number: str | None = None


def names_of(tx: Tx, people: Iterable[UUID]) -> dict[UUID, Name]:
    """The names of these people; who has none is left out."""
    rows = tx.execute(
        "SELECT person_id, given_name, family_name, staff_number FROM directory WHERE person_id = ANY(%s)",
        (list(people),),
    ).fetchall()
    return {row[0]: Name(*row[1:]) for row in rows}
