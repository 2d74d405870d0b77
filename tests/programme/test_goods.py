"""Goods and their prices: what a good may be called, and which price is in force where."""

from __future__ import annotations

from datetime import date

import pytest

from tests.programme.market import DAY, TODAY, Market
from timebank.errors import AlreadyExists, BadAmount, BadCode, NoPrice, NotInOrder, UnknownGood
from timebank.programme.goods import (
    MOST_PRICE,
    Basket,
    Good,
    Price,
    Unit,
    check_good,
    check_price,
    good_of,
    price_on,
)

LONGEST = "a" + "b" * 21 + "9"


@pytest.fixture
def market() -> Market:
    return Market()


@pytest.mark.parametrize("good", ["r", "rice-5kg", "min-2", LONGEST])
def test_a_good_is_named_as_its_unit_can_be(good: str) -> None:
    assert check_good(good) == good


@pytest.mark.parametrize("good", [f"{LONGEST}9", "5kg", "-rice", "rice-"])
def test_no_other_name_is_a_goods(good: str) -> None:
    pattern = "[a-z0-9][a-z0-9-]{0,31}" if good[0] == "-" else "[a-z]([a-z0-9-]{0,21}[a-z0-9])?"
    with pytest.raises(BadCode) as caught:
        check_good(good)
    assert caught.value.facts() == {"field": "good", "value": good, "pattern": pattern}


@pytest.mark.parametrize("unit", ["pts", "min"])
def test_points_and_minutes_are_no_goods(unit: str) -> None:
    with pytest.raises(BadCode) as caught:
        check_good(unit)
    assert caught.value.facts() == {"field": "good", "value": unit, "pattern": "neither pts nor min"}


def test_a_price_is_from_one_point_to_a_million() -> None:
    assert [check_price(points) for points in (1, MOST_PRICE)] == [1, 1_000_000]
    for points in (0, 1_000_001):
        with pytest.raises(BadAmount) as caught:
            check_price(points)
        assert caught.value.facts() == {"field": "points", "value": str(points), "least": 1, "most": 1_000_000}


def test_a_good_is_kept_with_its_unit_and_the_units_names(market: Market) -> None:
    posted = market.bank.goods.add("rice-5kg", name="大米", name_en="Rice, 5 kg", by="admin-1")
    entry = posted.entry
    assert (entry.kind, entry.day, entry.by, entry.moves) == ("goods", TODAY, "admin-1", ())
    assert dict(entry.body) == {"good": "rice-5kg", "unit": "RICE-5KG", "zh": "大米", "en": "Rice, 5 kg"}
    assert Good("rice-5kg", "RICE-5KG", posted.seq) in market.bank.goods.all()
    assert Unit("RICE-5KG", "大米", "Rice, 5 kg", posted.seq) in market.bank.goods.units()
    assert [good.id for good in market.bank.goods.all()] == ["noodles", "rice", "rice-5kg", "soap"]
    units = [unit.code for unit in market.bank.goods.units()]
    assert units == ["MIN", "NOODLES", "PTS", "RICE", "RICE-5KG", "SOAP"]


def test_a_good_is_added_once(market: Market) -> None:
    with market.refused(AlreadyExists, what="good", name="rice"):
        market.bank.goods.add("rice", name="米", name_en="other rice", by="admin")


def test_each_shop_has_its_own_price_from_its_day_on(market: Market) -> None:
    posted = market.bank.shops.set_price(market.east, "rice", points=8, from_day=TODAY, by="admin")
    with market.bank.journal.reading() as books:
        found = price_on(books, "east", "rice", TODAY)
        assert found == Price("east", "rice", "2026-03-01", posted.seq, 8)
        assert [
            price_on(books, "yungu-shop", "rice", TODAY).points,
            price_on(books, "east", "soap", TODAY).points,
        ] == [
            10,
            3,
        ]
        assert price_on(books, "east", "rice", TODAY - DAY).points == 10


def test_before_its_first_day_a_good_has_no_price(market: Market) -> None:
    eve = market.RULES_FROM - DAY
    with market.refused(NoPrice, shop="yungu-shop", good="rice", day=eve.isoformat()):
        market.redeem(rice=1, day=eve)


def test_a_good_that_nobody_added_is_told_by_its_name(market: Market) -> None:
    with market.bank.journal.reading() as books, pytest.raises(UnknownGood) as caught:
        good_of(books, "caviar")
    assert caught.value.facts() == {"name": "caviar"}


@pytest.mark.parametrize("latest", [date(2026, 5, 1), date.max])
def test_a_price_comes_after_every_price_of_the_same_good_in_the_same_shop(market: Market, latest: date) -> None:
    """Also after one that is still to come, to the end of days; what others ask for theirs is no matter."""
    market.price(rice=4, from_day=latest)
    facts = {"what": "price", "from_day": "2026-04-30", "latest_from_day": latest.isoformat()}
    with market.refused(NotInOrder, **facts):
        market.price(rice=5, from_day=date(2026, 4, 30))
    with market.refused(NotInOrder, **facts | {"from_day": latest.isoformat()}):
        market.price(rice=5, from_day=latest)
    market.price(soap=4, from_day=TODAY)
    market.bank.shops.set_price(market.east, "rice", points=9, from_day=TODAY, by="admin")


def test_a_basket_costs_each_good_at_its_price() -> None:
    basket = Basket((("rice", 2, 10), ("soap", 3, 4)))
    assert (basket.points, basket.pieces) == (32, (("rice", 2), ("soap", 3)))
