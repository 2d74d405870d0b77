"""Tables of a page: what a cell shows on paper, and what it is in a spreadsheet."""

from __future__ import annotations

import html
from datetime import date
from typing import TYPE_CHECKING, Final

from attrs import frozen

from timebank.cli.language import say
from timebank.cli.output import decimal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_MINUTES_PER_HOUR: Final = 60
_MARK: Final = ">"


@frozen
class Minutes:
    """Whole minutes: 2:05 on paper, hours in a spreadsheet. A *change* has its sign."""

    minutes: int
    change: bool = False

    def __str__(self) -> str:
        hours, rest = divmod(abs(self.minutes), _MINUTES_PER_HOUR)
        sign = "-" if self.minutes < 0 else "+" if self.change else ""
        return f"{sign}{hours:,}:{rest:02}"

    @property
    def plain(self) -> float:
        """Hours, to a hundredth."""
        return round(self.minutes / _MINUTES_PER_HOUR, 2)


@frozen
class Fixed:
    """A whole number of the last of so many decimal *places*: fen as yuan, tenths of a per cent."""

    value: int
    places: int

    def __str__(self) -> str:
        sign, digits = "-" if self.value < 0 else "", decimal(abs(self.value), self.places)
        whole, point, rest = str(digits).partition(".")
        return f"{sign}{int(whole):,}{point}{rest}"

    @property
    def plain(self) -> float:
        """The number."""
        return float(self.value / 10**self.places)


@frozen
class Change:
    """By how much something grew."""

    value: int

    def __str__(self) -> str:
        return f"{self.value:+,}"

    @property
    def plain(self) -> int:
        """The number."""
        return self.value


@frozen
class Branch:
    """A name that stands *depth* steps below the top of a tree."""

    name: str
    depth: int

    def __str__(self) -> str:
        return self.name


Cell = str | int | date | Minutes | Fixed | Change | Branch | None
Row = tuple[Cell, ...]


@frozen
class Table:
    """Rows under heads; *name* is stable, *columns* are ids of [page-head], those of numbers with `>` before.

    *groups* stand above the heads: texts with how many columns each is above. The rows whose places are in *bold*
    carry sums. *notes* are sentences below.
    """

    name: str
    title: str
    columns: Sequence[str]
    rows: Sequence[Row]
    bold: frozenset[int] = frozenset()
    groups: Sequence[tuple[str, int]] = ()
    notes: Sequence[str] = ()

    @property
    def heads(self) -> list[str]:
        """What stands above the columns."""
        return [say("page-head", column.removeprefix(_MARK)) for column in self.columns]


def printable(text: str) -> str:
    """*text* without what a reader's program would obey: line ends, escapes, direction marks."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def escaped(text: str) -> str:
    """*text* as it stands in HTML, in an attribute or between tags."""
    return html.escape(printable(text), quote=True)


def shown(cell: Cell) -> str:
    """*cell* as the reader sees it, not yet escaped."""
    if cell is None:
        return ""
    return f"{cell:,}" if isinstance(cell, int) else str(cell)


def plain(cell: Cell) -> str | int | float | date | None:
    """*cell* as a spreadsheet holds it: numbers as numbers."""
    if isinstance(cell, Branch):
        return cell.name
    return cell.plain if isinstance(cell, Minutes | Fixed | Change) else cell


def table_html(table: Table) -> Iterator[str]:
    """The table's section, line by line."""
    yield f"<section><h2>{escaped(table.title)}</h2>"
    if table.rows:
        yield f'<table class="{escaped(table.name)}"><thead>'
        if table.groups:
            cells = (f'<th colspan="{span}">{escaped(text)}</th>' for text, span in table.groups)
            yield f'<tr class="groups">{"".join(cells)}</tr>'
        heads = zip(table.columns, table.heads, strict=True)
        yield "<tr>" + "".join(f"<th{_side(column)}>{escaped(head)}</th>" for column, head in heads) + "</tr>"
        yield "</thead><tbody>"
        for place, row in enumerate(table.rows):
            yield _row_html(table, place, row)
        yield "</tbody></table>"
    else:
        yield f"<p>{escaped(say('page', 'nothing'))}</p>"
    for note in table.notes:
        yield f'<p class="note">{escaped(note)}</p>'
    yield "</section>"


def _row_html(table: Table, place: int, row: Row) -> str:
    cells = "".join(
        f"<td{_side(column)}{_step(cell)}><bdi>{escaped(shown(cell))}</bdi></td>"
        for column, cell in zip(table.columns, row, strict=True)
    )
    kind = ' class="sum"' if place in table.bold else ""
    return f"<tr{kind}>{cells}</tr>"


def _step(cell: Cell) -> str:
    """How far from the edge the name of a branch stands."""
    return f' style="padding-left:{1.6 + 5 * cell.depth}mm"' if isinstance(cell, Branch) and cell.depth else ""


def _side(column: str) -> str:
    return ' class="number"' if column.startswith(_MARK) else ""
