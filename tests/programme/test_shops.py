"""Shops: supermarkets and merchants, their kinds, hours and places."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.programme.market import DAY, TODAY, TWO, Market
from timebank.errors import (
    AlreadyExists,
    BadCode,
    BadText,
    KeyConflict,
    NotForMerchant,
    NotInOrder,
    RoleNotAllowed,
    UnknownOrganisation,
    UnknownShop,
)
from timebank.programme.placements import organisation_on


@pytest.fixture
def market() -> Market:
    return Market()


def test_a_shop_is_a_supermarket_unless_it_says_otherwise(market: Market) -> None:
    shops = market.bank.shops
    assert [(shops.detail(shop).kind, shops.detail(shop).hours) for shop in shops.all()] == [
        ("supermarket", None),
        ("merchant", None),
        ("supermarket", None),
    ]
    west = shops.open("west", org="yungu", name="西区", hours="周六 8:00-11:00", by="admin")
    assert shops.detail(west).hours == "周六 8:00-11:00"
    assert shops.detail("west").seq == west.seq


def test_the_entry_of_a_shop_says_only_what_is_special(market: Market) -> None:
    bank = market.bank
    plain = bank.journal.entry(market.shop.seq).body
    assert dict(plain) == {"shop": "yungu-shop", "org": "yungu", "name": "云谷超市"}
    merchant = bank.shops.open("m", org="yungu", name="M", kind="merchant", hours="daily", by="admin")
    assert dict(bank.journal.entry(merchant.seq).body) == {
        "shop": "m", "org": "yungu", "name": "M", "type": "merchant", "hours": "daily"
    }  # fmt: skip


@pytest.mark.parametrize(("hours", "right"), [("x" * 80, True), ("x" * 81, False), ("", False), ("a\nb", False)])
def test_hours_are_up_to_80_public_characters(market: Market, hours: str, right: bool) -> None:
    def open_it() -> Any:
        return market.bank.shops.open("west", org="yungu", name="W", hours=hours, by="admin")

    if right:
        assert market.bank.shops.detail(open_it()).hours == hours
        return
    with market.refused(BadText):
        open_it()


def test_a_shop_is_of_a_known_kind_new_and_opened_by_an_administrator(market: Market) -> None:
    named: dict[str, Any] = {"org": "yungu", "name": "W", "by": "admin"}
    with market.refused(BadCode, field="kind"):
        market.bank.shops.open("west", kind="kiosk", **named)
    with market.refused(AlreadyExists):
        market.bank.shops.open("east", kind="merchant", **named)
    with market.refused(RoleNotAllowed):
        market.bank.shops.open("west", kind="merchant", **(named | {"by": "supervisor-1"}))
    with market.refused(UnknownShop):
        market.bank.shops.detail("west")


def test_the_same_key_opens_one_shop_and_another_kind_is_another_command(market: Market) -> None:
    named: dict[str, Any] = {"org": "yungu", "name": "W", "by": "admin", "key": "k"}
    first = market.bank.shops.open("west", kind="merchant", **named)
    assert market.bank.shops.open("west", kind="merchant", **named) == first
    with market.refused(KeyConflict):
        market.bank.shops.open("west", **named)


def test_a_merchant_keeps_its_stock_to_itself(market: Market) -> None:
    shops, noodles = market.bank.shops, market.noodles
    for command in (
        lambda: shops.receive(noodles, {"noodles": 1}, donor="a", **TWO),
        lambda: shops.move(noodles, market.east, {"noodles": 1}, **TWO),
        lambda: shops.move(market.shop, noodles, {"rice": 1}, **TWO),
        lambda: shops.count(noodles, {"noodles": 0}, **TWO),
        lambda: shops.write_off(noodles, {"noodles": 1}, reason="spoiled", **TWO),
    ):
        with market.refused(NotForMerchant, shop="noodle-bar"):
            command()


def test_a_shop_moves_to_another_organisation_from_a_day_on(market: Market) -> None:
    bank = market.bank
    bank.organisations.add("grid-7", name="七网格", level="grid", parent="yungu", by="admin")
    day = date(2026, 2, 10)
    bank.shops.move_to(market.shop, to="grid-7", from_day=day, by="admin")
    with bank.journal.reading() as books:
        assert [organisation_on(books, "shop", "yungu-shop", each) for each in (day - DAY, day, TODAY)] == [
            "yungu", "grid-7", "grid-7"
        ]  # fmt: skip
    with market.refused(NotInOrder):
        bank.shops.move_to(market.shop, to="yungu", from_day=day, by="admin")
    with market.refused(UnknownOrganisation):
        bank.shops.move_to(market.shop, to="nowhere", from_day=TODAY, by="admin")
    with market.refused(UnknownShop):
        bank.shops.move_to("nowhere", to="grid-7", from_day=TODAY, by="admin")
