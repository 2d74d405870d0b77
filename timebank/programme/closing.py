"""How far the books are closed: nothing is posted on a day of a closed period (账期, a month)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import frozen

from timebank.errors import PeriodClosed
from timebank.ledger.entries import check_day, kept_entry
from timebank.ledger.store import Table

if TYPE_CHECKING:
    from datetime import date

    from timebank.ledger.entries import Entry
    from timebank.ledger.store import Reader, Writer

ALL: Final = "all"
"""The one row's key: the programme is closed as a whole."""


@frozen
class Closing:
    """The books are closed up to and with the month *through* (2026-03; empty: none is closed)."""

    id: str
    through: str
    seq: int


CLOSINGS: Final = Table("closing", Closing, ("id",))


def month_of(day: date) -> str:
    """The month of *day*, written 2026-03."""
    return f"{day.year:04}-{day.month:02}"


def month_before(month: str) -> str:
    """The month before *month*, both written 2026-03; the empty text before the first month there is."""
    year, number = int(month[:4]), int(month[5:])
    if number > 1:
        return f"{year:04}-{number - 1:02}"
    return f"{year - 1:04}-12" if year > 1 else ""


def closed_through(books: Reader) -> str:
    """The last closed month, or the empty text."""
    closing = books.get(CLOSINGS, ALL)
    return "" if closing is None else closing.through


def check_open(books: Reader, day: date) -> None:
    """Raise PeriodClosed if an entry of *day* would change what is closed."""
    through = closed_through(books)
    if through and month_of(day) <= through:
        raise PeriodClosed(day.isoformat(), through)


def closed_at(books: Reader, last: date | None) -> int | None:
    """The entry that closed the month of the day *last*; what was recorded after it belongs to later days.

    None where the month is open, or there is no last day. Looks at the closings since then, the newest first.
    """
    closing = books.get(CLOSINGS, ALL)
    if last is None or closing is None:
        return None
    month = month_of(check_day("last", last))
    if month > closing.through:
        return None
    entry = kept_entry(closing.seq, books.leaf(closing.seq))
    # Months are closed and opened one by one, so that the newest word on a closed month is its closing; without a
    # word of its own it was closed with the first that was closed at all, which names no other.
    while entry.body["month"] != month and entry.ref is not None:
        entry = kept_entry(entry.ref, books.leaf(entry.ref))
    return entry.seq


def project_period(entry: Entry, books: Writer) -> None:
    """Keep how far the books are closed: through the month closed, or the one before the month opened again."""
    month = entry.body["month"]
    through = month if entry.body["do"] == "close" else month_before(month)
    books.put(CLOSINGS, Closing(ALL, through, entry.seq))
