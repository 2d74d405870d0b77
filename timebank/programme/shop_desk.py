"""The desk for shops: all that is done in one, at the counter, in the stockroom and in the office."""

from __future__ import annotations

from attrs import frozen

from timebank.programme.counter import Counter
from timebank.programme.limits import Limits
from timebank.programme.shops import ShopList
from timebank.programme.stockroom import Stockroom


@frozen
class Shops(ShopList, Counter, Stockroom, Limits):
    """The desk for shops."""
