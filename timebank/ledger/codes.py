"""How units and accounts are written, and which way an account counts."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from timebank.errors import BadAmount, BadCode

POINTS: Final = "PTS"
MINUTES: Final = "MIN"

MOST_AMOUNT: Final = 10**12
"""The largest amount of one transfer, in the unit's smallest step."""

_ACCOUNT: Final = re.compile(r"[ALEIX](:[A-Z0-9][A-Z0-9-]*)+")
_UNIT: Final = re.compile(r"[A-Z]([A-Z0-9._-]{0,21}[A-Z0-9])?")
_MOST_ACCOUNT_LENGTH: Final = 200

DEBIT_NORMAL: Final = frozenset("AX")
"""Classes whose balance is debits less credits (assets, expenses); the others count credits less debits."""

NEVER_NEGATIVE: Final = frozenset("AL")
"""Classes whose balance may not go below zero (assets, liabilities)."""


@lru_cache(maxsize=65_536)
def check_account(code: str) -> str:
    """Return *code* if it is an account code (ledger-format: class letter, then parts), else raise BadCode."""
    if not isinstance(code, str) or len(code) > _MOST_ACCOUNT_LENGTH or not _ACCOUNT.fullmatch(code):
        raise BadCode("account", str(code)[:80], _ACCOUNT.pattern)
    return code


@lru_cache(maxsize=65_536)
def check_unit(code: str) -> str:
    """Return *code* if it is a unit code of at most 23 characters, else raise BadCode."""
    if not isinstance(code, str) or not _UNIT.fullmatch(code):
        raise BadCode("unit", str(code)[:80], _UNIT.pattern)
    return code


def check_amount(field: str, value: object, *, most: int = MOST_AMOUNT) -> int:
    """Return *value* if it is a whole number from 1 to *most*; True, 1.0 and "1" are not."""
    if type(value) is not int or not 1 <= value <= most:
        raise BadAmount(field, str(value)[:40], 1, most)
    return value


def debit_sign(account: str) -> int:
    """+1 if a debit makes the balance of *account* larger, else -1."""
    return 1 if account[0] in DEBIT_NORMAL else -1
