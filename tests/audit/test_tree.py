"""The running tree equals the tree of RFC 9162, whatever its size."""

from __future__ import annotations

from hashlib import sha256

import pytest

from timebank.audit.tree import RunningTree
from timebank.tlog.merkle import EMPTY_ROOT, TILE_WIDTH, node_hash, root_of

LEAVES = [sha256(number.to_bytes(4, "big")).digest() for number in range(TILE_WIDTH**2 + 2)]


def textbook_root(hashes: list[bytes]) -> bytes:
    """RFC 9162 2.1.1, word for word."""
    if not hashes:
        return EMPTY_ROOT
    if len(hashes) == 1:
        return hashes[0]
    split = 1 << ((len(hashes) - 1).bit_length() - 1)
    return node_hash(textbook_root(hashes[:split]), textbook_root(hashes[split:]))


def test_the_root_is_the_textbooks_for_every_small_size() -> None:
    tree = RunningTree()
    assert tree.root() == EMPTY_ROOT
    for size in range(1, 601):
        list(tree.append(LEAVES[size - 1]))
        assert tree.root() == root_of(LEAVES[:size])
        if size < 40 or size % 64 < 2 or size % TILE_WIDTH in (0, 1, TILE_WIDTH - 1):
            assert tree.root() == textbook_root(LEAVES[:size])
    assert tree.size == 600


def test_the_root_is_the_textbooks_around_a_run_of_runs() -> None:
    tree, seen = RunningTree(), 0
    for size, leaf in enumerate(LEAVES, start=1):
        seen += len(list(tree.append(leaf)))
        if TILE_WIDTH**2 - 2 < size < TILE_WIDTH**2 + 3:
            assert tree.root() == textbook_root(LEAVES[:size]), size
    assert seen == TILE_WIDTH + 1


def test_each_complete_run_is_told_once_with_its_root() -> None:
    tree, told = RunningTree(), []
    for leaf in LEAVES:
        told.extend(tree.append(leaf))
    first_level = [(1, n, textbook_root(LEAVES[n * 256 : n * 256 + 256])) for n in range(TILE_WIDTH)]
    assert told == [*first_level, (2, 0, textbook_root(LEAVES[: TILE_WIDTH**2]))]


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 511, 512, 513, 600])
def test_asking_for_the_root_changes_nothing(size: int) -> None:
    asked, quiet = RunningTree(), RunningTree()
    for leaf in LEAVES[:size]:
        list(asked.append(leaf))
        list(quiet.append(leaf))
        asked.root()
    assert asked.root() == quiet.root()


def test_memory_grows_with_the_logarithm_only() -> None:
    tree = RunningTree()
    for leaf in LEAVES:
        list(tree.append(leaf))
    assert sum(len(level) for level in tree._levels) <= 3 * TILE_WIDTH
