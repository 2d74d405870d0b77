"""A count that is written down late is held against the book of its day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

import timebank
from timebank.bank import Bank
from timebank.programme.rulebook import shipped_rulebook


@pytest.fixture
def bank(tmp_path: Path) -> Bank:
    moment = [datetime(2026, 3, 1, 4, 0, tzinfo=UTC)]
    bank = timebank.create(tmp_path / "a.timebank", origin="a.example/t", clock=lambda: moment[0])
    bank.organisations.add("yungu", name="云谷", level="community", by="admin")
    bank.organisations.appoint("other", org="yungu", role="supervisor", by="admin")
    bank.rulebooks.adopt(shipped_rulebook(), from_day=date(2026, 1, 1), by="admin")
    bank.goods.add("rice", name="米", name_en="rice", by="admin")
    bank.shops.open("shop", org="yungu", name="超市", by="admin")
    for pieces, day in ((10, date(2026, 2, 1)), (5, date(2026, 2, 20))):
        bank.shops.receive("shop", {"rice": pieces}, donor="a", day=day, by="admin", approved_by="other")
    moment[0] += timedelta(days=1)
    return bank


@pytest.mark.parametrize("day", [date(2026, 2, 10), date(2026, 2, 1), date(2026, 2, 20), date(2026, 3, 2), None])
@pytest.mark.parametrize("counted", [8, 10, 13])
def test_verify_agrees_with_a_count_of_any_day(bank: Bank, day: date | None, counted: int) -> None:
    with bank:
        posted = bank.shops.count("shop", {"rice": counted}, day=day, by="admin", approved_by="other")
        booked = 10 if day is not None and day < date(2026, 2, 20) else 15
        assert posted.entry.body["counted"] == (("rice", counted, booked),)
        bank.shops.count("shop", {"rice": counted}, day=date(2026, 2, 20), by="admin", approved_by="other")
        assert bank.verify().findings == ()
