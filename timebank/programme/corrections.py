"""Corrections: an entry is taken back by another that mirrors it, approved by a second person.

Of an award whose points are spent, the member can be lent what is missing: a debt, which the next awards repay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import frozen

from timebank.errors import (
    BadCode,
    BelowZero,
    NotReversible,
    UnknownEntry,
)
from timebank.ledger.entries import check_day, check_slug, kept_entry
from timebank.ledger.resolution import check_unresolved, reversal
from timebank.ledger.transfers import mirror
from timebank.programme.counter import RETURN, check_not_returned
from timebank.programme.debts import loans
from timebank.programme.deductions import GRANTED
from timebank.programme.roles import check_allowed, check_operators
from timebank.programme.shortages import in_words

if TYPE_CHECKING:
    from datetime import date

    from timebank.ledger.journal import Journal, Posted

MISTAKE: Final = "mistake"
NOT_REVERSIBLE: Final = frozenset((RETURN,))
"""Kinds of the programme that are not taken back, beside the ledger's own."""


@frozen
class Corrections:
    """The desk for corrections."""

    _journal: Journal

    def reverse(
        self,
        seq: int,
        *,
        reason: str = MISTAKE,
        debt: bool = False,
        day: date | None = None,
        by: str,
        approved_by: str,
        key: str | None = None,
    ) -> Posted:
        """Take the entry *seq* back: an award, a redemption, a gift, or goods received; once.

        *reason* is a short code (`wrong-member`, `returned`), but not that an appeal was granted: who decides the
        appeal says so. With *debt* an award is taken back whose points are spent: what is missing the member owes,
        and repays from the next awards. Minutes are never lent, and nothing is for any other entry.

        Raises UnknownEntry, NotReversible, AlreadyResolved, AlreadyReturned; NotEnoughPoints if the points are
        spent, NotEnoughMinutes, NotEnoughInPool, NotEnoughTakings if the shop was paid for them, NotEnoughStock
        if the goods are gone.
        """
        if type(seq) is not int:
            raise UnknownEntry(str(seq)[:40])
        if check_slug("reason", reason) == GRANTED:
            raise BadCode("reason", reason, "any but appeal-granted")
        check_operators(by, approved_by)
        when = None if day is None else check_day("day", day)
        request = ("reversal", seq, reason, str(when or ""), by, approved_by, *(("debt",) if debt else ()))
        with self._journal.writing() as write:
            write.check_day(when)
            if done := write.already(key, request):
                return done
            original = kept_entry(seq, write.books.leaf(seq))
            if original.kind in NOT_REVERSIBLE:
                raise NotReversible(seq, original.kind)
            lent = loans(write.books, mirror(original.moves)) if debt and original.kind == "award" else ()
            on = when or write.today()
            draft = reversal(original, day=on, by=by, ok=approved_by, reason=reason, loans=lent)
            check_allowed(write.books, "reverse", by, approved_by, day=on)
            check_unresolved(draft, write.books)
            check_not_returned(write.books, seq)
            try:
                return write.append(draft, key=key, request=request)
            except BelowZero as error:
                raise in_words(error) from error
