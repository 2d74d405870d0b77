"""The programme report: what happened in a period, what is owed at its end, and the same for the period before."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from attrs import frozen

from timebank.audit.reporting.doings import Doings, doings
from timebank.audit.reporting.liability import Liability, liability_on
from timebank.audit.reporting.scope import Scope, Span, months_between, scope_of
from timebank.audit.statements import check_days
from timebank.programme import accounts
from timebank.programme.members import MEMBERS
from timebank.programme.order_rates import Rate, rate_of
from timebank.programme.order_steps import ORDERS
from timebank.programme.rulebook import RULEBOOKS, rulebook_of
from timebank.programme.rulebook_terms import rounded
from timebank.programme.settlements import SETTLEMENTS
from timebank.programme.shops import SHOP_DETAILS
from timebank.programme.stars import served, stars_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import date

    from timebank.ledger.store import Reader
    from timebank.programme.order_steps import Order

FIGURES: Final = (
    "served_minutes", "credited_minutes", "served_times", "servers", "enrolled", "served_points", "awarded",
    "opening_points", "redemptions", "collected", "returns", "redeemed", "expired", "deductions", "deducted",
    "gifts", "gift_points", "gift_minutes", "grants", "grant_points", "grant_minutes", "settled",
)  # fmt: skip
MONTHLY: Final = (
    "served_minutes", "served_times", "awarded", "redemptions", "redeemed", "expired", "deducted", "settled"
)  # fmt: skip
_MOST_STARS: Final = 5


@frozen
class Figure:
    """One number of the period, and of the period *before* (None: there is none)."""

    name: str
    now: int
    before: int | None


@frozen
class ServiceFigures:
    """How often somebody did *service*, by how many *members*, in whole minutes, for points."""

    service: str
    times: int
    members: int
    minutes: int
    points: int
    minutes_before: int


@frozen
class MonthFigures:
    """The figures named in MONTHLY of one *month* (2026-03), in their order."""

    month: str
    figures: tuple[int, ...]


@frozen
class GoodFigures:
    """Pieces of *good* that were handed out, less what came back, and the points that were paid for them."""

    good: str
    pieces: int
    points: int


@frozen
class Turns:
    """How often the stock of *good* in *shop* was turned over: *handed* out / average stock, in hundredths.

    The average is of the ends of all days, goods set aside for reservations included, in tenths of a piece. None
    where there was no stock.
    """

    shop: str
    good: str
    handed: int
    average_x10: int
    turns_x100: int | None


@frozen
class ProgrammeReport:
    """A programme in *span*, as known now; *org* (None: all of it) with all below it on the last day.

    *members* are those enrolled by the end; *rates* are of orders opened in the period, by kind, *total* of all of
    them, *wishes* of small wishes; *stars* are members by the stars they have at the end (1 to 5).
    """

    org: str | None
    span: Span
    before: Span | None
    members: int
    figures: tuple[Figure, ...]
    services: tuple[ServiceFigures, ...]
    months: tuple[MonthFigures, ...]
    goods: tuple[GoodFigures, ...]
    deductions: tuple[tuple[str, int], ...]
    liability: Liability
    liability_before: Liability | None
    turns: tuple[Turns, ...]
    rates: tuple[Rate, ...]
    total: Rate
    total_before: Rate | None
    wishes: Rate
    wishes_before: Rate | None
    stars: tuple[int, ...]
    settlements: tuple[tuple[str, int, int], ...]


def programme_report(
    books: Reader,
    span: Span,
    *,
    org: str | None = None,
    today: date,
    size_before: Callable[[date | None], int],
) -> ProgrammeReport:
    """The report of *span*; *today* decides what is overdue, *size_before* is the journal's.

    Raises UnknownOrganisation, DaysReversed.
    """
    check_days(span.first, span.last)
    before = span.before()
    scope = scope_of(books, org, span.last)
    spans = (span,) if before is None else (span, before)
    now, *rest = doings(books, spans, scope, size_before(spans[-1].first))
    then = rest[0] if rest else None
    orders = [order for order in books.rows(ORDERS) if scope.has_org(order.org)]
    wishes = _wishes(books)
    return ProgrammeReport(
        org=org,
        span=span,
        before=before,
        members=_enrolled(books, scope, span.last, size_before),
        figures=tuple(_figures(now, then)),
        services=tuple(_services(now, then)),
        months=tuple(_months(now)),
        goods=_goods(now),
        deductions=tuple(sorted((kind, times) for (kind, _), times in now.deductions.items() if times)),
        liability=liability_on(books, span.last, scope),
        liability_before=None if before is None else liability_on(books, before.last, scope),
        turns=tuple(_turns(books, now, scope)),
        rates=tuple(_rates(orders, span, today)),
        total=_rate(orders, span, today),
        total_before=None if before is None else _rate(orders, before, today),
        wishes=_rate(orders, span, today, wishes),
        wishes_before=None if before is None else _rate(orders, before, today, wishes),
        stars=_stars(books, scope, span.last),
        settlements=tuple(_settlements(books, now, scope)),
    )


def _figures(now: Doings, then: Doings | None) -> Iterator[Figure]:
    for name in FIGURES:
        yield Figure(name, _figure(now, name), None if then is None else _figure(then, name))


def _figure(of: Doings, name: str) -> int:
    if name == "servers":
        return len({member for (_, member), times in of.servers.items() if times > 0})
    return of.total(name)


def _services(now: Doings, then: Doings | None) -> Iterator[ServiceFigures]:
    members = Counter(service for (service, _), times in now.servers.items() if times > 0)
    names = {service for service, _ in now.services}
    for name in sorted(
        names, key=lambda each: (-now.services[each, "minutes"], -now.services[each, "times"], each)
    ):
        times, minutes, points = (now.services[name, what] for what in ("times", "minutes", "points"))
        if times or minutes or points:
            earlier = 0 if then is None else then.services[name, "minutes"]
            yield ServiceFigures(name, times, members[name], minutes, points, earlier)


def _months(now: Doings) -> Iterator[MonthFigures]:
    """The months from the first in which anything happened to the last, those without anything among them."""
    if now.months:
        for month in months_between(min(now.months), max(now.months)):
            yield MonthFigures(month, tuple(now.months.get(month, Counter())[name] for name in MONTHLY))


def _goods(now: Doings) -> tuple[GoodFigures, ...]:
    found = (GoodFigures(good, pieces, now.goods_points[good]) for good, pieces in now.goods.items() if pieces)
    return tuple(sorted(found, key=lambda each: (-each.pieces, each.good)))


def _turns(books: Reader, now: Doings, scope: Scope) -> Iterator[Turns]:
    """By shop and good, for shops whose stock the ledger keeps: what was there, or went out, in the period."""
    opening = _stock_on(books, now.span.day_before, scope)
    own = {row.shop for row in books.rows(SHOP_DETAILS) if row.kind != "merchant"}
    days = now.span.days
    for shop, unit in sorted(opening.keys() | now.stock_days.keys() | now.handed.keys()):
        piece_days = opening[shop, unit] * days + now.stock_days[shop, unit]
        handed = now.handed[shop, unit]
        if shop in own and (piece_days or handed):
            turns = rounded(100 * handed * days, piece_days, "half-up") if piece_days > 0 <= handed else None
            yield Turns(shop, unit.lower(), handed, rounded(max(10 * piece_days, 0), days, "half-up"), turns)


def _stock_on(books: Reader, day: date | None, scope: Scope) -> Counter[tuple[str, str]]:
    """Pieces of each good in each shop at the end of *day* (None: before everything), set aside or not."""
    found: Counter[tuple[str, str]] = Counter()
    if day is not None:
        stocked = (accounts.stock_account(""), accounts.reserved_account(""))
        for line in books.balances(day):
            place = line.account.rindex(":") + 1
            shop = line.account[place:].lower()
            if line.account[:place] in stocked and line.amount and scope.has_shop(shop):
                found[shop, line.unit] += line.amount
    return found


def _rates(orders: Iterable[Order], span: Span, today: date) -> Iterator[Rate]:
    kinds = {order.kind for order in orders if _opened_in(order, span)}
    for kind in sorted(kinds):
        yield _rate(orders, span, today, frozenset((kind,)), name=kind)


def _rate(
    orders: Iterable[Order], span: Span, today: date, kinds: frozenset[str] | None = None, *, name: str = ""
) -> Rate:
    found = (order for order in orders if _opened_in(order, span) and (kinds is None or order.kind in kinds))
    return rate_of(found, today, kind=name)


def _opened_in(order: Order, span: Span) -> bool:
    return span.first.isoformat() <= order.opened <= span.last.isoformat()


def _wishes(books: Reader) -> frozenset[str]:
    """The kinds of order that any rulebook calls a small wish."""
    rules = (rulebook_of(books, record) for record in books.rows(RULEBOOKS))
    return frozenset(kind.id for book in rules for kind in book.orders if kind.wish)


def _stars(books: Reader, scope: Scope, day: date) -> tuple[int, ...]:
    """How many members have 1, 2, ... 5 stars at the end of *day*; nobody where no rulebook is in force."""
    record = books.latest(RULEBOOKS, upto=day.isoformat())
    lit: Counter[int] = Counter()
    if record is not None:
        steps = rulebook_of(books, record).rules.stars
        for member in books.rows(MEMBERS):
            if scope.has_member(member.id):
                lit[stars_of(served(books, member.id, day), steps)] += 1
    return tuple(lit[number] for number in range(1, _MOST_STARS + 1))


def _enrolled(books: Reader, scope: Scope, day: date, size_before: Callable[[date | None], int]) -> int:
    """Members of the scope that were in the books by the end of *day*."""
    try:
        known = size_before(day.fromordinal(day.toordinal() + 1))
    except (OverflowError, ValueError):
        known = books.size()
    return sum(row.seq < known and scope.has_member(row.id) for row in books.rows(MEMBERS))


def _settlements(books: Reader, now: Doings, scope: Scope) -> Iterator[tuple[str, int, int]]:
    """By shop: settlements whose last day is in the period and that stand, and points paid less taken back."""
    number = Counter(
        row.shop
        for row in books.rows(SETTLEMENTS)
        if now.span.first.isoformat() <= row.last <= now.span.last.isoformat()
        and scope.has_shop(row.shop)
        and books.resolver_of(row.seq) is None
    )
    for shop in sorted(number.keys() | now.settled.keys()):
        if number[shop] or now.settled[shop]:
            yield shop, number[shop], now.settled[shop]
