"""Closed months: how often each was closed and opened again, and what came into it afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from timebank.audit.reperform.examples import by_name
from timebank.audit.reperform.found import Checked, Found, Tally

if TYPE_CHECKING:
    from timebank.audit.replay import Members


@frozen
class Month:
    """A month that was closed or opened again; *late* entries came into it after it had first been closed."""

    month: str
    closed: int
    reopened: int
    late: int


@frozen
class PeriodsPaper:
    """Every entry's day against the months that were closed then."""

    checked: Checked
    rows: tuple[Month, ...]


class Periods:
    """Follows closings."""

    def __init__(self, found: Found) -> None:
        self._found = found.periods
        self._tally = Tally()
        self._months: dict[str, list[int]] = {}
        self._through = ""

    def take(self, seq: int, members: Members) -> None:
        """The next entry."""
        self._tally.add(seq, is_wrong=seq in self._found)
        if members["kind"] == "period":
            self._period(members["body"])
        elif members["day"][:7] <= self._through and "move" in members:
            self._month(members["day"][:7])[2] += 1

    def _period(self, body: dict[str, str]) -> None:
        month = str(body["month"])
        self._month(month)[0 if body["do"] == "close" else 1] += 1
        self._through = max(self._through, month)

    def _month(self, month: str) -> list[int]:
        return self._months.setdefault(month, [0, 0, 0])

    def paper(self) -> PeriodsPaper:
        """What was seen."""
        rows = (Month(month, *sums) for month, sums in by_name(self._months))
        return PeriodsPaper(self._tally.checked(), tuple(rows))
