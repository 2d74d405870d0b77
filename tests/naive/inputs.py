"""What each kind of input must look like; each function answers the codes of what is wrong."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from typing import Any

BASE32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CHECKS = BASE32 + "*~$=U"


def given(*values: Any) -> list[Any]:
    """Those that are not left open."""
    return [value for value in values if value is not None]


def bad_slugs(*names: Any) -> set[str]:
    fits = all(isinstance(name, str) and re.fullmatch("[a-z0-9][a-z0-9-]{0,31}", name) for name in names)
    return set() if fits else {"bad-code"}


def bad_choice(value: Any, *choices: Any) -> set[str]:
    return set() if value in choices else {"bad-code"}


def bad_key(key: Any) -> set[str]:
    fits = key is None or (isinstance(key, str) and re.fullmatch("[A-Za-z0-9._:/-]{1,64}", key))
    return set() if fits else {"bad-code"}


def bad_member(*members: Any) -> set[str]:
    fits = all(isinstance(one, str) and len(one) == 10 and set(one) <= set(BASE32) for one in members)
    return set() if fits else {"bad-code"}


def bad_good(good: Any) -> set[str]:
    """A good is a slug, and in capitals a unit of its own: a letter first, no dash last, at most 23 characters."""
    fits = isinstance(good, str) and re.fullmatch("[a-z]([a-z0-9-]{0,21}[a-z0-9])?", good)
    fits = fits and good not in ("pts", "min")
    return set() if fits else {"bad-code"}


def bad_name(name: Any, most: int = 80) -> set[str]:
    fits = (
        isinstance(name, str)
        and 1 <= len(name) <= most
        and name == name.strip() == unicodedata.normalize("NFC", name)
        and not any(unicodedata.category(char)[0] in "CZ" and char != " " for char in name)
    )
    return set() if fits else {"bad-text"}


def bad_day(*days: Any) -> set[str]:
    fits = all(isinstance(day, date) and not isinstance(day, datetime) for day in days)
    return set() if fits else {"bad-day"}


def bad_amount(amount: Any, most: int, least: int = 1) -> set[str]:
    return set() if type(amount) is int and least <= amount <= most else {"bad-amount"}


def bad_basket(goods: dict[Any, Any]) -> set[str]:
    if not goods:
        return {"no-goods"}
    return set().union(*(bad_good(good) | bad_amount(pieces, 1_000_000) for good, pieces in goods.items()))


def bad_start(start: Any) -> set[str]:
    fits = isinstance(start, str) and re.fullmatch("([01][0-9]|2[0-3]):[0-5][0-9]", start)
    return set() if fits else {"bad-code"}


def bad_evidence(evidence: Any) -> set[str]:
    fits = isinstance(evidence, str) and re.fullmatch("[0-9a-f]{64}", evidence)
    return set() if fits else {"bad-code"}


def bad_month(month: Any) -> set[str]:
    fits = isinstance(month, str) and re.fullmatch("[0-9]{4}-(0[1-9]|1[0-2])", month)
    return set() if fits else {"bad-code"}


def bad_quarter(quarter: Any) -> set[str]:
    fits = isinstance(quarter, str) and re.fullmatch("[0-9]{4}-Q[1-4]", quarter)
    return set() if fits else {"bad-code"}


def bad_measure(measure: dict[str, Any]) -> set[str]:
    """A measure's numbers by themselves, whatever the service needs."""
    bad: set[str] = set()
    for name, value in measure.items():
        if value is not None:
            bad |= {
                "minutes": lambda value: bad_amount(value, 24 * 60),
                "occasions": lambda value: bad_amount(value, 100),
                "grade": bad_slugs,
                "start": bad_start,
            }[name](value)
    return bad


def as_kept(card: str) -> str:
    """A card number as it is kept: capitals, no spaces."""
    return card.replace(" ", "").upper()


def bad_card(card: Any) -> set[str]:
    if (
        not isinstance(card, str)
        or not card.isascii()
        or not re.fullmatch("[A-Z0-9][A-Z0-9-]{0,31}", as_kept(card))
    ):
        return {"bad-code"}
    return {"card-mistyped"} if mistyped(as_kept(card)) else set()


def mistyped(number: str) -> bool:
    """The form of a made card, but the last character is not its number modulo 37."""
    if len(number) != 11 or not set(number) <= set(BASE32):
        return False
    value = 0
    for char in number[:10]:
        value = value * 32 + BASE32.index(char)
    return CHECKS[value % 37] != number[10]
