"""Points lapse by the rulebooks that are in force, also those that were adopted after the points had come in."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from timebank.bank import Bank

RULES = """name = "points-that-lapse"
title.zh = "积分细则"
title.en = "Rules of points"

[rules]
expiry = "months"
expiry_months = 12

[service.mediation]
zh = "矛盾纠纷调解"
en = "Dispute mediated"
per = "occasion"
points = 10
"""
LATER_RULES = RULES.replace("expiry_months = 12", "expiry_months = 24")
SECOND = {"by": "admin", "approved_by": "sup-1"}


class Shop:
    """A bank with a shop and one member, who has 20 points of an opening balance and has spent 5 of them."""

    def __init__(self, path: Path) -> None:
        self.now = datetime(2026, 1, 5, 4, 0, tzinfo=UTC)
        self.bank = bank = Bank.create(path, origin="a.example/t", clock=lambda: self.now)
        bank.organisations.add("yungu", name="云谷", level="community", by="admin")
        bank.organisations.appoint("sup-1", org="yungu", role="supervisor", by="admin")
        bank.goods.add("rice", name="米", name_en="rice", by="admin")
        bank.shops.open("shop", org="yungu", name="超市", by="admin")
        bank.shops.set_price("shop", "rice", points=5, from_day=date(2026, 1, 1), by="admin")
        bank.shops.receive("shop", {"rice": 100}, donor="a", **SECOND)
        self.member = bank.members.enrol(org="yungu", card="C-1", by="admin").id
        bank.openings.record(self.member, points=20, **SECOND)
        self.redeem()

    def go(self, day: date) -> None:
        self.now = datetime(day.year, day.month, day.day, 4, 0, tzinfo=UTC)

    def redeem(self) -> None:
        self.bank.shops.redeem("shop", card="C-1", goods={"rice": 1}, by="admin")

    def lapsed(self) -> list[tuple[str, int]]:
        """What is swept now: last days and points."""
        posted = [one.entry for one in self.bank.points.expire(by="admin")]
        return [(str(entry.body["until"]), entry.moves[0].amount) for entry in posted]


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path / "a.timebank")


@pytest.mark.parametrize("start", [date(2026, 1, 1), date(2026, 1, 6)])
def test_what_came_in_and_went_out_before_the_first_rulebook_lapses_with_it(shop: Shop, start: date) -> None:
    with shop.bank as bank:
        shop.go(date(2026, 1, 7))
        bank.rulebooks.adopt(RULES, from_day=start, by="admin")
        bank.services.record(shop.member, "mediation", occasions=1, day=date(2026, 1, 7), **SECOND)
        shop.go(date(2027, 2, 1))
        assert shop.lapsed() == [("2027-01-31", 25)]
        assert bank.verify().findings == ()


def test_a_rulebook_adopted_late_moves_the_last_day_of_what_had_come_in(shop: Shop) -> None:
    with shop.bank as bank:
        bank.rulebooks.adopt(RULES, from_day=date(2026, 1, 1), by="admin")
        shop.go(date(2026, 3, 1))
        bank.services.record(shop.member, "mediation", occasions=1, day=date(2026, 2, 10), **SECOND)
        bank.rulebooks.adopt(LATER_RULES, from_day=date(2026, 2, 1), by="admin")
        shop.go(date(2027, 3, 5))
        shop.redeem()
        assert bank.verify().findings == ()
        shop.go(date(2028, 3, 1))
        assert shop.lapsed() == [("2028-02-29", 5)]
        assert bank.verify().findings == ()
