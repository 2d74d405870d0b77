"""Whose personal data the journal says was erased."""

from __future__ import annotations

from typing import TYPE_CHECKING

from timebank.audit.programme.books import is_code

if TYPE_CHECKING:
    from collections.abc import Callable

    from timebank.audit.programme.books import Books
    from timebank.audit.replay import Members


class Erased:
    """Erasures, each of a member that is known."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self.folds: dict[str, Callable[[int, Members], None]] = {"erasure": self._erasure}

    def _erasure(self, seq: int, members: Members) -> None:
        member, reason = members["body"]["member"], members["body"]["reason"]
        self._books.known(seq, "member", member)
        if not is_code(reason):
            self._books.wrong(seq, "erasure: no reason")
        self._books.add(seq, "erasure", (seq, member, reason))
