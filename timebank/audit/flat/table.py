"""What a flat table is: a name, columns, a key, and rows that are made one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from timebank.audit.flat.cells import Cell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from timebank.audit.flat.source import Source

Row = tuple[Cell, ...]


@frozen
class Column:
    """A column of texts, or of whole numbers; *refers* is the table whose key its values are."""

    name: str
    is_whole: bool = False
    refers: str | None = None


@frozen
class FlatTable:
    """Rows under *columns*, found by *key*; no two rows have the same."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    rows: Callable[[Source], Iterator[Row]]

    @property
    def heads(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(column.name for column in self.columns)


def columns(text: str) -> tuple[Column, ...]:
    """Columns written in one line: `#` before whole numbers, `>table` after what names a row of that table."""
    return tuple(_column(word) for word in text.split())


def _column(word: str) -> Column:
    name, _, refers = word.partition(">")
    return Column(name.removeprefix("#"), name.startswith("#"), refers or None)
