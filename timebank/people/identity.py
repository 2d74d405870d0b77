"""Names, telephone numbers, numbers of identity documents: how they are compared, and what is kept of them."""

from __future__ import annotations

import hmac
import re
import unicodedata
from hashlib import sha256
from typing import Final

from timebank.errors import BadCode, BadIdNumber
from timebank.people.masking import PADDING

PEPPER_BYTES: Final = 32
SHOWN_OF_NUMBER: Final = 4

_PHONE: Final = re.compile(r"\+?[0-9]{5,19}")
_DOCUMENT: Final = re.compile(r"[A-Z0-9]{6,20}")
_CITIZEN: Final = re.compile(r"[0-9]{17}[0-9X]")
_OLD_CITIZEN: Final = re.compile(r"[0-9]{15}")
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS: Final = "10X98765432"
"""Weights and check characters of a citizen's number (GB 11643): by the weighted sum of 17 digits, modulo 11."""
_CENTURY: Final = "19"
_BEFORE_CENTURY: Final = 6


def plain(text: str) -> str:
    """*text* as it is searched: half-width, lower case, without spaces and signs between words."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(character for character in folded if character.isalnum())


def person_name(typed: str) -> str:
    """A name as it is kept: accents composed, one space between words, none that only pads a Chinese name."""
    return PADDING.sub("", " ".join(unicodedata.normalize("NFC", typed).split()))


def phone_number(typed: str) -> str:
    """A telephone number as it is kept: digits, with `+` and the country where it is abroad. Raises BadCode."""
    number = re.sub(r"[\s\-()./]", "", unicodedata.normalize("NFKC", typed))
    if not _PHONE.fullmatch(number):
        raise BadCode("phone", typed[:40], _PHONE.pattern)
    return number.removeprefix("+86")


def document_number(typed: str) -> str:
    """The number of an identity document as it is compared: upper case, without spaces and dashes.

    A citizen's number has 18 characters, the last of which checks the others (GB 11643); one of the older 15 is
    written as the 18 that replaced it. Other documents have 6 to 20 letters and digits. Raises BadIdNumber.
    """
    number = re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", typed)).upper()
    if not _DOCUMENT.fullmatch(number):
        raise BadIdNumber
    if _OLD_CITIZEN.fullmatch(number):
        body = number[:_BEFORE_CENTURY] + _CENTURY + number[_BEFORE_CENTURY:]
        return body + check_character(body)
    if _CITIZEN.fullmatch(number) and number[-1] != check_character(number[:-1]):
        raise BadIdNumber
    return number


def check_character(body: str) -> str:
    """The last character of a citizen's number whose first 17 digits are *body*."""
    return _CHECKS[sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True)) % len(_CHECKS)]


def mark(pepper: bytes, number: str) -> bytes:
    """HMAC-SHA-256 of a document's number under *pepper*: one person has one mark, in this file alone."""
    return hmac.digest(pepper, number.encode(), sha256)


def memo_hash(salt: bytes, text: str) -> str:
    """SHA-256 of *salt* and *text*, in hex: what the journal may say of a memo."""
    return sha256(salt + text.encode()).hexdigest()
