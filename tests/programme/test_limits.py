"""Limits on goods: the last piece that is allowed, the first that is refused, and what counts."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import fewer
from tests.programme.market import DAY, TODAY, TWO, Market
from tests.programme.test_awards import record, square
from tests.programme.test_damage import Street, check_named
from timebank.errors import (
    BadAmount,
    BadCode,
    EarnedTooLittle,
    LimitPassed,
    NotEnoughPoints,
    Refused,
    RoleNotAllowed,
    UnknownGood,
    UnknownShop,
)
from timebank.ledger.resolution import hold
from timebank.ledger.statements import newest_first
from timebank.ledger.transfers import Transfer
from timebank.programme import handed
from timebank.programme.handed import earned, handed_out
from timebank.programme.limits import Limit, span

FIRST = Market.RULES_FROM


@pytest.fixture
def market() -> Market:
    return Market()


def limit(market: Market, good: str = "soap", **terms: Any) -> Any:
    return market.bank.shops.limit(good, **({"from_day": FIRST, "by": "supervisor-1"} | terms))


def redeem(market: Market, pieces: int = 1, *, card: str = "0001", shop: Any = None, day: Any = None) -> Any:
    place = shop or market.shop
    return market.bank.shops.redeem(place, card=card, goods={"soap": pieces}, day=day, by="clerk-1")


def stocked(market: Market) -> Market:
    """Everybody has a lot of points, and both shops have a lot of soap."""
    for member in (market.wang, market.li, market.zhao):
        market.give(member, 900)
    for shop in (market.shop, market.east):
        market.bank.shops.receive(shop, {"soap": 900}, donor="a", day=FIRST, **TWO)
    return market


# --- how many in a period ---


def test_the_last_piece_of_a_limit_is_handed_out_and_the_next_is_not(market: Market) -> None:
    limit(market, most=3)
    redeem(market, 1)
    with market.refused(LimitPassed, good="soap", per="member", period="2026-03", most=3, used=1, wanted=3):
        redeem(market, 3)
    redeem(market, 2)
    with market.refused(LimitPassed, used=3, wanted=1):
        redeem(market)
    redeem(market, card="0002")
    market.redeem(rice=1)
    with market.refused(LimitPassed, good="soap", used=3, wanted=1):
        market.redeem(rice=1, soap=1)


@pytest.mark.parametrize(
    ("period", "last", "told"),
    [
        ("day", date(2026, 2, 28), "2026-02-28"),
        ("month", date(2026, 2, 28), "2026-02"),
        ("year", date(2026, 12, 31), "2026"),
    ],
)
def test_a_period_ends_with_its_last_day(market: Market, period: Any, last: date, told: str) -> None:
    stocked(market)
    limit(market, most=2, period=period)
    market.at(last + 2 * DAY)
    first = span(period, last)[0]
    redeem(market, day=first)
    redeem(market, day=last)
    for day in {first, last}:
        with market.refused(LimitPassed, period=told, used=2):
            redeem(market, day=day)
    redeem(market, 2, day=last + DAY)


def test_what_is_recorded_late_counts_on_its_own_day(market: Market) -> None:
    stocked(market)
    limit(market, most=2, period="month")
    redeem(market, 2, day=date(2026, 2, 20))
    redeem(market, 2)
    with market.refused(LimitPassed, period="2026-02"):
        redeem(market, day=date(2026, 2, 1))


def test_what_came_back_or_was_taken_back_no_longer_counts(market: Market) -> None:
    limit(market, most=3)
    sale = redeem(market, 3)
    market.give_back(sale.seq, soap=2)
    with market.refused(LimitPassed, used=1, wanted=3):
        redeem(market, 3)
    taken_back = redeem(market, 2)
    market.reverse(taken_back.seq)
    redeem(market, 2)


def test_what_is_reserved_counts_until_it_is_released(market: Market) -> None:
    limit(market, most=3)
    held = market.reserve(soap=2, until=TODAY + DAY)
    with market.refused(LimitPassed, used=2, wanted=2):
        redeem(market, 2)
    with market.refused(LimitPassed, used=2, wanted=2):
        market.reserve(soap=2, until=TODAY)
    market.bank.reservations.release(held.seq, by="clerk-1")
    redeem(market, 3)


def test_points_held_for_something_else_than_goods_do_not_count(market: Market) -> None:
    limit(market, most=3)
    account = f"L:M:{market.wang.id}"
    with market.bank.journal.writing() as write:
        write.append(hold([Transfer(account, f"L:H:{market.wang.id}", "PTS", 1)], day=TODAY, by="clerk-1"))
    redeem(market, 3)
    with market.refused(LimitPassed, used=3, wanted=1):
        redeem(market)


def test_what_was_collected_counts_on_the_day_on_which_it_was_reserved(market: Market) -> None:
    limit(market, most=3)
    held = market.reserve(soap=2, until=date(2026, 4, 2))
    market.at(date(2026, 4, 1))
    market.bank.reservations.collect(held.seq, by="clerk-1")
    redeem(market, 3)
    with market.refused(LimitPassed, period="2026-03", used=2):
        redeem(market, 2, day=date(2026, 3, 31))


def test_a_reservation_that_ends_first_does_not_count(market: Market) -> None:
    """One that nobody released yet, elsewhere in the household, still does."""
    stocked(market)
    limit(market, most=3, per="household")
    market.reserve(card="0002", soap=1, shop=market.east, until=TODAY)
    market.reserve(card="0002", soap=2, until=TODAY)
    market.at(TODAY + DAY)
    with market.refused(LimitPassed, used=1, wanted=3):
        redeem(market, 3, card="0003")
    redeem(market, 3, card="0002")


def test_what_was_recorded_before_the_period_began_is_not_looked_at(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look(*where: Any, since: int) -> Any:
        looked.append(since)
        return newest_first(*where, since=since)

    looked: list[int] = []
    monkeypatch.setattr(handed, "newest_first", look)
    redeem(market)
    assert looked == [], "nothing is limited"
    limit(market, most=3)
    size = market.bank.report().entries
    market.at(date(2026, 4, 1))
    redeem(market)
    assert looked == [size]


# --- for whom ---


def test_a_household_is_counted_together_and_others_are_not(market: Market) -> None:
    stocked(market)
    limit(market, most=4, per="household")
    redeem(market, card="0002")
    redeem(market, card="H1")
    redeem(market, card="0003")
    with market.refused(LimitPassed, per="household", used=3, wanted=2):
        redeem(market, 2, card="0003")
    redeem(market, card="H1")
    for card in ("0002", "0003", "H1"):
        with market.refused(LimitPassed, used=4):
            redeem(market, card=card)
    redeem(market, 4)


def test_a_limit_for_a_member_counts_the_card_that_was_shown(market: Market) -> None:
    """Li pays for what the household's card takes; it is the household's all the same."""
    limit(market, most=2)
    redeem(market, 2, card="H1")
    assert market.points_of(market.li) == 20 - 6
    with market.refused(LimitPassed, used=2):
        redeem(market, card="H1")
    redeem(market, 2, card="0002")


def test_who_has_left_the_household_paid_for_what_it_had(market: Market) -> None:
    limit(market, most=2)
    redeem(market, 2, card="H1")
    market.bank.members.set_household(market.household, [market.zhao], from_day=TODAY, by="admin")
    with market.refused(LimitPassed, used=2):
        redeem(market, card="H1")


def test_two_cards_of_a_member_are_one_member(market: Market) -> None:
    limit(market, most=2)
    redeem(market, 2)
    market.bank.cards.replace("0001", new="0009", by="admin")
    with market.refused(LimitPassed, used=2):
        redeem(market, card="0009")


# --- where and from when ---


def test_a_general_limit_counts_all_shops_and_a_shops_own_only_its_own(market: Market) -> None:
    stocked(market)
    limit(market, most=3)
    limit(market, most=2, shop=market.east)
    redeem(market, 2)
    redeem(market, 2, shop=market.east)
    with market.refused(LimitPassed, most=2, used=2):
        redeem(market, shop=market.east)
    with market.refused(LimitPassed, most=3, used=4):
        redeem(market)


def test_a_limit_holds_from_its_day_and_the_latest_one_holds(market: Market) -> None:
    stocked(market)
    limit(market, most=1, from_day=TODAY - DAY)
    limit(market, most=5, from_day=TODAY)
    limit(market, most=2, from_day=TODAY)
    redeem(market, 9, day=TODAY - 2 * DAY)
    with market.refused(LimitPassed, most=1):
        redeem(market, 2, day=TODAY - DAY)
    with market.refused(LimitPassed, most=2):
        redeem(market, 3)
    assert [row.most for row in market.bank.shops.limits(TODAY)] == [2]
    assert [row.most for row in market.bank.shops.limits(TODAY - DAY)] == [1]
    assert market.bank.shops.limits(TODAY - 2 * DAY) == ()
    assert len(market.bank.shops.limits()) == 3


def test_a_limit_is_lifted(market: Market) -> None:
    limit(market, most=1)
    posted = limit(market, from_day=TODAY)
    assert dict(posted.entry.body) == {"good": "soap", "lifted": True, "from": "2026-03-01"}
    redeem(market, 5)
    assert market.bank.shops.limits(TODAY) == ()


def test_a_shop_whose_limit_is_lifted_has_none_whatever_holds_elsewhere(market: Market) -> None:
    stocked(market)
    limit(market, most=1)
    limit(market, shop=market.east)
    redeem(market, 5, shop=market.east)
    with market.refused(LimitPassed):
        redeem(market)


# --- who has earned enough ---


def test_a_good_is_for_those_who_have_earned_enough_spent_or_not(market: Market) -> None:
    limit(market, least_earned=50)
    market.redeem(rice=4)
    redeem(market)
    with market.refused(EarnedTooLittle, good="soap", least_points=50, earned_points=20):
        redeem(market, card="0002")
    market.give(market.li, 30)
    redeem(market, card="0002")


def test_what_was_taken_back_is_not_earned(market: Market) -> None:
    more = market.give(market.wang, 10)
    limit(market, least_earned=60)
    redeem(market)
    market.reverse(more.seq)
    with market.refused(EarnedTooLittle, least_points=60, earned_points=50):
        redeem(market)


def test_a_household_has_earned_what_its_members_have(market: Market) -> None:
    limit(market, least_earned=31)
    with market.refused(EarnedTooLittle, earned_points=30):
        redeem(market, card="H1")
    limit(market, least_earned=30)
    redeem(market, card="H1")


def test_what_others_pay_for_a_service_is_earned_and_what_they_give_is_not() -> None:
    """Programme, recipient and pool pay for services; a gift and what a pool grants are no pay."""
    yard = square()
    yard.earn(9, member=yard.fang)
    yard.bank.gifts.give(yard.fang, pool="yard", points=4, by="clerk-1")
    yard.bank.gifts.give(yard.fang, to=yard.li, relation="parent", points=1, by="clerk-1")
    yard.bank.pools.grant("yard", yard.li, points=1, reason="illness", by="clerk-1", approved_by="super-1")

    def has_earned(member: str | None = None) -> int:
        with yard.bank.journal.reading() as books:
            return earned(books, member or yard.li)

    assert has_earned() == 0
    awards = (
        yard.earn(3),
        record(yard, "errand", occasions=1, recipient=yard.fang),
        record(yard, "meal", minutes=30),
    )
    assert has_earned() == 3 + 4 + 1
    assert has_earned(yard.fang) == 9, "who pays for a service has earned no less"
    yard.spend(5)
    assert has_earned() == 8
    for award, left in zip(awards, (5, 1, 0), strict=True):
        yard.reverse(award.seq, debt=True)
        assert has_earned() == left


def test_a_good_can_be_limited_both_ways(market: Market) -> None:
    posted = limit(market, most=1, per="household", period="year", least_earned=50, shop=market.shop)
    assert dict(posted.entry.body) == {
        "good": "soap", "shop": "yungu-shop", "per": "household", "in": "year", "most": 1, "least_earned": 50,
        "from": "2026-01-01",
    }  # fmt: skip
    lifted = limit(market, "rice", by="admin")
    assert market.bank.shops.limits() == (
        Limit("rice", "", "2026-01-01", lifted.seq, None, None, None, None),
        Limit("soap", "yungu-shop", "2026-01-01", posted.seq, "household", "year", 1, 50),
    )
    with market.refused(EarnedTooLittle):
        redeem(market, card="0002")
    redeem(market)
    with market.refused(LimitPassed):
        redeem(market)


def test_a_damaged_entry_is_named_by_what_counts_it() -> None:
    street = Street()
    wang = street.wang.id

    def count(books: Any) -> Any:
        return handed_out(books, (wang,), FIRST, TODAY, ended=(), since=0)

    for which in ("sale", "released"):
        check_named(street, which, lambda street: street.read(count))
    check_named(street, "gift", lambda street: street.read(lambda books: [earned(books, wang)]))


# --- the command ---


def test_a_limit_comes_before_points_and_stock(market: Market) -> None:
    limit(market, most=1)
    with market.refused(LimitPassed):
        redeem(market, 100)
    limit(market, from_day=FIRST)
    with market.refused(NotEnoughPoints):
        redeem(market, 100)


@pytest.mark.parametrize("most", [0, -1, 1_000_001, True, 1.5])
def test_a_limit_is_of_one_to_a_million(market: Market, most: Any) -> None:
    with market.refused(BadAmount, field="most"):
        limit(market, most=most)
    with market.refused(BadAmount, field="least_earned"):
        limit(market, least_earned=most)


def test_a_limit_names_what_there_is_and_is_set_by_a_supervisor(market: Market) -> None:
    with market.refused(UnknownGood):
        limit(market, "salt", most=1)
    with market.refused(UnknownShop):
        limit(market, most=1, shop="west")
    with market.refused(BadCode, field="per", value="street", pattern="member|household"):
        limit(market, most=1, per="street")
    with market.refused(BadCode, field="period", value="?" * 80, pattern="day|month|year"):
        limit(market, most=1, period="?" * 81)
    for role in ("clerk", "registrar", "auditor"):
        with market.refused(RoleNotAllowed):
            limit(market, most=1, by=f"{role}-1")
    first = limit(market, most=1, by="admin", key="k")
    assert limit(market, most=1, by="admin", key="k").repeated
    assert [row.seq for row in market.bank.shops.limits()] == [first.seq]


@given(st.dates(), st.sampled_from(["day", "month", "year"]))
def test_a_span_holds_its_day_and_borders_on_the_next_one(day: date, period: str) -> None:
    first, last = span(period, day)
    assert first <= day <= last
    length = {"day": 1, "month": monthrange(day.year, day.month)[1], "year": 366 if day.year % 4 == 0 else 365}
    if period != "year" or day.year % 100:
        assert (last - first).days + 1 == length[period]
    if last < date.max:
        assert span(period, last + timedelta(days=1))[0] == last + timedelta(days=1)


# --- a property, against a list of what was handed out ---

DAYS = st.dates(date(2026, 2, 26), TODAY)
EVENTS = st.one_of(
    st.tuples(st.just("redeem"), st.sampled_from(["0001", "0002", "H1"]), st.integers(1, 3), DAYS),
    st.tuples(st.just("return"), st.just(""), st.integers(0, 20), DAYS),
    st.tuples(st.just("reverse"), st.just(""), st.integers(0, 20), DAYS),
)
HOUSE = {"0001": "0001", "0002": "H1", "H1": "H1"}


@fewer(4)
@given(st.lists(EVENTS, max_size=16), st.sampled_from(["member", "household"]), st.sampled_from(["day", "month"]))
def test_nobody_ever_has_more_than_the_limit_and_nobody_is_refused_what_is_left(
    events: list[tuple[str, str, int, date]], per: str, period: str
) -> None:
    market = stocked(Market())
    limit(market, most=3, per=per, period=period)
    had: list[list[Any]] = []  # place, who, period, pieces left with them

    def who(card: str) -> str:
        return card if per == "member" else HOUSE[card]

    for name, card, number, day in events:
        if name == "redeem":
            used = sum(line[3] for line in had if line[1:3] == [who(card), span(period, day)])
            if used + number > 3:
                with market.refused(LimitPassed, used=used, wanted=number):
                    redeem(market, number, card=card, day=day)
            else:
                sale = redeem(market, number, card=card, day=day)
                had.append([sale.seq, who(card), span(period, day), number])
        elif had:
            line = had[number % len(had)]
            try:
                if name == "return":
                    market.give_back(line[0], soap=1)
                    line[3] -= 1
                else:
                    market.reverse(line[0])
                    line[3] = 0
            except Refused:
                continue
