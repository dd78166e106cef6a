"""What a read model is: tables known by name, and code that fills them from feeds.

Tables are made without their indexes first, so that a rebuild can fill them before it orders them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from psycopg import Cursor
from psycopg.sql import SQL, Identifier

Tx = Cursor[Any]


@dataclass(frozen=True)
class Column:
    """A column's name and type as PostgreSQL says them; everything else is NOT NULL."""

    name: str
    type: str
    null: bool = False


@dataclass(frozen=True)
class Table:
    """A table of a read model. `key` identifies and orders its rows."""

    read_model: str
    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    indexes: tuple[str, ...] = ()
    key_first: bool = False
    """Rows are looked up by key while the table is filled for the first time."""

    def create(self, tx: Tx) -> None:
        """Make the table, without indexes; without key, unless it is needed first."""
        columns = SQL(", ").join(
            SQL("{} {}{}").format(
                Identifier(c.name),
                SQL(c.type),
                SQL("" if c.null else " NOT NULL"),
            )
            for c in self.columns
        )
        made = SQL("CREATE TABLE {} ({}) WITH (autovacuum_enabled = off)")  # until it is filled: see index
        tx.execute(made.format(Identifier(self.name), columns))
        if self.key_first:
            self._add_key(tx)

    def index(self, tx: Tx) -> None:
        """Add key and indexes, and let the planner know what is there."""
        if not self.key_first:
            self._add_key(tx)
        for index in self.indexes:
            tx.execute(SQL("CREATE INDEX ON {} {}").format(Identifier(self.name), SQL(index)))
        tx.execute(SQL("ANALYZE {}").format(Identifier(self.name)))
        tx.execute(SQL("ALTER TABLE {} RESET (autovacuum_enabled)").format(Identifier(self.name)))

    def _add_key(self, tx: Tx) -> None:
        key = SQL(", ").join(map(Identifier, self.key))
        tx.execute(SQL("ALTER TABLE {} ADD PRIMARY KEY ({})").format(Identifier(self.name), key))

    def fill(self, tx: Tx, rows: Iterable[Sequence[Any]]) -> None:
        """Add rows, all columns in their order, by binary COPY."""
        names = SQL(", ").join(Identifier(c.name) for c in self.columns)
        copying = SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(Identifier(self.name), names)
        with tx.copy(copying) as copy:
            copy.set_types([c.type for c in self.columns])
            for row in rows:
                copy.write_row(row)


class ReadModel(Protocol):
    """A projection (see backbone.follower) that says which tables are its own.

    `bulk` answers how to fill empty tables from many pages: a projection of the same name whose
    rows are whole only after `finish`. For most that is the projection itself.
    """

    name: str
    feeds: frozenset[str]
    tables: tuple[Table, ...]

    def apply(self, tx: Tx, feed: str, items: Sequence[Any]) -> None:
        """Write what these items mean, in order. No clock, no RPC, no other read model, no chance."""
        ...

    def bulk(self) -> "ReadModel":
        """The projection that fills empty tables without indexes."""
        ...

    def finish(self, tx: Tx) -> None:
        """Write what `apply` put off. Called once, when the tables were filled by a bulk projection."""
        ...
