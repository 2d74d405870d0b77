"""The book as beancount (version 3) reads it: https://beancount.github.io/docs/beancount_language_syntax/"""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Final

from timebank.audit.export.names import BEANCOUNT, beancount_unit, percent_encoded
from timebank.audit.export.writing import evidence_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from timebank.audit.export.assertions import Balances
    from timebank.audit.export.months import Month
    from timebank.audit.export.survey import Place, Survey
    from timebank.ledger.entries import Entry

_CHECK: Final = "bean-check THIS"


class BeancountText:
    """The form of beancount."""

    def __init__(self) -> None:
        self._above: frozenset[str] = frozenset()

    def head(self, survey: Survey) -> Iterator[str]:
        """Comments, then every currency, and every account on the first day on which it is used."""
        self._above = _accounts_above(survey.used)
        members = BEANCOUNT.account("L:M:...")
        about = evidence_lines(survey, members=members, check=_CHECK, tool="beancount", opening=BEANCOUNT.opening)
        yield from (f"; {line}".rstrip() for line in about)
        yield ""
        yield f'option "title" "{percent_encoded(survey.origin)}"'
        yield ""
        first = min(survey.used.values(), default=None)
        for unit, names in survey.names.items():
            yield f"{first} commodity {beancount_unit(unit)}"
            if names:
                yield f'  name: "{" / ".join(map(percent_encoded, names))}"'
        yield ""
        for account, day in survey.used.items():
            yield f"{day} open {BEANCOUNT.account(account)}"
        if survey.month is not None and survey.opening:
            yield f"{survey.month.first} open {BEANCOUNT.opening}"

    def opening(self, survey: Survey) -> Iterator[str]:
        """One transaction."""
        if survey.month is None or not survey.opening:
            return
        yield from _transaction(survey.month.first, "opening balances")
        for (account, unit), amount in survey.opening.items():
            yield _posting(BEANCOUNT.account(account), amount, unit)
        for unit in sorted({unit for _, unit in survey.opening}):
            yield _posting(BEANCOUNT.opening, 0, unit)

    def entry(self, entry: Entry, leaf_hash: bytes) -> Iterator[str]:
        """A transaction, each transfer two postings; a comment where nothing moves."""
        if not entry.moves:
            yield ""
            yield f"; {entry.day} ({entry.seq}) {entry.kind}, leaf {leaf_hash.hex()}, by {entry.by}"
            return
        yield from _transaction(entry.day, entry.kind)
        yield f"  seq: {entry.seq}"
        for name, value in (("leaf", leaf_hash.hex()), ("by", entry.by), ("ok", entry.ok), ("key", entry.key)):
            if value is not None:
                yield f'  {name}: "{percent_encoded(value)}"'
        for move in entry.moves:
            yield _posting(BEANCOUNT.account(move.debit), move.amount, move.unit)
            yield _posting(BEANCOUNT.account(move.credit), -move.amount, move.unit)

    def month_end(self, month: Month, lines: list[tuple[Place, int]], balances: Balances) -> Iterator[str]:
        """Assertions. Beancount's hold as a day begins, so they stand on the first day of the next month; and
        they count the accounts below an account with it.
        """
        if lines:
            yield ""
        for place, amount in lines:
            account, unit = place
            whole = balances.with_accounts_below(place) if account in self._above else amount
            yield f"{month.following} balance {BEANCOUNT.account(account)}  {whole} {beancount_unit(unit)}"


def _accounts_above(accounts: Iterable[str]) -> frozenset[str]:
    """Every account that another one could stand below: the beginnings of *accounts*, themselves left out."""
    found: set[str] = set()
    for account in accounts:
        *beginnings, _ = accumulate(account.split(":"), lambda left, right: f"{left}:{right}")
        found.update(beginnings)
    return frozenset(found)


def _transaction(day: date, narration: str) -> Iterator[str]:
    yield ""
    yield f'{day} * "{narration}"'


def _posting(account: str, amount: int, unit: str) -> str:
    return f"  {account}  {amount} {beancount_unit(unit)}"
