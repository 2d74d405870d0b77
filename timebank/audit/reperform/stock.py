"""Stock: opening, in, out, counted and closing of every good in every shop, from what entries say of goods.

What a redemption, a return or a count did is read from its list of goods, and not from its transfers; the balance
is added up from the transfers. So one is a check of the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import frozen

from timebank.audit.reperform.examples import by_name, whole
from timebank.audit.reperform.found import Checked, Found, Tally

if TYPE_CHECKING:
    from collections.abc import Iterator

    from timebank.audit.reperform.accounts import Accounts
    from timebank.audit.reperform.setting import Setting
    from timebank.audit.replay import Members

_COLUMNS: Final = ("received", "moved", "counted", "written_off", "handed_out", "returned")
_MOVED: Final = {"receive": "received", "move": "moved", "write-off": "written_off"}
Piece = tuple[str, str, str, int]
"""A shop, a good, a column, and how many pieces more."""


@frozen
class StockOfGood:
    """One good in one shop, in pieces; what went out has a minus. It began with nothing.

    *balance* is what the accounts hold at the end, *held* of it set aside for reservations; *last_count* is the
    entry in which the good was last counted, None if it never was.
    """

    shop: str
    good: str
    received: int
    moved: int
    counted: int
    written_off: int
    handed_out: int
    returned: int
    balance: int
    held: int
    last_count: int | None

    @property
    def closing(self) -> int:
        """What should be there."""
        return sum(getattr(self, column) for column in _COLUMNS)

    @property
    def difference(self) -> int:
        """What the accounts hold too much, or with a minus too little."""
        return self.balance - self.closing


@frozen
class StockPaper:
    """Every entry that moved goods, and what it leads to."""

    checked: Checked
    rows: tuple[StockOfGood, ...]


class Stock:
    """Adds up what entries say of goods."""

    def __init__(self, setting: Setting, accounts: Accounts, found: Found) -> None:
        self._setting = setting
        self._accounts = accounts
        self._found = found.rules
        self._tally = Tally()
        self._goods: dict[tuple[str, str], dict[str, int]] = {}
        self._counted: dict[tuple[str, str], int] = {}
        self.given = 0
        """Pieces handed out and not brought back, merchants' own included."""
        self.folds = {
            "stock": self._stock,
            "redemption": self._add,
            "return": self._add,
            "post": self._add,
            "reversal": self._reversal,
        }

    def _stock(self, seq: int, members: Members) -> None:
        body = members["body"]
        if body["do"] == "count":
            for good, _, _ in body["counted"]:
                self._counted[str(body["shop"]), str(good)] = seq
        self._add(seq, members)

    def _reversal(self, seq: int, members: Members) -> None:
        original = self._setting.original(members)
        if original is not None and original["kind"] in ("stock", "redemption", "return"):
            self._add(seq, original, -1)

    def _add(self, seq: int, members: Members, weight: int = 1) -> None:
        if members["kind"] == "post" and "shop" not in members["body"]:
            return  # the ledger's own
        self._tally.add(seq, is_wrong=seq in self._found)
        for shop, good, column, pieces in list(_pieces(members)):
            if column in ("handed_out", "returned"):
                self.given -= weight * pieces
                if shop in self._setting.merchants:
                    continue
            sums = self._goods.setdefault((shop, good), dict.fromkeys(_COLUMNS, 0))
            sums[column] += weight * pieces

    def paper(self) -> StockPaper:
        """What was seen."""
        return StockPaper(self._tally.checked(), tuple(self._rows()))

    def _rows(self) -> Iterator[StockOfGood]:
        for (shop, good), sums in by_name(self._goods):
            shelf, held = (
                self._accounts.balance(f"A:{letter}:{shop.upper()}", good.upper()) for letter in ("S", "H")
            )
            last = self._counted.get((shop, good))
            yield StockOfGood(shop, good, **sums, balance=shelf + held, held=held, last_count=last)

    def closing(self) -> int:
        """Pieces of all goods that should be there."""
        return sum(sum(sums.values()) for sums in self._goods.values())


def _pieces(members: Members) -> Iterator[Piece]:
    """What an entry says of goods."""
    kind, body = members["kind"], members["body"]
    shop = str(body["shop"])
    if kind != "stock":
        column, sign = ("returned", 1) if kind == "return" else ("handed_out", -1)
        for good, pieces, _ in body["goods"]:
            yield shop, str(good), column, sign * whole(pieces)
    elif body["do"] == "count":
        for good, counted, booked in body["counted"]:
            yield shop, str(good), "counted", whole(counted) - whole(booked)
    else:
        column = _MOVED[body["do"]]
        for _, _, unit, amount in members["move"]:
            yield shop, unit.lower(), column, amount if column == "received" else -amount
            if column == "moved":
                yield str(body["to"]), unit.lower(), column, amount
