"""Looking again: is everything that was sealed still there, as it was, and is it what was signed for."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Final

import psycopg
from psycopg import Connection, Cursor

from services.backbone.limits import DATABASE_CONNECT_SECONDS
from services.backbone.seal.leaves import Leaf, hash_of
from services.backbone.seal.merkle import Hash, fold
from services.backbone.seal.notes import Note, PublicKey
from services.backbone.seal.sealer import PAGE, UNSEALED, Sealer
from services.backbone.seal.trees import LEVELS, WIDTH, Tree

BEFORE_ALL: Final = -(1 << 62)
"""No event stands at a position below 1, unless somebody put it there."""


class Tampered(ValueError):
    """Something is not as it was sealed: what and where."""


def check_seal(database: Connection[Any], log: str, origin: str, keys: Sequence[PublicKey] = ()) -> int:
    """Compare every stored event with its leaf, the tree with its leaves, signed roots with the tree.

    How many leaves there are. Raises Tampered, naming the first place. Without keys, signatures are
    not looked at; events that are not sealed yet are no fault.
    """
    with database.transaction(), database.cursor() as tx:
        tx.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        tree = Tree(tx, origin)
        _check_leaves(tx, log, tree)
        _check_nodes(tree)
        _check_notes(tx, origin, tree, keys)
        return tree.size


def check_seal_of(sealer: Sealer, database_url: str) -> str:
    """The same for the log of a sealer; a sentence. Raises Tampered."""
    with psycopg.connect(database_url, autocommit=True, connect_timeout=DATABASE_CONNECT_SECONDS) as database:
        sealed = check_seal(database, sealer.log, sealer.origin, [sealer.public_key])
    return f"{sealed} of them under the seal of {sealer.origin}"


def _check_leaves(tx: Cursor[Any], log: str, tree: Tree) -> None:
    stored = _stored(tx, log)
    number = 0
    while number < tree.size:
        sealed = tree.leaves(number)
        found = list(islice(stored, len(sealed)))
        if [hash_ for _, hash_ in found] != sealed:
            after = tree.leaves(number + len(sealed))[:1] if number + len(sealed) < tree.size else []
            _say_which(number, [*sealed, *after], [*found, *islice(stored, 1)])
        number += len(sealed)


def _say_which(number: int, sealed: Sequence[Hash], found: Sequence[tuple[Leaf, Hash]]) -> None:
    """Name the first event that is not as it was sealed, and what became of it."""
    hashes = [hash_ for _, hash_ in found]
    at = next(n for n, hash_ in enumerate(sealed) if n >= len(found) or hashes[n] != hash_)
    which = f"leaf {number + at}"
    if at == len(found):
        raise Tampered(f"{which}: this event and all after it are gone")
    leaf = found[at][0]
    where = f"{which}, position {leaf.position}, stream {leaf.stream_id} version {leaf.stream_version}"
    if hashes[at + 1 : at + 2] == [sealed[at]]:
        raise Tampered(f"{where}: this event was put in later")
    if sealed[at + 1 : at + 2] == [hashes[at]]:
        raise Tampered(f"{where}: the event before this one was taken out")
    raise Tampered(f"{where}: this event is not the one that was sealed")


def _stored(tx: Cursor[Any], log: str) -> Iterator[tuple[Leaf, Hash]]:
    position = BEFORE_ALL
    while rows := tx.execute(UNSEALED, (position, PAGE), binary=True).fetchall():
        for row in rows:
            leaf = Leaf(*row)
            yield leaf, hash_of(log, leaf)
        position = rows[-1][0]


def _check_nodes(tree: Tree) -> None:
    level, below = 1, tree.size >> LEVELS
    while below:
        for tile in range(0, below, WIDTH):
            kept = tree.kept(level, tile // WIDTH)
            expected = [fold(tree.kept(level - 1, n)) for n in range(tile, min(tile + WIDTH, below))]
            if list(kept) != expected:
                raise Tampered(
                    f"the nodes at level {level * LEVELS}, from {tile} on, are not those of the leaves"
                )
        level, below = level + 1, below >> LEVELS


def _check_notes(tx: Cursor[Any], origin: str, tree: Tree, keys: Sequence[PublicKey]) -> None:
    rows = tx.execute(
        "SELECT size, note FROM seal_note WHERE origin = %s ORDER BY size", (origin,)
    ).fetchall()
    for size, whole in rows:
        note = Note.parse(whole)
        said = note.checkpoint
        if (said.origin, said.size) != (origin, size) or size > tree.size or tree.root(size) != said.root:
            raise Tampered(f"the note over {size} events is about another tree")
        for key in keys:
            if not note.signed_by(key):
                raise Tampered(f"the note over {size} events is not signed by {key.name}")
