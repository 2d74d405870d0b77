"""The journal as a directory of tiles, which any program for C2SP tlog-tiles reads (https://c2sp.org/tlog-tiles).

`checkpoint` is a signed note; `tile/<L>/<N>` 256 hashes of 256**L entries each, `tile/entries/<N>` the 256 entries
below a tile of level 0; the last of a level may have fewer, and is then `<N>.p/<W>`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from timebank.errors import FileDamaged
from timebank.tlog.checkpoint import read_unverified
from timebank.tlog.merkle import TILE_WIDTH, Frontier, leaf_hash, root_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from timebank.ledger.store import Reader

_LENGTH_BYTES: Final = 2
_GROUP: Final = 1000
ENTRIES: Final = "entries"


def tile_path(level: int | str, number: int, width: int = TILE_WIDTH) -> str:
    """Where tile *number* of *level* lies (`tile/0/x001/x234/067`); narrower than 256 it is a partial one."""
    last, rest = number % _GROUP, number // _GROUP
    path = f"{last:03}"
    while rest:
        path = f"x{rest % _GROUP:03}/{path}"
        rest //= _GROUP
    return f"tile/{level}/{path}" + ("" if width == TILE_WIDTH else f".p/{width}")


class Tiles:
    """A growing log cut into tiles: *put* gets the path and the bytes of each as soon as it is full.

    It holds one tile of each level and one bundle of entries, however long the log is.
    """

    def __init__(self, put: Callable[[str, bytes], object]) -> None:
        self._put = put
        self._bundle: list[bytes] = []
        self._rows: list[list[bytes]] = []
        self._numbers: list[int] = []

    def add(self, leaf: bytes) -> None:
        """The next entry, of at most 65,535 bytes."""
        self._bundle.append(len(leaf).to_bytes(_LENGTH_BYTES, "big") + leaf)
        self.add_hash(leaf_hash(leaf))

    def add_hash(self, hashed: bytes, level: int = 0) -> None:
        """The next hash of a level: of level 0 where there are only hashes, no entries."""
        if level == len(self._rows):
            self._rows.append([])
            self._numbers.append(0)
        row = self._rows[level]
        row.append(hashed)
        if len(row) == TILE_WIDTH:
            self._write(level)
            self._numbers[level] += 1
            self._rows[level] = []
            self.add_hash(root_of(row), level + 1)

    def finish(self) -> None:
        """Write what is left: the partial tile of each level that has one."""
        for level, row in enumerate(self._rows):
            if row:
                self._write(level)

    def _write(self, level: int) -> None:
        row, number = self._rows[level], self._numbers[level]
        self._put(tile_path(level, number, len(row)), b"".join(row))
        if level == 0 and self._bundle:
            self._put(tile_path(ENTRIES, number, len(row)), b"".join(self._bundle))
            self._bundle = []


def write_tiles(books: Reader, note: str, directory: Path, *, path: str) -> None:
    """Fill *directory* with the log that the checkpoint *note* is of: the first entries, as many as it covers.

    Raises FileDamaged where they do not lead to its root; *path* is the ledger's, for the error.
    """
    checkpoint = read_unverified(note)
    tree = Frontier()

    def put(name: str, data: bytes) -> None:
        place = directory / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)

    tiles = Tiles(put)
    for _, leaf in books.leaves(0, checkpoint.size):
        tree.append(leaf_hash(leaf))
        tiles.add(leaf)
    tiles.finish()
    if (tree.size, tree.root()) != (checkpoint.size, checkpoint.root):
        raise FileDamaged(path, f"its first {checkpoint.size} entries are not those of its checkpoint")
    put("checkpoint", note.encode("utf-8"))
