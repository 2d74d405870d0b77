"""The flat tables as CSV files and as a workbook, read back by other programs' code."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import timebank
from tests.audit.everything import build_everything
from tests.audit.flat_books import (
    RUN,
    hostile_drafts,
    hostile_texts,
    journal_of,
    leaves_again,
    rows_of,
    source,
)
from tests.audit.tile_reader import tree_hash
from tests.conftest import fewer
from tests.ledger.journals import draft
from timebank.audit.flat.cells import MOST_CELL, harmless, sheet_cell
from timebank.audit.flat.files import TABLES, write_csv, write_workbook
from timebank.audit.flat.places import new_directory, new_file
from timebank.audit.flat.source import Source, source_of
from timebank.errors import CannotWrite, FileDamaged, FileExists
from timebank.ledger.codes import debit_sign
from timebank.programme.kinds import TABLES as PROJECTIONS
from timebank.programme.shops import SHOPS, Shop
from timebank.tlog.merkle import leaf_hash

if TYPE_CHECKING:
    from collections.abc import Iterator

    from timebank.ledger.entries import Draft
    from timebank.ledger.journal import Journal


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger with every kind of entry."""
    path = tmp_path_factory.mktemp("flat") / "a.timebank"
    build_everything(path).bank.close()
    return path


@pytest.fixture(scope="module")
def of_everything(everything: Path) -> Iterator[Source]:
    with timebank.open(everything, readonly=True) as bank, bank.journal.reading() as books:
        yield source_of(books, str(everything))


def csv_of(source: Source, place: Path) -> dict[str, list[dict[str, str]]]:
    write_csv(source, place, "en")
    return {table.name: rows_of(place / f"{table.name}.csv") for table in TABLES}


def same(cell: str, value: Any) -> bool:
    return cell == ("" if value is None else str(value))


# --- cells


@given(st.text())
def test_no_text_is_run_and_every_text_comes_back(text: str) -> None:
    cell = str(harmless(text))
    assert not cell.startswith(RUN)
    assert cell.removeprefix("'") == text
    assert harmless(-5) == -5
    assert harmless(None) is None


@pytest.mark.parametrize("first", RUN)
def test_every_beginning_that_a_spreadsheet_runs_is_guarded(first: str) -> None:
    assert harmless(f"{first}1+1") == f"'{first}1+1"


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("a\x00b\x1fc\x7f\r", "a\ufffdb\ufffdc\ufffd\ufffd"),
        ("\ud800\uffff", "\ufffd\ufffd"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("_x0041_ _x00g1_ __x000d_", "_x005F_x0041_ _x00g1_ __x005F_x000d_"),
        ("x" * MOST_CELL, "x" * MOST_CELL),
        ("x" * (MOST_CELL + 1), "x" * (MOST_CELL - 9) + " […32768]"),
        (10**15 - 1, 10**15 - 1),
        (10**15, "1000000000000000"),
        (-(10**15), "-1000000000000000"),
        (None, None),
    ],
)
def test_a_cell_of_a_workbook_holds_what_it_can(text: Any, cell: Any) -> None:
    assert sheet_cell(text) == cell


@given(st.integers(MOST_CELL - 3, MOST_CELL + 3), st.integers(0, 2))
def test_a_long_text_is_cut_between_characters(units: int, odd: int) -> None:
    text = "a" * odd + "😀" * ((units - odd) // 2)
    cell = str(sheet_cell(text))
    long = len(text.encode("utf-16-le")) // 2
    assert len(cell.encode("utf-16-le")) // 2 <= MOST_CELL
    assert cell == text if long <= MOST_CELL else cell.endswith(f"😀 […{long}]")


# --- CSV


@fewer(2)
@given(st.lists(hostile_drafts(), max_size=4))
def test_the_files_hold_every_leaf_exactly(drafts: list[Draft]) -> None:
    journal = journal_of(drafts)
    with TemporaryDirectory() as place, source(journal) as books:
        read = csv_of(books, Path(place))
        leaves = [leaf for _, leaf in books.books.leaves()]
        assert leaves_again(read["entries"], read["transfers"]) == leaves
        assert tree_hash([leaf_hash(leaf) for leaf in leaves]) == books.root
        check_balances(journal, read)


def check_balances(journal: Journal, read: dict[str, list[dict[str, str]]]) -> None:
    """What accounts.csv and months.csv say is what the transfers add up to, by their entries' days."""
    days = {row["seq"]: row["day"] for row in read["entries"]}
    now: dict[tuple[str, str], int] = {}
    ends: dict[str, dict[tuple[str, str], int]] = {}
    for row in sorted(read["transfers"], key=lambda row: days[row["seq"]]):
        for account, sign in ((row["debit"], 1), (row["credit"], -1)):
            place = account, row["unit"]
            now[place] = now.get(place, 0) + sign * int(row["amount"])
        ends[days[row["seq"]][:7]] = dict(now)
    assert {(row["account"], row["unit"]): int(row["debit_balance"]) for row in read["accounts"]} == now
    for row in (*read["accounts"], *read["months"]):
        assert int(row["balance"]) == debit_sign(row["account"]) * int(row["debit_balance"])
    months = {(row["month"], row["account"], row["unit"]): row for row in read["months"]}
    assert len(months) == len(read["months"])
    before: dict[tuple[str, str], int] = {}
    for month, held in ends.items():
        for (account, unit), amount in held.items():
            change = debit_sign(account) * (amount - before.get((account, unit), 0))
            row = months.pop((month, account, unit), None)
            assert (
                (change == 0)
                if row is None
                else (int(row["change"]), int(row["debit_balance"])) == (change, amount)
            )
        before = held
    assert not months
    assert {each.account for each in journal.trial_balance()} == {row["account"] for row in read["accounts"]}


def test_every_record_of_a_full_ledger_is_in_its_file(of_everything: Source, tmp_path: Path) -> None:
    read = csv_of(of_everything, tmp_path)
    books = of_everything.books
    leaves = [leaf for _, leaf in books.leaves()]
    assert leaves_again(read["entries"], read["transfers"]) == leaves
    counts = sorted(books.count(table) for table in PROJECTIONS if table.name != "shop_detail")
    names = {table.name for table in TABLES} - {"entries", "transfers", "accounts", "months"}
    assert sorted(len(read[name]) for name in names) == counts, "each projection has a file of its own"
    for table in TABLES:
        keys = [tuple(row[name] for name in table.key) for row in read[table.name]]
        assert len(set(keys)) == len(keys), table.name
        rows = list(table.rows(of_everything))
        assert len(rows) == len(keys)
        for line, row in zip(read[table.name], rows, strict=True):
            assert all(same(cell, value) for cell, value in zip(line.values(), row, strict=True))


def test_the_months_of_a_full_ledger_add_up(everything: Path, of_everything: Source, tmp_path: Path) -> None:
    with timebank.open(everything, readonly=True) as bank:
        check_balances(bank.journal, csv_of(of_everything, tmp_path))


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_beside_the_files_stands_what_they_are_of(of_everything: Source, tmp_path: Path, language: str) -> None:
    write_csv(of_everything, tmp_path, language)
    text = (tmp_path / "README.txt").read_text(encoding="utf-8-sig")
    for name, value in of_everything.facts():
        assert f"\n{name}: {value}\n" in text
    for table in TABLES:
        assert f"\n{table.name}: " in text


@fewer(5)
@given(st.lists(st.text() | hostile_texts(), min_size=1, max_size=3))
@example(["=1+1", "#N/A", "#DIV/0!"])
@example(["\x00=1", "\ufeff=1", "a\r\n=1"])
def test_texts_that_no_entry_could_hold_stay_in_their_cells(names: list[str]) -> None:
    names = [name.encode("utf-8", "replace").decode() for name in names]
    journal = journal_of([])
    with journal.store.writing() as write:
        for number, name in enumerate(names):
            write.put(SHOPS, Shop(f"shop-{number}", "o", name, 0))
    with TemporaryDirectory() as place, source(journal) as books:
        write_csv(books, Path(place), "en")
        with (Path(place) / "shops.csv").open(encoding="utf-8-sig", newline="") as file:
            lines = list(csv.reader(file))[1:]
        assert [line[1] for line in lines] == [str(harmless(name)) for name in names]
        openpyxl = pytest.importorskip("openpyxl")
        write_workbook(books, Path(place) / "a.xlsx", "en")
        cells = [
            cell
            for (cell,) in openpyxl.load_workbook(Path(place) / "a.xlsx")["shops"].iter_rows(
                2, min_col=2, max_col=2
            )
        ]
        assert [cell.value or "" for cell in cells] == [sheet_cell(name) for name in names]
        assert {cell.data_type for cell in cells} <= {"s", "inlineStr", "n"}


# --- a workbook


def sheets(path: Path) -> dict[str, list[dict[str, Any]]]:
    openpyxl = pytest.importorskip("openpyxl")
    read: dict[str, list[dict[str, Any]]] = {}
    for page in openpyxl.load_workbook(path):
        cells = [list(line) for line in page.iter_rows()]
        assert all(cell.data_type in ("s", "inlineStr", "n") for line in cells for cell in line), (
            "no formula, no error, no date"
        )
        lines = [[cell.value for cell in line] for line in cells]
        read[page.title] = [dict(zip(lines[0], line, strict=True)) for line in lines[1:]] if lines else []
    return read


@fewer(5)
@given(st.lists(hostile_drafts(), max_size=4))
def test_the_sheets_hold_every_leaf_exactly(drafts: list[Draft]) -> None:
    journal = journal_of(drafts)
    with TemporaryDirectory() as place, source(journal) as books:
        write_workbook(books, Path(place) / "a.xlsx", "en")
        read = sheets(Path(place) / "a.xlsx")
        for row in read["entries"]:
            row["body"] = row["body"].replace("_x005F_", "_")
        leaves = leaves_again(read["entries"], read["transfers"])
        assert leaves == [leaf for _, leaf in books.books.leaves()]
    assert all(type(row["amount"]) is int for row in read["transfers"])


def test_the_sheets_of_a_full_ledger_are_its_tables(of_everything: Source, tmp_path: Path) -> None:
    write_workbook(of_everything, tmp_path / "a.xlsx", "zh_CN")
    read = sheets(tmp_path / "a.xlsx")
    assert list(read) == ["about", *(table.name for table in TABLES)]
    for table in TABLES:
        rows = [dict(zip(table.heads, map(sheet_cell, row), strict=True)) for row in table.rows(of_everything)]
        assert read[table.name] == rows, table.name


@pytest.mark.parametrize("most_rows", [2, 3, 218, 219, 220])
def test_a_long_table_goes_on_on_further_sheets(of_everything: Source, tmp_path: Path, most_rows: int) -> None:
    write_workbook(of_everything, tmp_path / "a.xlsx", "en", most_rows=most_rows)
    read = sheets(tmp_path / "a.xlsx")
    assert all(len(rows) < most_rows for name, rows in read.items() if name != "about")
    pages = [rows for name, rows in read.items() if name.partition(" ")[0] == "entries"]
    assert [row["seq"] for rows in pages for row in rows] == list(range(of_everything.size))
    assert len(pages) == -(-of_everything.size // (most_rows - 1))
    assert all(pages)


@given(hostile_texts())
def test_a_hostile_text_is_one_that_an_entry_holds(text: str) -> None:
    assert "\x00" not in text
    journal_of([draft(body={"t": text})])


# --- what is exported is what the root says


def test_entries_that_do_not_lead_to_the_root_are_refused(of_everything: Source, tmp_path: Path) -> None:
    wrong = attrs.evolve(of_everything, root=bytes(32))
    with pytest.raises(FileDamaged):
        write_csv(wrong, tmp_path, "en")


def test_a_later_entry_is_not_in_an_export_that_began_before(of_everything: Source) -> None:
    assert of_everything.size == sum(1 for _ in of_everything.entries())
    assert date.fromisoformat(of_everything.last_at[:10]).year == 2027


# --- where it comes to lie


def test_a_place_that_is_taken_is_left_alone(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.mkdir()
    for place in (new_directory, new_file):
        with pytest.raises(FileExists), place(taken):
            raise AssertionError
    dangling = tmp_path / "dangling"
    dangling.symlink_to(tmp_path / "nowhere")
    with pytest.raises(FileExists), new_file(dangling):
        raise AssertionError
    assert sorted(tmp_path.iterdir()) == [dangling, taken]


def test_who_came_first_keeps_the_place(tmp_path: Path) -> None:
    with pytest.raises(FileExists), new_file(tmp_path / "a") as made:
        made.write_text("mine")
        (tmp_path / "a").write_text("theirs")
    with pytest.raises(FileExists), new_directory(tmp_path / "b") as made:
        (tmp_path / "b").mkdir()
    assert (tmp_path / "a").read_text() == "theirs"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a", "b"]


@pytest.mark.parametrize("place", [new_directory, new_file])
def test_what_fails_half_way_leaves_nothing(place: Any, tmp_path: Path) -> None:
    with pytest.raises(FileDamaged), place(tmp_path / "a") as made:
        (made / "b" if made.is_dir() else made).write_text("half")
        raise FileDamaged("x", "y")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["no/such/a", "a\x00b", "x" * 300])
@pytest.mark.parametrize("place", [new_directory, new_file])
def test_a_place_that_cannot_be_is_refused(place: Any, tmp_path: Path, name: str) -> None:
    with pytest.raises(CannotWrite), place(tmp_path / name) as made:
        if place is new_file:
            made.write_text("x")
    assert list(tmp_path.iterdir()) == []
