"""Every proof of every tree up to 300 entries, against RFC 9162's definitions written down as they stand."""

from __future__ import annotations

from functools import cache

import pytest

from timebank.errors import ProofWrong
from timebank.tlog.merkle import (
    check_consistency,
    check_inclusion,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
)

MOST = 300
HASHES = [leaf_hash(b"%d" % number) for number in range(MOST)]


class Kept:
    """The tree's lowest level, as a store gives it."""

    def hashes(self, level: int, first: int, count: int) -> list[bytes]:
        if level:
            size = 256**level
            return [head(number * size, (number + 1) * size) for number in range(first, first + count)]
        return HASHES[first : first + count]


def split(count: int) -> int:
    """The largest power of two below *count*."""
    return 1 << (count - 1).bit_length() - 1


@cache
def head(first: int, end: int) -> bytes:
    """MTH(D[first:end]), section 2.1.1."""
    if end - first == 1:
        return HASHES[first]
    k = split(end - first)
    return node_hash(head(first, first + k), head(first + k, end))


def path(m: int, first: int, end: int) -> tuple[bytes, ...]:
    """PATH(m, D[first:end]), section 2.1.3.1; *m* counts from *first*."""
    if end - first == 1:
        return ()
    k = split(end - first)
    if m < k:
        return (*path(m, first, first + k), head(first + k, end))
    return (*path(m - k, first + k, end), head(first, first + k))


def subproof(m: int, first: int, end: int, whole: bool) -> tuple[bytes, ...]:
    """SUBPROOF(m, D[first:end], b), section 2.1.4.1."""
    n = end - first
    if m == n:
        return () if whole else (head(first, end),)
    k = split(n)
    if m <= k:
        return (*subproof(m, first, first + k, whole), head(first + k, end))
    return (*subproof(m - k, first + k, end, False), head(first, first + k))


def flipped(hashes: tuple[bytes, ...], place: int) -> tuple[bytes, ...]:
    changed = bytes([hashes[place][0] ^ 1]) + hashes[place][1:]
    return (*hashes[:place], changed, *hashes[place + 1 :])


@pytest.mark.parametrize("first_size", range(1, MOST + 1, 50))
def test_every_inclusion_proof_is_the_definition_s_and_verifies(first_size: int) -> None:
    for size in range(first_size, min(first_size + 50, MOST + 1)):
        root = head(0, size)
        for index in range(size):
            proof = inclusion_proof(Kept(), index, size)
            assert proof == path(index, 0, size)
            check_inclusion(HASHES[index], index, size, proof, root)


@pytest.mark.parametrize("first_size", range(1, MOST + 1, 50))
def test_every_consistency_proof_is_the_definition_s_and_verifies(first_size: int) -> None:
    for size in range(first_size, min(first_size + 50, MOST + 1)):
        for old in range(1, size + 1):
            proof = consistency_proof(Kept(), old, size)
            assert proof == subproof(old, 0, size, True)
            check_consistency(old, size, head(0, old), head(0, size), proof)


@pytest.mark.parametrize("size", [*range(1, 20), 63, 64, 65, 127, 128, 129, 255, 256, 257, 299, 300])
def test_no_changed_inclusion_proof_verifies(size: int) -> None:
    root = head(0, size)
    for index in {0, size // 3, size // 2, size - 1}:
        proof = path(index, 0, size)
        wrong = [(HASHES[index], index, size, flipped(proof, place)) for place in range(len(proof))]
        wrong += [
            (HASHES[(index + 1) % MOST], index, size, proof),
            (HASHES[index], index, size, (*proof, root)),
            (HASHES[index], size, size, proof),
        ]
        wrong += [(HASHES[index], index, size, proof[:-1])] if proof else []
        wrong += [(HASHES[index], index ^ 1, size, proof)] if size > 1 else []
        for leaf, at, of, hashes in wrong:
            with pytest.raises(ProofWrong):
                check_inclusion(leaf, at, of, hashes, root)


@pytest.mark.parametrize("size", [*range(2, 20), 63, 64, 65, 127, 128, 129, 255, 256, 257, 299, 300])
def test_no_changed_consistency_proof_verifies(size: int) -> None:
    for old in {1, size // 3 or 1, size // 2, size - 1}:
        proof = subproof(old, 0, size, True)
        roots = head(0, old), head(0, size)
        for hashes in (
            *(flipped(proof, place) for place in range(len(proof))),
            proof[:-1],
            (*proof, roots[0]),
        ):
            with pytest.raises(ProofWrong):
                check_consistency(old, size, *roots, hashes)
        for wrong in ((roots[1], roots[1]), (roots[0], roots[0])):
            with pytest.raises(ProofWrong):
                check_consistency(old, size, *wrong, proof)
