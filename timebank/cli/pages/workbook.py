"""The tables of a page as a workbook, a sheet each, and as one list of figures for a CSV file."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any, Final

from timebank.cli.language import say
from timebank.cli.output import width
from timebank.cli.pages.tables import Cell, Fixed, Minutes, Table, plain, printable, shown
from timebank.cli.reports import Sheet
from timebank.errors import ExtraMissing

_MOST_NAME: Final = 31
_SPARE: Final = 2
_WIDEST: Final = 60
_HOUR_PLACES: Final = 2


Line = tuple[Sequence[Cell], bool]
"""The cells of a line of a sheet, and whether they are bold."""


def workbook_of(tables: Sequence[Table], head: Sequence[tuple[str, str]]) -> bytes:
    """A workbook of *tables*, a sheet each, after one with the page's *head*; numbers are numbers.

    Raises ExtraMissing without `timebank[excel]`.
    """
    try:
        from openpyxl import Workbook
    except ImportError as error:
        raise ExtraMissing("excel", "openpyxl") from error
    book = Workbook(write_only=True)
    _add_sheet(book, say("page", "about"), [((name, value), False) for name, value in head])
    for table in tables:
        lines: list[Line] = [((table.title,), True), (table.heads, True)]
        lines += [(row, place in table.bold) for place, row in enumerate(table.rows)]
        lines += [((note,), False) for note in table.notes]
        _add_sheet(book, table.name.split()[0], lines, frozen="A3")
    made = BytesIO()
    book.save(made)
    return made.getvalue()


def _add_sheet(book: Any, name: str, lines: Sequence[Line], *, frozen: str | None = None) -> None:
    from openpyxl.utils import get_column_letter

    page = book.create_sheet(name[:_MOST_NAME])
    page.freeze_panes = frozen
    whole = [cells for cells, _ in lines if len(cells) > 1]
    for place, column in enumerate(zip(*whole, strict=False), start=1):
        widest = max(width(shown(cell)) for cell in column)
        page.column_dimensions[get_column_letter(place)].width = min(widest + _SPARE, _WIDEST)
    for cells, bold in lines:
        page.append([_written(page, cell, bold=bold) for cell in cells])


def _written(page: Any, cell: Cell, *, bold: bool) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    value = plain(cell)
    made = WriteOnlyCell(page, printable(value) if isinstance(value, str) else value)  # type: ignore[arg-type]
    if isinstance(value, str):
        made.data_type = "s"  # A text that begins with = is a text.
    if isinstance(cell, Minutes | Fixed):
        made.number_format = "#,##0." + "0" * (cell.places if isinstance(cell, Fixed) else _HOUR_PLACES)
    if bold:
        made.font = Font(bold=True)
    return made


def figures_sheet(name: str, title: str, tables: Sequence[Table]) -> Sheet:
    """Every number of *tables* in a row of its own, with its table, what its row is about, and its column."""
    rows = []
    for table in tables:
        texts = sum(not column.startswith(">") for column in table.columns)
        for row in table.rows:
            about = say("cli", "comma").join(str(cell) for cell in row[:texts])
            for head, cell in zip(table.heads[texts:], row[texts:], strict=True):
                if cell is not None:
                    rows.append((table.title, about, head, _number(cell)))
    return Sheet(name, title, ("in-table", "about", "in-column", "figure"), tuple(rows))


def _number(cell: Cell) -> str | int:
    value = plain(cell)
    return value if isinstance(value, int) else str(value)
