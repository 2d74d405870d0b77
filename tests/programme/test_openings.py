"""What a member held on paper is taken over once, in one entry, from the organisation that kept the paper."""

from __future__ import annotations

from typing import Any

import pytest

from tests.programme.market import DAY, TODAY, Market, moves_of
from timebank.errors import AlreadyExists, NothingToOpen, PeriodClosed, RoleNotAllowed, UnknownMember
from timebank.programme.members import Balance

TWO_ADMINS = {"by": "admin", "approved_by": "admin-1"}


@pytest.fixture
def market() -> Market:
    return Market()


def opened(market: Market, member: Any = None, **said: Any) -> Any:
    return market.bank.openings.record(member or market.wang, **(TWO_ADMINS | said))


@pytest.mark.parametrize(
    ("said", "units"),
    [
        ({"points": 7}, [("PTS", 7)]),
        ({"minutes": 90}, [("MIN", 90)]),
        ({"points": 1, "minutes": 1}, [("PTS", 1), ("MIN", 1)]),
    ],
)
def test_points_and_minutes_are_taken_over_in_one_entry(
    market: Market, said: dict[str, int], units: list[tuple[str, int]]
) -> None:
    wang = market.wang.id
    before = market.bank.members.balance(wang)
    posted = opened(market, day=TODAY - DAY, **said)
    entry = posted.entry
    assert (entry.kind, entry.day, entry.by, entry.ok) == ("opening", TODAY - DAY, "admin", "admin-1")
    assert dict(entry.body) == {"member": wang}
    assert moves_of(posted) == [("E:OPENING:YUNGU", f"L:M:{wang}", unit, amount) for unit, amount in units]
    gained = Balance(said.get("points", 0), said.get("minutes", 0))
    assert market.bank.members.balance(wang) == Balance(
        before.points + gained.points, before.minutes + gained.minutes
    )


@pytest.mark.parametrize("first", ["points", "minutes"])
@pytest.mark.parametrize("then", ["points", "minutes"])
def test_the_paper_is_taken_over_once_and_again_when_that_was_reversed(
    market: Market, first: str, then: str
) -> None:
    """Also the least that there is. What a member earned, and what somebody else had on paper, does not count."""
    opened(market, market.li, points=5)
    posted = opened(market, **{first: 1})
    with market.refused(AlreadyExists, what="opening", name=market.wang.id):
        opened(market, **{then: 2})
    market.reverse(posted.seq)
    again = opened(market, **{then: 2})
    assert [amount for *_, amount in moves_of(again)] == [2]
    with market.refused(AlreadyExists):
        opened(market, **{first: 1})


def test_the_organisation_of_the_day_kept_the_paper(market: Market) -> None:
    market.bank.organisations.add("lake", name="湖社区", level="community", by="admin")
    market.bank.members.move(market.wang, to="lake", from_day=TODAY, by="admin")
    market.bank.members.move(market.li, to="lake", from_day=TODAY, by="admin")
    before, since = opened(market, points=1, day=TODAY - DAY), opened(market, market.li, points=1)
    assert [posted.entry.moves[0].debit for posted in (before, since)] == ["E:OPENING:YUNGU", "E:OPENING:LAKE"]
    assert since.entry.day == TODAY


def test_an_opening_is_of_something_for_somebody_by_two_who_may(market: Market) -> None:
    with market.refused(NothingToOpen, member=market.wang.id):
        opened(market)
    with market.refused(UnknownMember, name="0" * 10):
        opened(market, "0" * 10, points=1)
    with market.refused(RoleNotAllowed, operator="clerk-1", act="record-opening"):
        opened(market, points=1, by="clerk-1")
    with market.refused(RoleNotAllowed, operator="clerk-1", act="record-opening"):
        opened(market, points=1, approved_by="clerk-1")
    market.bank.periods.close("2026-01", by="supervisor-1")
    with market.refused(PeriodClosed):
        opened(market, points=1, day=Market.RULES_FROM)
