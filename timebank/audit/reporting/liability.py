"""What the programme owes at the end of a day, how old it is, and what it would cost."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from attrs import frozen

from timebank.ledger.codes import POINTS
from timebank.ledger.entries import kept_entry
from timebank.ledger.resolution import POST, REVERSAL, VOID
from timebank.ledger.statements import newest_first
from timebank.programme import accounts, lots
from timebank.programme.expiry import Age, expiry_of
from timebank.programme.lots import Flows
from timebank.programme.members import MEMBERS
from timebank.programme.settlements import fen_per_point

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from timebank.audit.reporting.scope import Scope
    from timebank.ledger.store import Posting, Reader

_TAKING_BACK: Final = frozenset((REVERSAL, VOID, POST, "return"))


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
            flows = flows_until(books, member.id, day)
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


def flows_until(books: Reader, member: str, day: date) -> Flows:
    """What came in and went out of a member's points by the end of *day*, counted as by programme/flows.py."""
    came: Counter[date] = Counter()
    went: Counter[date] = Counter()
    lapsed = lent = 0
    for posting in newest_first(books, accounts.member_account(member), POINTS):
        if posting.day > day:
            continue
        if posting.other.startswith(accounts.EXPIRED):
            lapsed -= posting.delta
        elif posting.other.startswith(accounts.DEBTS):
            lent += posting.delta
        else:
            _flow(books, posting, came, went)
    return Flows(came, went, lapsed, lent)


def _flow(books: Reader, posting: Posting, came: Counter[date], went: Counter[date]) -> None:
    """Count *posting* with what came or went; what takes something back counts against that, on that day."""
    entry = kept_entry(posting.seq, books.leaf(posting.seq))
    is_back = entry.kind in _TAKING_BACK
    while entry.kind in _TAKING_BACK and entry.ref is not None:
        entry = kept_entry(entry.ref, books.leaf(entry.ref))
    if (posting.delta > 0) is not is_back:
        came[entry.day] += posting.delta
    else:
        went[entry.day] -= posting.delta
