"""What is wrong with an export, or with what another tool printed of one."""

from __future__ import annotations

from timebank.errors.families import InvalidInput, error


@error
class DayNotExportable(InvalidInput):
    """An entry belongs to a day of a year that the other tools cannot read."""

    code = "day-not-exportable"
    seq: int
    day: str
    first_year: int
    last_year: int


@error
class BalancesUnreadable(InvalidInput):
    """What another tool printed is no list of balances; *problem* says why the line is none.

    The problems are no-text, too-large, no-columns, no-account, no-balance, not-json and twice; *found* is what
    stands there.
    """

    code = "balances-unreadable"
    path: str
    line: int
    problem: str
    found: str
