"""Exports, read by hledger, ledger and beancount themselves: they accept them and come to our balances."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.audit import other_tools as tools
from tests.audit.everything import build_everything
from timebank.audit.compare import compare, read_balances
from timebank.audit.export.months import Month
from timebank.bank import Bank, open_bank
from timebank.ledger.entries import Draft
from timebank.ledger.transfers import Transfer

Names = list[tuple[str, str]]
NAMES = st.lists(st.tuples(st.sampled_from(("SOAP", "RICE-5KG")), tools.texts()), min_size=1, max_size=3)

FEW = settings(max_examples=10, deadline=None, phases=[Phase.explicit, Phase.generate])
"""Each example starts programs that take a second."""

JOURNAL_TOOLS = tools.needs("hledger", "ledger")
BEANCOUNT = tools.needs("bean-check", "bean-query")
MONTHS = st.sampled_from([Month(2025, 12), Month(2026, 1), Month(2026, 4), Month(2026, 6)])


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("export") / "everything.timebank"
    build_everything(path)
    return path


def check_journal(text: str, wanted: tools.Balances) -> None:
    with TemporaryDirectory() as place:
        book = Path(place) / "x.journal"
        book.write_text(text, encoding="utf-8")
        assert tools.hledger_problems(book) == ""
        assert tools.ledger_problems(book) == ""
        assert tools.hledger_balances(book) == wanted
        assert tools.ledger_balances(book) == wanted


def check_beancount(text: str, wanted: tools.Balances) -> None:
    assert tools.beancount_book(text) == ([], wanted)


@JOURNAL_TOOLS
@FEW
@given(st.lists(tools.drafts(), max_size=30), st.none() | MONTHS)
def test_hledger_and_ledger_accept_any_book_and_come_to_its_balances(
    entries: list[Draft], month: Month | None
) -> None:
    bank = tools.random_bank(entries)
    assert tools.kept(bank) == tools.folded(bank)
    check_journal(tools.journal_text(bank, month), tools.folded(bank, month.last if month else date.max))


@BEANCOUNT
@settings(max_examples=15, deadline=None)
@given(st.lists(tools.drafts(), max_size=30), st.none() | MONTHS)
def test_beancount_accepts_any_book_and_comes_to_its_balances(entries: list[Draft], month: Month | None) -> None:
    bank = tools.random_bank(entries)
    check_beancount(tools.beancount_text(bank, month), tools.folded(bank, month.last if month else date.max))


@JOURNAL_TOOLS
@FEW
@given(NAMES, tools.texts())
def test_no_name_becomes_anything_but_a_name_in_hledger_and_ledger(names: Names, origin: str) -> None:
    bank = book_of_goods(names, origin)
    check_journal(tools.journal_text(bank), tools.folded(bank))


@BEANCOUNT
@settings(max_examples=15, deadline=None)
@given(NAMES, tools.texts())
def test_no_name_becomes_anything_but_a_name_in_beancount(names: Names, origin: str) -> None:
    bank = book_of_goods(names, origin)
    check_beancount(tools.beancount_text(bank), tools.folded(bank))


def book_of_goods(names: Names, origin: str) -> Bank:
    moves = tuple(Transfer("A:S:SHOP", "I:DONATED:D", unit, 5) for unit in ("SOAP", "RICE-5KG"))
    entry = Draft(kind="stock", day=tools.TODAY, by="clerk-1", moves=moves)
    return tools.random_bank([entry], names, origin)


@JOURNAL_TOOLS
@BEANCOUNT
@pytest.mark.parametrize("month", [None, Month(2026, 3), Month(2026, 7), Month(2027, 5), Month(2030, 1)])
def test_a_year_and_a_half_with_every_kind_of_entry_is_accepted_whole_and_by_the_month(
    everything: Path, month: Month | None
) -> None:
    with open_bank(everything, readonly=True) as bank:
        wanted = tools.folded(bank, month.last if month else date.max)
        check_journal(tools.journal_text(bank, month), wanted)
        check_beancount(tools.beancount_text(bank, month), wanted)


@JOURNAL_TOOLS
@pytest.mark.parametrize(
    "form", [("-O", "csv"), ("-O", "csv", "--layout", "bare"), ("-O", "json"), ("-E", "-O", "csv")]
)
def test_whatever_form_hledger_prints_is_read(everything: Path, tmp_path: Path, form: tuple[str, ...]) -> None:
    book = tmp_path / "x.journal"
    with open_bank(everything, readonly=True) as bank:
        book.write_text(tools.journal_text(bank), encoding="utf-8")
        assert tools.hledger_balances(book, *form) == tools.folded(bank)


@BEANCOUNT
def test_what_bean_query_prints_is_read_and_bean_check_is_content(everything: Path, tmp_path: Path) -> None:
    book, out = tmp_path / "x.beancount", tmp_path / "out.csv"
    with open_bank(everything, readonly=True) as bank:
        book.write_text(tools.beancount_text(bank), encoding="utf-8")
        assert tools.run(tools.program_at("bean-check") or "", book).returncode == 0
        query = "SELECT account, currency, sum(number) GROUP BY account, currency"
        done = tools.run(tools.program_at("bean-query") or "", "-f", "csv", book, query)
        out.write_text(done.stdout, encoding="utf-8")
        assert compare(bank.trial_balance(), read_balances(out, "beancount")).differences == ()


def spoiled(text: str, member: str) -> str:
    """The book with one more point for a *member* in the first transfer from her, still balanced."""
    pattern = re.compile(rf"(\S+  )(\d+)( PTS\n +{member}  )-(\d+)( PTS\n)")
    changed, count = pattern.subn(
        lambda match: f"{match[1]}{int(match[2]) + 1}{match[3]}{-int(match[4]) - 1}{match[5]}", text, count=1
    )
    assert count == 1
    return changed


@JOURNAL_TOOLS
@BEANCOUNT
def test_a_transfer_that_somebody_changes_in_the_export_breaks_an_assertion(
    everything: Path, tmp_path: Path
) -> None:
    with open_bank(everything, readonly=True) as bank:
        book = tmp_path / "x.journal"
        book.write_text(spoiled(tools.journal_text(bank), r"liabilities:M:\w+"), encoding="utf-8")
        assert "assertion" in tools.hledger_problems(book)
        assert "assertion" in tools.ledger_problems(book)
        errors, _ = tools.beancount_book(spoiled(tools.beancount_text(bank), r"Liabilities:M:\w+"))
        assert errors
        assert all("Balance failed" in error for error in errors)


@BEANCOUNT
def test_an_assertion_in_beancount_counts_the_accounts_below_an_account() -> None:
    moves = (Transfer("X:0", "L:M:A", "PTS", 3), Transfer("X:0", "L:M:A:B", "PTS", 4))
    bank = tools.random_bank([Draft(kind="award", day=tools.TODAY, by="clerk-1", moves=moves)])
    text = tools.beancount_text(bank)
    assert "2026-07-01 balance Liabilities:M:A  -7 PTS\n" in text
    assert "2026-07-01 balance Liabilities:M:A:B  -4 PTS\n" in text
    check_beancount(text, tools.folded(bank))
