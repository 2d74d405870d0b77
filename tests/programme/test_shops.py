"""Shops: supermarkets and merchants, their kinds, hours and places."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from tests.programme.market import DAY, SHELF, TAKINGS, TODAY, TWO, Market
from timebank.errors import (
    AlreadyExists,
    BadCode,
    BadText,
    KeyConflict,
    NotForMerchant,
    NotInOrder,
    RoleNotAllowed,
    UnknownGood,
    UnknownOrganisation,
    UnknownShop,
)
from timebank.programme.placements import organisation_on
from timebank.programme.shops import Shop, ShopDetail


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
        market.bank.shops.open("west", **(named | {"kind": "kiosk"}))
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
    shops, noodles, two = market.bank.shops, market.noodles, dict[str, Any](TWO)
    commands: tuple[Callable[[], Any], ...] = (
        lambda: shops.receive(noodles, {"noodles": 1}, donor="a", **two),
        lambda: shops.move(noodles, market.east, {"noodles": 1}, **two),
        lambda: shops.move(market.shop, noodles, {"rice": 1}, **two),
        lambda: shops.count(noodles, {"noodles": 0}, **two),
        lambda: shops.write_off(noodles, {"noodles": 1}, reason="spoiled", **two),
    )
    for command in commands:
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


def test_a_shop_is_kept_with_the_entry_that_opened_it(market: Market) -> None:
    bank = market.bank
    west = bank.shops.open("west", org="yungu", name="西区", kind="merchant", hours="daily", by="admin-1")
    entry = bank.journal.entry(west.seq)
    assert (entry.kind, entry.day, entry.by, entry.moves) == ("shop", TODAY, "admin-1", ())
    assert west == bank.shops.get("west") == Shop("west", "yungu", "西区", entry.seq)
    assert bank.shops.all() == (market.east, market.noodles, west, market.shop)
    assert bank.shops.detail(west) == ShopDetail("west", "merchant", "daily", entry.seq)


def test_a_refusal_names_the_shop_or_what_it_lacks(market: Market) -> None:
    shops = market.bank.shops
    named: dict[str, Any] = {"name": "W", "by": "admin"}
    with market.refused(UnknownShop, name="west"):
        shops.get("west")
    with market.refused(UnknownShop, name="west"):
        shops.detail("west")
    with market.refused(AlreadyExists, what="shop", name="east"):
        shops.open("east", org="yungu", **named)
    with market.refused(UnknownOrganisation, name="lake"):
        shops.open("west", org="lake", **named)
    with market.refused(RoleNotAllowed, operator="clerk-1", role="clerk", act="organise"):
        shops.open("west", org="yungu", name="W", by="clerk-1")
    with market.refused(RoleNotAllowed, operator="clerk-1", role="clerk", act="set-price"):
        shops.set_price("east", "rice", points=1, from_day=TODAY, by="clerk-1")
    with market.refused(UnknownGood, name="salt"):
        shops.set_price("east", "salt", points=1, from_day=TODAY, by="admin")
    with market.refused(UnknownGood, name="salt"):
        shops.statement("east", unit="SALT")


def test_a_price_list_is_of_a_shop_and_of_a_day(market: Market) -> None:
    shops = market.bank.shops
    dearer = shops.set_price("east", "rice", points=11, from_day=TODAY, by="supervisor-1")
    entry = dearer.entry
    assert (entry.kind, entry.day, entry.by) == ("price", TODAY, "supervisor-1")
    assert dict(entry.body) == {"shop": "east", "good": "rice", "points": 11, "from": "2026-03-01"}

    def listed(day: date) -> list[tuple[str, str, int]]:
        return [(price.shop, price.good, price.points) for price in shops.prices("east", day)]

    assert listed(TODAY) == [("east", "rice", 11), ("east", "soap", 3)]
    assert listed(TODAY - DAY) == [("east", "rice", 10), ("east", "soap", 3)]
    assert listed(market.RULES_FROM - DAY) == []
    with market.refused(NotInOrder, what="price", from_day="2026-03-01", latest_from_day="2026-03-01"):
        shops.set_price("east", "rice", points=12, from_day=TODAY, by="admin")
    shops.set_price("east", "soap", points=4, from_day=TODAY, by="admin")
    shops.set_price(market.shop, "rice", points=12, from_day=TODAY, by="admin")


def test_what_a_shop_took_in_and_what_it_has_is_told_of_its_days(market: Market) -> None:
    shops = market.bank.shops
    late = market.redeem(soap=1, day=TODAY - DAY).seq
    now = market.redeem(rice=1, soap=1).seq
    assert (shops.takings(market.shop), shops.takings(market.shop, day=TODAY - DAY)) == (16, 3)
    assert (shops.takings("east"), shops.takings(market.shop, day=TODAY - 2 * DAY)) == (0, 0)
    points = shops.statement(market.shop)
    assert (points.account, points.unit, points.opening, points.closing) == (TAKINGS, "PTS", 0, 16)
    assert [line.entry.seq for line in points.lines] == [late, now]
    today = shops.statement(market.shop, first=TODAY)
    assert ([line.delta for line in today.lines], today.opening, today.closing) == ([13], 3, 16)
    assert [line.entry.seq for line in shops.statement(market.shop, last=TODAY - DAY).lines] == [late]
    soap = shops.statement(market.shop, unit="SOAP", first=TODAY)
    assert (soap.account, soap.unit, [line.delta for line in soap.lines]) == (SHELF, "SOAP", [9, -1])
    assert (soap.opening, soap.closing) == (-1, 7)
