"""Settlements: what each shop took in, gave back and was paid, and what it is still owed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from timebank.audit.reperform.examples import by_name, whole
from timebank.audit.reperform.found import Checked, Found, Tally

if TYPE_CHECKING:
    from timebank.audit.reperform.accounts import Accounts
    from timebank.audit.reperform.setting import Setting
    from timebank.audit.replay import Members

_COLUMNS: Final = ("settlements", "taken", "returned", "stated", "paid")


@frozen
class SettlementsOfShop:
    """One shop, in whole points: taken by its redemptions (pieces times points), given back, and paid to it.

    *stated* is what its settlements add up to: taken less returned, and what came late; *balance* is what the
    accounts say that it is owed.
    """

    shop: str
    settlements: int
    taken: int
    returned: int
    stated: int
    paid: int
    balance: int

    @property
    def unpaid(self) -> int:
        """What the shop is still owed."""
        return self.taken - self.returned - self.paid

    @property
    def difference(self) -> int:
        """What the accounts owe the shop too much, or with a minus too little."""
        return self.balance - self.unpaid


@frozen
class SettlementsPaper:
    """Every settlement, shop by shop; shops that were never settled are there too."""

    checked: Checked
    rows: tuple[SettlementsOfShop, ...]


class Settlements:
    """Adds up what shops are owed."""

    def __init__(self, setting: Setting, accounts: Accounts, found: Found) -> None:
        self._setting = setting
        self._accounts = accounts
        self._found = found.rules
        self._tally = Tally()
        self._shops: dict[str, dict[str, int]] = {}
        self.folds = {
            "redemption": self._taken,
            "post": self._taken,
            "return": self._returned,
            "settlement": self._settlement,
            "reversal": self._reversal,
        }

    def _add(self, shop: object, **amounts: int) -> None:
        sums = self._shops.setdefault(str(shop), dict.fromkeys(_COLUMNS, 0))
        for column, amount in amounts.items():
            sums[column] += amount

    def _taken(self, _: int, members: Members) -> None:
        if "shop" in members["body"]:
            self._add(members["body"]["shop"], taken=_points(members["body"]))

    def _returned(self, _: int, members: Members) -> None:
        self._add(members["body"]["shop"], returned=_points(members["body"]))

    def _settlement(self, seq: int, members: Members) -> None:
        stated, paid = _settled(members["body"])
        self._tally.add(seq, is_wrong=stated != paid or seq in self._found)
        self._add(members["body"]["shop"], settlements=1, stated=stated, paid=paid)

    def _reversal(self, _: int, members: Members) -> None:
        original = self._setting.original(members)
        if original is None:
            return
        body = original["body"]
        if original["kind"] == "redemption":
            self._add(body["shop"], returned=_points(body))
        elif original["kind"] == "return":
            self._add(body["shop"], returned=-_points(body))
        elif original["kind"] == "settlement":
            stated, paid = _settled(body)
            self._add(body["shop"], settlements=-1, stated=-stated, paid=-paid)

    def paper(self) -> SettlementsPaper:
        """What was seen."""
        rows = (
            SettlementsOfShop(shop, **sums, balance=self._accounts.balance(f"L:S:{shop.upper()}", "PTS"))
            for shop, sums in by_name(self._shops)
        )
        return SettlementsPaper(self._tally.checked(), tuple(rows))


def _points(body: dict[str, Any]) -> int:
    return sum(whole(pieces) * whole(points) for _, pieces, points in body["goods"])


def _settled(body: dict[str, Any]) -> tuple[int, int]:
    """What a settlement adds up to, and what it pays."""
    paid, taken, returned = (whole(body[name]) for name in ("paid", "taken", "returned"))
    return taken - returned + whole(body.get("late", paid - taken + returned)), paid
