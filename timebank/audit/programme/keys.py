"""Which key signs from where on, and which signed entries are declared lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from timebank.audit.programme.books import is_code

if TYPE_CHECKING:
    from collections.abc import Callable

    from timebank.audit.programme.books import Books
    from timebank.audit.replay import Members


class Keys:
    """The keys and epochs of a book. Signatures and roots are looked at with the checkpoints, in audit.notes."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self.in_force: list[tuple[int, str]] = []
        """Every key, as text, with the entry that brought it; it signs checkpoints that cover that entry."""
        self.epochs: list[tuple[int, str]] = []
        """The note of what each epoch declares lost, with the entry that opened it."""
        self.folds: dict[str, Callable[[int, Members], None]] = {"key": self._key, "epoch": self._epoch}

    def genesis(self, seq: int, body: dict[str, Any]) -> None:
        """The first key, where a book was founded with one."""
        if "vkey" in body:
            self._take_in(seq, str(body["vkey"]))

    def _take_in(self, seq: int, vkey: str) -> None:
        self.in_force.append((seq, vkey))
        self._books.tables["signing_key"][seq,] = (seq, vkey)

    def _key(self, seq: int, members: Members) -> None:
        body = members["body"]
        before = [vkey for _, vkey in self.in_force]
        if body.get("previous") != (before[-1] if before else None):
            self._books.wrong(seq, "key: the one before is another")
        if body["vkey"] in before:
            self._books.wrong(seq, "key: it has signed before")
        if not isinstance(body["vkey"], str) or not body["vkey"].startswith(f"{self._books.ledger.origin}+"):
            self._books.wrong(seq, "key: of another name")
        self._take_in(seq, str(body["vkey"]))

    def _epoch(self, seq: int, members: Members) -> None:
        body, table = members["body"], self._books.tables["epoch"]
        number, reason, lines = body["epoch"], body["reason"], body["note"]
        if number != len(table) + 1:
            self._books.wrong(seq, "epoch: not after the one before")
        if not is_code(reason):
            self._books.wrong(seq, "epoch: no reason")
        size, root = int(lines[1]), str(lines[2])
        if size <= seq:
            self._books.wrong(seq, "epoch: nothing was lost")
        self.epochs.append((seq, "".join(f"{line}\n" for line in lines)))
        table[seq,] = (seq, number, reason, size, root)
