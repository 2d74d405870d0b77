"""The counter (兑换台): goods go out for points, and come back for them (退货)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from timebank.errors import (
    AlreadyResolved,
    AlreadyReturned,
    NotEnoughPoints,
    NotEnoughTakings,
    NotReversible,
    ReturnTooMuch,
    UnknownRedemption,
)
from timebank.ledger.codes import POINTS
from timebank.ledger.entries import Draft, check_day, kept_entry
from timebank.ledger.transfers import Transfer
from timebank.programme import accounts
from timebank.programme.codes import check_card_number
from timebank.programme.goods import Basket, priced
from timebank.programme.handed import REDEMPTION, RETURNED, Returned, returned_of
from timebank.programme.households import members_on
from timebank.programme.limits import Customer, check_limits
from timebank.programme.members import card_of, check_active
from timebank.programme.reserved import Sweep, overdue
from timebank.programme.roles import check_allowed, check_operators
from timebank.programme.shops import Shop, ShopDesk, check_basket, is_merchant, shop_id, shop_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from timebank.ledger.entries import Entry
    from timebank.ledger.journal import Posted
    from timebank.ledger.store import Reader, Writer

RETURN = "return"
Payments = tuple[tuple[str, int], ...]
"""Members and the points that each of them pays, in the order of paying."""


@frozen
class Counter(ShopDesk):
    """The desk for the counter."""

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

        *day* (None: today) decides the prices and the limits. With a household's card its own account pays first,
        then its members in their order. Reservations whose time is over, of this shop and of this member, and
        points that have lapsed are taken off before, with entries of their own. Raises UnknownCard, CardBlocked,
        NoPrice, LimitPassed, EarnedTooLittle, NotEnoughPoints, NotEnoughStock.
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
            books, today = write.books, write.today()
            shop_of(books, place)
            found = card_of(books, number)
            day = when or today
            basket = priced(books, place, wanted, day)
            check_allowed(books, "redeem", by, day=day)
            check_active(found)
            sweep = Sweep(overdue(books, place, found.member, today), today)
            check_limits(books, place, wanted, Customer(found.member, day, sweep.ended, self._journal.size_before))
            paid = payments(books, sweep, found.member, basket.points, day)
            merchant = is_merchant(books, place)
            if not merchant:
                sweep.check_stock(books, place, wanted)
            sweep.post(write, by)
            body = {"shop": place, "card": number, "goods": [list(line) for line in basket.lines]}
            shared = {} if paid == ((found.member, basket.points),) else {"paid": [list(each) for each in paid]}
            moves = redemption_moves(place, paid, basket, merchant=merchant)
            draft = Draft(kind=REDEMPTION, day=day, by=by, body=body | shared, moves=moves)
            return write.append(draft, key=key, request=request)

    def return_goods(
        self,
        seq: int,
        goods: Mapping[str, int],
        *,
        day: date | None = None,
        by: str,
        approved_by: str,
        key: str | None = None,
    ) -> Posted:
        """Take back *goods* (id: pieces) of the redemption *seq*, for the points that they cost.

        Where several paid, the last of them is given back first. Raises UnknownRedemption, AlreadyResolved if the
        redemption was taken back whole, ReturnTooMuch, and NotEnoughTakings if the shop was paid for it.
        """
        if type(seq) is not int:
            raise UnknownRedemption(str(seq)[:40])
        wanted = check_basket(str(seq), goods)
        check_operators(by, approved_by)
        when = None if day is None else check_day("day", day)
        request = (RETURN, seq, wanted, str(when or ""), by, approved_by)
        with self._journal.writing() as write:
            write.check_day(when)
            if done := write.already(key, request):
                return done
            books = write.books
            redemption = _redemption_of(books, seq)
            day = when or write.today()
            check_allowed(books, "return-goods", by, approved_by, day=day)
            if (resolver := books.resolver_of(seq)) is not None:
                raise AlreadyResolved(seq, resolver)
            back = _returned_basket(books, redemption, wanted)
            shop = redemption.body["shop"]
            takings = books.balance(accounts.takings_account(shop), POINTS)
            if takings < back.points:
                raise NotEnoughTakings(shop, takings, back.points)
            moves = return_moves(books, redemption, back)
            body = {"shop": shop, "goods": [list(line) for line in back.lines]}
            draft = Draft(kind=RETURN, day=day, by=by, ok=approved_by, ref=seq, body=body, moves=moves)
            return write.append(draft, key=key, request=request)

    def returned(self, seq: int) -> dict[str, int]:
        """Pieces of each good of the redemption *seq* that have come back. Raises UnknownRedemption."""
        with self._journal.reading() as books:
            _redemption_of(books, seq)
            return returned_of(books, seq)


def payments(books: Reader, sweep: Sweep, member: str, points: int, day: date) -> Payments:
    """Who pays *points* with the card of *member*: a household's members pay what its own account cannot.

    Raises NotEnoughPoints.
    """
    paid, left, available = [], points, 0
    for payer in _payers(books, member, day):
        own = sweep.points(books, payer)
        if share := min(own, left):
            paid.append((payer, share))
        available, left = available + own, left - share
        if not left:
            return tuple(paid)
    raise NotEnoughPoints(member, available, points)


def _payers(books: Reader, member: str, day: date) -> Iterator[str]:
    yield member
    yield from members_on(books, member, day)


def redemption_moves(shop: str, paid: Payments, basket: Basket, *, merchant: bool) -> tuple[Transfer, ...]:
    """The points legs, one for each who pays, and the goods legs of a redemption."""
    takings, given = accounts.takings_account(shop), accounts.given_account(shop)
    source = accounts.offered_account(shop) if merchant else accounts.stock_account(shop)
    points = (Transfer(accounts.member_account(payer), takings, POINTS, share) for payer, share in paid)
    return (*points, *(Transfer(given, source, good.upper(), pieces) for good, pieces in basket.pieces))


def _redemption_of(books: Reader, seq: int) -> Entry:
    """The redemption at *seq*; raises UnknownRedemption."""
    if type(seq) is not int or seq not in range(books.size()):
        raise UnknownRedemption(str(seq)[:40])
    entry = kept_entry(seq, books.leaf(seq))
    if entry.kind != REDEMPTION:
        raise UnknownRedemption(str(seq))
    return entry


def _returned_basket(books: Reader, redemption: Entry, wanted: Sequence[tuple[str, int]]) -> Basket:
    """*wanted* at the prices of *redemption*; raises ReturnTooMuch."""
    lines, before = redemption.body["goods"], returned_of(books, redemption.seq)
    left = {good: pieces - before.get(good, 0) for good, pieces, _ in lines}
    for good, pieces in wanted:
        if pieces > (most := left.get(good, 0)):
            raise ReturnTooMuch(redemption.seq, good, most, pieces)
    prices = {good: price for good, _, price in lines}
    return Basket(tuple((good, pieces, prices[good]) for good, pieces in wanted))


def return_moves(books: Reader, redemption: Entry, back: Basket) -> tuple[Transfer, ...]:
    """The points legs of a return, the last payer first, and its goods legs back to where they came from."""
    legs = [move for move in redemption.moves if move.unit == POINTS]
    prices = {good: price for good, _, price in redemption.body["goods"]}
    gone = sum(pieces * prices[good] for good, pieces in returned_of(books, redemption.seq).items())
    points, left = [], back.points
    for leg in reversed(legs):
        passed = min(gone, leg.amount)
        share = min(leg.amount - passed, left)
        gone, left = gone - passed, left - share
        if share:
            points.append(Transfer(leg.credit, leg.debit, POINTS, share))
    goods = {move.unit: move for move in redemption.moves if move.unit != POINTS}
    came = [(goods[good.upper()], pieces) for good, pieces in back.pieces]
    return (*points, *(Transfer(move.credit, move.debit, move.unit, pieces) for move, pieces in came))


def check_not_returned(books: Reader, seq: int) -> None:
    """Raise unless the entry *seq* can be taken back as far as returned goods go.

    AlreadyReturned for a redemption of which goods came back, NotReversible for a return.
    """
    if returned_of(books, seq):
        raise AlreadyReturned(seq)
    if kept_entry(seq, books.leaf(seq)).kind == RETURN:
        raise NotReversible(seq, RETURN)


def project_return(entry: Entry, books: Writer) -> None:
    """Keep how many pieces of each good of the redemption have come back."""
    redemption = int(entry.ref or 0)
    before = returned_of(books, redemption)
    for good, pieces, _ in entry.body["goods"]:
        books.put(RETURNED, Returned(redemption, good, before.get(good, 0) + pieces, entry.seq))
