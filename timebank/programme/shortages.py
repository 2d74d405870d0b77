"""What it means to people that an account holds too little for an entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from timebank.errors import (
    BelowZero,
    NotEnoughInPool,
    NotEnoughMinutes,
    NotEnoughPoints,
    NotEnoughStock,
    NotEnoughTakings,
)
from timebank.ledger.codes import MINUTES, POINTS
from timebank.programme import accounts

if TYPE_CHECKING:
    from timebank.errors import Refused


def in_words(error: BelowZero) -> Refused:
    """*error* as who or what has too little: a member, a pool, a shop; itself for any other account."""
    account, unit = error.account, error.unit
    if account.startswith(accounts.MEMBERS) and unit in (POINTS, MINUTES):
        too_little = NotEnoughPoints if unit == POINTS else NotEnoughMinutes
        return too_little(account.removeprefix(accounts.MEMBERS), error.available, error.needed)
    if account.startswith(accounts.POOLS):
        org = account.removeprefix(accounts.POOLS).lower()
        return NotEnoughInPool(org, unit, error.available, error.needed)
    if account.startswith(accounts.SHOPS_TAKINGS):
        shop = account.removeprefix(accounts.SHOPS_TAKINGS).lower()
        return NotEnoughTakings(shop, error.available, error.needed)
    if account.startswith(accounts.SHOPS_STOCK):
        shop = account.removeprefix(accounts.SHOPS_STOCK).lower()
        return NotEnoughStock(shop, unit.lower(), error.available, error.needed)
    return error
