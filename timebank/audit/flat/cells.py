"""What a cell may hold, in a spreadsheet that would rather run it, cut it or round it."""

from __future__ import annotations

import re
from typing import Final

Cell = str | int | None

_RUN: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_GUARDED: Final = (*_RUN, "'")
"""A text that begins with the guard itself gets another: so who takes one away has the text again, always."""

MOST_CELL: Final = 32_767
"""UTF-16 units that a cell of a workbook holds."""
MOST_DIGITS: Final = 15
"""Digits of a number that a spreadsheet keeps."""
_UNIT_BYTES: Final = 2
_NOT_IN_XML: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
# A workbook's own way to write a character by its number: a text that only looks like one would be read as that.
_ESCAPE: Final = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


def harmless(value: object) -> object:
    """*value* for a CSV file: a text that a spreadsheet would run as a formula begins with `'`.

    So does a text that begins with `'` anyway: take one `'` away from the beginning and it is as it was.
    """
    return f"'{value}" if isinstance(value, str) and value.startswith(_GUARDED) else value


def sheet_cell(value: Cell) -> Cell:
    """*value* for a cell of a workbook.

    Control characters become U+FFFD; a text of more than 32,767 UTF-16 units is cut and says of how many; a
    number of more than 15 digits is a text, because a spreadsheet would round it.
    """
    if isinstance(value, int):
        return value if abs(value) < 10**MOST_DIGITS else str(value)
    if value is None:
        return None
    text = _ESCAPE.sub("_x005F_", _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", value))
    coded = text.encode("utf-16-le")
    units = len(coded) // _UNIT_BYTES
    if units <= MOST_CELL:
        return text
    mark = f" […{units}]"
    kept = coded[: (MOST_CELL - len(mark)) * _UNIT_BYTES]
    return kept.decode("utf-16-le", errors="ignore") + mark
