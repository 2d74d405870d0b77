"""What answers an earlier entry once and for all: reversals, and the end of holds.

A mistake is corrected by an entry that mirrors it. A hold sets value aside (it no longer counts as available)
and ends once: posted, whole or in part, or voided.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from timebank.errors import AlreadyResolved, NotReversible, UnknownEntry
from timebank.ledger.codes import check_amount
from timebank.ledger.entries import Draft, Entry, check_slug
from timebank.ledger.transfers import Transfer, mirror

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from timebank.ledger.store import Reader

REVERSAL: Final = "reversal"
HOLD: Final = "hold"
POST: Final = "post"
VOID: Final = "void"

_RESOLVING: Final = frozenset((REVERSAL, POST, VOID))
_NOT_REVERSIBLE: Final = frozenset((REVERSAL, HOLD, POST, VOID))


def resolved_by(fact: Draft | Entry) -> int | None:
    """The entry that *fact* resolves, if its kind resolves one."""
    return fact.ref if fact.kind in _RESOLVING else None


def check_unresolved(draft: Draft, books: Reader) -> None:
    """Raise UnknownEntry if *draft* answers no entry, AlreadyResolved if it resolves a resolved one."""
    if draft.ref is None:
        return
    if type(draft.ref) is not int or not 0 <= draft.ref < books.size():
        raise UnknownEntry(str(draft.ref))
    if draft.kind in _RESOLVING:
        resolver = books.resolver_of(draft.ref)
        if resolver is not None:
            raise AlreadyResolved(draft.ref, resolver)


def reversal(
    original: Entry, *, day: date, by: str, ok: str, reason: str, loans: Sequence[Transfer] = ()
) -> Draft:
    """What takes *original* back: all its transfers mirrored. Raises NotReversible.

    *reason* is a short code such as `wrong-member`; free text does not enter the journal. *loans* go before the
    mirror: they let accounts that no longer hold what is taken back owe it, and the entry says how much (`debt`).
    """
    if original.kind in _NOT_REVERSIBLE or not original.moves:
        raise NotReversible(original.seq, original.kind)
    debt = {"debt": sum(loan.amount for loan in loans)} if loans else {}
    return Draft(
        kind=REVERSAL,
        day=day,
        by=by,
        ok=ok,
        ref=original.seq,
        body={"of": original.kind, "reason": check_slug("reason", reason), **debt},
        moves=(*loans, *mirror(original.moves)),
    )


def hold(moves: Sequence[Transfer], *, day: date, by: str) -> Draft:
    """Set value aside: each transfer goes from an account to the account that holds it."""
    return Draft(kind=HOLD, day=day, by=by, moves=tuple(moves))


def post(held: Entry, *, to: Sequence[str], amounts: Sequence[int] | None = None, day: date, by: str) -> Draft:
    """Let what *held* set aside go on to the accounts *to*, one for each of its transfers.

    *amounts* (None: all of it) says how much of each goes on; the rest goes back where it came from.
    """
    _check_hold(held)
    wanted = tuple(move.amount for move in held.moves) if amounts is None else tuple(amounts)
    moves: list[Transfer] = []
    for move, account, amount in zip(held.moves, to, wanted, strict=True):
        check_amount("amount", amount, most=move.amount)
        moves.append(_onward(move, account, amount))
        if amount < move.amount:
            moves.append(Transfer(move.credit, move.debit, move.unit, move.amount - amount))
    return Draft(kind=POST, day=day, by=by, ref=held.seq, moves=tuple(moves))


def void(held: Entry, *, day: date, by: str) -> Draft:
    """Give back what *held* set aside: cancelled, or past its time."""
    _check_hold(held)
    return Draft(kind=VOID, day=day, by=by, ref=held.seq, moves=mirror(held.moves))


def _check_hold(held: Entry) -> None:
    if held.kind != HOLD:
        raise UnknownEntry(str(held.seq))


def _onward(move: Transfer, account: str, amount: int) -> Transfer:
    """A held liability leaves its holding account by a debit, a held asset by a credit."""
    if move.credit.startswith("L:"):
        return Transfer(move.credit, account, move.unit, amount)
    return Transfer(account, move.debit, move.unit, amount)
