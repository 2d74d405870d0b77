"""Reading a rulebook's TOML: every table and key of it, with the line and the reason of each problem.

    name = "village-points"
    title.zh = "积分细则"
    title.en = "Rules of points"

    [service.patrol]
    zh = "巡逻值守"
    en = "Patrol, flood or fire watch"
    per = "hour"            # or "occasion", "grade"
    points = 3

Everything else is optional: [rules], [[cap]], [[multiplier]], [deduction.ID], [gift], [order.ID], [rating]. What a
text leaves out is as in `rulebook_terms`, so a text that says no more than the above means what it always meant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from timebank.programme.rulebook_contradictions import find_contradictions
from timebank.programme.rulebook_source import Problem, Source
from timebank.programme.rulebook_table import Reading
from timebank.programme.rulebook_terms import (
    MOST_MINUTES,
    MOST_POINTS,
    WHOLE,
    Cap,
    Deduction,
    GiftRules,
    Multiplier,
    OrderKind,
    RatingRules,
    Rulebook,
    Rules,
    Service,
)

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_NOTICE_DAYS: Final = 30
MOST_DAYS: Final = 366
MOST_MONTHS: Final = 120
MOST_HOURS: Final = 1_000_000
MOST_FEN: Final = 1_000_000
MOST_PERCENT: Final = 1000
MOST_OF_A_CAP: Final = 10_000_000

_Table = TypeVar("_Table", Rules, GiftRules, RatingRules, tuple[str, str])
_ROLES: Final = ("clerk", "registrar", "supervisor", "admin")
_STARS: Final = 5


def parse_rulebook(text: str) -> Rulebook:
    """The rulebook in *text*. Raises RulebookInvalid with the line and the reason of the first problem."""
    source = Source.of(text)
    book = _rulebook(source)
    for problem in _by_line(source):
        raise problem.error()
    return book


def rulebook_problems(text: str) -> tuple[Problem, ...]:
    """Everything that is wrong with *text*, by line; empty for a sound rulebook.

    Contradictions are looked for once every key is well written. Raises RulebookInvalid if *text* is no TOML.
    """
    source = Source.of(text)
    _rulebook(source)
    return _by_line(source)


def _by_line(source: Source) -> tuple[Problem, ...]:
    return tuple(sorted(source.problems, key=lambda problem: problem.line))


def _rulebook(source: Source) -> Rulebook:
    """What *source* says; without a meaning if it has problems."""
    top = Reading.of(source, (), source.data)
    name, title = top.slug("name"), _read(top, "title", _title)
    if title is None:
        source.wrong((), "missing", name="title")
    zh, en = title or (name, name)
    rules = _read(top, "rules", _rules) or Rules()
    services = tuple(_service(row, reading, rules) for row, reading in top.rows("service"))
    if not services:
        source.wrong(("service",), "no-service")
    book = Rulebook(
        name,
        zh,
        en,
        services,
        rules,
        caps=tuple(map(_cap, top.tables("cap"))),
        multipliers=tuple(map(_multiplier, top.tables("multiplier"))),
        deductions=tuple(_deduction(row, reading) for row, reading in top.rows("deduction")),
        orders=tuple(_order(row, reading) for row, reading in top.rows("order")),
        gift=_read(top, "gift", _gift),
        rating=_read(top, "rating", _rating) or RatingRules(),
    )
    top.end()
    if not source.problems:
        find_contradictions(book, source)
    return book


def _read(top: Reading, name: str, read: Callable[[Reading], _Table]) -> _Table | None:
    """What the table *name* says; None if it is not there."""
    data = top.find(name)
    if data is None:
        return None
    table = Reading.of(top.source, (name,), data)
    value = read(table)
    table.end()
    return value


def _title(table: Reading) -> tuple[str, str]:
    return table.name("zh"), table.name("en")


def _rules(table: Reading) -> Rules:
    usual = Rules()
    return Rules(
        rounding=table.choice("rounding", ("down", "up", "half-up"), usual.rounding),
        notice_days=table.whole("notice_days", 0, MOST_NOTICE_DAYS, usual.notice_days),
        approvers=table.choices("approvers", _ROLES, usual.approvers),
        overlap=table.choice("overlap", ("allowed", "refused"), usual.overlap),
        start=table.choice("start", ("optional", "required"), usual.start),
        expiry=table.choice("expiry", ("never", "year-end", "year-after", "months"), usual.expiry),
        expiry_months=table.whole("expiry_months", 1, MOST_MONTHS, None),
        hold_at_most_minutes=table.whole("hold_at_most_minutes", 1, MOST_HOURS * 60, None),
        appeal_days=table.whole("appeal_days", 1, MOST_DAYS, usual.appeal_days),
        point_value_fen=table.whole("point_value_fen", 1, MOST_FEN, usual.point_value_fen),
        stars=table.numbers("stars", _STARS, MOST_HOURS, usual.stars),
    )


def _service(name: str, table: Reading, rules: Rules) -> Service:
    zh, en = table.name("zh"), table.name("en")
    per = table.choice("per", ("hour", "occasion", "grade"))
    by_grade = per == "grade"
    for one, other in (("points", "grades"), ("grades", "points")):
        if by_grade == (other == "points") and table.find(other) is not None:
            table.wrong(other, f"{other}-surplus", instead=one)
    return Service(
        name,
        zh,
        en,
        per,
        points=0 if by_grade else table.whole("points", 0, MOST_POINTS),
        grades=table.pairs("grades", MOST_POINTS) if by_grade else (),
        shared=table.flag("shared"),
        least_minutes=table.whole("least_minutes", 1, MOST_MINUTES, 1),
        most_minutes=table.whole("most_minutes", 1, MOST_MINUTES, MOST_MINUTES),
        payer=table.choice("payer", ("programme", "pool", "recipient"), "programme"),
        pays=table.choice("pays", ("points", "minutes"), "points"),
        approvers=table.choices("approvers", _ROLES, rules.approvers),
    )


def _cap(table: Reading) -> Cap:
    return Cap(
        of=table.choice("of", ("minutes", "points", "occasions")),
        per=table.choice("per", ("member", "household")),
        period=table.choice("in", ("day", "month", "year")),
        most=table.whole("most", 1, MOST_OF_A_CAP),
        service=table.slug("service") if "service" in table.data else None,
    )


def _multiplier(table: Reading) -> Multiplier:
    return Multiplier(
        percent=table.whole("percent", 1, MOST_PERCENT),
        first=table.day("first"),
        last=table.day("last"),
        services=table.choices("services", (), ()),
    )


def _deduction(name: str, table: Reading) -> Deduction:
    return Deduction(name, table.name("zh"), table.name("en"), table.whole("points", 1, MOST_POINTS))


def _order(name: str, table: Reading) -> OrderKind:
    days = table.whole("days", 1, MOST_DAYS, None)
    return OrderKind(name, table.name("zh"), table.name("en"), days, table.flag("wish"))


def _gift(table: Reading) -> GiftRules:
    return GiftRules(
        units=table.choices("units", ("points", "minutes")),
        to=table.choices("to", ("relative", "pool")),
        relations=table.choices("relations", (), ()),
    )


def _rating(table: Reading) -> RatingRules:
    usual = RatingRules()
    return RatingRules(
        residents=table.whole("residents", 1, WHOLE, usual.residents),
        reviewers=table.pairs("reviewers", WHOLE, usual.reviewers),
        grades=table.numbers("grades", len(usual.grades), 100, usual.grades),
    )
