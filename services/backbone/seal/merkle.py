"""Merkle trees as RFC 9162 (section 2.1) has them: hashes, roots and proofs. Pure; SHA-256.

A tree over n leaves is known by its complete subtrees: `Subtree(level, number)` is the hash over
the leaves from `number << level` up to, not including, `(number + 1) << level`.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256

Hash = bytes
Subtree = Callable[[int, int], Hash]

EMPTY: Hash = sha256(b"").digest()
"""The root over no leaf at all."""


class ProofBroken(ValueError):
    """A proof does not lead to the root that it should lead to."""


def leaf_hash(entry: bytes) -> Hash:
    """The hash of a leaf."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: Hash, right: Hash) -> Hash:
    """The hash of a node above two."""
    return sha256(b"\x01" + left + right).digest()


def fold(hashes: Sequence[Hash]) -> Hash:
    """The root of a complete subtree, from the hashes of one level of it: their number is a power of two."""
    while len(hashes) > 1:
        hashes = [node_hash(hashes[n], hashes[n + 1]) for n in range(0, len(hashes), 2)]
    return hashes[0]


def root(size: int, subtree: Subtree) -> Hash:
    """The root over the first `size` leaves."""
    return _over(0, size, subtree) if size else EMPTY


def inclusion(number: int, size: int, subtree: Subtree) -> list[Hash]:
    """The proof that leaf `number` (from 0) is among the first `size`: PATH of RFC 9162."""
    if not 0 <= number < size:
        raise ValueError(f"leaf {number} is not among the first {size}")
    return _path(number, 0, size, subtree)


def consistency(old: int, new: int, subtree: Subtree) -> list[Hash]:
    """The proof that the tree of `new` leaves begins with the one of `old`: PROOF of RFC 9162."""
    if not 0 < old <= new:
        raise ValueError(f"no tree of {new} leaves grew from one of {old}")
    return _growth(old, 0, new, True, subtree)


def check_inclusion(number: int, size: int, leaf: Hash, proof: Sequence[Hash], expected: Hash) -> None:
    """Follow a proof from a leaf to the root (RFC 9162, 2.1.3.2). Raises ProofBroken."""
    if not 0 <= number < size:
        raise ProofBroken(f"leaf {number} is not among the first {size}")
    place, last, found = number, size - 1, leaf
    for each in proof:
        if last == 0:
            raise ProofBroken("the proof is too long")
        if place % 2 or place == last:
            found = node_hash(each, found)
            while place % 2 == 0 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, each)
        place, last = place >> 1, last >> 1
    if last or found != expected:
        raise ProofBroken(f"leaf {number} is not under this root of {size}")


def check_consistency(old: int, new: int, old_root: Hash, new_root: Hash, proof: Sequence[Hash]) -> None:
    """Follow a proof to both roots (RFC 9162, 2.1.4.2). Raises ProofBroken."""
    if not 0 < old <= new:
        raise ProofBroken(f"no tree of {new} leaves grew from one of {old}")
    if old == new:
        if proof or old_root != new_root:
            raise ProofBroken(f"two roots of {old} leaves")
        return
    steps = list(proof)
    if old & (old - 1) == 0:
        steps.insert(0, old_root)
    if not steps:
        raise ProofBroken("the proof is too short")
    place, last = old - 1, new - 1
    while place % 2:
        place, last = place >> 1, last >> 1
    before = after = steps[0]
    for each in steps[1:]:
        if last == 0:
            raise ProofBroken("the proof is too long")
        if place % 2 or place == last:
            before, after = node_hash(each, before), node_hash(each, after)
            while place % 2 == 0 and place:
                place, last = place >> 1, last >> 1
        else:
            after = node_hash(after, each)
        place, last = place >> 1, last >> 1
    if last or before != old_root or after != new_root:
        raise ProofBroken(f"the tree of {new} leaves did not grow from the one of {old}")


def _half(width: int) -> int:
    """The largest power of two below a width."""
    return 1 << (width - 1).bit_length() - 1


def _over(start: int, end: int, subtree: Subtree) -> Hash:
    width = end - start
    if width & (width - 1) == 0:
        level = width.bit_length() - 1
        return subtree(level, start >> level)
    middle = start + _half(width)
    return node_hash(_over(start, middle, subtree), _over(middle, end, subtree))


def _path(number: int, start: int, end: int, subtree: Subtree) -> list[Hash]:
    if end - start == 1:
        return []
    middle = start + _half(end - start)
    if number < middle:
        return [*_path(number, start, middle, subtree), _over(middle, end, subtree)]
    return [*_path(number, middle, end, subtree), _over(start, middle, subtree)]


def _growth(old: int, start: int, end: int, whole: bool, subtree: Subtree) -> list[Hash]:
    if old == end:
        return [] if whole else [_over(start, end, subtree)]
    middle = start + _half(end - start)
    if old <= middle:
        return [*_growth(old, start, middle, whole, subtree), _over(middle, end, subtree)]
    return [*_growth(old, middle, end, False, subtree), _over(start, middle, subtree)]
