"""Calendar months: the pieces in which a large book is handed to another tool."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from attrs import frozen

from timebank.errors import BadCode
from timebank.programme.periods import check_month

FIRST_YEAR: Final = 1400
LAST_YEAR: Final = 9998
"""ledger knows no year before the first; after the last, no month could end with a balance of the next one's."""


@frozen(order=True)
class Month:
    """A calendar month."""

    year: int
    month: int

    @classmethod
    def of(cls, day: date) -> Month:
        """The month of *day*."""
        return cls(day.year, day.month)

    @classmethod
    def parse(cls, text: str) -> Month:
        """The month written YYYY-MM; raises BadCode for anything else, and for years that not all tools know."""
        year, month = map(int, check_month(text).split("-"))
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise BadCode("month", text, f"{FIRST_YEAR}-01 ... {LAST_YEAR}-12")
        return cls(year, month)

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.month, 1)

    @property
    def following(self) -> date:
        """The first day of the month after."""
        return date(self.year + self.month // 12, self.month % 12 + 1, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return self.following - timedelta(days=1)

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"
