"""What people type: days, card numbers, baskets and whole numbers, also from a Chinese keyboard."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

from timebank.errors import BadAmount, BadCode, UnknownEntry
from timebank.ledger.entries import parse_day
from timebank.programme.shops import MOST_PIECES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

_WHOLE: Final = re.compile(r"-?[0-9]{1,15}")


def narrow(text: str) -> str:
    """*text* with full-width letters, digits and signs (１２ ＝) as they are on other keyboards."""
    return unicodedata.normalize("NFKC", text).strip()


def day(field: str) -> Callable[[str], date]:
    """What reads a day, YYYY-MM-DD; raises BadDay."""
    return lambda text: parse_day(field, narrow(text))


def whole(field: str, most: int) -> Callable[[str | int], int]:
    """What reads a whole number; raises BadAmount for anything else. The API says which ones are possible."""

    def read(text: str | int) -> int:
        typed = narrow(str(text))
        if not _WHOLE.fullmatch(typed):
            raise BadAmount(field, typed[:40], 1, most)
        return int(typed)

    return read


def place(text: str | int) -> int:
    """An entry's number in the journal; raises UnknownEntry for anything else."""
    typed = narrow(str(text))
    if not _WHOLE.fullmatch(typed):
        raise UnknownEntry(typed[:40])
    return int(typed)


def good_pieces(text: str) -> tuple[str, int]:
    """One line of a basket, `rice-5kg=2`. Raises BadCode or BadAmount."""
    good, equals, typed = narrow(text).partition("=")
    if not good or not equals:
        raise BadCode("good", text[:80], "GOOD=PIECES")
    pieces = whole(good[:40], MOST_PIECES)(typed)
    if pieces < 1:
        raise BadAmount(good[:40], typed[:40], 1, MOST_PIECES)
    return good, pieces


def good_counted(text: str) -> tuple[str, int]:
    """One line of a count, `rice-5kg=0`. Raises BadCode or BadAmount."""
    good, equals, typed = narrow(text).partition("=")
    if not good or not equals:
        raise BadCode("good", text[:80], "GOOD=PIECES")
    return good, whole(good[:40], MOST_PIECES)(typed)


def good_day(text: str) -> tuple[str, date]:
    """By which day a good is to be used, `rice-5kg=2026-12-31`. Raises BadCode or BadDay."""
    good, equals, typed = narrow(text).partition("=")
    if not good or not equals:
        raise BadCode("good", text[:80], "GOOD=YYYY-MM-DD")
    return good, parse_day("best_before", typed)


def basket_of(lines: Iterable[tuple[str, int]]) -> dict[str, int]:
    """The goods of *lines*; what is named twice counts twice."""
    basket: dict[str, int] = {}
    for good, pieces in lines:
        basket[good] = basket.get(good, 0) + pieces
    return basket
