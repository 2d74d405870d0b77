"""The stockroom (库存): goods come in, go to another shop, are counted (盘点) and written off (报损)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import frozen

from timebank.errors import BadAmount, BadCode, BadMove, NotEnoughStock, SourceUnclear
from timebank.ledger.entries import END_OF_DAYS, Draft, check_day, check_slug
from timebank.ledger.store import Table
from timebank.ledger.transfers import Transfer
from timebank.programme import accounts
from timebank.programme.goods import GOODS, check_good, good_of
from timebank.programme.organisations import organisation
from timebank.programme.roles import check_allowed, check_operators
from timebank.programme.shops import (
    MOST_PIECES,
    Shop,
    ShopDesk,
    check_basket,
    check_kinds,
    check_own,
    shop_id,
    shop_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from timebank.ledger.entries import Entry
    from timebank.ledger.journal import Posted
    from timebank.ledger.store import Reader, Writer

Lines = tuple[tuple[str, int], ...]
Counted = tuple[tuple[str, int, int], ...]


@frozen
class BestBefore:
    """*pieces* of *good* came into *shop* with entry *seq*, to be used by *day*."""

    shop: str
    good: str
    day: str
    seq: int
    pieces: int


BEST_BEFORE: Final = Table("best_before", BestBefore, ("shop", "good", "day", "seq"))


def check_stock(books: Reader, shop: str, goods: Iterable[tuple[str, int]]) -> None:
    """Raise NotEnoughStock unless *shop* has these pieces of *goods*."""
    account = accounts.stock_account(shop)
    for good, pieces in goods:
        available = books.balance(account, good.upper())
        if available < pieces:
            raise NotEnoughStock(shop, good, available, pieces)


def check_count(goods: Mapping[str, int]) -> Lines:
    """Goods and pieces, by id, as they were counted. Raises BadCode, BadAmount outside 0 to 1,000,000 pieces."""
    for good, pieces in goods.items():
        check_good(good)
        if type(pieces) is not int or not 0 <= pieces <= MOST_PIECES:
            raise BadAmount(good, str(pieces)[:40], 0, MOST_PIECES)
    return tuple(sorted(goods.items()))


def check_best_before(goods: Mapping[str, int], days: Mapping[str, date] | None) -> tuple[tuple[str, str], ...]:
    """Goods and their days as text, by id. Raises BadDay, BadCode for a good that is not among *goods*."""
    found = []
    for good, day in sorted((days or {}).items()):
        if good not in goods:
            raise BadCode("best_before", str(good)[:80], "a good that comes in")
        found.append((good, check_day("best_before", day).isoformat()))
    return tuple(found)


@frozen
class Stockroom(ShopDesk):
    """The desk for what is on the shelves; every act needs a second person."""

    def receive(
        self,
        shop: Shop | str,
        goods: Mapping[str, int],
        *,
        donor: str | None = None,
        bought_by: str | None = None,
        best_before: Mapping[str, date] | None = None,
        day: date | None = None,
        by: str,
        approved_by: str,
        key: str | None = None,
    ) -> Posted:
        """Take *goods* (id: pieces) into stock.

        They come from a *donor* (a short public name), or were *bought_by* an organisation. *best_before* says
        for some of them by which day they are to be used.
        """
        place = shop_id(shop)
        basket = check_basket(place, goods)
        if (donor is None) == (bought_by is None):
            raise SourceUnclear(place)
        source = check_slug("donor", donor) if bought_by is None else check_slug("bought_by", bought_by)
        use_by = check_best_before(goods, best_before)
        check_operators(by, approved_by)
        when = None if day is None else check_day("day", day)
        request = (
            "stock", place, basket, donor or "", bought_by or "", *use_by, str(when or ""), by, approved_by
        )  # fmt: skip
        with self._journal.writing() as write:
            write.check_day(when)
            if done := write.already(key, request):
                return done
            _check_known(write.books, place, basket)
            if bought_by is not None:
                organisation(write.books, bought_by)
            day = when or write.today()
            check_allowed(write.books, "receive-goods", by, approved_by, day=day)
            check_own(write.books, place)
            account = accounts.donated_account(source) if bought_by is None else accounts.bought_account(source)
            body = {"shop": place, "do": "receive"}
            more = {"best_before": [list(line) for line in use_by]} if use_by else {}
            moves = _moves(accounts.stock_account(place), account, basket)
            draft = Draft(kind="stock", day=day, by=by, ok=approved_by, body=body | more, moves=moves)
            return write.append(draft, key=key, request=request)

    def move(
        self,
        shop: Shop | str,
        to: Shop | str,
        goods: Mapping[str, int],
        *,
        day: date | None = None,
        by: str,
        approved_by: str,
        key: str | None = None,
    ) -> Posted:
        """Move *goods* (id: pieces) from the shelves of *shop* to those of the shop *to*."""
        place, target = shop_id(shop), shop_id(to)
        if place == target:
            raise BadMove(accounts.stock_account(target), accounts.stock_account(place))
        basket = check_basket(place, goods)
        moves = _moves(accounts.stock_account(target), accounts.stock_account(place), basket)
        body = {"shop": place, "do": "move", "to": target}
        return self._take(body, basket, moves, act="move-goods", day=day, by=by, ok=approved_by, key=key)

    def write_off(
        self,
        shop: Shop | str,
        goods: Mapping[str, int],
        *,
        reason: str,
        day: date | None = None,
        by: str,
        approved_by: str,
        key: str | None = None,
    ) -> Posted:
        """Take *goods* (id: pieces) off the shelves that nobody can use; *reason* is a short code, `spoiled`."""
        place = shop_id(shop)
        basket = check_basket(place, goods)
        check_slug("reason", reason)
        moves = _moves(accounts.lost_account(place), accounts.stock_account(place), basket)
        body = {"shop": place, "do": "write-off", "reason": reason}
        return self._take(body, basket, moves, act="write-off", day=day, by=by, ok=approved_by, key=key)

    def _take(
        self,
        body: dict[str, str],
        basket: Lines,
        moves: tuple[Transfer, ...],
        *,
        act: str,
        day: date | None,
        by: str,
        ok: str,
        key: str | None,
    ) -> Posted:
        """Post *moves*, which take *basket* from the shelves of the body's shop."""
        check_operators(by, ok)
        when = None if day is None else check_day("day", day)
        request = ("stock", *body.values(), basket, str(when or ""), by, ok)
        with self._journal.writing() as write:
            write.check_day(when)
            if done := write.already(key, request):
                return done
            places = [body[name] for name in ("shop", "to") if name in body]
            for place in places:
                _check_known(write.books, place, basket)
            draft = Draft(kind="stock", day=when or write.today(), by=by, ok=ok, body=body, moves=moves)
            check_allowed(write.books, act, by, ok, day=draft.day)
            for place in places:
                check_own(write.books, place)
            check_stock(write.books, body["shop"], basket)
            return write.append(draft, key=key, request=request)

    def count(
        self,
        shop: Shop | str,
        goods: Mapping[str, int],
        *,
        day: date | None = None,
        by: str,
        approved_by: str,
        key: str | None = None,
    ) -> Posted:
        """Write down what was counted on the shelves of *shop* at the end of *day* (None: now), and post the
        differences from the book of that day: short is lost, over is found.

        Goods set aside for reservations are not on the shelves. Where all is as booked, the entry moves nothing.
        Raises NotEnoughStock where more is short than there is now, as when goods went out since *day*.
        """
        place = shop_id(shop)
        check_kinds(place, goods)
        lines = check_count(goods)
        check_operators(by, approved_by)
        when = None if day is None else check_day("day", day)
        request = ("stock-count", place, lines, str(when or ""), by, approved_by)
        with self._journal.writing() as write:
            write.check_day(when)
            if done := write.already(key, request):
                return done
            _check_known(write.books, place, lines)
            day = when or write.today()
            check_allowed(write.books, "count-stock", by, approved_by, day=day)
            check_own(write.books, place)
            counted = _counted(write.books, place, lines, when)
            check_stock(write.books, place, ((good, booked - pieces) for good, pieces, booked in counted))
            body = {"shop": place, "do": "count", "counted": [list(line) for line in counted]}
            moves = _differences(place, counted)
            draft = Draft(kind="stock", day=day, by=by, ok=approved_by, body=body, moves=moves)
            return write.append(draft, key=key, request=request)

    def stock(self, shop: Shop | str, *, day: date | None = None) -> dict[str, int]:
        """Pieces of each good on the shelves of *shop* now, or at the end of *day*; goods that ran out are 0."""
        place = shop_id(shop)
        if day is not None:
            check_day("day", day)
        with self._journal.reading() as books:
            shop_of(books, place)
            return {good.id: _booked(books, place, good.id, day) for good in books.rows(GOODS)}

    def best_before(self, shop: Shop | str, until: date | None = None) -> tuple[BestBefore, ...]:
        """What came into *shop* to be used by a day, *until* at the latest (None: any), the earliest day first.

        What was handed out since is not taken off: the shelf says what is left. Goods whose coming in was taken
        back are not named.
        """
        place = shop_id(shop)
        last = END_OF_DAYS if until is None else check_day("until", until).isoformat()
        with self._journal.reading() as books:
            shop_of(books, place)
            rows = [row for row in books.rows(BEST_BEFORE, place) if row.day <= last]
            kept = [row for row in rows if books.resolver_of(row.seq) is None]
        return tuple(sorted(kept, key=lambda row: (row.day, row.good, row.seq)))


def _check_known(books: Reader, shop: str, goods: Lines) -> None:
    shop_of(books, shop)
    for good, _ in goods:
        good_of(books, good)


def _booked(books: Reader, shop: str, good: str, day: date | None) -> int:
    account, unit = accounts.stock_account(shop), good.upper()
    return books.balance(account, unit) if day is None else books.balance_on(account, unit, day)


def _moves(debit: str, credit: str, goods: Iterable[tuple[str, int]]) -> tuple[Transfer, ...]:
    return tuple(Transfer(debit, credit, good.upper(), pieces) for good, pieces in goods)


def _counted(books: Reader, shop: str, lines: Lines, day: date | None) -> Counted:
    """What was counted, each good beside what is booked."""
    return tuple((good, pieces, _booked(books, shop, good, day)) for good, pieces in lines)


def _differences(shop: str, counted: Counted) -> tuple[Transfer, ...]:
    """What brings the book to what was counted."""
    stock, lost, found = accounts.stock_account(shop), accounts.lost_account(shop), accounts.found_account(shop)
    return tuple(
        Transfer(lost, stock, good.upper(), booked - pieces)
        if pieces < booked
        else Transfer(stock, found, good.upper(), pieces - booked)
        for good, pieces, booked in counted
        if pieces != booked
    )


def project_stock(entry: Entry, books: Writer) -> None:
    """Keep by which day goods that came in are to be used."""
    pieces = {move.unit.lower(): move.amount for move in entry.moves}
    for good, day in entry.body.get("best_before", ()):
        books.put(BEST_BEFORE, BestBefore(entry.body["shop"], good, day, entry.seq, pieces[good]))
