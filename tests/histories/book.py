"""The book that clients share: few members, little stock, so that they get into each other's way."""

from __future__ import annotations

import json
import time
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import timebank

if TYPE_CHECKING:
    from pathlib import Path

RULES: Final = """
name = "histories"
title.zh = "多客户端测试"
title.en = "Many clients"

[rules]
notice_days = 0
approvers = ["supervisor", "admin"]

[service.patrol]
zh = "巡逻"
en = "Patrol"
per = "hour"
points = 6

[service.visit]
zh = "探访"
en = "Visit"
per = "hour"
points = 12

[gift]
units = ["points", "minutes"]
to = ["relative", "pool"]
relations = ["parent"]
"""
RATES: Final = {"patrol": 6, "visit": 12}
PRICES: Final = {"east": {"soap": 3, "rice": 10}, "west": {"soap": 4, "rice": 9}}
ORG: Final = "yungu"
FIRST_MOMENT: Final = datetime(2026, 3, 1, 4, tzinfo=UTC)


class Clock:
    """A machine's clock: the shared one of all processes, and how far this machine's is off."""

    def __init__(self, started: int) -> None:
        self._started = started
        self.off_seconds = 0

    def __call__(self) -> datetime:
        passed = timedelta(microseconds=(time.monotonic_ns() - self._started) // 1000)
        return FIRST_MOMENT + passed + timedelta(seconds=self.off_seconds)


def found(path: Path, *, members: int, stock: int) -> dict[str, Any]:
    """Make the book at *path*, and answer what clients and checker have to know of it, as plain JSON."""
    started = time.monotonic_ns()
    cards = {}
    with timebank.create(path, origin="histories.example/timebank", clock=Clock(started)) as bank:
        bank.organisations.add(ORG, name="云谷", level="community", by="admin")
        bank.organisations.appoint("clerk-1", org=ORG, role="clerk", by="admin")
        bank.rulebooks.adopt(RULES, from_day=date(2026, 1, 1), by="admin")
        for good in ("soap", "rice"):
            bank.goods.add(good, name="货", name_en=good, by="admin")
        for shop, prices in PRICES.items():
            bank.shops.open(shop, org=ORG, name="店", by="admin")
            for good, points in prices.items():
                bank.shops.set_price(shop, good, points=points, from_day=date(2026, 1, 1), by="admin")
            goods = dict.fromkeys(prices, stock)
            bank.shops.receive(shop, goods, donor="huicai", by="clerk-1", approved_by="admin")
        for number in range(members):
            card = f"{number + 1:04}"
            cards[card] = bank.members.enrol(org=ORG, card=card, by="admin").id
        founded = bank.report().entries
    return {
        "started": started,
        "founded": founded,
        "org": ORG,
        "cards": cards,
        "prices": PRICES,
        "rates": RATES,
    }


def write_meta(path: Path, meta: dict[str, Any]) -> None:
    """Keep *meta* where clients and checker read it."""
    path.write_text(json.dumps(meta), encoding="utf-8")
