"""The counter: who pays, merchants, and goods that come back."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import fewer
from tests.programme.market import DAY, SHELF, TAKINGS, TODAY, Market, moves_of
from tests.programme.yard import Yard, rulebook
from timebank.errors import (
    AlreadyResolved,
    AlreadyReturned,
    ApprovalMissing,
    BadAmount,
    CardBlocked,
    DayInFuture,
    NoGoods,
    NotEnoughPoints,
    NotEnoughTakings,
    NotReversible,
    PeriodClosed,
    Refused,
    ReturnTooMuch,
    RoleNotAllowed,
    SelfApproval,
    UnknownRedemption,
)
from timebank.programme.counter import check_not_returned
from timebank.programme.handed import RETURNED, Returned


@pytest.fixture
def market() -> Market:
    return Market()


# --- who pays ---


def test_a_person_pays_with_one_transfer_and_the_entry_is_as_ever(market: Market) -> None:
    posted = market.redeem(rice=1, soap=2)
    assert dict(posted.entry.body) == {
        "shop": "yungu-shop", "card": "0001", "goods": (("rice", 1, 10), ("soap", 2, 3))
    }  # fmt: skip
    assert moves_of(posted) == [
        (f"L:M:{market.wang.id}", TAKINGS, "PTS", 16),
        ("X:GIVEN:YUNGU-SHOP", SHELF, "RICE", 1),
        ("X:GIVEN:YUNGU-SHOP", SHELF, "SOAP", 2),
    ]


def test_a_household_pays_before_its_members_and_they_in_their_order(market: Market) -> None:
    market.give(market.household, 10)
    posted = market.redeem(card="H1", rice=3, soap=1)
    assert moves_of(posted)[:3] == [
        (f"L:M:{market.household.id}", TAKINGS, "PTS", 10),
        (f"L:M:{market.li.id}", TAKINGS, "PTS", 20),
        (f"L:M:{market.zhao.id}", TAKINGS, "PTS", 3),
    ]
    assert posted.entry.body["paid"] == (
        (market.household.id, 10),
        (market.li.id, 20),
        (market.zhao.id, 3),
    )


def test_a_household_that_has_enough_pays_alone(market: Market) -> None:
    market.give(market.household, 10)
    posted = market.redeem(card="H1", rice=1)
    assert "paid" not in posted.entry.body
    assert len(moves_of(posted)) == 2


def test_a_household_without_points_names_who_paid_instead(market: Market) -> None:
    posted = market.redeem(card="H1", rice=1)
    assert posted.entry.body["paid"] == ((market.li.id, 10),)
    assert [market.points_of(each) for each in (market.li, market.zhao)] == [10, 10]


def test_a_household_spends_exactly_what_all_have_and_not_one_more(market: Market) -> None:
    market.receive(rice=9)
    with market.refused(NotEnoughPoints, member=market.household.id, available_points=30, needed_points=33):
        market.redeem(card="H1", rice=3, soap=1)
    market.redeem(card="H1", rice=3)
    assert [market.points_of(each) for each in (market.household, market.li, market.zhao)] == [0, 0, 0]


def test_a_members_own_card_spends_the_members_points_only(market: Market) -> None:
    market.give(market.household, 100)
    with market.refused(NotEnoughPoints, available_points=10, needed_points=20):
        market.redeem(card="0003", rice=2)


def test_the_members_of_the_redemptions_day_pay(market: Market) -> None:
    market.bank.members.set_household(market.household, [market.zhao], from_day=TODAY, by="admin")
    assert market.redeem(card="H1", rice=1).entry.body["paid"] == ((market.zhao.id, 10),)
    late = market.redeem(card="H1", rice=1, day=TODAY - DAY)
    assert late.entry.body["paid"] == ((market.li.id, 10),)


def test_a_blocked_card_of_a_household_buys_nothing(market: Market) -> None:
    market.bank.cards.block("H1", by="clerk-1")
    with market.refused(CardBlocked):
        market.redeem(card="H1", rice=1)


# --- a merchant ---


def test_a_merchant_gives_its_own_goods_and_is_owed_points(market: Market) -> None:
    posted = market.bank.shops.redeem(market.noodles, card="0001", goods={"noodles": 3}, by="clerk-1")
    assert moves_of(posted) == [
        (f"L:M:{market.wang.id}", "L:S:NOODLE-BAR", "PTS", 15),
        ("X:GIVEN:NOODLE-BAR", "I:OFFERED:NOODLE-BAR", "NOODLES", 3),
    ]
    assert market.bank.shops.takings(market.noodles) == 15
    assert market.bank.shops.stock(market.noodles)["noodles"] == 0


def test_what_a_merchant_takes_back_is_its_own_again(market: Market) -> None:
    sale = market.bank.shops.redeem(market.noodles, card="0001", goods={"noodles": 3}, by="clerk-1")
    back = market.give_back(sale.seq, noodles=1)
    assert moves_of(back) == [
        ("L:S:NOODLE-BAR", f"L:M:{market.wang.id}", "PTS", 5),
        ("I:OFFERED:NOODLE-BAR", "X:GIVEN:NOODLE-BAR", "NOODLES", 1),
    ]


# --- points that have lapsed ---


def test_what_has_lapsed_cannot_be_spent() -> None:
    yard = Yard(rulebook("months", months=1))
    yard.bank.services.record(
        yard.li, "help", occasions=3, day=date(2024, 1, 5), by="clerk-1", approved_by="super-1"
    )
    yard.bank.services.record(
        yard.li, "help", occasions=2, day=date(2024, 2, 5), by="clerk-1", approved_by="super-1"
    )
    size = yard.bank.report().entries
    with pytest.raises(NotEnoughPoints) as caught:
        yard.bank.shops.redeem(yard.shop, card="0001", goods={"soap": 3}, by="clerk-1")
    assert (caught.value.available_points, caught.value.needed_points) == (2, 3)
    assert yard.bank.report().entries == size, "a refused redemption takes nothing off"
    sale = yard.bank.shops.redeem(yard.shop, card="0001", goods={"soap": 2}, by="clerk-1")
    kinds = [yard.bank.journal.entry(seq).kind for seq in range(size, sale.seq + 1)]
    assert kinds == ["expiry", "redemption"]
    assert yard.bank.members.balance(yard.li).points == 0


# --- goods that come back ---


def test_goods_that_come_back_are_on_the_shelf_and_their_points_with_the_member(market: Market) -> None:
    before = market.balances()
    sale = market.redeem(rice=2, soap=4)
    back = market.give_back(sale.seq, rice=1, soap=4)
    assert (back.entry.kind, back.entry.ref, back.entry.ok) == ("return", sale.seq, "supervisor-1")
    assert dict(back.entry.body) == {"shop": "yungu-shop", "goods": (("rice", 1, 10), ("soap", 4, 3))}
    assert moves_of(back) == [
        (TAKINGS, f"L:M:{market.wang.id}", "PTS", 22),
        (SHELF, "X:GIVEN:YUNGU-SHOP", "RICE", 1),
        (SHELF, "X:GIVEN:YUNGU-SHOP", "SOAP", 4),
    ]
    market.give_back(sale.seq, rice=1)
    assert market.balances() == before
    assert market.bank.shops.returned(sale.seq) == {"rice": 2, "soap": 4}


def test_how_much_came_back_is_kept_with_the_last_return_that_said_so(market: Market) -> None:
    sale = market.redeem(rice=1, soap=4)
    first, last = market.give_back(sale.seq, rice=1, soap=1), market.give_back(sale.seq, soap=2)
    with market.bank.journal.reading() as books:
        assert list(books.rows(RETURNED)) == [
            Returned(sale.seq, "rice", 1, first.seq),
            Returned(sale.seq, "soap", 3, last.seq),
        ]


def test_goods_come_back_for_what_they_cost_then(market: Market) -> None:
    sale = market.redeem(soap=2)
    market.price(soap=7, from_day=TODAY)
    market.give_back(sale.seq, soap=1)
    assert market.points == 50 - 3


def test_exactly_what_was_handed_out_comes_back_and_not_one_piece_more(market: Market) -> None:
    sale = market.redeem(soap=3)
    with market.refused(ReturnTooMuch, seq=sale.seq, good="soap", left=3, wanted=4):
        market.give_back(sale.seq, soap=4)
    market.give_back(sale.seq, soap=2)
    with market.refused(ReturnTooMuch, left=1, wanted=2):
        market.give_back(sale.seq, soap=2)
    with market.refused(ReturnTooMuch, good="rice", left=0, wanted=1):
        market.give_back(sale.seq, rice=1)
    market.give_back(sale.seq, soap=1)
    with market.refused(ReturnTooMuch, left=0):
        market.give_back(sale.seq, soap=1)


def test_the_last_payer_is_given_back_first(market: Market) -> None:
    sale = market.redeem(card="H1", rice=2, soap=3)
    assert [market.points_of(each) for each in (market.li, market.zhao)] == [0, 1]
    one = market.give_back(sale.seq, soap=2)
    assert moves_of(one)[:1] == [(TAKINGS, f"L:M:{market.zhao.id}", "PTS", 6)]
    two = market.give_back(sale.seq, rice=1)
    assert moves_of(two)[:2] == [
        (TAKINGS, f"L:M:{market.zhao.id}", "PTS", 3),
        (TAKINGS, f"L:M:{market.li.id}", "PTS", 7),
    ]
    market.give_back(sale.seq, rice=1, soap=1)
    assert [market.points_of(each) for each in (market.li, market.zhao)] == [20, 10]


def test_a_shop_that_was_paid_gives_no_points_back(market: Market) -> None:
    sale = market.redeem(rice=2)
    market.at(TODAY + DAY)
    paid = market.settle(TODAY)
    later = market.redeem(soap=3)
    with market.refused(NotEnoughTakings, shop="yungu-shop", available_points=9, needed_points=10):
        market.give_back(sale.seq, rice=1)
    market.redeem(soap=1)
    market.give_back(sale.seq, rice=1)
    market.reverse(paid.seq)
    market.give_back(later.seq, soap=3)


def test_a_redemption_that_was_taken_back_whole_has_nothing_left_to_return(market: Market) -> None:
    sale = market.redeem(soap=3)
    taken_back = market.reverse(sale.seq)
    with market.refused(AlreadyResolved, seq=sale.seq, resolved_by_seq=taken_back.seq):
        market.give_back(sale.seq, soap=1)


def test_a_redemption_of_which_goods_came_back_is_known_as_such(market: Market) -> None:
    sale, other = market.redeem(soap=3), market.redeem(soap=1)
    back = market.give_back(sale.seq, soap=1)
    with market.bank.journal.reading() as books:
        check_not_returned(books, other.seq)
        with pytest.raises(AlreadyReturned) as caught:
            check_not_returned(books, sale.seq)
        assert caught.value.facts() == {"seq": sale.seq}
        with pytest.raises(NotReversible) as refused:
            check_not_returned(books, back.seq)
        assert refused.value.facts() == {"seq": back.seq, "kind": "return"}
    with market.refused(AlreadyReturned, seq=sale.seq):
        market.reverse(sale.seq)
    with market.refused(NotReversible, seq=back.seq):
        market.reverse(back.seq)
    market.reverse(other.seq)


def test_only_a_redemption_has_goods_that_can_come_back(market: Market) -> None:
    held = market.reserve(soap=1)
    place: Any
    for place in (0, market.honour, held.seq, market.bank.report().entries, 10**50, -1, True, "7", "9" * 41):
        told = {"name": str(place)[:40]}
        with market.refused(UnknownRedemption, **told):
            market.give_back(place, soap=1)
        with market.refused(UnknownRedemption, **told):
            market.bank.shops.returned(place)


def test_a_return_names_goods_and_pieces(market: Market) -> None:
    sale = market.redeem(soap=1)
    with market.refused(NoGoods, shop=str(sale.seq)):
        market.give_back(sale.seq)
    with market.refused(BadAmount):
        market.give_back(sale.seq, soap=0)


def test_a_return_needs_a_second_person(market: Market) -> None:
    sale, shops = market.redeem(soap=1), market.bank.shops
    with market.refused(SelfApproval):
        shops.return_goods(sale.seq, {"soap": 1}, by="admin", approved_by="admin")
    missing: Any = None
    with market.refused(ApprovalMissing):
        shops.return_goods(sale.seq, {"soap": 1}, by="clerk-1", approved_by=missing)
    with market.refused(RoleNotAllowed):
        shops.return_goods(sale.seq, {"soap": 1}, by="clerk-1", approved_by="registrar-1")
    with market.refused(RoleNotAllowed):
        shops.return_goods(sale.seq, {"soap": 1}, by="auditor-1", approved_by="admin")


def test_a_return_belongs_to_an_open_day_that_has_come(market: Market) -> None:
    sale = market.redeem(soap=2, day=date(2026, 2, 20))
    with market.refused(DayInFuture):
        market.give_back(sale.seq, soap=1, day=TODAY + DAY)
    market.bank.periods.close("2026-02", by="supervisor-1")
    with market.refused(PeriodClosed):
        market.give_back(sale.seq, soap=1, day=date(2026, 2, 28))
    assert market.give_back(sale.seq, soap=1).entry.day == TODAY


def test_the_same_return_with_the_same_key_is_one_entry(market: Market) -> None:
    sale = market.redeem(soap=2)
    first = market.give_back(sale.seq, soap=1, key="k")
    assert market.give_back(sale.seq, soap=1, key="k").repeated
    assert market.bank.shops.returned(sale.seq) == {"soap": 1}
    assert market.bank.report().entries == first.seq + 1


# --- a property ---


@fewer(2)
@given(
    st.integers(0, 3).map(lambda tens: 10 * tens),
    st.integers(1, 4),
    st.integers(0, 9),
    st.lists(st.tuples(st.sampled_from(["rice", "soap"]), st.integers(1, 4)), max_size=8),
)
def test_never_more_comes_back_than_went_out_and_each_payer_gets_at_most_what_they_paid(
    own: int, rice: int, soap: int, returns: list[tuple[str, int]]
) -> None:
    market = Market()
    if own:
        market.give(market.household, own)
    payers = (market.household, market.li, market.zhao)
    before = {each.id: market.points_of(each) for each in payers}
    basket = {good: pieces for good, pieces in (("rice", rice), ("soap", soap)) if pieces}
    try:
        sale = market.redeem(card="H1", **basket)
    except Refused:
        assert 10 * rice + 3 * soap > own + 30
        return
    paid = {each.id: before[each.id] - market.points_of(each) for each in payers}
    left = dict(basket)
    for good, pieces in returns:
        if pieces > left.get(good, 0):
            with market.refused(ReturnTooMuch, left=left.get(good, 0), wanted=pieces):
                market.give_back(sale.seq, **{good: pieces})
            continue
        market.give_back(sale.seq, **{good: pieces})
        left[good] -= pieces
        kept = {each.id: before[each.id] - market.points_of(each) for each in payers}
        assert all(0 <= kept[each] <= paid[each] for each in kept)
        assert sum(kept.values()) == 10 * left["rice"] + 3 * left.get("soap", 0) == market.of(TAKINGS)
        # Whoever pays later gets back before anybody who paid earlier does.
        for early, late in ((0, 1), (1, 2)):
            one, two = payers[early].id, payers[late].id
            assert kept[one] == paid[one] or kept[two] == 0
    assert market.bank.shops.stock(market.shop)["rice"] == 4 - left["rice"]
