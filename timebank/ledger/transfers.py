"""A transfer: one debit account, one credit account, one unit, one positive whole amount."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from timebank.errors import BadMove
from timebank.ledger.codes import check_account, check_amount, check_unit

if TYPE_CHECKING:
    from collections.abc import Sequence


def check_move(debit: str, credit: str, unit: str, amount: int) -> None:
    """Raise BadCode, BadAmount or BadMove unless these four make a transfer."""
    check_account(debit)
    check_account(credit)
    check_unit(unit)
    check_amount("amount", amount)
    if debit == credit:
        raise BadMove(debit, credit)


@frozen
class Transfer:
    """Value that moves; it cannot be written down unbalanced.

    *amount* counts the smallest step of *unit*, from 1 to 10^12. Raises BadCode, BadAmount or BadMove.
    """

    debit: str
    credit: str
    unit: str
    amount: int

    def __attrs_post_init__(self) -> None:
        check_move(self.debit, self.credit, self.unit, self.amount)

    def mirrored(self) -> Transfer:
        """The transfer that takes this one back."""
        return Transfer(self.credit, self.debit, self.unit, self.amount)


def mirror(moves: Sequence[Transfer]) -> tuple[Transfer, ...]:
    """What takes *moves* back: each with its sides swapped, last first."""
    return tuple(move.mirrored() for move in reversed(moves))
