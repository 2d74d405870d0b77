"""The text of an export: what stands in it, in what order, and that nothing is taken for something else."""

from __future__ import annotations

import base64
import re
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import strategies
from tests.audit import other_tools as tools
from tests.audit.everything import build_everything
from tests.conftest import Village, fewer
from timebank.audit.export.months import Month
from timebank.audit.export.names import BEANCOUNT, JOURNAL, beancount_unit, journal_unit, percent_encoded, unit_of
from timebank.bank import Bank, open_bank
from timebank.checking import verify_file
from timebank.errors import BadCode, DayNotExportable, FileDamaged
from timebank.ledger import clock
from timebank.ledger.entries import Draft
from timebank.ledger.transfers import Transfer
from timebank.storage.memory import MemoryStore
from timebank.tlog.merkle import leaf_hash

DAY = r"\d{4}-\d\d-\d\d"
SAFE = r"[\w%./ -]"
JOURNAL_ACCOUNT = r"(?:(?:assets|liabilities|equity|income|expenses)(?::[A-Z0-9][A-Z0-9-]*)+|equity:opening)"
JOURNAL_UNIT = r'(?:PTS|MIN|"[A-Z][A-Z0-9._-]*")'
JOURNAL_LINE = re.compile(
    rf"""|;.*
    |commodity\ {JOURNAL_UNIT}
    |account\ {JOURNAL_ACCOUNT}
    |\ \ \ \ ;\ type:\ [ALERX]
    |tag\ [a-z]+
    |payee\ [a-z][a-z -]*
    |{DAY}\ \*\ (?:\(\d+\)\ )?[a-z][a-z -]*
    |\ \ \ \ ;\ (?:leaf|by|ok|key):\ {SAFE}+
    |\ \ \ \ {JOURNAL_ACCOUNT}\ \ -?\d+\ {JOURNAL_UNIT}(?:\ =\ -?\d+\ {JOURNAL_UNIT})?""",
    re.VERBOSE,
)
BEANCOUNT_ACCOUNT = r"(?:(?:Assets|Liabilities|Equity|Income|Expenses)(?::[A-Z0-9][A-Z0-9-]*)+|Equity:Opening)"
BEANCOUNT_UNIT = r"[A-Z][A-Z0-9._'-]*"
BEANCOUNT_LINE = re.compile(
    rf"""|;.*
    |option\ "title"\ "{SAFE}*"
    |{DAY}\ commodity\ {BEANCOUNT_UNIT}
    |\ \ name:\ "{SAFE}*"
    |{DAY}\ open\ {BEANCOUNT_ACCOUNT}
    |{DAY}\ \*\ "[a-z -]+"
    |\ \ seq:\ \d+
    |\ \ (?:leaf|by|ok|key):\ "{SAFE}+"
    |\ \ {BEANCOUNT_ACCOUNT}\ \ -?\d+\ {BEANCOUNT_UNIT}
    |{DAY}\ balance\ {BEANCOUNT_ACCOUNT}\ \ -?\d+\ {BEANCOUNT_UNIT}""",
    re.VERBOSE,
)
COMMENT = re.compile(rf'(?:;|; (?:{SAFE}|[;,.:"()+=])+)')
NAMES = st.lists(st.tuples(st.sampled_from(("SOAP", "RICE-5KG", "OTHER")), tools.texts()), max_size=3)


@given(st.lists(tools.drafts(), max_size=6), NAMES, tools.texts())
def test_every_line_is_of_a_form_of_ours_whatever_the_journal_says(
    entries: list[Draft], names: list[tuple[str, str]], origin: str
) -> None:
    bank = tools.random_bank(entries, names, origin)
    for text, form in ((tools.journal_text(bank), JOURNAL_LINE), (tools.beancount_text(bank), BEANCOUNT_LINE)):
        for line in text.split("\n"):
            assert form.fullmatch(line), line
            assert line == "".join(each for each in line if each.isprintable())
            if line.startswith(";") and "compare --help" not in line:
                assert COMMENT.fullmatch(line), line


@given(tools.texts() | st.text())
def test_a_text_is_made_harmless_and_can_be_had_back(text: str) -> None:
    safe = percent_encoded(text)
    assert re.fullmatch(r"[\w%./-]*( [\w%./-]+)*", safe)
    assert all(each.isalnum() or each in "%./-_ " for each in safe)
    assert unquote(safe) == text


@given(strategies.accounts())
def test_every_account_has_a_name_of_its_own_and_is_known_by_it(code: str) -> None:
    for naming in (JOURNAL, BEANCOUNT):
        assert naming.code(naming.account(code)) == code
        assert naming.account(code) != naming.opening
    assert re.fullmatch(JOURNAL_ACCOUNT, JOURNAL.account(code))
    assert re.fullmatch(BEANCOUNT_ACCOUNT, BEANCOUNT.account(code))


@given(strategies.units() | st.sampled_from(("TRUE", "FALSE", "NULL", "P")))
def test_every_unit_has_a_name_of_its_own_and_is_known_by_it(unit: str) -> None:
    assert unit_of(journal_unit(unit)) == unit_of(unit) == unit
    assert unit_of(beancount_unit(unit)) == unit


@pytest.mark.parametrize(
    "name", ["", "equity:opening", "assets", "assets:", "Assets:A", "assets:a", "A:B", "assets:A B"]
)
def test_what_is_no_account_of_ours_has_no_code(name: str) -> None:
    assert JOURNAL.code(name) is None


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("export") / "everything.timebank"
    build_everything(path)
    return path


def test_the_head_names_the_journal_that_was_written(everything: Path) -> None:
    found = verify_file(everything)
    with open_bank(everything, readonly=True) as bank:
        for text in (
            tools.journal_text(bank),
            tools.beancount_text(bank),
            tools.journal_text(bank, Month(2026, 3)),
        ):
            head = text.split("\n\n")[0]
            assert f"; origin         {bank.origin}\n" in head
            assert f"; size           {found.entries}\n" in head
            assert f"; root           {base64.b64encode(found.root).decode()}\n" in head
            assert f"; root in hex    {found.root.hex()}\n" in head


@pytest.mark.parametrize("write", [tools.journal_text, tools.beancount_text])
def test_each_entry_stands_there_once_with_its_number_and_its_leafs_hash_by_day_and_place(
    everything: Path, write: object
) -> None:
    with open_bank(everything, readonly=True) as bank:
        text = tools.journal_text(bank) if write is tools.journal_text else tools.beancount_text(bank)
        with bank.journal.reading() as books:
            hashes = {seq: leaf_hash(leaf).hex() for seq, leaf in books.leaves()}
        days = {entry.seq: entry.day for entry in bank.journal.entries()}
    places = re.findall(
        r"^(?:\S* ?\S* \*? ?\((\d+)\)|  seq: (\d+)).*?([0-9a-f]{64})", text, re.MULTILINE | re.DOTALL
    )
    found = [(int(one or other), found_hash) for one, other, found_hash in places]
    assert dict(found) == hashes
    assert len(found) == len(hashes)
    assert [seq for seq, _ in found] == sorted(hashes, key=lambda seq: (days[seq], seq))


def late_bank() -> Bank:
    """Three points in March, and two more that were recorded in June for March."""
    bank = tools.random_bank([])
    with bank.batch(), bank.journal.writing() as write:
        for day, amount in ((date(2026, 3, 5), 3), (date(2026, 5, 5), 4), (date(2026, 3, 9), 2)):
            move = Transfer("X:AWARDED:Y", "L:M:A", "PTS", amount)
            write.append(Draft(kind="grant", day=day, by="clerk-1", moves=(move,)))
    return bank


def test_a_months_end_counts_what_was_recorded_late() -> None:
    bank = late_bank()
    text = tools.journal_text(bank)
    assert text.count(" = ") == 3
    assert "2026-03-31 * balances at the end of the month\n    liabilities:M:A  0 PTS = -5 PTS\n" in text
    assert "2026-05-31 * balances at the end of the month\n    liabilities:M:A  0 PTS = -9 PTS\n" in text
    assert "2026-04-01 balance Liabilities:M:A  -5 PTS\n" in tools.beancount_text(bank)
    assert "2026-06-01 balance Liabilities:M:A  -9 PTS\n" in tools.beancount_text(bank)


def test_an_account_that_was_emptied_is_asserted_in_that_month_and_in_no_later_one() -> None:
    bank = late_bank()
    with bank.journal.writing() as write:
        move = Transfer("L:M:A", "I:EXPIRED:Y", "PTS", 5)
        write.append(Draft(kind="expiry", day=date(2026, 4, 30), by="clerk-1", moves=(move,)))
    text = tools.journal_text(bank)
    assert "2026-04-30 * balances at the end of the month\n    liabilities:M:A  0 PTS = 0 PTS\n" in text
    assert "2026-05-31 * balances at the end of the month\n    liabilities:M:A  0 PTS = -4 PTS\n" in text
    with bank.journal.writing() as write:
        move = Transfer("L:M:A", "I:EXPIRED:Y", "PTS", 4)
        write.append(Draft(kind="expiry", day=date(2026, 5, 30), by="clerk-1", moves=(move,)))
    assert "2026-06-30 * balances" not in tools.journal_text(bank)


def test_a_month_opens_with_what_was_held_and_writes_its_own_days_only() -> None:
    text = tools.journal_text(late_bank(), Month(2026, 5))
    assert (
        "2026-05-01 * opening balances\n    liabilities:M:A  -5 PTS\n    expenses:AWARDED:Y  5 PTS\n"
        "    equity:opening  0 PTS\n"
    ) in text
    assert re.findall(rf"^({DAY}) \* \(", text, re.MULTILINE) == ["2026-05-05"]
    assert "equity:opening" not in tools.journal_text(late_bank(), Month(2026, 1))


def test_a_month_holds_its_first_and_its_last_day_and_no_other() -> None:
    days = [date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 31), date(2026, 4, 1)]
    move = Transfer("X:AWARDED:Y", "L:M:A", "PTS", 1)
    bank = tools.random_bank([Draft(kind="grant", day=day, by="clerk-1", moves=(move,)) for day in days])
    text = tools.journal_text(bank, Month(2026, 3))
    assert re.findall(rf"^({DAY}) \* \(", text, re.MULTILINE) == ["2026-03-01", "2026-03-31"]
    assert "opening balances\n    liabilities:M:A  -1 PTS\n" in text
    assert text.endswith("    liabilities:M:A  0 PTS = -3 PTS\n")


@pytest.mark.parametrize(
    "written", ["2026-13", "2026-1", "2026", "", "1399-12", "9999-01", "2026-01-01", "２０２６-01"]
)
def test_what_is_no_month_is_refused(written: str) -> None:
    with pytest.raises(BadCode):
        Month.parse(written)


@given(st.dates(min_value=date(1400, 1, 1), max_value=date(9998, 12, 31)))
def test_a_month_ends_on_the_day_before_the_next_one(day: date) -> None:
    month = Month.of(day)
    assert month.first <= day <= month.last < month.following
    assert (month.following - month.last).days == 1
    assert Month.parse(str(month)) == month


@pytest.mark.parametrize(("year", "possible"), [(1399, False), (1400, True)])
def test_a_year_that_ledger_does_not_know_is_named_with_its_entry(year: int, possible: bool) -> None:
    move = Transfer("X:AWARDED:Y", "L:M:A", "PTS", 4)
    bank = tools.random_bank([Draft(kind="grant", day=date(year, 1, 1), by="clerk-1", moves=(move,))])
    if possible:
        assert "1400-01-31 * balances" in tools.journal_text(bank)
        return
    with pytest.raises(DayNotExportable) as caught:
        tools.journal_text(bank)
    assert (caught.value.seq, caught.value.day) == (4, "1399-01-01")
    assert "2026-02-01 * opening balances" in tools.journal_text(bank, Month(2026, 2))


def test_a_year_after_the_last_is_refused_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that says so is refused today; a book may be older than that."""
    monkeypatch.setattr(clock, "_check", lambda moment: moment)
    bank = Bank(MemoryStore(), clock=lambda: datetime(9999, 6, 1, tzinfo=UTC))
    bank.found(origin="a.example", zone="UTC", admin="admin")
    assert "size           4" in tools.beancount_text(bank)
    with bank.journal.writing() as write:
        moves = (Transfer("X:AWARDED:Y", "L:M:A", "PTS", 4),)
        write.append(Draft(kind="grant", day=date(9999, 1, 1), by="clerk-1", moves=moves))
    with pytest.raises(DayNotExportable):
        tools.beancount_text(bank)


def test_a_leaf_that_is_none_is_damage(village: Village) -> None:
    with village.bank.journal.store.writing() as books:
        books.add_leaf(books.size(), b"{}", leaf_hash(b"{}"), kind="x", key=None)
    with pytest.raises(FileDamaged):
        tools.journal_text(village.bank)


@fewer(5)
@given(st.lists(tools.drafts(), max_size=30))
def test_the_months_of_a_book_are_the_book_in_pieces(entries: list[Draft]) -> None:
    """The days of a month export and of a whole one are the same text, once for each month."""
    bank = tools.random_bank(entries)
    whole = re.findall(rf"^{DAY} \* \(\d+\)[^\n]*\n(?:    [^\n]*\n)*", tools.journal_text(bank), re.MULTILINE)
    months = sorted({Month.of(entry.day) for entry in bank.journal.entries()})
    parts = [
        part
        for month in months
        for part in re.findall(
            rf"^{DAY} \* \(\d+\)[^\n]*\n(?:    [^\n]*\n)*", tools.journal_text(bank, month), re.MULTILINE
        )
    ]
    assert parts == whole
