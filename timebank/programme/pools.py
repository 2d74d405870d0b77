"""Pools (公益池): what a community holds in common. Members give to it; it is granted to who needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from timebank.errors import AmountUnclear, NotEnoughInPool
from timebank.ledger.codes import MINUTES, POINTS, check_amount
from timebank.ledger.entries import Draft, check_slug
from timebank.ledger.transfers import Transfer
from timebank.programme.accounts import member_account, pool_account
from timebank.programme.members import Balance, Member, id_of, member_of
from timebank.programme.organisations import organisation
from timebank.programme.roles import check_allowed, check_operators

if TYPE_CHECKING:
    from timebank.ledger.journal import Journal, Posted
    from timebank.ledger.store import Reader


@frozen
class Amount:
    """So much of *unit*: points (PTS) or minutes (MIN)."""

    unit: str
    number: int


def amount_of(points: int | None, minutes: int | None) -> Amount:
    """The one of the two that is given. Raises AmountUnclear, BadAmount."""
    if points is not None and minutes is None:
        return Amount(POINTS, check_amount("points", points))
    if minutes is not None and points is None:
        return Amount(MINUTES, check_amount("minutes", minutes))
    raise AmountUnclear


def check_pool(books: Reader, org: str, amount: Amount) -> None:
    """Raise NotEnoughInPool unless the pool of *org* holds *amount*."""
    available = books.balance(pool_account(org), amount.unit)
    if available < amount.number:
        raise NotEnoughInPool(org, amount.unit, available, amount.number)


@frozen
class Pools:
    """The desk for pools."""

    _journal: Journal

    def grant(
        self,
        org: str,
        member: Member | str,
        *,
        points: int | None = None,
        minutes: int | None = None,
        reason: str,
        by: str,
        approved_by: str,
        key: str | None = None,
    ) -> Posted:
        """Give *points* or *minutes* of the pool of *org* to *member*; *reason* is a short code (`illness`).

        Raises NotEnoughInPool.
        """
        check_slug("org", org)
        owner = id_of(member)
        amount = amount_of(points, minutes)
        check_slug("reason", reason)
        check_operators(by, approved_by)
        request = ("grant", org, owner, amount.unit, amount.number, reason, by, approved_by)
        with self._journal.writing() as write:
            if done := write.already(key, request):
                return done
            organisation(write.books, org)
            member_of(write.books, owner)
            check_allowed(write.books, "grant", by, approved_by)
            check_pool(write.books, org, amount)
            draft = Draft(
                kind="grant",
                day=write.today(),
                by=by,
                ok=approved_by,
                body={"pool": org, "member": owner, "reason": reason},
                moves=(Transfer(pool_account(org), member_account(owner), amount.unit, amount.number),),
            )
            return write.append(draft, key=key, request=request)

    def balance(self, org: str) -> Balance:
        """What the pool of *org* holds; raises UnknownOrganisation."""
        with self._journal.reading() as books:
            account = pool_account(organisation(books, check_slug("org", org)).id)
            return Balance(*(books.balance(account, unit) for unit in (POINTS, MINUTES)))
