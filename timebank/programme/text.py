"""Public names: of organisations, shops and goods."""

from __future__ import annotations

import unicodedata
from typing import Final

from timebank.errors import BadText, NotCanonical
from timebank.tlog import canonical

MOST_NAME: Final = 80


def check_name(field: str, value: object) -> str:
    """Return *value* if it is a name of 1 to 80 printable characters in NFC, without spaces at its ends.

    Raises BadText for anything else: control characters, direction marks, half-composed accents.
    """
    if not isinstance(value, str) or not 1 <= len(value) <= MOST_NAME or value != value.strip():
        raise BadText(field, str(value)[:80], MOST_NAME)
    try:
        canonical.check({field: value})
    except NotCanonical as error:
        raise BadText(field, value, MOST_NAME) from error
    if any(unicodedata.category(character) in ("Cf", "Cn", "Co") for character in value):
        raise BadText(field, value, MOST_NAME)
    return value
