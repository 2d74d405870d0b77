"""The tree: equal to the textbook, proofs that prove nothing else, and few hashes read."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timebank.errors import ProofWrong
from timebank.tlog import merkle
from timebank.tlog.merkle import (
    EMPTY_ROOT,
    TILE_WIDTH,
    Frontier,
    check_consistency,
    check_inclusion,
    consistency_proof,
    frontier,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root,
    root_of,
)

MANY = 300
LEAVES = tuple(leaf_hash(str(number).encode()) for number in range(MANY))


class Kept:
    """Leaf hashes in a list, and the runs of 256 worked out when they are asked for."""

    def __init__(self, leaves: tuple[bytes, ...] = LEAVES) -> None:
        self.leaves = leaves

    def hashes(self, level: int, first: int, count: int) -> list[bytes]:
        width = TILE_WIDTH**level
        assert 0 <= first < first + count <= len(self.leaves) // width
        starts = range(first * width, (first + count) * width, width)
        return [textbook_root(start, start + width) if level else self.leaves[start] for start in starts]


class Same:
    """A log of *size* equal leaves, made when it is read; counts what is read."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.read = 0
        self.calls = 0
        self.complete = [leaf_hash(b"same")]
        for _ in range(64):
            self.complete.append(node_hash(self.complete[-1], self.complete[-1]))

    def hashes(self, level: int, first: int, count: int) -> list[bytes]:
        assert 0 < count <= TILE_WIDTH
        assert (first + count) * TILE_WIDTH**level <= self.size
        self.read += count
        self.calls += 1
        return [self.complete[8 * level]] * count


@cache
def textbook_root(start: int, end: int) -> bytes:
    """RFC 6962 2.1: MTH(D[start:end])."""
    if end == start:
        return sha256().digest()
    if end - start == 1:
        return LEAVES[start]
    middle = start + textbook_split(end - start)
    return sha256(b"\x01" + textbook_root(start, middle) + textbook_root(middle, end)).digest()


def textbook_split(size: int) -> int:
    power = 1
    while power * 2 < size:
        power *= 2
    return power


def textbook_path(index: int, start: int, end: int) -> tuple[bytes, ...]:
    """RFC 6962 2.1.1: PATH(m, D[n])."""
    if end - start == 1:
        return ()
    middle = start + textbook_split(end - start)
    if index < middle:
        return (*textbook_path(index, start, middle), textbook_root(middle, end))
    return (*textbook_path(index, middle, end), textbook_root(start, middle))


def textbook_subproof(old: int, start: int, end: int, *, known: bool) -> tuple[bytes, ...]:
    """RFC 6962 2.1.2: SUBPROOF(m, D[n], b)."""
    if old == end:
        return () if known else (textbook_root(start, end),)
    middle = start + textbook_split(end - start)
    if old <= middle:
        return (*textbook_subproof(old, start, middle, known=known), textbook_root(middle, end))
    return (*textbook_subproof(old, middle, end, known=False), textbook_root(start, middle))


@pytest.fixture
def _remembered_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ninety thousand proofs over the same leaves: each node is hashed once."""
    monkeypatch.setattr(merkle, "node_hash", cache(node_hash))


# --- Equal to the textbook ---------------------------------------------------------------------------------


def test_hashes_of_leaves_and_nodes_are_told_apart() -> None:
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert leaf_hash(LEAVES[0] + LEAVES[1]) != node_hash(LEAVES[0], LEAVES[1])


@pytest.mark.usefixtures("_remembered_hashes")
def test_roots_are_those_of_the_textbook() -> None:
    for size in range(MANY + 1):
        expected = textbook_root(0, size)
        assert root_of(LEAVES[:size]) == expected
        assert root(Kept(), size) == expected
        assert frontier(Kept(), size).root() == expected


@pytest.mark.usefixtures("_remembered_hashes")
def test_every_leaf_of_every_tree_has_the_textbook_proof_and_it_checks() -> None:
    for size in range(1, MANY + 1):
        for index in range(size):
            proof = inclusion_proof(Kept(), index, size)
            assert proof == textbook_path(index, 0, size)
            check_inclusion(LEAVES[index], index, size, proof, textbook_root(0, size))


@pytest.mark.usefixtures("_remembered_hashes")
def test_every_two_trees_have_the_textbook_proof_and_it_checks() -> None:
    for new in range(1, MANY + 1):
        for old in range(1, new + 1):
            proof = consistency_proof(Kept(), old, new)
            assert proof == textbook_subproof(old, 0, new, known=True)
            check_consistency(old, new, textbook_root(0, old), textbook_root(0, new), proof)


# --- A growing tree ----------------------------------------------------------------------------------------


def test_a_growing_tree_has_the_root_of_its_leaves_at_every_size() -> None:
    growing = Frontier()
    for size, leaf in enumerate(LEAVES):
        assert (growing.size, growing.root()) == (size, textbook_root(0, size))
        growing.append(leaf)
    assert growing == frontier(Kept(), MANY)


@given(st.integers(0, MANY), st.integers(0, MANY))
def test_growing_goes_on_from_any_size(start: int, more: int) -> None:
    growing = frontier(Kept(), start)
    copy = Frontier(growing.size, growing.hashes)
    end = min(start + more, MANY)
    for leaf in LEAVES[start:end]:
        growing.append(leaf)
    assert growing.root() == textbook_root(0, end)
    assert copy.root() == textbook_root(0, start)


@pytest.mark.parametrize(
    ("size", "hashes"), [(1, ()), (2, LEAVES[:2]), (0, LEAVES[:1]), (-1, LEAVES[:1]), (1, (b"short",))]
)
def test_a_right_edge_has_one_hash_for_each_bit_of_its_size(size: int, hashes: tuple[bytes, ...]) -> None:
    with pytest.raises(ProofWrong):
        Frontier(size, hashes)


# --- What is read ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [999_999, 1_000_000, 1_048_576, 65_536, 65_537, 65_535, 257, 256, 255])
def test_a_proof_reads_two_runs_of_256_at_each_level_and_no_more(size: int) -> None:
    levels = 3 if size >= 65_536 else 2
    whole = Same(size)
    top = root(whole, size)
    assert whole.read <= 256 * levels
    for index in {0, 1, 255, 256, size // 3, size // 2, size - 2, size - 1} & set(range(size)):
        nodes = Same(size)
        check_inclusion(nodes.complete[0], index, size, inclusion_proof(nodes, index, size), top)
        assert nodes.read <= 2 * 256 * levels
        assert nodes.calls <= 2 * levels
    for old in {1, 2, 255, 256, 257, size // 3, size // 2, size - 1, size} & set(range(1, size + 1)):
        nodes = Same(size)
        check_consistency(old, size, root(Same(old), old), top, consistency_proof(nodes, old, size))
        assert nodes.read <= 2 * 256 * levels
        assert nodes.calls <= 2 * levels


def test_hashes_that_are_missing_are_reported() -> None:
    class Short(Kept):
        def hashes(self, level: int, first: int, count: int) -> list[bytes]:
            return super().hashes(level, first, count)[1:]

    with pytest.raises(ProofWrong) as caught:
        root(Short(), 7)
    assert caught.value.reason == "6 of 7 hashes are kept, from 0 on at level 0"


# --- Proofs that prove nothing else ------------------------------------------------------------------------


def bent(proof: tuple[bytes, ...]) -> list[tuple[bytes, ...]]:
    """Proofs that differ from *proof* in one thing."""
    stranger = leaf_hash(b"stranger")
    found = [proof[:place] + proof[place + 1 :] for place in range(len(proof))]
    found += [(*proof[:place], stranger, *proof[place:]) for place in range(len(proof) + 1)]
    found += [(*proof[:place], stranger, *proof[place + 1 :]) for place in range(len(proof))]
    found += [(*proof[:place], hash_[:31], *proof[place + 1 :]) for place, hash_ in enumerate(proof)]
    found += [(*proof[:place], hash_ + b"\0", *proof[place + 1 :]) for place, hash_ in enumerate(proof)]
    found += [proof[::-1]] if len(set(proof)) > 1 else []
    return found


sizes = st.integers(1, 100) | st.sampled_from([127, 128, 129, 255, 256, 257, MANY - 1])


@given(st.data(), sizes)
def test_an_inclusion_proof_proves_one_leaf_at_one_place(data: st.DataObject, size: int) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof, top = inclusion_proof(Kept(), index, size), textbook_root(0, size)
    check_inclusion(LEAVES[index], index, size, proof, top)
    wrong: list[tuple[Any, ...]] = [(LEAVES[index], index, size, each, top) for each in bent(proof)]
    wrong += [(LEAVES[index], other, size, proof, top) for other in range(-1, size + 1) if other != index]
    wrong += [(LEAVES[(index + 1) % MANY], index, size, proof, top)]
    wrong += [(LEAVES[index], index, size, proof, textbook_root(0, size + 1))]
    wrong += [(LEAVES[index][:-1], index, size, proof, top), (LEAVES[index], index, size, proof, top[:-1])]
    for arguments in wrong:
        with pytest.raises(ProofWrong):
            check_inclusion(*arguments)


def test_the_reason_says_whether_a_proof_is_too_long_or_too_short() -> None:
    proof, top = inclusion_proof(Kept(), 4, 11), textbook_root(0, 11)
    for changed, reason in (((*proof, top), "the proof is too long"), (proof[:-1], "the proof is too short")):
        with pytest.raises(ProofWrong) as caught:
            check_inclusion(LEAVES[4], 4, 11, changed, top)
        assert caught.value.reason == reason


NEW = textbook_root(0, 11)
OLD = textbook_root(0, 6)
PROOF = inclusion_proof(Kept(), 4, 11)
GREW = consistency_proof(Kept(), 6, 11)


@pytest.mark.parametrize(
    ("judge", "reason"),
    [
        (
            lambda: check_inclusion(LEAVES[5], 4, 11, PROOF, NEW),
            "the proof does not lead to the root of the tree of 11",
        ),
        (lambda: check_inclusion(LEAVES[4], 11, 11, PROOF, NEW), "a tree of 11 leaves has no leaf 11"),
        (lambda: check_inclusion(LEAVES[4][1:], 4, 11, PROOF, NEW), "a hash of 31 bytes; all have 32"),
        (lambda: check_inclusion(LEAVES[4], 4, 11, PROOF, NEW[1:]), "a hash of 31 bytes; all have 32"),
        (lambda: check_inclusion(LEAVES[4], 4, 11, (b"", *PROOF), NEW), "a hash of 0 bytes; all have 32"),
        (lambda: check_consistency(6, 11, OLD, NEW, (*GREW, NEW)), "the proof is too long"),
        (lambda: check_consistency(6, 11, OLD, NEW, GREW[:-1]), "the proof is too short"),
        (lambda: check_consistency(6, 11, OLD, NEW, ()), "the proof is too short"),
        (lambda: check_consistency(8, 11, textbook_root(0, 8), NEW, ()), "the proof is too short"),
        (lambda: check_consistency(11, 11, NEW, NEW, (NEW,)), "the proof is too long"),
        (lambda: check_consistency(11, 11, OLD, NEW, ()), "the proof does not lead to the root of the tree of 11"),
        (lambda: check_consistency(6, 11, NEW, NEW, GREW), "the proof does not lead to the root of the tree of 6"),
        (
            lambda: check_consistency(6, 11, OLD, OLD, GREW),
            "the proof does not lead to the root of the tree of 11",
        ),
        (lambda: check_consistency(6, 11, OLD[1:], NEW, GREW), "a hash of 31 bytes; all have 32"),
        (lambda: check_consistency(6, 11, OLD, NEW + NEW, GREW), "a hash of 64 bytes; all have 32"),
        (lambda: check_consistency(6, 11, OLD, NEW, (*GREW, b"")), "a hash of 0 bytes; all have 32"),
        (
            lambda: consistency_proof(Kept(), 12, 11),
            "a tree of 12 leaves is not the beginning of one of 11",
        ),
        (lambda: Frontier(3, LEAVES[:1]), "1 subtrees do not make a tree of 3 leaves"),
        (lambda: Frontier(-1, LEAVES[:1]), "1 subtrees do not make a tree of -1 leaves"),
        (lambda: Frontier(1, (b"short",)), "a hash of 5 bytes; all have 32"),
    ],
)
def test_what_is_wrong_with_a_proof_is_said(judge: Any, reason: str) -> None:
    with pytest.raises(ProofWrong) as caught:
        judge()
    assert caught.value.reason == reason


@given(st.data(), sizes)
def test_a_consistency_proof_proves_one_pair_of_trees(data: st.DataObject, new: int) -> None:
    old = data.draw(st.integers(1, new))
    proof = consistency_proof(Kept(), old, new)
    old_root, new_root = textbook_root(0, old), textbook_root(0, new)
    check_consistency(old, new, old_root, new_root, proof)
    other = leaf_hash(b"other")
    wrong: list[tuple[Any, ...]] = [(old, new, old_root, new_root, each) for each in bent(proof)]
    wrong += [(old, new, other, new_root, proof), (old, new, old_root, other, proof)]
    wrong += [(old, new, old_root[1:], new_root, proof), (old, new, old_root, new_root[1:], proof)]
    wrong += [(0, new, EMPTY_ROOT, new_root, ()), (-1, new, old_root, new_root, proof)]
    wrong += [(new + 1, new, old_root, new_root, proof)]
    wrong += [(old, new, new_root, old_root, proof)] if old != new else []
    for arguments in wrong:
        with pytest.raises(ProofWrong):
            check_consistency(*arguments)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (1, 1), (-1, 1), (7, 3)])
def test_there_is_no_proof_for_a_leaf_that_is_not_there(index: int, size: int) -> None:
    with pytest.raises(ProofWrong):
        inclusion_proof(Kept(), index, size)


@pytest.mark.parametrize(("old", "new"), [(0, 0), (0, 1), (2, 1), (-1, 1)])
def test_there_is_no_proof_from_an_empty_or_a_longer_tree(old: int, new: int) -> None:
    with pytest.raises(ProofWrong):
        consistency_proof(Kept(), old, new)


def test_roots_of_growing_trees_never_repeat() -> None:
    roots = [root_of(LEAVES[:size]) for size in range(MANY)]
    assert all(before != after for before, after in pairwise(roots))
    assert len(set(roots)) == MANY
