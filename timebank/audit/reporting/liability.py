"""What the programme owes at the end of a day, how old it is, and what it would cost."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from attrs import frozen

from timebank.ledger.codes import POINTS
from timebank.programme import accounts, lots
from timebank.programme.expiry import Age, expiry_of
from timebank.programme.flows import flows_of
from timebank.programme.members import MEMBERS
from timebank.programme.settlements import fen_per_point

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from timebank.audit.reporting.scope import Scope
    from timebank.ledger.store import Reader


@frozen
class Liability:
    """Points owed at the end of a day; each costs *fen_per_point* by the rulebook of that day.

    *outstanding* is what members hold or have reserved, as the report says it; of it *ages* can be spent, by the
    year in which it came in, *held* is set aside for reservations, *lapsed* has lapsed and is not taken off yet.
    Beside it *pools* hold points, and *shops* are owed for what they took in.
    """

    fen_per_point: int
    outstanding: int
    ages: tuple[Age, ...]
    held: int
    lapsed: int
    pools: int
    shops: int

    @property
    def spendable(self) -> int:
        """What members can spend."""
        return sum(age.points for age in self.ages)


def liability_on(books: Reader, day: date, scope: Scope) -> Liability:
    """What is owed at the end of *day*, as the entries' days are known now."""
    fen = fen_per_point(books, day)
    sums = _sums(books, day, scope)
    years: Counter[int] = Counter()
    lapsed = 0
    expires = expiry_of(books)
    for member in books.rows(MEMBERS):
        if scope.has_member(member.id):
            flows = flows_of(books, member.id, until=day)
            # As in Points.ages: what is good through a day can still be spent on it.
            gone = sum(lapse.points for lapse in lots.due(flows, expires, before=day))
            years += lots.by_year(flows, flows.balance - gone)
            lapsed += gone
    return Liability(
        fen_per_point=fen,
        outstanding=sums[accounts.MEMBERS] + sums[accounts.HELD],
        ages=tuple(Age(year, points, points * fen) for year, points in sorted(years.items())),
        held=sums[accounts.HELD],
        lapsed=lapsed,
        pools=sums[accounts.POOLS],
        shops=sums[accounts.SHOPS_TAKINGS],
    )


def _sums(books: Reader, day: date, scope: Scope) -> Counter[str]:
    """Points at the end of *day* on the accounts in *scope*, by the beginning of their codes."""
    has: dict[str, Callable[[str], bool]] = {
        accounts.MEMBERS: scope.has_member,
        accounts.HELD: scope.has_member,
        accounts.POOLS: lambda name: scope.has_org(name.lower()),
        accounts.SHOPS_TAKINGS: lambda name: scope.has_shop(name.lower()),
    }
    sums: Counter[str] = Counter()
    for line in books.balances(day):
        place = line.account.rindex(":") + 1
        is_ours = has.get(line.account[:place])
        if line.unit == POINTS and is_ours is not None and is_ours(line.account[place:]):
            sums[line.account[:place]] += line.amount
    return sums
