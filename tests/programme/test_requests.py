"""What is remembered of a request under a key: a command that is sent again after an upgrade must be known.

The requests are written out here. One that is put together differently in the code would take a command that was
sent again for another one, and refuse it.
"""

from __future__ import annotations

import ast
from datetime import date
from pathlib import Path

import pytest

from tests.programme.asked import ADMIN, BOTH, LATE, ONE, SAID, AskedMarket
from tests.programme.commands import HASH, arguments_of
from tests.programme.market import TODAY, TWO
from timebank.ledger.journal import request_digest

OTHERS = {"by": "admin", "approved_by": "admin-1"}
OTHER_BOTH = tuple(OTHERS.values())
YEAR = {"first": date(2026, 1, 1), "last": date(2026, 12, 31)}
HERE = Path(__file__)


@pytest.fixture
def market() -> AskedMarket:
    return AskedMarket()


def test_requests_at_the_counter_are_remembered_as_ever(market: AskedMarket) -> None:
    asked, shop = market.asked, market.shop
    goods = (("rice", 1), ("soap", 2))
    sold = asked(
        "shops.redeem", shop, card="0001", goods=dict(goods), day=LATE, **ONE,
        words=("redemption", "yungu-shop", "0001", goods, SAID, "clerk-1"),
    ).seq  # fmt: skip
    asked(
        "shops.redeem", shop, card="0001", goods={"soap": 1}, **ONE,
        words=("redemption", "yungu-shop", "0001", (("soap", 1),), "", "clerk-1"),
    )  # fmt: skip
    asked(
        "shops.return_goods", sold, {"soap": 1}, day=LATE, **TWO,
        words=("return", sold, (("soap", 1),), SAID, *BOTH),
    )  # fmt: skip
    asked("shops.return_goods", sold, {"rice": 1}, **TWO, words=("return", sold, (("rice", 1),), "", *BOTH))
    held, let_go = (
        asked(
            "reservations.reserve", shop, card="0001", goods={"soap": pieces}, until=TODAY, **ONE,
            words=("reservation", "yungu-shop", "0001", (("soap", pieces),), "2026-03-01", "clerk-1"),
        ).seq
        for pieces in (1, 2)
    )  # fmt: skip
    asked("reservations.collect", held, **ONE, words=("collect", held, "clerk-1"))
    asked("reservations.release", let_go, **ONE, words=("release", let_go, "clerk-1"))
    asked("settlements.settle", shop, last=LATE, **TWO, words=("settlement", "yungu-shop", SAID, *BOTH))


def test_requests_in_the_stockroom_are_remembered_as_ever(market: AskedMarket) -> None:
    asked, shop, soap = market.asked, market.shop, {"soap": 2}
    basket = (("soap", 2),)
    asked(
        "shops.receive", shop, {"soap": 2, "rice": 1}, donor="huicai", best_before={"soap": TODAY}, **TWO,
        words=(
            "stock", "yungu-shop", (("rice", 1), *basket), "huicai", "", ("soap", "2026-03-01"), "", *BOTH
        ),
    )  # fmt: skip
    asked(
        "shops.receive", shop, soap, bought_by="yungu", day=LATE, **TWO,
        words=("stock", "yungu-shop", basket, "", "yungu", SAID, *BOTH),
    )  # fmt: skip
    for day, said in ((LATE, SAID), (None, "")):
        asked(
            "shops.move", shop, "east", soap, day=day, **TWO,
            words=("stock", "yungu-shop", "move", "east", basket, said, *BOTH),
        )  # fmt: skip
        asked(
            "shops.write_off", shop, soap, reason="spoiled", day=day, **TWO,
            words=("stock", "yungu-shop", "write-off", "spoiled", basket, said, *BOTH),
        )  # fmt: skip
        asked(
            "shops.count", shop, {"soap": 1, "rice": 5}, day=day, **TWO,
            words=("stock-count", "yungu-shop", (("rice", 5), ("soap", 1)), said, *BOTH),
        )  # fmt: skip
        market.receive(soap=9)


def test_requests_about_goods_and_shops_are_remembered_as_ever(market: AskedMarket) -> None:
    asked = market.asked
    asked("goods.add", "oil", name="油", name_en="oil", **ADMIN, words=("goods", "oil", "油", "oil", "admin"))
    asked(
        "shops.open", "lake-shop", org="yungu", name="湖超市", **ADMIN,
        words=("shop", "lake-shop", "yungu", "湖超市", "admin"),
    )  # fmt: skip
    asked(
        "shops.open", "barber", org="yungu", name="理发店", kind="merchant", hours="9-18", **ADMIN,
        words=("shop", "barber", "yungu", "理发店", ("type", "merchant"), ("hours", "9-18"), "admin"),
    )  # fmt: skip
    asked(
        "shops.set_price", "lake-shop", "oil", points=8, from_day=TODAY, **ADMIN,
        words=("price", "lake-shop", "oil", 8, "2026-03-01", "admin"),
    )  # fmt: skip
    asked(
        "shops.limit", "soap", shop="east", most=9, per="household", least_earned=1, from_day=TODAY, **ADMIN,
        words=(
            "limit", "soap", "east",
            *[("per", "household"), ("in", "month"), ("most", 9), ("least_earned", 1)], "2026-03-01", "admin",
        ),
    )  # fmt: skip
    asked(
        "shops.limit", "soap", from_day=TODAY, **ADMIN,
        words=("limit", "soap", "", ("lifted", True), "2026-03-01", "admin"),
    )  # fmt: skip


def test_requests_for_awards_are_remembered_as_ever(market: AskedMarket) -> None:
    asked, wang, li = market.asked, market.wang.id, market.li.id
    award = asked(
        "services.record", wang, "patrol", minutes=60, day=LATE, **TWO,
        words=("award", wang, "patrol", SAID, 60, 0, "", *BOTH),
    ).seq  # fmt: skip
    asked(
        "services.record", wang, "honour", occasions=1, day=LATE, org="yungu", evidence=HASH, **TWO,
        words=("award", wang, "honour", SAID, 0, 1, "yungu", *BOTH, "", "", "", HASH, ""),
    )  # fmt: skip
    asked(
        "services.record", wang, "check", grade="good", day=LATE, **TWO,
        words=("award", wang, "check", SAID, 0, 0, "", *BOTH, "good", "", "", "", ""),
    )  # fmt: skip
    asked(
        "services.record", wang, "patrol", minutes=30, start="08:00", day=LATE, **TWO,
        words=("award", wang, "patrol", SAID, 30, 0, "", *BOTH, "", "08:00", "", "", ""),
    )  # fmt: skip
    asked(
        "services.record", wang, "errand", minutes=30, recipient=li, day=LATE, **TWO,
        words=("award", wang, "errand", SAID, 30, 0, "", *BOTH, "", "", li, "", ""),
    )  # fmt: skip
    asked(
        "services.record", wang, "patrol", minutes=20, day=LATE, also_approved_by="admin-1", **TWO,
        words=("award", wang, "patrol", SAID, 20, 0, "", *BOTH, "", "", "", "", "admin-1"),
    )  # fmt: skip
    asked("corrections.reverse", award, reason="no", **TWO, words=("reversal", award, "no", "", *BOTH))
    honour = market.honour
    asked(
        "reverse", honour, day=LATE, debt=True, **TWO,
        words=("reversal", honour, "mistake", SAID, *BOTH, "debt"),
    )  # fmt: skip
    asked(
        "budgets.set", "yungu", **YEAR, points=900, **OTHERS,
        words=("budget", "yungu", "2026-01-01", "2026-12-31", 900, *OTHER_BOTH),
    )  # fmt: skip


def test_requests_for_points_are_remembered_as_ever(market: AskedMarket) -> None:
    asked, wang, li = market.asked, market.wang.id, market.li.id
    asked(
        "gifts.give", wang, to=li, relation="child", points=2, **ONE,
        words=("gift", wang, f"L:M:{li}", "child", "PTS", 2, "clerk-1"),
    )  # fmt: skip
    asked(
        "gifts.give", wang, pool="yungu", points=3, **ONE,
        words=("gift", wang, "L:POOL:YUNGU", "", "PTS", 3, "clerk-1"),
    )  # fmt: skip
    asked(
        "pools.grant", "yungu", li, points=2, reason="illness", **TWO,
        words=("grant", "yungu", li, "PTS", 2, "illness", *BOTH),
    )  # fmt: skip
    denied, granted = (
        asked(
            "deductions.record", li, "rubbish", day=LATE, org=org, **TWO,
            words=("deduction", li, "rubbish", SAID, org or "", *BOTH),
        ).seq
        for org in (None, "yungu")
    )  # fmt: skip
    asked(
        "deductions.lodge", denied, reason="not-me", day=LATE, **ONE,
        words=("appeal", denied, "not-me", SAID, "clerk-1"),
    )  # fmt: skip
    asked("deductions.lodge", granted, reason="no", **ONE, words=("appeal", granted, "no", "", "clerk-1"))
    asked("deductions.deny", denied, **OTHERS, words=("appeal-deny", denied, *OTHER_BOTH))
    asked("deductions.grant", granted, **OTHERS, words=("appeal-grant", granted, *OTHER_BOTH))
    for member, points, minutes, day, said in ((li, 5, 0, None, ""), (wang, 0, 9, LATE, SAID)):
        asked(
            "openings.record", member, points=points, minutes=minutes, day=day, **OTHERS,
            words=("opening", member, points, minutes, said, *OTHER_BOTH),
        )  # fmt: skip


def test_a_sweep_is_remembered_as_ever(market: AskedMarket) -> None:
    market.at(date(2028, 1, 1))
    posted = market.bank.points.expire(by="clerk-1", key="k")
    digest = request_digest(("expire", "clerk-1"))
    assert (posted[0].entry.key, posted[0].entry.body["request"]) == ("k", digest)
    again = market.bank.points.expire(by="clerk-1", key="k")
    assert [each.seq for each in again] == [each.seq for each in posted]


def requests_written_out() -> set[str]:
    """The commands whose request stands in a test: `asked("NAME", …)` here and in modules named as this one."""
    return {
        str(call.args[0].value)
        for path in HERE.parent.glob(f"{HERE.stem}*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "asked"
        if isinstance(call.args[0], ast.Constant)
    }


def test_every_request_that_is_remembered_is_written_out(market: AskedMarket) -> None:
    with_a_key = {name for name, given in arguments_of(market.bank).items() if "key" in given}
    assert requests_written_out() == with_a_key - {"points.expire"} | {"reverse"}
