"""Debts: points of an award that was taken back after they had been spent; the member's next awards repay them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from timebank.ledger.codes import POINTS
from timebank.ledger.transfers import Transfer
from timebank.programme.accounts import MEMBERS, debt_account

if TYPE_CHECKING:
    from collections.abc import Sequence

    from timebank.ledger.entries import Entry
    from timebank.ledger.store import Reader


def owed(books: Reader, member: str) -> int:
    """Points that the member with this id owes; 0 for nearly everybody."""
    return books.balance(debt_account(member), POINTS)


def loans(books: Reader, moves: Sequence[Transfer]) -> tuple[Transfer, ...]:
    """What members must be lent, each as a debt, so that *moves* can take points from them in their order.

    In the order in which the award had credited them: *moves* take it back last first.
    """
    now: dict[str, int] = {}
    lowest: dict[str, int] = {}
    for move in moves:
        for account, change in ((move.debit, -move.amount), (move.credit, move.amount)):
            if move.unit == POINTS and account.startswith(MEMBERS):
                held = now[account] if account in now else books.balance(account, POINTS)
                now[account] = held + change
                lowest[account] = min(lowest.get(account, 0), now[account])
    return tuple(
        Transfer(debt_account(account.removeprefix(MEMBERS)), account, POINTS, -short)
        for account, short in reversed(lowest.items())
        if short < 0
    )


def lent(reversal: Entry) -> tuple[tuple[str, int], ...]:
    """The members to whom the entry *reversal* lent points, and how many."""
    left, found = reversal.body.get("debt", 0), []
    for move in reversal.moves:
        if left <= 0:
            break
        found.append((move.credit.removeprefix(MEMBERS), move.amount))
        left -= move.amount
    return tuple(found)
