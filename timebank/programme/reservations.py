"""Reservations (预约兑换): points and goods are set aside, to be collected (领取) or released (取消)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve, frozen

from timebank.errors import (
    AlreadyResolved,
    BadCode,
    CardBlocked,
    NotEnoughPoints,
    ReservationOver,
    UnknownReservation,
)
from timebank.ledger.codes import POINTS
from timebank.ledger.entries import check_day, kept_entry
from timebank.ledger.resolution import HOLD, hold, post
from timebank.ledger.transfers import Transfer
from timebank.programme import accounts
from timebank.programme.codes import check_card_number
from timebank.programme.goods import priced
from timebank.programme.limits import Customer, check_limits
from timebank.programme.members import card_of, check_active
from timebank.programme.reserved import RESERVATIONS, STATES, Reservation, Sweep, overdue, release
from timebank.programme.roles import check_allowed, check_operators
from timebank.programme.shops import Shop, ShopDesk, check_basket, is_merchant, shop_id, shop_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from timebank.ledger.entries import Draft, Entry
    from timebank.ledger.journal import Posted, Write
    from timebank.ledger.store import Reader
    from timebank.programme.goods import Basket


@frozen
class Reservations(ShopDesk):
    """The desk for reservations. One is named by the entry that made it."""

    def reserve(
        self,
        shop: Shop | str,
        *,
        card: str,
        goods: Mapping[str, int],
        until: date,
        by: str,
        key: str | None = None,
    ) -> Posted:
        """Set *goods* and their points aside for the card's member, to be collected through the day *until*.

        Today's prices hold. Only the member's own account pays, a household's too. Raises what `redeem` raises.
        """
        place = shop_id(shop)
        number = check_card_number(card)
        wanted = check_basket(place, goods)
        last = check_day("until", until).isoformat()
        check_operators(by)
        request = ("reservation", place, number, wanted, last, by)
        with self._journal.writing() as write:
            if done := write.already(key, request):
                return done
            today, books = write.today(), write.books
            if until < today:
                raise BadCode("until", last, "today or a later day")
            shop_of(books, place)
            found = card_of(books, number)
            basket = priced(books, place, wanted, today)
            check_allowed(books, "redeem", by)
            check_active(found)
            sweep = Sweep(overdue(books, place, found.member, today), today)
            customer = Customer(found.member, today, sweep.ended, self._journal.size_before)
            check_limits(books, place, wanted, customer)
            available = sweep.points(books, found.member)
            if available < basket.points:
                raise NotEnoughPoints(found.member, available, basket.points)
            merchant = is_merchant(books, place)
            if not merchant:
                sweep.check_stock(books, place, wanted)
            sweep.post(write, by)
            body = {"shop": place, "card": number, "goods": [list(line) for line in basket.lines], "until": last}
            draft = hold(_set_aside(place, found.member, basket, merchant=merchant), day=today, by=by)
            return write.append(evolve(draft, body=body), key=key, request=request)

    def collect(self, seq: int, *, by: str, key: str | None = None) -> Posted:
        """Hand out what the reservation *seq* set aside; its points go to the shop.

        Raises UnknownReservation, AlreadyResolved, ReservationOver past its last day, and CardBlocked if the card
        was blocked and not replaced.
        """
        return self._end(seq, "collect", by=by, key=key)

    def release(self, seq: int, *, by: str, key: str | None = None) -> Posted:
        """Give back what the reservation *seq* set aside. Raises UnknownReservation, AlreadyResolved."""
        return self._end(seq, "release", by=by, key=key)

    def _end(self, seq: int, do: str, *, by: str, key: str | None) -> Posted:
        check_place(seq)
        check_operators(by)
        request = (do, seq, by)
        with self._journal.writing() as write:
            if done := write.already(key, request):
                return done
            held = _hold_of(write.books, seq)
            today = write.today()
            check_allowed(write.books, "redeem", by)
            resolver = write.books.resolver_of(seq)
            if resolver is not None:
                raise AlreadyResolved(seq, resolver)
            is_over = held.body["until"] < today.isoformat()
            if do == "collect":
                draft = self._collected(write, held, by=by, is_over=is_over)
            else:
                draft = release(held, day=today, by=by, why="expired" if is_over else "released")
            return write.append(draft, key=key, request=request)

    def _collected(self, write: Write, held: Entry, *, by: str, is_over: bool) -> Draft:
        if is_over:
            raise ReservationOver(held.seq, held.body["until"])
        card = card_of(write.books, held.body["card"])
        if card.state == "blocked":
            raise CardBlocked(card.number, card.state)
        shop, goods = held.body["shop"], held.body["goods"]
        given, takings = accounts.given_account(shop), accounts.takings_account(shop)
        draft = post(held, to=(takings, *(given for _ in held.moves[1:])), day=write.today(), by=by)
        if is_merchant(write.books, shop):
            offered = accounts.offered_account(shop)
            moves = (Transfer(given, offered, good.upper(), pieces) for good, pieces, _ in goods)
            draft = evolve(draft, moves=(*draft.moves, *moves))
        return evolve(draft, body={"shop": shop, "goods": [list(line) for line in goods]})

    def release_overdue(self, *, by: str) -> tuple[Posted, ...]:
        """Give back what was set aside by every reservation whose last day has passed; all in one transaction."""
        check_operators(by)
        with self._journal.writing(alone=True) as write:
            today = write.today()
            check_allowed(write.books, "redeem", by)
            text = today.isoformat()
            rows = [row for row in write.books.rows(RESERVATIONS) if row.state == "held" and row.until < text]
            holds = [_hold_of(write.books, seq) for seq in sorted(row.seq for row in rows)]
            return tuple(write.append(release(held, day=today, by=by, why="expired")) for held in holds)

    def get(self, seq: int) -> Reservation:
        """The reservation that entry *seq* made, and what became of it; raises UnknownReservation."""
        check_place(seq)
        with self._journal.reading() as books:
            found = books.get(RESERVATIONS, _hold_of(books, seq).body["shop"], seq)
        if found is None:
            raise UnknownReservation(str(seq))
        return found

    def all(self, shop: Shop | str | None = None, *, state: str | None = None) -> tuple[Reservation, ...]:
        """All reservations, or those of *shop*, in *state* (held, collected, released; None: any), as made."""
        if state is not None and state not in STATES:
            raise BadCode("state", str(state)[:80], "|".join(STATES))
        prefix = () if shop is None else (shop_id(shop),)
        with self._journal.reading() as books:
            for name in prefix:
                shop_of(books, name)
            rows = [row for row in books.rows(RESERVATIONS, *prefix) if state in (None, row.state)]
        return tuple(sorted(rows, key=lambda row: row.seq))


def check_place(seq: object) -> None:
    """Raise UnknownReservation unless *seq* can be an entry's place."""
    if type(seq) is not int or seq < 0:
        raise UnknownReservation(str(seq)[:40])


def _hold_of(books: Reader, seq: int) -> Entry:
    """The entry that made a reservation; raises UnknownReservation."""
    if seq >= books.size():
        raise UnknownReservation(str(seq)[:40])
    entry = kept_entry(seq, books.leaf(seq))
    if entry.kind != HOLD or "shop" not in entry.body:
        raise UnknownReservation(str(seq))
    return entry


def _set_aside(shop: str, member: str, basket: Basket, *, merchant: bool) -> tuple[Transfer, ...]:
    """The points leg of a reservation, and its goods legs unless the goods are a merchant's own."""
    points = Transfer(accounts.member_account(member), accounts.held_account(member), POINTS, basket.points)
    if merchant:
        return (points,)
    aside, shelf = accounts.reserved_account(shop), accounts.stock_account(shop)
    return (points, *(Transfer(aside, shelf, good.upper(), pieces) for good, pieces in basket.pieces))
