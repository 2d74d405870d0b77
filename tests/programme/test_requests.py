"""What is remembered of a request under a key: a command that is sent again after an upgrade must be known.

The requests are written out here. One that is put together differently in the code would take a command that was
sent again for another one, and refuse it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from tests.programme.market import DAY, TODAY, Market
from timebank.ledger.journal import Posted, request_digest

LATE = TODAY - DAY
SAID = "2026-02-28"
TWO = {"by": "clerk-1", "approved_by": "supervisor-1"}
OTHERS = {"by": "admin", "approved_by": "admin-1"}
BOTH, OTHER_BOTH = tuple(TWO.values()), tuple(OTHERS.values())
YEAR = {"first": date(2026, 1, 1), "last": date(2026, 12, 31)}
HASH = "ab" * 32


@pytest.fixture
def market() -> Market:
    return Market()


def asked(post: Callable[..., Any], *first: Any, words: tuple[Any, ...], **named: Any) -> int:
    """Send a command with a key: what the entry keeps of the request must be the digest of *words*."""
    digest = request_digest(words)
    key = f"k/{digest}"
    posted: Posted = post(*first, **named, key=key)
    assert (posted.entry.key, posted.entry.body["request"]) == (key, digest), words
    assert post(*first, **named, key=key).repeated
    return posted.seq


def test_requests_at_the_counter_are_remembered_as_ever(market: Market) -> None:
    shops, reservations, shop = market.bank.shops, market.bank.reservations, market.shop
    goods = (("rice", 1), ("soap", 2))
    sold = asked(
        shops.redeem, shop, card="0001", goods=dict(goods), day=LATE, by="clerk-1",
        words=("redemption", "yungu-shop", "0001", goods, SAID, "clerk-1"),
    )  # fmt: skip
    asked(
        shops.redeem, shop, card="0001", goods={"soap": 1}, by="clerk-1",
        words=("redemption", "yungu-shop", "0001", (("soap", 1),), "", "clerk-1"),
    )  # fmt: skip
    asked(
        shops.return_goods, sold, {"soap": 1}, day=LATE, **TWO,
        words=("return", sold, (("soap", 1),), SAID, *BOTH),
    )  # fmt: skip
    asked(shops.return_goods, sold, {"rice": 1}, **TWO, words=("return", sold, (("rice", 1),), "", *BOTH))
    held, let_go = (
        asked(
            reservations.reserve, shop, card="0001", goods={"soap": pieces}, until=TODAY, by="clerk-1",
            words=("reservation", "yungu-shop", "0001", (("soap", pieces),), "2026-03-01", "clerk-1"),
        )
        for pieces in (1, 2)
    )  # fmt: skip
    asked(reservations.collect, held, by="clerk-1", words=("collect", held, "clerk-1"))
    asked(reservations.release, let_go, by="clerk-1", words=("release", let_go, "clerk-1"))
    asked(
        shops.limit, "soap", shop=shop, most=9, per="household", least_earned=1, from_day=TODAY, by="admin",
        words=(
            "limit", "soap", "yungu-shop",
            *[("per", "household"), ("in", "month"), ("most", 9), ("least_earned", 1)], "2026-03-01", "admin",
        ),
    )  # fmt: skip
    asked(
        shops.limit, "soap", from_day=TODAY, by="admin",
        words=("limit", "soap", "", ("lifted", True), "2026-03-01", "admin"),
    )  # fmt: skip
    asked(
        market.bank.settlements.settle, shop, last=LATE, **TWO,
        words=("settlement", "yungu-shop", SAID, *BOTH),
    )  # fmt: skip


def test_requests_for_points_are_remembered_as_ever(market: Market) -> None:
    bank, wang, li = market.bank, market.wang.id, market.li.id
    award = asked(
        bank.services.record, wang, "patrol", minutes=60, day=LATE, **TWO,
        words=("award", wang, "patrol", SAID, 60, 0, "", *BOTH),
    )  # fmt: skip
    asked(
        bank.services.record, wang, "honour", occasions=1, day=LATE, org="yungu", evidence=HASH, **TWO,
        words=("award", wang, "honour", SAID, 0, 1, "yungu", *BOTH, "", "", "", HASH, ""),
    )  # fmt: skip
    asked(bank.reverse, award, reason="not-done", **TWO, words=("reversal", award, "not-done", "", *BOTH))
    asked(
        bank.reverse, market.honour, day=LATE, debt=True, **TWO,
        words=("reversal", market.honour, "mistake", SAID, *BOTH, "debt"),
    )  # fmt: skip
    asked(
        bank.gifts.give, wang, to=li, relation="child", points=2, by="clerk-1",
        words=("gift", wang, f"L:M:{li}", "child", "PTS", 2, "clerk-1"),
    )  # fmt: skip
    asked(
        bank.gifts.give, wang, pool="yungu", points=3, by="clerk-1",
        words=("gift", wang, "L:POOL:YUNGU", "", "PTS", 3, "clerk-1"),
    )  # fmt: skip
    asked(
        bank.pools.grant, "yungu", li, points=2, reason="illness", **TWO,
        words=("grant", "yungu", li, "PTS", 2, "illness", *BOTH),
    )  # fmt: skip
    denied, granted = (
        asked(
            bank.deductions.record, li, "rubbish", day=LATE, org=org, **TWO,
            words=("deduction", li, "rubbish", SAID, org or "", *BOTH),
        )
        for org in (None, "yungu")
    )  # fmt: skip
    asked(
        bank.deductions.lodge, denied, reason="not-me", day=LATE, by="clerk-1",
        words=("appeal", denied, "not-me", SAID, "clerk-1"),
    )  # fmt: skip
    asked(
        bank.deductions.lodge, granted, reason="no", by="clerk-1", words=("appeal", granted, "no", "", "clerk-1")
    )
    asked(bank.deductions.deny, denied, **OTHERS, words=("appeal-deny", denied, *OTHER_BOTH))
    asked(bank.deductions.grant, granted, **OTHERS, words=("appeal-grant", granted, *OTHER_BOTH))
    asked(
        bank.budgets.set, "yungu", **YEAR, points=900, by="admin", approved_by="admin-1",
        words=("budget", "yungu", "2026-01-01", "2026-12-31", 900, "admin", "admin-1"),
    )  # fmt: skip


def test_requests_about_places_and_months_are_remembered_as_ever(market: Market) -> None:
    bank, wang = market.bank, market.wang.id
    bank.organisations.add("lake", name="湖社区", level="community", by="admin")
    bank.organisations.add("street", name="街道", level="street", by="admin")
    for what, move, name in (
        ("member", bank.members.move, wang),
        ("shop", bank.shops.move_to, "yungu-shop"),
    ):
        asked(move, name, to="lake", from_day=LATE, by="admin", words=("move", what, name, "lake", SAID, "admin"))
    asked(
        bank.organisations.move, "lake", to="street", from_day=LATE, by="admin",
        words=("move", "organisation", "lake", "street", SAID, "admin"),
    )  # fmt: skip
    asked(bank.periods.close, "2026-01", by="admin", words=("period-close", "2026-01", "admin"))
    asked(
        bank.periods.reopen, "2026-01", by="admin", approved_by="supervisor-1",
        words=("period-reopen", "2026-01", "admin", "supervisor-1"),
    )  # fmt: skip


def test_a_sweep_is_remembered_as_ever(market: Market) -> None:
    market.at(date(2028, 1, 1))
    first, *_ = market.bank.points.expire(by="clerk-1", key="k")
    assert (first.entry.key, first.entry.body["request"]) == ("k", request_digest(("expire", "clerk-1")))
