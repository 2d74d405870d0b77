"""Redemptions recomputed: goods times the price in force against the points that the shop took."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from timebank.audit.reperform.examples import by_name, whole
from timebank.audit.reperform.found import Checked, Found, Tally

if TYPE_CHECKING:
    from timebank.audit.reperform.setting import Setting
    from timebank.audit.replay import Members


@frozen
class RedemptionsOfShop:
    """What one shop handed out for points, reservations collected included; whole points."""

    shop: str
    redemptions: int
    taken: int
    at_price: int

    @property
    def difference(self) -> int:
        """What was taken too much, or with a minus too little."""
        return self.taken - self.at_price


@frozen
class RedemptionsPaper:
    """Every redemption recomputed, shop by shop."""

    checked: Checked
    rows: tuple[RedemptionsOfShop, ...]


class Redemptions:
    """Recomputes redemptions."""

    def __init__(self, setting: Setting, found: Found) -> None:
        self._setting = setting
        self._found = found.rules
        self._tally = Tally()
        self._shops: dict[str, list[int]] = {}
        self.folds = {"redemption": self._redemption, "post": self._collection}

    def _redemption(self, seq: int, members: Members) -> None:
        self._count(seq, members, members["day"], seq)

    def _collection(self, seq: int, members: Members) -> None:
        """Goods that were reserved cost what they cost on the day of the reservation."""
        held = self._setting.original(members)
        if "shop" in members["body"] and held is not None:
            self._count(seq, members, held["day"], members["ref"])

    def _count(self, seq: int, members: Members, day: str, priced: int) -> None:
        """Look at what an entry took, at the prices of *day* that were known at the entry *priced*."""
        body = members["body"]
        shop = str(body["shop"])
        taken = sum(
            amount
            for _, credit, unit, amount in members["move"]
            if unit == "PTS" and credit == f"L:S:{shop.upper()}"
        )
        at_price = sum(
            whole(pieces) * self._setting.price(shop, good, day, priced) for good, pieces, _ in body["goods"]
        )
        self._tally.add(seq, is_wrong=taken != at_price or seq in self._found)
        sums = self._shops.setdefault(shop, [0, 0, 0])
        for place, amount in enumerate((1, taken, at_price)):
            sums[place] += amount

    def paper(self) -> RedemptionsPaper:
        """What was seen."""
        rows = (RedemptionsOfShop(shop, *sums) for shop, sums in by_name(self._shops))
        return RedemptionsPaper(self._tally.checked(), tuple(rows))
