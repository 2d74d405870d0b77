"""The report of a period: where it overlaps with other reports it says the same; parts add up to the whole."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import timebank
from tests.audit.everything import Village as Everything
from tests.audit.everything import build_everything
from tests.conftest import Village
from timebank.audit.reporting.liability import liability_on
from timebank.audit.reporting.programme import FIGURES, MONTHLY, ProgrammeReport, programme_report
from timebank.audit.reporting.scope import Span, months_between, scope_of
from timebank.bank import Bank
from timebank.errors import DaysReversed, UnknownOrganisation
from timebank.programme.flows import flows_of

FIRST, LAST = date(2025, 12, 1), date(2027, 6, 30)
BOTH = {"by": "clerk-1", "approved_by": "supervisor-1"}


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Everything]:
    path = tmp_path_factory.mktemp("everything") / "everything.timebank"
    return path, build_everything(path)


def reported(bank: Bank, first: date, last: date, org: str | None = None) -> ProgrammeReport:
    with bank.journal.reading() as books:
        return programme_report(
            books, Span(first, last), org=org, today=bank.today(), size_before=bank.journal.size_before
        )


def figures(report: ProgrammeReport) -> dict[str, int]:
    return {figure.name: figure.now for figure in report.figures}


def opened(everything: tuple[Path, Everything]) -> Bank:
    return timebank.open(everything[0], readonly=True, clock=lambda: everything[1].clock.now)


def test_over_all_days_it_says_what_the_other_reports_say(everything: tuple[Path, Everything]) -> None:
    with opened(everything) as bank:
        found, whole, today = reported(bank, FIRST, LAST), bank.report(), bank.today()
        now = figures(found)
        assert found.members == whole.members == now["enrolled"]
        assert now["credited_minutes"] == whole.service_minutes
        assert now["awarded"] == whole.points_awarded
        assert now["redemptions"] == whole.redemptions
        assert now["redeemed"] == whole.points_redeemed
        assert now["settled"] == whole.points_settled
        assert now["deducted"] == whole.points_deducted
        assert now["expired"] == whole.points_expired
        assert found.liability.outstanding == whole.points_outstanding
        assert found.total == bank.orders.total(first=FIRST, last=LAST)
        assert found.wishes == bank.orders.total(kind="wish", first=FIRST, last=LAST).__class__(
            **{**_facts(bank.orders.total(kind="wish", first=FIRST, last=LAST)), "kind": ""}
        )
        at_the_end = reported(bank, FIRST, today)
        assert at_the_end.liability.ages == bank.points.ages()
        assert at_the_end.liability.lapsed == sum(each.points for each in bank.points.lapsed())
        assert at_the_end.liability.outstanding == (
            at_the_end.liability.spendable + at_the_end.liability.held + at_the_end.liability.lapsed
        )
        board = [star.stars for star in bank.stars.board(day=LAST)]
        assert found.stars == tuple(board.count(number) for number in range(1, 6))
        assert [(shop, number) for shop, number, _ in found.settlements] == [
            (shop.id, len(bank.settlements.all(shop))) for shop in bank.shops.all() if bank.settlements.all(shop)
        ]


def _facts(rate: object) -> dict[str, object]:
    import attrs

    return attrs.asdict(rate)  # type: ignore[arg-type]


def test_each_month_has_the_totals_of_its_period(everything: tuple[Path, Everything]) -> None:
    with opened(everything) as bank:
        found = reported(bank, FIRST, LAST)
        assert found.months[0].month == "2026-01"
        for month in found.months:
            got, totals = dict(zip(MONTHLY, month.figures, strict=True)), bank.periods.totals(month.month)
            assert (got["awarded"], got["redeemed"], got["expired"], got["deducted"]) == (
                totals.awarded, totals.redeemed, totals.expired, totals.deducted
            )  # fmt: skip
            last = date.fromisoformat(f"{month.month}-28") + timedelta(days=4)
            day = last - timedelta(days=last.day)
            with bank.journal.reading() as books:
                assert liability_on(books, day, scope_of(books, None, day)).outstanding == totals.outstanding


@given(cut=st.dates(FIRST, LAST - timedelta(days=1)))
def test_two_periods_add_up_to_one(everything: tuple[Path, Everything], cut: date) -> None:
    with opened(everything) as bank:
        whole = reported(bank, FIRST, LAST)
        early, late = reported(bank, FIRST, cut), reported(bank, cut + timedelta(days=1), LAST)
    one, two, both = figures(early), figures(late), figures(whole)
    for name in FIGURES:
        if name != "servers":
            assert one[name] + two[name] == both[name], name
    for kind in ("services", "goods", "settlements"):
        sums: dict[str, list[int]] = {}
        for part in (early, late):
            for row in getattr(part, kind):
                name, numbers = _row(row)
                sums[name] = [a + b for a, b in zip(sums.get(name, [0, 0, 0]), numbers, strict=False)]
        assert {name: n for name, n in sums.items() if any(n)} == dict(map(_row, getattr(whole, kind))), kind


def _row(row: object) -> tuple[str, list[int]]:
    if isinstance(row, tuple):
        return row[0], [row[1], row[2]]
    name, *numbers = _facts(row).values()
    return str(name), numbers[:1] + numbers[2:4] if len(numbers) > 2 else numbers  # type: ignore[return-value]


def test_what_belongs_to_organisations_adds_up_to_all(everything: tuple[Path, Everything]) -> None:
    with opened(everything) as bank:
        whole = figures(reported(bank, FIRST, LAST))
        top = reported(bank, FIRST, LAST, "jianyang")
        below = [reported(bank, FIRST, LAST, org) for org in ("yungu", "shanxi")]
        assert figures(top) == whole
        assert reported(bank, FIRST, LAST).liability == top.liability
        for name in FIGURES:
            if name != "servers":
                assert sum(figures(part)[name] for part in below) == whole[name], name
        assert sum(part.liability.outstanding for part in below) == top.liability.outstanding
        assert sum(part.members for part in below) == top.members
        with pytest.raises(UnknownOrganisation):
            reported(bank, FIRST, LAST, "nowhere")
        with pytest.raises(DaysReversed):
            reported(bank, LAST, FIRST)


def test_what_was_owed_on_a_day_is_what_was_said_on_that_day() -> None:
    village = Village()
    bank, said = village.bank, {}
    for day in range(300):
        village.now = datetime(2026, 3, 1, 4, tzinfo=UTC) + timedelta(days=3 * day)
        today = bank.today()
        if day % 7 == 0:
            village.record("patrol", minutes=60, day=today)
        if day % 11 == 0 and village.points >= 3:
            village.receive(soap=1, day=today)
            village.redeem(soap=1, day=today)
        if day % 13 == 0:
            bank.points.expire(by="clerk-1")
        said[today] = (bank.points.ages(), bank.report().points_outstanding)
    with bank.journal.reading() as books:
        for day, (ages, outstanding) in said.items():
            found = liability_on(books, day, scope_of(books, None, day))
            assert found.ages == ages, day
            # What lapsed before was not always taken off yet on that day; the entry that did is of an earlier day.
            assert found.outstanding <= outstanding, day


def test_flows_until_the_last_day_are_the_flows(everything: tuple[Path, Everything]) -> None:
    with opened(everything) as bank, bank.journal.reading() as books:
        for member in bank.members.all():
            assert flows_of(books, member.id, until=LAST) == flows_of(books, member.id)


def test_turns_are_what_was_handed_out_by_the_average_of_all_days(everything: tuple[Path, Everything]) -> None:
    first, last = date(2026, 3, 1), date(2026, 4, 30)
    with opened(everything) as bank:
        found = reported(bank, first, last).turns
        days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
        with bank.journal.reading() as books:
            for turn in found:
                unit, shop = turn.good.upper(), turn.shop.upper()
                held = [books.balance_on(f"{a}:{shop}", unit, day) for a in ("A:S", "A:H") for day in days]
                given_out = [books.balance_on(f"X:GIVEN:{shop}", unit, d) for d in (last, first - timedelta(1))]
                assert turn.handed == given_out[0] - given_out[1]
                assert turn.average_x10 == int(10 * sum(held) / len(days) + 0.5)
                assert turn.turns_x100 == int(100 * turn.handed * len(days) / sum(held) + 0.5)
    assert {turn.shop for turn in found} == {"yungu-shop", "branch"}


def test_services_are_counted_by_hand(village: Village) -> None:
    village.record("patrol", minutes=100)
    wrong = village.record("patrol", minutes=60, day=date(2026, 2, 9)).seq
    village.reverse(wrong)
    village.redeem(soap=2)
    bank = village.bank
    february = reported(bank, date(2026, 2, 1), date(2026, 2, 28))
    rows = {row.service: (row.times, row.members, row.minutes, row.points) for row in february.services}
    assert rows == {"patrol": (2, 1, 160, 8), "honour": (1, 1, 0, 50)}
    assert february.goods == ()
    march = reported(bank, date(2026, 3, 1), date(2026, 3, 31))
    assert [(row.service, row.times, row.minutes, row.minutes_before) for row in march.services] == [
        ("patrol", -1, -60, 160)
    ]
    assert [(row.good, row.pieces, row.points) for row in march.goods] == [("soap", 2, 6)]
    assert {f.name: (f.now, f.before) for f in march.figures if f.name in ("redeemed", "awarded")} == {
        "redeemed": (6, 0),
        "awarded": (-3, 58),
    }
    assert march.before == february.span


@pytest.mark.parametrize(
    ("span", "before"),
    [
        ((date(2026, 1, 1), date(2026, 12, 31)), (date(2025, 1, 1), date(2025, 12, 31))),
        ((date(2026, 3, 1), date(2026, 3, 31)), (date(2026, 2, 1), date(2026, 2, 28))),
        ((date(2026, 3, 2), date(2026, 3, 31)), (date(2026, 1, 31), date(2026, 3, 1))),
        ((date(2026, 3, 5), date(2026, 3, 5)), (date(2026, 3, 4), date(2026, 3, 4))),
        ((date.min, date(2026, 3, 5)), None),
        ((date(1, 1, 2), date.max), None),
        ((date(1, 2, 1), date(1, 4, 30)), None),
    ],
)
def test_the_period_before_is_as_long(span: tuple[date, date], before: tuple[date, date] | None) -> None:
    assert Span(*span).before() == (None if before is None else Span(*before))


def test_months_without_anything_are_among_them() -> None:
    assert months_between("2025-11", "2026-02") == ["2025-11", "2025-12", "2026-01", "2026-02"]


def test_the_longest_of_all_periods_is_possible(village: Village) -> None:
    found = reported(village.bank, date.min, date.max)
    assert found.before is None
    assert figures(found)["awarded"] == village.points
    assert [month.month for month in found.months] == ["2026-02", "2026-03"]


def test_goods_that_came_back_and_settlements_taken_back_do_not_count(village: Village) -> None:
    bank, shop = village.bank, village.shop
    bought = village.redeem(soap=3, rice=1, day=date(2026, 2, 20)).seq
    bank.shops.return_goods(bought, {"soap": 1}, day=date(2026, 2, 21), **BOTH)
    for last in (date(2026, 2, 24), date(2026, 2, 25)):
        settled = bank.settlements.settle(shop, last=last, **BOTH).seq
        if last.day == 24:
            village.reverse(settled, day=last)
    february = reported(bank, date(2026, 2, 1), date(2026, 2, 28))
    assert {row.good: (row.pieces, row.points) for row in february.goods} == {"soap": (2, 6), "rice": (1, 10)}
    assert {name: figures(february)[name] for name in ("redemptions", "returns", "redeemed", "settled")} == {
        "redemptions": 1, "returns": 1, "redeemed": 16, "settled": 16
    }  # fmt: skip
    assert february.settlements == ((shop.id, 1, 16),)
    assert reported(bank, date(2026, 2, 24), date(2026, 2, 24)).settlements == ()
