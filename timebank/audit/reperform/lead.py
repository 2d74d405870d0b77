"""A lead: something that an auditor may want to ask about. It is not a finding, and nothing is wrong yet."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from attrs import field, frozen

from timebank.locale import sentence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from timebank.audit.reperform.examples import Examples

SEVERITY: Final = "none"
"""The severity of every lead."""


def _frozen(facts: Mapping[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType(dict(facts))


@frozen
class Lead:
    """A stable *code*, its facts, and the entries that show it: how many (*count*), and the first 20 (*seqs*)."""

    code: str
    count: int
    seqs: tuple[int, ...]
    facts: Mapping[str, Any] = field(factory=dict, converter=_frozen)

    def __hash__(self) -> int:
        return hash((self.code, self.count, self.seqs))

    @property
    def severity(self) -> str:
        """Always "none": a lead says where to look, not that something is wrong."""
        return SEVERITY

    def message(self, language: str = "en") -> str:
        """What is seen in the journal, in *language* ("en" or "zh_CN")."""
        return sentence(language, "lead", self.code, {**self.facts, "count": self.count})

    def meaning(self, language: str = "en") -> str:
        """What it may mean."""
        return sentence(language, "lead-meaning", self.code, {})

    def innocent(self, language: str = "en") -> str:
        """The innocent explanation, which is the more likely one."""
        return sentence(language, "lead-innocent", self.code, {})


def lead_of(code: str, examples: Examples, **facts: object) -> Lead:
    """A lead with its entries and facts."""
    plain = {name: fact if isinstance(fact, int) else str(fact) for name, fact in facts.items()}
    return Lead(code, examples.count, examples.seqs, plain)
