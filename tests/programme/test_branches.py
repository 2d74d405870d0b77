"""What an organisation and all below it hold at the end of a day: only what was in the books by then."""

from __future__ import annotations

from datetime import date

import pytest

from tests.programme.market import DAY, TODAY, Market
from timebank.programme.branches import Branch


@pytest.fixture
def market() -> Market:
    return Market()


def counted(market: Market, day: date | None = None) -> tuple[int, int]:
    """How many members and shops there were on *day*; all belong to one organisation."""
    (yungu,) = market.bank.branches.on(day)
    return yungu.members, yungu.shops


def test_a_branch_says_what_it_is_and_what_it_adds_up_to(market: Market) -> None:
    market.record("patrol", minutes=60)
    assert market.bank.branches.on() == (
        Branch("yungu", "云谷社区", "community", depth=0, members=4, shops=3, points=83, minutes=60),
    )


def test_a_day_counts_who_was_in_the_books_at_its_end(market: Market) -> None:
    market.at(TODAY + DAY)
    market.member("0004", 10)
    assert [counted(market, TODAY + days * DAY) for days in (-1, 0, 1)] == [(0, 0), (4, 3), (5, 3)]
    market.at(TODAY + 2 * DAY)
    market.bank.shops.open("west", org="yungu", name="西区超市", by="admin")
    assert [counted(market, TODAY + days * DAY) for days in (0, 1, 2)] == [(4, 3), (5, 3), (5, 4)]


def test_all_that_is_in_the_books_is_there_today_and_on_any_day_to_come(market: Market) -> None:
    assert [counted(market, day) for day in (None, TODAY, TODAY + DAY, date.max)] == [(4, 3)] * 4
    market.at(TODAY - DAY)  # the clock was set back: what is recorded is recorded
    assert counted(market) == (4, 3)


def test_a_shop_that_moved_is_counted_where_it_was_on_the_day(market: Market) -> None:
    market.bank.organisations.add("lake", name="湖", level="community", by="admin")
    market.at(TODAY + DAY)
    market.bank.shops.move_to(market.shop, to="lake", from_day=TODAY + DAY, by="admin")
    market.bank.members.move(market.wang, to="lake", from_day=TODAY + DAY, by="admin")
    for day, lake, yungu in ((TODAY, (0, 0), (4, 3)), (TODAY + DAY, (1, 1), (3, 2))):
        found = [(each.org, (each.members, each.shops)) for each in market.bank.branches.on(day)]
        assert found == [("lake", lake), ("yungu", yungu)]
