"""A checkpoint as a QR code, for the notice board and the slip."""

from __future__ import annotations

import io
from itertools import zip_longest
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final

import click

from timebank.errors import BadCode, ExtraMissing, QrTooLarge

if TYPE_CHECKING:
    from types import ModuleType

MOST_VERSION: Final = 10
"""A larger code is hard to read for the camera of a cheap telephone."""
_MOST_BYTES: Final = 271
"""What version 10 holds at error level L (ISO/IEC 18004)."""
_BORDER: Final = 4
_HALVES: Final = {(0, 0): " ", (0, 1): "▄", (1, 0): "▀", (1, 1): "█"}
"""How two modules, one above the other, are drawn as one character; 1 is dark."""
_KINDS: Final = {".svg": {"scale": 4, "border": _BORDER}, ".png": {"scale": 6, "border": _BORDER}}


def drawing(note: str) -> str:
    """The QR code of *note* in lines of at most 65 characters: dark is ink.

    A terminal shows it black on white, whichever colours it has; a file and a printer get no colours (click's
    `echo` takes them off).
    """
    rows = list(_code(note).matrix_iter(border=_BORDER))
    nothing = bytes(len(rows[0]))
    pairs = zip_longest(rows[::2], rows[1::2], fillvalue=nothing)
    lines = ("".join(_HALVES[pair] for pair in zip(upper, lower, strict=True)) for upper, lower in pairs)
    return "\n".join(click.style(line, fg="black", bg="bright_white") for line in lines)


def picture(note: str, path: str) -> bytes:
    """The QR code of *note* as the kind of file that *path* ends in: .svg or .png. Raises BadCode for others."""
    suffix = PurePath(path).suffix.lower()
    if suffix not in _KINDS:
        raise BadCode("qr", path, "*.svg|*.png|-")
    drawn = io.BytesIO()
    _code(note).save(drawn, kind=suffix[1:], **_KINDS[suffix])
    return drawn.getvalue()


def _code(note: str) -> Any:
    """The code, of the note's bytes as they are; level M if that fits, else L. Raises QrTooLarge, ExtraMissing."""
    segno, data = _segno(), note.encode()
    if len(data) > _MOST_BYTES:
        raise QrTooLarge(len(data), _MOST_BYTES)
    try:
        return _at_most(segno, data, "m")
    except segno.DataOverflowError:
        return _at_most(segno, data, "l")


def _at_most(segno: ModuleType, data: bytes, level: str) -> Any:
    smaller = segno.make(data, error=level, mode="byte", micro=False, boost_error=False)
    if smaller.version > MOST_VERSION:
        raise segno.DataOverflowError
    return smaller


def _segno() -> ModuleType:
    try:
        import segno
    except ImportError as error:
        raise ExtraMissing("qr", "segno") from error
    return segno
