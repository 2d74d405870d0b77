"""One journal that both hledger (1.25) and ledger (3.3) read, their strictest checks included.

https://hledger.org/1.25/hledger.html#journal-format, https://ledger-cli.org/doc/ledger3.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from timebank.audit.export.names import JOURNAL, journal_unit, percent_encoded
from timebank.audit.export.writing import evidence_lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from timebank.audit.export.assertions import Balances
    from timebank.audit.export.months import Month
    from timebank.audit.export.survey import Place, Survey
    from timebank.ledger.entries import Entry

_TYPES: Final = {"A": "A", "L": "L", "E": "E", "I": "R", "X": "X"}
_TAGS: Final = ("leaf", "by", "ok", "key")
_OPENING: Final = "opening balances"
_MONTH_END: Final = "balances at the end of the month"
_CHECK: Final = "hledger -f THIS check -s ordereddates; ledger --args-only --pedantic --explicit -f THIS balance"


class JournalText:
    """The form of hledger and ledger."""

    def head(self, survey: Survey) -> Iterator[str]:
        """Comments, then every commodity, account, tag and payee: strict checks accept nothing undeclared."""
        members = JOURNAL.account("L:M:...")
        about = evidence_lines(
            survey, members=members, check=_CHECK, tool="hledger and ledger", opening=JOURNAL.opening
        )
        yield from (f"; {line}".rstrip() for line in about)
        yield ""
        for unit, names in survey.names.items():
            if names:
                yield f"; {journal_unit(unit)} is {' / '.join(map(percent_encoded, names))}"
            yield f"commodity {journal_unit(unit)}"
        yield ""
        for account in survey.used:
            yield from _declared(JOURNAL.account(account), _TYPES[account[0]])
        if survey.opening:
            yield from _declared(JOURNAL.opening, "E")
        yield ""
        yield from (f"tag {name}" for name in _TAGS)
        yield from (f"payee {name}" for name in (*survey.kinds, _OPENING, _MONTH_END))

    def opening(self, survey: Survey) -> Iterator[str]:
        """One transaction."""
        if survey.month is None or not survey.opening:
            return
        yield from _transaction(survey.month.first, _OPENING)
        for (account, unit), amount in survey.opening.items():
            yield _posting(JOURNAL.account(account), amount, unit)
        for unit in sorted({unit for _, unit in survey.opening}):
            yield _posting(JOURNAL.opening, 0, unit)

    def entry(self, entry: Entry, leaf_hash: bytes) -> Iterator[str]:
        """A transaction, each transfer two postings; a comment where nothing moves."""
        if not entry.moves:
            yield ""
            yield f"; {entry.day} ({entry.seq}) {entry.kind}, leaf {leaf_hash.hex()}, by {entry.by}"
            return
        yield from _transaction(entry.day, f"({entry.seq}) {entry.kind}")
        for name, value in zip(_TAGS, (leaf_hash.hex(), entry.by, entry.ok, entry.key), strict=True):
            if value is not None:
                yield f"    ; {name}: {percent_encoded(value)}"
        for move in entry.moves:
            yield _posting(JOURNAL.account(move.debit), move.amount, move.unit)
            yield _posting(JOURNAL.account(move.credit), -move.amount, move.unit)

    def month_end(self, month: Month, lines: list[tuple[Place, int]], balances: Balances) -> Iterator[str]:
        """A transaction that moves nothing and asserts balances after everything above it.

        hledger asserts by day and then by place in the file, ledger by place alone: it is the same here. Both
        leave accounts below out.
        """
        if not lines:
            return
        yield from _transaction(month.last, _MONTH_END)
        for (account, unit), amount in lines:
            yield f"{_posting(JOURNAL.account(account), 0, unit)} = {amount} {journal_unit(unit)}"


def _declared(account: str, kind: str) -> Iterator[str]:
    yield f"account {account}"
    yield f"    ; type: {kind}"


def _transaction(day: date, description: str) -> Iterator[str]:
    yield ""
    yield f"{day} * {description}"


def _posting(account: str, amount: int, unit: str) -> str:
    return f"    {account}  {amount} {journal_unit(unit)}"
