"""Statements: each day's running balance is the ledger's own; counts, lapses and the zero by organisation."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import timebank
from tests.audit.everything import Village as Everything
from tests.audit.everything import build_everything
from tests.conftest import Village, fewer
from timebank.audit.reporting.trial_balance import NO_SIDES, Sides, owner_on, trial_balance_by_organisation
from timebank.audit.statements import check_days, member_statement, shop_statement, stock_cards
from timebank.errors import DaysReversed, Refused, SettlementTooEarly, UnknownGood, UnknownMember, UnknownShop
from timebank.ledger.codes import debit_sign
from timebank.ledger.store import Reader

START = date(2026, 2, 1)
TODAY = date(2026, 3, 1)
BOTH: dict[str, Any] = {"by": "clerk-1", "approved_by": "supervisor-1"}
DAYS = st.dates(START, TODAY)
ACTS = st.lists(
    st.tuples(
        st.sampled_from(("award", "redeem", "receive", "count", "reverse", "return", "settle", "deduct")),
        DAYS,
        st.integers(1, 3),
    ),
    max_size=25,
)


def live(acts: list[tuple[str, date, int]]) -> Village:
    """A village that tries all *acts*, in the order of the list, whatever their days are."""
    village = Village()
    for act, day, number in acts:
        with contextlib.suppress(Refused, SettlementTooEarly):
            try_to(village, act, day, number)
    return village


def try_to(village: Village, act: str, day: date, number: int) -> None:
    bank = village.bank
    if act == "award":
        village.record("patrol", minutes=60 * number, day=day)
    elif act == "redeem":
        village.redeem(soap=number, day=day)
    elif act == "receive":
        village.receive(soap=number, rice=1, day=day)
    elif act == "count":
        bank.shops.count(village.shop, {"soap": 3 * number}, day=day, **BOTH)
    elif act == "deduct":
        bank.deductions.record(village.wang, "rubbish", day=day, **BOTH)
    elif act == "settle":
        bank.settlements.settle(village.shop, last=day, **BOTH)
    else:
        last = bank.report().entries - number
        if act == "reverse":
            village.reverse(last, day=day)
        else:
            with contextlib.suppress(timebank.errors.Unknown):
                bank.shops.return_goods(last, {"soap": 1}, day=day, **BOTH)


def every_day(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += timedelta(days=1)


def check_running(
    books: Reader, account: str, unit: str, first: date, last: date, opening: int, after: Any
) -> None:
    """*after* are days and balances in the order of the lines: on every day they are what the ledger says."""
    assert opening == books.balance_on(account, unit, first - timedelta(days=1))
    running, lines = opening, list(after)
    for day in every_day(first, last):
        while lines and lines[0][0] == day:
            running = lines.pop(0)[1]
        assert running == books.balance_on(account, unit, day), day
    assert lines == []


@given(acts=ACTS, ends=st.lists(DAYS, min_size=2, max_size=2))
def test_every_running_balance_is_the_ledgers_own_on_every_day(
    acts: list[tuple[str, date, int]], ends: list[date]
) -> None:
    village = live(acts)
    first, last = sorted(ends)
    shop, member = village.shop.id, village.wang.id
    with village.bank.journal.reading() as books:
        mine = member_statement(books, member, first=first, last=last, today=TODAY)
        for unit, which in (("PTS", "points"), ("MIN", "minutes")):
            after = [(line.entry.day, getattr(line.after, which)) for line in mine.lines]
            opening = getattr(mine.opening, which)
            check_running(books, f"L:M:{member}", unit, first, last, opening, after)
            moved = sum(getattr(line, f"{which}_in") - getattr(line, f"{which}_out") for line in mine.lines)
            assert opening + moved == getattr(mine.closing, which)
        theirs = shop_statement(books, shop, first=first, last=last)
        after = [(line.entry.day, line.after) for line in theirs.lines]
        check_running(books, f"L:S:{shop.upper()}", "PTS", first, last, theirs.opening, after)
        assert theirs.closing == theirs.opening + sum(
            line.taken - line.returned - line.settled for line in theirs.lines
        )
        assert theirs.fen == 100 * theirs.closing
        for card in stock_cards(books, shop, ("soap", "rice"), first=first, last=last):
            after = [(line.entry.day, line.after) for line in card.lines]
            unit = card.good.upper()
            check_running(books, f"A:S:{shop.upper()}", unit, first, last, card.opening, after)
            assert card.closing == card.opening + sum(line.came - line.went for line in card.lines)


@settings(fewer(5))
@given(acts=ACTS, ends=st.lists(DAYS, min_size=2, max_size=2))
def test_what_need_not_be_looked_at_changes_nothing(acts: list[tuple[str, date, int]], ends: list[date]) -> None:
    village = live(acts)
    first, last = sorted(ends)
    shop = village.shop.id
    since = village.bank.journal.size_before(first)
    with village.bank.journal.reading() as books:
        for skipped in (0, since):
            found = [
                member_statement(books, village.wang.id, first=first, last=last, today=TODAY, since=skipped),
                shop_statement(books, shop, first=first, last=last, since=skipped),
                tuple(stock_cards(books, shop, ("soap",), first=first, last=last, since=skipped)),
            ]
            if skipped == 0:
                whole = found
        assert found == whole


def test_a_count_as_booked_is_a_line_and_one_with_a_difference_says_what_was_counted(village: Village) -> None:
    shops, shop = village.bank.shops, village.shop
    name = shop.id
    shops.count(shop, {"soap": 9}, **BOTH)
    shops.count(shop, {"soap": 7, "rice": 4}, **BOTH)
    with village.bank.journal.reading() as books:
        soap, rice = stock_cards(books, name, ("soap", "rice"), first=None, last=TODAY)
    assert [(line.came, line.went, line.counted, line.after) for line in soap.lines] == [
        (9, 0, None, 9),
        (0, 0, 9, 9),
        (0, 2, 7, 7),
    ]
    assert [(line.other, line.counted, line.after) for line in rice.lines][-1] == ("", 4, 4)


def test_what_a_shop_took_gave_back_and_was_paid_stands_in_columns_of_its_own(village: Village) -> None:
    bank, shop = village.bank, village.shop
    bought = village.redeem(soap=3, day=date(2026, 2, 20)).seq
    bank.shops.return_goods(bought, {"soap": 1}, day=date(2026, 2, 21), **BOTH)
    settled = bank.settlements.settle(shop, last=date(2026, 2, 25), **BOTH).seq
    village.reverse(settled, day=date(2026, 2, 26))
    with bank.journal.reading() as books:
        found = shop_statement(books, shop.id, first=date(2026, 2, 1), last=TODAY)
    assert [(line.taken, line.returned, line.settled, line.after) for line in found.lines] == [
        (9, 0, 0, 9),
        (0, 3, 0, 6),
        (0, 0, 6, 0),
        (0, 0, -6, 6),
    ]
    assert (found.opening, found.closing, found.fen) == (0, 6, 600)


def test_what_lapses_next_is_what_the_desk_for_points_says(tmp_path: Path) -> None:
    village = build_everything(tmp_path / "everything.timebank")
    with timebank.open(tmp_path / "everything.timebank", clock=village.clock) as bank:
        today = bank.today()
        wanted = {(each.member, each.day, each.points) for each in bank.points.lapsing(3660)}
        with bank.journal.reading() as books:
            found = {
                (member.id, lapse.until, lapse.points)
                for member in bank.members.all()
                for lapse in member_statement(books, member.id, first=None, last=today, today=today).lapsing
            }
    assert found == wanted
    assert found


def test_unknown_names_and_days_the_wrong_way_round_are_refused(village: Village) -> None:
    late, early = TODAY, START
    with village.bank.journal.reading() as books:
        with pytest.raises(UnknownMember):
            member_statement(books, "0000000000", first=None, last=TODAY, today=TODAY)
        with pytest.raises(UnknownShop):
            shop_statement(books, "nowhere", first=None, last=TODAY)
        with pytest.raises(UnknownGood):
            list(stock_cards(books, "yungu-shop", ("bread",), first=None, last=TODAY))
        with pytest.raises(DaysReversed) as caught:
            shop_statement(books, "yungu-shop", first=late, last=early)
        assert (caught.value.first_day, caught.value.last_day) == (str(late), str(early))
    check_days(late, late)
    check_days(None, early)
    check_days(late, None)


# --- the trial balance by organisation


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Everything]:
    path = tmp_path_factory.mktemp("everything") / "everything.timebank"
    return path, build_everything(path)


def test_by_organisation_each_unit_is_the_trial_balance_and_sums_to_zero(
    everything: tuple[Path, Everything],
) -> None:
    with timebank.open(everything[0], readonly=True) as bank, bank.journal.reading() as books:
        for day in (date(2026, 1, 5), date(2026, 2, 28), date(2026, 3, 11), date(2026, 4, 30), date(2027, 6, 1)):
            found = trial_balance_by_organisation(books, day)
            plain = [line for line in books.balances(day) if line.amount]
            assert {unit.unit for unit in found} == {line.unit for line in plain}
            for unit in found:
                debits = [debit_sign(line.account) * line.amount for line in plain if line.unit == unit.unit]
                assert unit.total == Sides(sum(d for d in debits if d > 0), -sum(d for d in debits if d < 0))
                assert unit.total.difference == 0
                tops = [branch.sides for branch in unit.branches if branch.depth == 0]
                assert sum(tops, unit.donors) == unit.total
                assert sum((sides for _, sides in unit.kinds), NO_SIDES) == unit.total


def test_an_organisation_is_rolled_up_as_the_tree_was_on_the_day(everything: tuple[Path, Everything]) -> None:
    path, village = everything
    with timebank.open(path, readonly=True) as bank, bank.journal.reading() as books:
        moved = bank.journal.entry(next(e.seq for e in bank.journal.entries() if e.kind == "move")).day
        for day, above in ((moved - timedelta(days=1), "yungu"), (moved, "shanxi")):
            points = trial_balance_by_organisation(books, day)[0]
            sides = {branch.org: branch.sides for branch in points.branches}
            own: dict[str, Sides] = {}
            owner = owner_on(books, day)
            for line in books.balances(day):
                if line.unit == "PTS" and line.amount:
                    org = owner(line.account)
                    own[org] = own.get(org, NO_SIDES).with_balance(debit_sign(line.account) * line.amount)
            assert sides[above] == own.get(above, NO_SIDES) + sides["grid-7"]
            other = {"yungu": "shanxi", "shanxi": "yungu"}[above]
            assert sides.get(other, NO_SIDES) == own.get(other, NO_SIDES)
        assert owner_on(books, moved)(f"L:M:{village.people['sun']}") == "shanxi"
        assert owner_on(books, moved - timedelta(days=1))(f"L:M:{village.people['sun']}") == "grid-7"
        assert owner_on(books, moved)("I:DONATED:HUICAI") == ""
