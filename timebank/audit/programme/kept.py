"""What is kept only once there is a rule that looks back at it; a programme without such a rule pays nothing."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import suppress
from typing import TYPE_CHECKING

from timebank.audit.programme.books import UNREADABLE

if TYPE_CHECKING:
    from timebank.audit.programme.books import Books
    from timebank.audit.replay import Members


class Kept(ABC):
    """Something that entries add up to, from the first entry on that asks for it."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self.is_kept = False
        """Whether any entry has asked for it; from then on every entry that moves value is taken in."""

    def counts(self, kind: str) -> bool:
        """Whether entries of *kind* can count at all; the others need not be taken in."""
        return True

    def begin(self, size: int) -> None:
        """The entry at *size* asks for it: if it is the first to, look back at all before it, once."""
        if self.is_kept:
            return
        self.is_kept = True
        for seq in range(size):
            members = self._books.leaf(seq)
            if members is not None:
                with suppress(*UNREADABLE):  # its own fold has said so
                    self.take_in(members)

    @abstractmethod
    def take_in(self, members: Members) -> None:
        """What an entry adds; called after its checks."""
