"""Where the hashes of a tree are kept: in PostgreSQL, 256 to a row (a tile, as in C2SP tlog-tiles).

Only complete subtrees are kept: the leaves, then the roots over 256, over 65,536 … leaves. What lies
between is folded when somebody asks. Rows are added, or grow; a hash that is there never changes.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from psycopg import Cursor

from services.backbone.seal.merkle import Hash, consistency, fold, inclusion, root

LEVELS: Final = 8
"""A tile gathers so many levels of the tree."""
WIDTH: Final = 1 << LEVELS
HASH_BYTES: Final = 32


class Tree:
    """The tree of one origin, as one transaction sees it."""

    def __init__(self, tx: Cursor[Any], origin: str) -> None:
        """Look how far it has come."""
        self._tx = tx
        self._origin = origin
        self._tiles: dict[tuple[int, int], bytes] = {}
        row = tx.execute(
            "SELECT number, length(hashes), last_position FROM seal_tile"
            " WHERE origin = %s AND level = 0 ORDER BY number DESC LIMIT 1",
            (origin,),
        ).fetchone()
        number, length, position = row or (0, 0, 0)
        self.size: int = number * WIDTH + length // HASH_BYTES
        self.position: int = position
        """Of the last event that is a leaf."""

    def append(self, leaves: Iterable[tuple[int, Hash]]) -> None:
        """Add leaves: the position of the event, and its hash."""
        placed = list(leaves)
        if not placed:
            return
        hashes: Sequence[Hash] = [hash_ for _, hash_ in placed]
        positions = [position for position, _ in placed]
        level, size = 0, self.size
        while hashes:
            number, there = divmod(size, WIDTH)
            data = (self._tile(level, number) if there else b"") + b"".join(hashes)
            full: list[Hash] = []
            rows = []
            for n, start in enumerate(range(0, len(data), WIDTH * HASH_BYTES)):
                tile = self._tiles[level, number + n] = data[start : start + WIDTH * HASH_BYTES]
                last = min((n + 1) * WIDTH - there, len(positions)) - 1
                rows.append((self._origin, level, number + n, tile, positions[last] if level == 0 else None))
                if len(tile) == WIDTH * HASH_BYTES:
                    full.append(fold(_hashes(tile)))
            self._tx.executemany(_KEEP, rows)
            level, size, hashes = level + 1, size >> LEVELS, full
        self.size += len(placed)
        self.position = positions[-1]

    def root(self, size: int | None = None) -> Hash:
        """The root over the first `size` leaves, or over all. Raises ValueError when there are not so many."""
        return root(self._at_most(self.size if size is None else size), self._subtree)

    def inclusion(self, number: int, size: int) -> list[Hash]:
        """The proof that a leaf is among the first `size`."""
        return inclusion(number, self._at_most(size), self._subtree)

    def consistency(self, old: int, new: int) -> list[Hash]:
        """The proof that the tree of `new` leaves begins with the one of `old`."""
        return consistency(old, self._at_most(new), self._subtree)

    def leaves(self, number: int) -> Sequence[Hash]:
        """The hashes of the leaves from `number` on, to the end of their tile."""
        return _hashes(self._tile(0, number // WIDTH))[number % WIDTH :]

    def kept(self, level: int, number: int) -> Sequence[Hash]:
        """What is kept of a level above the leaves, in one tile; none when it is not there."""
        return _hashes(self._tile(level, number))

    def _at_most(self, size: int) -> int:
        if size > self.size:
            raise ValueError(f"{self._origin} has {self.size} leaves, not {size}")
        return size

    def _subtree(self, level: int, number: int) -> Hash:
        above, within = divmod(level, LEVELS)
        first = number << within
        tile = self._tile(above, first // WIDTH)
        start = first % WIDTH
        return fold(_hashes(tile)[start : start + (1 << within)])

    def _tile(self, level: int, number: int) -> bytes:
        if (level, number) not in self._tiles:
            row = self._tx.execute(
                "SELECT hashes FROM seal_tile WHERE origin = %s AND level = %s AND number = %s",
                (self._origin, level, number),
            ).fetchone()
            self._tiles[level, number] = bytes(row[0]) if row else b""
        return self._tiles[level, number]


_KEEP = (
    "INSERT INTO seal_tile (origin, level, number, hashes, last_position) VALUES (%s, %s, %s, %s, %s)"
    " ON CONFLICT (origin, level, number) DO UPDATE"
    " SET hashes = excluded.hashes, last_position = excluded.last_position"
)


def _hashes(tile: bytes) -> list[Hash]:
    return [tile[start : start + HASH_BYTES] for start in range(0, len(tile), HASH_BYTES)]
