"""The Merkle tree over the entries: roots, inclusion and consistency proofs (RFC 9162 2.1, SHA-256).

A tree of *size* leaves is split at the largest power of two below *size*. Proofs are read from `Nodes`: the
hashes of single leaves (level 0) and, kept beside them, the roots of complete runs of 256 leaves (level 1),
of 65,536 (level 2) and so on, so that a proof reads a few hundred hashes and never the whole tree.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, Protocol

from attrs import define, field
from attrs.setters import NO_OP

from timebank.errors import ProofWrong

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = sha256(b"").digest()
TILE_HEIGHT: Final = 8
TILE_WIDTH: Final = 1 << TILE_HEIGHT


class Nodes(Protocol):
    """What keeps the hashes of a log."""

    def hashes(self, level: int, first: int, count: int) -> list[bytes]:
        """*count* hashes from number *first* on.

        Level 0: the hashes of the leaves. Level L: hash *n* is the root of the 256**L leaves from
        n * 256**L on; only runs that are complete have one.
        """
        ...


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of an entry's bytes: H(0x00 ‖ leaf)."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees: H(0x01 ‖ left ‖ right)."""
    return sha256(b"\x01" + left + right).digest()


def root_of(hashes: Sequence[bytes]) -> bytes:
    """The root of the tree over these leaf hashes, or over the roots of complete subtrees of one width."""
    if not hashes:
        return EMPTY_ROOT
    row = list(hashes)
    while len(row) > 1:
        above = [node_hash(row[i], row[i + 1]) for i in range(0, len(row) - 1, 2)]
        if len(row) % 2:
            above.append(row[-1])  # an odd one rises unhashed: it is the right end of the tree
        row = above
    return row[0]


# --- A growing tree ----------------------------------------------------------------------------------------


def _check_peaks(frontier: Frontier, attribute: Any, hashes: tuple[bytes, ...]) -> None:
    if frontier.size < 0 or len(hashes) != frontier.size.bit_count():
        raise ProofWrong(f"{len(hashes)} subtrees do not make a tree of {frontier.size} leaves")
    _check_hashes(hashes)


@define
class Frontier:
    """The right edge of a growing tree: all that is needed to append a leaf and to know the root.

    *hashes* are the roots of the complete subtrees that make up *size*, largest first, one for each bit of
    *size*. Raises ProofWrong when they are not.
    """

    size: int = 0
    hashes: tuple[bytes, ...] = field(default=(), validator=_check_peaks, on_setattr=NO_OP)

    def append(self, leaf_hash: bytes) -> None:
        """Grow by one leaf, given its hash."""
        merged, kept, size = leaf_hash, len(self.hashes), self.size
        while size & 1:
            kept -= 1
            merged = node_hash(self.hashes[kept], merged)
            size >>= 1
        self.hashes = (*self.hashes[:kept], merged)
        self.size += 1

    def root(self) -> bytes:
        """The root of the tree as it is now."""
        return _join(self.hashes)


def _join(peaks: Sequence[bytes]) -> bytes:
    """The root over complete subtrees, largest first."""
    if not peaks:
        return EMPTY_ROOT
    joined = peaks[-1]
    for peak in reversed(peaks[:-1]):
        joined = node_hash(peak, joined)
    return joined


# --- Roots and proofs from stored hashes -------------------------------------------------------------------


def frontier(nodes: Nodes, size: int) -> Frontier:
    """The right edge of the tree of the first *size* leaves, to go on from there."""
    return Frontier(size, _Tree(nodes, size).peaks(0, size))


def root(nodes: Nodes, size: int) -> bytes:
    """The root of the tree of the first *size* leaves."""
    return _Tree(nodes, size).subtree(0, size)


def inclusion_proof(nodes: Nodes, index: int, size: int) -> tuple[bytes, ...]:
    """What proves that leaf *index* is in the tree of *size* leaves, from the leaf's sibling up.

    RFC 9162 2.1.3.1. Raises ProofWrong when the tree has no such leaf.
    """
    _check_index(index, size)
    tree, proof = _Tree(nodes, size), []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            proof.append(tree.subtree(middle, end))
            end = middle
        else:
            proof.append(tree.subtree(start, middle))
            start = middle
    return tuple(reversed(proof))


def consistency_proof(nodes: Nodes, old_size: int, new_size: int) -> tuple[bytes, ...]:
    """What proves that the tree of *new_size* leaves begins with the one of *old_size*.

    RFC 9162 2.1.4.1. Raises ProofWrong unless 0 < old_size <= new_size.
    """
    _check_sizes(old_size, new_size)
    tree, proof = _Tree(nodes, new_size), []
    start, end = 0, new_size
    while end != old_size:
        middle = start + _split(end - start)
        if old_size <= middle:
            proof.append(tree.subtree(middle, end))
            end = middle
        else:
            proof.append(tree.subtree(start, middle))
            start = middle
    if start > 0:  # the old tree is no subtree of the new one: its last part has to be given too
        proof.append(tree.subtree(start, end))
    return tuple(reversed(proof))


@define
class _Tree:
    """The first *size* leaves of *nodes*, read in aligned runs of 256 hashes, each run once."""

    nodes: Nodes
    size: int
    tiles: dict[tuple[int, int], list[bytes]] = field(factory=dict)

    def subtree(self, start: int, end: int) -> bytes:
        """The root of leaves *start* to *end*, a subtree of RFC 6962 (start is a multiple of its width)."""
        return _join(self.peaks(start, end))

    def peaks(self, start: int, end: int) -> tuple[bytes, ...]:
        """The roots of the complete subtrees that make up leaves *start* to *end*, largest first."""
        found = []
        while start < end:
            width = 1 << ((end - start).bit_length() - 1)
            found.append(self._complete(start, width))
            start += width
        return tuple(found)

    def _complete(self, start: int, width: int) -> bytes:
        level = (width.bit_length() - 1) // TILE_HEIGHT
        each = TILE_WIDTH**level
        number, first = divmod(start // each, TILE_WIDTH)
        return root_of(self._tile(level, number)[first : first + width // each])

    def _tile(self, level: int, number: int) -> list[bytes]:
        if (level, number) not in self.tiles:
            first = number * TILE_WIDTH
            count = min(TILE_WIDTH, self.size // TILE_WIDTH**level - first)
            self.tiles[level, number] = self._read(level, first, count)
        return self.tiles[level, number]

    def _read(self, level: int, first: int, count: int) -> list[bytes]:
        hashes = self.nodes.hashes(level, first, count)
        if len(hashes) != count:
            raise ProofWrong(f"{len(hashes)} of {count} hashes are kept, from {first} on at level {level}")
        return hashes


def _split(size: int) -> int:
    """The largest power of two below *size*, which is at least 2."""
    return 1 << ((size - 1).bit_length() - 1)


# --- Proofs checked ----------------------------------------------------------------------------------------


def check_inclusion(leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Raise ProofWrong unless *proof* leads from the leaf at *index* to *root* (RFC 9162 2.1.3.2)."""
    _check_index(index, size)
    _check_hashes((leaf_hash, root, *proof))
    place, last, reached = index, size - 1, leaf_hash
    for sibling in proof:
        if last == 0:
            raise ProofWrong("the proof is too long")
        if place & 1 or place == last:
            reached = node_hash(sibling, reached)
            while place & 1 == 0 and place != 0:
                place, last = place >> 1, last >> 1
        else:
            reached = node_hash(reached, sibling)
        place, last = place >> 1, last >> 1
    if last != 0:
        raise ProofWrong("the proof is too short")
    _check_equal(reached, root, f"the root of the tree of {size}")


def check_consistency(
    old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Raise ProofWrong unless *proof* leads to both roots: the new tree began as the old one.

    RFC 9162 2.1.4.2.
    """
    _check_sizes(old_size, new_size)
    _check_hashes((old_root, new_root, *proof))
    if old_size == new_size:
        if proof:
            raise ProofWrong("the proof is too long")
        _check_equal(old_root, new_root, f"the root of the tree of {new_size}")
        return
    if not proof:
        raise ProofWrong("the proof is too short")
    # An old tree that is complete is itself the first step, and is not repeated in the proof.
    steps = [old_root, *proof] if old_size.bit_count() == 1 else proof
    old_reached, new_reached = _climb(old_size, new_size, steps)
    _check_equal(old_reached, old_root, f"the root of the tree of {old_size}")
    _check_equal(new_reached, new_root, f"the root of the tree of {new_size}")


def _climb(old_size: int, new_size: int, steps: Sequence[bytes]) -> tuple[bytes, bytes]:
    """The roots of the old and the new tree to which *steps* lead."""
    place, last = old_size - 1, new_size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            raise ProofWrong("the proof is too long")
        if place & 1 or place == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while place & 1 == 0 and place != 0:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, step)
        place, last = place >> 1, last >> 1
    if last != 0:
        raise ProofWrong("the proof is too short")
    return old, new


def _check_index(index: int, size: int) -> None:
    if not 0 <= index < size:
        raise ProofWrong(f"a tree of {size} leaves has no leaf {index}")


def _check_sizes(old_size: int, new_size: int) -> None:
    if not 0 < old_size <= new_size:
        raise ProofWrong(f"a tree of {old_size} leaves is not the beginning of one of {new_size}")


def _check_hashes(hashes: Iterable[bytes]) -> None:
    for value in hashes:
        if len(value) != HASH_BYTES:
            raise ProofWrong(f"a hash of {len(value)} bytes; all have {HASH_BYTES}")


def _check_equal(reached: bytes, root: bytes, what: str) -> None:
    if reached != root:
        raise ProofWrong(f"the proof does not lead to {what}")
