"""What was handed to whom: goods redeemed, less those that came back, and goods reserved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import frozen

from timebank.ledger.codes import POINTS
from timebank.ledger.entries import kept_entry
from timebank.ledger.resolution import HOLD, VOID
from timebank.ledger.statements import newest_first
from timebank.ledger.store import Table
from timebank.programme.accounts import AWARDED, HELD, MEMBERS, POOLS, SHOPS_TAKINGS, member_account

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator
    from datetime import date

    from timebank.ledger.entries import Entry
    from timebank.ledger.store import Posting, Reader

REDEMPTION: Final = "redemption"
AWARD: Final = "award"


@frozen
class Returned:
    """*pieces* of *good* of the redemption at this place have come back, with entry *seq* the last of them."""

    redemption: int
    good: str
    pieces: int
    seq: int


RETURNED: Final = Table("returned", Returned, ("redemption", "good"))


@frozen
class Handed:
    """*pieces* of *good* that *shop* has handed out, or set aside, for *card*."""

    card: str
    shop: str
    good: str
    pieces: int


def returned_of(books: Reader, redemption: int) -> dict[str, int]:
    """Pieces of each good of a redemption that have come back."""
    return {row.good: row.pieces for row in books.rows(RETURNED, redemption)}


def handed_out(
    books: Reader, payers: Iterable[str], first: date, last: date, *, ended: Container[int], since: int
) -> Iterator[Handed]:
    """What *payers* (members' ids) have paid for in entries of the days from *first* to *last*.

    A redemption counts unless it was taken back, less what came back. A reservation counts on the day on which it
    was made, unless it was released, or is among those that have *ended*. *since*: see `statements.statement`.
    """
    places = {
        posting.seq
        for payer in payers
        for posting in newest_first(books, member_account(payer), POINTS, since=since)
        if first <= posting.day <= last and posting.delta < 0 and posting.other.startswith((SHOPS_TAKINGS, HELD))
    }
    for seq in sorted(places):
        entry = kept_entry(seq, books.leaf(seq))
        if seq not in ended and _stands(books, entry):
            back = returned_of(books, seq)
            for good, pieces, _ in entry.body["goods"]:
                yield Handed(entry.body["card"], entry.body["shop"], good, pieces - back.get(good, 0))


def _stands(books: Reader, entry: Entry) -> bool:
    """Whether *entry* hands goods out or keeps them set aside: by its kind and by what answered it."""
    resolver = books.resolver_of(entry.seq)
    if entry.kind == REDEMPTION:
        return resolver is None
    if entry.kind != HOLD or "goods" not in entry.body:
        return False
    return resolver is None or kept_entry(resolver, books.leaf(resolver)).kind != VOID


def earned(books: Reader, member: str) -> int:
    """All points that *member* was ever awarded, less what was taken back; spent or not."""
    account = member_account(member)
    return sum(_earned(books, posting) for posting in newest_first(books, account, POINTS))


def _earned(books: Reader, posting: Posting) -> int:
    if posting.other.startswith(AWARDED):
        return posting.delta
    if posting.delta < 0 or not posting.other.startswith((POOLS, MEMBERS)):
        return 0
    # A pool and a recipient also pay for awards, but what comes from there may be a gift as well.
    entry = kept_entry(posting.seq, books.leaf(posting.seq))
    return posting.delta if entry.kind == AWARD and books.resolver_of(posting.seq) is None else 0
