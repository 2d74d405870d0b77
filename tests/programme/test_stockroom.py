"""The stockroom: goods come in, move, are counted and written off; the book follows the shelf."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import fewer
from tests.programme.market import DAY, SHELF, TODAY, TWO, Market, moves_of
from timebank.errors import (
    ApprovalMissing,
    BadAmount,
    BadCode,
    BadDay,
    BadMove,
    DayInFuture,
    NoGoods,
    NotEnoughStock,
    Refused,
    RoleNotAllowed,
    SelfApproval,
    SourceUnclear,
    UnknownGood,
    UnknownShop,
)
from timebank.programme.stockroom import BestBefore


@pytest.fixture
def market() -> Market:
    return Market()


def acts(market: Market) -> dict[str, Any]:
    shops, shop = market.bank.shops, market.shop
    return {
        "move": lambda **named: shops.move(shop, market.east, {"rice": 1}, **named),
        "count": lambda **named: shops.count(shop, {"rice": 3}, **named),
        "write_off": lambda **named: shops.write_off(shop, {"rice": 1}, reason="spoiled", **named),
        "receive": lambda **named: shops.receive(shop, {"rice": 1}, donor="huicai", **named),
    }


ACTS = ("move", "count", "write_off", "receive")


# --- bookkeeping, one lesson each ---


@pytest.mark.parametrize(
    ("source", "account"), [({"donor": "huicai"}, "I:DONATED:HUICAI"), ({"bought_by": "yungu"}, "E:BOUGHT:YUNGU")]
)
def test_goods_come_from_a_donor_or_were_bought(market: Market, source: dict[str, Any], account: str) -> None:
    posted = market.bank.shops.receive(market.shop, {"rice": 3, "soap": 2}, **source, **TWO)
    assert (posted.entry.kind, posted.entry.day) == ("stock", TODAY)
    assert dict(posted.entry.body) == {"shop": "yungu-shop", "do": "receive"}
    assert moves_of(posted) == [(SHELF, account, "RICE", 3), (SHELF, account, "SOAP", 2)]
    assert market.bank.shops.stock(market.shop) == {"noodles": 0, "rice": 7, "soap": 11}


def test_goods_come_from_one_place_and_one_only(market: Market) -> None:
    sources: list[dict[str, Any]] = [{}, {"donor": "huicai", "bought_by": "yungu"}]
    for source in sources:
        with market.refused(SourceUnclear, shop="yungu-shop"):
            market.bank.shops.receive(market.shop, {"rice": 1}, **source, **TWO)


def test_goods_that_move_leave_one_shelf_for_the_other(market: Market) -> None:
    posted = market.bank.shops.move(market.shop, market.east, {"rice": 3, "soap": 2}, **TWO)
    assert dict(posted.entry.body) == {"shop": "yungu-shop", "do": "move", "to": "east"}
    assert moves_of(posted) == [("A:S:EAST", SHELF, "RICE", 3), ("A:S:EAST", SHELF, "SOAP", 2)]
    assert market.bank.shops.stock(market.shop) == {"noodles": 0, "rice": 1, "soap": 7}
    assert market.bank.shops.stock(market.east) == {"noodles": 0, "rice": 3, "soap": 2}


def test_what_nobody_can_use_is_lost(market: Market) -> None:
    posted = market.bank.shops.write_off(market.shop, {"soap": 4}, reason="spoiled", **TWO)
    assert dict(posted.entry.body) == {"shop": "yungu-shop", "do": "write-off", "reason": "spoiled"}
    assert moves_of(posted) == [("X:LOST:YUNGU-SHOP", SHELF, "SOAP", 4)]
    assert market.bank.shops.stock(market.shop)["soap"] == 5


def test_a_count_posts_what_is_short_and_what_is_over(market: Market) -> None:
    posted = market.bank.shops.count(market.shop, {"soap": 11, "rice": 1, "noodles": 0}, **TWO)
    assert posted.entry.kind == "stock"
    assert posted.entry.body["do"] == "count"
    assert posted.entry.body["counted"] == (("noodles", 0, 0), ("rice", 1, 4), ("soap", 11, 9))
    assert moves_of(posted) == [
        ("X:LOST:YUNGU-SHOP", SHELF, "RICE", 3),
        (SHELF, "I:FOUND:YUNGU-SHOP", "SOAP", 2),
    ]
    assert market.bank.shops.stock(market.shop) == {"noodles": 0, "rice": 1, "soap": 11}


def test_a_count_that_agrees_is_an_entry_that_moves_nothing(market: Market) -> None:
    before = market.bank.trial_balance()
    posted = market.bank.shops.count(market.shop, {"rice": 4, "soap": 9}, **TWO)
    assert posted.entry.moves == ()
    assert posted.entry.body["counted"] == (("rice", 4, 4), ("soap", 9, 9))
    assert market.bank.trial_balance() == before


def test_a_count_of_an_earlier_evening_is_held_against_the_book_of_that_evening(market: Market) -> None:
    """Nine soaps were booked then, eight were counted; two have gone out since: six are left."""
    market.at(TODAY + DAY)
    market.redeem(soap=2)
    posted = market.bank.shops.count(market.shop, {"soap": 8}, day=TODAY, **TWO)
    assert posted.entry.body["counted"] == (("soap", 8, 9),)
    assert posted.entry.day == TODAY
    assert market.bank.shops.stock(market.shop)["soap"] == 6
    assert market.bank.shops.stock(market.shop, day=TODAY)["soap"] == 8


def test_goods_that_are_set_aside_are_not_on_the_shelves(market: Market) -> None:
    market.reserve(rice=3)
    posted = market.bank.shops.count(market.shop, {"rice": 1}, **TWO)
    assert posted.entry.moves == ()


def test_stock_entries_are_taken_back_like_others(market: Market) -> None:
    before = market.balances()
    for act in ACTS:
        market.reverse(acts(market)[act](**TWO).seq)
    assert market.balances() == before


# --- edges ---


@pytest.mark.parametrize("act", ["move", "write_off"])
def test_exactly_all_stock_goes_and_not_one_more(market: Market, act: str) -> None:
    shops = market.bank.shops

    def take(pieces: int) -> None:
        if act == "move":
            shops.move(market.shop, market.east, {"rice": pieces}, **TWO)
        else:
            shops.write_off(market.shop, {"rice": pieces}, reason="spoiled", **TWO)

    with market.refused(NotEnoughStock, shop="yungu-shop", good="rice", available=4, needed=5):
        take(5)
    take(4)
    assert shops.stock(market.shop)["rice"] == 0


def test_a_late_count_cannot_lose_what_has_gone_out_since(market: Market) -> None:
    market.at(TODAY + DAY)
    market.redeem(rice=4)
    with market.refused(NotEnoughStock, good="rice", available=0, needed=1):
        market.bank.shops.count(market.shop, {"rice": 3}, day=TODAY, **TWO)
    market.bank.shops.count(market.shop, {"rice": 4}, day=TODAY, **TWO)


@pytest.mark.parametrize(
    ("pieces", "right"),
    [(0, True), (1_000_000, True), (-1, False), (1_000_001, False), (True, False), (1.0, False)],
)
def test_a_count_is_of_none_to_a_million_pieces(market: Market, pieces: Any, right: bool) -> None:
    if right:
        market.bank.shops.count(market.shop, {"rice": pieces}, **TWO)
        assert market.bank.shops.stock(market.shop)["rice"] == pieces
        return
    with market.refused(BadAmount, least=0, most=1_000_000):
        market.bank.shops.count(market.shop, {"rice": pieces}, **TWO)


def test_nothing_is_counted_or_moved_of_nothing_or_to_itself(market: Market) -> None:
    shops = market.bank.shops
    with market.refused(NoGoods):
        shops.count(market.shop, {}, **TWO)
    with market.refused(NoGoods):
        shops.move(market.shop, market.east, {}, **TWO)
    with market.refused(BadMove, debit=SHELF, credit=SHELF):
        shops.move(market.shop, market.shop, {"rice": 1}, **TWO)
    with market.refused(BadCode, field="reason"):
        shops.write_off(market.shop, {"rice": 1}, reason="Fell down", **TWO)
    with market.refused(UnknownGood):
        shops.count(market.shop, {"salt": 1}, **TWO)
    with market.refused(UnknownShop):
        shops.move(market.shop, "west", {"rice": 1}, **TWO)
    with market.refused(UnknownShop):
        shops.write_off("west", {"rice": 1}, reason="spoiled", **TWO)


@pytest.mark.parametrize("act", ACTS)
def test_stock_needs_a_second_person(market: Market, act: str) -> None:
    do = acts(market)[act]
    with market.refused(SelfApproval):
        do(by="admin", approved_by="admin")
    with market.refused(ApprovalMissing):
        do(by="clerk-1", approved_by=None)
    with market.refused(RoleNotAllowed):
        do(by="clerk-1", approved_by="registrar-1")
    with market.refused(RoleNotAllowed):
        do(by="auditor-1", approved_by="admin")
    assert do(by="registrar-1", approved_by="admin").entry.ok == "admin"


@pytest.mark.parametrize("act", ACTS)
def test_a_stock_entry_belongs_to_a_day_that_has_come(market: Market, act: str) -> None:
    do = acts(market)[act]
    assert do(day=TODAY - DAY, **TWO).entry.day == TODAY - DAY
    with market.refused(DayInFuture):
        do(day=TODAY + DAY, **TWO)


@pytest.mark.parametrize("act", ACTS)
def test_the_same_stock_command_with_the_same_key_is_one_entry(market: Market, act: str) -> None:
    do = acts(market)[act]
    first = do(key="k", **TWO)
    again = do(key="k", **TWO)
    assert (again.seq, again.repeated) == (first.seq, True)


@pytest.mark.parametrize("act", ACTS)
def test_nothing_is_changed_in_a_closed_month(market: Market, act: str) -> None:
    market.bank.periods.close("2026-02", by="supervisor-1")
    with pytest.raises(Refused) as caught:
        acts(market)[act](day=date(2026, 2, 28), **TWO)
    assert caught.value.code == "period-closed"
    acts(market)[act](day=TODAY, **TWO)


# --- best before ---


def test_goods_are_listed_by_the_day_by_which_they_are_to_be_used(market: Market) -> None:
    shops, shop = market.bank.shops, market.shop
    late, soon = date(2026, 12, 31), date(2026, 4, 1)
    one = shops.receive(shop, {"rice": 5, "soap": 1}, donor="a", best_before={"rice": late}, **TWO)
    two = shops.receive(shop, {"rice": 2, "soap": 3}, donor="a", best_before={"rice": soon, "soap": soon}, **TWO)
    assert one.entry.body["best_before"] == (("rice", "2026-12-31"),)
    rows = [
        BestBefore("yungu-shop", "rice", "2026-04-01", two.seq, 2),
        BestBefore("yungu-shop", "soap", "2026-04-01", two.seq, 3),
        BestBefore("yungu-shop", "rice", "2026-12-31", one.seq, 5),
    ]
    assert list(shops.best_before(shop)) == rows
    assert list(shops.best_before(shop, until=soon)) == rows[:2]
    assert shops.best_before(shop, until=soon - DAY) == shops.best_before(market.east) == ()
    market.reverse(two.seq)
    assert list(shops.best_before(shop)) == rows[2:]


def test_a_best_before_day_is_a_day_of_goods_that_come_in(market: Market) -> None:
    shops: Any = market.bank.shops
    with market.refused(BadCode, field="best_before", value="soap"):
        shops.receive(market.shop, {"rice": 1}, donor="a", best_before={"soap": TODAY}, **TWO)
    with market.refused(BadDay):
        shops.receive(market.shop, {"rice": 1}, donor="a", best_before={"rice": "2026-12-31"}, **TWO)


# --- a property ---

PLACES = st.sampled_from(["shop", "east"])
PIECES = st.integers(0, 8)
EVENTS = st.one_of(
    st.tuples(st.just("receive"), PLACES, st.integers(1, 8)),
    st.tuples(st.just("move"), PLACES, st.integers(1, 8)),
    st.tuples(st.just("write_off"), PLACES, st.integers(1, 8)),
    st.tuples(st.just("count"), PLACES, PIECES),
    st.tuples(st.just("redeem"), PLACES, st.integers(1, 2)),
    st.tuples(st.just("reserve"), PLACES, st.integers(1, 2)),
    st.tuples(st.just("reverse"), PLACES, st.integers(0, 30)),
)


@fewer(4)
@given(st.lists(EVENTS, max_size=14))
def test_stock_is_what_came_in_less_what_went_out_and_what_was_counted(events: list[tuple[str, str, int]]) -> None:
    market = Market()
    wanted = {"shop": 4, "east": 0}
    undo: list[tuple[int, dict[str, int]]] = []
    for name, place, pieces in events:
        other = "east" if place == "shop" else "shop"
        try:
            if name == "reverse":
                if not undo:
                    continue
                seq, change = undo[pieces % len(undo)]
                market.reverse(seq)
                change = {where: -amount for where, amount in change.items()}
            else:
                seq, change = happen(market, name, place, other, pieces, wanted[place])
                if name != "reserve":
                    undo.append((seq, change))
        except Refused:
            continue
        for where, amount in change.items():
            wanted[where] += amount
    stock = {"shop": market.bank.shops.stock(market.shop)["rice"], "east": market.bank.shops.stock("east")["rice"]}
    assert stock == wanted
    assert all(amount >= 0 for amount in wanted.values())


def happen(
    market: Market, name: str, place: str, other: str, pieces: int, before: int
) -> tuple[int, dict[str, int]]:
    """Do it to the rice; answers the entry, and by how much it changes the stock of each shop."""
    shops = market.bank.shops
    ids = {"shop": "yungu-shop", "east": "east"}
    here, rice = ids[place], {"rice": pieces}
    if name == "receive":
        return shops.receive(here, rice, donor="a", **TWO).seq, {place: pieces}
    if name == "move":
        return shops.move(here, ids[other], rice, **TWO).seq, {place: -pieces, other: pieces}
    if name == "write_off":
        return shops.write_off(here, rice, reason="spoiled", **TWO).seq, {place: -pieces}
    if name == "count":
        return shops.count(here, rice, **TWO).seq, {place: pieces - before}
    if name == "redeem":
        return shops.redeem(here, card="0001", goods=rice, by="clerk-1").seq, {place: -pieces}
    return market.reserve(shop=here, rice=pieces).seq, {place: -pieces}
