"""What happened in a span of days, added up entry by entry.

Everything counts on its entry's own day. What takes an entry back (a reversal, goods returned) counts on the day
of the taking back, with a minus: so the months of a year add up to the year, and a report of days that are over
changes only where something is recorded late.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final

from attrs import Factory, define, frozen

from timebank.ledger.codes import MINUTES, POINTS
from timebank.ledger.entries import Entry, kept_entry
from timebank.ledger.resolution import REVERSAL
from timebank.programme import accounts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from timebank.audit.reporting.scope import Scope, Span
    from timebank.ledger.store import Reader
    from timebank.ledger.transfers import Transfer

_GIVEN: Final = accounts.given_account("")
_STOCKED: Final = (accounts.stock_account(""), accounts.reserved_account(""))
_HANDING_OUT: Final = {"redemption": ("redemptions", 1), "post": ("collected", 1), "return": ("returns", -1)}
"""Kinds of entry whose goods go out for points, or come back for them: what they are counted as, and which way."""


@define
class Doings:
    """What happened in *span* within a scope; a month is written 2026-03.

    *months*: figures by month and name. *services*: (service, what): number of times somebody did it, minutes,
    points. *servers*: how often each member did each service. *goods*: pieces handed out by good; *goods_points*:
    what was paid for them. *stock_days*: by shop and good, what came less what went, each times the days from
    then to the end, to know the average; *handed*: pieces by shop and good.
    """

    span: Span
    months: defaultdict[str, Counter[str]] = Factory(lambda: defaultdict(Counter))
    services: Counter[tuple[str, str]] = Factory(Counter)
    servers: Counter[tuple[str, str]] = Factory(Counter)
    goods: Counter[str] = Factory(Counter)
    goods_points: Counter[str] = Factory(Counter)
    deductions: Counter[tuple[str, str]] = Factory(Counter)
    stock_days: Counter[tuple[str, str]] = Factory(Counter)
    handed: Counter[tuple[str, str]] = Factory(Counter)
    settled: Counter[str] = Factory(Counter)

    def add(self, name: str, entry: Entry, amount: int) -> None:
        """Count *amount* of *name* in the month of *entry*."""
        if amount:
            self.months[entry.day.isoformat()[:7]][name] += amount

    def total(self, name: str) -> int:
        """*name* over all months."""
        return sum(month[name] for month in self.months.values())


def doings(books: Reader, spans: Iterable[Span], scope: Scope, since: int) -> tuple[Doings, ...]:
    """What happened in each of *spans*, in one pass; entries before *since* were recorded before all of them."""
    found = tuple(Doings(span) for span in spans)
    for seq, leaf in books.leaves(since):
        entry = kept_entry(seq, leaf)
        for each in found:
            if entry.day in each.span:
                _count(books, each, scope, entry)
    return found


def _count(books: Reader, found: Doings, scope: Scope, entry: Entry) -> None:
    """Add what *entry* did to *found*."""
    for move in entry.moves:
        _count_move(found, scope, entry, move)
    done, sign = entry, 1
    if entry.kind == REVERSAL and entry.ref is not None:
        done, sign = kept_entry(entry.ref, books.leaf(entry.ref)), -1
    if done.kind == "award":
        _count_award(found, scope, entry, done, sign)
    elif done.kind in _HANDING_OUT:
        _count_goods(found, scope, entry, done, sign)
    elif done.kind == "deduction" and scope.has_member(done.body["member"]):
        found.add("deductions", entry, sign)
        found.deductions[done.body["deduction"], "times"] += sign
    elif done.kind in ("gift", "grant") and scope.has_member(done.body.get("from") or done.body["member"]):
        found.add(f"{done.kind}s", entry, sign)
        for move in done.moves:
            found.add(f"{done.kind}_{'points' if move.unit == POINTS else 'minutes'}", entry, sign * move.amount)
    elif done.kind == "member" and scope.has_member(done.body["member"]):
        found.add("enrolled", entry, sign)


@frozen
class Side:
    """One side of a transfer: whose account of which beginning, and by how much it grew (debits less credits)."""

    beginning: str
    name: str
    debit: int


def _sides(move: Transfer) -> tuple[Side, Side]:
    debit, credit = (account.rindex(":") + 1 for account in (move.debit, move.credit))
    return (
        Side(move.debit[:debit], move.debit[debit:], move.amount),
        Side(move.credit[:credit], move.credit[credit:], -move.amount),
    )


_OF_ORGANISATIONS: Final = {
    (accounts.AWARDED, POINTS): ("awarded", 1),
    (accounts.SERVICE, MINUTES): ("credited_minutes", 1),
    (accounts.EXPIRED, POINTS): ("expired", -1),
    (accounts.DEDUCTED, POINTS): ("deducted", -1),
    (accounts.OPENING, POINTS): ("opening_points", 1),
}


def _count_move(found: Doings, scope: Scope, entry: Entry, move: Transfer) -> None:
    """Add what the accounts say: these figures are those of the ledger's own balances."""
    sides = _sides(move)
    is_paying = any(side.beginning == accounts.SETTLED for side in sides)
    for side in sides:
        if (side.beginning, move.unit) in _OF_ORGANISATIONS:
            if scope.has_org(side.name.lower()):
                name, sign = _OF_ORGANISATIONS[side.beginning, move.unit]
                found.add(name, entry, sign * side.debit)
        elif side.beginning == accounts.SHOPS_TAKINGS and move.unit == POINTS:
            if scope.has_shop(side.name.lower()):
                found.add("settled" if is_paying else "redeemed", entry, side.debit if is_paying else -side.debit)
                if is_paying:
                    found.settled[side.name.lower()] += side.debit
        elif side.beginning == _GIVEN:
            if scope.has_shop(side.name.lower()):
                found.goods[move.unit.lower()] += side.debit
                found.handed[side.name.lower(), move.unit] += side.debit
        elif side.beginning in _STOCKED and scope.has_shop(side.name.lower()):
            days = (found.span.last - entry.day).days + 1
            found.stock_days[side.name.lower(), move.unit] += side.debit * days


def _count_award(found: Doings, scope: Scope, entry: Entry, award: Entry, sign: int) -> None:
    """Add a service: once for each member who did it, with all minutes and points that it credited to them."""
    credited = [move for move in award.moves if move.credit.startswith(accounts.MEMBERS)]
    members = {move.credit.removeprefix(accounts.MEMBERS) for move in credited}
    if not _is_of_scope(scope, award, members):
        return
    service = award.body["service"]
    minutes, points = (
        sign * sum(move.amount for move in credited if move.unit == unit) for unit in (MINUTES, POINTS)
    )
    for name, amount in (("times", sign * len(members)), ("minutes", minutes), ("points", points)):
        found.services[service, name] += amount
        found.add(f"served_{name}", entry, amount)
    for member in members:
        found.servers[service, member] += sign


def _is_of_scope(scope: Scope, award: Entry, members: set[str]) -> bool:
    """Whether the organisation that the service was done for is in *scope*; where no account names it (a
    recipient pays all of it), whether those who did it are."""
    if scope.orgs is None:
        return True
    paying = (accounts.AWARDED, accounts.SERVICE, accounts.POOLS)
    orgs = {side.name.lower() for move in award.moves for side in _sides(move) if side.beginning in paying}
    return bool(orgs & scope.orgs) if orgs else any(scope.has_member(member) for member in members)


def _count_goods(found: Doings, scope: Scope, entry: Entry, done: Entry, sign: int) -> None:
    """Add what was paid for which good; pieces are counted from the accounts."""
    if scope.has_shop(done.body["shop"]):
        figure, way = _HANDING_OUT[done.kind]
        found.add(figure, entry, sign)
        for good, pieces, points in done.body["goods"]:
            found.goods_points[good] += sign * way * pieces * points
