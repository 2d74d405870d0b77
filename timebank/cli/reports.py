"""Reports: one sheet of rows, shown as a table, as JSON, or written as a CSV or .xlsx file."""

from __future__ import annotations

import csv
from datetime import date
from io import BytesIO, StringIO
from typing import TYPE_CHECKING, Any, Final

import click
from attrs import frozen

from timebank.audit.flat.cells import harmless
from timebank.cli.commands import AS_JSON, option
from timebank.cli.language import say
from timebank.cli.output import put, put_json, put_table, wants_json, width, write_new
from timebank.errors import ExtraMissing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

FILES: Final = "timebank.report-files"
"""Where the click context keeps the files that a report is to be written to, by their form."""

_WIDEST: Final = 60
_MARKS: Final = ">#+"
_FORMS: Final = {">": ",", "+": "+,"}
_SPARE: Final = 2

Value = str | int | date | None
Row = tuple[Value, ...]


@frozen
class Sheet:
    """A report: its stable *name*, the *title* above it, columns, rows of plain values, sentences below.

    A column is a message id of [head] with a mark before it: `>` amounts (12,000), `#` numbers that name something
    (an entry), `+` changes (+3, -3), none for texts and days.
    """

    name: str
    title: str
    columns: Sequence[str]
    rows: Sequence[Row]
    notes: Sequence[str] = ()

    @property
    def ids(self) -> list[str]:
        """The columns' ids: the names of the values in JSON."""
        return [column.lstrip(_MARKS) for column in self.columns]

    @property
    def heads(self) -> list[str]:
        """What stands above the columns, in the running command's language."""
        return [say("head", name) for name in self.ids]

    @property
    def shown_heads(self) -> list[str]:
        """The heads as put_table takes them: with `>` before those of numbers."""
        marks = (">" if column.startswith(tuple(_MARKS)) else "" for column in self.columns)
        return [mark + head for mark, head in zip(marks, self.heads, strict=True)]

    def shown_row(self, row: Row) -> list[str]:
        """A row as the reader sees it."""
        return [_shown(column[0], value) for column, value in zip(self.columns, row, strict=True)]


def _keep(form: str) -> Callable[[click.Context, click.Parameter, str | None], None]:
    def keep(context: click.Context, _: click.Parameter, path: str | None) -> None:
        if path is not None:
            context.meta.setdefault(FILES, {})[form] = path

    return keep


def AS_REPORT(command: Callable[..., Any]) -> Callable[..., Any]:  # noqa: N802 - reads like AS_JSON beside it
    """Let a command that shows a sheet take --json, --csv FILE and --xlsx FILE."""
    for form in ("xlsx", "csv"):
        file = option(f"--{form}", metavar="FILE", expose_value=False, callback=_keep(form), help=f"report-{form}")
        command = file(command)
    return AS_JSON(command)


def show(sheet: Sheet, *, json: Any = None) -> None:
    """Show *sheet* in the form that was asked for; see `deliver` for *json* and the errors."""
    if deliver(sheet, json=json):
        return
    put(sheet.title)
    put_table(sheet.shown_heads, [sheet.shown_row(row) for row in sheet.rows])
    for note in sheet.notes:
        put(note)


def deliver(sheet: Sheet, *, json: Any = None) -> bool:
    """Give *sheet* out as JSON or files; False where neither was asked for, and a reader waits for a table.

    *json* stands in the sheet's place where a report has a shape of its own. Raises FileExists: a report never
    overwrites a file. Raises CannotWrite, ExtraMissing.
    """
    files: dict[str, str] = click.get_current_context().meta.get(FILES, {})
    for form, path in files.items():
        write_new(path, csv_of(sheet) if form == "csv" else xlsx_of(sheet))
    if wants_json():
        put_json(json_of(sheet) if json is None else json)
        return True
    for path in files.values():
        put(say("cli", "report-written", rows=len(sheet.rows), path=path))
    return bool(files)


def json_of(sheet: Sheet) -> dict[str, Any]:
    """The sheet with stable names; days as text."""
    rows = [
        {
            name: str(value) if isinstance(value, date) else value
            for name, value in zip(sheet.ids, row, strict=True)
        }
        for row in sheet.rows
    ]
    return {"report": sheet.name, "rows": rows}


def csv_of(sheet: Sheet) -> bytes:
    """UTF-8 with the mark that spreadsheets ask for; a text that one would run as a formula begins with `'`."""
    text = StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(sheet.heads)
    writer.writerows(map(harmless, row) for row in sheet.rows)
    return text.getvalue().encode("utf-8-sig")


def xlsx_of(sheet: Sheet) -> bytes:
    """A workbook of one sheet: title, heads, rows, notes. Raises ExtraMissing without `timebank[excel]`."""
    try:
        from openpyxl import Workbook
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.styles import Font
        from openpyxl.utils import get_column_letter
    except ImportError as error:
        raise ExtraMissing("excel", "openpyxl") from error
    book = Workbook(write_only=True)
    page = book.create_sheet(sheet.name[:31])
    page.freeze_panes = "A3"
    columns = zip(*([str(value) for value in line] for line in (sheet.heads, *sheet.rows)), strict=True)
    for place, column in enumerate(columns, start=1):
        page.column_dimensions[get_column_letter(place)].width = min(max(map(width, column)) + _SPARE, _WIDEST)

    def cell(value: Value, *, bold: bool = False) -> Any:
        made = WriteOnlyCell(page, value)  # type: ignore[arg-type]  # its stubs leave days out
        if isinstance(value, str):
            made.data_type = "s"  # A text that begins with = is a text.
        if bold:
            made.font = Font(bold=True)
        return made

    page.append([cell(sheet.title, bold=True)])
    page.append([cell(head, bold=True) for head in sheet.heads])
    for row in sheet.rows:
        page.append([cell(value) for value in row])
    for note in sheet.notes:
        page.append([cell(note)])
    made = BytesIO()
    book.save(made)
    return made.getvalue()


def _shown(mark: str, value: Value) -> str:
    if value is None:
        return ""
    return format(value, _FORMS[mark]) if isinstance(value, int) and mark in _FORMS else str(value)
