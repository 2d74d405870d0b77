"""The explicit model of lots: each lot a row, each outflow takes from the lot that lapses first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date

from attrs import define, field


@define
class Lot:
    day: date
    last: date | None
    left: int


@define
class Lots:
    """Told what happened in the order of the days. What goes out of nothing is taken from what comes next."""

    expires: Callable[[date], date | None]
    lots: list[Lot] = field(factory=list)
    missing: int = 0
    lapsed: Counter[date] = field(factory=Counter)

    def come(self, day: date, points: int) -> None:
        taken = min(points, self.missing)
        self.missing -= taken
        self.lots.append(Lot(day, self.expires(day), points - taken))

    def go(self, day: date, points: int) -> None:
        self.let_lapse(day)
        for lot in sorted(self.lots, key=lambda lot: (lot.last or date.max, lot.day)):
            taken = min(points, lot.left)
            lot.left -= taken
            points -= taken
        self.missing += points

    def let_lapse(self, before: date) -> None:
        for lot in self.lots:
            if lot.last is not None and lot.last < before and lot.left:
                self.lapsed[lot.last] += lot.left
                lot.left = 0

    def left_by_year(self) -> Counter[int]:
        found: Counter[int] = Counter()
        for lot in self.lots:
            found[lot.day.year] += lot.left
        return +found


def replayed(events: list[tuple[date, int]], expires: Callable[[date], date | None], before: date) -> Lots:
    """The lots before *before*, after *events*: days and points, below zero for what went out."""
    lots = Lots(expires)
    for day, points in sorted(events, key=lambda event: event[0]):
        if points > 0:
            lots.let_lapse(day)
            lots.come(day, points)
        elif points < 0:
            lots.go(day, -points)
    lots.let_lapse(before)
    return lots
