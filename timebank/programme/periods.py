"""Periods (账期): a month is closed (结账) with its totals, and nothing is posted into it any more.

Months are closed one after the other. The last closed one can be opened again by two people (反结账).
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections import Counter
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from attrs import asdict, frozen

from timebank.errors import BadCode, PeriodNotLast, PeriodNotNext, PeriodNotOver
from timebank.ledger.codes import MINUTES, POINTS
from timebank.ledger.entries import Draft, kept_entry
from timebank.programme import accounts
from timebank.programme.closing import ALL, CLOSINGS, closed_through, month_before
from timebank.programme.roles import check_allowed, check_operators

if TYPE_CHECKING:
    from collections.abc import Iterator

    from timebank.ledger.journal import Journal, Posted
    from timebank.ledger.store import Reader

PERIOD: Final = "period"
_MONTH: Final = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


def check_month(value: object) -> str:
    """Return *value* if it is a month written 2026-03, else raise BadCode."""
    if (
        not isinstance(value, str)
        or not value.isascii()
        or not _MONTH.fullmatch(value)
        or value.startswith("0000")
    ):
        raise BadCode("month", str(value)[:80], _MONTH.pattern)
    return value


def days_of(month: str) -> tuple[date, date]:
    """The first and the last day of *month*."""
    year, number = int(month[:4]), int(month[5:])
    return date(year, number, 1), date(year, number, monthrange(year, number)[1])


@frozen
class Totals:
    """What happened in a month by the entries' days, each less what was taken back; all but *minutes* are points.

    *redeemed* is what shops took in, less what they gave back; *outstanding* is what members hold or have
    reserved at the month's end.
    """

    awarded: int
    minutes: int
    redeemed: int
    expired: int
    deducted: int
    outstanding: int


@frozen
class Period:
    """A closed *month*, with the *totals* that its entry *seq* says."""

    month: str
    seq: int
    totals: Totals


def totals_of(books: Reader, month: str) -> Totals:
    """The totals of *month*, counted from the entries as they are now."""
    first, last = days_of(month)
    now = books.sums(last)
    before = Counter[tuple[str, str]]() if first == date.min else books.sums(first - timedelta(days=1))

    def grown(beginning: str, unit: str = POINTS) -> int:
        return now[beginning, unit] - before[beginning, unit]

    return Totals(
        awarded=grown(accounts.AWARDED),
        minutes=grown(accounts.SERVICE, MINUTES),
        # What a shop was paid for has left its account, and was redeemed all the same.
        redeemed=grown(accounts.SHOPS_TAKINGS) + grown(accounts.SETTLED),
        expired=grown(accounts.EXPIRED),
        deducted=grown(accounts.DEDUCTED),
        outstanding=now[accounts.MEMBERS, POINTS] + now[accounts.HELD, POINTS],
    )


@frozen
class Periods:
    """The desk for periods."""

    _journal: Journal

    def close(self, month: str, *, by: str, key: str | None = None) -> Posted:
        """Close *month* (2026-03), and with the first closing every month before it; its totals are written down.

        Raises PeriodNotOver, or PeriodNotNext unless it follows the last closed month.
        """
        check_month(month)
        check_operators(by)
        request = ("period-close", month, by)
        with self._journal.writing() as write:
            if done := write.already(key, request):
                return done
            check_allowed(write.books, "close-period", by)
            last = days_of(month)[1]
            if last >= write.today():
                raise PeriodNotOver(month, last.isoformat())
            closed = closed_through(write.books)
            if closed and month_before(month) != closed:
                raise PeriodNotNext(month, closed)
            body = {"month": month, "do": "close", "totals": asdict(totals_of(write.books, month))}
            draft = Draft(kind=PERIOD, day=write.today(), by=by, ref=_latest(write.books), body=body)
            return write.append(draft, key=key, request=request)

    def reopen(self, month: str, *, by: str, approved_by: str, key: str | None = None) -> Posted:
        """Open *month* again, the last closed one; those before it stay closed. Raises PeriodNotLast."""
        check_month(month)
        check_operators(by, approved_by)
        request = ("period-reopen", month, by, approved_by)
        with self._journal.writing() as write:
            if done := write.already(key, request):
                return done
            check_allowed(write.books, "reopen-period", by, approved_by)
            closed = closed_through(write.books)
            if month != closed:
                raise PeriodNotLast(month, closed or "-")
            body = {"month": month, "do": "reopen"}
            draft = Draft(
                kind=PERIOD, day=write.today(), by=by, ok=approved_by, ref=_latest(write.books), body=body
            )
            return write.append(draft, key=key, request=request)

    def closed_through(self) -> str:
        """The last closed month (2026-03); the empty text if none is."""
        with self._journal.reading() as books:
            return closed_through(books)

    def totals(self, month: str) -> Totals:
        """The totals of *month*, closed or not, counted from the entries as they are now."""
        with self._journal.reading() as books:
            return totals_of(books, check_month(month))

    def all(self) -> tuple[Period, ...]:
        """The months that were closed and not opened again, with the totals written down then; first month first.

        A month before the first that was closed by itself has no totals of its own, and is not among them.
        """
        with self._journal.reading() as books:
            return tuple(sorted(_closed(books), key=lambda period: period.month))


def _latest(books: Reader) -> int | None:
    """The last entry that closed or reopened a period; each names the one before it."""
    closing = books.get(CLOSINGS, ALL)
    return None if closing is None else closing.seq


def _closed(books: Reader) -> Iterator[Period]:
    through, seq, seen = closed_through(books), _latest(books), set[str]()
    while seq is not None:
        entry = kept_entry(seq, books.leaf(seq))
        month = entry.body["month"]
        if entry.body["do"] == "close" and month <= through and month not in seen:
            seen.add(month)
            yield Period(month, seq, Totals(**entry.body["totals"]))
        seq = entry.ref
