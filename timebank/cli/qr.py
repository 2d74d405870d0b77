"""A checkpoint as a QR code, for the notice board and the slip."""

from __future__ import annotations

import io
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final

from timebank.errors import BadCode, ExtraMissing, QrTooLarge

if TYPE_CHECKING:
    from types import ModuleType

MOST_VERSION: Final = 10
"""A larger code is hard to read for the camera of a cheap telephone."""
_MOST_BYTES: Final = 271
"""What version 10 holds at error level L (ISO/IEC 18004)."""
_KINDS: Final = {".svg": {"scale": 4, "border": 4}, ".png": {"scale": 6, "border": 4}}


def drawing(note: str) -> str:
    """The QR code of *note* in lines of text, for a terminal; dark on light whichever colours it has."""
    drawn = io.StringIO()
    _code(note).terminal(drawn, compact=True)
    return drawn.getvalue()


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
