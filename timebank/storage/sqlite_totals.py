"""What moved on an account on a day, and how many entries of a kind there are: totalled once for 256 entries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from timebank.tlog.merkle import TILE_WIDTH

if TYPE_CHECKING:
    import sqlite3

_ADD_DAY_TOTAL: Final = """
INSERT INTO day_total (account, day, amount) VALUES (?, ?, ?)
ON CONFLICT (account, day) DO UPDATE SET amount = amount + excluded.amount
"""
_ADD_DAY_TOTALS: Final = """
INSERT INTO day_total (account, day, amount)
SELECT account, day, sum(delta) FROM (
    SELECT debit AS account, day, sign * amount AS delta
    FROM transfer JOIN account ON account.id = debit WHERE seq >= :run AND seq < :end
    UNION ALL
    SELECT credit, day, -sign * amount
    FROM transfer JOIN account ON account.id = credit WHERE seq >= :run AND seq < :end
) WHERE true GROUP BY account, day
ON CONFLICT (account, day) DO UPDATE SET amount = amount + excluded.amount
"""
_ADD_TALLIES: Final = """
INSERT INTO tally (kind, entries)
SELECT kind, count(*) FROM entry WHERE seq >= :run AND seq < :end GROUP BY kind
ON CONFLICT (kind) DO UPDATE SET entries = entries + excluded.entries
"""

_MOST_DAY_TOTALS: Final = 50_000


def _next_run(size: int) -> int:
    """The first entry of the first run of 256 that begins at *size* or later."""
    return -(-size // TILE_WIDTH) * TILE_WIDTH


class RunTotals:
    """The totals of a writer on *connection*: gathered while a run is written, so that a command touches less.

    Of a run whose beginning it did not see, SQLite adds them up from what stands in the file.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._first_whole_run = 0
        self._of_run: dict[tuple[int, int], int] = {}
        self._of_days: dict[tuple[int, int], int] = {}

    def forget(self, size: int) -> None:
        """Know nothing of the first *size* entries; what was gathered and not written is dropped."""
        self._first_whole_run = _next_run(size)
        self._of_run.clear()
        self._of_days.clear()

    def add(self, seq: int, account: int, day: int, delta: int) -> None:
        """Entry *seq* moved the balance of the account with this number by *delta* on *day* (yyyymmdd)."""
        if seq >= self._first_whole_run:
            place = (account, day)
            self._of_run[place] = self._of_run.get(place, 0) + delta

    def close(self, end: int) -> None:
        """The run that ends before entry *end* is complete, and its rows are written."""
        run = {"run": end - TILE_WIDTH, "end": end}
        self._connection.execute(_ADD_TALLIES, run)
        if run["run"] < self._first_whole_run:
            self._connection.execute(_ADD_DAY_TOTALS, run)
            return
        for place, delta in self._of_run.items():
            self._of_days[place] = self._of_days.get(place, 0) + delta
        self._of_run.clear()

    def are_many(self) -> bool:
        """Whether it is time to write, for the sake of memory."""
        return len(self._of_days) > _MOST_DAY_TOTALS

    def flush(self) -> None:
        """Write the totals of complete runs."""
        if self._of_days:
            totals = [(*place, amount) for place, amount in self._of_days.items()]
            self._connection.executemany(_ADD_DAY_TOTAL, totals)
            self._of_days.clear()
