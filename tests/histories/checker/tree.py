"""Roots of all prefixes of a journal, as RFC 6962 section 2.1 defines them."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of one entry in the tree's way."""
    return sha256(b"\x00" + leaf).digest()


def roots(leaves: Sequence[bytes]) -> list[bytes]:
    """The root of the first n leaves, for every n from 0 to all of them.

    Whole subtrees are kept, the largest first; two of one size become one, and the root folds them from the right.
    """
    found = [sha256(b"").digest()]
    whole: list[tuple[int, bytes]] = []
    for leaf in leaves:
        whole.append((1, leaf_hash(leaf)))
        while len(whole) > 1 and whole[-1][0] == whole[-2][0]:
            (size, right), (_, left) = whole.pop(), whole.pop()
            whole.append((2 * size, _node(left, right)))
        root = whole[-1][1]
        for _, left in reversed(whole[:-1]):
            root = _node(left, root)
        found.append(root)
    return found


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()
