"""The page of the trial balance: by kind of account, by organisation, and its zero."""

from __future__ import annotations

from typing import TYPE_CHECKING

from timebank.cli.language import say, word
from timebank.cli.pages.document import Block, Page
from timebank.cli.pages.tables import Branch, Change, Row, Table
from timebank.ledger.codes import MINUTES, POINTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from timebank.audit.reporting.trial_balance import Sides, UnitBalance
    from timebank.cli.wording import Names


def trial_balance_page(units: Sequence[UnitBalance], names: Names, day: date, depth: int | None) -> Page:
    """The trial balance of *day*; organisations down to *depth* (None: all of them; 0: the top only)."""
    wrong = [unit.unit for unit in units if unit.total.difference]
    if wrong:
        zero = say("page", "not-zero", wrong=say("cli", "comma").join(wrong))
    else:
        zero = say("page", "zero", count=len(units))
    blocks: list[Block] = [zero]
    for unit in units:
        blocks += _unit(unit, names, depth)
    return Page(say("page", "trial-balance-title"), [(say("page", "day"), day.isoformat())], blocks)


def _unit(unit: UnitBalance, names: Names, depth: int | None) -> Iterator[Table]:
    called = _called(unit.unit, names)
    kinds: list[Row] = [
        (word("page-account", kind.rstrip(":")), kind.rstrip(":"), *_sides(sides)) for kind, sides in unit.kinds
    ]
    kinds.append((say("page", "sum"), None, *_sides(unit.total)))
    last = frozenset((len(kinds) - 1,))
    columns = (">debit", ">credit", ">difference")
    by_kind = say("page", "by-kind", called=called)
    yield Table("kinds wide", by_kind, ("account", "code", *columns), kinds, last)
    shown = [each for each in unit.branches if depth is None or each.depth <= depth]
    rows: list[Row] = [
        (Branch(names.organisations.get(each.org, each.org), each.depth), *_sides(each.sides)) for each in shown
    ]
    if unit.donors.debit or unit.donors.credit:
        rows.append((say("page", "donors"), *_sides(unit.donors)))
    rows.append((say("page", "sum"), *_sides(unit.total)))
    by_organisation = say("page", "by-organisation", called=called)
    notes = (say("page", "rolled-up"),)
    last = frozenset((len(rows) - 1,))
    yield Table("organisations wide", by_organisation, ("organisation", *columns), rows, last, (), notes)


def _sides(sides: Sides) -> Row:
    return sides.debit, sides.credit, Change(sides.difference) if sides.difference else 0


def _called(unit: str, names: Names) -> str:
    if unit in (POINTS, MINUTES):
        return say("page", f"unit-{unit.lower()}")
    return say("page", "unit-pieces", name=names.good(unit.lower()))
