"""What came in and went out of a member's points, read from the journal: the facts that lots.py works with.

What takes something back (a reversal, goods returned, a reservation released) counts on the day of what it takes
back, as if that had never been.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from timebank.ledger.codes import POINTS
from timebank.ledger.entries import kept_entry
from timebank.ledger.resolution import POST, REVERSAL, VOID
from timebank.ledger.statements import newest_first
from timebank.programme.accounts import (
    AWARDED,
    DEBTS,
    DEDUCTED,
    EXPIRED,
    HELD,
    SHOPS_TAKINGS,
    member_account,
)
from timebank.programme.lots import Flows

if TYPE_CHECKING:
    from datetime import date

    from timebank.ledger.store import Posting, Reader

_TAKING_BACK: Final = frozenset((REVERSAL, VOID, POST, "return"))
_NEW_IN: Final = (AWARDED,)
_NEW_OUT: Final = (SHOPS_TAKINGS, HELD, DEDUCTED)
"""Other sides of what is always new and takes nothing back, so that its entry need not be read."""


def flows_of(books: Reader, member: str, *, until: date | None = None) -> Flows:
    """What came in and went out of the points of the member with this id, since the beginning.

    *until* is the last day whose entries count (None: all do).
    """
    came: Counter[date] = Counter()
    went: Counter[date] = Counter()
    lapsed = lent = 0
    for posting in newest_first(books, member_account(member), POINTS):
        if until is not None and posting.day > until:
            continue
        if posting.other.startswith(EXPIRED):
            lapsed -= posting.delta
        elif posting.other.startswith(DEBTS):
            lent += posting.delta
        else:
            day, is_in = _place(books, posting)
            if is_in:
                came[day] += posting.delta
            else:
                went[day] -= posting.delta
    return Flows(came, went, lapsed, lent)


def _place(books: Reader, posting: Posting) -> tuple[date, bool]:
    """The day on which *posting* counts, and whether with what came in (else with what went out)."""
    is_in = posting.delta > 0
    if posting.other.startswith(_NEW_IN if is_in else _NEW_OUT):
        return posting.day, is_in
    entry = kept_entry(posting.seq, books.leaf(posting.seq))
    if entry.kind not in _TAKING_BACK or entry.ref is None:
        return posting.day, is_in
    # Once: what takes something back is itself not taken back.
    return kept_entry(entry.ref, books.leaf(entry.ref)).day, not is_in
