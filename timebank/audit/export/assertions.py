"""Balances as they run along by the entries' days, and those that a month's end is held to.

Entries come sorted by day, so at the end of a month every entry has been counted whose day is in it or before
it, also one that was recorded years later: no assertion is about a day to which anything is added below it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import define, field

from timebank.programme import accounts

if TYPE_CHECKING:
    from timebank.audit.export.survey import Place
    from timebank.ledger.transfers import Transfer

ASSERTED: Final = (
    accounts.MEMBERS, accounts.HELD, accounts.DEBTS, accounts.SHOPS_STOCK, accounts.reserved_account("")
)  # fmt: skip
"""What members hold and owe, and goods on shelves and set aside: whose balances are asserted each month."""


@define
class Balances:
    """What every account holds, debits less credits, and which of them moved since the last month's end."""

    held: dict[Place, int]
    _moved: set[Place] = field(factory=set)

    def add(self, moves: tuple[Transfer, ...]) -> None:
        """Count the transfers of one entry."""
        for move in moves:
            for place, change in (
                ((move.debit, move.unit), move.amount),
                ((move.credit, move.unit), -move.amount),
            ):
                self.held[place] = self.held.get(place, 0) + change
                self._moved.add(place)

    def close_month(self) -> list[tuple[Place, int]]:
        """What the asserted accounts hold at a month's end: all that is not zero, or moved in this month."""
        moved, self._moved = self._moved, set()
        lines = [
            (place, amount)
            for place, amount in self.held.items()
            if place[0].startswith(ASSERTED) and (amount or place in moved)
        ]
        return sorted(lines)

    def with_accounts_below(self, place: Place) -> int:
        """What an account holds together with those below it (`L:M:A` with `L:M:A:B`)."""
        account, unit = place
        return self.held[place] + sum(
            amount
            for (other, its_unit), amount in self.held.items()
            if its_unit == unit and other.startswith(account + ":")
        )
