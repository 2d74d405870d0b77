"""Where the columns of a list stand in a file, what its rows say, and which of them are wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from timebank.errors import CellWrong, ColumnsMissing, ColumnTwice, TableUnreadable
from timebank.importing.registers import plain_head
from timebank.importing.values import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from timebank.errors import TimebankError
    from timebank.importing.registers import Column, Form
    from timebank.importing.tables import TableRow
    from timebank.importing.values import Parse

MOST_WRONG: Final = 1_000
"""After so many wrong rows the rest is not looked at, where a wrong row means that none is kept."""

_HEAD_WITHIN: Final = 10


@frozen
class RowError:
    """What is wrong with a row: its number, the column's head and the cell's text ("" for the row), and why."""

    row: int
    column: str
    value: str
    error: TimebankError


@frozen
class Layout:
    """Where the columns of a list stand in a file."""

    form: Form
    heads: tuple[str, ...]
    places: Mapping[str, tuple[int, Column]]
    ignored: tuple[str, ...]

    def head(self, field: str) -> str:
        """What stands above the column of *field*; nothing where the file has none."""
        return self.heads[self.places[field][0]] if field in self.places else ""


def layout_of(path: str, form: Form, rows: Iterator[TableRow]) -> Layout:
    """The columns of *form* in the first rows of a file: titles may stand above the heads.

    Raises TableUnreadable, ColumnsMissing, ColumnTwice.
    """
    fields = {head: column for column in form.columns for head in map(plain_head, column.heads)}
    nearest: Layout | None = None
    for _, row in zip(range(_HEAD_WITHIN), rows, strict=False):
        heads = tuple(text_of(cell) for cell in row.cells)
        places: dict[str, tuple[int, Column]] = {}
        for place, head in enumerate(heads):
            column = fields.get(plain_head(head))
            if column is not None and column.field in places:
                raise ColumnTwice(path, heads[places[column.field][0]], head)
            if column is not None:
                places[column.field] = (place, column)
        known = {place for place, _ in places.values()}
        ignored = tuple(head for place, head in enumerate(heads) if head and place not in known)
        layout = Layout(form, heads, places, ignored)
        if not _missing(form, places):
            return layout
        if nearest is None or len(places) > len(nearest.places):
            nearest = layout
    if nearest is None:
        raise TableUnreadable(path, "empty")
    found = ", ".join(head for head in nearest.heads if head)
    raise ColumnsMissing(path, form.name, ", ".join(_missing(form, nearest.places)), found[:200])


def _missing(form: Form, places: Mapping[str, object]) -> list[str]:
    """The heads that a file of this form still needs."""
    named = {column.field: column.heads[0] for column in form.columns}
    wanted = [named[column.field] for column in form.columns if column.required and column.field not in places]
    groups = [group for group in form.one_of if not any(name in places for name in group)]
    return wanted + [" / ".join(named[name] for name in group) for group in groups]


class RowReader:
    """Reads the rows of a file one by one, and keeps what is wrong with them in `errors`."""

    def __init__(self, layout: Layout, parse: Mapping[str, Parse]) -> None:
        self._layout = layout
        self._parse = parse
        self.errors: list[RowError] = []

    def values(self, row: TableRow) -> dict[str, Any] | None:
        """The row's values by field; None where one is wrong, which is noted."""
        values: dict[str, Any] = {}
        wrong = len(self.errors)
        for field_name, (place, column) in self._layout.places.items():
            cell = row.cell(place)
            if text_of(cell) == "":
                if column.required:
                    self.note(row, place, CellWrong("", "text"))
                continue
            try:
                values[field_name] = self._parse[column.parse](cell)
            except CellWrong as error:
                self.note(row, place, error)
        for group in self._layout.form.one_of:
            if sum(name in values for name in group) != 1 and len(self.errors) == wrong:
                places = [self._layout.places[name][0] for name in group if name in self._layout.places]
                self.note(row, places[0], CellWrong("", "one-of"))
        return values if len(self.errors) == wrong else None

    def note(self, row: TableRow, place: int, error: TimebankError) -> None:
        """Put down that the cell at *place* is wrong."""
        self.errors.append(RowError(row.number, self._layout.heads[place], text_of(row.cell(place))[:80], error))

    def located(self, row: TableRow, error: TimebankError) -> RowError:
        """*error* at the cell that it is about, where one of its facts is what a cell says."""
        facts = {str(fact) for fact in error.facts().values()}
        for place, _ in self._layout.places.values():
            text = text_of(row.cell(place))
            if text and text in facts:
                return RowError(row.number, self._layout.heads[place], text[:80], error)
        return RowError(row.number, "", "", error)
