"""What was taken back: soon after it was posted, or by one operator far more than by others."""

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


class Reversals:
    """`reversed-soon` and `many-reversals`, an operator each. An appeal that is granted is none of them."""

    def __init__(self, setting: Setting, thresholds: Thresholds) -> None:
        self._setting = setting
        self._thresholds = thresholds
        self._entries: Counter[str] = Counter()
        self._reversals: dict[str, Examples] = {}
        self._soon: dict[str, Examples] = {}
        self.folds = {"": self._any, "reversal": self._reversal}

    def _any(self, _: int, members: Members) -> None:
        if "move" in members:
            self._entries[members["by"]] += 1

    def _reversal(self, seq: int, members: Members) -> None:
        original, by = self._setting.original(members), members["by"]
        if original is None or original["kind"] == "deduction":
            return
        self._reversals.setdefault(by, Examples()).add(seq)
        if seconds_between(original, members) <= self._thresholds.reversed_soon_seconds:
            self._soon.setdefault(by, Examples()).add(seq)

    def leads(self) -> Iterator[Lead]:
        """An operator each."""
        limits = self._thresholds
        every, reversals = self._entries.total(), sum(each.count for each in self._reversals.values())
        for operator, examples in by_name(self._reversals):
            own, soon = self._entries[operator], self._soon.get(operator)
            if soon is not None and soon.count >= limits.reversed_soon:
                yield lead_of("reversed-soon", soon, operator=operator, reversals=examples.count)
            others, theirs = every - own, reversals - examples.count
            more = examples.count * others > limits.reversals_times_others * theirs * own
            if examples.count >= limits.reversals and others and more:
                yield lead_of("many-reversals", examples, operator=operator, entries=own, by_others=theirs)
