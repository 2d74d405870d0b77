"""Members and their cards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from timebank.audit.programme.books import Books
    from timebank.audit.replay import Members

_KINDS: Final = ("person", "household", "team")
_ID_LENGTH: Final = 10


class Enrolled:
    """Members, and cards with their states."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self.folds: dict[str, Callable[[int, Members], None]] = {"member": self._member, "card": self._card}

    def _member(self, seq: int, members: Members) -> None:
        body, books = members["body"], self._books
        books.known(seq, "organisation", body["org"])
        if body["type"] not in _KINDS or len(body["member"]) != _ID_LENGTH:
            books.wrong(seq, "member: no such kind of member, or of id")
        books.add(seq, "member", (body["member"], body["org"], body["type"], seq))
        if "card" in body:
            books.add(seq, "card", (body["card"], body["member"], "active", seq))

    def _card(self, seq: int, members: Members) -> None:
        body, books = members["body"], self._books
        cards, number, member = books.tables["card"], body["card"], body["member"]
        books.known(seq, "member", member)
        if body["do"] == "block":
            card = books.known(seq, "card", number)
            if card is not None and card[1:3] != (member, "active"):
                books.wrong(seq, "card: not the member's active card")
            cards[number,] = (number, member, "blocked", seq)
            return
        if body["do"] == "replace":
            old = books.known(seq, "card", body["replaces"])
            if old is not None and (old[1] != member or old[2] == "replaced"):
                books.wrong(seq, "card: replaces no card of the member's")
            cards[body["replaces"],] = (body["replaces"], member, "replaced", seq)
        elif body["do"] != "issue":
            books.wrong(seq, "card: neither issued, blocked nor replaced")
        books.add(seq, "card", (number, member, "active", seq))
