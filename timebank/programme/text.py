"""Public names, of organisations, shops, goods, venues and rooms, and a shop's opening hours."""

from __future__ import annotations

import unicodedata
from typing import Final

from timebank.errors import BadText, NotCanonical
from timebank.tlog import canonical

MOST_NAME: Final = 80

# Letters, marks and a sign that print as nothing: Unicode's Default_Ignorable_Code_Point outside the format
# characters, and the blank braille pattern.
_UNSEEN: Final = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"
    + "".join(map(chr, range(0xFE00, 0xFE10)))
    + "".join(map(chr, range(0xE0100, 0xE01F0)))
)


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
    if any(_is_unseen(character) for character in value) or unicodedata.category(value[0]).startswith("M"):
        raise BadText(field, value, MOST_NAME)
    return value


def _is_unseen(character: str) -> bool:
    """Whether *character* prints as nothing, or as a space that is none."""
    if unicodedata.category(character) in ("Cf", "Cn", "Co") or character in _UNSEEN:
        return True
    return character.isspace() and character != " "
