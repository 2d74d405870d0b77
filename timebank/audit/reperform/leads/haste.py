"""Claims approved within seconds of being submitted: who had the time to look at them?"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from timebank.audit.reperform.examples import Examples, by_name
from timebank.audit.reperform.lead import lead_of
from timebank.audit.reperform.leads.looking import seconds_between

if TYPE_CHECKING:
    from collections.abc import Iterator

    from timebank.audit.reperform.lead import Lead
    from timebank.audit.reperform.setting import Setting
    from timebank.audit.reperform.thresholds import Thresholds
    from timebank.audit.replay import Members


class Haste:
    """`hasty-approvals`, a reviewer each."""

    def __init__(self, setting: Setting, thresholds: Thresholds) -> None:
        self._setting = setting
        self._thresholds = thresholds
        self._reviews: Counter[str] = Counter()
        self._hasty: dict[str, Examples] = {}
        self.folds = {"claim": self._claim}

    def _claim(self, seq: int, members: Members) -> None:
        if members["body"]["do"] != "approve":
            return
        claim = self._setting.original(members)
        self._reviews[members["by"]] += 1
        if claim is not None and seconds_between(claim, members) <= self._thresholds.hasty_seconds:
            self._hasty.setdefault(members["by"], Examples()).add(seq)

    def leads(self) -> Iterator[Lead]:
        """A reviewer each."""
        limits = self._thresholds
        for operator, hasty in by_name(self._hasty):
            reviews = self._reviews[operator]
            if hasty.count >= limits.hasty_reviews and hasty.count > limits.hasty_part * reviews:
                yield lead_of("hasty-approvals", hasty, operator=operator, reviews=reviews)
