"""What our accounts, units and texts are called in hledger, ledger and beancount, and the way back.

The mapping leads every code to a name of its own (docs/reference/exports.md has the tables). Texts are
percent-encoded but for letters, digits and a few signs, so that none of them can be read as a posting, a
directive, a tag or the end of a string.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import frozen

from timebank.errors import BadCode
from timebank.ledger.codes import check_account, check_unit

if TYPE_CHECKING:
    from collections.abc import Mapping

_KEPT_SIGNS: Final = frozenset("-._/")
_PLAIN_UNITS: Final = frozenset(("PTS", "MIN"))
_BEANCOUNT_WORDS: Final = frozenset(("TRUE", "FALSE", "NULL"))
"""Codes that beancount reads as values; `'` is in no code of ours, so that the mark leads to no other one."""
_MARK: Final = "'0"


@frozen
class Naming:
    """How one family of tools spells things: the roots of its accounts by our class letter."""

    roots: Mapping[str, str]
    opening: str
    """The account against which a month's opening balances stand; no code of ours leads to it."""

    def account(self, code: str) -> str:
        """Our account *code* in the tool's spelling."""
        return f"{self.roots[code[0]]}{code[1:]}"

    def code(self, account: str) -> str | None:
        """Our code of the tool's *account*; None where no code of ours is called so."""
        root, colon, rest = account.partition(":")
        letter = next((letter for letter, name in self.roots.items() if name == root), None)
        try:
            return None if letter is None else check_account(letter + colon + rest)
        except BadCode:
            return None


JOURNAL: Final = Naming(
    {"A": "assets", "L": "liabilities", "E": "equity", "I": "income", "X": "expenses"}, "equity:opening"
)
"""hledger and ledger."""

BEANCOUNT: Final = Naming(
    {"A": "Assets", "L": "Liabilities", "E": "Equity", "I": "Income", "X": "Expenses"}, "Equity:Opening"
)


def journal_unit(unit: str) -> str:
    """*unit* as hledger and ledger write it: quoted, for goods' codes hold digits and dashes."""
    return unit if unit in _PLAIN_UNITS else f'"{unit}"'


def beancount_unit(unit: str) -> str:
    """*unit* as a currency of beancount."""
    return unit + _MARK if unit in _BEANCOUNT_WORDS else unit


def unit_of(name: str) -> str | None:
    """The unit that any of the tools calls *name*, with or without quotes; None where it is none of ours."""
    bare = name[1:-1] if len(name) > 1 and name[0] == name[-1] == '"' else name
    if bare.endswith(_MARK) and bare.removesuffix(_MARK) in _BEANCOUNT_WORDS:
        bare = bare.removesuffix(_MARK)
    try:
        return check_unit(bare)
    except BadCode:
        return None


def percent_encoded(text: str) -> str:
    """*text* with everything but letters, digits, single spaces and `-._/` percent-encoded, as in addresses."""
    written = "".join(character if _is_kept(character) else _encoded(character) for character in text)
    return "%20".join(written.split(" ")) if written != " ".join(written.split()) else written


def _is_kept(character: str) -> bool:
    return character in _KEPT_SIGNS or character == " " or character.isalnum()


def _encoded(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode("utf-8", errors="surrogatepass"))
