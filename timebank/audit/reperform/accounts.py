"""The balances of all accounts, added up from the transfers in the leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from timebank.audit.replay import Members, Place


class Accounts:
    """Every account (code, unit) that ever moved, with its balance in its own sign."""

    def __init__(self) -> None:
        self._balances: dict[Place, int] = {}
        self.is_known = self._balances.__contains__
        """Whether an account of one unit has been moved before."""

    def take(self, members: Members) -> None:
        """The next entry."""
        balances = self._balances
        for debit, credit, unit, amount in members.get("move", ()):
            for account, change in ((debit, amount), (credit, -amount)):
                own = change if account[0] in "AX" else -change
                balances[account, unit] = balances.get((account, unit), 0) + own

    def balance(self, account: str, unit: str) -> int:
        """What one account holds."""
        return self._balances.get((account, unit), 0)

    def total(self, *families: str, unit: str = "") -> int:
        """What all accounts that begin with one of *families* hold: of *unit*, or pieces of all goods."""
        return sum(
            balance
            for (account, of), balance in self._balances.items()
            if account.startswith(families) and (of == unit if unit else of not in ("PTS", "MIN"))
        )
