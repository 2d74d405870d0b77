"""The trial balance by organisation: each account under whom it belonged to that day, rolled up."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cache
from typing import TYPE_CHECKING, Final

from attrs import frozen

from timebank.ledger.codes import MINUTES, POINTS, debit_sign
from timebank.ledger.entries import check_day
from timebank.programme import accounts
from timebank.programme.organisations import ORGANISATIONS
from timebank.programme.placements import organisation_on, path_on, tree_on

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from timebank.ledger.store import Reader

_OF_MEMBERS: Final = (accounts.MEMBERS, accounts.HELD, accounts.DEBTS)
_OF_SHOPS: Final = tuple(
    of("")
    for of in (
        accounts.takings_account,
        accounts.stock_account,
        accounts.given_account,
        accounts.reserved_account,
        accounts.lost_account,
        accounts.found_account,
        accounts.offered_account,
    )
)
_OF_DONORS: Final = accounts.donated_account("")


@frozen
class Sides:
    """Debits and credits of several accounts: each account's balance stands on one of the sides."""

    debit: int = 0
    credit: int = 0

    def with_balance(self, debit: int) -> Sides:
        """These, and an account of which debits less credits are *debit*."""
        return Sides(self.debit + max(debit, 0), self.credit + max(-debit, 0))

    def __add__(self, other: Sides) -> Sides:
        return Sides(self.debit + other.debit, self.credit + other.credit)

    @property
    def difference(self) -> int:
        """Debits less credits."""
        return self.debit - self.credit


NO_SIDES: Final = Sides()


@frozen
class BranchBalance:
    """The accounts of one unit that *org*, at *depth* in the tree (0: top), and all below it had."""

    org: str
    depth: int
    sides: Sides


@frozen
class UnitBalance:
    """The trial balance of *unit*: by kind of account (`L:M:`), by organisation, of donors, and in all.

    Donors belong to no organisation. In all, debits less credits are zero, or the book is wrong.
    """

    unit: str
    kinds: tuple[tuple[str, Sides], ...]
    branches: tuple[BranchBalance, ...]
    donors: Sides
    total: Sides


def trial_balance_by_organisation(books: Reader, day: date) -> tuple[UnitBalance, ...]:
    """The trial balance at the end of *day*, rolled up over the tree as it was on that day, unit by unit.

    An organisation without accounts of a unit is left out there. Points first, minutes, then goods.
    """
    check_day("day", day)
    tree = tree_on(books, day)
    paths = {org: path_on(tree, org) for org in tree}
    own: dict[str, Counter[tuple[str, bool]]] = defaultdict(Counter)
    kinds: dict[str, dict[str, Sides]] = defaultdict(dict)
    place = owner_on(books, day)
    for line in books.balances(day):
        if line.amount:
            debit = debit_sign(line.account) * line.amount
            kind = line.account[: line.account.rindex(":") + 1]
            kinds[line.unit][kind] = kinds[line.unit].get(kind, NO_SIDES).with_balance(debit)
            own[line.unit][place(line.account), debit > 0] += abs(debit)
    ordered = sorted(own, key=lambda unit: (unit != POINTS, unit != MINUTES, unit))
    return tuple(_unit_balance(unit, kinds[unit], own[unit], paths) for unit in ordered)


def _unit_balance(
    unit: str, kinds: dict[str, Sides], own: Counter[tuple[str, bool]], paths: dict[str, tuple[str, ...]]
) -> UnitBalance:
    rolled: dict[str, Sides] = defaultdict(Sides)
    for (org, is_debit), amount in own.items():
        for above in paths.get(org, ()):
            rolled[above] += Sides(debit=amount) if is_debit else Sides(credit=amount)
    by_path = sorted(rolled, key=lambda org: paths[org][::-1])
    return UnitBalance(
        unit=unit,
        kinds=tuple(sorted(kinds.items())),
        branches=tuple(BranchBalance(org, len(paths[org]) - 1, rolled[org]) for org in by_path),
        donors=Sides(own["", True], own["", False]),
        total=sum(kinds.values(), NO_SIDES),
    )


def owner_on(books: Reader, day: date) -> Callable[[str], str]:
    """What tells the organisation that an account belonged to on *day*; the empty text for a donor's."""
    orgs = {row.id.upper(): row.id for row in books.rows(ORGANISATIONS)}

    @cache
    def member_org(member: str) -> str:
        return organisation_on(books, "member", member, day)

    @cache
    def shop_org(shop: str) -> str:
        return organisation_on(books, "shop", shop.lower(), day)

    def owner(account: str) -> str:
        name = account[account.rindex(":") + 1 :]
        if account.startswith(_OF_MEMBERS):
            return member_org(name)
        if account.startswith(_OF_SHOPS):
            return shop_org(name)
        return "" if account.startswith(_OF_DONORS) else orgs.get(name, "")

    return owner
