"""Goods that are missing whenever one person counts, and never when another does."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from timebank.audit.reperform.examples import Examples, by_name
from timebank.audit.reperform.lead import lead_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from timebank.audit.reperform.lead import Lead
    from timebank.audit.reperform.setting import Setting
    from timebank.audit.reperform.thresholds import Thresholds
    from timebank.audit.replay import Members


class Shortages:
    """`shortages-one-clerk`, a shop each."""

    def __init__(self, _: Setting, thresholds: Thresholds) -> None:
        self._thresholds = thresholds
        self._counts: dict[str, Counter[str]] = {}
        self._short: dict[str, dict[str, Examples]] = {}
        self.folds = {"stock": self._stock}

    def _stock(self, seq: int, members: Members) -> None:
        body, by = members["body"], members["by"]
        if body["do"] != "count":
            return
        self._counts.setdefault(body["shop"], Counter())[by] += 1
        if any(counted < booked for _, counted, booked in body["counted"]):
            self._short.setdefault(body["shop"], {}).setdefault(by, Examples()).add(seq)

    def leads(self) -> Iterator[Lead]:
        """A shop each."""
        for shop, clerks in by_name(self._short):
            if len(clerks) > 1:
                continue
            ((clerk, short),) = clerks.items()
            others = self._counts[shop].total() - self._counts[shop][clerk]
            if short.count >= self._thresholds.shortages and others >= self._thresholds.shortage_counts_by_others:
                yield lead_of("shortages-one-clerk", short, shop=shop, operator=clerk, by_others=others)
