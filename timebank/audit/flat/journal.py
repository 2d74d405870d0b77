"""The flat tables of the journal itself: entries, transfers, accounts, and their balances at months' ends."""

from __future__ import annotations

import json
from calendar import monthrange
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from timebank.audit.flat.table import FlatTable, columns
from timebank.ledger.codes import debit_sign
from timebank.tlog import canonical

if TYPE_CHECKING:
    from collections.abc import Iterator

    from timebank.audit.flat.source import Source
    from timebank.audit.flat.table import Row
    from timebank.ledger.store import AccountBalance


def _entries(source: Source) -> Iterator[Row]:
    """Everything of an entry but its transfers: with them, its leaf can be written again."""
    for seq, hashed, members in source.entries():
        yield entry_row(seq, hashed, members)


def entry_row(seq: int, hashed: bytes, members: dict[str, Any]) -> Row:
    """The row of the entry at *seq*; its body as canonical JSON."""
    optional = (members.get(name) for name in ("ok", "key", "ref"))
    head = (seq, hashed.hex(), members["kind"], members["day"], members["at"], members["by"])
    return (*head, *optional, members["nonce"], canonical.encode(members["body"]).decode("utf-8"))


def _transfers(source: Source) -> Iterator[Row]:
    for seq, _, members in source.entries():
        for line, move in enumerate(members.get("move", ()), start=1):
            yield (seq, line, *move)


def _accounts(source: Source) -> Iterator[Row]:
    for line in source.books.balances():
        yield line.account, line.account[0], line.unit, line.amount, _debit(line)


def _debit(line: AccountBalance) -> int:
    return debit_sign(line.account) * line.amount


def _months(source: Source) -> Iterator[Row]:
    """What changed in a month, by the entries' days: one row for each account and unit, month after month."""
    before: date | None = None
    for month in months_of(source):
        year, number = map(int, month.split("-"))
        end = date(year, number, monthrange(year, number)[1])
        last = None if before is None else source.books.balances(before)
        for line in source.books.balances(end):
            # Both views list the same accounts in the same order: all that ever moved.
            opening = 0 if last is None else next(last).amount
            if line.amount != opening:
                yield month, line.account, line.unit, line.amount - opening, line.amount, _debit(line)
        before = end


def months_of(source: Source) -> list[str]:
    """The months on whose days something moved."""
    months = set()
    for _, leaf in source.books.leaves(0, source.size):
        if b'"move":' in leaf:
            members = json.loads(leaf)
            if "move" in members:
                months.add(members["day"][:7])
    return sorted(months)


ENTRIES: Final = FlatTable(
    "entries",
    columns("#seq leaf_hash kind day at by>operators ok>operators key #ref>entries nonce body"),
    ("seq",),
    _entries,
)
TRANSFERS: Final = FlatTable(
    "transfers",
    columns("#seq>entries #line debit>accounts credit>accounts unit>units #amount"),
    ("seq", "line"),
    _transfers,
)
ACCOUNTS: Final = FlatTable(
    "accounts", columns("account class unit>units #balance #debit_balance"), ("account", "unit"), _accounts
)
MONTHS: Final = FlatTable(
    "months", columns("month account unit #change #balance #debit_balance"), ("month", "account", "unit"), _months
)
