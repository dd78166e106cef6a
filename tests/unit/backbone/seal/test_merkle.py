"""The arithmetic of trees: published vectors, and another implementation that was written from the definition."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.backbone.seal.merkle import (
    EMPTY,
    ProofBroken,
    check_consistency,
    check_inclusion,
    consistency,
    fold,
    inclusion,
    leaf_hash,
    root,
)

# The vectors of Certificate Transparency (RFC 6962, whose trees RFC 9162 keeps): eight leaves and their roots.
ENTRIES = [
    bytes.fromhex(each)
    for each in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
INCLUSIONS = {
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
}
CONSISTENCIES = {
    (1, 8): INCLUSIONS[0, 8],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
    (4, 4): [],
}


class Leaves:
    """A tree whose complete subtrees are folded when they are asked for."""

    def __init__(self, entries: list[bytes]) -> None:
        self.hashes = [leaf_hash(entry) for entry in entries]

    def __call__(self, level: int, number: int) -> bytes:
        return fold(self.hashes[number << level : (number + 1) << level])


def by_definition(entries: list[bytes]) -> bytes:
    """MTH of RFC 9162, section 2.1.1, word for word; shares nothing with what is tested."""
    if not entries:
        return sha256().digest()
    if len(entries) == 1:
        return sha256(b"\0" + entries[0]).digest()
    k = 1
    while k * 2 < len(entries):
        k *= 2
    return sha256(b"\1" + by_definition(entries[:k]) + by_definition(entries[k:])).digest()


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_that_were_published(size: int) -> None:
    assert root(size, Leaves(ENTRIES)).hex() == ROOTS[size]


@pytest.mark.parametrize(("number", "size"), INCLUSIONS)
def test_proofs_of_inclusion_are_those_that_were_published(number: int, size: int) -> None:
    proof = inclusion(number, size, Leaves(ENTRIES))
    assert [each.hex() for each in proof] == INCLUSIONS[number, size]
    check_inclusion(number, size, leaf_hash(ENTRIES[number]), proof, bytes.fromhex(ROOTS[size]))


@pytest.mark.parametrize(("old", "new"), CONSISTENCIES)
def test_proofs_of_consistency_are_those_that_were_published(old: int, new: int) -> None:
    proof = consistency(old, new, Leaves(ENTRIES))
    assert [each.hex() for each in proof] == CONSISTENCIES[old, new]
    check_consistency(old, new, bytes.fromhex(ROOTS[old]), bytes.fromhex(ROOTS[new]), proof)


entries_of = st.lists(st.binary(max_size=4), min_size=1, max_size=80)


@given(entries_of, st.data())
def test_every_leaf_is_proved_under_every_root_and_no_other_leaf_is(
    entries: list[bytes], data: st.DataObject
) -> None:
    size = data.draw(st.integers(1, len(entries)))
    number = data.draw(st.integers(0, size - 1))
    top = by_definition(entries[:size])
    assert root(size, Leaves(entries)) == top
    proof = inclusion(number, size, Leaves(entries))
    check_inclusion(number, size, leaf_hash(entries[number]), proof, top)
    with pytest.raises(ProofBroken):
        check_inclusion(number, size, leaf_hash(b"another entry"), proof, top)
    for wrong in (proof[:-1], [*proof, EMPTY]):
        if wrong != proof:
            with pytest.raises(ProofBroken):
                check_inclusion(number, size, leaf_hash(entries[number]), wrong, top)


@given(entries_of, st.data())
def test_every_growth_is_proved_and_no_other_past_is(entries: list[bytes], data: st.DataObject) -> None:
    new = data.draw(st.integers(1, len(entries)))
    old = data.draw(st.integers(1, new))
    proof = consistency(old, new, Leaves(entries))
    before, after = by_definition(entries[:old]), by_definition(entries[:new])
    check_consistency(old, new, before, after, proof)
    with pytest.raises(ProofBroken):
        check_consistency(old, new, EMPTY, after, proof)
    with pytest.raises(ProofBroken):
        check_consistency(old, new, before, EMPTY, proof)
    with pytest.raises(ProofBroken):
        check_consistency(old, new, before, after, [*proof, EMPTY])


def test_no_proof_is_made_of_what_is_not_there() -> None:
    with pytest.raises(ValueError, match="leaf 8 is not among the first 8"):
        inclusion(8, 8, Leaves(ENTRIES))
    with pytest.raises(ValueError, match="no tree of 3 leaves grew from one of 5"):
        consistency(5, 3, Leaves(ENTRIES))
