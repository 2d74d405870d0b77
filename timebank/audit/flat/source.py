"""What is exported: one view of the books, and what makes it known again."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from attrs import frozen

from timebank.errors import FileDamaged, InvalidInput
from timebank.ledger.entries import at_of, members_of
from timebank.tlog import canonical
from timebank.tlog.merkle import Frontier, leaf_hash, root

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from timebank.ledger.store import Reader


@frozen
class Source:
    """One view of the *books* of the ledger at *path*: the log's *origin*, its first *size* entries, their *root*.

    *zone* says where a day begins and ends; *last_at* is when the last of these entries was recorded, in UTC.
    """

    books: Reader
    path: str
    origin: str
    zone: str
    size: int
    root: bytes
    last_at: str

    def entries(self) -> Iterator[tuple[int, bytes, dict[str, Any]]]:
        """Place, leaf hash and members of every entry. Raises FileDamaged if they do not lead to the root."""
        tree = Frontier()
        for seq, leaf in self.books.leaves(0, self.size):
            try:
                members = members_of(seq, leaf)
            except InvalidInput as error:
                raise FileDamaged(self.path, f"entry {seq}: {error}") from error
            hashed = leaf_hash(leaf)
            tree.append(hashed)
            yield seq, hashed, members
        if (tree.size, tree.root()) != (self.size, self.root):
            raise FileDamaged(self.path, f"{tree.size} entries do not lead to the root of {self.size}")

    def facts(self) -> tuple[tuple[str, str], ...]:
        """What makes the export known again, by stable names."""
        return (
            ("origin", self.origin),
            ("entries", str(self.size)),
            ("root", self.root.hex()),
            ("root_base64", base64.b64encode(self.root).decode("ascii")),
            ("zone", self.zone),
            ("last_at", self.last_at),
        )


def source_of(books: Reader, path: str) -> Source:
    """All that *books* hold now. Raises FileDamaged where the journal does not begin as one does."""
    size = books.size()
    try:
        body = canonical.decode(books.leaf(0))["body"]
        origin, zone = str(body["origin"]), str(body["zone"])
        last_at = at_of(books.leaf(size - 1))
    except (InvalidInput, LookupError, TypeError, ValueError) as error:
        raise FileDamaged(path, f"entry 0: {error}") from error
    return Source(books, path, origin, zone, size, root(books, size), last_at)
