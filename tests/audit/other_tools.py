"""Books at random, and what hledger, ledger and beancount themselves make of an export."""

from __future__ import annotations

import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import strategies as st

from tests import strategies
from timebank.audit.compare import LEDGER_FORMAT, read_balances
from timebank.audit.export.beancount import BeancountText
from timebank.audit.export.journal_text import JournalText
from timebank.audit.export.months import Month
from timebank.audit.export.writing import Form, write_book
from timebank.bank import Bank
from timebank.errors import BelowZero, NotCanonical
from timebank.ledger.codes import debit_sign
from timebank.ledger.entries import Draft
from timebank.ledger.transfers import Transfer
from timebank.storage.memory import MemoryStore
from timebank.tlog.canonical import check

Balances = dict[tuple[str, str], int]

NOW = datetime(2026, 6, 30, 4, 0, tzinfo=UTC)
TODAY = date(2026, 6, 30)


def program_at(name: str) -> str | None:
    """Where a program lies: on the path, or beside Python, as those of the test extra do."""
    return shutil.which(name) or shutil.which(name, path=str(Path(sys.executable).parent))


def needs(*programs: str) -> pytest.MarkDecorator:
    """Skips a test, by name, on a machine that lacks one of *programs*."""
    absent = [program for program in programs if program_at(program) is None]
    return pytest.mark.skipif(bool(absent), reason=f"{', '.join(absent)} not installed")


def texts() -> st.SearchStrategy[str]:
    """Whatever an entry's text can hold, what other tools take for signs of theirs often among it."""
    signs = [
        "; ",
        '"',
        "=",
        "|",
        ":",
        "  ",
        "@",
        "：",
        "；",
        "＝",
        "{",
        "}",
        "(",
        ")",
        "!",
        "*",
        "\\",
        "'",
        "%",
        "\t",
    ]
    words = [
        "include /etc/passwd",
        "plugin x",
        "2026-01-01 open A",
        "date:2020-01-01",
        "[2020-01-01]",
        ":tag:",
        "米",
    ]
    return st.lists(st.sampled_from(signs + words) | st.text(max_size=6), max_size=8).map("".join).map(_held)


def _held(text: str) -> str:
    """*text* if an entry can hold it; what none can hold is no danger."""
    normal = unicodedata.normalize("NFC", text)
    try:
        check({"zh": normal})
    except NotCanonical:
        return "货"
    return normal


def moves() -> st.SearchStrategy[tuple[Transfer, ...]]:
    """Transfers between few accounts, some of them below others, in few units: so that they meet again."""
    codes = (
        *("L:M:8KX2", "L:M:8KX2:B", "L:M:8KX2-", "L:M:A", "L:S:SHOP", "A:S:SHOP", "A:S:SHOP-2", "A:DEBT:A"),
        *("X:AWARDED:Y", "X:0", "I:DONATED:D--", "E:OPENING:Y", "E:OPENING"),
    )
    units = ("PTS", "MIN", "RICE-5KG", "TRUE", "P", "A.B_C-9", "A1234567890123456789012", "NULL", "OR")
    return st.lists(
        strategies.transfers(of=st.sampled_from(codes) | strategies.accounts(), unit=st.sampled_from(units)),
        max_size=4,
    ).map(tuple)


def drafts() -> st.SearchStrategy[Draft]:
    """Entries of any day of some months, with or without moves."""
    days = st.integers(0, 200).map(lambda back: TODAY - timedelta(days=back))
    kinds = st.sampled_from(("award", "redemption", "opening", "date", "include", "open"))
    return st.builds(Draft, kind=kinds, day=days, by=strategies.slugs(), moves=moves())


def random_bank(
    entries: Iterable[Draft], names: Iterable[tuple[str, str]] = (), origin: str = "a.example"
) -> Bank:
    """A bank of these *entries*, but for those that take an account below zero; *names* are units' names."""
    bank = Bank(MemoryStore(), clock=lambda: NOW)
    bank.found(origin=origin, zone="Asia/Shanghai", admin="admin")  # which does not look at the origin
    with bank.batch(), bank.journal.writing() as write:
        for unit, name in names:
            body = {"good": unit.lower(), "unit": unit, "zh": name, "en": name}
            write.append(Draft(kind="goods", day=TODAY, by="admin", body=body))
        for draft in entries:
            try:
                write.append(draft)
            except BelowZero:
                continue
    return bank


def exported(bank: Bank, form: Form, month: Month | None = None) -> str:
    out = StringIO()
    with bank.journal.reading() as books:
        write_book(books, out, form, month=month)
    return out.getvalue()


def journal_text(bank: Bank, month: Month | None = None) -> str:
    return exported(bank, JournalText(), month)


def beancount_text(bank: Bank, month: Month | None = None) -> str:
    return exported(bank, BeancountText(), month)


def folded(bank: Bank, last: date = date.max) -> Balances:
    """What every account holds at the end of *last*, debits less credits; accounts without anything left out."""
    found: Balances = {}
    for entry in bank.journal.entries():
        for move in entry.moves if entry.day <= last else ():
            found[move.debit, move.unit] = found.get((move.debit, move.unit), 0) + move.amount
            found[move.credit, move.unit] = found.get((move.credit, move.unit), 0) - move.amount
    return not_zero(found)


def not_zero(balances: Balances) -> Balances:
    return {place: amount for place, amount in balances.items() if amount}


def kept(bank: Bank) -> Balances:
    """The same by the bank's own trial balance."""
    return not_zero(
        {(line.account, line.unit): debit_sign(line.account) * line.amount for line in bank.trial_balance()}
    )


def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in words],
        env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


def hledger_problems(book: Path) -> str:
    """What hledger's strictest checks say; nothing if all is well."""
    done = run("hledger", "-f", book, "check", "-s", "ordereddates", "payees")
    return done.stderr or ("" if done.returncode == 0 else "failed")


def ledger_problems(book: Path) -> str:
    done = run("ledger", "--args-only", "--pedantic", "--explicit", "--check-payees", "-f", book, "balance")
    return done.stderr or ("" if done.returncode == 0 else "failed")


def hledger_balances(book: Path, *form: str) -> Balances:
    done = run("hledger", "bal", "-f", book, "--flat", "-N", *(form or ("-O", "csv")))
    return printed(book, done.stdout, "hledger")


def ledger_balances(book: Path) -> Balances:
    words = ("ledger", "balance", "--args-only", "-f", book, "--flat", "--no-total", "--format", LEDGER_FORMAT)
    return printed(book, run(*words).stdout, "ledger")


def printed(book: Path, text: str, tool: str) -> Balances:
    place = book.with_suffix(f".{tool}.out")
    place.write_text(text, encoding="utf-8")
    return not_zero(read_balances(place, tool))


def beancount_book(text: str) -> tuple[list[str], Balances]:
    """What beancount's loader says, as bean-check prints it, and its balances by our codes."""
    from beancount import loader
    from beancount.core import data

    entries, errors, _ = loader.load_string(text)
    found: Balances = {}
    for entry in entries:
        for posting in entry.postings if isinstance(entry, data.Transaction) else ():
            assert posting.units is not None
            root, rest = posting.account.split(":", 1)
            letter = "X" if root == "Expenses" else root[0]
            place = f"{letter}:{rest}", posting.units.currency.removesuffix("'0")
            found[place] = found.get(place, 0) + int(posting.units.number)
    return [str(error) for error in errors], not_zero(found)
