"""Points supermarkets (积分超市): goods come in, and go out for points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import frozen

from timebank.errors import (
    AlreadyExists,
    NoGoods,
    NotEnoughPoints,
    NotEnoughStock,
    SourceUnclear,
    UnknownShop,
)
from timebank.ledger.codes import POINTS, check_amount
from timebank.ledger.entries import Draft, check_day, check_slug
from timebank.ledger.statements import Statement, statement
from timebank.ledger.store import Table
from timebank.ledger.transfers import Transfer
from timebank.programme import accounts
from timebank.programme.codes import check_card_number
from timebank.programme.goods import (
    GOODS,
    PRICES,
    Price,
    check_after_latest,
    check_good,
    check_price,
    good_of,
    price_on,
)
from timebank.programme.members import card_of, check_active
from timebank.programme.organisations import organisation
from timebank.programme.roles import check_allowed, check_operators
from timebank.programme.text import check_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from timebank.ledger.entries import Entry
    from timebank.ledger.journal import Journal, Posted
    from timebank.ledger.store import Reader, Writer

MOST_PIECES: Final = 1_000_000
MOST_KINDS: Final = 50


@frozen
class Shop:
    """A points supermarket, or a caring merchant's."""

    id: str
    org: str
    name: str
    seq: int


SHOPS: Final = Table("shop", Shop, ("id",))


def shop_of(books: Reader, name: str) -> Shop:
    """The shop *name*; raises UnknownShop."""
    shop = books.get(SHOPS, name)
    if shop is None:
        raise UnknownShop(name)
    return shop


def shop_id(shop: Shop | str) -> str:
    """The id of *shop*, given as itself or by its id."""
    return check_slug("shop", shop.id if isinstance(shop, Shop) else shop)


def check_basket(shop: str, goods: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    """Goods and pieces, by id. Raises NoGoods, BadCode, or BadAmount outside 1 to 1,000,000 pieces."""
    if not goods:
        raise NoGoods(shop)
    check_amount("kinds of goods", len(goods), most=MOST_KINDS)
    basket = [(check_good(good), check_amount(good, pieces, most=MOST_PIECES)) for good, pieces in goods.items()]
    return tuple(sorted(basket))


@frozen
class Basket:
    """Goods at their prices: good, pieces, and points for one piece."""

    lines: tuple[tuple[str, int, int], ...]

    @property
    def points(self) -> int:
        """What all of it costs."""
        return sum(pieces * price for _, pieces, price in self.lines)


def priced(books: Reader, shop: str, wanted: Sequence[tuple[str, int]], day: date) -> Basket:
    """*wanted* at the prices of *shop* in force on *day*. Raises UnknownGood, NoPrice."""
    for good, _ in wanted:
        good_of(books, good)
    return Basket(tuple((good, pieces, price_on(books, shop, good, day).points) for good, pieces in wanted))


def check_points(books: Reader, member: str, points: int) -> None:
    """Raise NotEnoughPoints unless *member* has *points*."""
    available = books.balance(accounts.member_account(member), POINTS)
    if available < points:
        raise NotEnoughPoints(member, available, points)


def check_stock(books: Reader, shop: str, basket: Basket) -> None:
    """Raise NotEnoughStock unless *shop* has what the basket holds."""
    for good, pieces, _ in basket.lines:
        available = books.balance(accounts.stock_account(shop), good.upper())
        if available < pieces:
            raise NotEnoughStock(shop, good, available, pieces)


@frozen
class Shops:
    """The desk for shops."""

    _journal: Journal

    def open(self, shop: str, *, org: str, name: str, by: str, key: str | None = None) -> Shop:
        """Open *shop* (a short lower-case id) of the organisation *org*."""
        check_slug("shop", shop)
        check_slug("org", org)
        check_name("name", name)
        check_operators(by)
        request = ("shop", shop, org, name, by)
        with self._journal.writing() as write:
            if write.already(key, request) is None:
                organisation(write.books, org)
                check_allowed(write.books, "organise", by)
                if write.books.get(SHOPS, shop):
                    raise AlreadyExists("shop", shop)
                body = {"shop": shop, "org": org, "name": name}
                write.append(Draft(kind="shop", day=write.today(), by=by, body=body), key=key, request=request)
            return shop_of(write.books, shop)

    def get(self, shop: str) -> Shop:
        """The shop with this id; raises UnknownShop."""
        with self._journal.reading() as books:
            return shop_of(books, check_slug("shop", shop))

    def all(self) -> tuple[Shop, ...]:
        """All shops, by id."""
        with self._journal.reading() as books:
            return tuple(books.rows(SHOPS))

    def set_price(
        self, shop: Shop | str, good: str, *, points: int, from_day: date, by: str, key: str | None = None
    ) -> Posted:
        """Let one piece of *good* cost *points* in *shop* from *from_day* on.

        Prices come one after the other: NotInOrder if a price is known for that day or a later one.
        """
        place = shop_id(shop)
        check_good(good)
        check_price(points)
        start = check_day("from_day", from_day).isoformat()
        check_operators(by)
        request = ("price", place, good, points, start, by)
        with self._journal.writing() as write:
            if done := write.already(key, request):
                return done
            shop_of(write.books, place)
            good_of(write.books, good)
            check_allowed(write.books, "set-price", by)
            check_after_latest(write.books, place, good, start)
            body = {"shop": place, "good": good, "points": points, "from": start}
            draft = Draft(kind="price", day=write.today(), by=by, body=body)
            return write.append(draft, key=key, request=request)

    def prices(self, shop: Shop | str, day: date) -> tuple[Price, ...]:
        """The price list of *shop* in force on *day*, by good."""
        place = shop_id(shop)
        check_day("day", day)
        with self._journal.reading() as books:
            shop_of(books, place)
            found = (books.latest(PRICES, place, good.id, upto=day.isoformat()) for good in books.rows(GOODS))
            return tuple(price for price in found if price is not None)

    def receive(
        self,
        shop: Shop | str,
        goods: Mapping[str, int],
        *,
        donor: str | None = None,
        bought_by: str | None = None,
        day: date | None = None,
        by: str,
        approved_by: str,
        key: str | None = None,
    ) -> Posted:
        """Take *goods* (id: pieces) into stock.

        They come from a *donor* (a short public name), or were *bought_by* an organisation.
        """
        place = shop_id(shop)
        basket = check_basket(place, goods)
        if (donor is None) == (bought_by is None):
            raise SourceUnclear(place)
        source = check_slug("donor", donor) if bought_by is None else check_slug("bought_by", bought_by)
        check_operators(by, approved_by)
        when = None if day is None else check_day("day", day)
        request = (
            "stock", place, basket, donor or "", bought_by or "", str(when or ""), by, approved_by
        )  # fmt: skip
        with self._journal.writing() as write:
            write.check_day(when)
            if done := write.already(key, request):
                return done
            shop_of(write.books, place)
            for good, _ in basket:
                good_of(write.books, good)
            if bought_by is not None:
                organisation(write.books, bought_by)
            check_allowed(write.books, "receive-goods", by, approved_by, day=when)
            account = accounts.donated_account(source) if bought_by is None else accounts.bought_account(source)
            stock = accounts.stock_account(place)
            draft = Draft(
                kind="stock",
                day=when or write.today(),
                by=by,
                ok=approved_by,
                body={"shop": place, "do": "receive"},
                moves=tuple(Transfer(stock, account, good.upper(), pieces) for good, pieces in basket),
            )
            return write.append(draft, key=key, request=request)

    def redeem(
        self,
        shop: Shop | str,
        *,
        card: str,
        goods: Mapping[str, int],
        day: date | None = None,
        by: str,
        key: str | None = None,
    ) -> Posted:
        """Hand *goods* over for points of the card's member; both legs are one entry, or nothing is written.

        *day* (None: today) decides the prices. Raises UnknownCard, CardBlocked, NoPrice, NotEnoughPoints,
        NotEnoughStock.
        """
        place = shop_id(shop)
        number = check_card_number(card)
        wanted = check_basket(place, goods)
        check_operators(by)
        when = None if day is None else check_day("day", day)
        request = ("redemption", place, number, wanted, str(when or ""), by)
        with self._journal.writing() as write:
            write.check_day(when)
            if done := write.already(key, request):
                return done
            shop_of(write.books, place)
            found = card_of(write.books, number)
            day = when or write.today()
            basket = priced(write.books, place, wanted, day)
            check_allowed(write.books, "redeem", by, day=day)
            check_active(found)
            check_points(write.books, found.member, basket.points)
            check_stock(write.books, place, basket)
            draft = Draft(
                kind="redemption",
                day=day,
                by=by,
                body={"shop": place, "card": number, "goods": [list(line) for line in basket.lines]},
                moves=redemption_moves(place, found.member, basket),
            )
            return write.append(draft, key=key, request=request)

    def stock(self, shop: Shop | str, *, day: date | None = None) -> dict[str, int]:
        """Pieces of each good on the shelves of *shop* now, or at the end of *day*; goods that ran out are 0."""
        place = shop_id(shop)
        account = accounts.stock_account(place)
        if day is not None:
            check_day("day", day)
        with self._journal.reading() as books:
            shop_of(books, place)
            return {
                good.id: books.balance(account, good.unit)
                if day is None
                else books.balance_on(account, good.unit, day)
                for good in books.rows(GOODS)
            }

    def takings(self, shop: Shop | str, *, day: date | None = None) -> int:
        """Points that *shop* has taken in and is owed now, or at the end of *day*."""
        place = shop_id(shop)
        account = accounts.takings_account(place)
        if day is not None:
            check_day("day", day)
        with self._journal.reading() as books:
            shop_of(books, place)
            return books.balance(account, POINTS) if day is None else books.balance_on(account, POINTS, day)

    def statement(
        self,
        shop: Shop | str,
        *,
        unit: str = POINTS,
        first: date | None = None,
        last: date | None = None,
    ) -> Statement:
        """What *shop* took in (PTS), or what happened to its stock of one good (the good's unit)."""
        place = shop_id(shop)
        account = accounts.takings_account(place) if unit == POINTS else accounts.stock_account(place)
        with self._journal.reading() as books:
            shop_of(books, place)
            if unit != POINTS:
                good_of(books, check_good(unit.lower()))
            since = self._journal.size_before(first)
            return statement(books, account, unit, first=first, last=last, since=since)


def redemption_moves(shop: str, member: str, basket: Basket) -> tuple[Transfer, ...]:
    """The points leg and the goods legs of a redemption."""
    points = Transfer(accounts.member_account(member), accounts.takings_account(shop), POINTS, basket.points)
    given, stock = accounts.given_account(shop), accounts.stock_account(shop)
    return (points, *(Transfer(given, stock, good.upper(), pieces) for good, pieces, _ in basket.lines))


def project_shop(entry: Entry, books: Writer) -> None:
    """Keep the shop."""
    body = entry.body
    books.put(SHOPS, Shop(body["shop"], body["org"], body["name"], entry.seq))
