"""What verify reports: values with a stable code, never exceptions."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from attrs import field, frozen

from timebank.locale import sentence

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_FINDINGS: Final = 1_000
"""No more are kept; a file with so many is not read any better with another."""

_MOST_SHOWN: Final = 300


def _frozen(facts: Mapping[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType(dict(facts))


@frozen
class Finding:
    """Something that is wrong with a file: a stable *code*, the entry *seq* if it is about one, and its facts."""

    code: str
    seq: int | None = None
    facts: Mapping[str, Any] = field(factory=dict, converter=_frozen)

    def __hash__(self) -> int:
        return hash((self.code, self.seq, tuple(sorted((name, str(value)) for name, value in self.facts.items()))))

    def message(self, language: str = "en") -> str:
        """What is wrong, in *language* ("en" or "zh_CN")."""
        seq = "-" if self.seq is None else self.seq
        return sentence(language, "finding", self.code, {"seq": seq, **self.facts})


@frozen
class Verification:
    """What verify saw: how many entries, the root over them (32 bytes), and everything that is wrong.

    *notices* are nothing wrong, but what whoever checks must know: an epoch that was opened, who cosigned.
    *since* is the size from which on was verified; None when all was.
    """

    entries: int
    root: bytes
    findings: tuple[Finding, ...]
    notices: tuple[Finding, ...] = ()
    since: int | None = None

    @property
    def is_clean(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


class Findings:
    """Collects findings, in the order in which they are made."""

    def __init__(self) -> None:
        self._made: list[Finding] = []
        self._notices: list[Finding] = []

    def add(self, code: str, seq: int | None = None, **facts: object) -> None:
        """Note a finding. Facts are made fit to print: they may come from a file that somebody prepared."""
        if len(self._made) < MOST_FINDINGS:
            self._made.append(Finding(code, seq, {name: _shown(fact) for name, fact in facts.items()}))

    def notice(self, code: str, seq: int | None = None, **facts: object) -> None:
        """Note something that is not wrong, and that whoever checks must know."""
        if len(self._notices) < MOST_FINDINGS:
            self._notices.append(Finding(code, seq, {name: _shown(fact) for name, fact in facts.items()}))

    def notices(self) -> tuple[Finding, ...]:
        """What is to be known."""
        return tuple(self._notices)

    def all(self) -> tuple[Finding, ...]:
        """What was found."""
        return tuple(self._made)


def _shown(fact: object) -> object:
    """*fact* without what a terminal would obey, and not longer than anybody reads."""
    if fact is None or isinstance(fact, int):
        return fact
    text = str(fact)[:_MOST_SHOWN]
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode() for character in text
    )
