"""The rows of a spreadsheet or CSV file, as they stand there: .xlsx, or text in UTF-8, UTF-16 or GB18030."""

from __future__ import annotations

import csv
import warnings
import zipfile
import zlib
from contextlib import contextmanager
from datetime import date, time
from io import BytesIO, StringIO
from itertools import islice
from typing import TYPE_CHECKING, Final
from xml.etree.ElementTree import ParseError

from attrs import frozen

from timebank.errors import CannotOpen, ExtraMissing, FileMissing, TableUnreadable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    Cell = str | int | float | bool | date | time | datetime | None

MOST_BYTES: Final = 1 << 29
"""No larger file, and no workbook that unpacks to more, is read."""

MOST_ROWS: Final = 1 << 20
"""No spreadsheet program has more rows in a sheet; a file that says so would be read for hours."""

_MARKS: Final = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_ENCODINGS: Final = ("utf-8", "gb18030")
_DELIMITERS: Final = (",", "\t", ";", "，")
_WORKBOOK: Final = b"PK\x03\x04"
_LINES_LOOKED_AT: Final = 20
_BROKEN_WORKBOOK: Final = (
    *(zipfile.BadZipFile, zlib.error, ParseError, OSError, EOFError, NotImplementedError),
    *(KeyError, ValueError, TypeError, IndexError, AttributeError, OverflowError),
)
"""What reading a damaged workbook has been seen to raise."""


@frozen
class TableRow:
    """A row that holds anything: its number in the file, counted from 1 as spreadsheets do, and its cells."""

    number: int
    cells: tuple[Cell, ...]

    def cell(self, place: int) -> Cell:
        """The cell at *place*, counted from 0; None beyond the row's last one."""
        return self.cells[place] if place < len(self.cells) else None


def read_table(path: Path) -> Iterator[TableRow]:
    """The rows of the file at *path*, of a workbook's first sheet; rows without any value are left out.

    Raises FileMissing, CannotOpen, TableUnreadable, ExtraMissing.
    """
    data = _bytes_of(path)
    rows = _workbook_rows(path, data) if data.startswith(_WORKBOOK) else _text_rows(path, data)
    for number, cells in enumerate(rows, start=1):
        if any(cell is not None and cell != "" for cell in cells):
            yield TableRow(number, cells)


def _bytes_of(path: Path) -> bytes:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise TableUnreadable(str(path), "too-large")
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise FileMissing(str(path)) from error
    except OSError as error:
        raise CannotOpen(str(path), error.strerror or str(error)) from error
    if not data.strip():
        raise TableUnreadable(str(path), "empty")
    return data


def _text_rows(path: Path, data: bytes) -> Iterator[tuple[Cell, ...]]:
    text = _decoded(path, data)
    head = "".join(islice(StringIO(text), _LINES_LOOKED_AT))
    delimiter = max(_DELIMITERS, key=head.count)
    try:
        for cells in csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True):
            yield tuple(cell.strip() for cell in cells)
    except csv.Error as error:
        raise TableUnreadable(str(path), "not-csv") from error


def _decoded(path: Path, data: bytes) -> str:
    """*data* as text, by its mark or else by the encoding that it is valid in."""
    marked = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), None)
    for encoding in _ENCODINGS if marked is None else (marked,):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        return text
    raise TableUnreadable(str(path), "no-text")


def _workbook_rows(path: Path, data: bytes) -> Iterator[tuple[Cell, ...]]:
    try:
        from openpyxl import load_workbook
    except ImportError as error:
        raise ExtraMissing("excel", "openpyxl") from error
    try:
        with zipfile.ZipFile(BytesIO(data)) as packed:
            if sum(part.file_size for part in packed.infolist()) > MOST_BYTES:
                raise TableUnreadable(str(path), "too-large")
        with _quiet():
            book = load_workbook(BytesIO(data), read_only=True, data_only=True)
        try:
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # what the file says of its size is not needed, and may be wrong
            for number, cells in enumerate(_without_remarks(sheet.iter_rows(values_only=True)), start=1):
                if number > MOST_ROWS:
                    raise TableUnreadable(str(path), "too-large")
                yield tuple(_plain(cell) for cell in cells)
        finally:
            book.close()
    except _BROKEN_WORKBOOK as error:
        raise TableUnreadable(str(path), "no-workbook") from error


@contextmanager
def _quiet() -> Iterator[None]:
    """No remarks of openpyxl on styles and dates that a workbook has and we do not use."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _without_remarks(rows: Iterator[tuple[object, ...]]) -> Iterator[tuple[object, ...]]:
    """*rows*, read a thousand at a time: to be quiet costs more than to read a row."""
    while True:
        with _quiet():
            some = list(islice(rows, 1000))
        if not some:
            return
        yield from some


def _plain(cell: object) -> Cell:
    """A cell's value as we know values; what a spreadsheet knows besides, as its text."""
    if isinstance(cell, str):
        return cell.strip()
    return cell if cell is None or isinstance(cell, int | float | date | time) else str(cell)
