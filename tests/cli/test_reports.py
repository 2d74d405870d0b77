"""Reports: the same rows as a table, as JSON, in a CSV file and in a workbook; nothing is overwritten or run."""

from __future__ import annotations

import csv
import sys
from datetime import date
from io import BytesIO, StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cli.conftest import Shell
from timebank.cli import main
from timebank.cli.reports import Sheet, csv_of, json_of, xlsx_of

if TYPE_CHECKING:
    from collections.abc import Iterator

FIRST_REPORTS = [
    "statement FILE --card 0001",
    "trial-balance FILE",
    "report FILE",
    "journal FILE",
    "prices FILE yungu-shop",
    "stock FILE yungu-shop",
    "rulebook show FILE",
    "stars FILE",
    "order list FILE",
    "claim list FILE",
    "settlements FILE",
    "lapsing FILE",
    "ages FILE",
    "tree FILE",
]


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


def test_whatever_can_be_a_csv_file_can_be_json_and_a_workbook() -> None:
    for name, command in commands(main):
        options = {option for param in command.params for option in param.opts}
        if options & {"--csv", "--xlsx"}:
            assert {"--csv", "--xlsx", "--json"} <= options, name


def rows_of_csv(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize("words", FIRST_REPORTS)
def test_a_report_is_the_same_in_a_csv_file_and_in_a_workbook(both: Shell, tmp_path: Path, words: str) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    both.run(*words.split(), "--csv", str(tmp_path / "a.csv"), "--xlsx", str(tmp_path / "a.xlsx"))
    table = rows_of_csv(tmp_path / "a.csv")
    page = list(openpyxl.load_workbook(tmp_path / "a.xlsx").active.iter_rows(values_only=True))
    shown = [["" if value is None else str(value).removesuffix(" 00:00:00") for value in row] for row in page]
    width = len(table[0])
    assert [row[:width] for row in shown[1 : 1 + len(table)]] == [
        [cell.removeprefix("'") if cell[1:2] in "=+-@" else cell for cell in row] for row in table
    ]


def test_a_report_never_overwrites_a_file_least_of_all_the_ledger(shell: Shell) -> None:
    before = shell.file.read_bytes()
    error = shell.run("report", "FILE", "--csv", "FILE", code=2).stderr
    assert "[file-exists]" in error
    assert shell.file.read_bytes() == before


def test_a_report_that_cannot_be_written_leaves_nothing(shell: Shell, tmp_path: Path) -> None:
    for place in (tmp_path / "no" / "a.csv", shell.file / "a.csv"):
        assert "[cannot-write]" in shell.run("report", "FILE", "--csv", str(place), code=2).stderr


def test_without_the_extra_a_workbook_is_refused_and_a_csv_file_is_not(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    error = shell.run("report", "FILE", "--xlsx", str(tmp_path / "a.xlsx"), code=2).stderr
    assert "timebank[excel]" in error
    assert not (tmp_path / "a.xlsx").exists()
    shell.run("report", "FILE", "--csv", str(tmp_path / "a.csv"))


VALUES = st.none() | st.integers(-(10**12), 10**12) | st.dates() | st.text(
    st.characters(exclude_categories=("Cs", "Cc")), max_size=12
)  # fmt: skip
ROWS = st.lists(st.tuples(VALUES, VALUES), max_size=6)


@given(ROWS)
def test_no_cell_of_a_csv_file_is_run_and_every_value_is_there(rows: list[tuple[object, object]]) -> None:
    sheet = Sheet("report", "", ("what", ">amount"), rows)  # type: ignore[arg-type]
    read = list(csv.reader(StringIO(csv_of(sheet).decode("utf-8-sig"), newline="")))
    assert len(read) == len(rows) + 1
    for cells, row in zip(read[1:], rows, strict=True):
        for cell, value in zip(cells, row, strict=True):
            if isinstance(value, str):
                assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
                assert cell in (value, f"'{value}")
            else:
                assert cell == ("" if value is None else str(value))


@given(ROWS)
def test_no_cell_of_a_workbook_is_a_formula_and_every_value_is_there(rows: list[tuple[object, object]]) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    sheet = Sheet("report", "=1+1", ("what", ">amount"), rows)  # type: ignore[arg-type]
    page = openpyxl.load_workbook(BytesIO(xlsx_of(sheet))).active
    assert all(cell.data_type != "f" for line in page.iter_rows() for cell in line)
    for line, row in zip(page.iter_rows(min_row=3, max_col=2, values_only=True), rows, strict=False):
        for cell, value in zip(line, row, strict=True):
            if isinstance(value, str):
                assert (cell or "") == value
            elif isinstance(value, int):
                assert cell == value


def test_json_has_the_columns_by_their_stable_names() -> None:
    sheet = Sheet("report", "", ("day", "#seq", "+change"), [(date(2026, 3, 1), 7, -3), (None, 8, None)])
    assert json_of(sheet) == {
        "report": "report",
        "rows": [{"day": "2026-03-01", "seq": 7, "change": -3}, {"day": None, "seq": 8, "change": None}],
    }
