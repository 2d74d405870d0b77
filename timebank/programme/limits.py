"""Limits on goods (限兑): so many pieces for a member or household in a period, or only for who earned enough."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import TYPE_CHECKING, Final, Literal, get_args

from attrs import frozen

from timebank.errors import BadCode, EarnedTooLittle, LimitPassed
from timebank.ledger.codes import check_amount
from timebank.ledger.entries import Draft, check_day
from timebank.ledger.store import Table
from timebank.programme.goods import check_good, good_of
from timebank.programme.handed import earned, handed_out
from timebank.programme.households import HOUSEHOLDS, household_on, members_on
from timebank.programme.members import card_of
from timebank.programme.roles import check_allowed, check_operators
from timebank.programme.shops import MOST_PIECES, Shop, ShopDesk, shop_id, shop_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from timebank.ledger.entries import Entry
    from timebank.ledger.journal import Posted
    from timebank.ledger.store import Reader, Writer

Per = Literal["member", "household"]
Period = Literal["day", "month", "year"]

EVERY_SHOP: Final = ""
"""Where a limit holds that names no shop."""

MOST_EARNED: Final = 1_000_000
_LETTERS: Final[dict[str, int]] = {"day": 10, "month": 7, "year": 4}
_AFTER_ALL_GOODS: Final = "~"


@frozen
class Limit:
    """What holds for *good* from *from_day* on, in *shop* (empty: in every shop that has no limit of its own).

    *most* pieces for a member or household in each *period*, and only for who has earned *least_earned* points;
    None: no such limit. With neither the limit is lifted.
    """

    good: str
    shop: str
    from_day: str
    seq: int
    per: str | None
    period: str | None
    most: int | None
    least_earned: int | None


GOODS_LIMITS: Final = Table("goods_limit", Limit, ("good", "shop", "from_day", "seq"))


@frozen
class Customer:
    """Who stands at the counter: the card's *member*, on a *day*.

    *ended* are the reservations that are released before anything is handed out; *size_before* is the journal's.
    """

    member: str
    day: date
    ended: frozenset[int]
    size_before: Callable[[date], int]


def limit_on(books: Reader, shop: str, good: str, day: date) -> Limit | None:
    """The limit on *good* in *shop* in force on *day*: the shop's own, else the one of every shop."""
    text = day.isoformat()
    limit = books.latest(GOODS_LIMITS, good, shop, upto=text)
    return books.latest(GOODS_LIMITS, good, EVERY_SHOP, upto=text) if limit is None else limit


def check_limits(books: Reader, shop: str, wanted: Iterable[tuple[str, int]], customer: Customer) -> None:
    """Raise LimitPassed or EarnedTooLittle unless *customer* can have *wanted* (goods and pieces) of *shop*."""
    if books.latest(GOODS_LIMITS, upto=_AFTER_ALL_GOODS) is None:
        return
    for good, pieces in wanted:
        limit = limit_on(books, shop, good, customer.day)
        if limit is None:
            continue
        if limit.least_earned is not None:
            check_earned(books, limit.good, limit.least_earned, customer)
        if limit.most is not None:
            _check_most(books, limit, limit.most, pieces, customer)


def check_earned(books: Reader, good: str, least: int, customer: Customer) -> None:
    """Raise EarnedTooLittle unless the customer, or a household's members together, have earned *least* points."""
    members = (customer.member, *members_on(books, customer.member, customer.day))
    points = sum(earned(books, member) for member in members)
    if points < least:
        raise EarnedTooLittle(good, least, points)


def _check_most(books: Reader, limit: Limit, most: int, pieces: int, customer: Customer) -> None:
    """Raise LimitPassed if *pieces* more are too many. A limit of one shop counts what that shop handed out."""
    holders = _holders(books, limit, customer)
    first, last = span(str(limit.period), customer.day)
    since = customer.size_before(first)
    payers = {payer for holder in holders for payer in _payers(books, holder)}
    used = sum(
        handed.pieces
        for handed in handed_out(books, payers, first, last, ended=customer.ended, since=since)
        if handed.good == limit.good
        and limit.shop in (EVERY_SHOP, handed.shop)
        and card_of(books, handed.card).member in holders
    )
    if used + pieces > most:
        period = customer.day.isoformat()[: _LETTERS[str(limit.period)]]
        raise LimitPassed(limit.good, str(limit.per), period, most, used, pieces)


def _holders(books: Reader, limit: Limit, customer: Customer) -> frozenset[str]:
    """Whose cards' goods the limit counts together."""
    if limit.per == "member":
        return frozenset((customer.member,))
    house = household_on(books, customer.member, customer.day) or customer.member
    return frozenset((customer.member, house, *members_on(books, house, customer.day)))


def _payers(books: Reader, holder: str) -> Iterator[str]:
    """Who can have paid for what was handed out on a card of *holder*: a household's members did for its own."""
    yield holder
    for listed in books.rows(HOUSEHOLDS, holder):
        yield from listed.members.split()


def span(period: str, day: date) -> tuple[date, date]:
    """The first and the last day of the day, month or year in which *day* lies."""
    if period == "day":
        return day, day
    if period == "month":
        return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])
    return date(day.year, 1, 1), date(day.year, 12, 31)


@frozen
class Limits(ShopDesk):
    """The desk for limits."""

    def limit(
        self,
        good: str,
        *,
        shop: Shop | str | None = None,
        most: int | None = None,
        per: Per = "member",
        period: Period = "month",
        least_earned: int | None = None,
        from_day: date,
        by: str,
        key: str | None = None,
    ) -> Posted:
        """Let *good* be limited from *from_day* on: in *shop*, or (None) in every shop without a limit of its own.

        At most *most* pieces for a member, or for a household together, in each day, month or year; and only for
        who has earned *least_earned* points, spent or not. One, the other or both; neither lifts the limit. Goods
        reserved count on the day on which they were reserved.
        """
        check_good(good)
        place = EVERY_SHOP if shop is None else shop_id(shop)
        terms = _terms(most=most, per=per, period=period, least_earned=least_earned)
        start = check_day("from_day", from_day).isoformat()
        check_operators(by)
        request = ("limit", good, place, *terms.items(), start, by)
        with self._journal.writing() as write:
            if done := write.already(key, request):
                return done
            good_of(write.books, good)
            if shop is not None:
                shop_of(write.books, place)
            check_allowed(write.books, "set-limit", by)
            body = {"good": good, **({} if shop is None else {"shop": place}), **terms, "from": start}
            draft = Draft(kind="limit", day=write.today(), by=by, body=body)
            return write.append(draft, key=key, request=request)

    def limits(self, day: date | None = None) -> tuple[Limit, ...]:
        """The limits in force on *day* (None: all that are known, of whatever day), by good and shop."""
        if day is not None:
            check_day("day", day)
        with self._journal.reading() as books:
            rows = tuple(books.rows(GOODS_LIMITS))
            if day is None:
                return rows
            places = sorted({(row.good, row.shop) for row in rows})
            latest = (books.latest(GOODS_LIMITS, *place, upto=day.isoformat()) for place in places)
            return tuple(limit for limit in latest if limit is not None and not is_lifted(limit))


def is_lifted(limit: Limit) -> bool:
    """Whether *limit* limits nothing, and only ends the one before it."""
    return limit.most is None and limit.least_earned is None


def _terms(*, most: int | None, per: str, period: str, least_earned: int | None) -> dict[str, Any]:
    """What a limit says, as its entry writes it. Raises BadCode, BadAmount."""
    for name, value, known in (("per", per, get_args(Per)), ("period", period, get_args(Period))):
        if value not in known:
            raise BadCode(name, str(value)[:80], "|".join(known))
    terms: dict[str, Any] = {}
    if most is not None:
        terms |= {"per": per, "in": period, "most": check_amount("most", most, most=MOST_PIECES)}
    if least_earned is not None:
        terms["least_earned"] = check_amount("least_earned", least_earned, most=MOST_EARNED)
    return terms or {"lifted": True}


def project_limit(entry: Entry, books: Writer) -> None:
    """Keep the limit from its day on."""
    body = entry.body
    limit = Limit(
        good=body["good"],
        shop=body.get("shop", EVERY_SHOP),
        from_day=body["from"],
        seq=entry.seq,
        per=body.get("per"),
        period=body.get("in"),
        most=body.get("most"),
        least_earned=body.get("least_earned"),
    )
    books.put(GOODS_LIMITS, limit)
