"""Member ids and card numbers: Crockford's base32 (https://www.crockford.com/base32.html).

A member id is 50 random bits in 10 characters and says nothing about the person. A card number made here is 50
other random bits and a check character, so that a mistyped one is found before anything is looked up. A
programme may also use cards that are printed already; their numbers are theirs, unless they look just like one
made here and have the wrong check character.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from timebank.errors import BadCode, CardMistyped

if TYPE_CHECKING:
    from collections.abc import Callable

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CHECKS: Final = ALPHABET + "*~$=U"
_RANDOM_BITS: Final = 50
_LENGTH: Final = 10
_MEMBER: Final = re.compile(f"[{ALPHABET}]{{{_LENGTH}}}")
_MADE_CARD: Final = re.compile(f"[{ALPHABET}]{{{_LENGTH + 1}}}")
_CARD: Final = re.compile(r"[A-Z0-9][A-Z0-9-]{0,31}")


def new_member_id(entropy: Callable[[int], bytes]) -> str:
    """50 bits of *entropy* as 10 characters."""
    number = int.from_bytes(entropy(7), "big") >> (7 * 8 - _RANDOM_BITS)
    return "".join(ALPHABET[number >> shift & 31] for shift in range(_RANDOM_BITS - 5, -1, -5))


def check_character(digits: str) -> str:
    """Crockford's check symbol of *digits*: their number modulo 37."""
    number = 0
    for digit in digits:
        number = number * 32 + ALPHABET.index(digit)
    return _CHECKS[number % 37]


def new_card_number(entropy: Callable[[int], bytes]) -> str:
    """A card number of 10 random characters and a check character that is a letter or digit."""
    while True:
        digits = new_member_id(entropy)
        check = check_character(digits)
        if check in ALPHABET:
            return digits + check


def check_member_id(value: object) -> str:
    """Return *value* if it can be a member id, else raise BadCode."""
    if not isinstance(value, str) or not _MEMBER.fullmatch(value):
        raise BadCode("member", str(value)[:80], _MEMBER.pattern)
    return value


def check_card_number(value: object) -> str:
    """*value* as cards are kept: upper case, without spaces. Raises BadCode, CardMistyped."""
    text = value.replace(" ", "").upper() if isinstance(value, str) and value.isascii() else ""
    if not _CARD.fullmatch(text):
        raise BadCode("card", str(value)[:80], _CARD.pattern)
    if is_mistyped(text):
        raise CardMistyped(text)
    return text


def is_mistyped(number: str) -> bool:
    """Whether *number* has the form of a card number made here, with a check character that does not fit."""
    return bool(_MADE_CARD.fullmatch(number)) and check_character(number[:-1]) != number[-1]
