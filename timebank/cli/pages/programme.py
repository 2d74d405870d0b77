"""The programme report as tables and drawings; the workbook has the same tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from timebank.audit.reporting.programme import MONTHLY
from timebank.cli.language import say, word
from timebank.cli.pages.accounts import named
from timebank.cli.pages.document import Block, Page, period_words
from timebank.cli.pages.plots import MOST_KINDS, Bars, lying, upright
from timebank.cli.pages.tables import Cell, Change, Fixed, Minutes, Row, Table
from timebank.errors import ExtraMissing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from timebank.audit.reporting.liability import Liability
    from timebank.audit.reporting.programme import ProgrammeReport
    from timebank.cli.pages.document import Drawing
    from timebank.cli.wording import Names
    from timebank.programme.order_rates import Rate

_MINUTES_PER_HOUR: Final = 60
_FEN: Final = 2
_TOP_GOODS: Final = 20
_ALWAYS: Final = frozenset(("served_minutes", "served_times", "servers", "awarded", "redemptions", "redeemed"))
_WHERE_DIFFERENT: Final = {"credited_minutes": "served_minutes", "served_points": "awarded"}
"""Figures that say something only where they differ from another one."""


def programme_page(report: ProgrammeReport, names: Names) -> tuple[Page, tuple[Table, ...]]:
    """The page, and the tables on it for a workbook. Without `timebank[report]` the page has no drawings."""
    tables = tuple(_tables(report, names))
    drawings: tuple[Drawing, ...] = ()
    blocks: list[Block] = []
    try:
        drawings = tuple(_drawings(report, names))
    except ExtraMissing:
        blocks.append(say("page", "no-drawings"))
    blocks.append(tables[0])
    blocks += drawings
    blocks += tables[1:]
    facts = [
        (say("page", "organisation"), _org(report, names)),
        (say("page", "period"), period_words(report.span.first, report.span.last)),
        (say("page", "compared"), _compared(report)),
    ]
    return Page(say("page", "programme-title"), facts, blocks), tables


def _org(report: ProgrammeReport, names: Names) -> str:
    return say("page", "everything") if report.org is None else named(names.organisations, report.org)


def _compared(report: ProgrammeReport) -> str:
    return "-" if report.before is None else period_words(report.before.first, report.before.last)


# --- tables


def _tables(report: ProgrammeReport, names: Names) -> Iterator[Table]:
    yield _glance(report)
    yield _services(report, names)
    yield _months(report)
    if report.deductions:
        deducted = [(names.deductions.get(kind, kind), times) for kind, times in report.deductions]
        yield Table("deductions", say("page", "deductions"), ("deduction", ">times"), deducted)
    yield _goods(report, names)
    yield _liability(report.liability)
    yield _orders(report, names)
    yield _stars(report)
    yield _settlements(report, names)
    yield _turns(report, names)


def _glance(report: ProgrammeReport) -> Table:
    figures = {figure.name: figure for figure in report.figures}
    rows: list[Row] = [(word("page-figure", "members"), report.members, None, None)]
    for name, figure in figures.items():
        same = figures.get(_WHERE_DIFFERENT.get(name, ""))
        is_same = same is not None and (figure.now, figure.before) == (same.now, same.before)
        if not is_same and (name in _ALWAYS or figure.now or figure.before):
            rows.append(_compared_row(name, figure.now, figure.before, minutes=name.endswith("minutes")))
    before = report.liability_before
    rows.append(
        _compared_row("outstanding", report.liability.outstanding, None if before is None else before.outstanding)
    )
    rows += _order_rows("orders", report.total, report.total_before)
    rows += _order_rows("wishes", report.wishes, report.wishes_before)
    notes = (say("page", "net"), say("page", "minutes-note"))
    columns = ("figure", ">now", ">before", ">change")
    return Table("figures wide", say("page", "glance"), columns, rows, notes=notes)


def _compared_row(name: str, now: int, before: int | None, *, minutes: bool = False) -> Row:
    label = word("page-figure", name)
    if minutes:
        then = None if before is None else Minutes(before)
        return (label, Minutes(now), then, None if before is None else Minutes(now - before, change=True))
    return (label, now, before, None if before is None else Change(now - before))


def _order_rows(name: str, now: Rate, before: Rate | None) -> Iterator[Row]:
    if now.received or (before and before.received):
        yield _compared_row(f"{name}_received", now.received, None if before is None else before.received)
        yield _compared_row(f"{name}_done", now.done, None if before is None else before.done)
        then = None if before is None else _fixed(before.permille_done, 1)
        yield (word("page-figure", f"{name}_percent"), _fixed(now.permille_done, 1), then, None)


def _fixed(value: int | None, places: int) -> Fixed | None:
    return None if value is None else Fixed(value, places)


def _services(report: ProgrammeReport, names: Names) -> Table:
    rows: list[Row] = [
        (
            names.services.get(each.service, each.service),
            each.times,
            each.members,
            Minutes(each.minutes),
            each.points,
            Minutes(each.minutes_before),
        )
        for each in report.services
    ]
    figures = {figure.name: figure.now for figure in report.figures}
    before = sum(each.minutes_before for each in report.services)
    total: Row = (
        say("page", "sum"),
        figures["served_times"],
        figures["servers"],
        Minutes(figures["served_minutes"]),
        figures["served_points"],
        Minutes(before),
    )
    columns = ("service", ">times", ">members", ">hours", ">points", ">hours-before")
    bold = frozenset((len(rows),))
    notes = (say("page", "services-note"),)
    return Table(
        "services wide", say("page", "services"), columns, [*rows, total] if rows else [], bold, (), notes
    )


def _months(report: ProgrammeReport) -> Table:
    def cells(figures: tuple[int, ...]) -> tuple[Cell, ...]:
        return tuple(
            Minutes(number) if name.endswith("minutes") else number
            for name, number in zip(MONTHLY, figures, strict=True)
        )

    rows: list[Row] = [(month.month, *cells(month.figures)) for month in report.months]
    if rows:
        sums = tuple(sum(column) for column in zip(*(month.figures for month in report.months), strict=True))
        rows.append((say("page", "sum"), *cells(sums)))
    columns = (
        "month", ">hours", ">times", ">awarded", ">redemptions", ">redeemed", ">expired", ">deducted", ">settled"
    )  # fmt: skip
    return Table("months", say("page", "months"), columns, rows, frozenset((len(rows) - 1,)))


def _goods(report: ProgrammeReport, names: Names) -> Table:
    rows: list[Row] = [(names.good(each.good), each.pieces, each.points) for each in report.goods[:_TOP_GOODS]]
    rest = report.goods[_TOP_GOODS:]
    if rest:
        others = say("page", "others", count=len(rest))
        rows.append((others, sum(each.pieces for each in rest), sum(each.points for each in rest)))
    if rows:
        every = report.goods
        rows.append((say("page", "sum"), sum(each.pieces for each in every), sum(each.points for each in every)))
    columns = ("good", ">handed", ">points")
    return Table("goods wide", say("page", "goods"), columns, rows, frozenset((len(rows) - 1,)))


def _liability(found: Liability) -> Table:
    """What is owed by age, beside it what is held, pooled and owed to shops, each with what it costs."""

    def line(label: str, points: int) -> Row:
        return (label, points, Fixed(points * found.fen_per_point, _FEN))

    rows = [line(say("page", "of-year", year=age.year), age.points) for age in found.ages]
    besides = {name: getattr(found, name) for name in ("held", "lapsed")}
    rows += [line(say("page", f"liability-{name}"), points) for name, points in besides.items() if points]
    rows.append(line(say("page", "liability-outstanding"), found.outstanding))
    bold = frozenset((len(rows) - 1,))
    rows += [line(say("page", f"liability-{name}"), getattr(found, name)) for name in ("pools", "shops")]
    note = say("page", "liability-note", yuan=Fixed(found.fen_per_point, _FEN))
    columns = ("came-in", ">points", ">yuan")
    return Table("liability wide", say("page", "liability"), columns, rows, bold, notes=(note,))


def _orders(report: ProgrammeReport, names: Names) -> Table:
    rows = [_rate_row(names.orders.get(rate.kind, rate.kind), rate) for rate in report.rates]
    if rows:
        rows.append(_rate_row(say("page", "sum"), report.total))
    columns = (
        "order-kind", ">received", ">done", ">percent", ">cancelled", ">overdue", ">days-median", ">stars-mean"
    )  # fmt: skip
    notes = (say("page", "orders-note"),)
    return Table("orders wide", say("page", "orders"), columns, rows, frozenset((len(rows) - 1,)), (), notes)


def _rate_row(label: str, rate: Rate) -> Row:
    return (
        label,
        rate.received,
        rate.done,
        _fixed(rate.permille_done, 1),
        rate.cancelled,
        rate.overdue,
        rate.days_median,
        _fixed(rate.stars_mean_x100, 2),
    )


def _stars(report: ProgrammeReport) -> Table:
    lit = list(enumerate(report.stars, start=1))
    rows: list[Row] = [("★" * stars, members) for stars, members in reversed(lit)]
    return Table("stars", say("page", "stars", on=report.span.last), ("stars", ">members"), rows)


def _settlements(report: ProgrammeReport, names: Names) -> Table:
    rows: list[Row] = [(named(names.shops, shop), times, paid) for shop, times, paid in report.settlements]
    if rows:
        times = sum(number for _, number, _ in report.settlements)
        paid = sum(points for _, _, points in report.settlements)
        rows.append((say("page", "sum"), times, paid))
    columns = ("shop", ">settlements", ">paid")
    return Table("settlements wide", say("page", "settlements"), columns, rows, frozenset((len(rows) - 1,)))


def _turns(report: ProgrammeReport, names: Names) -> Table:
    rows: list[Row] = [
        (
            names.shops.get(each.shop, each.shop),
            names.good(each.good),
            each.handed,
            Fixed(each.average_x10, 1),
            _fixed(each.turns_x100, 2),
        )
        for each in report.turns
    ]
    columns = ("shop", "good", ">handed", ">average", ">turns")
    return Table("turns wide", say("page", "turns"), columns, rows, notes=(say("page", "turns-note"),))


# --- drawings


def _drawings(report: ProgrammeReport, names: Names) -> Iterator[Drawing]:
    """Hours and points by month, services by kind, points by age; none where there is nothing to draw."""
    months = [month.month for month in report.months]
    by_month = dict(zip(MONTHLY, zip(*(month.figures for month in report.months), strict=True), strict=False))
    if months:
        hours = [minutes / _MINUTES_PER_HOUR for minutes in by_month["served_minutes"]]
        title = say("page", "hours-by-month")
        yield upright(Bars("hours", title, months, [(title, hours)], say("page", "unit-hours")))
        series = [(word("page-figure", name), by_month[name]) for name in ("awarded", "redeemed")]
        title = say("page", "points-by-month")
        yield upright(Bars("points", title, months, series, say("page", "unit-points")))
    if report.services:
        ordered = sorted(report.services, key=lambda each: -each.times)
        labels = [names.services.get(each.service, each.service) for each in ordered]
        is_cut = len(ordered) > MOST_KINDS
        title = say("page", "times-by-service-top" if is_cut else "times-by-service", most=MOST_KINDS)
        times = [(title, [each.times for each in ordered])]
        yield lying(Bars("services", title, labels, times, say("page", "unit-times")))
    if report.liability.ages:
        ages = report.liability.ages
        title = say("page", "points-by-age", on=report.span.last)
        points = [(title, [age.points for age in ages])]
        yield upright(Bars("ages", title, [str(age.year) for age in ages], points, say("page", "unit-points")))
