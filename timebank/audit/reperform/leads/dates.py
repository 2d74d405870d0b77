"""Days that lie far back, and days in months that had been closed."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from timebank.audit.reperform.examples import Examples, by_name
from timebank.audit.reperform.lead import lead_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from timebank.audit.reperform.lead import Lead
    from timebank.audit.reperform.setting import Setting
    from timebank.audit.reperform.thresholds import Thresholds
    from timebank.audit.replay import Members

_DATED: Final = frozenset(
    ("award", "claim", "redemption", "return", "stock", "deduction", "gift", "grant", "visit")
)
"""Kinds whose day is when something was done; the day of a settlement or of an expiry follows from a rule."""


class Dates:
    """`backdated`, an operator each; `into-closed-month`, a month each."""

    def __init__(self, setting: Setting, thresholds: Thresholds) -> None:
        self._setting = setting
        self._thresholds = thresholds
        self._backdated: dict[str, tuple[Examples, list[int]]] = {}
        self._closed_through = ""
        self._late: dict[str, Examples] = {}
        self.folds = {"": self._any, "period": self._period}

    def _period(self, _: int, members: Members) -> None:
        self._closed_through = max(self._closed_through, str(members["body"]["month"]))

    def _any(self, seq: int, members: Members) -> None:
        kind, day = members["kind"], members["day"]
        if "move" in members and day[:7] <= self._closed_through and kind != "reversal":
            self._late.setdefault(day[:7], Examples()).add(seq)
        if kind not in _DATED or (kind == "award" and "ref" in members):
            return  # a claim that is posted has the day of its claim, and waited for the public notice
        days = (self._setting.local.date() - date.fromisoformat(day)).days
        if days >= self._thresholds.backdated_days:
            examples, most = self._backdated.setdefault(members["by"], (Examples(), [0]))
            examples.add(seq)
            most[0] = max(most[0], days)

    def leads(self) -> Iterator[Lead]:
        """Operators, then months."""
        for operator, (examples, most) in by_name(self._backdated):
            if examples.count >= self._thresholds.backdated_entries:
                yield lead_of("backdated", examples, operator=operator, days=most[0])
        for month, examples in by_name(self._late):
            yield lead_of("into-closed-month", examples, month=month)
