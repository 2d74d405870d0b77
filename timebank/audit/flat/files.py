"""The flat tables as CSV files in a directory, and as the sheets of a workbook."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any, Final

from timebank.audit.flat.cells import harmless, sheet_cell
from timebank.audit.flat.journal import ACCOUNTS, ENTRIES, MONTHS, TRANSFERS
from timebank.audit.flat.records import RECORDS
from timebank.audit.flat.words import about_lines, readme
from timebank.errors import ExtraMissing

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from timebank.audit.flat.source import Source
    from timebank.audit.flat.table import FlatTable

TABLES: Final = (ENTRIES, TRANSFERS, ACCOUNTS, MONTHS, *RECORDS)

MOST_ROWS: Final = 1_048_576
"""Rows that a sheet of a workbook holds, the heads among them."""

_RUN_BY_OPENPYXL: Final = ("=", "#")
"""How texts begin of which openpyxl makes a formula or an error, unless it is told that they are texts."""


def write_csv(source: Source, directory: Path, language: str) -> None:
    """A CSV file for each table into *directory*, and a README.txt.

    UTF-8 with the mark that spreadsheets ask for, lines and quotes as in RFC 4180; see `harmless` for what
    stands before texts that a spreadsheet would run.
    """
    for table in TABLES:
        with (directory / f"{table.name}.csv").open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(table.heads)
            writer.writerows(map(harmless, row) for row in table.rows(source))
    text = readme(source, (table.name for table in TABLES), language)
    (directory / "README.txt").write_text(text, encoding="utf-8-sig")


def write_workbook(source: Source, path: Path, language: str, *, most_rows: int = MOST_ROWS) -> None:
    """A workbook with a sheet for each table: numbers are numbers, days and moments are texts.

    A table of more than *most_rows* rows goes on on a further sheet. Raises ExtraMissing without
    `timebank[excel]`.
    """
    try:
        from openpyxl import Workbook
    except ImportError as error:
        raise ExtraMissing("excel", "openpyxl") from error
    book = Workbook(write_only=True)
    try:
        about = book.create_sheet("about")
        for line in about_lines(source, (table.name for table in TABLES), language):
            about.append(_cells(about, line))
        for table in TABLES:
            _add_sheets(book, table, source, most_rows - 1)
        book.save(path)
    finally:
        for page in book.worksheets:
            if not page.closed:
                page.close()


def _add_sheets(book: Any, table: FlatTable, source: Source, most: int) -> None:
    """The sheets of *table*, with at most so many rows under the heads: one, be it empty."""
    page = _sheet(book, table, 1)
    for place, row in enumerate(table.rows(source)):
        if place and place % most == 0:
            page.close()
            page = _sheet(book, table, place // most + 1)
        page.append(_cells(page, row))
    page.close()


def _sheet(book: Any, table: FlatTable, number: int) -> Any:
    page = book.create_sheet(table.name if number == 1 else f"{table.name} {number}")
    page.freeze_panes = "A2"
    page.append(table.heads)
    return page


def _cells(page: Any, row: Iterable[str | int | None]) -> list[Any]:
    return [_written(page, sheet_cell(value)) for value in row]


def _written(page: Any, value: str | int | None) -> Any:
    if not isinstance(value, str) or not value.startswith(_RUN_BY_OPENPYXL):
        return value
    from openpyxl.cell import WriteOnlyCell

    made = WriteOnlyCell(page, value)
    made.data_type = "s"
    return made
