"""Settlements: what a shop took in is paid once, all of it, whatever is recorded late, returned or taken back."""

from __future__ import annotations

import re
from contextlib import nullcontext, suppress
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import fewer
from tests.programme.market import DAY, TAKINGS, TODAY, TWO, Market, moves_of
from timebank.errors import (
    ApprovalMissing,
    NotEnoughTakings,
    NothingToSettle,
    PeriodClosed,
    Refused,
    RoleNotAllowed,
    SelfApproval,
    SettledAlready,
    SettlementTooEarly,
    UnknownSettlement,
    UnknownShop,
)
from timebank.ledger.statements import newest_first
from timebank.programme import settlements
from timebank.programme.rulebook import shipped_rulebook
from timebank.programme.settlements import Due, Settlement, SettlementSheet, due_on, fen_per_point

FEB = date(2026, 2, 28)


@pytest.fixture
def market() -> Market:
    return Market()


def sheet_of(market: Market, posted: Any) -> Any:
    return market.bank.settlements.sheet(posted.seq)


# --- bookkeeping ---


def test_a_shop_is_paid_for_what_it_took_in(market: Market) -> None:
    market.redeem(rice=1, day=date(2026, 2, 10))
    sale = market.redeem(soap=3, day=date(2026, 2, 20))
    market.give_back(sale.seq, soap=1, day=date(2026, 2, 21))
    market.redeem(soap=1)
    posted = market.settle(FEB)
    assert (posted.entry.kind, posted.entry.day, posted.entry.ok) == ("settlement", FEB, "supervisor-1")
    assert dict(posted.entry.body) == {
        "shop": "yungu-shop", "org": "yungu", "first": "2026-02-10", "last": "2026-02-28", "taken": 19,
        "returned": 3, "paid": 16,
    }  # fmt: skip
    assert moves_of(posted) == [(TAKINGS, "E:SETTLED:YUNGU", "PTS", 16)]
    assert market.bank.shops.takings(market.shop) == 3
    assert market.bank.settlements.all() == (
        Settlement("yungu-shop", "2026-02-28", posted.seq, "2026-02-10", 19, 3, 0, 16),
    )


def test_what_is_collected_and_what_a_merchant_gives_is_paid_too(market: Market) -> None:
    held = market.reserve(shop=market.noodles, noodles=2)
    market.reserve(shop=market.noodles, noodles=1)
    market.bank.reservations.collect(held.seq, by="clerk-1")
    market.at(TODAY + DAY)
    posted = market.settle(TODAY, market.noodles)
    assert moves_of(posted) == [("L:S:NOODLE-BAR", "E:SETTLED:YUNGU", "PTS", 10)]


def test_the_next_settlement_begins_on_the_day_after_the_last(market: Market) -> None:
    market.redeem(soap=1, day=date(2026, 2, 10))
    market.settle(date(2026, 2, 15))
    market.redeem(soap=2, day=date(2026, 2, 16))
    body = market.settle(FEB).entry.body
    assert (body["first"], body["last"], body["taken"], body["paid"]) == ("2026-02-16", "2026-02-28", 6, 6)


def test_what_is_recorded_late_is_paid_with_the_next_settlement(market: Market) -> None:
    market.redeem(soap=1, day=date(2026, 2, 10))
    market.settle(date(2026, 2, 15))
    market.redeem(rice=1, day=date(2026, 2, 12))
    market.redeem(soap=2, day=date(2026, 2, 20))
    sheet = sheet_of(market, market.settle(FEB))
    assert (sheet.first, sheet.taken, sheet.returned, sheet.late, sheet.paid) == (date(2026, 2, 16), 6, 0, 10, 16)


def test_what_was_given_back_since_is_not_paid(market: Market) -> None:
    sale = market.redeem(soap=3, day=FEB)
    market.redeem(rice=1, day=FEB)
    market.give_back(sale.seq, soap=2)
    sheet = sheet_of(market, market.settle(FEB))
    assert (sheet.taken, sheet.returned, sheet.late, sheet.paid) == (19, 0, -6, 13)
    market.redeem(soap=1)
    market.at(TODAY + DAY)
    sheet = sheet_of(market, market.settle(TODAY))
    assert (sheet.first, sheet.taken, sheet.returned, sheet.late, sheet.paid) == (TODAY, 3, 6, 6, 3)


def test_a_settlement_that_is_taken_back_is_as_if_it_had_not_been(market: Market) -> None:
    market.redeem(soap=1, day=date(2026, 2, 10))
    wrong = market.settle(date(2026, 2, 15))
    back = market.reverse(wrong.seq)
    assert market.bank.settlements.all() == ()
    assert sheet_of(market, wrong).taken_back_by == back.seq
    with market.refused(NothingToSettle):  # what came back belongs to the day of the reversal
        market.settle(FEB)
    market.at(TODAY + DAY)
    sheet = sheet_of(market, market.settle(TODAY))
    assert (sheet.first, sheet.taken, sheet.late, sheet.paid) == (date(2026, 2, 10), 3, 0, 3)


def test_a_settlement_taken_back_on_its_own_day_can_be_made_again(market: Market) -> None:
    market.redeem(soap=1, day=date(2026, 2, 10))
    market.reverse(market.settle(FEB).seq, day=FEB)
    market.redeem(soap=1, day=date(2026, 2, 11))
    again = market.settle(FEB)
    assert [(row.seq, row.paid) for row in market.bank.settlements.all()] == [(again.seq, 6)]
    market.bank.rebuild()
    assert [(row.seq, row.paid) for row in market.bank.settlements.all()] == [(again.seq, 6)]


def test_the_organisation_of_the_last_day_pays(market: Market) -> None:
    market.bank.organisations.add("grid-7", name="七网格", level="grid", parent="yungu", by="admin")
    market.redeem(soap=1, day=date(2026, 2, 10))
    market.bank.shops.move_to(market.shop, to="grid-7", from_day=FEB, by="admin")
    assert market.settle(FEB - DAY).entry.body["org"] == "yungu"
    market.redeem(soap=1, day=FEB)
    posted = market.settle(FEB)
    assert posted.entry.body["org"] == "grid-7"
    assert moves_of(posted) == [(TAKINGS, "E:SETTLED:GRID-7", "PTS", 3)]


def test_the_sheet_has_what_both_sides_sign(market: Market) -> None:
    market.redeem(rice=2, soap=3, day=date(2026, 2, 10))
    sale = market.redeem(soap=2, day=date(2026, 2, 11))
    market.give_back(sale.seq, soap=1, day=date(2026, 2, 12))
    posted = market.settle(FEB)
    market.redeem(soap=1, day=date(2026, 2, 13))
    sheet = sheet_of(market, posted)
    assert (sheet.shop, sheet.shop_name, sheet.org) == ("yungu-shop", "云谷超市", "yungu")
    assert (sheet.by, sheet.approved_by, sheet.taken_back_by) == ("clerk-1", "supervisor-1", None)
    assert sheet.goods == (("rice", 2), ("soap", 4)), "as it was known when it was settled"
    assert (sheet.paid, sheet.fen_per_point, sheet.fen) == (32, 100, 3200)


def test_what_is_due_is_what_would_be_paid(market: Market) -> None:
    market.redeem(soap=2, day=FEB)
    market.bank.shops.redeem(market.noodles, card="0001", goods={"noodles": 1}, by="clerk-1")
    due = market.bank.settlements.due(FEB)
    assert [(each.shop, each.points, each.fen) for each in due] == [("yungu-shop", 6, 600)]
    market.at(TODAY + DAY)
    assert [(each.shop, each.points) for each in market.bank.settlements.due(TODAY)] == [
        ("noodle-bar", 5), ("yungu-shop", 6)
    ]  # fmt: skip
    body = market.settle(TODAY).entry.body
    assert [body[name] for name in ("first", "last", "paid")] == ["2026-02-28", "2026-03-01", 6]
    assert [each.shop for each in market.bank.settlements.due(TODAY)] == ["noodle-bar"]


def test_what_is_due_and_the_sheet_are_told_whole(market: Market) -> None:
    sale = market.redeem(rice=2, soap=3, day=date(2026, 2, 10))
    market.give_back(sale.seq, soap=1, day=date(2026, 2, 11))
    market.give_back(sale.seq, soap=1)
    (due,) = market.bank.settlements.due(FEB)
    assert due == Due("yungu-shop", "yungu", date(2026, 2, 10), FEB, 29, 3, -3, 23, 2300)
    settled = market.settle(FEB)
    assert sheet_of(market, settled) == SettlementSheet(
        settled.seq, "yungu-shop", "云谷超市", "yungu", date(2026, 2, 10), FEB, 29, 3, -3, 23, 100,
        (("rice", 2), ("soap", 2)), "clerk-1", "supervisor-1", None,
    )  # fmt: skip


def test_the_sheet_has_the_goods_of_its_days_from_the_first_to_the_last(market: Market) -> None:
    market.redeem(soap=1, day=date(2026, 2, 10))
    market.settle(date(2026, 2, 12))
    for days, pieces in ((12, 1), (13, 2), (20, 1), (21, 1)):
        market.redeem(soap=pieces, day=date(2026, 2, days))
    market.redeem(rice=1, day=date(2026, 2, 21))
    sheet = sheet_of(market, market.settle(date(2026, 2, 20)))
    assert (sheet.first, sheet.last) == (date(2026, 2, 13), date(2026, 2, 20))
    assert sheet.goods == (("soap", 3),)


def test_a_shop_that_took_nothing_in_is_owed_nothing_of_the_day_that_is_asked_for(market: Market) -> None:
    with market.bank.journal.reading() as books:
        due = due_on(books, "yungu-shop", FEB, market.bank.journal.size_before)
    assert due == Due("yungu-shop", "yungu", FEB, FEB, 0, 0, 0, 0, 0)


def test_a_single_point_that_was_taken_and_one_that_was_given_back_are_told(market: Market) -> None:
    market.price(soap=1, from_day=date(2026, 2, 10))
    sale = market.redeem(soap=2, day=date(2026, 2, 10))
    market.redeem(soap=1, day=date(2026, 2, 11))
    market.give_back(sale.seq, soap=1, day=date(2026, 2, 11))
    body = market.settle(FEB).entry.body
    assert (body["taken"], body["returned"], body["paid"]) == (3, 1, 2)
    market.redeem(soap=1)
    market.at(TODAY + DAY)
    assert [each.points for each in market.bank.settlements.due(TODAY)] == [1]
    assert market.settle(TODAY).entry.body["paid"] == 1


def test_what_was_entered_before_the_last_settlements_day_was_over_is_not_read_again(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, Any]] = []

    def watched(*given: Any, **named: Any) -> Any:
        asked.append(named)
        return newest_first(*given, **named)

    monkeypatch.setattr(settlements, "newest_first", watched)
    market.redeem(soap=1)
    market.at(TODAY + DAY)
    market.settle(TODAY)
    first_of_next_day = market.redeem(soap=1).seq - 1  # the settlement itself
    market.at(TODAY + 2 * DAY)
    market.settle(TODAY + DAY)
    assert asked == [{"since": 0}, {"since": first_of_next_day}]


def test_settlements_are_those_of_a_shop_or_all_by_shop_and_day(market: Market) -> None:
    market.redeem(soap=1, day=date(2026, 2, 10))
    market.bank.shops.redeem(market.noodles, card="0001", goods={"noodles": 1}, day=FEB, by="clerk-1")
    first = market.settle(date(2026, 2, 15))
    noodles = market.settle(FEB, market.noodles)
    market.redeem(soap=1, day=FEB)
    last = market.settle(FEB)
    assert [row.seq for row in market.bank.settlements.all()] == [noodles.seq, first.seq, last.seq]
    assert [row.seq for row in market.bank.settlements.all(market.noodles)] == [noodles.seq]


def test_where_two_settlements_were_taken_back_the_third_last_is_the_newest(market: Market) -> None:
    market.redeem(soap=1, day=date(2026, 2, 10))
    market.settle(date(2026, 2, 12))
    for day in (13, 14):
        market.redeem(soap=1, day=date(2026, 2, day))
        market.reverse(market.settle(date(2026, 2, day)).seq, day=date(2026, 2, day))
    body = market.settle(date(2026, 2, 20)).entry.body
    assert (body["first"], body["taken"], body["paid"]) == ("2026-02-13", 6, 6)


def test_a_point_costs_what_the_rulebook_of_the_day_says_and_a_yuan_before_there_was_any(market: Market) -> None:
    text = re.sub("point_value_fen = .*", "point_value_fen = 80", shipped_rulebook())
    market.bank.rulebooks.adopt(text, from_day=FEB, by="admin")
    with market.bank.journal.reading() as books:
        days = (market.RULES_FROM - DAY, market.RULES_FROM, FEB - DAY, FEB)
        assert [fen_per_point(books, day) for day in days] == [100, 100, 100, 80]


# --- edges ---


def test_yesterday_can_be_settled_and_today_cannot(market: Market) -> None:
    market.redeem(soap=1, day=FEB)
    for last in (TODAY, TODAY + DAY):
        with market.refused(SettlementTooEarly, last=str(last), today="2026-03-01"):
            market.settle(last)
        with pytest.raises(SettlementTooEarly):
            market.bank.settlements.due(last)
    market.settle(TODAY - DAY)


def test_a_day_is_settled_once(market: Market) -> None:
    market.redeem(soap=1, day=FEB - DAY)
    market.settle(FEB - DAY)
    market.redeem(soap=1, day=FEB - DAY)
    for last in (FEB - DAY, FEB - 2 * DAY):
        with market.refused(SettledAlready, shop="yungu-shop", last=str(last), through=str(FEB - DAY)):
            market.settle(last)
    assert market.settle(FEB).entry.body["paid"] == 3


def test_where_nothing_is_owed_nothing_is_settled(market: Market) -> None:
    with market.refused(NothingToSettle, shop="yungu-shop", last="2026-02-28"):
        market.settle(FEB)
    sale = market.redeem(soap=1, day=FEB)
    with market.refused(NothingToSettle):
        market.settle(FEB - DAY)
    market.reverse(sale.seq)
    with market.refused(NothingToSettle):
        market.settle(FEB)
    assert market.bank.settlements.due(FEB) == ()


def test_a_settlement_belongs_to_an_open_month(market: Market) -> None:
    market.redeem(soap=1, day=FEB)
    market.bank.periods.close("2026-02", by="supervisor-1")
    with market.refused(PeriodClosed):
        market.settle(FEB)
    market.at(TODAY + DAY)
    assert market.settle(TODAY).entry.body["paid"] == 3


def test_a_settlement_needs_a_second_person_and_names_a_shop(market: Market) -> None:
    settle: Any = market.bank.settlements.settle
    market.redeem(soap=1, day=FEB)
    with market.refused(SelfApproval):
        settle(market.shop, last=FEB, by="admin", approved_by="admin")
    with market.refused(ApprovalMissing):
        settle(market.shop, last=FEB, by="clerk-1", approved_by=None)
    with market.refused(RoleNotAllowed):
        settle(market.shop, last=FEB, by="clerk-1", approved_by="registrar-1")
    with market.refused(RoleNotAllowed):
        settle(market.shop, last=FEB, by="auditor-1", approved_by="admin")
    with market.refused(UnknownShop):
        settle("west", last=FEB, **TWO)
    with pytest.raises(UnknownShop):
        market.bank.settlements.all("west")
    place: Any
    size = market.bank.report().entries
    for place in (market.honour, size, 10**9, 10**50, -1, True, "7"):
        with market.refused(UnknownSettlement, name=str(place)[:40]):
            market.bank.settlements.sheet(place)


def test_the_same_settlement_with_the_same_key_is_one_entry(market: Market) -> None:
    market.redeem(soap=1, day=FEB)
    named: dict[str, Any] = {"last": FEB, "key": "k", **TWO}
    first = market.bank.settlements.settle(market.shop, **named)
    again = market.bank.settlements.settle(market.shop, **named)
    assert (again.seq, again.repeated) == (first.seq, True)
    assert [row.seq for row in market.bank.settlements.all(market.shop)] == [first.seq]


# --- a property: nothing twice, nothing left out ---

DAYS = st.dates(date(2026, 2, 20), date(2026, 3, 6))
EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("redeem"), st.integers(1, 3), DAYS),
        st.tuples(st.just("redeem"), st.integers(1, 3), DAYS),
        st.tuples(st.just("reserve"), st.integers(1, 3), DAYS),
        st.tuples(st.just("collect"), st.integers(0, 9), DAYS),
        st.tuples(st.just("return"), st.integers(0, 9), DAYS),
        st.tuples(st.just("reverse"), st.integers(0, 9), DAYS),
        st.tuples(st.just("settle"), st.just(0), DAYS),
        st.tuples(st.just("settle"), st.just(0), DAYS),
        st.tuples(st.just("take-back"), st.integers(0, 9), DAYS),
        st.tuples(st.just("tomorrow"), st.just(0), DAYS),
    ),
    max_size=20,
)


class Till:
    """What a shop took in, counted beside the ledger: each change on its day."""

    def __init__(self) -> None:
        self.market = market = Market()
        market.bank.shops.receive(market.shop, {"soap": 500}, donor="a", **TWO)
        market.give(market.wang, 1000)
        self.today = TODAY
        self.changes: list[tuple[date, int]] = []
        self.sales: list[list[int]] = []  # entry, pieces left
        self.held: list[tuple[int, int]] = []
        self.paid: dict[int, int] = {}
        self.through = date.min

    def happen(self, name: str, number: int, day: date) -> None:
        may_be_refused = name in ("settle", "reverse")
        with suppress(Refused) if may_be_refused else nullcontext():
            getattr(self, name.replace("-", "_"))(number, min(day, self.today))

    def tomorrow(self, *_: object) -> None:
        self.today += DAY
        self.market.at(self.today)

    def redeem(self, pieces: int, day: date) -> None:
        self.sales.append([self.market.redeem(soap=pieces, day=day).seq, pieces])
        self.changes.append((day, 3 * pieces))

    def reserve(self, pieces: int, _: date) -> None:
        self.held.append((self.market.reserve(soap=pieces, until=date(2026, 12, 31)).seq, pieces))

    def collect(self, number: int, _: date) -> None:
        if self.held:
            seq, pieces = self.held.pop(number % len(self.held))
            self.market.bank.reservations.collect(seq, by="clerk-1")
            self.changes.append((self.today, 3 * pieces))

    def return_(self, number: int, day: date) -> None:
        open_sales = [sale for sale in self.sales if sale[1]]
        if open_sales:
            sale = open_sales[number % len(open_sales)]
            if self.owed < 3:
                with self.market.refused(NotEnoughTakings):
                    self.market.give_back(sale[0], soap=1, day=day)
                return
            self.market.give_back(sale[0], soap=1, day=day)
            sale[1] -= 1
            self.changes.append((day, -3))

    def reverse(self, number: int, day: date) -> None:
        whole = [sale for sale in self.sales if sale[1] and not self.market.bank.shops.returned(sale[0])]
        if whole:
            sale = whole[number % len(whole)]
            self.market.reverse(sale[0], day=day)
            self.changes.append((day, -3 * sale[1]))
            sale[1] = 0

    def settle(self, _: int, day: date) -> None:
        last = min(day, self.today - DAY)
        before = self.owed
        posted = self.market.settle(last)
        body = posted.entry.body
        assert last > self.through, "no day is settled twice"
        assert 0 < body["paid"] <= before, "never more is paid than is owed"
        late = self.market.bank.settlements.sheet(posted.seq).late
        assert body["taken"] - body["returned"] + late == body["paid"]
        first, inside = date.fromisoformat(body["first"]), [0, 0]
        for when, change in self.changes:
            if first <= when <= last:
                inside[change < 0] += abs(change)
        assert [body["taken"], body["returned"]] == inside
        self.paid[posted.seq] = body["paid"]
        self.through = last

    def take_back(self, number: int, day: date) -> None:
        if self.paid:
            newest = max(self.paid)
            self.market.reverse(newest, day=day)
            del self.paid[newest]
            rows = self.market.bank.settlements.all()
            self.through = date.fromisoformat(rows[-1].last) if rows else date.min

    @property
    def taken_in(self) -> int:
        return sum(change for _, change in self.changes)

    @property
    def owed(self) -> int:
        return self.taken_in - sum(self.paid.values())


@fewer(1)
@given(EVENTS)
def test_all_that_was_taken_in_is_paid_or_due_and_never_both(events: list[tuple[str, int, date]]) -> None:
    till = Till()
    market = till.market
    for name, number, day in events:
        till.happen("return_" if name == "return" else name, number, day)
        assert market.of(TAKINGS) == till.owed
        assert {row.seq: row.paid for row in market.bank.settlements.all()} == till.paid
    market.at(max(till.today, date(2026, 3, 6)) + DAY)
    last = max(till.today, date(2026, 3, 6))
    due = sum(each.points for each in market.bank.settlements.due(last) if each.shop == "yungu-shop")
    if till.through < last:
        assert sum(till.paid.values()) + due == till.taken_in
        if due:
            market.settle(last)
        assert market.of(TAKINGS) == 0
