"""Cards: issued (发卡), blocked when lost (挂失), replaced (补卡)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from timebank.errors import CardBlocked
from timebank.ledger.entries import Draft
from timebank.programme.codes import check_card_number, new_card_number
from timebank.programme.members import (
    CARDS,
    Card,
    Member,
    card_of,
    check_active,
    check_new_card,
    id_of,
    member_of,
)
from timebank.programme.roles import check_allowed, check_operators

if TYPE_CHECKING:
    from timebank.ledger.entries import Entry
    from timebank.ledger.journal import Journal, Posted
    from timebank.ledger.store import Reader, Writer


@frozen
class Cards:
    """The desk for cards."""

    _journal: Journal

    def issue(self, member: Member | str, *, card: str | None = None, by: str, key: str | None = None) -> Card:
        """Give *member* a further card: the printed number *card*, or a new random one."""
        owner = id_of(member)
        number = None if card is None else check_card_number(card)
        check_operators(by)
        request = ("card-issue", owner, number or "", by)
        with self._journal.writing() as write:
            posted = write.already(key, request)
            if posted is None:
                member_of(write.books, owner)
                check_allowed(write.books, "enrol", by)
                number = self._number(write.books, number)
                body = {"card": number, "member": owner, "do": "issue"}
                draft = Draft(kind="card", day=write.today(), by=by, body=body)
                posted = write.append(draft, key=key, request=request)
            return card_of(write.books, posted.entry.body["card"])

    def block(self, card: str, *, by: str, key: str | None = None) -> Posted:
        """Block a lost *card*; its points stay with the member. Raises CardBlocked if it is blocked already."""
        number = check_card_number(card)
        check_operators(by)
        request = ("card-block", number, by)
        with self._journal.writing() as write:
            if done := write.already(key, request):
                return done
            found = card_of(write.books, number)
            check_allowed(write.books, "block-card", by)
            check_active(found)
            body = {"card": number, "member": found.member, "do": "block"}
            draft = Draft(kind="card", day=write.today(), by=by, body=body)
            return write.append(draft, key=key, request=request)

    def replace(self, card: str, *, new: str | None = None, by: str, key: str | None = None) -> Card:
        """Give the member a *new* card (None: a random number) for *card*, lost or worn; the old one ends."""
        old = check_card_number(card)
        number = None if new is None else check_card_number(new)
        check_operators(by)
        request = ("card-replace", old, number or "", by)
        with self._journal.writing() as write:
            posted = write.already(key, request)
            if posted is None:
                found = card_of(write.books, old)
                check_allowed(write.books, "enrol", by)
                if found.state == "replaced":
                    raise CardBlocked(old, found.state)
                number = self._number(write.books, number)
                body = {"card": number, "member": found.member, "do": "replace", "replaces": old}
                draft = Draft(kind="card", day=write.today(), by=by, body=body)
                posted = write.append(draft, key=key, request=request)
            return card_of(write.books, posted.entry.body["card"])

    def get(self, card: str) -> Card:
        """The card with this number, in whatever state; raises UnknownCard or CardMistyped."""
        number = check_card_number(card)
        with self._journal.reading() as books:
            return card_of(books, number)

    def _number(self, books: Reader, number: str | None) -> str:
        while number is None:
            made = new_card_number(self._journal.entropy)
            number = made if books.get(CARDS, made) is None else None
        check_new_card(books, number)
        return number


def project_card(entry: Entry, books: Writer) -> None:
    """Keep the card's state, and end the one it replaces."""
    body = entry.body
    state = "blocked" if body["do"] == "block" else "active"
    if body["do"] == "replace":
        books.put(CARDS, Card(body["replaces"], body["member"], "replaced", entry.seq))
    books.put(CARDS, Card(body["card"], body["member"], state, entry.seq))
