"""Proof that two copies of a read model are the same: a digest over all rows in the order of their keys."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from itertools import zip_longest
from typing import Any

from psycopg import Connection
from psycopg.sql import SQL, Composed, Identifier

from services.contracts.reporting.operation import ModelProof
from services.reporting.read_model import ReadModel, Table

ROWS_FETCHED = 5_000


def digest_of(database: Connection[Any], table: Table) -> tuple[int, str]:
    """How many rows, and the SHA-256 over them as COPY writes them, ordered by key."""
    digest = sha256()
    with database.cursor() as tx:
        with tx.copy(SQL("COPY ({}) TO STDOUT (FORMAT BINARY)").format(_ordered(table, ("*",)))) as copy:
            for data in copy:
                digest.update(data)
        return tx.rowcount, digest.hexdigest()


def compare(
    live: Connection[Any], rebuilt: Connection[Any], models: Sequence[ReadModel]
) -> tuple[list[ModelProof], str | None]:
    """A proof for each read model, and in words the first row that differs (its key only, never a name).

    Both connections are in a transaction that sees one state of its tables; both sides are read at
    the same time.
    """
    proofs: list[ModelProof] = []
    difference: str | None = None
    with ThreadPoolExecutor(2) as pool:
        for name, tables in _by_read_model(models).items():
            sides = [pool.submit(_digests, database, tables) for database in (live, rebuilt)]
            (rows, ours), (_, theirs) = (side.result() for side in sides)
            proofs.append(
                ModelProof(read_model=name, rows=rows, live=ours, rebuilt=theirs, equal=ours == theirs)
            )
            if ours != theirs and difference is None:
                difference = next(
                    (found for table in tables if (found := _first_difference(live, rebuilt, table))),
                    f"{name}: rows differ",
                )
    return proofs, difference


def _by_read_model(models: Sequence[ReadModel]) -> dict[str, list[Table]]:
    found: dict[str, list[Table]] = {}
    for model in models:
        for table in model.tables:
            found.setdefault(table.read_model, []).append(table)
    return found


def _digests(database: Connection[Any], tables: Sequence[Table]) -> tuple[int, str]:
    whole, rows = sha256(), 0
    for table in tables:
        count, digest = digest_of(database, table)
        rows += count
        whole.update(f"{table.name}:{digest};".encode())
    return rows, whole.hexdigest()


def _first_difference(live: Connection[Any], rebuilt: Connection[Any], table: Table) -> str | None:
    for ours, theirs in zip_longest(_keys_and_digests(live, table), _keys_and_digests(rebuilt, table)):
        if ours != theirs:
            key = min(row[:-1] for row in (ours, theirs) if row is not None)
            where = "both" if ours and theirs and ours[:-1] == theirs[:-1] else "one"
            return f"{table.name}: first difference at {', '.join(map(str, key))}, which {where} of the copies have"
    return None


def _keys_and_digests(database: Connection[Any], table: Table) -> Iterator[tuple[Any, ...]]:
    whole = f"sha256(convert_to({table.name}::text, 'UTF8'))"
    with database.cursor(f"rows of {table.name}") as rows:
        rows.itersize = ROWS_FETCHED
        rows.execute(_ordered(table, (*(f'"{column}"' for column in table.key), whole)))
        yield from rows


def _ordered(table: Table, columns: Sequence[str]) -> Composed:
    key = SQL(", ").join(map(Identifier, table.key))
    what = SQL(", ").join(SQL(column) for column in columns)
    return SQL("SELECT {} FROM {} ORDER BY {}").format(what, Identifier(table.name), key)
