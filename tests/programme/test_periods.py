"""A closed month stays as it is: its totals are written down, and no command posts on its days."""

from __future__ import annotations

import inspect
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import Village
from tests.programme.yard import Yard
from timebank.bank import Bank
from timebank.errors import (
    ApprovalMissing,
    BadCode,
    BadDay,
    KeyConflict,
    PeriodClosed,
    PeriodNotLast,
    PeriodNotNext,
    PeriodNotOver,
    Refused,
    RoleNotAllowed,
    SelfApproval,
    TimebankError,
)
from timebank.programme.closing import closed_at, month_before, month_of
from timebank.programme.periods import Period, Totals
from timebank.storage.memory import MemoryBooks

if TYPE_CHECKING:
    from collections.abc import Callable

JAN, FEB = "2026-01", "2026-02"
LAST_CLOSED, FIRST_OPEN = date(2026, 1, 31), date(2026, 2, 1)
TWO = {"by": "clerk-1", "approved_by": "supervisor-1"}
HIGHER = {"by": "admin-1", "approved_by": "supervisor-1"}


def close(village: Village, month: str = JAN, **named: Any) -> Any:
    return village.bank.periods.close(month, **{"by": "supervisor-1", **named})


def reopen(village: Village, month: str = JAN, **named: Any) -> Any:
    return village.bank.periods.reopen(month, **{"by": "supervisor-1", "approved_by": "admin-1", **named})


def refused(village: Village, error: type[TimebankError], command: Any, *args: Any, **named: Any) -> TimebankError:
    before = village.trace()
    with pytest.raises(error) as caught:
        command(village, *args, **named)
    assert village.trace() == before
    return caught.value


def test_closing_a_month_writes_its_totals_down(village: Village) -> None:
    """What was awarded in it, less what was taken back; what went for goods; what is left at its end."""
    village.record("patrol", minutes=60, day=date(2026, 2, 2))
    taken = village.record("patrol", minutes=60, day=date(2026, 2, 3))
    village.reverse(taken.seq, day=date(2026, 2, 28))
    village.redeem(rice=1, soap=1, day=date(2026, 2, 20))
    village.record("patrol", minutes=60, day=date(2026, 3, 1))
    posted = close(village, FEB)
    totals = {"awarded": 53, "minutes": 60, "redeemed": 13, "expired": 0, "deducted": 0, "outstanding": 40}
    assert (posted.entry.kind, posted.entry.day, posted.entry.moves) == ("period", Village.TODAY, ())
    assert dict(posted.entry.body) == {"month": FEB, "do": "close", "totals": totals}
    assert village.bank.periods.closed_through() == FEB
    assert village.bank.periods.all() == (Period(FEB, posted.seq, Totals(**totals)),)
    assert village.bank.periods.totals("2026-03").awarded == 3


def test_what_a_shop_was_paid_for_was_redeemed_all_the_same(village: Village) -> None:
    village.redeem(rice=1, day=date(2026, 2, 20))
    assert village.bank.periods.totals(FEB).redeemed == 10
    village.bank.settlements.settle(village.shop, last=date(2026, 2, 28), **TWO)
    assert village.bank.shops.takings(village.shop) == 0
    assert village.bank.periods.totals(FEB).redeemed == 10


def test_deducted_and_reserved_points_stand_in_the_totals(village: Village) -> None:
    village.bank.deductions.record(village.wang, "rubbish", day=date(2026, 2, 20), **TWO)
    before = village.bank.periods.totals(FEB)
    assert (before.deducted, before.outstanding) == (5, 45)
    village.bank.reservations.reserve(
        village.shop, card="0001", goods={"soap": 1}, until=Village.TODAY, by="clerk-1"
    )
    assert village.bank.periods.totals("2026-03") == Totals(0, 0, 0, 0, 0, outstanding=45)


def test_points_that_lapsed_stand_in_the_totals_of_their_last_day() -> None:
    yard = Yard()
    yard.earn(10)
    yard.at(date(2025, 1, 1))
    assert yard.bank.periods.totals("2024-12") == Totals(0, 0, 0, 0, 0, outstanding=10)
    yard.bank.points.expire(by="clerk-1")
    assert yard.bank.periods.totals("2024-12") == Totals(0, 0, 0, expired=10, deducted=0, outstanding=0)
    assert yard.bank.periods.totals("2025-01") == Totals(0, 0, 0, 0, 0, 0)


def test_a_month_is_closed_when_its_last_day_is_over(village: Village) -> None:
    village.now = datetime(2026, 2, 28, 15, 59, tzinfo=UTC)  # 23:59 in Shanghai
    bank = Bank.in_memory(clock=lambda: village.now)
    with pytest.raises(PeriodNotOver) as caught:
        bank.periods.close(FEB, by="admin")
    assert caught.value.facts() == {"month": FEB, "last_day": "2026-02-28"}
    village.now = datetime(2026, 2, 28, 16, 0, tzinfo=UTC)
    bank.periods.close(FEB, by="admin")


def test_months_are_closed_one_after_the_other_from_any_first_one(village: Village) -> None:
    close(village, "2025-11")
    error = refused(village, PeriodNotNext, close, JAN)
    assert error.facts() == {"month": JAN, "through": "2025-11"}
    refused(village, PeriodNotNext, close, "2025-11")
    refused(village, PeriodNotNext, close, "2025-10")
    close(village, "2025-12")
    close(village, JAN)
    assert [period.month for period in village.bank.periods.all()] == ["2025-11", "2025-12", JAN]


def test_only_the_last_closed_month_is_opened_again_and_by_two_people(village: Village) -> None:
    assert refused(village, PeriodNotLast, reopen, JAN).facts() == {"month": JAN, "through": "-"}
    close(village, "2025-12")
    close(village, JAN)
    error = refused(village, PeriodNotLast, reopen, "2025-12")
    assert error.facts() == {"month": "2025-12", "through": JAN}
    refused(village, SelfApproval, reopen, approved_by="supervisor-1")
    refused(village, ApprovalMissing, reopen, approved_by=None)
    refused(village, RoleNotAllowed, reopen, by="clerk-1")
    refused(village, RoleNotAllowed, reopen, approved_by="clerk-1")
    posted = reopen(village)
    assert (posted.entry.ok, dict(posted.entry.body)) == ("admin-1", {"month": JAN, "do": "reopen"})
    assert village.bank.periods.closed_through() == "2025-12"
    village.record("patrol", minutes=60, day=LAST_CLOSED)
    refused(village, PeriodNotNext, close, FEB)
    again = close(village)
    assert [period.month for period in village.bank.periods.all()] == ["2025-12", JAN]
    assert village.bank.periods.all()[1] == Period(JAN, again.seq, village.bank.periods.totals(JAN))
    assert village.bank.periods.all()[1].totals.awarded == 3


def test_what_the_first_closing_closed_with_it_stays_closed_when_it_is_opened_again(village: Village) -> None:
    close(village)
    reopen(village)
    assert (village.bank.periods.closed_through(), village.bank.periods.all()) == ("2025-12", ())


def test_each_closing_names_the_one_before(village: Village) -> None:
    seqs = [close(village, "2025-12"), close(village), reopen(village), close(village)]
    assert [posted.entry.ref for posted in seqs] == [None, *(posted.seq for posted in seqs[:-1])]


def test_a_supervisor_or_an_administrator_closes(village: Village) -> None:
    for operator in ("clerk-1", "registrar-1", "auditor-1"):
        refused(village, RoleNotAllowed, close, by=operator)
    close(village, by="admin-1")


@pytest.mark.parametrize(
    "month", ["2026-1", "2026-13", "2026-00", "0000-12", "2026-01-01", "２０２６-01", 202601, None]
)
def test_a_month_is_written_in_one_way(village: Village, month: Any) -> None:
    error = refused(village, BadCode, close, month)
    assert error.facts() == {"field": "month", "value": str(month), "pattern": r"\d{4}-(0[1-9]|1[0-2])"}


def test_the_first_and_the_last_month_there_is_have_totals(village: Village) -> None:
    nothing = Totals(0, 0, 0, 0, 0, 0)
    assert village.bank.periods.totals("0001-01") == village.bank.periods.totals("0001-02") == nothing
    assert village.bank.periods.totals("9999-12") == evolve(nothing, outstanding=50)
    assert [month_before(month) for month in ("0001-01", "0002-01", "0002-12")] == ["", "0001-12", "0002-11"]
    assert month_of(date(3, 4, 5)) == "0003-04"


def test_the_same_key_closes_once(village: Village) -> None:
    first = close(village, key="p/1")
    assert (close(village, key="p/1").seq, close(village, key="p/1").repeated) == (first.seq, True)
    refused(village, KeyConflict, close, FEB, key="p/1")
    refused(village, KeyConflict, reopen, key="p/1")


class Street(Village):
    """A village in which something of everything happened on open days, ready to be done again on a closed one."""

    def __init__(self) -> None:
        super().__init__()
        bank, by = self.bank, {"by": "admin-1"}
        bank.organisations.add("east", name="东街道", level="street", **by)
        bank.organisations.add("lake", name="湖社区", level="community", **by)
        self.other_shop = bank.shops.open("lake-shop", org="lake", name="湖超市", **by)
        self.house = bank.members.enrol(org="yungu", kind="household", **by)
        self.team = bank.members.enrol(org="yungu", kind="team", **by)
        self.li = bank.members.enrol(org="yungu", **by)
        bank.teams.join(self.team, self.li, day=FIRST_OPEN, **by)
        bank.venues.add("hall", org="yungu", name="幸福空间", **by)
        self.patrolled = self.record("patrol", minutes=60, day=FIRST_OPEN).seq
        self.redeemed = self.redeem(soap=1, day=FIRST_OPEN).seq
        self.deducted = bank.deductions.record(self.wang, "rubbish", day=FIRST_OPEN, **TWO).seq
        self.claim = bank.claims.submit("honour", [self.li], occasions=1, day=FIRST_OPEN, by="clerk-1").seq
        orders = bank.orders
        self.ordered, self.sent, self.taken, self.finished = (
            orders.open("repair", member=self.li, day=FIRST_OPEN, by="clerk-1").seq for _ in range(4)
        )
        orders.dispatch(self.sent, volunteer=self.wang, day=FIRST_OPEN, by="clerk-1")
        for order in (self.taken, self.finished):
            orders.accept(order, self.wang, day=FIRST_OPEN, by="clerk-1")
        orders.finish(self.finished, day=FIRST_OPEN, by="clerk-1")


ONE = {"by": "admin-1"}
COMMANDS: dict[str, Callable[[Street, date], object]] = {
    "organisations.move": lambda v, d: v.bank.organisations.move("yungu", to="east", from_day=d, **ONE),
    "members.move": lambda v, d: v.bank.members.move(v.wang, to="lake", from_day=d, **ONE),
    "members.set_household": lambda v, d: v.bank.members.set_household(v.house, [v.wang], from_day=d, **ONE),
    "teams.join": lambda v, d: v.bank.teams.join(v.team, v.wang, day=d, **ONE),
    "teams.leave": lambda v, d: v.bank.teams.leave(v.team, v.li, day=d, **ONE),
    "services.record": lambda v, d: v.record("honour", occasions=1, day=d),
    "claims.submit": lambda v, d: v.bank.claims.submit("honour", [v.wang], occasions=1, day=d, **ONE),
    "claims.approve": lambda v, d: v.bank.claims.approve(v.claim, day=d, by="supervisor-1"),
    "claims.reject": lambda v, d: v.bank.claims.reject(v.claim, reason="no", day=d, by="supervisor-1"),
    "deductions.record": lambda v, d: v.bank.deductions.record(v.wang, "rubbish", day=d, **TWO),
    "deductions.lodge": lambda v, d: v.bank.deductions.lodge(v.deducted, reason="wrong", day=d, **ONE),
    "shops.count": lambda v, d: v.bank.shops.count(v.shop, {"soap": 7}, day=d, **TWO),
    "shops.move": lambda v, d: v.bank.shops.move(v.shop, v.other_shop, {"soap": 1}, day=d, **TWO),
    "shops.move_to": lambda v, d: v.bank.shops.move_to(v.shop, to="lake", from_day=d, **ONE),
    "shops.receive": lambda v, d: v.receive(soap=1, day=d),
    "shops.redeem": lambda v, d: v.redeem(soap=1, day=d),
    "shops.return_goods": lambda v, d: v.bank.shops.return_goods(v.redeemed, {"soap": 1}, day=d, **TWO),
    "shops.write_off": lambda v, d: v.bank.shops.write_off(v.shop, {"soap": 1}, reason="broken", day=d, **TWO),
    "settlements.settle": lambda v, d: v.bank.settlements.settle(v.shop, last=d, **TWO),
    "corrections.reverse": lambda v, d: v.reverse(v.patrolled, day=d),
    "orders.open": lambda v, d: v.bank.orders.open("repair", member=v.li, day=d, **ONE),
    "orders.dispatch": lambda v, d: v.bank.orders.dispatch(v.ordered, to="fire-brigade", day=d, **ONE),
    "orders.accept": lambda v, d: v.bank.orders.accept(v.ordered, v.wang, day=d, **ONE),
    "orders.decline": lambda v, d: v.bank.orders.decline(v.sent, reason="no-time", day=d, **ONE),
    "orders.finish": lambda v, d: v.bank.orders.finish(v.taken, day=d, **ONE),
    "orders.cancel": lambda v, d: v.bank.orders.cancel(v.ordered, reason="no", day=d, **ONE),
    "orders.rate": lambda v, d: v.bank.orders.rate(v.finished, stars=5, done=True, day=d, **ONE),
    "venues.log": lambda v, d: v.bank.venues.log("hall", room="活动室", purpose="棋牌", people=3, day=d, **ONE),
    "openings.record": lambda v, d: v.bank.openings.record(v.li, points=5, day=d, **HIGHER),
}
OF_TODAY = {
    *("rulebooks.adopt", "shops.set_price", "shops.limit", "budgets.set"),  # in force from a day
    "reservations.reserve",  # until a day
}
"""Commands with a day that is not their entry's: the entry is of today."""


def commands_with_a_day(bank: Bank) -> set[str]:
    """Every command of every desk that takes a day, however the argument is called."""
    return {
        f"{desk}.{name}"
        for desk, made in vars(bank).items()
        for name, command in inspect.getmembers(made, inspect.ismethod)
        if desk != "journal"
        and not name.startswith("_")
        and "by" in (given := inspect.signature(command).parameters)
        if any("date" in str(argument.annotation) for argument in given.values())
    }


def test_every_command_that_takes_a_day_is_tried_here(village: Village) -> None:
    assert commands_with_a_day(village.bank) == COMMANDS.keys() | OF_TODAY


@pytest.mark.parametrize("name", COMMANDS)
def test_no_command_posts_on_a_day_of_a_closed_month(name: str) -> None:
    street = Street()
    size = len(list(street.bank.journal.entries()))
    close(street)
    error = refused(street, PeriodClosed, COMMANDS[name], LAST_CLOSED)
    assert error.facts() == {"day": "2026-01-31", "through": JAN}
    COMMANDS[name](street, FIRST_OPEN)
    assert [entry.day for entry in street.bank.journal.entries(size + 1)] == [FIRST_OPEN]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_posts_on_that_day_while_its_month_is_open(name: str) -> None:
    """So that it is the closing, and nothing else, that refuses it."""
    street = Street()
    with suppress(Refused):
        COMMANDS[name](street, LAST_CLOSED)
        return
    with pytest.raises(Refused) as caught:
        COMMANDS[name](street, LAST_CLOSED)
    assert not isinstance(caught.value, PeriodClosed)


DEEDS = st.lists(
    st.tuples(st.sampled_from(["record", "redeem", "reverse"]), st.integers(1, 4), st.integers(-40, 0)),
    max_size=12,
)


@given(DEEDS, DEEDS)
def test_whatever_happens_later_the_totals_of_a_closed_month_stay(
    before: list[tuple[str, int, int]], after: list[tuple[str, int, int]]
) -> None:
    village = Village()

    def do(what: str, number: int, back: int) -> None:
        day = Village.TODAY + timedelta(days=back)
        with suppress(Refused):
            if what == "record":
                village.record("patrol", minutes=20 * number, day=day)
            elif what == "redeem":
                village.redeem(soap=number, day=day)
            else:
                village.reverse(len(list(village.bank.journal.entries())) - number, day=day)

    for deed in before:
        do(*deed)
    close(village)
    (frozen,) = village.bank.periods.all()
    for deed in after:
        do(*deed)
    assert village.bank.periods.all() == (frozen,)
    assert village.bank.periods.totals(JAN) == frozen.totals


MONTHS = ("2025-12", JAN, FEB)


@given(st.lists(st.one_of(st.sampled_from(["close", "reopen"]), st.integers(-89, 0)), max_size=16))
def test_what_is_recorded_after_a_closing_is_of_later_days(deeds: list[str | int]) -> None:
    """So a statement of a closed month need not look at it; nothing recorded late is left out."""
    village = Village()
    periods = village.bank.periods
    for deed in deeds:
        through = periods.closed_through() or "2025-11"
        with suppress(Refused):
            if deed == "close":
                close(village, MONTHS[sum(month <= through for month in MONTHS)] if through < FEB else FEB)
            elif deed == "reopen":
                reopen(village, through)
            else:
                village.record("patrol", minutes=60, day=max(Village.RULES_FROM, Village.TODAY + timedelta(deed)))
    lines = village.bank.members.statement(village.wang).lines
    entries = list(village.bank.journal.entries())
    for back in range(95):
        day = Village.TODAY - timedelta(back)
        with village.bank.journal.reading() as books:
            place = closed_at(books, day)
        assert (place is None) is (f"{day:%Y-%m}" > periods.closed_through())
        assert all(entry.day > day for entry in entries if place is not None and entry.seq > place)
        of_day = village.bank.members.statement(village.wang, first=day, last=day).lines
        assert [line.entry for line in of_day] == [line.entry for line in lines if line.entry.day == day]


def test_a_month_counts_from_the_closing_that_stands(village: Village) -> None:
    def place(day: date | None) -> int | None:
        with village.bank.journal.reading() as books:
            return closed_at(books, day)

    assert [place(date(2025, 6, 1)), place(None)] == [None, None]
    first = close(village, "2025-12")
    assert place(None) is None
    assert [place(date(2025, 6, 1)), place(date(2025, 12, 31)), place(LAST_CLOSED)] == [first.seq, first.seq, None]
    close(village)
    reopen(village)
    again = close(village)
    feb = close(village, FEB)
    assert [place(date(2025, 12, 31)), place(LAST_CLOSED), place(FIRST_OPEN)] == [first.seq, again.seq, feb.seq]


def test_a_month_before_the_first_closing_counts_from_it_though_later_ones_were_opened_since(
    village: Village,
) -> None:
    first = close(village)
    reopen(village)
    reopen(village, "2025-12")
    december = close(village, "2025-12")
    again = close(village)
    with village.bank.journal.reading() as books:
        places = [closed_at(books, date(year, month, 5)) for year, month in ((2025, 11), (2025, 12), (2026, 1))]
    assert places == [first.seq, december.seq, again.seq]


@pytest.mark.parametrize("day", ["2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)])
def test_what_is_no_day_is_refused_by_a_statement_though_months_are_closed(village: Village, day: Any) -> None:
    close(village)
    statements: tuple[tuple[Any, Any], ...] = (
        (village.bank.members.statement, village.wang),
        (village.bank.shops.statement, village.shop),
    )
    for ask, what in statements:
        with pytest.raises(BadDay) as caught:
            ask(what, last=day)
        assert caught.value.facts() == {"field": "last", "value": str(day)}


def test_a_statement_of_a_closed_month_does_not_look_at_what_came_later(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int | None] = []
    look = MemoryBooks.postings

    def postings(self: MemoryBooks, *where: Any, before: int | None = None, **named: Any) -> Any:
        asked.append(before)
        return look(self, *where, before=before, **named)

    closing = close(village)
    monkeypatch.setattr(MemoryBooks, "postings", postings)
    village.bank.members.statement(village.wang, first=LAST_CLOSED, last=LAST_CLOSED)
    village.bank.shops.statement(village.shop, first=LAST_CLOSED, last=LAST_CLOSED)
    assert asked == [closing.seq, closing.seq]
    village.bank.members.statement(village.wang, first=LAST_CLOSED, last=FIRST_OPEN)
    village.bank.members.statement(village.wang, first=LAST_CLOSED)
    assert asked[2:] == [None, None]
