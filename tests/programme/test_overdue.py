"""What is overdue ends before anything new begins: which reservations those are, and what they give back."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from tests.programme.market import DAY, TODAY, Market
from tests.programme.yard import Yard, rulebook
from timebank.errors import NotEnoughPoints, NotEnoughStock, UnknownReservation
from timebank.ledger.codes import POINTS
from timebank.ledger.resolution import hold, void
from timebank.ledger.statements import newest_first
from timebank.ledger.transfers import Transfer
from timebank.programme import reserved
from timebank.programme.accounts import held_account, member_account

if TYPE_CHECKING:
    from collections.abc import Iterator

    from timebank.ledger.entries import Entry
    from timebank.ledger.journal import Posted
    from timebank.ledger.store import Posting


@pytest.fixture
def market() -> Market:
    return Market()


def ended_by(market: Market, size: int) -> list[int | None]:
    """The reservations that ended since the journal had this *size*."""
    return [entry.ref for entry in market.bank.journal.entries(size) if entry.kind == "void"]


def test_only_those_of_the_member_end_that_are_still_held_and_past_their_day(market: Market) -> None:
    there: dict[str, Any] = {"shop": market.noodles, "noodles": 1}
    oldest = market.reserve(**there)
    collected, released = market.reserve(**there), market.reserve(**there)
    market.bank.reservations.collect(collected.seq, by="clerk-1")
    market.bank.reservations.release(released.seq, by="clerk-1")
    market.reserve(**there, until=TODAY + DAY)
    newest = market.reserve(**there)
    market.reserve(**there, card="0002")
    market.at(TODAY + DAY)
    size = market.bank.report().entries
    market.redeem(soap=1)
    assert ended_by(market, size) == [oldest.seq, newest.seq]


def test_what_ends_is_told_by_who_spends(market: Market) -> None:
    market.reserve(soap=1)
    market.at(TODAY + DAY)
    size = market.bank.report().entries
    market.bank.shops.redeem(market.shop, card="0001", goods={"soap": 1}, by="supervisor-1")
    assert [(entry.kind, entry.by, entry.day) for entry in market.bank.journal.entries(size)] == [
        ("void", "supervisor-1", TODAY + DAY),
        ("redemption", "supervisor-1", TODAY + DAY),
    ]


def test_what_somebody_else_gets_back_is_not_to_be_spent(market: Market) -> None:
    market.reserve(card="0002", rice=2)
    market.at(TODAY + DAY)
    with market.refused(NotEnoughPoints, member=market.wang.id, available_points=50, needed_points=52):
        market.redeem(rice=4, soap=4)


def test_each_good_gets_its_own_pieces_back(market: Market) -> None:
    market.reserve(card="0002", rice=1, soap=2)
    market.at(TODAY + DAY)
    for good, available in (("rice", 4), ("soap", 9)):
        goods: dict[str, Any] = {good: available + 1}
        told = {"shop": "yungu-shop", "good": good, "available": available, "needed": available + 1}
        with market.refused(NotEnoughStock, **told):
            market.redeem(**goods)
        with market.refused(NotEnoughStock, **told):
            market.reserve(**goods, until=TODAY + DAY)
    market.redeem(rice=4, soap=3)


def test_a_single_point_is_given_back_too() -> None:
    yard = Yard()
    kiosk = yard.bank.shops.open("kiosk", org="yard", name="亭", kind="merchant", by="admin")
    yard.bank.shops.set_price(kiosk, "soap", points=1, from_day=yard.today, by="admin")
    yard.earn(2)
    yard.bank.reservations.reserve(kiosk, card="0001", goods={"soap": 1}, until=yard.today, by="clerk-1")
    yard.later(1)
    yard.spend(2)
    assert yard.points() == 0


def other_hold(market: Market, points: int) -> Entry:
    """Points of Wang's set aside for something that is no reservation."""
    account, aside = member_account(market.wang.id), held_account(market.wang.id)
    moves = (Transfer(account, aside, POINTS, points),)
    with market.bank.journal.writing() as write:
        return write.append(hold(moves, day=write.today(), by="clerk-1")).entry


def test_what_is_set_aside_for_something_else_is_no_reservation_and_is_left_alone(market: Market) -> None:
    held = market.reserve(shop=market.noodles, noodles=1)
    other = other_hold(market, 20)
    market.at(TODAY + DAY)
    size = market.bank.report().entries
    market.redeem(soap=1)
    assert ended_by(market, size) == [held.seq]
    for ask in (market.bank.reservations.get, lambda seq: market.bank.reservations.collect(seq, by="clerk-1")):
        with market.refused(UnknownReservation, name=str(other.seq)):
            ask(other.seq)
    with market.bank.journal.writing() as write:
        write.append(void(other, day=write.today(), by="clerk-1"))
    assert [(row.seq, row.state) for row in market.bank.reservations.all()] == [(held.seq, "released")]


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The postings that were looked at for what a member has set aside."""
    seen: list[int] = []

    def watched(*given: Any) -> Iterator[Posting]:
        for posting in newest_first(*given):
            seen.append(posting.seq)
            yield posting

    monkeypatch.setattr(reserved, "newest_first", watched)
    return seen


def test_nothing_is_looked_for_before_the_oldest_that_is_held(market: Market, looked_at: list[int]) -> None:
    there: dict[str, Any] = {"shop": market.noodles, "noodles": 1}

    def collected(held: Posted) -> None:
        market.bank.reservations.collect(held.seq, by="clerk-1")

    collected(market.reserve(**there))
    first, second = market.reserve(**there), market.reserve(**there)
    looked_at.clear()
    market.redeem(soap=1)
    assert looked_at == [second.seq, first.seq]
    collected(first)
    collected(second)
    looked_at.clear()
    market.redeem(soap=1)
    assert looked_at == []


@pytest.mark.parametrize(
    ("until", "amounts"), [(date(2024, 3, 31), [("void", 2), ("expiry", 3)]), (date(2024, 4, 1), [("expiry", 1)])]
)
def test_lapsed_points_go_by_the_hand_of_who_spends(until: date, amounts: list[tuple[str, int]]) -> None:
    """Three points of February and one of March; two of February's are reserved before they lapse with March."""
    yard = Yard(rulebook("months", months=1))
    yard.earn(3, day=date(2024, 2, 5))
    yard.earn(1)
    yard.bank.reservations.reserve(yard.shop, card="0001", goods={"soap": 2}, until=until, by="clerk-1")
    yard.at(date(2024, 4, 1))
    size = yard.bank.report().entries
    yard.bank.shops.redeem(yard.shop, card="0001", goods={"soap": 1}, by="super-1")
    entries = list(yard.bank.journal.entries(size))
    assert [(entry.kind, entry.moves[0].amount) for entry in entries[:-1]] == amounts
    assert {entry.by for entry in entries} == {"super-1"}


def test_where_nothing_has_lapsed_nothing_is_looked_for_to_post(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(reserved, "lapse", lambda _, member, by: asked.append(f"{member} {by}"))
    yard = Yard(rulebook("months", months=1))
    yard.earn(3)
    yard.spend(1)
    yard.bank.reservations.reserve(yard.shop, card="0001", goods={"soap": 1}, until=yard.today, by="clerk-1")
    yard.later(1)
    yard.spend(1)
    assert asked == []
    yard.at(date(2024, 5, 1))
    yard.earn(1)
    yard.spend(1)
    assert asked == [f"{yard.li} clerk-1"]


def test_all_that_is_overdue_is_released_by_who_says_so(market: Market) -> None:
    market.reserve(soap=1)
    market.at(TODAY + DAY)
    (posted,) = market.bank.reservations.release_overdue(by="supervisor-1")
    assert (posted.entry.by, posted.entry.day) == ("supervisor-1", TODAY + DAY)
