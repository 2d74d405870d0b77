"""A statement of one account: what stood there, what happened, what stands there."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import groupby, takewhile
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from attrs import frozen

from timebank.ledger.entries import Entry, check_day, kept_entry

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from timebank.ledger.store import Posting, Reader

_FIRST_PAGE: Final = 128
"""Mostly enough for a day, or for all of a member."""

_PAGE: Final = 4096


@frozen
class Line:
    """One transfer on a statement: *delta* in the account's own sign, and the balance *after* it.

    *other* is the account on the other side.
    """

    entry: Entry
    other: str
    delta: int
    after: int


@frozen
class Statement:
    """The lines of one account in one unit, ordered by day and then by place in the journal."""

    account: str
    unit: str
    opening: int
    lines: tuple[Line, ...]
    closing: int


def statement(
    books: Reader,
    account: str,
    unit: str,
    *,
    first: date | None = None,
    last: date | None = None,
    since: int = 0,
    before: int | None = None,
) -> Statement:
    """The statement of *account* by the entries' days, from *first* to *last* (None: from the start, to the end).

    What was recorded late stands on the day it belongs to. *since* says that entries before that place were
    recorded before *first*, and so belong to earlier days: they need not be looked at; *before* that entries from
    that place on belong to later days than *last* (None: there is no such place known).
    """
    start = date.min if first is None else check_day("first", first)
    end = date.max if last is None else check_day("last", last)
    opening = 0 if first is None or first == date.min else books.balance_on(account, unit, first - timedelta(1))
    postings = newest_first(books, account, unit, since=since, before=before)
    found = [posting for posting in postings if start <= posting.day <= end]
    found.sort(key=attrgetter("day", "seq", "pos"))
    lines, balance = [], opening
    for entry, posting in _with_entries(books, found):
        balance += posting.delta
        lines.append(Line(entry, posting.other, posting.delta, balance))
    return Statement(account, unit, opening, tuple(lines), balance)


def latest_lines(
    books: Reader, account: str, unit: str, *, limit: int, before: int | None = None
) -> tuple[Line, ...]:
    """The newest *limit* lines recorded before entry *before*, newest first, each with the balance known then.

    No entry is cut in two: if the oldest one has more lines, they come too, so that *before* that entry goes on.
    """
    found = books.postings(account, unit, before=before, limit=limit + 1)
    oldest = found[limit - 1].seq if len(found) > limit else None
    if oldest is not None and found[limit].seq == oldest:
        whole = takewhile(lambda each: each.seq == oldest, newest_first(books, account, unit, before=oldest + 1))
        found = [*(posting for posting in found if posting.seq != oldest), *whole]
    else:
        found = found[:limit]
    return tuple(
        Line(entry, posting.other, posting.delta, posting.after) for entry, posting in _with_entries(books, found)
    )


def newest_first(
    books: Reader, account: str, unit: str, *, since: int = 0, before: int | None = None
) -> Iterator[Posting]:
    """The postings of *account*, newest first: of entries before *before* (None: the end), from *since* on.

    Some from before *since* may come too.
    """
    limit = _FIRST_PAGE
    while before is None or before > since:
        postings = books.postings(account, unit, before=before, limit=limit)
        if len(postings) < limit:
            yield from postings
            return
        # The page may have cut an entry in two: leave that entry, whole, to the next page.
        cut = postings[-1].seq
        yield from (posting for posting in postings if posting.seq != cut)
        is_too_short = before == cut + 1
        before, limit = cut + 1, limit * 4 if is_too_short else min(limit * 4, max(limit, _PAGE))


def _with_entries(books: Reader, postings: Sequence[Posting]) -> Iterator[tuple[Entry, Posting]]:
    for seq, group in groupby(postings, key=attrgetter("seq")):
        entry = kept_entry(seq, books.leaf(seq))
        for posting in group:
            yield entry, posting
