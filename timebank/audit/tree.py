"""The tree over a journal that is read once from its start, in memory that grows with the logarithm only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from timebank.tlog.merkle import EMPTY_ROOT, TILE_WIDTH, root_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from timebank.tlog.merkle import Nodes


class RunningTree:
    """Leaf hashes come in, roots of complete runs of 256**level leaves come out."""

    def __init__(self) -> None:
        self.size = 0
        self._levels: list[list[bytes]] = [[]]

    @classmethod
    def resumed(cls, nodes: Nodes, size: int) -> RunningTree:
        """The tree as it was with *size* leaves, from stored hashes; its root says whether they are right."""
        tree = cls()
        tree.size, tree._levels = size, []
        count, level = size, 0
        while count or not level:
            count, rest = divmod(count, TILE_WIDTH)
            tree._levels.append(nodes.hashes(level, count * TILE_WIDTH, rest))
            level += 1
        return tree

    def append(self, leaf_hash: bytes) -> Iterable[tuple[int, int, bytes]]:
        """Take the next leaf's hash; answer the level, position and root of each run that it completes."""
        self._levels[0].append(leaf_hash)
        self.size += 1
        return () if self.size % TILE_WIDTH else self._complete()

    def _complete(self) -> Iterator[tuple[int, int, bytes]]:
        level, count = 0, self.size
        while count % TILE_WIDTH == 0:
            run = root_of(self._levels[level])
            self._levels[level] = []
            level, count = level + 1, count // TILE_WIDTH
            if level == len(self._levels):
                self._levels.append([])
            self._levels[level].append(run)
            yield level, count - 1, run

    def root(self) -> bytes:
        """The root over all leaves so far: what is not complete on one level is the last item of the next."""
        tail: list[bytes] = []
        for level in self._levels:
            if level or tail:
                tail = [root_of(level + tail)]
        return tail[0] if tail else EMPTY_ROOT
