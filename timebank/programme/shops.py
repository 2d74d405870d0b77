"""Shops: a points supermarket (积分超市) or a caring merchant (爱心商户), its price list and its account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, get_args

from attrs import frozen

from timebank.errors import AlreadyExists, BadCode, NoGoods, NotForMerchant, UnknownShop
from timebank.ledger.codes import POINTS, check_amount
from timebank.ledger.entries import Draft, check_day, check_slug
from timebank.ledger.statements import Statement, statement
from timebank.ledger.store import Table
from timebank.programme import accounts
from timebank.programme.closing import closed_at
from timebank.programme.goods import GOODS, PRICES, Price, check_after_latest, check_good, check_price, good_of
from timebank.programme.moves import Move, post_move
from timebank.programme.organisations import organisation
from timebank.programme.roles import check_allowed, check_operators
from timebank.programme.text import check_name

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from timebank.ledger.entries import Entry
    from timebank.ledger.journal import Journal, Posted
    from timebank.ledger.store import Reader, Writer

ShopKind = Literal["supermarket", "merchant"]
SHOP_KINDS: Final[tuple[ShopKind, ...]] = get_args(ShopKind)
OWN: Final = "supermarket"
"""The kind of a shop of which the ledger keeps the stock; an entry that names no kind means it."""

MOST_PIECES: Final = 1_000_000
MOST_KINDS: Final = 50


@frozen
class Shop:
    """A points supermarket, or a caring merchant's."""

    id: str
    org: str
    name: str
    seq: int


@frozen
class ShopDetail:
    """What else is known of a shop: supermarket or merchant, and its opening *hours* (None: not said)."""

    shop: str
    kind: str
    hours: str | None
    seq: int


SHOPS: Final = Table("shop", Shop, ("id",))
SHOP_DETAILS: Final = Table("shop_detail", ShopDetail, ("shop",))


def shop_of(books: Reader, name: str) -> Shop:
    """The shop *name*; raises UnknownShop."""
    shop = books.get(SHOPS, name)
    if shop is None:
        raise UnknownShop(name)
    return shop


def shop_id(shop: Shop | str) -> str:
    """The id of *shop*, given as itself or by its id."""
    return check_slug("shop", shop.id if isinstance(shop, Shop) else shop)


def detail_of(books: Reader, name: str) -> ShopDetail:
    """What else is known of the shop *name*; raises UnknownShop."""
    detail = books.get(SHOP_DETAILS, name)
    if detail is None:
        raise UnknownShop(name)
    return detail


def is_merchant(books: Reader, name: str) -> bool:
    """Whether the shop *name* is a caring merchant, whose stock is its own affair."""
    return detail_of(books, name).kind != OWN


def check_own(books: Reader, name: str) -> None:
    """Raise NotForMerchant unless the ledger keeps the stock of the shop *name*."""
    if is_merchant(books, name):
        raise NotForMerchant(name)


def check_basket(shop: str, goods: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    """Goods and pieces, by id. Raises NoGoods, BadCode, or BadAmount outside 1 to 1,000,000 pieces."""
    check_kinds(shop, goods)
    basket = [(check_good(good), check_amount(good, pieces, most=MOST_PIECES)) for good, pieces in goods.items()]
    return tuple(sorted(basket))


def check_kinds(shop: str, goods: Mapping[str, int]) -> None:
    """Raise NoGoods or BadAmount unless *goods* names 1 to 50 of them."""
    if not goods:
        raise NoGoods(shop)
    check_amount("kinds of goods", len(goods), most=MOST_KINDS)


@frozen
class ShopDesk:
    """A desk where something is done in a shop."""

    _journal: Journal


@frozen
class ShopList(ShopDesk):
    """The desk where shops are opened and priced, and their accounts read."""

    def open(
        self,
        shop: str,
        *,
        org: str,
        name: str,
        kind: ShopKind = "supermarket",
        hours: str | None = None,
        by: str,
        key: str | None = None,
    ) -> Shop:
        """Open *shop* (a short lower-case id) of the organisation *org*.

        A *kind* of merchant gives its own goods and is settled; *hours* are public words on when it is open.
        """
        check_slug("shop", shop)
        check_slug("org", org)
        check_name("name", name)
        if kind not in SHOP_KINDS:
            raise BadCode("kind", str(kind)[:80], "|".join(SHOP_KINDS))
        if hours is not None:
            check_name("hours", hours)
        check_operators(by)
        more = ({} if kind == OWN else {"type": kind}) | ({} if hours is None else {"hours": hours})
        request = ("shop", shop, org, name, *more.items(), by)
        with self._journal.writing() as write:
            if write.already(key, request) is None:
                organisation(write.books, org)
                check_allowed(write.books, "organise", by)
                if write.books.get(SHOPS, shop):
                    raise AlreadyExists("shop", shop)
                body = {"shop": shop, "org": org, "name": name, **more}
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

    def detail(self, shop: Shop | str) -> ShopDetail:
        """The kind and the opening hours of *shop*; raises UnknownShop."""
        with self._journal.reading() as books:
            return detail_of(books, shop_id(shop))

    def move_to(self, shop: Shop | str, *, to: str, from_day: date, by: str, key: str | None = None) -> Posted:
        """Let *shop* belong to the organisation *to* from *from_day* on (today or earlier).

        Raises NotInOrder if a move of the same shop is known for that day or a later one, and PeriodClosed.
        """
        place = shop_id(shop)

        def known(books: Reader) -> None:
            shop_of(books, place)
            organisation(books, to)

        return post_move(self._journal, Move("shop", place, to, from_day), known=known, by=by, key=key)

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
            before = closed_at(books, last)
            return statement(books, account, unit, first=first, last=last, since=since, before=before)


def project_shop(entry: Entry, books: Writer) -> None:
    """Keep the shop, its kind and its hours."""
    body = entry.body
    books.put(SHOPS, Shop(body["shop"], body["org"], body["name"], entry.seq))
    books.put(SHOP_DETAILS, ShopDetail(body["shop"], body.get("type", OWN), body.get("hours"), entry.seq))
