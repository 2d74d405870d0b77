"""Balances that hledger, ledger or beancount worked out from an export, held against ours.

What the tools print is read as they print it: hledger's CSV (wide or bare) and JSON, ledger's lines in the
format `LEDGER_FORMAT`, and bean-query's CSV of account, currency and sum.
"""

from __future__ import annotations

import csv
import json
import re
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from attrs import define, field, frozen

from timebank.audit.export.names import BEANCOUNT, JOURNAL, Naming, unit_of
from timebank.errors import BalancesUnreadable, CannotOpen, FileMissing
from timebank.ledger.codes import debit_sign

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from timebank.ledger.store import AccountBalance

TOOLS: Final = ("hledger", "ledger", "beancount")
LEDGER_FORMAT: Final = r"%(account)\t%(join(amount))\n"
"""What `ledger balance --flat --no-total --format` is to be given: accounts without those below them."""

_MOST_BYTES: Final = 1 << 28
_AMOUNT: Final = re.compile(r'(-?[0-9]{1,40}) ?("[^"\s]{1,40}"|[^"\s,0-9][^"\s,]{0,40})')
_WHOLE: Final = re.compile(r"-?[0-9]{1,40}")
_LONGEST_SHOWN: Final = 60
_COMMODITY_COLUMNS: Final = ("commodity", "currency")


@frozen
class Difference:
    """An account and unit of which two books say different things, debits less credits.

    *ours* is None where we know no such account, *theirs* where the other tool lists none; *account* is our code,
    or the other tool's name where it is no account of ours.
    """

    account: str
    unit: str
    ours: int | None
    theirs: int | None

    @property
    def what(self) -> str:
        """differs, missing or extra."""
        if self.theirs is None:
            return "missing"
        return "extra" if self.ours is None else "differs"


@frozen
class Comparison:
    """How many balances that are not zero were held against each other, and what differs, by account and unit."""

    compared: int
    differences: tuple[Difference, ...]


def compare(ours: Iterable[AccountBalance], theirs: dict[tuple[str, str], int]) -> Comparison:
    """Hold our balances against what `read_balances` found; a balance of zero equals none."""
    mine = {(line.account, line.unit): debit_sign(line.account) * line.amount for line in ours}
    places = sorted({place for book in (mine, theirs) for place, amount in book.items() if amount})
    differences = tuple(
        Difference(*place, mine.get(place), theirs.get(place))
        for place in places
        if mine.get(place, 0) != theirs.get(place, 0)
    )
    return Comparison(len(places), differences)


def read_balances(path: str | Path, tool: str) -> dict[tuple[str, str], int]:
    """The balances in the file at *path*, printed by *tool* (one of TOOLS), by account and unit in our codes.

    Raises FileMissing, CannotOpen, and BalancesUnreadable with the line that is no balance.
    """
    found = _Found(str(path), BEANCOUNT if tool == "beancount" else JOURNAL)
    text = _text_of(Path(path), found)
    if tool == "ledger":
        _read_lines(text, found)
    elif tool == "hledger" and text.lstrip().startswith("["):
        _read_json(text, found)
    else:
        _read_csv(text, found)
    return found.balances


@define
class _Found:
    """Balances as they are read."""

    path: str
    naming: Naming
    balances: dict[tuple[str, str], int] = field(factory=dict)
    line: int = 1

    def add(self, account: str, unit: str, amount: int) -> None:
        """Take in one balance in the tool's own spelling."""
        if not account.strip():
            raise self.error("no-account", account)
        place = self.naming.code(account) or account, unit_of(unit) or unit
        if place in self.balances:
            raise self.error("twice", f"{account} {unit}")
        self.balances[place] = amount

    def add_amounts(self, account: str, amounts: Iterable[str]) -> None:
        """Take in amounts written like `-12 PTS`; a bare 0 is no amount of any unit."""
        for amount in amounts:
            if amount == "0":
                continue
            match = _AMOUNT.fullmatch(amount)
            if match is None:
                raise self.error("no-balance", amount)
            self.add(account, match[2], int(match[1]))

    def error(self, problem: str, found: str) -> BalancesUnreadable:
        """What is wrong with the line at hand."""
        return BalancesUnreadable(self.path, self.line, problem, found[:_LONGEST_SHOWN])


def _text_of(path: Path, found: _Found) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except FileNotFoundError as error:
        raise FileMissing(str(path)) from error
    except (OSError, ValueError) as error:
        raise CannotOpen(str(path), str(error)) from error
    if len(data) > _MOST_BYTES:
        raise found.error("too-large", "")
    # What a Windows shell redirects into a file is UTF-16.
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        found.line = 1 + data.count(b"\n", 0, error.start)
        raise found.error("no-text", "") from error


def _read_lines(text: str, found: _Found) -> None:
    """ledger: the account, a tab, its amounts; `join` has made a line end between them two characters."""
    for found.line, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        account, tab, amounts = line.partition("\t")
        if not tab:
            raise found.error("no-columns", line)
        found.add_amounts(account.strip(), (amount.strip() for amount in amounts.split("\\n")))


def _read_csv(text: str, found: _Found) -> None:
    rows = _csv_rows(text, found)
    heads = [head.strip().lower() for head in next(rows, [])]
    unit_column = next((heads.index(name) for name in _COMMODITY_COLUMNS if name in heads), None)
    wanted = 2 if unit_column is None else 3
    if "account" not in heads or len(heads) != wanted:
        raise found.error("no-columns", ",".join(heads))
    account_column = heads.index("account")
    (amount_column,) = set(range(wanted)) - {account_column, unit_column}
    for row in rows:
        if len(row) != wanted:
            raise found.error("no-columns", ",".join(row))
        account, amount = row[account_column].strip(), row[amount_column].strip()
        if account.lower().rstrip(":") == "total":
            continue
        if unit_column is None:
            found.add_amounts(account, _split_amounts(amount))
        else:
            _add_counted(found, account, row[unit_column].strip(), amount)


def _csv_rows(text: str, found: _Found) -> Iterator[list[str]]:
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            found.line = max(reader.line_num, 1)
            raise found.error("no-columns", str(error)) from error
        if row is None:
            return
        found.line = reader.line_num
        if row:
            yield row


def _split_amounts(cell: str) -> list[str]:
    return [amount.strip() for amount in cell.split(", ")]


def _add_counted(found: _Found, account: str, unit: str, amount: str) -> None:
    if not _WHOLE.fullmatch(amount):
        raise found.error("no-balance", amount)
    if unit or int(amount):
        found.add(account, unit, int(amount))


def _read_json(text: str, found: _Found) -> None:
    """hledger: a list of the rows and the totals; a row is full name, shown name, depth and amounts.

    Line numbers are those of the rows in their list.
    """
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        found.line = error.lineno
        raise found.error("not-json", error.msg) from error
    except (RecursionError, ValueError) as error:
        raise found.error("not-json", "") from error
    rows = value[0] if value else None
    if not isinstance(rows, list):
        raise found.error("not-json", "")
    for found.line, row in enumerate(rows, start=1):
        if not isinstance(row, list) or len(row) != 4 or not isinstance(row[0], str):
            raise found.error("no-account", str(row))
        if not isinstance(row[3], list):
            raise found.error("no-balance", str(row[3]))
        for amount in row[3]:
            _add_json(found, row[0], amount)


def _add_json(found: _Found, account: str, amount: Any) -> None:
    try:
        unit, quantity = amount["acommodity"], amount["aquantity"]
        whole, places = quantity["decimalMantissa"], quantity["decimalPlaces"]
    except (KeyError, TypeError, IndexError) as error:
        raise found.error("no-balance", str(amount)) from error
    if not isinstance(unit, str) or type(whole) is not int or places != 0:
        raise found.error("no-balance", str(amount))
    if unit or whole:
        found.add(account, unit, whole)
