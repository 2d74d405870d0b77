"""Corrections: an entry is taken back by another that mirrors it, approved by a second person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import frozen

from timebank.errors import BelowZero, NotEnoughPoints, NotEnoughStock, UnknownEntry
from timebank.ledger.codes import POINTS
from timebank.ledger.entries import check_day, check_slug, kept_entry
from timebank.ledger.resolution import check_unresolved, reversal
from timebank.programme import accounts
from timebank.programme.roles import check_allowed, check_operators

if TYPE_CHECKING:
    from datetime import date

    from timebank.ledger.journal import Journal, Posted

MISTAKE: Final = "mistake"


@frozen
class Corrections:
    """The desk for corrections."""

    _journal: Journal

    def reverse(
        self,
        seq: int,
        *,
        reason: str = MISTAKE,
        day: date | None = None,
        by: str,
        approved_by: str,
        key: str | None = None,
    ) -> Posted:
        """Take the entry *seq* back: an award, a redemption, or goods received; once.

        *reason* is a short code (`wrong-member`, `returned`). Raises UnknownEntry, NotReversible,
        AlreadyResolved; NotEnoughPoints if the points are spent, NotEnoughStock if the goods are gone.
        """
        if type(seq) is not int:
            raise UnknownEntry(str(seq)[:40])
        check_slug("reason", reason)
        check_operators(by, approved_by)
        when = None if day is None else check_day("day", day)
        request = ("reversal", seq, reason, str(when or ""), by, approved_by)
        with self._journal.writing() as write:
            write.check_day(when)
            if done := write.already(key, request):
                return done
            original = kept_entry(seq, write.books.leaf(seq))
            draft = reversal(original, day=when or write.today(), by=by, ok=approved_by, reason=reason)
            check_allowed(write.books, "reverse", by, approved_by, day=draft.day)
            check_unresolved(draft, write.books)
            try:
                return write.append(draft, key=key, request=request)
            except BelowZero as error:
                raise _in_words(error) from error


def _in_words(error: BelowZero) -> NotEnoughPoints | NotEnoughStock | BelowZero:
    account = error.account
    if error.unit == POINTS and account.startswith(accounts.MEMBERS):
        return NotEnoughPoints(account.removeprefix(accounts.MEMBERS), error.available, error.needed)
    if account.startswith(accounts.SHOPS_STOCK):
        shop = account.removeprefix(accounts.SHOPS_STOCK).lower()
        return NotEnoughStock(shop, error.unit.lower(), error.available, error.needed)
    return error
